"""The days and times on which a runner can train, as they are typed."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from treadcoach.core.errors import InputError
from treadcoach.core.times import parse_time

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALLOWED = f"daily, or some of {','.join(WEEKDAYS)}, each with a time if you like: 'mon 18:30, sat 9:00'"


@dataclass(frozen=True, slots=True)
class TrainingDays:
    """Weekdays (Monday is 0), and the times of those that have one."""

    days: frozenset[int]
    times: dict[int, time] = field(default_factory=dict)


def parse_days(text: str) -> TrainingDays:
    """Read 'mon,wed,fri', 'mon 18:30, sat 9:00', 'daily' or 'daily 7:00'. Raises InputError."""
    days: set[int] = set()
    times: dict[int, time] = {}
    latest: list[int] = []
    for word in text.replace(",", " ").split():
        if ":" in word:
            if not latest:
                raise InputError("--days", word, ALLOWED)
            at = parse_time(word.zfill(5), "--days")
            times |= dict.fromkeys(latest, at)
            latest = []
            continue
        if word.lower() == "daily":
            latest = list(range(7))
        elif word[:3].lower() in WEEKDAYS:
            latest = [WEEKDAYS.index(word[:3].lower())]
        else:
            raise InputError("--days", word, ALLOWED)
        days.update(latest)
    if not days:
        raise InputError("--days", text, ALLOWED)
    return TrainingDays(frozenset(days), times)


def parse_day(text: str, today: date, place: str = "date") -> date:
    """Read '2026-12-01', 'today' or 'tomorrow'. Raises InputError."""
    words = {"today": today, "tomorrow": today + timedelta(days=1)}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(place, text, "today, tomorrow or a date such as 2026-12-01") from None
