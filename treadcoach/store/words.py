"""What a runner says of the body in a session, on disk at once: the journal's rows are written in batches.

One JSON object a line, in the folder for what the store did not take. A program that starts, or is about
to begin a session, takes them into the store; only then they are removed.
"""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from treadcoach.core.errors import StoreError
from treadcoach.store import schema

FELT = ("unwell", "not_right")
"""Intents that end a session because of the body, the more serious one first."""
FILE, UNREADABLE = "words", "words.unreadable"
TURN_S = 5.0
_turn = threading.Lock()
"""One coach a data folder, and so one program: who writes and who takes in are threads of it."""


@dataclass(frozen=True, slots=True)
class Word:
    """kind: one of FELT. session and began_unix_s: in which session, if one had begun."""

    runner: str
    kind: str
    said_unix_s: float
    session: int | None = None
    began_unix_s: float | None = None

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.said_unix_s).astimezone().date()


def keep(folder: Path, word: Word) -> None:
    """Write it down, through to the disk. Raises StoreError."""
    path = folder / FILE
    if not _turn.acquire(timeout=TURN_S):
        raise StoreError(f"{path}: the disk does not answer")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not path.exists()
        number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(number, "ab", buffering=0) as file:
            # Before it too: a line that a full disk tore is ended by this.
            line = b"\n" + json.dumps(asdict(word)).encode() + b"\n"
            if file.write(line) != len(line):
                raise StoreError(f"{path}: the disk is full")
            os.fsync(file.fileno())
        if is_new:
            _sync(folder)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    finally:
        _turn.release()


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def waiting(folder: Path) -> tuple[list[Word], list[str]]:
    """Words that the store does not have yet, and lines that cannot be read. Raises StoreError."""
    path = folder / FILE
    try:
        text = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    found: list[Word] = []
    unreadable: list[str] = []
    for line in text.splitlines():
        if not line:
            continue
        try:
            word = Word(**json.loads(line))
            if word.kind not in FELT or not isinstance(word.runner, str):
                raise ValueError(word.kind)
            word.day  # noqa: B018 - a time that is none
            found.append(word)
        except (ValueError, TypeError, OverflowError, OSError):
            unreadable.append(line.decode(errors="replace"))
    return found, unreadable


def take_in(
    engine: Engine, folder: Path, name_now: Callable[[str], str] = lambda name: name
) -> tuple[list[Word], list[str]]:
    """Take all of them into the store; call only while no session runs there.

    Those of a session go into its summary, the others into the diary as a check-in. Taking in twice changes
    nothing. name_now: what a runner is called today. Gives back what was taken, and lines that
    cannot be read: those are kept in a file of their own. Raises StoreError, and everything stays.
    """
    path = folder / FILE
    if not path.is_file():
        return [], []
    if not _turn.acquire(timeout=TURN_S):
        raise StoreError(f"{path}: the disk does not answer")
    try:
        found, unreadable = waiting(folder)
        with engine.begin() as connection:
            for word in found:
                if not _into_session(connection, word):
                    _into_diary(connection, word, name_now(word.runner))
        if unreadable:
            with (folder / UNREADABLE).open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in unreadable)
        path.unlink()
    except SQLAlchemyError as error:
        raise StoreError(f"{path} cannot be taken into the store: {error}") from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    finally:
        _turn.release()
    return found, unreadable


def forget(folder: Path, session: int) -> None:
    """The store has the summary of that session, with what was said in it. Raises StoreError."""
    path = folder / FILE
    if not path.is_file():
        return
    if not _turn.acquire(timeout=TURN_S):
        raise StoreError(f"{path}: the disk does not answer")
    try:
        found, unreadable = waiting(folder)
        if not unreadable and all(word.session == session for word in found):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    finally:
        _turn.release()


def graver(felt: str | None, other: str | None) -> str | None:
    """Of two words the more serious one."""
    said = {felt, other}
    return next((kind for kind in FELT if kind in said), None)


def _into_session(connection: Connection, word: Word) -> bool:
    """Whether there is that session, closed; another store may have another of that number."""
    if word.session is None or word.began_unix_s is None:
        return False
    row = connection.execute(
        select(schema.sessions.c.started_unix_s, schema.setups.c.summary)
        .join(schema.setups, schema.sessions.c.id == schema.setups.c.session_id)
        .where(schema.sessions.c.id == word.session)
    ).first()
    if row is None or row.summary is None or abs(row.started_unix_s - word.began_unix_s) > 1:
        return False
    summary = json.loads(row.summary)
    summary["felt"] = graver(summary.get("felt"), word.kind)
    connection.execute(
        schema.setups.update()
        .where(schema.setups.c.session_id == word.session)
        .values(summary=json.dumps(summary))
    )
    return True


def _into_diary(connection: Connection, word: Word, runner: str) -> None:
    payload = {
        "moment": "after",
        "pain": None,
        "effort": None,
        "signs": [word.kind],
        "where": "",
        "sleep_h": None,
        "said_unix_s": word.said_unix_s,
    }
    row = {
        "runner": runner,
        "day": word.day.isoformat(),
        "kind": "checkin",
        "payload": json.dumps(payload),
    }
    there = select(schema.diary.c.id)
    for name, value in row.items():
        there = there.where(schema.diary.c[name] == value)
    if connection.execute(there).first() is None:
        connection.execute(schema.diary.insert().values(**row))
