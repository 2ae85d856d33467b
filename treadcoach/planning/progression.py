"""The weekly 15 %: how fast this week may be, from what was really run before it.

Like is compared with like: for each duration from 1 to 40 minutes the best speed held in
the last completed training week, times 1.15. See docs/decisions/0003-weekly-ceiling.md.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from treadcoach.core.guidance import BeltRules
from treadcoach.core.runner import Runner
from treadcoach.core.sustained import DURATIONS_S, Curve, best_of


@dataclass(frozen=True, slots=True)
class PastSession:
    """What the weekly rule needs of a session: its local date, curve and time on the belt."""

    day: date
    curve: Curve
    belt_time_s: float
    running_s: float | None = None
    """Seconds faster than walking; None: not known, and the curve has to do."""
    lifts: bool = True
    """False: it is history, but no base for a ceiling (a doubted clock, a file nobody has claimed)."""


@dataclass(frozen=True, slots=True)
class WeeklyCeiling:
    """Ceilings by duration (s -> km/h), the walking speed always allowed, and why."""

    curve: Curve
    walk_kmh: float
    reason: str


def week_start(day: date) -> date:
    """The Monday of the week that day is in."""
    return date.fromordinal(day.toordinal() - day.weekday())


def comfortable_walk_kmh(runner: Runner, rules: BeltRules) -> float:
    stated = runner.comfortable_walk_kmh
    return rules.newcomer_walk_kmh if stated is None else min(stated, rules.newcomer_walk_max_kmh)


def weekly_ceiling(
    history: Iterable[PastSession], today: date, runner: Runner, rules: BeltRules
) -> WeeklyCeiling:
    """The ceiling for the week of `today`. Sessions of this week itself do not count."""
    walk = comfortable_walk_kmh(runner, rules)
    this_week = week_start(today)
    weeks: dict[date, list[PastSession]] = {}
    for session in history:
        start = week_start(session.day)
        if session.lifts and start < this_week:
            weeks.setdefault(start, []).append(session)
    trained = [
        start
        for start, sessions in weeks.items()
        if sum(s.belt_time_s for s in sessions) >= rules.training_week_min_s
    ]
    if not trained:
        return _newcomer(runner, rules, walk)
    latest = max(trained)
    idle_weeks = (this_week - latest).days // 7 - 1
    factor = (1 + rules.weekly_increase_percent / 100) * rules.layoff_factor_per_week**idle_weeks
    best = best_of(session.curve for session in weeks[latest])
    curve = {duration: max(best[duration] * factor, walk) for duration in DURATIONS_S}
    reason = f"{factor:.2f} x your best minute of the week of {latest.isoformat()}"
    if idle_weeks:
        reason += f", lowered for {idle_weeks} week{'s' if idle_weeks > 1 else ''} without training"
    return WeeklyCeiling(curve, walk, reason)


def _newcomer(runner: Runner, rules: BeltRules, walk: float) -> WeeklyCeiling:
    if runner.comfortable_jog_kmh is not None and runner.comfortable_jog_kmh > walk:
        jog = min(runner.comfortable_jog_kmh, rules.newcomer_jog_max_kmh)
        jog = max(jog, walk)
        curve = {d: walk + rules.newcomer_shares[d] * (jog - walk) for d in DURATIONS_S}
        return WeeklyCeiling(curve, walk, "a first week, from the jogging speed you stated")
    if runner.comfortable_walk_kmh is not None:
        return WeeklyCeiling(
            dict.fromkeys(DURATIONS_S, walk), walk, "a first week, at the walking speed you stated"
        )
    top = rules.newcomer_walk_max_kmh
    return WeeklyCeiling(dict.fromkeys(DURATIONS_S, top), walk, "a first week: walking only")


def hard_days(history: Iterable[PastSession], rules: BeltRules) -> set[date]:
    """Days with running in them, however short each stretch was (A9)."""
    running: dict[date, float] = {}
    for session in history:
        ran_s = session.running_s
        if ran_s is None:
            # An old one: a best minute faster than walking is at least that minute of running.
            fastest = max(session.curve.values(), default=0.0)
            ran_s = math.inf if fastest > rules.running_above_kmh + 0.01 else 0.0
        running[session.day] = running.get(session.day, 0.0) + ran_s
    return {day for day, ran_s in running.items() if ran_s >= rules.hard_day_running_s}


def rest_advice(history: Iterable[PastSession], today: date, rules: BeltRules) -> str | None:
    """What A9 says when there was running yesterday or today; None when there was none."""
    days = [(today - day).days for day in hard_days(history, rules)]
    near = [days_ago for days_ago in days if abs(days_ago) <= rules.hard_days_apart]
    if not near:
        return None
    # A day ahead of today was written by another clock, or in another zone: it is near all the same.
    when = "today" if min(near) <= 0 else "yesterday"
    return f"You ran {when}; hard workouts want at least one day between them. Walking may be daily."
