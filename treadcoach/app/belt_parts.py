"""The parts of one session that deal with its belt, put together once and shared."""

import math
from dataclasses import dataclass

from treadcoach.app.announcer import Announcer
from treadcoach.app.ordering import Ordering
from treadcoach.app.sensors import Sensors
from treadcoach.app.setup import Setup
from treadcoach.control.incline_control import InclineControl
from treadcoach.control.stopping import Stopping
from treadcoach.core.ramp_lag import RampLag
from treadcoach.core.session import Session
from treadcoach.core.sustained import SustainedLedger
from treadcoach.core.units import format_speed
from treadcoach.guard.gate import Gate
from treadcoach.guard.limits import Grid, incline_grid, speed_grid
from treadcoach.guard.watch import Watch

STARTS_BELOW_CKMH = 200
"""Belts start at 0.8 to 1.6 km/h, whatever the slowest of their range."""
SLOWING_KMH_PER_S = 0.2
"""What the week's curve pays for: slower than any ramp down, so that a lagging belt is paid for too."""


@dataclass(frozen=True, slots=True)
class BeltParts:
    """Session, gate, watch and what is believed of the belt; say: what the input under way leads to."""

    setup: Setup
    session: Session
    grid: Grid
    gate: Gate
    watch: Watch
    sensors: Sensors
    incline: InclineControl
    stopping: Stopping
    ordering: Ordering
    say: Announcer

    def words(self, ckmh: int) -> str:
        """A speed as the runner reads it."""
        return format_speed(ckmh / 100, self.setup.runner.unit)


def make_parts(setup: Setup) -> BeltParts:
    """Everything new, for one session."""
    rules, machine, runner = setup.rules, setup.machine, setup.runner
    steepest = runner.max_incline_percent
    if runner.aching_back:
        steepest = min(steepest, rules.aching_back_percent)
    slowing = min(rules.ramp_down_kmh_per_s, SLOWING_KMH_PER_S)
    ledger = SustainedLedger(setup.ceiling.curve, setup.ceiling.walk_kmh, slowing_kmh_per_s=slowing)
    session = Session(
        setup.timeline,
        rules,
        ledger,
        RampLag(*setup.ramp_s_per_kmh),
        runner.unit,
        max_speed_kmh=runner.max_speed_kmh,
        max_incline_percent=steepest,
    )
    grid = speed_grid(machine.speed_range if machine.can_set_speed else None)
    gate = Gate(rules, grid, incline_grid(machine.incline_range) if machine.can_set_incline else None)
    sensors = Sensors(rules, machine, steepest)
    incline = InclineControl(rules, sensors.incline)
    sent = machine.speed_range
    slowest_kmh = 0.0 if sent is None or not math.isfinite(sent.min_speed_kmh) else sent.min_speed_kmh
    ordering = Ordering(rules, runner, setup.ceiling, gate, grid, sensors, incline, slowest_kmh)
    watch = Watch(rules, runner.unit)
    return BeltParts(
        setup, session, grid, gate, watch, sensors, incline, Stopping(rules), ordering, Announcer()
    )
