"""`treadcoach sessions`: list, show, replay, export, delete."""

import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, Row

from treadcoach.app.config import folders, load_runner, runner_with
from treadcoach.app.desk import open_desk
from treadcoach.app.exporting import WRITERS, export
from treadcoach.app.handing_on import hand_on_all
from treadcoach.app.order_runs import OrderRun, order_runs
from treadcoach.app.replay import replay
from treadcoach.app.storing import open_store
from treadcoach.cli.exercises import line_of
from treadcoach.cli.form_view import print_form_summary
from treadcoach.cli.lines import print_wrapped
from treadcoach.core.errors import InputError
from treadcoach.core.phases import Phase
from treadcoach.core.units import SpeedUnit, format_distance, format_duration, format_speed
from treadcoach.planning.prescription import AFTER, around, core_minutes, load_prescriptions
from treadcoach.store import history
from treadcoach.store.imports import IMPORTED


def _open(data_dir: Path | None, simulated: bool, unit: str | None) -> tuple[Engine, SpeedUnit]:
    places = folders(data_dir, simulated=simulated)
    runner = load_runner(places.config)
    if unit is not None:
        runner = runner_with(runner, {"unit": unit}, "--unit")
    return open_store(places), runner.unit


def _number(engine: Engine, number: int | None) -> int:
    if number is not None:
        return history.get_session(engine, number).id
    newest = history.list_sessions(engine, limit=1)
    if not newest:
        raise InputError("session", "newest", "a session; there is none yet in this journal")
    return newest[0].id


def list_them(limit: int, unit: str | None, data_dir: Path | None, simulated: bool) -> int:
    engine, shown = _open(data_dir, simulated, unit)
    rows = history.list_sessions(engine, limit)
    console = Console(highlight=False, markup=False)
    if not rows:
        console.print("No session yet. 'treadcoach run' starts one; 'treadcoach demo' shows one.")
        return 0
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("no.", "started", "what", "state", "on belt", "distance", f"top {shown.value}", "pulse"):
        left = title in ("started", "what", "state")
        table.add_column(
            title,
            justify="left" if left else "right",
            no_wrap=True,
            overflow="ellipsis",
            max_width=14 if title == "what" else None,
        )
    for row in rows:
        started = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.started_unix_s))
        pulse = "–" if row.mean_heart_rate_bpm is None else f"{row.mean_heart_rate_bpm:.0f}"
        table.add_row(
            str(row.id),
            started,
            row.title,
            row.state,
            format_duration(row.belt_time_s),
            format_distance(row.distance_m, shown),
            format_speed(row.top_speed_kmh, shown, with_unit=False),
            pulse,
        )
    console.print(table)
    return 0


def show_one(number: int | None, unit: str | None, data_dir: Path | None, simulated: bool) -> int:
    engine, shown = _open(data_dir, simulated, unit)
    print_session(engine, _number(engine, number), shown)
    return 0


def print_summary(
    engine: Engine, number: int, unit: SpeedUnit, *, simulated: bool, data_dir: Path | None
) -> None:
    """The end of a session: its figures, the stretches, and where to read on."""
    console = Console(highlight=False, markup=False)
    _head(console, engine, number, unit)
    row = history.get_session(engine, number)
    print_form_summary(console, history.setup_of(engine, number)[1].get("form"), unit)
    if row.state == "completed":
        console.print("\nNow stretch hips, legs and lower back:")
        aching = bool(history.setup_of(engine, number)[0]["runner"]["aching_back"])
        for exercise in around(load_prescriptions(), AFTER, aching_back=aching):
            console.print(f"  {line_of(exercise)}")
        minutes = core_minutes(row.distance_m)
        console.print(f"Core work for this distance: {format_duration(60 * minutes)} (a minute a mile, ngo).")
    options = " --simulated" if simulated else ""
    options += f" --data-dir {data_dir}" if data_dir is not None else ""
    console.print(
        f"\nMinute by minute, with every why: treadcoach sessions show {number}{options}", soft_wrap=True
    )


def _head(console: Console, engine: Engine, number: int, unit: SpeedUnit) -> None:
    row = history.get_session(engine, number)
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.started_unix_s))
    console.print(f"\nSession {number}: {row.title}, {started}, {row.machine}: {row.state}", style="bold")
    pulse = "" if row.mean_heart_rate_bpm is None else f", mean pulse {row.mean_heart_rate_bpm:.0f}"
    console.print(
        f"{format_duration(row.belt_time_s)} on the belt, {format_distance(row.distance_m, unit)},"
        f" top {format_speed(row.top_speed_kmh, unit)}{pulse}"
    )
    held = [
        f"{s // 60} min {format_speed(v, unit, with_unit=False)}"
        for s, v in row.curve.items()
        if s <= row.belt_time_s
    ]
    if held:
        console.print(f"best held ({unit.value}): {', '.join(held)}")
    if row.state == IMPORTED:
        console.print("Imported from elsewhere: it has no log.")
        return
    setup, summary, _ = history.setup_of(engine, number)
    console.print(
        f"ceiling: {format_speed(setup['ceiling']['curve']['60'], unit)} ({setup['ceiling']['reason']})"
    )
    for note in setup["timeline"]["notes"]:
        console.print(f"- {note}")
    if summary.get("stop_cause") and row.state != "completed":
        console.print(f"ended: {summary['stop_cause']}")
    if summary.get("closing_advice"):
        console.print(summary["closing_advice"], style="bold red")


