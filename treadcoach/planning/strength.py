"""Days for strength of legs and core: two a week at least, with a day between, away from hard sessions."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from treadcoach.planning.planner import Schedule
from treadcoach.planning.prescription import STRENGTH_DAYS_A_WEEK
from treadcoach.planning.progression import week_start

APART_DAYS = 2
"""From one to the next: a muscle that was loaded rests for a day."""


def strength_days(
    schedule: Schedule,
    done: Iterable[date],
    today: date,
    horizon_days: int,
    rests: Callable[[date], bool],
) -> list[date]:
    """The days from today on, in order. rests: whether check-ins make a day one of rest.

    Where the week leaves a choice: on a day of walking, else one without a session, and not before or
    on a hard day. A week with too few days left for two gets what fits.
    """
    if schedule.stopped is not None:
        return []
    taken = sorted(set(done))
    out: list[date] = []
    monday, last = week_start(today), today + timedelta(days=horizon_days - 1)
    while monday <= last:
        week = [monday + timedelta(days=k) for k in range(7)]
        missing = STRENGTH_DAYS_A_WEEK[0] - sum(day in week for day in taken)
        for day in sorted(week, key=lambda day: (_burden(schedule, day), day)):
            near = any(abs((day - other).days) < APART_DAYS for other in (*taken, *out))
            if missing > 0 and today <= day and not near and not rests(day):
                out.append(day)
                missing -= 1
        monday += timedelta(days=7)
    return sorted(day for day in out if day <= last)


def _burden(schedule: Schedule, day: date) -> int:
    """How badly strength fits on a day: 0 best."""
    entry, following = schedule.on(day), schedule.on(day + timedelta(days=1))
    if entry is not None and entry.session.role.is_hard:
        return 3
    if following is not None and following.session.role.is_hard:
        return 2
    return 0 if entry is not None else 1
