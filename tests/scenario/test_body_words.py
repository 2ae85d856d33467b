"""Feeling unwell, not right: STOP goes out first, the word is on disk before anybody is answered."""

import asyncio
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest

from tests.scenario.test_processes import WORKOUT, call
from tests.scenario.test_socket import ask
from tests.support.processes import Process, Sim
from tests.support.rig import ListRecorder, Rig, in_virtual_time
from treadcoach.app.reaching import socket_of
from treadcoach.app.socket import CoachSocket
from treadcoach.core.errors import StoreError
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.store import words

PHASES = (
    Phase.READY,
    Phase.ARMED,
    Phase.WARM_UP,
    Phase.PAUSED,
    Phase.LINK_LOST,
    Phase.STOPPING,
    Phase.COOL_DOWN,
)


@pytest.mark.parametrize("phase", PHASES)
def test_a_word_is_kept_in_every_phase(phase: Phase) -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(phase)
            rig.ask(IntentKind.UNWELL)
            assert rig.recorder.words == ["unwell"]
            assert await rig.coach.words_kept() is None

    in_virtual_time(scenario())


def test_a_word_before_the_treadmill_is_linked_is_kept_and_ends_it() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            rig.ask(IntentKind.NOT_RIGHT)
            assert rig.recorder.words == ["not_right"]
            await asyncio.wait_for(rig.task, 60)
            assert not rig.drives

    in_virtual_time(scenario())


class Slow(ListRecorder):
    """A disk that has not answered yet."""

    def __init__(self) -> None:
        super().__init__()
        self.written: Future[None] = Future()

    def word(self, kind: str, said_unix_s: float) -> Future[None]:
        return self.written


def test_stop_goes_out_whatever_the_disk_does_and_the_answer_waits_for_it(tmp_path: Path) -> None:
    recorder = Slow()

    async def scenario() -> None:
        async with Rig(strap=False, recorder=recorder) as rig:
            door = CoachSocket(rig.coach, tmp_path / "coach.sock")
            await door.open()
            await rig.walk()
            request = b'{"type": "intent", "kind": "unwell", "source": "x"}'
            answer = asyncio.create_task(ask(tmp_path / "coach.sock", request))
            await rig.seconds(0.5)
            assert rig.stops() and rig.phase is Phase.STOPPING and not answer.done()
            recorder.written.set_result(None)
            ((done,),) = [await answer]
            assert done["type"] == "done"
            await door.close()

    in_virtual_time(scenario())


@pytest.mark.parametrize("how", ["full", "hangs", "breaks"])
def test_a_word_that_cannot_be_kept_is_said_loudly_and_the_belt_is_stopped(tmp_path: Path, how: str) -> None:
    recorder: ListRecorder = Slow() if how == "hangs" else ListRecorder()
    if how == "full":
        recorder.deaf = StoreError("words: No space left on device")

    def breaks(kind: str, said_unix_s: float) -> Future[None]:
        raise RuntimeError("cannot start a thread")

    async def scenario() -> None:
        async with Rig(strap=False, recorder=recorder) as rig:
            if how == "breaks":
                recorder.word = breaks  # type: ignore[method-assign]  # this one cannot
            door = CoachSocket(rig.coach, tmp_path / "coach.sock")
            await door.open()
            await rig.walk()
            (answer,) = await ask(
                tmp_path / "coach.sock", b'{"type": "intent", "kind": "unwell", "source": "x"}'
            )
            assert answer["type"] == "refused" and "Say it again in a check-in" in str(answer["reason"])
            await rig.until(lambda: bool(rig.stops()), 0.01)
            if how != "hangs":
                assert rig.said("could not be written down") and rig.coach._alarm is not None
            await rig.at(Phase.STOPPED, 60)
            await door.close()

    in_virtual_time(scenario())


# -- processes against the wall clock ----------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TREADCOACH_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def start(place: Path) -> Iterator[Callable[[str], Process]]:
    sim = Sim(place / "sim.log", "sim", "--speed-up", "20")
    started: list[Process] = [sim]

    def run(name: str) -> Process:
        started.append(Process(place / f"{name}.log", "run", "--workout", WORKOUT, "--jog", "8 km/h"))
        return started[-1]

    sim.wait_for("treadcoach run")
    yield run
    for process in started:
        process.end()


def say(place: Path, kind: str) -> dict[str, str]:
    path = socket_of(place / "simulated")
    assert path is not None
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(path))
        line.sendall(json.dumps({"type": "intent", "kind": kind, "source": "a test"}).encode() + b"\n")
        with line.makefile("rb") as answers:
            answer: dict[str, str] = json.loads(answers.readline())
    return answer


@pytest.mark.real_time
@pytest.mark.parametrize("locked", [False, True])
def test_killed_right_after_the_answer_the_word_binds_the_next_session(
    place: Path, start: Callable[[str], Process], locked: bool
) -> None:
    run = start("run")
    run.wait_for("The belt moves")
    time.sleep(0.5)  # the session's first rows are written
    with closing(sqlite3.connect(place / "simulated" / "journal.db", isolation_level=None)) as database:
        if locked:
            database.execute("BEGIN IMMEDIATE")
        assert say(place, "unwell")["type"] == "done"
        run.popen.kill()
        run.popen.wait()
        if locked:
            database.execute("ROLLBACK")
    run.wait_for("STOP sent", 20)
    again = start("again")
    assert again.popen.wait(timeout=60) == 2
    assert "No session today" in again.text() and "see a physician" in again.text().replace("\n", " ")
    assert not (place / "simulated" / "aside" / words.FILE).exists()
    assert "interrupted" in call("sessions", "list", "--simulated").stdout


@pytest.mark.real_time
def test_a_disk_that_takes_no_word_stops_the_belt_and_says_so(
    place: Path, start: Callable[[str], Process]
) -> None:
    (place / "simulated").mkdir()
    (place / "simulated" / "aside").write_text("a file where the folder should be")
    run = start("run")
    run.wait_for("The belt moves")
    answer = say(place, "unwell")
    assert answer["type"] == "refused" and "check-in" in answer["reason"]
    run.wait_for("could not be written down")
    run.popen.wait(timeout=60)
    assert "stopped" in run.text()
    again = start("again")
    # This session was not cut off: its summary knows.
    assert again.popen.wait(timeout=60) == 2 and "No session today" in again.text()


def test_words_of_many_at_once_are_all_there(tmp_path: Path) -> None:
    crowd = [
        threading.Thread(target=words.keep, args=(tmp_path, words.Word(f"r{number}", "unwell", 1.0e9)))
        for number in range(20)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    found, unreadable = words.waiting(tmp_path)
    assert {word.runner for word in found} == {f"r{number}" for number in range(20)} and unreadable == []
