"""A practice as its people run it: `serve` with two treadmills on a Postgres, runners who come and go."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.ports import free_port
from tests.support.postgres import PROGRAMS, WHY_NOT, Postgres
from tests.support.processes import Process, Sim

pytestmark = [pytest.mark.real_time, pytest.mark.skipif(PROGRAMS is None, reason=WHY_NOT)]
# Fast enough to wait little; slow enough that a machine that stalls for seconds is no silence to a belt.
SPEED_UP = "5"
WITHIN_S = 60.0
RUNS = ("warm_up", "main")


class Page:
    """What a page of one treadmill asks for."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/{path}", timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, **body: object) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()

    def phase(self) -> str:
        seen = self.get("state")["snapshot"]
        return "none" if seen is None else str(seen["phase"])


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WITHIN_S
    while True:
        try:
            if true():
                return
        except OSError:  # a house that is not up yet
            pass
        assert time.monotonic() < end, f"not within {WITHIN_S} s: {what}"
        time.sleep(0.05)  # other processes: the wall clock is the only one there is


def treadcoach(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "treadcoach", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def ports(tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    monkeypatch.setenv("TREADCOACH_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for runner in ("ada", "ben", "eve"):
        treadcoach("practice", "add-runner", runner)
    left, right = free_port(), free_port()
    text = [f'[store]\nurl = "{postgres.new_database()}"', f'[simulated_export]\nfolder = "{tmp_path}/Runs"']
    for name, number, port, runner in (("left", 1, left, "ada"), ("right", 2, right, "ben")):
        text.append(
            f'[[treadmills]]\nname = "{name}"\ntreadmill = "F0:7E:AD:00:00:0{number}"\n'
            f'port = {port}\nrunner = "{runner}"'
        )
    (tmp_path / "config.toml").write_text("\n".join(text) + "\n", encoding="utf-8")
    return left, right


@pytest.fixture
def served(tmp_path: Path, ports: tuple[int, int]) -> Iterator[tuple[Sim, Process]]:
    sim = Sim(tmp_path / "sim.log", "sim", "--treadmills", "2", "--speed-up", SPEED_UP)
    sim.wait_for("treadcoach run")
    process = Process(tmp_path / "serve.log", "serve")
    process.wait_for("emergency stop")
    yield sim, process
    process.end()
    sim.end()


def begin(page: Page) -> None:
    until(lambda: page.get("state")["state"] == "idle", "a house")
    page.post("session", workout="30 min @ 5 km/h")
    until(lambda: page.phase() == "ready", "ready")

    def runs() -> bool:
        # A person who is told that the belt does not report yet presses again a moment later.
        if page.phase() == "ready":
            page.post("intent", kind="start")
            time.sleep(0.5)
        return page.phase() == "warm_up"

    until(runs, "a belt that runs")


def test_two_runners_at_once_and_a_third_who_takes_a_seat(
    served: tuple[Sim, Process], ports: tuple[int, int], tmp_path: Path
) -> None:
    sim, process = served
    left, right = Page(ports[0]), Page(ports[1])
    begin(left)
    begin(right)
    assert "2: control point" not in sim.text() and "control point 2" in sim.text()
    shown = treadcoach("status")
    assert "left:" in shown and "right:" in shown, shown + process.text()

    # Somebody else is to sit down on the left; whoever runs there runs on.
    treadcoach("practice", "seat", "left", "eve")
    time.sleep(1.5)  # serve looks at the file once a second
    assert left.phase() in RUNS and "(eve)" not in process.text()
    assert (left.get("state")["treadmill"], right.get("state")["treadmill"]) == ("left", "right")
    treadcoach("stop", "--treadmill", "left")
    until(lambda: "left (eve): Open" in process.text(), "eve's page")
    assert right.phase() in RUNS, "the other one runs on"
    until(lambda: left.get("state")["state"] == "idle", "eve's house")
    assert left.get("sessions")["in_all"] == 0, "nothing of who was there before"
    assert left.get("settings")["runner"]["name"] == "eve"

    treadcoach("stop")
    until(lambda: right.get("state")["state"] == "idle", "every belt stopped")
    (ran,) = right.get("sessions")["sessions"]
    assert ran["state"] == "stopped" and ran["distance_m"] > 0
    until(lambda: len(list((tmp_path / "Runs").rglob("*.fit"))) == 2, "both files handed on")
    assert sorted(path.parent.name for path in (tmp_path / "Runs").rglob("*.fit")) == ["ada", "ben"]
    treadcoach("backup", str(tmp_path / "all.db"), "--simulated")
    assert (tmp_path / "all.db").stat().st_size > 50_000
    listed = treadcoach("--runner", "ben", "sessions", "list", "--simulated")
    assert "workout" in listed
