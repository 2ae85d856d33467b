"""`treadcoach backup` and `restore`, as they are typed; and `practice`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.postgres import Postgres, engines_closed
from tests.unit.app.test_handing_on import record
from treadcoach.app.config import folders
from treadcoach.app.lock import OneAtATime
from treadcoach.app.storing import open_store
from treadcoach.cli.main import app
from treadcoach.store import history
from treadcoach.store.opening import open_engine


def typed(*words: str, answer: str = "") -> str:
    found = CliRunner().invoke(app, list(words), input=answer)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return f"{found.exit_code} {found.output}"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    with engines_closed():
        yield


@pytest.fixture
def home() -> Path:
    """A home with one session."""
    places = folders()
    engine = open_store(places)
    record(engine)
    engine.dispose()
    return places.data


def sessions(home: Path) -> list[int]:
    return [row.id for row in history.list_sessions(open_engine(home / "journal.db"))]


def test_there_and_back(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert typed("backup", str(copy)).startswith("0 Written to")
    assert "not there yet" in str(typed_error("backup", str(copy)))
    assert typed("backup", str(copy), "--force").startswith("0")
    history.delete_session(open_engine(home / "journal.db"), 1)
    assert "Nothing was changed" in typed("restore", str(copy), answer="n\n")
    assert sessions(home) == []
    assert typed("restore", str(copy), answer="y\n").startswith("0")
    assert sessions(home) == [1]
    assert list(tmp_path.glob(".*part")) == []


def typed_error(*words: str) -> Exception:
    with pytest.raises(Exception) as caught:  # its words are looked at by who asks
        typed(*words)
    return caught.value


def test_while_a_session_runs_a_copy_is_made_and_none_is_put_in(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with OneAtATime(folders()):
        assert typed("backup", str(copy)).startswith("0")
        assert "running already" in str(typed_error("restore", str(copy), "--yes"))
    assert sessions(home) == [1]


def test_what_cannot_be_put_in_is_said(home: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "photo.jpg"
    wrong.write_bytes(b"\xff\xd8" * 500)
    assert "a copy that treadcoach made" in str(typed_error("restore", str(wrong), "--yes"))
    assert "a copy that 'treadcoach backup' made" in str(
        typed_error("restore", str(tmp_path / "no"), "--yes")
    )
    assert sessions(home) == [1]


def test_from_a_file_into_a_database_of_a_practice(
    home: Path, tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.db"
    typed("backup", str(copy))
    monkeypatch.setenv("TREADCOACH_STORE", postgres.new_database())
    assert "No session yet" in typed("sessions", "list")
    assert typed("restore", str(copy), "--yes").startswith("0")
    assert "workout" in typed("sessions", "list")
    assert typed("sessions", "replay", "1").endswith("Every order is the same.\n")
    assert typed("sessions", "export", "fit", "1", "-o", str(tmp_path / "run.fit")).startswith("0")


def test_runners_and_treadmills_of_a_practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREADCOACH_HOME", str(tmp_path))
    monkeypatch.setenv("TREADCOACH_RUNNER", "")  # the option sets it for the rest of the process
    assert "this is a home with one" in typed("practice", "show")
    assert "ada was added" in typed("practice", "add-runner", "ada")
    assert "not taken" in str(typed_error("practice", "add-runner", "ada"))
    (tmp_path / "config.toml").write_text(
        '[[treadmills]]\nname = "left"\ntreadmill = "AA:01"\nport = 8801\nrunner = "ada"\n', encoding="utf-8"
    )
    assert "left: AA:01, sensors none, port 8801; now ada" in typed("practice", "show")
    assert "one of left" in str(typed_error("stop", "--treadmill", "right"))
    assert "no session is running" in str(typed_error("stop")).lower()
    assert "one of ada" in str(typed_error("--runner", "eve", "sessions", "list"))
    monkeypatch.setenv("TREADCOACH_RUNNER", "ada")
    copy = tmp_path / "copy.db"
    assert typed("backup", str(copy)).startswith("0")
    assert "without --runner" in str(typed_error("restore", str(copy), "--yes"))
