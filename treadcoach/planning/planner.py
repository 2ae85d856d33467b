"""What to run next, and why: from a plan, what was really run, check-ins and form. Pure.

The same facts give the same schedule. Nothing here says how fast the belt goes: speeds are
words of the plan, and the weekly ceiling (progression.py) and the guard bound what becomes of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache

from treadcoach.core.checkin import CheckIn, Ruling, Verdict
from treadcoach.core.guidance import BeltRules
from treadcoach.core.plan import Plan, PlannedSession, PlanWeek, Role
from treadcoach.core.workout import parse_workout
from treadcoach.planning.checkin import CheckInRules, Rulings
from treadcoach.planning.progression import PastSession, hard_days, week_start

ENOUGH_SHARE = 2 / 3
"""Of a week's sessions: then the plan goes on to the next week."""
WEEKS_BEFORE_EASIER = 4
EASIER_SHARE = 0.7
EASIER_AT_MOST = 0.85
"""A week with less than this of the minutes of the week before it is an easier one by itself."""
IDLE_WEEKS_BEFORE_STEP_BACK = 2
LIGHT = PlannedSession(Role.WALK, "10 min @ 90 % walk", "A light walk")
Key = tuple[int, int]
"""Week and session of the plan, from 0."""


@dataclass(frozen=True, slots=True)
class Done:
    """A session of the plan that was run. faded: its form faded or the belt was eased for it."""

    key: Key
    day: date
    faded: bool = False


