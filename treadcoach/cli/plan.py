"""`treadcoach plan`: what to run next, and why."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from treadcoach.app import decisions
from treadcoach.app.config import folders
from treadcoach.app.days import parse_day, parse_days
from treadcoach.app.decisions import followed
from treadcoach.app.desk import open_desk
from treadcoach.app.training import Training
from treadcoach.core.errors import InputError
from treadcoach.core.plan import References
from treadcoach.core.units import format_duration, format_speed
from treadcoach.planning.planner import PlanState, Schedule, Scheduled
from treadcoach.planning.plans import load_plans, resolve
from treadcoach.planning.prescription import STRENGTH_DAYS_A_WEEK

WHAT_IF_DAYS = 28
MOST_LINES = 6
DOCTOR = "Over 35, or with pre-existing problems: see a physician before you begin a programme (A11)."


def _training(data_dir: Path | None, simulated: bool) -> Training:
    return open_desk(data_dir, simulated=simulated).training()


def _console() -> Console:
    return Console(highlight=False, markup=False)


def list_plans(data_dir: Path | None) -> int:
    console = _console()
    for plan in load_plans(folders(data_dir).config / "plans").values():
        count = len(plan.weeks)
        console.print(f"{plan.id}: {plan.name}, {count} weeks", style="bold")
        console.print(f"    {plan.for_whom}")
        console.print(f"    sources: {', '.join(plan.sources)}", style="dim")
    return 0


def show_plan(name: str, data_dir: Path | None, simulated: bool) -> int:
    training = _training(data_dir, simulated)
    plan = training.plan(name)
    console = _console()
    console.print(f"{plan.name}\n{plan.for_whom}", style="bold")
    trial = References(5.0, 8.0)
    for number, week in enumerate(plan.weeks, 1):
        console.print(f"\nWeek {number}: {week.theme}", style="cyan")
        for at, session in enumerate(week.sessions, 1):
            about = resolve(session, trial, plan.incline_percent).workout.about_s
            console.print(f"  {number}.{at}  {session.role:<5} {format_duration(about):>6}  {session.main}")
    console.print("\nWarm-up and cool-down are added to each. walk and jog are your own speeds.", style="dim")
    return 0


def start_plan(
    name: str, days: str, day: str, physician_seen: bool, data_dir: Path | None, simulated: bool
) -> int:
    """Follow a plan from a day on."""
    training = _training(data_dir, simulated)
    today = date.today()
    age = training.runner.age_years
    first = not training.check_ins() and training.state() is None
    if first and (age is None or age > training.rules.physician_from_age) and not physician_seen:
        print(DOCTOR)
    started = decisions.start_plan(training, name, days, day, today)
    print(f"You follow '{training.plan(name).name}' from {started.isoformat()}.")
    return week(data_dir, simulated)


def stop_plan(data_dir: Path | None, simulated: bool) -> int:
    training = _training(data_dir, simulated)
    name = decisions.stop_plan(training, date.today())
    print(f"'{name}' is not followed any more. What you ran stays.")
    return 0


def today(data_dir: Path | None, simulated: bool) -> int:
    """Today's session and why it is what it is."""
    training = _training(data_dir, simulated)
    now = date.today()
    console = _console()
    schedule = training.schedule(now, 14)
    if schedule.stopped is not None:
        console.print(schedule.stopped, style="bold red")
        return 1
    entry = schedule.on(now)
    if now in training.strength_ahead(now, 1, schedule):
        console.print("Today is a day for strength: treadcoach exercises strength --guide", style="cyan")
    if due := training.screens_due(now):
        screens = "A screen is" if len(due) == 1 else f"{len(due)} screens are"
        console.print(f"{screens} due: treadcoach exercises screens", style="cyan")
    if entry is None:
        following = schedule.sessions[0].day.isoformat() if schedule.sessions else "not in sight"
        console.print(f"Nothing today. Next session: {following}.")
        _print_notes(console, schedule.notes)
        return 0
    _print_session(console, training, entry)
    _print_why(console, entry)
    _print_notes(console, schedule.notes)
    console.print("\nRun it: treadcoach run --today", style="bold")
    return 0


def week(data_dir: Path | None, simulated: bool, horizon_days: int = 14) -> int:
    """The next sessions with their dates."""
    training = _training(data_dir, simulated)
    now = date.today()
    schedule = training.schedule(now, horizon_days)
    _print_schedule(training, schedule, followed(training))
    if strength := training.strength_ahead(now, horizon_days, schedule):
        days = ", ".join(f"{day:%a %Y-%m-%d}" for day in strength)
        low, high = STRENGTH_DAYS_A_WEEK
        text = f"Strength of legs and core, {low} to {high} days a week (ngo, millar): {days}"
        _console().print(text, style="cyan")
    return 0


