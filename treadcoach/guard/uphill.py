"""Uphill: time spent steep is counted; with an aching back there is no hill at all (A6)."""

from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import dpct_floor
from treadcoach.guard.hard_limits import MAX_INCLINE_DPCT
from treadcoach.guard.limits import Bound


class UphillLimit:
    """The incline ceiling of one session."""

    def __init__(self, rules: BeltRules, *, aching_back: bool) -> None:
        self._rules = rules
        self._aching_back = aching_back
        self._steep_s = 0.0
        self._last_s: float | None = None

    def update(self, now_s: float, incline_percent: float, *, moving: bool) -> None:
        elapsed = 0.0 if self._last_s is None else min(max(now_s - self._last_s, 0.0), 5.0)
        self._last_s = now_s
        if moving and incline_percent >= self._rules.steep_percent:
            self._steep_s += elapsed

    def bound(self) -> Bound:
        if self._aching_back:
            ceiling = dpct_floor(self._rules.aching_back_percent)
            return Bound("uphill", ceiling, "with an aching back there is no uphill")
        if self._steep_s >= self._rules.steep_limit_s:
            ceiling = dpct_floor(self._rules.after_steep_percent)
            minutes = round(self._rules.steep_limit_s / 60)
            return Bound("uphill", ceiling, f"{minutes} min of steep belt are enough for the ankles")
        return Bound("uphill", MAX_INCLINE_DPCT, "steep time is within its limit")
