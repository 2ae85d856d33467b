"""One session for a review: its figures, its curves on one time axis, and why the belt did what it did."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Engine, Row

from treadcoach.app.desk import Desk
from treadcoach.app.issue_spans import issue_spans
from treadcoach.app.order_runs import order_runs
from treadcoach.core.errors import InputError
from treadcoach.core.phases import ENDED, Phase
from treadcoach.core.runner import Runner
from treadcoach.form.reading import METRICS
from treadcoach.planning.prescription import core_minutes
from treadcoach.store import curves, diary, history
from treadcoach.store.imports import IMPORTED

MOST_POINTS = 1000
"""A curve: more than a screen has pixels for, and quick to draw on an old tablet."""
SHOWN_EVENTS = ("say", "alarm", "hand", "fault", "form")
PLOTTED_FORM = (
    "contact_ms", "vertical_oscillation_mm", "vertical_ratio_percent", "lean_deg", "shock_g",
    "step_asymmetry_percent",
)  # fmt: skip


def head(row: history.SessionRow) -> dict[str, Any]:
    """A session in a list."""
    return {
        "id": row.id,
        "title": row.title,
        "machine": row.machine,
        "started_unix_s": row.started_unix_s,
        "day": row.day.isoformat(),
        "state": row.state,
        "belt_time_s": row.belt_time_s,
        "distance_m": row.distance_m,
        "top_speed_kmh": row.top_speed_kmh,
        "mean_heart_rate_bpm": row.mean_heart_rate_bpm,
        "held": {str(seconds): speed for seconds, speed in row.curve.items() if seconds <= row.belt_time_s},
        "has_log": row.state not in (IMPORTED, "running"),
    }


def sessions(desk: Desk, limit: int, words: str, state: str, since: date | None) -> dict[str, Any]:
    """The newest sessions that fit, and the totals of all that fit. words: in the title or the machine."""
    rows = history.list_sessions(desk.engine, 100_000, desk.runner().name)
    wanted = words.strip().lower()
    chosen = [
        row
        for row in rows
        if (not wanted or wanted in f"{row.title} {row.machine}".lower())
        and state in ("", row.state)
        and (since is None or row.day >= since)
    ]
    totals = {
        "sessions": len(chosen),
        "belt_time_s": sum(row.belt_time_s for row in chosen),
        "distance_m": sum(row.distance_m for row in chosen),
    }
    return {"sessions": [head(row) for row in chosen[:limit]], "totals": totals, "in_all": len(rows)}


def session(desk: Desk, number: int) -> dict[str, Any]:
    """Everything a review shows of one session. Raises InputError when there is none of that number."""
    engine = desk.engine
    row = history.get_session(engine, number, desk.only)
    runner = desk.runner()
    out: dict[str, Any] = {
        "head": head(row),
        "check_ins": _check_ins(engine, runner, row.day),
        "core_minutes": core_minutes(row.distance_m),
    }
    if row.state == IMPORTED:
        return out
    setup, summary, begin_s = history.setup_of(engine, number)
    changes = curves.phase_changes(engine, number)
    events = [r for r in history.rows_of(engine, "events", number) if r.kind in SHOWN_EVENTS]
    runs = order_runs(history.rows_of(engine, "orders", number), begin_s)
    out |= {
        "ceiling": {"kmh": setup["ceiling"]["curve"]["60"], "reason": setup["ceiling"]["reason"]},
        "notes": setup["timeline"]["notes"],
        "plan": setup.get("plan"),
        "ended": summary.get("stop_cause"),
        "advice": summary.get("closing_advice"),
        "form": summary.get("form"),
        "curves": _curves(curves.sample_curves(engine, number, MOST_POINTS), begin_s),
        "form_curves": _form_curves(curves.form_readings(engine, number, MOST_POINTS), begin_s),
        "phases": _phases(changes, begin_s),
        "issues": [asdict(span) for span in issue_spans(events, begin_s, _end_s(changes, begin_s))],
        "events": [
            {"t_s": r.t_s - begin_s, "kind": r.kind, "level": r.level, "text": r.text} for r in events
        ],
        "why": [
            {
                "t_s": run.t_s, "end_s": run.end_s, "kind": run.kind, "to": run.words(runner.unit),
                "steps": run.steps, "reason": run.reason, "source": run.source, "odd": list(run.odd),
            }
            for run in runs
        ],
    }  # fmt: skip
    return out


def delete(desk: Desk, number: int) -> None:
    """Delete a session for good. Raises InputError for one that runs, or that there is not."""
    if history.get_session(desk.engine, number, desk.only).state == "running":
        raise InputError("session", number, "one that has ended")
    history.delete_session(desk.engine, number)


def _check_ins(engine: Engine, runner: Runner, day: date) -> list[dict[str, Any]]:
    said = [entry for entry in diary.entries(engine, runner.name, "checkin") if entry.day == day]
    return [dict(entry.payload) for entry in said]


def _end_s(changes: Sequence[Row[Any]], begin_s: float) -> float:
    return float(changes[-1].t_s - begin_s) if changes else 0.0


def _phases(changes: Sequence[Row[Any]], begin_s: float) -> list[dict[str, Any]]:
    """Spans of one phase, from where each begins and the last sample."""
    out: list[dict[str, Any]] = []
    for row in changes:
        t_s = row.t_s - begin_s
        if out:
            out[-1]["end_s"] = t_s
        if row.phase in ENDED:
            continue  # an end is no span, though a last reading may come after it
        if not out or out[-1]["phase"] != row.phase:
            words = Phase(row.phase).words
            out.append({"phase": row.phase, "words": words, "start_s": t_s, "end_s": t_s})
    return out


def _curves(rows: Sequence[Row[Any]], begin_s: float) -> dict[str, list[float | None]]:
    """Columns of rows over time, those that have a value; a gap stays a gap."""
    out: dict[str, list[float | None]] = {"t_s": [round(row.t_s - begin_s, 1) for row in rows]}
    columns = list(zip(*rows, strict=True))[1:]
    for name, values in zip(curves.CURVES, columns, strict=False):
        if any(value is not None for value in values):
            out[name] = [None if value is None else round(value, 3) for value in values]
    return out


def _form_curves(rows: Sequence[Row[Any]], begin_s: float) -> list[dict[str, Any]]:
    """Each sensor's form over time."""
    out = []
    for sensor in dict.fromkeys(row.sensor for row in rows):
        mine = [row for row in rows if row.sensor == sensor]
        # Many small texts are read at once: a quarter of the time of one by one.
        read = json.loads(f"[{','.join(row.metrics for row in mine)}]")
        shown = {"t_s": _thinned([row.t_s - begin_s for row in mine], 1)}
        for name in PLOTTED_FORM:
            values = [found.get(name) for found in read]
            if any(value is not None for value in values):
                shown[name] = _thinned(values, 3)
        labels = {name: [METRICS[name].words, METRICS[name].unit] for name in shown if name != "t_s"}
        out.append({"sensor": sensor, "curves": shown, "labels": labels})
    return out


def _thinned(values: Sequence[float | None], digits: int) -> list[float | None]:
    """Means of equal stretches, at most MOST_POINTS; of nothing but gaps a gap.

    Plain Python: the house needs no numpy for anything else, and saves its memory.
    """
    if len(values) <= MOST_POINTS:
        return [None if value is None else round(value, digits) for value in values]
    out: list[float | None] = []
    for at in range(MOST_POINTS):
        low, high = at * len(values) // MOST_POINTS, (at + 1) * len(values) // MOST_POINTS
        known = [value for value in values[low:high] if value is not None]
        out.append(round(sum(known) / len(known), digits) if known else None)
    return out
