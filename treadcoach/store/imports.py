"""Sessions that were run elsewhere and count as history. The same one twice changes nothing."""

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError

from treadcoach.core.errors import StoreError
from treadcoach.core.sustained import Curve
from treadcoach.store import schema

IMPORTED = "imported"
"""The state of such a session: it has totals and a curve, but no log."""
SAME_START_S = 90.0
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


def add_imported(engine: Engine, runner: str, found: Imported) -> bool:
    """Put one activity into the history; false when the runner has one of that start. Raises StoreError."""
    sessions = schema.sessions
    begin = found.started_unix_s
    same = select(sessions.c.id).where(
        sessions.c.runner == runner,
        sessions.c.started_unix_s.between(begin - SAME_START_S, begin + SAME_START_S),
    )
    try:
        with engine.begin() as connection:
            if connection.scalar(same.limit(1)) is not None:
                return False
            connection.execute(
                sessions.insert().values(
                    runner=runner,
                    title=found.title,
                    machine=found.source,
                    started_unix_s=begin,
                    day=found.day.isoformat(),
                    state=IMPORTED,
                    belt_time_s=found.moving_s,
                    distance_m=found.distance_m,
                    top_speed_kmh=found.top_speed_kmh,
                    mean_heart_rate_bpm=found.mean_heart_rate_bpm,
                    curve=json.dumps(dict(found.curve)),
                    address="",
                )
            )
    except DatabaseError as error:
        raise StoreError(f"{found.source} cannot be written to the journal: {error.orig}") from error
    return True
