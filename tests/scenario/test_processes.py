"""Real processes against the wall clock: sim and run, a second terminal, kills, and the warden."""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.support.processes import Process, Sim

pytestmark = pytest.mark.real_time

SPEED_UP = 20
KILLS = int(os.environ.get("TREADCOACH_KILLS", "2"))
SEED = int(os.environ.get("TREADCOACH_SEED", "20261120"))
WORKOUT = "1 min @ 5.5 km/h + 1 min @ 8 km/h"


Start = Callable[..., Process]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TREADCOACH_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def sim(place: Path) -> Iterator[Sim]:
    process = Sim(place / "sim.log", "sim", "--speed-up", str(SPEED_UP))
    process.wait_for("treadcoach run")
    yield process
    process.end()


@pytest.fixture
def start_run(place: Path) -> Iterator[Callable[..., Process]]:
    """Starts `treadcoach run`; whatever still runs is ended after the test."""
    started: list[Process] = []

    def start(name: str = "run", workout: str = WORKOUT) -> Process:
        process = Process(place / f"{name}.log", "run", "--workout", workout, "--jog", "8 km/h")
        started.append(process)
        return process

    yield start
    for process in started:
        process.end()


def call(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "treadcoach", *words], capture_output=True, text=True, timeout=30, check=False
    )


def standing(sim: Sim, limit_s: float = 15.0) -> None:
    end = time.monotonic() + limit_s
    while sim.speed() > 0:
        assert time.monotonic() < end, "the belt does not stand"


def test_sim_and_run_complete_a_session(place: Path, sim: Sim, start_run: Start) -> None:
    run = start_run()
    run.wait_for("The belt moves")
    status = call("status", "--simulated")
    assert status.returncode == 0 and "ceiling" in status.stdout
    assert run.popen.wait(timeout=90) == 0
    assert "completed" in run.text()
    assert not (place / "simulated" / "warden.json").exists()
    assert "[warden]" not in run.text()


def test_scan_lists_what_is_there_and_can_do(sim: Sim) -> None:
    found = call("scan", "--seconds", "2")
    assert found.returncode == 0, found.stderr
    for words in ("Virtual Treadmill", "heart rate", "target speed: 0.8 to 18 km/h", "target inclination"):
        assert words in found.stdout


def test_stop_and_pause_from_a_second_terminal(place: Path, sim: Sim, start_run: Start) -> None:
    run = start_run()
    run.wait_for("The belt moves")
    assert call("pause", "--simulated").returncode == 0
    run.wait_for("Paused")
    second = start_run("second")
    assert second.popen.wait(timeout=20) == 2
    assert "a session is running already" in second.text()
    assert call("stop").returncode == 0
    assert run.popen.wait(timeout=30) == 1
    assert "stopped" in run.text()
    standing(sim)


