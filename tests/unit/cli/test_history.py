"""`treadcoach history import`: a folder as a person has it, twice, with what does not belong there."""

import gzip
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fit_tool.profile.profile_type import Sport
from typer.testing import CliRunner

from tests.support.activities import fit_activity, tcx_activity
from treadcoach.cli.main import app
from treadcoach.core.errors import InputError
from treadcoach.planning.progression import week_start
from treadcoach.store import history
from treadcoach.store.opening import open_engine

MONDAY = week_start(date.today())
LAST_WEEK = datetime.combine(MONDAY - timedelta(days=4), datetime.min.time(), UTC) + timedelta(hours=12)


def _run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return " ".join(result.stdout.split())


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder as sites export it."""
    folder = tmp_path / "export" / "activities"
    folder.mkdir(parents=True)
    (folder / "1.fit").write_bytes(fit_activity(LAST_WEEK))
    (folder / "2.fit.gz").write_bytes(gzip.compress(fit_activity(LAST_WEEK - timedelta(days=2))))
    (folder / "3.TCX").write_bytes(tcx_activity(LAST_WEEK - timedelta(days=7)))
    (folder / "3 again.tcx.gz").write_bytes(gzip.compress(tcx_activity(LAST_WEEK - timedelta(days=7))))
    (folder / "ride.fit").write_bytes(fit_activity(LAST_WEEK - timedelta(days=1), sport=Sport.CYCLING))
    (folder / "cut.fit.gz").write_bytes(gzip.compress(fit_activity(LAST_WEEK - timedelta(days=3)))[:500])
    (folder / "profile.csv").write_text("name", encoding="utf-8")
    return folder.parent


def test_a_folder_becomes_history_and_the_ceiling_starts_from_it(export: Path) -> None:
    said = _run("history", "import", str(export), "--zone", "UTC", "--mine")
    assert "3 added, 1 there already, 2 refused" in said
    assert "running or walking" in said and "cut.fit.gz" in said and "1 files of other kinds" in said
    assert "ceiling for a minute is now 10." in said  # 9 km/h and 15 %
    listed = _run("sessions", "list")
    assert listed.count("imported") == 3
    assert "it has no log" in _run("sessions", "show", "1")


def test_importing_twice_changes_nothing(export: Path, tmp_path: Path) -> None:
    _run("history", "import", str(export), "--zone", "UTC")
    engine = open_engine(tmp_path / "home" / "journal.db")
    before = history.list_sessions(engine)
    assert "0 added, 4 there already" in _run("history", "import", str(export), "--zone", "UTC")
    assert history.list_sessions(engine) == before


def test_one_that_was_deleted_may_come_back(export: Path) -> None:
    one = str(export / "activities" / "1.fit")
    assert "1 added" in _run("history", "import", one)
    assert "0 added, 1 there" in _run("history", "import", one)
    _run("sessions", "delete", "1", "--yes")
    assert "1 added" in _run("history", "import", one)


def test_what_needs_a_log_says_that_an_imported_session_has_none(export: Path) -> None:
    _run("history", "import", str(export / "activities" / "1.fit"))
    for words in (["sessions", "replay", "1"], ["sessions", "export", "csv", "1"]):
        with pytest.raises(InputError, match="imported"):
            CliRunner().invoke(app, words, catch_exceptions=False)
    assert "After session 1" in _run("exercises", "last")


def test_places_that_cannot_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder"):
        CliRunner().invoke(app, ["history", "import", str(tmp_path / "none")], catch_exceptions=False)
    with pytest.raises(InputError, match="Europe/Berlin"):
        words = ["history", "import", str(tmp_path), "--zone", "Mars/Base"]
        CliRunner().invoke(app, words, catch_exceptions=False)


def test_links_bombs_and_pipes_do_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "link.fit").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.fit")
    (folder / "bomb.tcx.gz").write_bytes(gzip.compress(bytes(61_000_000), 9))
    said = _run("history", "import", str(folder), code=1)
    assert "0 added, 0 there already, 1 refused" in said and "at most 60000000" in said
