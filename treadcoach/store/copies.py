"""Whole copies of a store: taken while it is written to, put back in one step, or emptied.

A copy is a SQLite file with the schema of its time, whatever store it was taken from. So it is also the
way from SQLite to Postgres and back.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, Select, Table, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from treadcoach.core.errors import InputError, StoreError
from treadcoach.store import schema
from treadcoach.store.history import close_interrupted
from treadcoach.store.opening import open_engine

AT_ONCE = 2000
ALLOWED = "a copy that treadcoach made"
LATER = {"form", "diary", "handed_on", "alembic_version"}
"""Tables that older copies do not have."""
KEPT = ("meta", "alembic_version")
"""A store's own: they say which schema it has, and are no data."""


def copy_out(engine: Engine, to: Path, runner: str | None = None) -> None:
    """A consistent copy, also while sessions are written; of one runner, or of all. Raises StoreError."""
    try:
        if engine.dialect.name == "sqlite" and runner is None:
            journal = engine.url.database
            with (
                closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(to)) as target,
            ):
                source.backup(target)
            return
        target_engine = open_engine(to)
        try:
            with engine.connect() as reading, target_engine.begin() as writing:
                if engine.dialect.name == "postgresql":
                    # One picture of everything, whatever is written meanwhile.
                    reading.execution_options(isolation_level="REPEATABLE READ")
                else:
                    reading.exec_driver_sql("BEGIN")
                _copy_rows(reading, writing, runner)
        finally:
            target_engine.dispose()
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise StoreError(f"no copy can be made: {error}") from error


def copy_in(engine: Engine, copy: Path) -> None:
    """Put a copy in the place of everything that is there, whole or not at all.

    Raises InputError for what is no copy, and for a store in which a session runs.
    """
    _check(copy)
    _must_rest(engine)
    with tempfile.TemporaryDirectory(prefix="treadcoach-") as folder:
        # Brought to the schema of today apart, so that a copy that cannot be upgraded changes nothing.
        upgraded = Path(folder) / "copy.db"
        shutil.copyfile(copy, upgraded)
        try:
            source_engine = open_engine(upgraded)
        except StoreError as error:
            raise InputError("copy", str(error), ALLOWED) from error
        try:
            with source_engine.connect() as reading, engine.begin() as writing:
                _empty(writing)
                _copy_rows(reading, writing, None)
                _number_on(writing)
            # The copy was taken while a session ran: here it does not.
            close_interrupted(engine, None)
        except SQLAlchemyError as error:
            raise StoreError(f"the copy cannot be put in: {error}") from error
        finally:
            source_engine.dispose()


def empty(engine: Engine, runner: str | None = None) -> None:
    """Delete every session and the whole diary; of one runner, or of all."""
    with engine.begin() as connection:
        _empty(connection, runner)


def _check(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as source:
            found = source.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
            if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise InputError("copy", "a damaged file", ALLOWED)
            tables = {name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type='table'")}
            if not set(schema.metadata.tables) - LATER <= tables or source.execute(
                "SELECT count(*) FROM sqlite_master WHERE type IN ('trigger', 'view')"
            ).fetchone() != (0,):
                raise InputError("copy", "another database", ALLOWED)
            if not 1 <= int(found[0]) <= schema.SCHEMA_VERSION:
                limit = f"{ALLOWED}, up to schema {schema.SCHEMA_VERSION}"
                raise InputError("copy", f"schema {found[0]}", limit)
    except (sqlite3.DatabaseError, TypeError, ValueError) as error:
        raise InputError("copy", f"it cannot be read ({error})", ALLOWED) from error


def _must_rest(engine: Engine) -> None:
    running = select(func.count()).select_from(schema.sessions).where(schema.sessions.c.state == "running")
    with engine.connect() as connection:
        if connection.scalar(running):
            raise InputError("store", "a session runs", "one without a session that runs: end it first")


def _tables() -> Iterator[Table]:
    """Those with data, what is pointed at before what points."""
    return (table for table in schema.metadata.sorted_tables if table.name not in KEPT)


def _copy_rows(source: Connection, target: Connection, runner: str | None) -> None:
    for table in _tables():
        found = source.execution_options(yield_per=AT_ONCE).execute(_rows_of(table, runner))
        for part in found.mappings().partitions(AT_ONCE):
            target.execute(insert(table), [dict(row) for row in part])


def _rows_of(table: Table, runner: str | None) -> Select[tuple[object, ...]]:
    wanted = select(table)
    if runner is None:
        return wanted
    if "runner" in table.c:
        return wanted.where(table.c.runner == runner)
    mine = select(schema.sessions.c.id).where(schema.sessions.c.runner == runner)
    return wanted.where(table.c.session_id.in_(mine))


def _empty(connection: Connection, runner: str | None = None) -> None:
    for table in (schema.sessions, schema.diary):
        gone = delete(table)
        connection.execute(gone if runner is None else gone.where(table.c.runner == runner))


def _number_on(connection: Connection) -> None:
    """Postgres counts by itself: it goes on after the numbers that were put in."""
    if connection.dialect.name != "postgresql":
        return
    for table in ("sessions", "diary"):
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                f" coalesce((SELECT max(id) FROM {table}), 0) + 1, false)"
            )
        )
