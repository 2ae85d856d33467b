"""`treadcoach exercises`: what the documents prescribe, and a guide through it with holds and counts."""

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from rich.console import Console
from sqlalchemy import Engine

from treadcoach.app.config import folders, load_runner
from treadcoach.app.desk import open_desk
from treadcoach.app.storing import open_store
from treadcoach.cli import exercise_diary
from treadcoach.core.errors import InputError
from treadcoach.core.exercises import Exercise, Prescriptions
from treadcoach.core.runner import Runner
from treadcoach.core.units import format_distance, format_duration
from treadcoach.planning.prescription import (
    AFTER,
    BEFORE,
    STRENGTH_DAYS_A_WEEK,
    around,
    core_minutes,
    load_prescriptions,
)
from treadcoach.store import history
from treadcoach.store.imports import IMPORTED

Set = Literal["before", "after", "strength", "screens", "last", "all"]
SETS: tuple[Set, ...] = ("last", "before", "after", "strength", "screens", "all")
READY_S = 5.0
COUNT_S = 3.0


def line_of(exercise: Exercise) -> str:
    """An exercise on one line: how long, what, and on which side."""
    sides = ", both sides" if exercise.sides else ""
    length = " " * 6 if exercise.kind == "habit" else f"{exercise.about_s:>4.0f} s"
    return f"{length}  {exercise.name}{sides}"


def chosen(prescriptions: Prescriptions, which: str, *, aching_back: bool) -> list[Exercise]:
    """The exercises of a set, without what an aching back leaves out. Raises InputError."""
    match which:
        case "before":
            return around(prescriptions, BEFORE, aching_back=aching_back)
        case "after":
            return around(prescriptions, AFTER, aching_back=aching_back)
        case "strength":
            return prescriptions.of("apart", ("strength", "mobility", "drill"), aching_back=aching_back)
        case "screens":
            return prescriptions.of("apart", ("screen",), aching_back=aching_back)
        case "all":
            entries = prescriptions.exercises.values()
            return [e for e in entries if not (aching_back and e.avoid_with_aching_back)]
    raise InputError("exercises", which, f"one of {', '.join(SETS)}")


def show_exercises(which: str, guided: bool, data_dir: Path | None, simulated: bool) -> int:
    """Print a set, or lead through it."""
    places = folders(data_dir, simulated=simulated)
    runner = load_runner(places.config)
    prescriptions = load_prescriptions()
    console = Console(highlight=False, markup=False)
    if which == "last":
        exercises = _for_the_last(console, prescriptions, open_store(places), runner)
    else:
        exercises = chosen(prescriptions, which, aching_back=runner.aching_back)
    if guided:
        if not sys.stdin.isatty():
            raise InputError("--guide", "no terminal", "a terminal, where somebody follows along")
        guide(exercises, console.print, time.sleep)
        return 0
    results = open_desk(data_dir, simulated=simulated).training().screens() if which == "screens" else {}
    for exercise in exercises:
        _print(console, exercise)
        for line in exercise_diary.result_lines(results.get(exercise.id, [])):
            console.print(f"        {line}", style="cyan")
    if which == "screens":
        console.print("\nWrite a result down: treadcoach exercises screens --result ID=passed", style="dim")
    if which == "all":
        console.print("\nAround the belt", style="bold")
        for note in prescriptions.notes:
            console.print(f"  {note.text} ({note.source})")
    if runner.aching_back:
        left_out = ", ".join(prescriptions.avoided)
        console.print(f"\nWith an aching back, leave out: {left_out} ({prescriptions.avoided_source}).")
    low, high = STRENGTH_DAYS_A_WEEK
    console.print(f"\nStrength of legs and core {low} to {high} days a week (ngo, millar).", style="dim")
    console.print("Stop what hurts. This is no treatment and no diagnosis.", style="dim")
    return 0


def _for_the_last(
    console: Console, prescriptions: Prescriptions, engine: Engine, runner: Runner
) -> list[Exercise]:
    """After the last session: stretches, its core minutes, and what its form issues ask for."""
    newest = history.list_sessions(engine, limit=1)
    if not newest:
        console.print("No session yet: the stretches for after one.\n")
        return around(prescriptions, AFTER, aching_back=runner.aching_back)
    row = newest[0]
    summary = {} if row.state == IMPORTED else history.setup_of(engine, row.id)[1]
    form = summary.get("form") or {}
    engine.dispose()
    minutes = core_minutes(row.distance_m)
    wanted = [entry["id"] for entry in form.get("exercises", ()) if entry["id"] in prescriptions.exercises]
    console.print(
        f"After session {row.id} ({row.title}, {format_distance(row.distance_m, runner.unit)}):"
        f" stretches, {format_duration(60 * minutes)} of core work (a minute a mile, ngo)"
        + (", and for its form issues:" if wanted else ".")
        + "\n"
    )
    return around(prescriptions, (*AFTER, *wanted), aching_back=runner.aching_back)


def _print(console: Console, exercise: Exercise) -> None:
    console.print(line_of(exercise), style="bold")
    console.print(
        f"        {exercise.dose}; {exercise.aims[0].lower()}{exercise.aims[1:]} ({exercise.source})"
    )
    if exercise.passed is not None:
        console.print(f"        {exercise.id}; passed: {exercise.passed}")
    if exercise.cautions is not None:
        console.print(f"        {exercise.cautions}", style="yellow")


def guide(exercises: Iterable[Exercise], say: Callable[[str], None], wait: Callable[[float], None]) -> None:
    """Lead through exercises: sides, sets, holds in seconds, counts. `wait` passes the time."""
    for exercise in exercises:
        if exercise.kind == "habit":
            continue
        say(f"\n{exercise.name}: {exercise.dose}")
        if exercise.cautions is not None:
            say(f"  {exercise.cautions}")
        wait(READY_S)
        for number in range(1, exercise.sets + 1):
            if exercise.sets > 1:
                say(f"  set {number} of {exercise.sets}")
            for side in ("left", "right") if exercise.sides else ("",):
                if side:
                    say(f"  {side} side")
                _round(exercise, say, wait)
                wait(exercise.rest_s)
    say("\nDone.")


def _round(exercise: Exercise, say: Callable[[str], None], wait: Callable[[float], None]) -> None:
    for count in range(1, exercise.times + 1):
        if exercise.hold_s is None:
            say(f"    {count}")
            wait(COUNT_S)
            continue
        say(
            f"    hold {exercise.hold_s:g} s"
            + (f" ({count} of {exercise.times})" if exercise.times > 1 else "")
        )
        wait(exercise.hold_s)
        if count < exercise.times:
            say("    relax")
            wait(1.0)
