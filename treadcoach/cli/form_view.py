"""Running form for people: a row of the live view, and the end of a session."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from treadcoach.core.body import Tier
from treadcoach.core.units import SpeedUnit
from treadcoach.form.reading import METRICS

FEET_PER_METRE = 3.28084
LIVE = (
    ("vertical_oscillation_mm", "bounce"),
    ("contact_ms", "contact"),
    ("lean_deg", "lean"),
)
SUMMARY = (
    "cadence_spm",
    "stride_length_m",
    "vertical_oscillation_mm",
    "vertical_ratio_percent",
    "contact_ms",
    "shock_g",
    "lean_deg",
    "step_asymmetry_percent",
    "rotation_deg",
    "obliquity_deg",
)


def live_row(form: Mapping[str, Any] | None) -> list[Text]:
    """Four cells of form; none without a sensor. ~ stands before an estimate."""
    sensor = _first_sensor(form)
    if form is None or sensor is None:
        return []
    cells = []
    for name, words in LIVE:
        found = sensor["metrics"].get(name)
        value = None if found is None else found["value"]
        shown = "–" if value is None else f"{_sign(found['tier'])}{value:.0f} {METRICS[name].unit}"
        if found is not None and found["tier"] == Tier.UNSEEN:
            shown = "not seen"
        cells.append(Text.assemble((words + "\n", "dim"), (shown, "bold")))
    issues = [str(issue["name"]).partition(" (")[0] for issue in form["issues"]]
    state = "–" if sensor["gait"] is None else "good"
    if issues:
        state = issues[0] if len(issues) == 1 else f"{issues[0]}, and {len(issues) - 1} more"
    cells.append(Text.assemble(("form\n", "dim"), (state, "bold yellow" if issues else "bold green")))
    return cells


def live_lines(form: Mapping[str, Any] | None) -> list[Text]:
    """What is up now, and an offer that waits for an answer."""
    if form is None:
        return []
    lines = [
        Text(f"form: {issue['name']}: {'; '.join(issue['seen'])}", style="yellow")
        for issue in form["issues"][:2]
    ]
    if form["offer"]:
        lines.append(Text(f" {form['offer']} Y: yes. K: keep going. ", style="bold reverse"))
    return lines


def status_lines(form: Any) -> list[str]:
    """Form for a second terminal: the values with their tier, the issues, an offer, what is not seen."""
    sensor = _first_sensor(form)
    if sensor is None:
        return []
    values = []
    for name in SUMMARY:
        found = sensor["metrics"][name]
        if found["value"] is not None:
            metric = METRICS[name]
            shown = f"{_sign(found['tier'])}{found['value']:.{metric.digits}f} {metric.unit}"
            values.append(f"{metric.words} {shown}")
    lines = [f"form ({sensor['kind']}): {', '.join(values) or 'nothing yet'}"]
    lines += [f"form issue: {issue['name']}: {'; '.join(issue['seen'])}" for issue in form["issues"]]
    if form["offer"]:
        lines.append(form["offer"])
    unseen = ", ".join(entry["name"].lower() for entry in form["cannot_see"])
    return [*lines, f"not seen: {unseen}"] if unseen else lines


def _first_sensor(form: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if form is None:
        return None
    with_values = [sensor for sensor in form["sensors"] if sensor["metrics"]]
    found: Mapping[str, Any] | None = with_values[0] if with_values else None
    return found


def _sign(tier: str) -> str:
    return "~" if tier != Tier.MEASURED else ""


def print_form_summary(console: Console, form: Mapping[str, Any] | None, unit: SpeedUnit) -> None:
    """Medians by gait, the issues with what was done, exercises, and what was not seen."""
    if not form or not form.get("sensors"):
        return
    for sensor in form["sensors"]:
        if sensor["medians"]:
            console.print(f"\nRunning form, {sensor['name']} ({sensor['kind']})", style="bold")
            trust = sensor.get("trust", {})
            console.print(_medians(sensor["medians"], trust, imperial=unit.imperial))
    if form["issues"]:
        console.print("\nForm issues", style="bold")
    for issue in form["issues"]:
        times = "once" if issue["times"] == 1 else f"{issue['times']} times"
        console.print(
            f"  {issue['name']}: {times}, {issue['seconds']} s in all, cued {_count(issue['cues'])}"
        )
    for reason in form["easings"]:
        console.print(f"  the belt was {reason}")
    if form["exercises"]:
        console.print("\nExercises for that, from the documents", style="bold")
    for exercise in form["exercises"]:
        console.print(f"  {exercise['name']}: {exercise['dose']} ({exercise['source']})")
    unseen = ", ".join(entry["name"].lower() for entry in form["cannot_see"])
    if unseen:
        console.print(f"\nNot seen with what was worn: {unseen}.", style="dim")
    console.print("Form values compare you with yourself; they are no diagnosis.", style="dim")


def _count(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _medians(
    medians: Mapping[str, Mapping[str, float]], trust: Mapping[str, Mapping[str, str]], *, imperial: bool
) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("median")
    for gait in medians:
        table.add_column(gait, justify="right")
    table.add_column("")
    table.add_column("trust")
    for name in SUMMARY:
        metric = METRICS[name]
        values = [medians[gait].get(name) for gait in medians]
        if all(value is None for value in values):
            continue
        feet = imperial and metric.unit == "m"
        factor, unit = (FEET_PER_METRE, "ft") if feet else (1.0, metric.unit)
        shown = ["–" if value is None else f"{value * factor:.{metric.digits}f}" for value in values]
        told = trust.get(name, {})
        words = ", ".join(part for part in (told.get("tier"), told.get("error")) if part)
        table.add_row(metric.words, *shown, unit, words)
    return table