@dataclass(frozen=True, slots=True)
class PlanState:
    """A plan as its runner follows it. days: weekdays on which there is time, Monday is 0."""

    plan: Plan
    started: date
    days: frozenset[int]
    done: tuple[Done, ...] = ()
    skipped: frozenset[Key] = frozenset()
    moved: Mapping[Key, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One session with its day. share: of the plan's durations; why: a reason for every field."""

    day: date
    key: Key | None
    session: PlannedSession
    share: float
    flat: bool
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The days ahead, in order. stopped: no session at all, and why; notes: what was decided besides."""

    sessions: tuple[Scheduled, ...]
    notes: tuple[str, ...] = ()
    stopped: str | None = None

    def on(self, day: date) -> Scheduled | None:
        return next((entry for entry in self.sessions if entry.day == day), None)


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a plan stands at the beginning of a week."""

    week: int
    share: float
    why: str
    since_easier: int
    idle: int


def decide(
    state: PlanState,
    history: Sequence[PastSession],
    said: Sequence[CheckIn],
    today: date,
    rules: BeltRules,
    checkins: CheckInRules,
    horizon_days: int = 14,
) -> Schedule:
    """The schedule from today on. `history` is everything that was run, in the plan or not."""
    # What is dated after today (a clock that was wrong) is not known yet; but running ahead is near.
    ahead = [replace(session, day=today) for session in history if session.day > today]
    history = [session for session in history if session.day <= today]
    said = [entry for entry in said if entry.day <= today]
    state = replace(state, done=tuple(done for done in state.done if done.day <= today))
    rulings = Rulings(said, checkins)
    ruling = rulings.on(today)
    if ruling.verdict is Verdict.STOP:
        return Schedule((), ruling.reasons, ruling.reasons[0])
    done_in: dict[date, list[Done]] = {}
    for done in state.done:
        done_in.setdefault(week_start(done.day), []).append(done)
    trained = {week_start(session.day) for session in history}
    position, notes = _position(state, trained, done_in, rulings, today)
    apart = int(rules.hard_days_apart)
    # Of what was run only the newest can touch a day that is planned now.
    near = week_start(today) - timedelta(days=apart)
    late = (session for session in history if session.day >= near)
    hard = hard_days((*late, *ahead), rules)
    hard |= {d.day for d in state.done if d.day >= near and _session(state.plan, d.key).role.is_hard}
    calendar = _Calendar(state, today, rulings, hard, apart, done_in)
    sessions: list[Scheduled] = []
    monday, last = week_start(today), today + timedelta(days=horizon_days - 1)
    while monday <= last:
        planned, dropped = _week(calendar, position, monday)
        sessions += [entry for entry in planned if entry.day <= last]
        if monday == week_start(today):
            notes += dropped
        position = _projected(calendar, position, monday, len(planned), held=ruling.hold)
        monday += timedelta(days=7)
    return Schedule(tuple(sessions), (*ruling.reasons, *notes))


def _projected(
    calendar: "_Calendar", position: _Position, monday: date, planned: int, *, held: bool
) -> _Position:
    """Where the plan will stand a week later if what is scheduled is run."""
    plan = calendar.state.plan
    if held and monday == week_start(calendar.today):
        return replace(position, why="it is repeated, because of a check-in")
    wanted = list(range(len(plan.weeks[position.week].sessions)))
    wanted = [k for k in wanted if (position.week, k) not in calendar.state.skipped]
    ran = [done for done in calendar.done_in.get(monday, ()) if done.key[0] == position.week]
    if position.share == 1.0 and planned + len(ran) < ENOUGH_SHARE * len(wanted):
        return replace(position, why="it is repeated: the week before had too few days for it")
    return _next(plan, position)


def _session(plan: Plan, key: Key) -> PlannedSession:
    """A session by its key; one that a changed plan no longer has counts as a walk."""
    week, index = key
    if week < len(plan.weeks) and index < len(plan.weeks[week].sessions):
        return plan.weeks[week].sessions[index]
    return LIGHT


# -- where the plan stands -------------------------------------------------------------


def _position(
    state: PlanState,
    trained: set[date],
    done_in: Mapping[date, Sequence[Done]],
    rulings: Rulings,
    today: date,
) -> tuple[_Position, list[str]]:
    """Walk through the weeks since the start: on, again, or back. Weeks by their Monday."""
    position = _Position(0, 1.0, "the plan's first week", 0, 0)
    notes: list[str] = []
    monday = week_start(state.started)
    this_week = week_start(today)
    while monday < this_week:
        ran = done_in.get(monday, ())
        position = _after(
            state,
            position,
            {done.key for done in ran if done.key[0] == position.week},
            monday,
            trained=monday in trained,
            faded=any(done.faded for done in ran),
            held=rulings.holds(monday, 7),
        )
        monday += timedelta(days=7)
    if position.why:
        notes.append(f"Week {position.week + 1} of {state.plan.name}: {position.why}.")
    return position, notes


def _after(
    state: PlanState,
    before: _Position,
    done: set[Key],
    monday: date,
    *,
    trained: bool,
    faded: bool,
    held: bool,
) -> _Position:
    """What one week that is over makes of the position."""
    wanted = [
        (before.week, k)
        for k in range(len(state.plan.weeks[before.week].sessions))
        if (before.week, k) not in state.skipped
    ]
    week_of = f"the week of {monday.isoformat()}"
    if not trained:
        idle = before.idle + 1
        back = max(before.week - 1, 0) if idle >= IDLE_WEEKS_BEFORE_STEP_BACK else before.week
        why = f"nothing was run in {week_of}: " + ("a step back" if back < before.week else "it is repeated")
        return _Position(back, 1.0, why, 0, idle)
    if held:
        return replace(before, why=f"it is repeated, because of a check-in in {week_of}", idle=0)
    if faded:
        return replace(before, why=f"it is repeated: form faded in {week_of}", idle=0)
    if before.share == 1.0 and len(done) < ENOUGH_SHARE * len(wanted):
        why = f"it is repeated: {len(done)} of {len(wanted)} sessions were run in {week_of}"
        return replace(before, why=why, idle=0)
    return replace(_next(state.plan, before), idle=0)


def _next(plan: Plan, before: _Position) -> _Position:
    """The position a week later, when this one is run as it stands."""
    if before.share < 1.0:
        return _Position(before.week, 1.0, "after an easier week", 0, 0)
    if before.week + 1 >= len(plan.weeks):
        return _Position(before.week, 1.0, "the plan is complete: its last week goes on", 0, 0)
    week = before.week + 1
    easier = _minutes(plan.weeks[week]) < EASIER_AT_MOST * _minutes(plan.weeks[before.week])
    since = 0 if easier else before.since_easier + 1
    if since >= WEEKS_BEFORE_EASIER and not easier:
        return _Position(before.week, EASIER_SHARE, "an easier week after four that went up", 0, 0)
    return _Position(week, 1.0, plan.weeks[week].theme.lower(), since, 0)


@cache
def _minutes(week: PlanWeek) -> float:
    """About how long a week is, for comparing weeks of one plan: on speeds that stand for anybody's."""
    speeds = {"walk": 5.0, "jog": 8.0}
    return sum(parse_workout(s.main, s.title, s.title, speeds).about_s for s in week.sessions) / 60


# -- one week --------------------------------------------------------------------------


@dataclass(slots=True)
class _Calendar:
    """What a week is put into: the days there are, what they allow, and what was run on them."""

    state: PlanState
    today: date
    rulings: Rulings
    hard_days: set[date]
    apart: int
    done_in: Mapping[date, Sequence[Done]]
    """By the Monday of their week."""

    def free(self, monday: date) -> list[date]:
        taken = {done.day for done in self.done_in.get(monday, ())}
        moved = set(self.state.moved.values())
        days = [monday + timedelta(days=k) for k in range(7)]
        return [
            day
            for day in days
            if day >= self.today
            and day not in taken
            and (self._has_time(day) or day in moved)
            and self.rulings.on(day).verdict is not Verdict.REST
        ]

    def left(self, position: _Position, monday: date) -> list[Key]:
        """Sessions of the plan's week that were not run in this calendar week, nor skipped."""
        ran = {done.key for done in self.done_in.get(monday, ())}
        keys = [(position.week, k) for k in range(len(self.state.plan.weeks[position.week].sessions))]
        return [key for key in keys if key not in ran and key not in self.state.skipped]

    def spread(self, position: _Position, monday: date, free: list[date], wanted: int) -> list[date]:
        """Of the free days those that spread the plan's week evenly over the days with time.

        The same days all week long, whatever was run of it; others only when those do not suffice.
        """
        times = [day for day in (monday + timedelta(days=k) for k in range(7)) if self._has_time(day)]
        count = len(self.state.plan.weeks[position.week].sessions)
        even = {times[at * len(times) // count] for at in range(count)} if times else set()
        moved = set(self.state.moved.values())
        chosen = [day for day in free if day in even or day in moved]
        others = [day for day in free if day not in chosen]
        return sorted([*chosen, *others[: max(wanted - len(chosen), 0)]])

    def _has_time(self, day: date) -> bool:
        return day.weekday() in self.state.days

    def choose(self, waiting: list[Key], day: date, hard_days: set[date]) -> Key | None:
        """The first session in the plan's order that this day allows."""
        near = any(abs((day - other).days) <= self.apart for other in hard_days)
        for key in waiting:
            wanted = self.state.moved.get(key)
            if wanted is not None and wanted != day:
                continue
            if near and _session(self.state.plan, key).role.is_hard:
                continue
            return key
        return None


def _week(calendar: _Calendar, position: _Position, monday: date) -> tuple[list[Scheduled], list[str]]:
    """Put what is left of a plan's week on the days that are left of a calendar week, spread over it."""
    free = calendar.free(monday)
    waiting = calendar.left(position, monday)
    spread = calendar.spread(position, monday, free, len(waiting))
    placed, left = _place(calendar, spread, waiting)
    if left and spread != free:
        placed, left = _place(calendar, free, waiting)
    plan = calendar.state.plan
    out = []
    for day, key in placed:
        ruling = calendar.rulings.on(day)
        if key is None:
            why = dict.fromkeys(("day", "session", "length", "incline", "speed"), ruling.reasons[0])
            out.append(Scheduled(day, None, LIGHT, 1.0, True, why))
            continue
        session = _session(plan, key)
        if session.role.is_hard:
            calendar.hard_days.add(day)
        why = _why(calendar.state, position, key, day, ruling)
        out.append(Scheduled(day, key, session, position.share, ruling.flat, why))
    names = [_session(plan, key).title for key in left]
    notes = [f"'{name}' does not fit into the week: it is dropped, not stacked." for name in names]
    return out, notes


def _place(
    calendar: _Calendar, days: Sequence[date], keys: Sequence[Key]
) -> tuple[list[tuple[date, Key | None]], list[Key]]:
    """Which session on which of these days, None for a light one in its stead; and what is left over."""
    placed: list[tuple[date, Key | None]] = []
    waiting, hard_days = list(keys), set(calendar.hard_days)
    for day in days:
        if not waiting:
            break
        if calendar.rulings.on(day).verdict is Verdict.LIGHTEN:
            placed.append((day, None))
            continue
        key = calendar.choose(waiting, day, hard_days)
        if key is None:
            continue
        waiting.remove(key)
        if _session(calendar.state.plan, key).role.is_hard:
            hard_days.add(day)
        placed.append((day, key))
    return placed, waiting


def _why(state: PlanState, position: _Position, key: Key, day: date, ruling: Ruling) -> dict[str, str]:
    day_why = "a day on which you have time, in the plan's order"
    if state.moved.get(key) == day:
        day_why = "you moved it here"
    if _session(state.plan, key).role.is_hard:
        day_why += "; at least one day lies between two that are not walks (A9)"
    share = "as the plan has it" if position.share == 1.0 else f"{position.share:.0%}: {position.why}"
    return {
        "day": day_why,
        "session": f"week {position.week + 1}: {position.why}",
        "length": share,
        "incline": ruling.reasons[0] if ruling.flat else "as the plan has it",
        "speed": "your own walk and jog, inside this week's ceiling (A2)",
    }
