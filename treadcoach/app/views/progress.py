"""How pace, pulse, form and the back develop, week by week."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from treadcoach.app.desk import Desk
from treadcoach.app.training import Training
from treadcoach.core.runner import Runner
from treadcoach.core.sustained import best_of
from treadcoach.form.reading import METRICS
from treadcoach.planning.progression import PastSession, week_start, weekly_ceiling
from treadcoach.store import history, trends

SHOWN_S = (60, 300, 1200)
"""Speeds held for a minute, five and twenty."""
_ERROR = re.compile(r"±([\d.]+)\s*(%?)")
FORM = ("cadence_spm", "contact_ms", "vertical_oscillation_mm", "vertical_ratio_percent", "lean_deg",
        "step_asymmetry_percent")  # fmt: skip


def progress(desk: Desk, weeks: int, today: date) -> dict[str, Any]:
    """The last weeks up to today's. weeks: 4 to 260."""
    training = desk.training()
    first = week_start(today) - timedelta(weeks=weeks - 1)
    rows = [r for r in history.since(desk.engine, first, training.runner.name) if r.day <= today]
    return {
        "weeks": _weeks(training, rows, first, today),
        "pulse": _pulse(desk, training.runner, first, today),
        "form": _form(desk, training.runner, first),
        "pain": [
            {"day": said.day.isoformat(), "moment": said.moment.value, "pain": said.pain,
             "effort": said.effort, "signs": sorted(sign.value for sign in said.signs)}
            for said in training.check_ins() if said.day >= first
        ],
        "screens": {
            name: [{"day": r.day.isoformat(), "passed": r.passed, "note": r.note} for r in results]
            for name, results in training.screens().items()
        },
        "strength": [day.isoformat() for day in training.strength_done() if day >= first],
    }  # fmt: skip


def _weeks(
    training: Training, rows: Sequence[history.SessionRow], first: date, today: date
) -> list[dict[str, Any]]:
    past = training.past(today)
    out = []
    monday = first
    while monday <= today:
        mine = [row for row in rows if week_start(row.day) == monday]
        best = best_of(row.curve for row in mine)
        ceiling = _ceiling(past, monday, training)
        out.append(
            {
                "monday": monday.isoformat(),
                "sessions": len(mine),
                "distance_m": sum(row.distance_m for row in mine),
                "belt_time_s": sum(row.belt_time_s for row in mine),
                "held": {str(s): best.get(s) or None for s in SHOWN_S},
                "ceiling": {str(s): ceiling.get(s) for s in SHOWN_S},
            }
        )
        monday += timedelta(days=7)
    return out


def _ceiling(past: Sequence[PastSession], monday: date, training: Training) -> dict[int, float]:
    curve = weekly_ceiling(past, monday, training.runner, training.rules).curve
    return {s: min(curve[s], training.runner.max_speed_kmh) for s in SHOWN_S}


def _pulse(desk: Desk, runner: Runner, first: date, today: date) -> list[dict[str, Any]]:
    """The mean pulse at speeds that were held, by day: the same speed at a lower pulse is progress."""
    found = trends.pulse_by_speed(desk.engine, runner.name, first, today)
    return [
        {
            "day": row.day.isoformat(),
            "speed_kmh": row.speed_kmh,
            "bpm": round(row.bpm, 1),
            "minutes": row.minutes,
        }
        for row in found
    ]


def _form(desk: Desk, runner: Runner, first: date) -> list[dict[str, Any]]:
    """Medians of each session by metric, with tier and error as they were published for the sensor."""
    found: dict[str, dict[str, Any]] = {}
    for day, summary in trends.dated_summaries(desk.engine, runner.name, first):
        for sensor in (summary.get("form") or {}).get("sensors", ()):
            for gait, medians in sensor["medians"].items():
                for name in FORM:
                    if medians.get(name) is None:
                        continue
                    trust = sensor["trust"].get(name, {})
                    trend = found.setdefault(f"{name}/{gait}", {
                        "metric": name, "words": METRICS[name].words, "unit": METRICS[name].unit,
                        "digits": METRICS[name].digits, "gait": gait, "tier": trust.get("tier", ""),
                        "error": trust.get("error", ""), "points": [],
                    })  # fmt: skip
                    value = medians[name]
                    band = half_width(trust.get("error", ""), gait, value)
                    trend["points"].append({"day": day.isoformat(), "value": value, "band": band})
    return list(found.values())


def half_width(error: str, gait: str, value: float) -> float | None:
    """Half of an error band from its words: '±6 mm', '±0.5 %' (of the value), '±15 ms running, …'."""
    parts = [part for part in error.split(",") if "±" in part]
    part = next((p for p in parts if gait in p), parts[0] if parts else "")
    found = _ERROR.search(part)
    if found is None:
        return None
    width = float(found[1])
    return value * width / 100 if found[2] == "%" else width