def what_if(name: str | None, days: str | None, data_dir: Path | None, simulated: bool) -> int:
    """The next four weeks, of the plan that is followed or of another, changing nothing."""
    training = _training(data_dir, simulated)
    now = date.today()
    state = training.state()
    if name is not None:
        state = PlanState(training.plan(name), now, parse_days(days or "daily").days)
    elif days is not None:
        state = replace(followed(training), days=parse_days(days).days)
    elif state is None:
        state = followed(training)
    _print_schedule(training, training.schedule(now, WHAT_IF_DAYS, state), state)
    print("Nothing was changed.")
    return 0


def why(day: str, data_dir: Path | None, simulated: bool) -> int:
    """The reason for every field of one day's session."""
    training = _training(data_dir, simulated)
    now = date.today()
    wanted = parse_day(day, now)
    ahead = (wanted - now).days
    if not 0 <= ahead <= 60:
        raise InputError("date", day, "a day from today to 60 days ahead")
    schedule = training.schedule(now, ahead + 1)
    entry = schedule.on(wanted)
    console = _console()
    if schedule.stopped is not None:
        console.print(schedule.stopped, style="bold red")
    elif entry is None:
        console.print(f"No session on {wanted.isoformat()}.")
    else:
        _print_session(console, training, entry)
        _print_why(console, entry)
    _print_notes(console, schedule.notes)
    return 0


def move(session: str, to: str, data_dir: Path | None, simulated: bool) -> int:
    decisions.move_session(_training(data_dir, simulated), session, to, date.today())
    return week(data_dir, simulated)


def skip(session: str, data_dir: Path | None, simulated: bool) -> int:
    decisions.skip_session(_training(data_dir, simulated), session, date.today())
    return week(data_dir, simulated)


# -- printing --------------------------------------------------------------------------


def _print_schedule(training: Training, schedule: Schedule, state: PlanState) -> None:
    console = _console()
    console.print(f"{state.plan.name}", style="bold")
    if schedule.stopped is not None:
        console.print(schedule.stopped, style="bold red")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("day", "no.", "what", "about", "main set"):
        table.add_column(title, no_wrap=title != "main set")
    for entry in schedule.sessions:
        about = _about_s(training, entry, state)
        number = "–" if entry.key is None else f"{entry.key[0] + 1}.{entry.key[1] + 1}"
        share = "" if entry.share == 1.0 else f" ({entry.share:.0%})"
        table.add_row(
            f"{entry.day:%a %Y-%m-%d}",
            number,
            entry.session.role.value,
            "–" if about is None else format_duration(about),
            entry.session.main + share + (", flat" if entry.flat else ""),
        )
    console.print(table)
    _print_notes(console, schedule.notes)


def _about_s(training: Training, entry: Scheduled, state: PlanState) -> float | None:
    try:
        return training.resolved(entry, state.plan, date.today()).workout.about_s
    except InputError:
        return None  # no running speed is known yet; 'plan today' says so


def _print_session(console: Console, training: Training, entry: Scheduled) -> None:
    state = followed(training)
    found = training.resolved(entry, state.plan, date.today())
    unit = training.runner.unit
    references = training.references(date.today())
    console.print(f"{entry.day:%A %Y-%m-%d}: {entry.session.title}", style="bold")
    share = "" if entry.share == 1.0 else f", {entry.share:.0%} of it"
    jog = "" if references.jog_kmh is None else f", jog {format_speed(references.jog_kmh, unit)}"
    console.print(f"  {entry.session.main}{share}")
    console.print(f"  walk {format_speed(references.walk_kmh, unit)}{jog}", style="dim")
    if len(found.workout.segments) > MOST_LINES:
        return
    for segment in found.workout.segments:
        about = format_duration(segment.about_s)
        tilt = "" if segment.incline_percent is None else f", {segment.incline_percent:g} %"
        console.print(f"  {about:>6} at {format_speed(segment.speed_kmh, unit)}{tilt}")


def _print_why(console: Console, entry: Scheduled) -> None:
    console.print("\nWhy", style="bold")
    for name, reason in entry.why.items():
        console.print(f"  {name:<8} {reason}")


def _print_notes(console: Console, notes: Iterable[str]) -> None:
    for note in notes:
        console.print(f"- {note}")
