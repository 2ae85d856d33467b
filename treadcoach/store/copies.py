"""Whole copies of a journal: taken while it is written to, put back in one step, or emptied."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, delete

from treadcoach.core.errors import InputError, StoreError
from treadcoach.store import schema


def copy_out(journal: Path, to: Path) -> None:
    """A consistent copy, also while a session is written. Raises StoreError."""
    try:
        with (
            closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise StoreError(f"{journal}: no copy can be made: {error}") from error


def copy_in(journal: Path, copy: Path) -> None:
    """Put a copy in the journal's place, whole or not at all. Raises InputError for what is no copy."""
    allowed = "a copy that treadcoach made"
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as source:
            found = source.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
            if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise InputError("copy", "a damaged file", allowed)
            wanted = set(schema.metadata.tables) - {"diary", "form"}
            tables = {name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type='table'")}
            if not wanted <= tables or source.execute(
                "SELECT count(*) FROM sqlite_master WHERE type IN ('trigger', 'view')"
            ).fetchone() != (0,):
                raise InputError("copy", "another database", allowed)
            if not 1 <= int(found[0]) <= schema.SCHEMA_VERSION:
                raise InputError(
                    "copy", f"schema {found[0]}", f"{allowed}, up to schema {schema.SCHEMA_VERSION}"
                )
            with closing(sqlite3.connect(journal, timeout=5)) as target:
                source.backup(target)
    except (sqlite3.DatabaseError, TypeError, ValueError) as error:
        raise InputError("copy", f"it cannot be read ({error})", allowed) from error


def empty(engine: Engine) -> None:
    """Delete every session and the whole diary."""
    with engine.begin() as connection:
        connection.execute(delete(schema.sessions))
        connection.execute(delete(schema.diary))
