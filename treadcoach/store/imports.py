"""Sessions that were run elsewhere and count as history. The same one twice changes nothing."""

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Engine, Update, select
from sqlalchemy.exc import DatabaseError

from treadcoach.core.errors import InputError, StoreError
from treadcoach.core.sustained import Curve
from treadcoach.store import schema

IMPORTED = "imported"
"""The state of such a session: it has totals and a curve, but no log."""
SAME_START_S = 90.0
WEEK_S = 7 * 86400.0
"""Two sessions of a runner that begin within this are the same one, recorded twice."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One activity. source: its file, for people."""

    source: str
    title: str
    started_unix_s: float
    day: date
    moving_s: float
    distance_m: float
    top_speed_kmh: float
    mean_heart_rate_bpm: float | None
    curve: Curve
    running_s: float | None = None
    device: str = ""
    lifts: bool = True
    """False: nobody has said that it is theirs, and it raises no ceiling."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a runner: curves that count, the devices they came from, starts of all sessions."""

    curves: Sequence[Curve]
    devices: frozenset[str]
    starts: Sequence[float]
    """Sorted."""
    curve_starts: Sequence[float] = ()
    """When each of the curves was begun."""

    def curves_before(self, unix_s: float) -> list[Curve]:
        """Those of a week before: what was run since is no measure of what may be."""
        until = unix_s - WEEK_S
        return [curve for curve, at in zip(self.curves, self.curve_starts, strict=True) if at <= until]

    def has(self, started_unix_s: float) -> bool:
        """Whether a session of that start is there and counts."""
        at = bisect_left(self.starts, started_unix_s - SAME_START_S)
        return at < len(self.starts) and self.starts[at] <= started_unix_s + SAME_START_S


def known_of(engine: Engine, runner: str) -> Known:
    """From everything in the history of a runner."""
    sessions = schema.sessions
    wanted = select(
        sessions.c.curve, sessions.c.device, sessions.c.lifts, sessions.c.state, sessions.c.started_unix_s
    ).where(sessions.c.runner == runner)
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
    counting = [row for row in rows if row.lifts]
    return Known(
        [{int(s): kmh for s, kmh in json.loads(row.curve).items()} for row in counting if row.curve],
        frozenset(row.device for row in counting if row.state == IMPORTED),
        sorted(row.started_unix_s for row in counting),
        [row.started_unix_s for row in counting if row.curve],
    )


def add_imported(engine: Engine, runner: str, found: Imported) -> bool:
    """Put one activity into the history; false when the runner has one of that start. Raises StoreError.

    One that is there and was not claimed takes this one's values if this one counts: that may be another's.
    """
    sessions = schema.sessions
    begin = found.started_unix_s
    same = select(sessions.c.id).where(
        sessions.c.runner == runner,
        sessions.c.started_unix_s.between(begin - SAME_START_S, begin + SAME_START_S),
    )
    try:
        with engine.begin() as connection:
            if (there := connection.scalar(same.limit(1))) is not None:
                if found.lifts:
                    unclaimed = (sessions.c.id == there, sessions.c.state == IMPORTED, sessions.c.lifts == 0)
                    connection.execute(sessions.update().where(*unclaimed).values(_row(found)))
                return False
            connection.execute(sessions.insert().values(_row(found) | {"runner": runner}))
    except DatabaseError as error:
        raise StoreError(f"{found.source} cannot be written to the journal: {error.orig}") from error
    return True


def _row(found: Imported) -> dict[str, object]:
    return {
        "title": found.title,
        "machine": found.source,
        "started_unix_s": found.started_unix_s,
        "day": found.day.isoformat(),
        "state": IMPORTED,
        "belt_time_s": found.moving_s,
        "running_s": found.running_s,
        "device": found.device,
        "lifts": int(found.lifts),
        "distance_m": found.distance_m,
        "top_speed_kmh": found.top_speed_kmh,
        "mean_heart_rate_bpm": found.mean_heart_rate_bpm,
        "curve": json.dumps(dict(found.curve)),
        "address": "",
    }


def unclaimed(engine: Engine, runner: str) -> list[int]:
    """Numbers of imported activities that nobody has claimed yet."""
    sessions = schema.sessions
    wanted = (
        select(sessions.c.id)
        .where(sessions.c.runner == runner, sessions.c.state == IMPORTED, sessions.c.lifts == 0)
        .order_by(sessions.c.id)
    )
    with engine.connect() as connection:
        return list(connection.scalars(wanted))


def claim(engine: Engine, runner: str, numbers: Sequence[int]) -> None:
    """The runner says that these activities are theirs. Raises InputError for one that waits for no word."""
    waiting = unclaimed(engine, runner)
    for number in numbers:
        if number not in waiting:
            shown = ", ".join(str(n) for n in waiting) or "none: every imported activity counts"
            raise InputError("session", number, shown)
    try:
        with engine.begin() as connection:
            connection.execute(_counts(schema.sessions.c.id.in_(numbers)))
    except DatabaseError as error:
        raise StoreError(f"the journal cannot be written: {error.orig}") from error


def _counts(which: ColumnElement[bool]) -> Update:
    sessions = schema.sessions
    return sessions.update().where(which, sessions.c.state == IMPORTED).values(lifts=1)
