"""One browser for all, one server a file: what is slow is started once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Served, a_browser
from tests.support.journal_of_weeks import make_journal
from tests.support.processes import Sim

SPEED_UP = 10  # a program that gets no core for a moment is soon silent for long at more
JOG = '[runner]\ncomfortable_walk = "5 km/h"\ncomfortable_jog = "8 km/h"\n'
WEEKS = 6
LONG_MS = 60_000
expect.set_options(timeout=LONG_MS)  # what is waited for comes when it comes: machines differ


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with a_browser() as found:
        yield found


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six weeks of sessions, made once."""
    path = tmp_path_factory.mktemp("weeks") / "journal.db"
    # In a thread: the browser's driver may have a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(make_journal, path, WEEKS, "runner (simulated)").result()
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TREADCOACH_HOME", str(folder))
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        (folder / "config.toml").write_text(JOG, encoding="utf-8")
        yield folder


@pytest.fixture(scope="module")
def sim(home: Path) -> Iterator[Sim]:
    process = Sim(home / "sim.log", "sim", "--speed-up", str(SPEED_UP))
    process.wait_for("treadcoach run")
    yield process
    process.end()


@pytest.fixture(scope="module")
def served(sim: Sim, home: Path) -> Iterator[Served]:
    process = Served(home / "serve.log")
    yield process
    process.end()


@pytest.fixture(autouse=True)
def own_home() -> None:
    """In place of the one for all tests: here a file's tests share a home of their own."""
