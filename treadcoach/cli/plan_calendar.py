"""`treadcoach plan calendar`: the sessions ahead as a calendar file."""

import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from treadcoach.app.config import folders, load_runner
from treadcoach.app.training import Training, make_training
from treadcoach.core.errors import InputError
from treadcoach.formats.ics import CalendarEntry, calendar_file, parse_time, parse_zone
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.planner import PlanState, Scheduled
from treadcoach.planning.progression import week_start
from treadcoach.store import diary
from treadcoach.store.schema import open_engine

AHEAD_DAYS = 28
AROUND_MIN = 12.0
"""Warm-up and cool-down, about."""


def export_calendar(
    output: Path | None, at: str, zone: str | None, remind_min: int, data_dir: Path | None, simulated: bool
) -> int:
    """Write the next four weeks. A file that is written again moves and cancels what the first one put in."""
    if not 0 <= remind_min <= 24 * 60:
        raise InputError("--remind", remind_min, "0 (none) to 1440 minutes")
    when, where = parse_time(at), None if zone is None else parse_zone(zone)
    places = folders(data_dir, simulated=simulated)
    runner, rules = load_runner(places.config), load_guidance(places.config).belt
    training = make_training(open_engine(places.journal), runner, rules, places.config)
    today = date.today()
    state = training.state()
    schedule = training.schedule(today, AHEAD_DAYS, state)
    assert state is not None  # or there would have been no schedule
    times = training.times()
    entries = [_entry(training, state, entry, today) for entry in schedule.sessions if entry.key is not None]
    strength = training.strength_ahead(today, AHEAD_DAYS, schedule)
    entries += [_strength(runner.name, day, strength) for day in strength]
    entries = [replace(entry, at=times.get(entry.day.weekday())) for entry in entries]
    gone = _gone(training, {entry.key for entry in entries}, today)
    data = calendar_file([*entries, *gone], when, where, datetime.now().astimezone(), remind_min)
    if output is None or str(output) == "-":
        sys.stdout.buffer.write(data)
    else:
        try:
            output.write_bytes(data)
        except OSError as error:
            raise InputError(
                "--output", str(output), f"a file that can be written ({error.strerror})"
            ) from error
        print(f"{len(entries)} sessions written to {output}, {len(gone)} taken back.")
    listed = [[entry.key, entry.day.isoformat(), entry.title] for entry in entries]
    diary.add(training.engine, runner.name, today, "calendar", {"entries": listed})
    return 0


def _entry(training: Training, state: PlanState, entry: Scheduled, today: date) -> CalendarEntry:
    assert entry.key is not None
    week, session = entry.key
    try:
        minutes = training.resolved(entry, state.plan, today).workout.about_s / 60 + AROUND_MIN
    except InputError:
        minutes = 40.0  # no running speed is known yet; the plan says so where it matters
    # The same session of the same calendar week is the same entry, on whatever day.
    key = f"{training.runner.name}/{state.plan.id}/{state.started}/{week_start(entry.day)}/{week}.{session}"
    why = "\n".join(f"{name}: {reason}" for name, reason in entry.why.items())
    return CalendarEntry(
        key, entry.day, f"treadmill: {entry.session.title}", f"{entry.session.main}\n\n{why}", minutes
    )


def _strength(runner: str, day: date, days: list[date]) -> CalendarEntry:
    # The first and the second of a week keep their entries when they move inside it.
    monday = week_start(day)
    number = [other for other in days if week_start(other) == monday].index(day)
    text = "Strength of legs and core: treadcoach exercises strength --guide"
    return CalendarEntry(f"{runner}/strength/{monday}/{number}", day, "strength: legs and core", text, 20.0)


def _gone(training: Training, kept: set[str], today: date) -> list[CalendarEntry]:
    """What an earlier file had on a day to come and this one has not."""
    known: dict[str, tuple[str, str]] = {}
    for entry in diary.entries(training.engine, training.runner.name, "calendar"):
        for key, day, title in entry.payload["entries"]:
            known[key] = (day, title)
    horizon = today + timedelta(days=AHEAD_DAYS)
    return [
        CalendarEntry(key, date.fromisoformat(day), title, "taken back", 30.0, cancelled=True)
        for key, (day, title) in known.items()
        if key not in kept and today <= date.fromisoformat(day) < horizon
    ]
