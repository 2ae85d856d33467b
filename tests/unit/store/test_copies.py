"""Backup and restore on both stores, from one to the other, and of one runner alone."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from tests.unit.store.test_journal import begin, sample
from treadcoach.core.errors import InputError
from treadcoach.store import copies, diary, history, schema
from treadcoach.store.opening import open_engine

TODAY = date(2026, 11, 21)


def filled(where: Path | str) -> Engine:
    """Two runners, a session each, and what they said."""
    for runner in ("ada", "ben"):
        journal = begin(where, runner=runner, inline=True)
        for second in range(70):
            sample(journal, second, 5.0, 100)
        journal.add(schema.inputs, 1.0, {"kind": "frame", "name": "x", "payload": b"\x00\xff"})
        journal.end("completed", {"of": runner})
    engine = open_engine(where)
    for runner in ("ada", "ben"):
        diary.add(engine, runner, TODAY, "checkin", {"pain": 1, "of": runner})
    return engine


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in schema.metadata.tables.items()
        }


def test_a_copy_holds_everything_and_goes_back_in_one_step(where: Path | str, tmp_path: Path) -> None:
    engine = filled(where)
    before, copy = counts(engine), tmp_path / "copy.db"
    copies.copy_out(engine, copy)
    copies.empty(engine)
    assert counts(engine)["sessions"] == counts(engine)["samples"] == 0
    copies.copy_in(engine, copy)
    assert counts(engine) == before
    assert history.rows_of(engine, "inputs", 1)[0].payload == b"\x00\xff"
    assert history.setup_of(engine, 2)[1] == {"of": "ben"}
    # Numbers go on after those that were put in.
    assert begin(where).session_id == 3
    diary.add(engine, "ada", TODAY, "shoe", {})


def test_from_a_file_to_postgres_and_back(tmp_path: Path, where: Path | str) -> None:
    engine = filled(tmp_path / "old.db")
    copies.copy_out(engine, tmp_path / "copy.db")
    other = open_engine(where if isinstance(where, str) else tmp_path / "new.db")
    copies.copy_in(other, tmp_path / "copy.db")
    assert counts(other) == counts(engine)
    copies.copy_out(other, tmp_path / "back.db")
    assert counts(open_engine(tmp_path / "back.db")) == counts(engine)


def test_a_copy_while_a_session_is_written_is_whole(where: Path | str, tmp_path: Path) -> None:
    journal = begin(where)
    for second in range(300):
        sample(journal, second, 5.0)
    copies.copy_out(open_engine(where), tmp_path / "copy.db")
    for second in range(300, 400):
        sample(journal, second, 5.0)
    with pytest.raises(InputError, match="a session runs"):
        copies.copy_in(open_engine(where), tmp_path / "copy.db")
    journal.end("completed", {})
    other = open_engine(tmp_path / "other.db")
    copies.copy_in(other, tmp_path / "copy.db")
    row = history.get_session(other, 1)
    assert row.state == "interrupted", "it does not run here"
    assert row.belt_time_s == len(history.rows_of(other, "samples", 1)) <= 300


def test_a_copy_of_one_runner_has_nothing_of_the_other(where: Path | str, tmp_path: Path) -> None:
    engine = filled(where)
    copies.copy_out(engine, tmp_path / "ada.db", "ada")
    assert b"ben" not in (tmp_path / "ada.db").read_bytes()
    hers = open_engine(tmp_path / "ada.db")
    assert counts(hers)["samples"] == 70 and len(diary.entries(hers, "ada", "checkin")) == 1
    copies.empty(engine, "ada")
    assert counts(engine)["samples"] == 70 and history.get_session(engine, 2, "ben").state == "completed"
    with pytest.raises(InputError, match="none yet"):
        history.get_session(engine, 2, "ada")


@pytest.mark.parametrize("spoil", ["text", "cut", "other", "newer", "trigger", "empty"])
def test_what_is_no_copy_is_refused_and_changes_nothing(
    where: Path | str, tmp_path: Path, spoil: str
) -> None:
    engine, copy = filled(where), tmp_path / "copy.db"
    before = counts(engine)
    copies.copy_out(engine, copy)
    if spoil == "text":
        copy.write_text("not a database")
    elif spoil == "cut":
        copy.write_bytes(copy.read_bytes()[:-4096])
    elif spoil == "empty":
        copy.write_bytes(b"")
    else:
        words = {
            "other": "DROP TABLE samples",
            "newer": "UPDATE meta SET value = '99'",
            "trigger": "CREATE TRIGGER t AFTER INSERT ON diary BEGIN DELETE FROM sessions; END",
        }
        with closing(sqlite3.connect(copy)) as file:
            file.execute(words[spoil])
            file.commit()
    with pytest.raises(InputError, match="copy"):
        copies.copy_in(engine, copy)
    assert counts(engine) == before
