"""Old stores are upgraded in place, by alembic's steps, to the very schema that a new store has."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, make_url, text

from treadcoach.store import diary, history, migrations, opening, schema
from treadcoach.store.opening import open_engine

OLD = Path(__file__).parent / "schema_3.sql"


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), schema.metadata))


def at_step(where: Path | str, step: str) -> None:
    """A store as a program of that schema left it, made by the steps up to it."""
    url = make_url(f"sqlite:///{where}" if isinstance(where, Path) else where)
    driver = "sqlite" if isinstance(where, Path) else "postgresql+psycopg"
    engine = create_engine(url.set(drivername=driver))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, step)
        connection.execute(text("INSERT INTO meta VALUES ('schema', :step)"), {"step": step})
        connection.execute(
            text(
                "INSERT INTO sessions (runner, title, machine, started_unix_s, day, state, belt_time_s,"
                " distance_m, address) VALUES ('me', 'walk', 'mill', 1.79e9, '2026-09-21', 'completed', 60,"
                " 100, 'F0')"
            )
        )
        # 30 s of walking, then 80 s of running that are known: readings are missing for 20 s.
        for seq in range(130):
            if not 40 <= seq < 60:
                speed = 8.0 if seq >= 30 else 5.0
                connection.execute(
                    text(
                        "INSERT INTO samples (session_id, seq, t_s, phase, speed_kmh, distance_m)"
                        " VALUES (1, :seq, :seq, 'main', :speed, 0)"
                    ),
                    {"seq": seq, "speed": speed},
                )
    engine.dispose()


@pytest.mark.parametrize("step", ["1", "2", "3", "4"])
def test_every_older_schema_becomes_todays_with_what_was_in_it(where: Path | str, step: str) -> None:
    at_step(where, step)
    engine = open_engine(where)
    assert differences(engine) == []
    row = history.get_session(engine, 1)
    assert (row.title, row.distance_m) == ("walk", 100)
    assert row.running_s == pytest.approx(80, abs=2) and row.lifts and row.device == ""
    diary.add(engine, "me", date(2026, 11, 21), "shoe", {"what": "add"})
    assert len(diary.entries(open_engine(where), "me", "shoe")) == 1, "and again it opens as it is"


def test_a_new_store_is_what_the_steps_make(where: Path | str) -> None:
    engine = open_engine(where)
    assert differences(engine) == []
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == str(
            schema.SCHEMA_VERSION
        )


def test_a_journal_of_the_program_before_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(OLD.read_text(encoding="utf-8"))
    engine = open_engine(path)
    assert differences(engine) == []
    assert history.get_session(engine, 1).curve == {60: 5.0}
    assert len(history.rows_of(engine, "samples", 1)) == 1
    assert history.close_interrupted(engine, "this/one") == [2], "what was open before there were stations"


def test_an_upgrade_that_fails_changes_nothing(where: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    at_step(where, "2")

    def broken(connection: Any, found: int) -> None:
        upgrade(connection, found)
        raise KeyboardInterrupt

    upgrade: Callable[[Any, int], None] = opening._upgrade
    with monkeypatch.context() as patch:
        patch.setattr(opening, "_upgrade", broken)
        with pytest.raises(KeyboardInterrupt):
            open_engine(where)
    engine = open_engine(where)
    assert differences(engine) == [] and history.get_session(engine, 1).title == "walk"
    assert "diary" in inspect(engine).get_table_names()
