"""From what is intended to a session's setup, once the machine is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from treadcoach.app.form_picture import past_norms
from treadcoach.app.form_watch import FormSetup
from treadcoach.app.setup import Setup
from treadcoach.app.training import Training
from treadcoach.core.body import Mount
from treadcoach.core.errors import InputError
from treadcoach.core.machine import Machine
from treadcoach.core.plan import PlanRef
from treadcoach.core.runner import Runner
from treadcoach.core.timeline import fit
from treadcoach.core.units import SpeedUnit, format_speed
from treadcoach.core.workout import Segment, Workout
from treadcoach.guard.limits import incline_grid, speed_grid
from treadcoach.planning.allowance import Allowance
from treadcoach.planning.form_guidance import load_form_rules
from treadcoach.planning.progression import comfortable_walk_kmh
from treadcoach.store import history

FIRST_MAIN_S = 15 * 60.0
COARSE_STEP_CKMH = 30


@dataclass(frozen=True, slots=True)
class Intended:
    """What is to be run, before the machine is known."""

    workout: Workout | None
    incline_percent: float | None = None
    warm_up_s: float | None = None
    stretch_break: bool = False
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    """Where each sensor sits, by its name in this session, as far as it was stated."""
    ref: PlanRef | None = None
    """The session of a plan that this is, if it is one."""


def guided_first_session(walk_kmh: float) -> Workout:
    """Walking only, for finding a comfortable speed with the + and - keys."""
    return Workout("A comfortable walk", (Segment(walk_kmh, duration_s=FIRST_MAIN_S),))


class SetupBuilder:
    """Builds a session's setup once the machine is known, from history, check-ins and the guidance.

    newcomer: as if nothing had been run or said before, for the demo's runner, who is a new one each time.
    today: which day it is, when it is asked.
    """

    def __init__(
        self,
        training: Training,
        intended: Intended,
        *,
        newcomer: bool = False,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._training = training
        self._today = today
        self._rules = training.rules
        self._intended = intended
        self._newcomer = newcomer
        low, high = self._rules.warm_up_min_s, self._rules.warm_up_max_s
        if intended.warm_up_s is not None and not low <= intended.warm_up_s <= high:
            allowed = f"{low / 60:g} to {high / 60:g} min"
            raise InputError("--warm-up", f"{intended.warm_up_s / 60:g} min", allowed)

    @property
    def runner(self) -> Runner:
        return self._training.runner

    def allowance(self, today: date) -> Allowance:
        """What today allows. Raises NoSessionToday on a day without a session."""
        return self._training.allowance(today, newcomer=self._newcomer)

    def advice(self, today: date) -> list[str]:
        """What is said before the first step: what the day takes away, a physician, no hurry."""
        lines = list(self.allowance(today).notes)
        if self._newcomer or not self._training.past(today):
            limit, age = int(self._rules.physician_from_age), self._training.runner.age_years
            if age is None:
                who = f"if you are over {limit} or have pre-existing problems, see"
            elif age > limit:
                who = f"you are over {limit}: see"
            else:
                who = "if you have pre-existing problems, see"
            lines.append(
                f"First session: {who} a physician before you begin a programme."
                " Start slow; build up gradually."
            )
        return lines

    def __call__(self, machine: Machine) -> Setup:
        allowance = self.allowance(self._today())
        runner, ceiling, engine = allowance.runner, allowance.ceiling, self._training.engine
        walk = comfortable_walk_kmh(runner, self._rules)
        workout = self._intended.workout or guided_first_session(walk)
        slowest = speed_grid(machine.speed_range if machine.can_set_speed else None).low / 100
        timeline = fit(
            workout,
            self._rules,
            walk_kmh=walk,
            ceiling=ceiling.curve,
            max_speed_kmh=runner.max_speed_kmh,
            slowest_kmh=slowest,
            default_incline_percent=self._intended.incline_percent,
            warm_up_s=self._intended.warm_up_s,
            stretch_break=self._intended.stretch_break,
            unit=runner.unit,
        )
        notes = (*timeline.notes, *machine_notes(machine, runner.unit))
        timeline = replace(timeline, notes=notes)
        ramp = history.learned_ramp(engine, machine.address)
        ramp = ramp or (1 / self._rules.ramp_up_kmh_per_s, 1 / self._rules.ramp_down_kmh_per_s)
        past = tuple(past_norms(s) for s in history.past_summaries(engine, runner.name))
        form = FormSetup(load_form_rules(), self._intended.mounts, tuple(norms for norms in past if norms))
        return Setup(runner, self._rules, machine, ceiling, timeline, ramp, form, self._intended.ref)


def machine_notes(machine: Machine, unit: SpeedUnit) -> list[str]:
    """What this machine cannot do as the guidance would have it, said before the start."""
    notes = []
    if not machine.has_control_point:
        notes.append("This machine cannot be controlled over the air: treadcoach only watches and records.")
    if not machine.can_set_speed:
        notes.append("This machine says that its speed cannot be set over the air.")
    if machine.speed_range is None:
        slow = format_speed(6.0, unit)
        notes.append(f"This machine does not say its speed range: nothing above {slow} is ordered.")
    elif speed_grid(machine.speed_range).step > COARSE_STEP_CKMH:
        step = f"{speed_grid(machine.speed_range).step / 100:g} km/h"
        notes.append(f"This machine moves in steps of {step}: speeds are rounded down to them.")
    if not machine.can_set_incline or incline_grid(machine.incline_range) is None:
        notes.append("This machine has no incline that can be set: the 2 % of the guidance cannot be kept.")
    return notes


def todays(intended: Intended, training: Training, today: date | None = None) -> Intended:
    """The plan's session of a day, or of this one, as what is to be run. Raises InputError without one."""
    today = today or date.today()
    found = training.today(today)
    if found is None:
        schedule = training.schedule(today, 14)
        following = schedule.sessions[0].day.isoformat() if schedule.sessions else "none in sight"
        reason = schedule.stopped or f"the next session of the plan: {following}"
        raise InputError("--today", "no session today", reason)
    _, resolved, ref = found
    return replace(intended, workout=resolved.workout, ref=ref)
