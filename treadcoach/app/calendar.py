"""The sessions ahead as a calendar file: the entries, and what was taken back since the last one."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from treadcoach.app.training import Training
from treadcoach.core.errors import InputError
from treadcoach.formats.ics import CalendarEntry, calendar_file
from treadcoach.planning.planner import PlanState, Scheduled
from treadcoach.planning.progression import week_start
from treadcoach.store import diary

AHEAD_DAYS = 28
AROUND_MIN = 12.0
"""Warm-up and cool-down, about."""


def calendar(
    training: Training, at: time, zone: ZoneInfo | None, now: datetime, remind_min: int
) -> tuple[bytes, int, int]:
    """The next four weeks as a file, how many entries it has and how many it takes back.

    What is in it is written into the diary, so that the next file moves and cancels. Raises InputError
    without a plan.
    """
    today = now.date()
    state = training.state()
    schedule = training.schedule(today, AHEAD_DAYS, state)
    assert state is not None  # or there would have been no schedule
    times = training.times()
    entries = [_entry(training, state, entry, today) for entry in schedule.sessions if entry.key is not None]
    strength = training.strength_ahead(today, AHEAD_DAYS, schedule)
    entries += [_strength(training.runner.name, day, strength) for day in strength]
    entries = [replace(entry, at=times.get(entry.day.weekday())) for entry in entries]
    gone = _gone(training, {entry.key for entry in entries}, today)
    data = calendar_file([*entries, *gone], at, zone, now, remind_min)
    listed = [[entry.key, entry.day.isoformat(), entry.title] for entry in entries]
    diary.add(training.engine, training.runner.name, today, "calendar", {"entries": listed})
    return data, len(entries), len(gone)


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
