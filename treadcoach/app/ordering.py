"""From a wish to a ruling of the gate: gathers every bound that holds now."""

from treadcoach.app.sensors import Sensors
from treadcoach.control.incline_control import InclineControl
from treadcoach.core.belt import MOVING_KMH, BeltView
from treadcoach.core.effects import Wish
from treadcoach.core.guidance import BeltRules
from treadcoach.core.runner import Runner
from treadcoach.core.units import ckmh_floor, dpct_floor, format_speed
from treadcoach.guard import hard_limits
from treadcoach.guard.gate import BeltNow, Gate, Ruling
from treadcoach.guard.limits import Bound, Grid, lowest
from treadcoach.guard.pulse import BeltOrdered, PulseGovernor
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
        incline: InclineControl,
        claimed_slowest_kmh: float = 0.0,
    ) -> None:
        """claimed_slowest_kmh: what the machine says it cannot go below, also where that is not gone by."""
        self._claimed_slowest_ckmh = ckmh_floor(claimed_slowest_kmh)
        self._rules = rules
        self._runner = runner
        self._ceiling = ceiling
        self._gate = gate
        self._grid = grid
        self._sensors = sensors
        self._incline = incline
        self._moved = False
        self._pulse = PulseGovernor(rules, runner.pulse_ceiling_bpm, ceiling.walk_kmh)
        self._uphill = UphillLimit(rules, aching_back=runner.aching_back)

    @property
    def pulse_is_far_above(self) -> str | None:
        """What is said loudly while the pulse is far above its ceiling."""
        return self._pulse.far_above

    def fixed_speed_bounds(self) -> tuple[Bound, Bound]:
        """The person's own maximum, and this week's ceiling."""
        return (
            Bound("personal", ckmh_floor(self._runner.max_speed_kmh), "your own maximum"),
            Bound("weekly", ckmh_floor(self._ceiling.curve[60]), self._ceiling.reason),
        )

    def speed_ceiling_ckmh(self) -> int:
        """How fast the belt may be at present, by the bounds that do not come from readings of the belt."""
        pulse = self._pulse.speed_bound()
        return lowest([*self.fixed_speed_bounds(), *([pulse] if pulse else [])]).ceiling

    def incline_ceiling_dpct(self) -> int:
        """How steep the belt may be at present. A pulse only keeps from ordering more."""
        personal = dpct_floor(self._runner.max_incline_percent)
        return min(personal, self._uphill.bound().ceiling, hard_limits.MAX_INCLINE_DPCT)

    def no_speed_words(self) -> str | None:
        """Why this machine has no speed for this runner, if it has none."""
        binding = lowest(self.fixed_speed_bounds())
        slowest_ckmh = max(self._grid.low, self._claimed_slowest_ckmh)
        if slowest_ckmh <= binding.ceiling and self._grid.floor(binding.ceiling) is not None:
            return None
        slowest = format_speed(slowest_ckmh / 100, self._runner.unit)
        return f"This machine's slowest speed is {slowest}, and {binding.reason} is below it."

    def pass_time(self, now_s: float, belt: BeltView, cadence_spm: float | None) -> None:
        """Count steep time, and take this tick's pulse: a bound holds from the moment it is known."""
        if belt.speed_kmh is not None:
            # Nobody sees it while the link is away: a belt that moved is taken to move on.
            self._moved = belt.speed_kmh >= MOVING_KMH
        moving = self._moved
        ordered = self._gate.ordered_incline_dpct
        worst = self._sensors.incline.worst_percent(None if ordered is None else ordered / 10)
        self._uphill.update(now_s, worst, moving=moving)
        bpm, doubt = self._sensors.pulse(now_s, cadence_spm)
        speed = max(self._gate.ordered_speed_ckmh or 0, self._grid.low)
        self._pulse.update(now_s, bpm, doubt, BeltOrdered(speed, ordered or 0))

    def rule_speed(self, wish: Wish, now_s: float, console: list[Bound]) -> Ruling:
        """What becomes of a wished speed now; console: bounds that a hand at the console has set."""
        belt = self._sensors.belt(now_s)
        fresh = belt.fresh(self._rules.stale_hold_s)
        ordered = self._gate.ordered_speed_ckmh or self._grid.low
        if fresh and self._sensors.doubted_kmh is not None:
            held = Bound("freshness", ordered, "the belt's last report is in doubt")
        elif fresh:
            held = Bound("freshness", hard_limits.MAX_SPEED_CKMH, "the belt reports in time")
        else:
            held = Bound("freshness", ordered, "no fresh reading of the belt")
        bounds = [*self.fixed_speed_bounds(), held]
        bounds += [Bound(b.name, max(b.ceiling, self._grid.low), b.reason) for b in console]
        if (pulse := self._pulse.speed_bound()) is not None:
            # No pulse asks for less than the slowest that the machine can do.
            bounds.append(Bound(pulse.name, max(pulse.ceiling, self._grid.low), pulse.reason))
        return self._gate.clear_speed(wish.speed_kmh, wish.reason, bounds, now_s, self._belt_now(belt, now_s))

    def _belt_now(self, belt: BeltView, now_s: float) -> BeltNow | None:
        at_most = self._sensors.at_most_kmh(now_s)
        if not belt.fresh(self._rules.stale_hold_s) or belt.speed_kmh is None or at_most is None:
            return None
        return BeltNow(ckmh_floor(belt.speed_kmh), ckmh_floor(at_most), self._sensors.is_falling())

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
        belt_dpct = self._incline.orderable_dpct()
        return self._gate.clear_incline(wish.incline_percent, wish.reason, bounds, now_s, belt_dpct)
