"""The coach's side of the warden, with wardens that die, freeze, never come up or never end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from treadcoach.app import warden_link
from treadcoach.app.warden_link import GUARDS_AGAIN, NOBODY_GUARDS, WardenLink
from treadcoach.core.errors import TreadcoachError

pytestmark = pytest.mark.real_time

ANSWERS = """
import os, sys
while octets := os.read(0, 4096):
    with open(sys.argv[1], "ab") as file:
        file.write(octets)
    if b"Q" in octets and len(sys.argv) < 3:
        break
    os.write(1, b"!")
"""
TAKES = ANSWERS.replace('os.write(1, b"!")', 'os.write(1, b"T" if b"Y" in octets else b"!")')
NEVER_READS = "import time; time.sleep(600)"
DIES = "raise SystemExit(1)"


class Told:
    """What a link tells, and a warden of the test's own in the place of the real one."""

    def __init__(self, folder: Path) -> None:
        self.lines: list[str] = []
        self._of_others = {child.pid for child in psutil.Process().children()}  # a database's, say
        self.heard = folder / "heard"
        self.link = WardenLink(
            "AA:00:00:00:00:00", folder / "warden.json", None,
            on_trouble=self.lines.append, on_relief=self.lines.append,
        )  # fmt: skip

    def use(self, program: str, *words: str) -> None:
        self.link._command = [sys.executable, "-c", program, str(self.heard), *words]

    def children(self) -> list[psutil.Process]:
        return [child for child in psutil.Process().children() if child.pid not in self._of_others]

    def beat_until(
        self, true: Callable[[], object], within_s: float = 10.0, *, standing: bool = False
    ) -> float:
        began_s = time.monotonic()
        while not true():
            assert time.monotonic() < began_s + within_s, (self.lines, self.children())
            self.link.beat(released=True, standing=standing)
            time.sleep(0.05)  # the tick of a coach
        return time.monotonic() - began_s


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    there = Told(tmp_path)
    yield there
    asyncio.run(there.link.stand_down())
    assert there.children() == [], "no warden is left, dead or alive"


def test_a_warden_that_answers_guards_and_leaves(told: Told) -> None:
    told.use(ANSWERS)
    told.link.start()
    assert not told.link.guards
    told.beat_until(lambda: told.link.guards)
    began_s = time.monotonic()
    asyncio.run(told.link.stand_down())
    assert time.monotonic() - began_s < 1 and told.heard.read_bytes().endswith(b"Q")
    assert told.lines == []


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGSTOP])
def test_a_new_one_knows_at_once_what_the_old_one_knew(told: Told, kind: signal.Signals) -> None:
    told.use(ANSWERS)
    told.link.start()
    told.link.say_session(123)
    told.beat_until(lambda: told.link.guards)
    (first,) = told.children()
    told.heard.unlink()
    first.send_signal(kind)
    took_s = told.beat_until(lambda: not first.is_running() and told.link.guards, standing=True)
    assert took_s < 5
    assert told.heard.read_bytes().removeprefix(b"S").startswith(b"#123;S")
    assert told.lines == []


def test_a_coach_that_stalls_is_no_frozen_warden(told: Told) -> None:
    told.use(ANSWERS)
    told.link.start()
    told.beat_until(lambda: told.link.guards)
    (first,) = told.children()
    time.sleep(warden_link.FROZEN_AFTER_S + 0.5)  # the coach's loop, not the warden
    told.beat_until(lambda: True)
    told.link.beat(released=True)
    assert told.children() == [first]


def test_wardens_that_die_are_tried_again_ever_more_seldom_and_said_once(told: Told) -> None:
    told.use(DIES)
    told.link.start()
    told.beat_until(lambda: told.lines)
    began_s = time.monotonic()
    starts: list[float] = []
    while time.monotonic() < began_s + 6:
        was = told.link._started_s
        told.link.beat(released=True)
        if told.link._started_s != was:
            starts.append(told.link._started_s)
        time.sleep(0.05)  # as above
    assert told.lines == [NOBODY_GUARDS] and not told.link.guards
    assert 1 <= len(starts) <= 3
    assert all(later - earlier >= 2 for earlier, later in pairwise(starts))
    told.use(ANSWERS)
    told.beat_until(lambda: told.link.guards, 15)
    assert told.lines == [NOBODY_GUARDS, GUARDS_AGAIN]


