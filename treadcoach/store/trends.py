"""Figures over many sessions, for trends."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, func, select

from treadcoach.store import schema

LEAST_S = 120
"""Less than two minutes at a speed say little about the pulse there."""


@dataclass(frozen=True, slots=True)
class PulseAtSpeed:
    """The mean pulse of one day at one speed, to the next half km/h."""

    day: date
    speed_kmh: float
    bpm: float
    minutes: float


def pulse_by_speed(engine: Engine, runner: str, first: date, last: date) -> list[PulseAtSpeed]:
    """By day and speed, oldest first; standing and pauses left out."""
    samples, sessions = schema.samples, schema.sessions
    # The belt's own grid is 0.1: halves are near enough to be compared, and common enough to come again.
    speed = func.round(samples.c.speed_kmh * 2) / 2
    wanted = (
        select(sessions.c.day, speed.label("speed"), func.avg(samples.c.heart_rate_bpm), func.count())
        .join(samples, samples.c.session_id == sessions.c.id)
        .where(sessions.c.runner == runner)
        .where(sessions.c.day.between(first.isoformat(), last.isoformat()))
        .where(samples.c.heart_rate_bpm.is_not(None))
        .where(samples.c.speed_kmh > 2)
        .group_by(sessions.c.day, speed)
        .having(func.count() >= LEAST_S)
        .order_by(sessions.c.day, speed)
    )
    with engine.connect() as connection:
        return [
            PulseAtSpeed(date.fromisoformat(day), float(kmh), float(bpm), count / 60)
            for day, kmh, bpm, count in connection.execute(wanted)
        ]


def dated_summaries(engine: Engine, runner: str, first: date) -> list[tuple[date, dict[str, Any]]]:
    """Summaries of a runner's closed sessions from that day on, oldest first."""
    wanted = (
        select(schema.sessions.c.day, schema.setups.c.summary)
        .join(schema.setups, schema.sessions.c.id == schema.setups.c.session_id)
        .where(schema.sessions.c.runner == runner)
        .where(schema.sessions.c.day >= first.isoformat())
        .where(schema.setups.c.summary.is_not(None))
        .order_by(schema.sessions.c.started_unix_s)
    )
    with engine.connect() as connection:
        return [(date.fromisoformat(row.day), json.loads(row.summary)) for row in connection.execute(wanted)]
