"""Fixtures that every test may use."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.postgres import PROGRAMS, WHY_NOT, Postgres
from treadcoach.core.guidance import BeltRules
from treadcoach.planning.guidance import load_guidance

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

# No deadline: the machines that run this differ. The seed is printed where a test fails.
settings.register_profile(
    "suite", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# In CI the examples are the same every time; a developer's run looks for new ones.
settings.register_profile("ci", settings.get_profile("suite"), derandomize=True)
# Thousands of sessions: HYPOTHESIS_PROFILE=deep scripts/test tests/safety/test_session_machine.py
settings.register_profile("deep", settings.get_profile("suite"), max_examples=4000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "suite"))
logging.getLogger("bumble").setLevel(logging.CRITICAL)


@pytest.fixture(scope="session")
def rules() -> BeltRules:
    return load_guidance().belt


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the recordings in ../shared/data are not beside this checkout")
    return SHARED


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the journal or sockets of whoever runs it."""
    monkeypatch.setenv("TREADCOACH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for all tests of this process."""
    if PROGRAMS is None:
        pytest.skip(WHY_NOT)
    server = Postgres().start()
    yield server
    server.end()