def print_session(engine: Engine, number: int, unit: SpeedUnit) -> None:
    console = Console(highlight=False, markup=False)
    _head(console, engine, number, unit)
    if history.get_session(engine, number).state == IMPORTED:
        return
    samples = history.rows_of(engine, "samples", number)
    orders = history.rows_of(engine, "orders", number)
    events = [
        row
        for row in history.rows_of(engine, "events", number)
        if row.kind in ("say", "alarm", "hand", "fault")
    ]
    if not samples:
        console.print("Nothing was recorded.")
        return
    begin = history.setup_of(engine, number)[2]
    console.print("\nMinute by minute", style="bold")
    # What the warden did comes after the last sample.
    end_s = max(row.t_s for row in (samples[-1], *orders[-1:], *events[-1:]))
    last = int((end_s - begin) // 60)
    for minute in range(last + 1):
        low, high = begin + 60 * minute, begin + 60 * (minute + 1)
        within = [row for row in samples if low <= row.t_s < high]
        if within:
            _print_minute(console, minute, within, unit)
        lines = [
            (row.t_s, f"  {format_duration(row.t_s - begin):>6}  {row.text}")
            for row in events
            if low <= row.t_s < high
        ]
        chosen = [row for row in orders if low <= row.t_s < high]
        lines += [(begin + run.t_s, _order_line(run, unit)) for run in order_runs(chosen, begin)]
        for _, text in sorted(lines):
            console.print(text, style="dim" if " -> " in text else "", markup=False)
    print_form_summary(console, history.setup_of(engine, number)[1].get("form"), unit)


def _print_minute(console: Console, minute: int, rows: list[Row[Any]], unit: SpeedUnit) -> None:
    speeds = [row.speed_kmh for row in rows if row.speed_kmh is not None]
    pulses = [row.heart_rate_bpm for row in rows if row.heart_rate_bpm is not None]
    cadences = [row.cadence_spm for row in rows if row.cadence_spm]
    inclines = [row.incline_percent for row in rows if row.incline_percent is not None]
    mean = sum(speeds) / len(speeds) if speeds else None
    parts = [f"{minute:>3} min  {Phase(rows[-1].phase).words:<13}", f"{format_speed(mean, unit):>11}"]
    parts.append(f"{inclines[-1]:>5.1f} %" if inclines else "      –")
    parts.append(f"{format_distance(rows[-1].distance_m, unit):>9}")
    parts.append(f"pulse {sum(pulses) / len(pulses):.0f}" if pulses else "pulse –")
    parts.append(f"cadence {sum(cadences) / len(cadences):.0f}" if cadences else "")
    console.print("  ".join(parts).rstrip(), style="cyan")


def _order_line(run: OrderRun, unit: SpeedUnit) -> str:
    at = f"  {format_duration(run.t_s):>6}  -> {run.words(unit)}"
    if run.kind == "start":
        return f"{at}: {run.reason}, {run.answer or 'no answer'}"
    steps = f" in {run.steps} steps" if run.steps > 1 else ""
    answer = f" [{', '.join(run.odd)}]" if run.odd else ""
    return f"{at}{steps}: {run.reason}{answer}"


def replay_one(number: int | None, data_dir: Path | None, simulated: bool) -> int:
    engine, _ = _open(data_dir, simulated, None)
    chosen = _number(engine, number)
    outcome = replay(engine, chosen)
    print(
        f"Session {chosen}: {outcome.inputs} inputs fed in again, {outcome.orders} orders and stops"
        f" compared in {outcome.took_s:.2f} s."
    )
    for line in outcome.differences[:20]:
        print(f"  {line}")
    print(
        "Every order is the same." if not outcome.differences else f"{len(outcome.differences)} differences."
    )
    return 0 if not outcome.differences else 1


def export_one(
    kind: str, number: int | None, output: Path | None, data_dir: Path | None, simulated: bool
) -> int:
    if kind not in WRITERS:
        raise InputError("format", kind, ", ".join(WRITERS))
    desk = open_desk(data_dir, simulated=simulated)
    chosen = _number(desk.engine, number)
    data = export(desk, chosen, kind)
    if output is None or str(output) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return 0
    try:
        output.write_bytes(data)
    except OSError as error:
        raise InputError("--output", str(output), f"a file that can be written ({error.strerror})") from error
    print(f"Session {chosen} written to {output}, {len(data)} octets.")
    return 0


def hand_on(data_dir: Path | None, simulated: bool) -> int:
    """Try what is due, and say how it went. 1 when something has to be tried again."""
    tried = hand_on_all(data_dir, simulated=simulated)
    for runner, one in tried:
        how = "done" if one.done_unix_s is not None else f"not yet ({one.error}); it is tried again"
        print_wrapped(f"Session {one.session_id} of {runner}, {one.target}: {how}.")
    return 0 if all(one.done_unix_s is not None for _, one in tried) else 1


def delete_one(number: int, yes: bool, data_dir: Path | None, simulated: bool) -> int:
    engine, unit = _open(data_dir, simulated, None)
    row = history.get_session(engine, number)
    what = f"session {number} ({row.title}, {row.day}, {format_distance(row.distance_m, unit)})"
    if not yes:
        if not sys.stdin.isatty():
            raise InputError("--yes", "not given", "--yes, where nobody can be asked")
        if input(f"Delete {what} for good? Type yes: ").strip().lower() != "yes":
            print("Kept.")
            return 1
    history.delete_session(engine, number)
    print(f"Deleted {what}. It no longer counts for the weekly ceiling.")
    return 0