def test_a_stop_from_another_environment_finds_the_session_by_its_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a cron job, sudo or a service has it: no runtime folder, no home of ours, another working folder."""
    monkeypatch.delenv("TREADCOACH_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    sim = Sim(tmp_path / "sim.log", "sim", "--speed-up", str(SPEED_UP))
    runs: list[Process] = []

    def elsewhere(**said: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "treadcoach", "stop"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), **said},
        )

    try:
        sim.wait_for("treadcoach run")
        run = Process(tmp_path / "run.log", "run", "--workout", WORKOUT, "--jog", "8 km/h")
        runs.append(run)
        run.wait_for("The belt moves")
        apart = elsewhere(TREADCOACH_HOME=str(tmp_path / "another"))
        assert apart.returncode == 2 and "no session is running" in apart.stderr
        before = sim.stops()
        found = elsewhere(HOME=str(tmp_path))
        assert found.returncode == 0, found.stderr
        sim.wait_for_stop(before)
        assert run.popen.wait(timeout=30) == 1
        assert "no session is running." in elsewhere(HOME=str(tmp_path)).stderr
        again = Process(tmp_path / "again.log", "run", "--workout", WORKOUT)
        runs.append(again)
        again.wait_for("The belt moves")
        again.popen.kill()
        again.popen.wait()
        assert "the last one was cut off" in elsewhere(HOME=str(tmp_path)).stderr
        again.wait_for("STOP sent", 15)
    finally:
        for process in [*runs, sim]:
            process.end()


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_means_stop_then_leave(sim: Sim, start_run: Start, kind: signal.Signals) -> None:
    run = start_run()
    run.wait_for("The belt moves")
    run.popen.send_signal(kind)
    time.sleep(0.1)  # a person's second press
    run.popen.send_signal(kind)
    assert run.popen.wait(timeout=30) == 1
    assert "Stopping the belt" in run.text()
    sim.wait_for_stop()
    standing(sim)


def test_the_radio_or_the_machine_dies(place: Path, sim: Sim, start_run: Start) -> None:
    run = start_run()
    run.wait_for("The belt moves")
    sim.type("cut")
    run.wait_for("pull the safety key")
    run.wait_for("The link is back")
    run.wait_for("nobody took the moving belt back", 30)
    assert run.popen.wait(timeout=30) == 1
    standing(sim)
    again = start_run("again")
    again.wait_for("The belt moves")
    sim.popen.kill()
    again.wait_for("treadcoach cannot stop the belt", 20)
    again.popen.send_signal(signal.SIGINT)
    again.wait_for("Stopping the belt")
    again.popen.wait(timeout=60)


def check_journal(place: Path, killed_unix_s: float) -> float:
    """Seconds between the last row and the kill; the database is whole."""
    path = place / "simulated" / "journal.db"
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        number, started = database.execute(
            "SELECT id, started_unix_s FROM sessions ORDER BY id DESC LIMIT 1"
        ).fetchone()
        start_s = database.execute("SELECT start_s FROM setups WHERE session_id = ?", (number,)).fetchone()[0]
        last_s = database.execute("SELECT max(t_s) FROM inputs WHERE session_id = ?", (number,)).fetchone()[0]
    return killed_unix_s - (started + (last_s - start_s) / SPEED_UP)


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_any_moment_the_warden_stops_the_belt_and_nothing_is_lost(
    place: Path, sim: Sim, start_run: Start, number: int
) -> None:
    wait_s = random.Random(SEED + number).uniform(0.0, 14.0)
    print("seed", SEED + number, "killed after", wait_s, "s")
    run = start_run()
    run.wait_for("Released.")
    time.sleep(wait_s)  # the random moment
    moving = run.popen.poll() is None
    before = sim.stops()
    killed_s = time.time()
    run.popen.kill()
    run.popen.wait()
    if moving:
        run.wait_for("STOP sent", 15)
        sim.wait_for_stop(before)
        standing(sim)
        report = json.loads((place / "simulated" / "warden.json").read_text())
        # Generous: how quick it is on an idle machine is measured by scripts/bench kill.
        assert report["stop_after_s"] < 10.0
        assert check_journal(place, killed_s) < 3.0
        run.wait_for("the belt stands")
    call("stop", "--simulated")
    next_run = start_run("next")
    if moving:
        next_run.wait_for("was interrupted; it is closed")
        next_run.wait_for("The warden said: the coach's process is gone; the belt was told to stop")
    next_run.popen.send_signal(signal.SIGINT)
    next_run.popen.wait(timeout=30)
    listed = call("sessions", "list", "--simulated").stdout
    assert "running" not in listed
    if moving:
        assert not (place / "simulated" / "warden.json").exists()
        shown = call("sessions", "show", "1", "--simulated").stdout
        assert "ended: the program died; the warden: the belt was told to stop and stands" in shown
        assert "-> STOP: the warden: the coach's process is gone" in shown
        assert "Every order is the same." in call("sessions", "replay", "1", "--simulated").stdout


def test_a_frozen_coach_is_ended_and_its_belt_stopped(place: Path, sim: Sim, start_run: Start) -> None:
    run = start_run()
    run.wait_for("The belt moves")
    run.popen.send_signal(signal.SIGSTOP)
    frozen = time.monotonic()
    run.wait_for("STOP sent", 20)
    assert time.monotonic() - frozen < 12  # as above
    assert "silent for 2 s" in run.text()
    standing(sim)
    assert run.popen.wait(timeout=5) == -signal.SIGKILL
    status = call("status", "--simulated")
    assert "The warden acted" in status.stdout


def wardens_of(run: Process) -> list[psutil.Process]:
    """Those that there are, a dead one that nobody has buried among them."""
    return psutil.Process(run.popen.pid).children()


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_warden_that_dies_or_freezes_is_replaced(sim: Sim, start_run: Start, kind: signal.Signals) -> None:
    run = start_run()
    run.wait_for("The belt moves")
    (first,) = wardens_of(run)
    first.send_signal(kind)
    began_s = time.monotonic()
    while first in (there := wardens_of(run)) or not there:
        assert time.monotonic() < began_s + 5, "no new warden"
        time.sleep(0.02)  # as above
    assert len(there) == 1 and not first.is_running(), "one acts, and nothing is left of the other"
    # Told at once how things are: no heartbeat is waited for.
    run.popen.kill()
    run.popen.wait()
    run.wait_for("STOP sent", 15)
    standing(sim)
    assert run.text().count("STOP sent") == 1


def test_wardens_that_die_one_after_the_other_are_said_once(
    place: Path, sim: Sim, start_run: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = place / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import sys, os\n"
        f"if 'treadcoach.warden' in sys.orig_argv and not os.path.exists({str(site / 'mended')!r}):\n"
        f"    open({str(site / 'deaths')!r}, 'a').write('x')\n"
        "    os._exit(1)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{Path.cwd()}")
    run = start_run("long", "10 min @ 5 km/h")
    run.wait_for("nobody stops the belt if this program dies", 40)
    time.sleep(2)  # what is said once is not said again
    assert run.text().count("nobody stops the belt if this program dies") == 1
    deaths = len((site / "deaths").read_text())
    assert 2 < deaths < 12, "tried again, and not all the time"
    (site / "mended").touch()
    run.wait_for("The warden runs again", 40)
    run.popen.kill()
    run.popen.wait()
    run.wait_for("STOP sent", 15)
    standing(sim)


def test_the_demo_shows_its_session_on_a_page(tmp_path: Path) -> None:
    demo = Process(tmp_path / "demo.log", "demo", "--speed-up", "20", "--workout", "1 min @ 5 km/h")
    try:
        demo.wait_for("/live")
        found = re.search(r"http://127\.0\.0\.1:\d+/", demo.text())
        assert found is not None
        phases: set[str] = set()
        while demo.popen.poll() is None:
            try:
                with urllib.request.urlopen(f"{found[0]}api/state", timeout=5) as answer:
                    shown = json.loads(answer.read())["snapshot"]
            except OSError:
                shown = None  # not up yet, or gone with the demo
            if shown is not None:
                phases.add(shown["phase"])
            time.sleep(0.05)  # another process is at work; there is no event to wait for
        assert demo.popen.returncode == 0, demo.text()[-2000:]
        assert {"warm_up", "main"} <= phases
    finally:
        demo.end()
