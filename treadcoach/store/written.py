"""What was written last, by any runner: what this computer's clock is compared with."""

from datetime import date

from sqlalchemy import Engine, func, select

from treadcoach.store import diary, schema

EVERYBODY = ""
"""The runner of an entry that is about the computer."""
CLOCK = "clock"


def newest_day(engine: Engine, after_session: int = 0, after_entry: int = 0) -> date | None:
    """The newest date of sessions and of the diary, of those with higher numbers."""
    sessions, entries = schema.sessions, schema.diary
    wanted = (
        select(func.max(sessions.c.day)).where(sessions.c.id > after_session),
        select(func.max(entries.c.day)).where(entries.c.id > after_entry),
    )
    with engine.connect() as connection:
        found = [day for query in wanted if (day := connection.scalar(query)) is not None]
    return date.fromisoformat(max(found)) if found else None


def last_numbers(engine: Engine) -> tuple[int, int]:
    """Of the newest session and the newest entry of the diary."""
    with engine.connect() as connection:
        session = connection.scalar(select(func.max(schema.sessions.c.id)))
        entry = connection.scalar(select(func.max(schema.diary.c.id)))
    return session or 0, entry or 0


def confirm_clock(engine: Engine, today: date) -> None:
    """A person says that today's date is right. Raises StoreError."""
    session, entry = last_numbers(engine)
    diary.add(engine, EVERYBODY, today, CLOCK, {"last_session": session, "last_entry": entry})


def clock_confirmations(engine: Engine) -> list[tuple[date, int, int]]:
    """When the date was said to be right, and the last session and entry before; in order."""
    return [
        (entry.day, entry.payload["last_session"], entry.payload["last_entry"])
        for entry in diary.entries(engine, EVERYBODY, CLOCK)
    ]
