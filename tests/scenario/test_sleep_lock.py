"""The computer is kept awake while a belt may run: on a real D-Bus with a stand-in for logind."""

import asyncio
import os
import signal
import socket
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scenario.test_practice_serve import Page, until
from tests.scenario.test_processes import Start, place, sim, standing, start_run  # noqa: F401  # fixtures
from tests.support.ports import free_port
from tests.support.processes import Process, Sim
from tests.support.system_bus import SystemBus, needs_dbus
from treadcoach.app.sleep_lock import DEADLINE_S, EVEN_SIMULATED, NO_LOCK, SleepLock

pytestmark = pytest.mark.real_time

Bus = Callable[[str | None], SystemBus]


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """A system bus with a logind of that mode; it is the only one until the test ends."""
    started: list[SystemBus] = []

    def start(mode: str | None) -> SystemBus:
        one = SystemBus(tmp_path / "bus", mode)
        started.append(one)
        one.__enter__()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", one.address)
        return one

    yield start
    for one in started:
        one.__exit__()


def take(lock: SleepLock) -> tuple[bool, float]:
    began_s = time.monotonic()
    return asyncio.run(lock.take()), time.monotonic() - began_s


@needs_dbus
def test_a_lock_that_is_lost_is_seen(bus: Bus) -> None:
    """Logind was restarted: its end of the lock is gone, and nothing else says so."""
    logind, lock = bus("grants"), SleepLock("linux")
    assert take(lock)[0] and not lock.is_lost
    logind.__exit__()
    until(lambda: lock.is_lost, "a lock that is lost")
    lock.release()
    assert not lock.is_lost


@needs_dbus
def test_a_lock_is_held_until_it_is_released(bus: Bus) -> None:
    logind, lock = bus("grants"), SleepLock("linux")
    before = set(Path("/proc/self/fd").iterdir())
    taken, _ = take(lock)
    assert taken and lock.why_not == ""
    logind.until_held(1)
    (line,) = [line for line in logind.lines if line.startswith("taken")]
    assert line == "taken sleep:idle:handle-lid-switch block by treadcoach: a treadmill's belt may run"
    assert not os.get_inheritable(lock.descriptors[0]), "no other program that is started holds it"
    lock.release()
    lock.release()
    logind.until_held(0)
    assert set(Path("/proc/self/fd").iterdir()) == before, "nothing is left open"


@needs_dbus
@pytest.mark.parametrize(
    ("mode", "why"), [("refuses", "Permission denied"), ("hangs", "no answer"), (None, "login1")]
)
def test_without_a_lock_a_session_goes_on_and_knows_why(bus: Bus, mode: str | None, why: str) -> None:
    bus(mode)
    lock = SleepLock("linux")
    taken, took_s = take(lock)
    assert not taken and why in lock.why_not and lock.descriptors == ()
    assert took_s < DEADLINE_S + 1
    lock.release()


@pytest.mark.parametrize("there", ["nothing", "a file", "a listener that says nothing"])
def test_without_a_bus_nothing_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str) -> None:
    path = tmp_path / "b"
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={path}")
    lock = SleepLock("linux")
    with socket.socket(socket.AF_UNIX) as listener:
        if there == "a file":
            path.touch()
        elif there != "nothing":
            listener.bind(str(path))
            listener.listen()
        taken, took_s = take(lock)
    assert not taken and lock.why_not and took_s < DEADLINE_S + 1


def test_a_platform_without_a_way_has_no_lock() -> None:
    lock = SleepLock("plan9")
    assert not take(lock)[0] and "plan9" in lock.why_not


def test_caffeinate_runs_until_it_is_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, said = tmp_path / "caffeinate", tmp_path / "said"
    program.write_text(f'#!/bin/sh\necho "$$ $*" > {said}.part\nmv {said}.part {said}\nexec sleep 60\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    lock = SleepLock("darwin")
    assert take(lock)[0] and lock.descriptors == ()
    while not said.exists():
        time.sleep(0.01)  # another process
    number, words = said.read_text().split(maxsplit=1)
    assert words.strip() == f"-i -s -w {os.getpid()}"
    os.kill(int(number), 0)
    lock.release()
    with pytest.raises(ProcessLookupError):
        os.kill(int(number), 0)


def test_a_mac_without_caffeinate_has_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    lock = SleepLock("darwin")
    assert not take(lock)[0] and "caffeinate" in lock.why_not


@needs_dbus
def test_a_session_holds_the_lock_from_its_link_to_its_end(
    bus: Bus,
    sim: Sim,  # noqa: F811  # the fixture
    start_run: Start,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(EVEN_SIMULATED, "1")
    logind = bus("grants")
    run = start_run()
    run.wait_for("The belt moves")
    assert logind.held == 1 and NO_LOCK[:30] not in run.text()
    assert run.popen.wait(timeout=90) == 0
    logind.until_held(0)


@needs_dbus
def test_the_warden_keeps_the_computer_awake_until_the_belt_of_a_dead_coach_stands(
    bus: Bus,
    sim: Sim,  # noqa: F811
    start_run: Start,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(EVEN_SIMULATED, "1")
    logind = bus("grants")
    run = start_run("long", "10 min @ 5 km/h")
    run.wait_for("The belt moves")
    sim.type("deaf")
    run.popen.kill()
    run.popen.wait()
    run.wait_for("STOP sent", 15)
    assert sim.speed() > 0 and logind.held == 1
    sim.type("normal")
    standing(sim)
    run.wait_for("the belt stands", 20)
    logind.until_held(0)


@needs_dbus
def test_where_none_is_to_be_had_it_is_said_once_before_the_start(
    bus: Bus,
    sim: Sim,  # noqa: F811
    start_run: Start,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(EVEN_SIMULATED, "1")
    bus("refuses")
    run = start_run()
    run.wait_for("Released.")
    before, _, _ = run.text().partition("Released.")
    assert before.count("Nothing keeps this computer awake") == 1
    run.popen.send_signal(signal.SIGINT)
    run.popen.wait(timeout=30)
    assert run.text().count("Nothing keeps this computer awake") == 1


@needs_dbus
def test_a_simulated_session_needs_no_lock(
    bus: Bus,
    sim: Sim,  # noqa: F811
    start_run: Start,  # noqa: F811
) -> None:
    logind = bus("grants")
    run = start_run()
    run.wait_for("Released.")
    assert "asked" not in logind.lines and "Nothing keeps" not in run.text()


@needs_dbus
@pytest.mark.parametrize("mode", ["grants", "refuses"])
def test_serve_keeps_it_too_and_says_on_its_pages_where_it_cannot(
    bus: Bus,
    place: Path,  # noqa: F811
    sim: Sim,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
) -> None:
    monkeypatch.setenv(EVEN_SIMULATED, "1")
    logind, page = bus(mode), Page(free_port())
    serve = Process(place / "serve.log", "serve", "--port", str(page.port))
    try:
        serve.wait_for("emergency stop")
        until(lambda: page.get("state")["state"] == "idle", "a house")
        page.post("session", workout="30 min @ 5 km/h")
        until(lambda: page.phase() == "ready", "ready")
        time.sleep(0.5)  # ticks of another process
        says = [text for _, text in page.get("state")["snapshot"]["last_says"]]
        assert says.count(NO_LOCK) == (mode == "refuses")
        page.post("intent", kind="start")
        until(lambda: page.phase() == "warm_up", "a belt that runs")
        assert logind.held == (mode == "grants")
        page.post("stop")
        until(lambda: page.get("state")["state"] == "idle", "the end")
        logind.until_held(0)
        assert logind.lines.count("asked") == 1
    finally:
        serve.end()
