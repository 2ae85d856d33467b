"""A runner's plan as it stands: the diary and the journal, put together for the planner."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import Engine

from treadcoach.core.checkin import CheckIn, Moment, Sign, Verdict
from treadcoach.core.errors import InputError
from treadcoach.core.exercises import Exercise
from treadcoach.core.guidance import BeltRules
from treadcoach.core.plan import Plan, PlanRef, References, ResolvedSession
from treadcoach.core.runner import Runner
from treadcoach.planning.allowance import Allowance, allow
from treadcoach.planning.checkin import as_of, judge, load_checkin_rules
from treadcoach.planning.clock import Confirmed, Stamp, dated, doubt, doubted
from treadcoach.planning.planner import Done, PlanState, Schedule, Scheduled, decide
from treadcoach.planning.plans import load_plans
from treadcoach.planning.prescription import SCREENS_EVERY_DAYS, load_prescriptions
from treadcoach.planning.progression import PastSession
from treadcoach.planning.resolving import references_of, resolve_scheduled
from treadcoach.planning.strength import strength_days
from treadcoach.store import diary, history, written
from treadcoach.store.imports import IMPORTED

LOOKED_BACK = timedelta(weeks=260)
ENOUGH_OF_A_SESSION = 0.6
"""Of its time on the belt: then it counts as run, also when it was ended early."""


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """One screen on one day; note in the runner's words."""

    day: date
    passed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """Everything that the planner asks for, of one runner."""

    engine: Engine
    runner: Runner
    rules: BeltRules
    plans: Mapping[str, Plan]

    # -- what was run and said --------------------------------------------------------

    def past(self, today: date) -> list[PastSession]:
        rows = history.since(self.engine, today - LOOKED_BACK, self.runner.name)
        said = self._clock()
        stamps = [Stamp(row.id, row.day, row.state != IMPORTED) for row in rows]
        odd = doubted(stamps, said)
        dates = [(confirmed.last_session, confirmed.day) for confirmed in said]
        return [
            PastSession(
                row.day if row.state == IMPORTED else dated(row.day, row.id, dates),
                row.curve,
                row.belt_time_s,
                row.running_s,
                row.lifts and row.id not in odd,
            )
            for row in rows
        ]

    def check_ins(self) -> list[CheckIn]:
        """Everything said, in check-ins and by ending a session because of the body."""
        clock = self._clock()
        entries = [(confirmed.last_entry, confirmed.day) for confirmed in clock]
        sessions = [(confirmed.last_session, confirmed.day) for confirmed in clock]
        said = [
            replace(_check_in(entry), day=dated(entry.day, entry.id, entries))
            for entry in diary.entries(self.engine, self.runner.name, "checkin")
        ]
        ended = [
            CheckIn(dated(day, number, sessions), Moment.AFTER, signs=frozenset({Sign(sign)}))
            for number, day, sign in history.felt_sessions(self.engine, self.runner.name)
        ]
        return said + ended

    def clock_doubt(self, today: date) -> str | None:
        """Why today's date is not believed, by what anybody wrote last; None when it is."""
        said = self._clock()
        last = said[-1] if said else Confirmed(date.min, 0, 0)
        newest = written.newest_day(self.engine, last.last_session, last.last_entry)
        return doubt(newest, today, self.rules)

    def confirm_clock(self, today: date) -> None:
        """A person says that today's date is right."""
        written.confirm_clock(self.engine, today)

    def _clock(self) -> list[Confirmed]:
        return [Confirmed(*said) for said in written.clock_confirmations(self.engine)]

    def say(self, said: CheckIn) -> None:
        """Write a check-in down."""
        payload = {
            "moment": said.moment.value,
            "pain": said.pain,
            "effort": said.effort,
            "signs": sorted(sign.value for sign in said.signs),
            "where": said.where,
            "sleep_h": said.sleep_h,
        }
        diary.add(self.engine, self.runner.name, said.day, "checkin", payload)

    def allowance(self, today: date, *, newcomer: bool = False) -> Allowance:
        """What today allows any session. Raises NoSessionToday on a day without one."""
        if newcomer:
            return allow([], [], today, self.runner, self.rules, load_checkin_rules())
        clock = self.clock_doubt(today)
        past, said = self.past(today), as_of(self.check_ins(), today)
        return allow(past, said, today, self.runner, self.rules, load_checkin_rules(), clock)

    # -- exercises ---------------------------------------------------------------------

    def strength_done(self) -> list[date]:
        """Days on which strength work was done."""
        return [entry.day for entry in diary.entries(self.engine, self.runner.name, "strength")]

    def strength_ahead(self, today: date, horizon_days: int, schedule: Schedule) -> list[date]:
        """Days for strength work, around the sessions of a schedule and what check-ins say."""
        said, rules = as_of(self.check_ins(), today), load_checkin_rules()

        def rests(day: date) -> bool:
            return judge(said, day, rules).verdict.rank >= Verdict.REST.rank

        return strength_days(schedule, self.strength_done(), today, horizon_days, rests)

    def screens(self) -> dict[str, list[ScreenResult]]:
        """Results of the screens by id, oldest first."""
        out: dict[str, list[ScreenResult]] = {}
        for entry in diary.entries(self.engine, self.runner.name, "screen"):
            said = entry.payload
            out.setdefault(said["id"], []).append(ScreenResult(entry.day, said["passed"], said["note"]))
        return out

    def screens_due(self, today: date) -> list[Exercise]:
        """Screens that were never done, or not for four weeks."""
        results = self.screens()
        screens = load_prescriptions().of("apart", ("screen",), aching_back=self.runner.aching_back)
        return [
            screen
            for screen in screens
            if screen.id not in results or (today - results[screen.id][-1].day).days >= SCREENS_EVERY_DAYS
        ]

    # -- the plan ----------------------------------------------------------------------

    def state(self) -> PlanState | None:
        """The plan that is followed, with moves and skips; None when there is none."""
        state: PlanState | None = None
        for entry in diary.entries(self.engine, self.runner.name, "plan"):
            said = entry.payload
            match said["what"]:
                case "start":
                    plan = self.plan(said["plan"])
                    started = date.fromisoformat(said["started"])
                    state = PlanState(plan, started, frozenset(said["days"]))
                case "stop":
                    state = None
                case "move" if state is not None:
                    moved = {**state.moved, _key(said["key"]): date.fromisoformat(said["to"])}
                    state = PlanState(state.plan, state.started, state.days, (), state.skipped, moved)
                case "skip" if state is not None:
                    skipped = state.skipped | {_key(said["key"])}
                    state = PlanState(state.plan, state.started, state.days, (), skipped, state.moved)
        if state is None:
            return None
        done = self._done(state)
        return PlanState(state.plan, state.started, state.days, done, state.skipped, state.moved)

    def times(self) -> Mapping[int, time]:
        """At what time of which weekday the runner trains, as far as that was said with the plan."""
        starts = [e.payload for e in diary.entries(self.engine, self.runner.name, "plan")]
        said: Mapping[str, Any] = next((p for p in reversed(starts) if p["what"] == "start"), {})
        return {int(day): time.fromisoformat(at) for day, at in said.get("times", {}).items()}

    def plan(self, name: str) -> Plan:
        """Raises InputError when there is none of that name."""
        if name not in self.plans:
            raise InputError("plan", name, f"one of {', '.join(sorted(self.plans))}")
        return self.plans[name]

    def _done(self, state: PlanState) -> tuple[Done, ...]:
        out = []
        for row in history.plan_sessions(self.engine, self.runner.name, state.started):
            if row.plan == state.plan.id and row.share_run >= ENOUGH_OF_A_SESSION:
                out.append(Done((row.week, row.session), row.day, row.faded))
        return tuple(out)

    def write(self, today: date, **payload: Any) -> None:
        """One decision about the plan, into the diary."""
        diary.add(self.engine, self.runner.name, today, "plan", payload)

    def schedule(self, today: date, horizon_days: int = 14, state: PlanState | None = None) -> Schedule:
        """What to run from today on. Raises InputError without a plan."""
        followed = state or self.state()
        if followed is None:
            raise InputError("plan", "none", "a plan: 'treadcoach plan list', then 'treadcoach plan start'")
        past, said = self.past(today), as_of(self.check_ins(), today)
        return decide(followed, past, said, today, self.rules, load_checkin_rules(), horizon_days)

    def references(self, today: date) -> References:
        """What walk and jog mean for this runner now."""
        return references_of(self.past(today), today, self.runner, self.rules)

    def resolved(self, entry: Scheduled, plan: Plan, today: date) -> ResolvedSession:
        """A scheduled session in speeds. Raises InputError when it needs a running speed nobody knows."""
        return resolve_scheduled(entry, plan, self.references(today), self.rules)

    def today(self, today: date) -> tuple[Scheduled, ResolvedSession, PlanRef | None] | None:
        """Today's session, if there is one. Raises InputError without a plan."""
        state = self.state()
        schedule = self.schedule(today, 1, state)
        entry = schedule.on(today)
        if state is None or entry is None:
            return None
        ref = None if entry.key is None else PlanRef(state.plan.id, *entry.key)
        return entry, self.resolved(entry, state.plan, today), ref


def make_training(engine: Engine, runner: Runner, rules: BeltRules, config: Any) -> Training:
    """With the shipped plans and the user's own in config/plans/."""
    return Training(engine, runner, rules, load_plans(config / "plans"))


def parse_key(text: str, plan: Plan) -> tuple[int, int]:
    """Read '2.1', week 2 session 1 of a plan. Raises InputError."""
    week, dot, session = text.partition(".")
    allowed = f"WEEK.SESSION, weeks 1 to {len(plan.weeks)}, such as 2.1"
    if not dot or not week.isdecimal() or not session.isdecimal():
        raise InputError("session", text, allowed)
    at = (int(week) - 1, int(session) - 1)
    if not 0 <= at[0] < len(plan.weeks) or not 0 <= at[1] < len(plan.weeks[at[0]].sessions):
        raise InputError("session", text, allowed)
    return at


def _key(stored: list[int]) -> tuple[int, int]:
    return stored[0], stored[1]


def _check_in(entry: diary.Entry) -> CheckIn:
    said = entry.payload
    signs = frozenset(Sign(sign) for sign in said["signs"])
    moment = Moment(said["moment"])
    return CheckIn(entry.day, moment, said["pain"], said["effort"], signs, said["where"], said["sleep_h"])
