"""`treadcoach analyze`: a recording of any logger, read by the same code as a live session."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from treadcoach.core.body import Gait, Mount, SensorKind, Tier
from treadcoach.core.errors import InputError
from treadcoach.core.form_rules import FormRules
from treadcoach.core.units import format_duration
from treadcoach.form.judge import Finding, Judge
from treadcoach.form.reading import METRICS, FormReading, trust_of
from treadcoach.form.stream import SHORTEST_WINDOW_S, FormStream, Surroundings
from treadcoach.formats.recording import Recording, read_recording
from treadcoach.planning.form_guidance import load_form_rules

FASTEST_KMH = 30.0
STEEPEST_PERCENT = 45.0
SHOWN_METRICS = (
    "cadence_spm",
    "step_time_ms",
    "stride_length_m",
    "vertical_oscillation_mm",
    "vertical_ratio_percent",
    "contact_ms",
    "shock_g",
    "step_asymmetry_percent",
    "step_regularity",
    "rotation_deg",
    "obliquity_deg",
)


class Analysis:
    """Everything that a recording shows."""

    def __init__(
        self, recording: Recording, kind: SensorKind, around: Surroundings, rules: FormRules
    ) -> None:
        stream = FormStream(kind, around)
        self.recording = recording
        self.kind = kind
        self.rules = rules
        self.around = around
        self.judge = Judge(rules, kind)
        self.raised: list[tuple[Finding, float | None]] = []
        self.readings = stream.add(recording.t_s, recording.rows) + stream.finish()
        for reading in self.readings:
            verdict = self.judge.update(reading)
            self.raised += [(finding, None) for finding in verdict.raised]
            for issue in verdict.cleared:
                self._close(issue.id, reading.end_s)

    def _close(self, issue_id: str, end_s: float) -> None:
        for at, (finding, end) in enumerate(self.raised):
            if finding.issue.id == issue_id and end is None:
                self.raised[at] = (finding, end_s)

    def as_dict(self) -> dict[str, object]:
        length = float(self.recording.t_s[-1] - self.recording.t_s[0])
        return {
            "sensor": {
                "mount": self.kind.mount.value,
                "gyroscope": self.kind.gyroscope,
                "rate_hz": round(self.recording.rate_hz, 2),
            },
            "windows": [_window(reading) for reading in self.readings if _is_whole(reading, length)],
            "steps": [
                {"t_s": round(step.t_s, 4), "contact_ms": _rounded(step.contact_ms, 1)}
                for reading in self.readings
                for step in reading.steps
            ],
            "issues": [
                {
                    "id": finding.issue.id,
                    "name": finding.issue.name,
                    "t_start_s": round(finding.since_s, 2),
                    "t_end_s": _rounded(end, 2),
                    "seen": list(finding.seen),
                    "question": finding.issue.question,
                    "cue": finding.issue.cue,
                    "source": finding.issue.source,
                    "exercises": list(finding.issue.exercises),
                }
                for finding, end in self.raised
            ],
            "cannot_see": [
                {"id": issue.id, "name": issue.name, "why": why} for issue, why in self.judge.unseen
            ],
            "trust": {
                name: {"tier": trust.tier.value, "error": trust.error, "unit": METRICS[name].unit}
                for name, trust in ((name, trust_of(name, self.kind)) for name in METRICS)
            },
        }


def _is_whole(reading: FormReading, length_s: float) -> bool:
    """The first seconds of a recording are too short to be judged alone; the next window has them."""
    return reading.end_s - reading.start_s >= min(SHORTEST_WINDOW_S, length_s - 0.1)


def _window(reading: FormReading) -> dict[str, object]:
    values = {name: _rounded(reading.value(name), 4) for name in METRICS}
    return {
        "t_start_s": round(reading.start_s, 3),
        "t_end_s": round(reading.end_s, 3),
        "gait": None if reading.gait is None else reading.gait.value,
        **values,
        "doubts": list(reading.doubts),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)


def analyze_file(
    path: Path, mount: str, speed_kmh: float | None, incline_percent: float | None, *, as_json: bool
) -> int:
    """Analyse one file and print it; the exit status. Raises InputError."""
    if mount not in (Mount.CHEST.value, Mount.HIP.value):
        raise InputError("--mount", mount, "chest or hip (hip stands for sacrum and lower back too)")
    speed = _within("--speed-kmh", speed_kmh, 0.0, FASTEST_KMH)
    incline = _within("--incline-percent", incline_percent, -STEEPEST_PERCENT, STEEPEST_PERCENT)
    recording = read_recording(path)
    kind = SensorKind(Mount(mount), recording.gyroscope, recording.lateral)
    analysis = Analysis(recording, kind, Surroundings(speed, incline), load_form_rules())
    if as_json:
        print(json.dumps(analysis.as_dict(), allow_nan=False))
    else:
        _report(analysis, path)
    return 0


def _within(place: str, value: float | None, low: float, high: float) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(place, value, f"a number from {low:g} to {high:g}")
    return value


def _report(analysis: Analysis, path: Path) -> None:
    console = Console(highlight=False, markup=False)
    recording, readings = analysis.recording, analysis.readings
    length = float(recording.t_s[-1] - recording.t_s[0])
    what = f"{format_duration(length)} of {analysis.kind.words}, {recording.rate_hz:.0f} samples a second"
    console.print(f"{path.name}: {what}", style="bold")
    around = analysis.around
    belt = f"belt {_known(around.speed_kmh, 'km/h')}, incline {_known(around.incline_percent, '%')}"
    console.print(belt)
    moving = [reading for reading in readings if reading.gait is not None]
    if not moving:
        console.print("\nNo walking or running was found.")
    for gait in Gait:
        part = [reading for reading in moving if reading.gait is gait]
        if part:
            console.print(f"\n{gait.value.capitalize()}, {len(part)} s", style="bold")
            console.print(_table(analysis, part))
    steps = sum(len(reading.steps) for reading in readings)
    console.print(f"\n{steps} steps")
    doubts = sorted({doubt for reading in readings for doubt in reading.doubts})
    for doubt in doubts:
        console.print(f"! {doubt}", style="yellow")
    _issues(console, analysis)


def _known(value: float | None, unit: str) -> str:
    return "not stated" if value is None else f"{value:g} {unit}"


def _table(analysis: Analysis, readings: list[FormReading]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title, right in (("", False), ("median", True), ("middle half", True), ("", False), ("trust", False)):
        table.add_column(title, justify="right" if right else "left")
    for name in SHOWN_METRICS:
        metric, trust = METRICS[name], trust_of(name, analysis.kind)
        values = sorted(value for r in readings if (value := r.value(name)) is not None)
        if trust.tier is Tier.UNSEEN or not values:
            continue
        low, middle, high = (values[int(share * (len(values) - 1))] for share in (0.25, 0.5, 0.75))
        digits = metric.digits
        words = trust.tier.value + (f", {trust.error}" if trust.error else "")
        band = _band(analysis.rules.bands, name, middle) if readings[0].gait is Gait.RUNNING else ""
        table.add_row(
            metric.words,
            f"{middle:.{digits}f}",
            f"{low:.{digits}f} to {high:.{digits}f}",
            metric.unit + (f" ({band})" if band else ""),
            words,
        )
    return table


def _band(bands: Mapping[str, tuple[object, ...]], name: str, value: float) -> str:
    for band in bands.get(name, ()):
        below = getattr(band, "below", None)
        if below is None or value < below:
            return str(getattr(band, "label", ""))
    return ""


def _issues(console: Console, analysis: Analysis) -> None:
    if analysis.raised:
        console.print("\nForm issues", style="bold")
    for finding, end in analysis.raised:
        until = "to the end" if end is None else f"to {format_duration(end)}"
        console.print(
            f"  {finding.issue.name}, from {format_duration(finding.since_s)} {until}", style="cyan"
        )
        for seen in finding.seen:
            console.print(f"    {seen}")
        console.print(f"    {finding.issue.cue}")
        for key in finding.issue.exercises:
            exercise = analysis.rules.exercises[key]
            console.print(f"    exercise: {exercise.name}: {exercise.dose}")
    if not analysis.raised:
        console.print("\nNo form issue was raised. Changes are judged against minutes 3 to 8.")
    console.print("\nWhat this sensor cannot see", style="bold")
    for issue, why in analysis.judge.unseen:
        console.print(f"  {issue.name}: {why}")
    console.print("\nThis is about movement and is no diagnosis.", style="dim")
