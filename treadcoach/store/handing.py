"""Which sessions' files were handed on to a folder or a command, and when the next try is due."""

from dataclasses import dataclass

from sqlalchemy import Engine, select

from treadcoach.store import schema
from treadcoach.store.imports import IMPORTED

MOST_TRIES = 50
"""Over twelve days; then it is given up."""


@dataclass(frozen=True, slots=True)
class Handing:
    """One session's file for one target. done_unix_s None: not yet; error: of the last try."""

    session_id: int
    target: str
    tries: int
    done_unix_s: float | None
    next_unix_s: float
    error: str


def due(
    engine: Engine, runner: str | None, computer: str, target: str, since_unix_s: float, now_unix_s: float
) -> list[Handing]:
    """Closed sessions that the target does not have yet and whose turn it is, oldest first.

    runner: of one, or of all; computer: those that ran on it, and those of before there was a station.
    """
    sessions, handed = schema.sessions, schema.handed_on
    wanted = (
        select(sessions.c.id, handed.c.tries, handed.c.next_unix_s, handed.c.error)
        .outerjoin(handed, (handed.c.session_id == sessions.c.id) & (handed.c.target == target))
        .where(sessions.c.station.startswith(f"{computer}/", autoescape=True) | (sessions.c.station == ""))
        .where(sessions.c.started_unix_s >= since_unix_s)
        .where(sessions.c.state.not_in(("running", IMPORTED)))
        .where(sessions.c.belt_time_s > 0)
        .where(handed.c.done_unix_s.is_(None))
        .where((handed.c.next_unix_s.is_(None)) | (handed.c.next_unix_s <= now_unix_s))
        .where(handed.c.tries.is_(None) | (handed.c.tries < MOST_TRIES))
        .order_by(sessions.c.started_unix_s)
    )
    if runner is not None:
        wanted = wanted.where(sessions.c.runner == runner)
    with engine.connect() as connection:
        return [
            Handing(row.id, target, row.tries or 0, None, row.next_unix_s or 0.0, row.error or "")
            for row in connection.execute(wanted)
        ]


def write(engine: Engine, handing: Handing) -> None:
    """Write down how a try went."""
    handed = schema.handed_on
    key = (handed.c.session_id == handing.session_id) & (handed.c.target == handing.target)
    values = {
        "tries": handing.tries,
        "done_unix_s": handing.done_unix_s,
        "next_unix_s": handing.next_unix_s,
        "error": handing.error,
    }
    with engine.begin() as connection:
        if connection.execute(handed.update().where(key).values(**values)).rowcount == 0:
            row = {"session_id": handing.session_id, "target": handing.target, **values}
            connection.execute(handed.insert().values(**row))


def latest(engine: Engine, runner: str, limit: int = 20) -> list[Handing]:
    """How the newest sessions' files went, newest first."""
    handed, sessions = schema.handed_on, schema.sessions
    wanted = (
        select(handed)
        .join(sessions, sessions.c.id == handed.c.session_id)
        .where(sessions.c.runner == runner)
        .order_by(sessions.c.started_unix_s.desc(), handed.c.target)
        .limit(limit)
    )
    with engine.connect() as connection:
        return [Handing(**row) for row in connection.execute(wanted).mappings()]
