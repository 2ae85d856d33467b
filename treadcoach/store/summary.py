"""The figures of one session, from its samples alone."""

import json
from typing import Any

from sqlalchemy import Connection, select

from treadcoach.core.held import RUNNING_ABOVE_KMH, believed_speeds, held_curve
from treadcoach.store.schema import samples

_MOVING_KMH = 0.3
_LONGEST_GAP_S = 3


def session_figures(connection: Connection, session_id: int) -> dict[str, Any]:
    """Belt time, seconds of running, distance, top speed, mean pulse and the mean-maximal curve."""
    rows = connection.execute(
        select(samples.c.t_s, samples.c.speed_kmh, samples.c.distance_m, samples.c.heart_rate_bpm)
        .where(samples.c.session_id == session_id)
        .order_by(samples.c.seq)
    ).all()
    speeds = believed_speeds(per_second([(row.t_s, row.speed_kmh) for row in rows]))
    moving = [speed for speed in speeds if speed >= _MOVING_KMH]
    pulses = [row.heart_rate_bpm for row in rows if row.heart_rate_bpm is not None]
    distances = _distances([(row.t_s, row.distance_m) for row in rows], len(speeds))
    return {
        "belt_time_s": float(len(moving)),
        "running_s": float(sum(speed > RUNNING_ABOVE_KMH for speed in speeds)),
        "distance_m": rows[-1].distance_m if rows else 0.0,
        "top_speed_kmh": max(moving, default=None),
        "mean_heart_rate_bpm": sum(pulses) / len(pulses) if pulses else None,
        "curve": json.dumps(held_curve(speeds, distances)),
    }


def _distances(readings: list[tuple[float, float]], seconds: int) -> list[float]:
    """The counter at the end of each second of a session's grid; between readings the last one stands."""
    out: list[float] = []
    last = 0.0
    for t_s, metres in readings:
        at = min(round(t_s - readings[0][0]), seconds)
        out += [last] * (at - len(out))
        last = max(last, metres)
    return out + [last] * (seconds - len(out))


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