def test_a_system_that_starts_no_process_ends_no_session(told: Told) -> None:
    told.use(ANSWERS)
    told.link.start()
    told.beat_until(lambda: told.link.guards)
    told.link._command = ["/nowhere/at/all"]
    told.children()[0].kill()
    told.beat_until(lambda: told.lines)
    assert told.lines == [NOBODY_GUARDS]
    told.use(ANSWERS)
    told.beat_until(lambda: told.link.guards, 15)


def test_without_a_first_warden_there_is_no_session(told: Told) -> None:
    told.link._command = ["/nowhere/at/all"]
    with pytest.raises(TreadcoachError, match="the warden cannot be started"):
        told.link.start()


def test_one_that_never_answers_is_replaced(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden_link, "FIRST_ANSWER_S", 1.0)
    told.use(NEVER_READS)
    told.link.start()
    (first,) = told.children()
    told.use(ANSWERS)
    told.beat_until(lambda: told.link.guards)
    assert not first.is_running()


@pytest.mark.parametrize("how", ["frozen", "deaf to its farewell"])
def test_a_warden_that_does_not_leave_holds_up_no_other_belt(told: Told, how: str) -> None:
    """Other belts are led by the same loop: two seconds without a heartbeat, and their wardens end it."""
    told.use(ANSWERS, *(() if how == "frozen" else ("stays",)))
    told.link.start()
    told.beat_until(lambda: told.link.guards)
    if how == "frozen":
        os.kill(told.children()[0].pid, signal.SIGSTOP)
    beats: list[float] = []

    async def other_belt() -> None:
        while True:
            beats.append(time.monotonic())
            await asyncio.sleep(0.05)

    async def leave() -> None:
        beating = asyncio.create_task(other_belt())
        await told.link.stand_down()
        beating.cancel()
        await asyncio.wait([beating])

    asyncio.run(leave())
    assert len(beats) > 10 and max(later - earlier for earlier, later in pairwise(beats)) < 0.5


def test_a_belt_that_is_handed_over_is_the_wardens_and_nobody_is_ended(tmp_path: Path) -> None:
    """The process may lead other belts: the warden stops this one, and leaves that process alive."""
    heard = tmp_path / "heard"
    air = tmp_path / "air.py"
    air.write_text("def install(where):\n    open(where, 'a').close()\n    raise SystemExit(7)\n")
    parent = (
        "import os, subprocess, sys, time\n"
        "warden = subprocess.Popen([sys.executable, '-m', 'treadcoach.warden', '--address', 'A', '--report',"
        f" {str(tmp_path / 'report')!r}, '--coach', str(os.getpid()), '--backend', 'air:install', '--air',"
        f" {str(heard)!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "warden.stdin.write(b'RRY'); warden.stdin.flush()\n"
        "print(warden.wait(timeout=30)); time.sleep(0.2); print('alive')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", parent],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.stdout.split() == ["7", "alive"], done
    assert heard.exists(), "it went on to stop the belt"


@pytest.mark.parametrize("how", ["well", "killed", "frozen"])
def test_a_hand_over_reaches_a_warden_that_answers(told: Told, how: str) -> None:
    told.use(TAKES)
    told.link.start()
    told.beat_until(lambda: told.link.guards)
    (first,) = told.children()
    if how != "well":
        first.send_signal(signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    asyncio.run(told.link.hand_over())
    assert told.heard.read_bytes().endswith(b"RY")
    if how != "well":
        first.wait(5)
    (last,) = [child for child in told.children() if child.status() != psutil.STATUS_ZOMBIE]
    assert (last == first) is (how == "well")
    last.kill()
