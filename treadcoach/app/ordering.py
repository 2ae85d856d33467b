"""From a wish to a ruling of the gate: gathers every bound that holds now."""

from treadcoach.app.sensors import Sensors
from treadcoach.core.belt import MOVING_KMH, BeltView
from treadcoach.core.effects import Wish
from treadcoach.core.guidance import BeltRules
from treadcoach.core.runner import Runner
from treadcoach.core.units import ckmh_floor, dpct_floor
from treadcoach.guard import hard_limits
from treadcoach.guard.gate import Gate, Ruling
from treadcoach.guard.limits import Bound, Grid
from treadcoach.guard.pulse import PulseGovernor
from treadcoach.guard.uphill import UphillLimit
from treadcoach.planning.progression import WeeklyCeiling


class Ordering:
    """Asks the gate, with the person's, the week's, the pulse's, the hill's and the readings' bounds."""

    def __init__(
        self,
        rules: BeltRules,
        runner: Runner,
        ceiling: WeeklyCeiling,
        gate: Gate,
        grid: Grid,
        sensors: Sensors,
    ) -> None:
        self._rules = rules
        self._runner = runner
        self._ceiling = ceiling
        self._gate = gate
        self._grid = grid
        self._sensors = sensors
        self._pulse = PulseGovernor(rules, runner.pulse_ceiling_bpm, ceiling.walk_kmh)
        self._uphill = UphillLimit(rules, aching_back=runner.aching_back)

    def fixed_speed_bounds(self) -> tuple[Bound, Bound]:
        """The person's own maximum, and this week's ceiling."""
        return (
            Bound("personal", ckmh_floor(self._runner.max_speed_kmh), "your own maximum"),
            Bound("weekly", ckmh_floor(self._ceiling.curve[60]), self._ceiling.reason),
        )

    def pass_time(self, now_s: float, belt: BeltView) -> None:
        moving = (belt.speed_kmh or 0.0) >= MOVING_KMH
        self._uphill.update(now_s, belt.incline_percent or 0.0, moving=moving)

    def rule_speed(self, wish: Wish, now_s: float) -> Ruling:
        """What becomes of a wished speed now."""
        belt = self._sensors.belt(now_s)
        fresh = belt.fresh(self._rules.stale_hold_s)
        ordered = self._gate.ordered_speed_ckmh or self._grid.low
        incline = self._gate.ordered_incline_dpct or 0
        heart = self._sensors.heart
        self._pulse.update(now_s, heart.trusted_bpm(now_s), heart.doubt(now_s), ordered, incline)
        if fresh:
            held = Bound("freshness", hard_limits.MAX_SPEED_CKMH, "the belt reports in time")
        else:
            held = Bound("freshness", ordered, "no fresh reading of the belt")
        bounds = [*self.fixed_speed_bounds(), held]
        if (pulse := self._pulse.speed_bound()) is not None:
            bounds.append(pulse)
        reading = ckmh_floor(belt.speed_kmh) if fresh and belt.speed_kmh is not None else None
        return self._gate.clear_speed(wish.speed_kmh, wish.reason, bounds, now_s, reading)

    def rule_incline(self, wish: Wish, now_s: float) -> Ruling:
        """What becomes of a wished incline now; asked after the speed."""
        if self._sensors.belt(now_s).fresh(self._rules.stale_hold_s):
            held = Bound("freshness", hard_limits.MAX_INCLINE_DPCT, "the belt reports in time")
        else:
            incline = self._gate.ordered_incline_dpct or 0
            held = Bound("freshness", incline, "no fresh reading of the belt")
        bounds = [
            Bound("personal", dpct_floor(self._runner.max_incline_percent), "your own maximum"),
            self._uphill.bound(),
            held,
        ]
        if (pulse := self._pulse.incline_bound()) is not None:
            bounds.append(pulse)
        return self._gate.clear_incline(wish.incline_percent, wish.reason, bounds, now_s)
