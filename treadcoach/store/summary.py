"""The figures of one session, from its samples alone."""

import json
from typing import Any

from sqlalchemy import Connection, select

from treadcoach.core.sustained import mean_maximal
from treadcoach.store.schema import samples

_MOVING_KMH = 0.3
_LONGEST_GAP_S = 3


def session_figures(connection: Connection, session_id: int) -> dict[str, Any]:
    """Belt time, distance, top speed, mean pulse and the mean-maximal curve."""
    rows = connection.execute(
        select(samples.c.t_s, samples.c.speed_kmh, samples.c.distance_m, samples.c.heart_rate_bpm)
        .where(samples.c.session_id == session_id)
        .order_by(samples.c.seq)
    ).all()
    speeds = per_second([(row.t_s, row.speed_kmh) for row in rows])
    moving = [speed for speed in speeds if speed >= _MOVING_KMH]
    pulses = [row.heart_rate_bpm for row in rows if row.heart_rate_bpm is not None]
    return {
        "belt_time_s": float(len(moving)),
        "distance_m": rows[-1].distance_m if rows else 0.0,
        "top_speed_kmh": max(moving, default=None),
        "mean_heart_rate_bpm": sum(pulses) / len(pulses) if pulses else None,
        "curve": json.dumps(mean_maximal(speeds)),
    }


def per_second(readings: list[tuple[float, float | None]]) -> list[float]:
    """Speeds on a 1 s grid. A gap of up to 3 s keeps the last speed, a longer one is standing."""
    out: list[float] = []
    if not readings:
        return out
    start = readings[0][0]
    last, last_at = 0.0, 0
    for t_s, speed in readings:
        at = round(t_s - start)
        gap = at - last_at
        fill = last if gap <= _LONGEST_GAP_S else 0.0
        out += [fill] * (at - len(out))
        if speed is not None:
            if at < len(out):
                out[at] = speed
            else:
                out.append(speed)
            last, last_at = speed, at
    return out
