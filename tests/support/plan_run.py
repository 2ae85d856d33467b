"""A simulated runner who follows one plan from its first session to its last, and misses none."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tests.support.direct import Direct
from tests.support.lives import CHECKINS, PLANS, RULES
from treadcoach.app.outputs import Output, SampleRow
from treadcoach.core.phases import Phase
from treadcoach.core.runner import Runner
from treadcoach.core.sustained import mean_maximal
from treadcoach.core.workout import as_text
from treadcoach.planning.allowance import allow
from treadcoach.planning.planner import Done, Key, PlanState, decide
from treadcoach.planning.progression import PastSession
from treadcoach.planning.resolving import references_of, resolve_scheduled

MONDAY = date(2026, 1, 5)
MOST_WEEKS = 40
RUNNER = Runner(comfortable_walk_kmh=5.2, comfortable_jog_kmh=8.0)


@dataclass(slots=True)
class WeekLoad:
    """One calendar week. plan_week from 1; walked and ran: minutes on the belt."""

    plan_week: int
    share: float
    walked_min: float = 0.0
    ran_min: float = 0.0
    distance_km: float = 0.0


@dataclass(slots=True)
class PlanRun:
    """What it came to. missed: sessions of the plan that were never run; broken: orders out of bounds."""

    weeks: list[WeekLoad] = field(default_factory=list)
    done: set[Key] = field(default_factory=set)
    missed: set[Key] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


class _Sampled(Direct):
    def __post_init__(self) -> None:
        self.speeds: list[float] = []
        super().__post_init__()

    def _do(self, outputs: list[Output]) -> None:
        self.speeds += [output.speed_kmh or 0.0 for output in outputs if isinstance(output, SampleRow)]
        super()._do(outputs)


def run_plan(name: str, runner: Runner = RUNNER) -> PlanRun:
    """Day by day until the plan says that it is complete."""
    plan, found = PLANS[name], PlanRun()
    state = PlanState(plan, MONDAY, frozenset(range(7)))
    past: list[PastSession] = []
    everything = {(w, k) for w, week in enumerate(plan.weeks) for k in range(len(week.sessions))}
    for day in range(7 * MOST_WEEKS):
        today = MONDAY + timedelta(days=day)
        schedule = decide(state, past, [], today, RULES, CHECKINS)
        if any("the plan is complete" in note for note in schedule.notes):
            break
        entry = schedule.on(today)
        if day % 7 == 0:
            first = schedule.sessions[0]
            assert first.key is not None
            found.weeks.append(WeekLoad(first.key[0] + 1, first.share))
        if entry is None or entry.key is None:
            continue
        workout = resolve_scheduled(entry, plan, references_of(past, today, runner, RULES), RULES).workout
        allowed = allow(past, [], today, runner, RULES, CHECKINS)
        setup: dict[str, object] = {"ceiling": allowed.ceiling, "incline_percent": plan.incline_percent}
        direct = _Sampled(runner=allowed.runner, workout=as_text(workout), setup=setup, tick_s=1.0)
        direct.begin()
        direct.run_to(Phase.DONE, 4 * 3600)
        found.broken += direct.violations
        load = found.weeks[-1]
        load.walked_min += sum(0.3 < speed <= RULES.running_above_kmh for speed in direct.speeds) / 60
        load.ran_min += sum(speed > RULES.running_above_kmh for speed in direct.speeds) / 60
        load.distance_km += sum(direct.speeds) / 3600
        past.append(PastSession(today, mean_maximal(direct.speeds), float(len(direct.speeds))))
        state = replace(state, done=(*state.done, Done(entry.key, today)))
        found.done.add(entry.key)
    found.missed = everything - found.done
    return found
