"""Everything that was decided before a session."""

from dataclasses import dataclass

from treadcoach.app.form_watch import FormSetup
from treadcoach.core.guidance import BeltRules
from treadcoach.core.machine import Machine
from treadcoach.core.plan import PlanRef
from treadcoach.core.runner import Runner
from treadcoach.core.timeline import Timeline
from treadcoach.planning.progression import WeeklyCeiling


@dataclass(frozen=True, slots=True)
class Setup:
    """Stored with the session, so that it can be replayed."""

    runner: Runner
    rules: BeltRules
    machine: Machine
    ceiling: WeeklyCeiling
    timeline: Timeline
    ramp_s_per_kmh: tuple[float, float] = (6.0, 5.0)
    form: FormSetup | None = None
    plan: PlanRef | None = None
