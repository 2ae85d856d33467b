"""Rows that could not be written to a store that is gone: kept in a file, and taken in when it is back.

A file has one JSON object a line: {"table", "what", "row"}; octets are in base64. It is written whole,
then renamed; taken in within one transaction, then deleted. Taking in twice changes nothing.
"""

import base64
import json
import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam
from sqlalchemy.exc import SQLAlchemyError

from treadcoach.core.errors import StoreError
from treadcoach.store import schema, words

UPDATE, INSERT, CLOSE = "update", "insert", "close"
Row = tuple[Table, str, dict[str, Any]]
SUFFIX = ".jsonl"


def write_rows(connection: Connection, rows: Iterable[Row], *, again: bool = False) -> None:
    """Write rows in order, those of one kind together. again: what is there already is left as it is."""
    batch = list(rows)
    at = 0
    while at < len(batch):
        table, what, first = batch[at]
        end = at
        while end < len(batch) and batch[end][:2] == (table, what) and batch[end][2].keys() == first.keys():
            end += 1
        values = [row for _, _, row in batch[at:end]]
        if what == UPDATE:
            statement = (
                table.update()
                .where(table.c.session_id == bindparam("b_session"))
                .where(table.c.seq == bindparam("b_seq"))
                .values({name: bindparam(name) for name in first if not name.startswith("b_")})
            )
            connection.execute(statement, values)
        elif again:
            connection.execute(_insert_new(connection, table), values)
        else:
            connection.execute(table.insert(), values)
        at = end


def _insert_new(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - two megabytes no home needs

        return postgresql.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - as above, for the other store

    return sqlite.insert(table).on_conflict_do_nothing()


def put_aside(folder: Path, session_id: int, rows: Iterable[Row], closing: Mapping[str, Any] | None) -> Path:
    """Keep rows, and how the session ended, in a file. Raises StoreError."""
    path = folder / f"session-{session_id}-{uuid.uuid4().hex[:8]}{SUFFIX}"
    part = path.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            for table, what, row in rows:
                file.write(json.dumps({"table": table.name, "what": what, "row": _out(row)}) + "\n")
            if closing is not None:
                file.write(json.dumps({"table": "sessions", "what": CLOSE, "row": dict(closing)}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: what the store did not take cannot be kept: {error.strerror}") from error
    return path


def take_in(engine: Engine, folder: Path) -> list[tuple[int, Mapping[str, Any] | None]]:
    """Write every file's rows to the store. Sessions with how they ended, as far as that is known.

    Raises StoreError: the file that cannot be taken stays, and what is behind it.
    """
    done: list[tuple[int, Mapping[str, Any] | None]] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        rows, closing, session_id = _read(path)
        try:
            with engine.begin() as connection:
                write_rows(connection, rows, again=True)
        except SQLAlchemyError as error:
            raise StoreError(f"{path} cannot be taken into the store: {error}") from error
        path.unlink()
        done.append((session_id, closing))
    return done


def felt_in(folder: Path) -> dict[int, str]:
    """What runners said of the body in sessions whose files wait, also in files that cannot be taken in."""
    found: dict[int, str] = {}
    for path in folder.glob(f"*{SUFFIX}") if folder.is_dir() else ():
        try:
            session_id = int(path.name.split("-")[1])
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except (OSError, ValueError, IndexError):
            continue  # taking it in says what is wrong with it
        for line in lines:
            kind = _felt(line)
            if graver := words.graver(found.get(session_id), kind):
                found[session_id] = graver
    return found


def _felt(line: str) -> str | None:
    try:
        said = json.loads(line)
        row = said["row"]
        if said["what"] == CLOSE:
            return words.graver(row["summary"].get("felt"), None)
        is_intent = said["table"] == "inputs" and row["kind"] == "intent"
        return words.graver(row["name"], None) if is_intent else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # a line that is torn; the others may be whole


def _read(path: Path) -> tuple[list[Row], Mapping[str, Any] | None, int]:
    rows: list[Row] = []
    closing: Mapping[str, Any] | None = None
    try:
        session_id = int(path.name.split("-")[1])
        for line in path.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            if said["what"] == CLOSE:
                closing = said["row"]
            else:
                rows.append((schema.metadata.tables[said["table"]], said["what"], _in(said["row"])))
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({error}): move it away to go on without it") from error
    return rows, closing, session_id


def _out(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"b64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in row.items()
    }


def _in(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64decode(value["b64"]) if isinstance(value, dict) else value
        for name, value in row.items()
    }
