"""A session of the journal as a file of another program: FIT, TCX or CSV."""

import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from treadcoach.app.desk import Desk
from treadcoach.app.issue_spans import issue_spans
from treadcoach.core.errors import InputError
from treadcoach.core.phases import Phase
from treadcoach.formats.csv_samples import write_samples
from treadcoach.formats.recorded import Lap, Recorded, Second
from treadcoach.formats.tcx_out import tcx_file
from treadcoach.store import history
from treadcoach.wire.heart_rate import decode_heart_rate
from treadcoach.wire.octets import FrameError
from treadcoach.wire.uuids import short

MOVING_KMH = 0.3
HEART_RATE = "2A37"
FORM = {
    "contact_ms": "contact_ms",
    "vertical_oscillation_mm": "vertical_oscillation_mm",
    "vertical_ratio_percent": "vertical_ratio_percent",
}
"""What FIT has fields for, by our names."""


def export(desk: Desk, number: int, kind: str) -> bytes:
    """A session's file. Raises InputError for another kind, and for a session without a log."""
    if kind not in WRITERS:
        raise InputError("format", kind, ", ".join(WRITERS))
    return WRITERS[kind](desk, number)


def recorded(desk: Desk, number: int) -> Recorded:
    """A session second by second. Raises InputError for one without a log or without a sample."""
    row = history.get_session(desk.engine, number, desk.only)
    setup, _, begin_s = history.setup_of(desk.engine, number)
    samples = history.rows_of(desk.engine, "samples", number)
    if not samples:
        raise InputError("session", number, "one with samples; nothing was recorded in this one")
    events = history.rows_of(desk.engine, "events", number)
    end_s = samples[-1].t_s - begin_s
    form = _form_by_second(history.rows_of(desk.engine, "form", number), begin_s)
    spans = issue_spans(events, begin_s, end_s)
    seconds: dict[int, Second] = {}
    for sample in samples:
        t_s = round(sample.t_s - begin_s)
        up = tuple(span.id for span in spans if span.start_s <= t_s <= span.end_s)
        seconds[t_s] = _second(float(t_s), sample, form.get(t_s, {}), up)
    listed = [seconds[t_s] for t_s in sorted(seconds)]
    metres = row.distance_m
    running_above_kmh = desk.guidance().belt.running_above_kmh
    ran = sum(1 for s in listed if (s.speed_kmh or 0.0) > running_above_kmh)
    moving = [s for s in listed if (s.speed_kmh or 0.0) >= MOVING_KMH]
    return Recorded(
        row.title,
        # Local time with its offset: a file says on which day somebody ran, wherever it is read.
        datetime.fromtimestamp(row.started_unix_s, UTC).astimezone(),
        row.machine,
        bool(metres) and ran > len(moving) / 2,
        listed,
        _laps(samples, setup, begin_s),
        _moving(listed),
        _rr(history.rows_of(desk.engine, "inputs", number), begin_s, end_s),
        desk.simulated,
    )


def _second(t_s: float, sample: Row[Any], form: dict[str, float], up: tuple[str, ...]) -> Second:
    cadence, speed = sample.cadence_spm, sample.speed_kmh
    step_m = None
    if cadence and speed and speed >= MOVING_KMH:
        step_m = speed / 3.6 * 60 / cadence
    return Second(
        t_s,
        sample.distance_m,
        speed,
        sample.incline_percent,
        sample.heart_rate_bpm,
        cadence,
        step_length_m=step_m,
        target_kmh=sample.wished_kmh,
        issues=up,
        **{ours: form[name] for name, ours in FORM.items() if name in form},
    )


def _form_by_second(rows: Sequence[Row[Any]], begin_s: float) -> dict[int, dict[str, float]]:
    """By second, of the sensor that says most."""
    by_sensor: dict[str, dict[int, dict[str, float]]] = {}
    for row in rows:
        values = {name: value for name, value in json.loads(row.metrics).items() if value is not None}
        by_sensor.setdefault(row.sensor, {})[round(row.t_s - begin_s)] = values
    return max(
        by_sensor.values(), key=lambda found: sum(len(set(v) & set(FORM)) for v in found.values()), default={}
    )


def _laps(samples: Sequence[Row[Any]], setup: dict[str, Any], begin_s: float) -> list[Lap]:
    """One a phase on the belt and, inside the main set, one a target."""
    labels = {round(step["speed_kmh"], 3): step["label"] for step in setup["timeline"]["steps"]}
    laps: list[Lap] = []
    last: tuple[str, float | None] | None = None
    for sample in samples:
        t_s = float(round(sample.t_s - begin_s))
        target = sample.wished_kmh if sample.phase == Phase.MAIN.value else None
        key = (sample.phase, target)
        if key == last:
            continue
        last = key
        if laps:
            laps[-1] = Lap(laps[-1].name, laps[-1].start_s, t_s)
        name = Phase(sample.phase).words
        if target is not None:
            name += f", {labels.get(round(target, 3)) or f'{target:g} km/h'}"
        laps.append(Lap(name, t_s if laps else 0.0, t_s))
    end_s = float(round(samples[-1].t_s - begin_s))
    laps[-1] = Lap(laps[-1].name, laps[-1].start_s, end_s)
    return [lap for lap in laps if lap.end_s > lap.start_s] or laps[-1:]


def _moving(seconds: Sequence[Second]) -> list[tuple[float, float]]:
    """Spans in which the belt moved, as far as it is known; a gap belongs to what was before it."""
    spans: list[tuple[float, float]] = []
    since: float | None = None
    for second in seconds:
        if second.speed_kmh is None:
            continue
        if second.speed_kmh >= MOVING_KMH and since is None:
            since = second.t_s
        elif second.speed_kmh < MOVING_KMH and since is not None:
            spans.append((since, second.t_s))
            since = None
    if since is not None:
        spans.append((since, seconds[-1].t_s))
    return spans


def _rr(inputs: Sequence[Row[Any]], begin_s: float, end_s: float) -> list[tuple[float, int]]:
    """RR intervals of the first pulse sensor, in ms, with the time they came."""
    out: list[tuple[float, int]] = []
    source: str | None = None
    for row in inputs:
        device, _, characteristic = row.name.partition("/")
        if row.kind != "frame" or short(characteristic) != HEART_RATE or source not in (None, device):
            continue
        source = device
        try:
            sample = decode_heart_rate(row.payload)
        except FrameError:
            continue  # it was counted and said when it came
        t_s = row.t_s - begin_s
        if 0 <= t_s <= end_s:
            out += [(t_s, round(1000 * rr)) for rr in sample.rr_s]
    return out


def _csv(desk: Desk, number: int) -> bytes:
    out = io.StringIO()
    begin_s = history.setup_of(desk.engine, history.get_session(desk.engine, number, desk.only).id)[2]
    write_samples(history.rows_of(desk.engine, "samples", number), begin_s, out)
    return out.getvalue().encode()


def _fit(desk: Desk, number: int) -> bytes:
    # A large library, and seldom needed: the house does without it until somebody asks.
    from treadcoach.formats.fit_out import fit_file  # noqa: PLC0415 - a FIT writer, after a session

    return fit_file(recorded(desk, number))


def _tcx(desk: Desk, number: int) -> bytes:
    return tcx_file(recorded(desk, number))


WRITERS: dict[str, Callable[[Desk, int], bytes]] = {
    "csv": _csv,
    "fit": _fit,
    "tcx": _tcx,
}
