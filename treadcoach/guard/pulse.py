"""The pulse ceiling: incline is eased before speed; a pulse that cannot be trusted allows nothing faster."""

from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import ckmh_floor
from treadcoach.guard import hard_limits
from treadcoach.guard.limits import Bound


class PulseGovernor:
    """Turns a pulse ceiling into bounds. Without a ceiling it bounds nothing."""

    def __init__(self, rules: BeltRules, ceiling_bpm: int | None, walk_kmh: float) -> None:
        self._rules = rules
        self._ceiling_bpm = ceiling_bpm
        self._walk_ckmh = ckmh_floor(walk_kmh)
        self._speed: int | None = None
        self._incline: int | None = None
        self._eased_s: float | None = None
        self._lost_since_s: float | None = None
        self._reason = ""

    def update(
        self, now_s: float, bpm: int | None, doubt: str | None, speed_ckmh: int, incline_dpct: int
    ) -> None:
        """bpm is None when the pulse cannot be trusted; speed and incline are as last ordered."""
        if self._ceiling_bpm is None:
            return
        if bpm is None:
            self._without_pulse(now_s, doubt or "no pulse", speed_ckmh)
            return
        if self._lost_since_s is not None:
            self._lost_since_s = self._speed = None
        due = self._eased_s is None or now_s - self._eased_s >= self._rules.pulse_ease_interval_s
        if bpm > self._ceiling_bpm:
            if due:
                self._eased_s = now_s
                self._ease(bpm, speed_ckmh, incline_dpct)
        elif bpm > self._ceiling_bpm - self._rules.pulse_return_bpm:
            # Close below the ceiling: nothing rises.
            self._reason = f"pulse {bpm} is close to your ceiling of {self._ceiling_bpm}"
            self._speed = speed_ckmh if self._speed is None else min(self._speed, speed_ckmh)
        elif due:
            self._eased_s = now_s
            if self._speed is not None:
                raised = self._speed + ckmh_floor(self._rules.pulse_ease_kmh)
                self._speed = raised if raised < hard_limits.MAX_SPEED_CKMH else None
            elif self._incline is not None:
                self._incline = self._incline + 5 if self._incline < 145 else None

    def _ease(self, bpm: int, speed_ckmh: int, incline_dpct: int) -> None:
        self._reason = f"pulse {bpm} is above your ceiling of {self._ceiling_bpm}"
        if incline_dpct > 0:
            self._incline = max(incline_dpct - 5, 0)
        else:
            eased = speed_ckmh - ckmh_floor(self._rules.pulse_ease_kmh)
            self._speed = max(eased, min(self._walk_ckmh, speed_ckmh))

    def _without_pulse(self, now_s: float, doubt: str, speed_ckmh: int) -> None:
        if self._lost_since_s is None:
            self._lost_since_s = now_s
            held = max(speed_ckmh, self._walk_ckmh)
            self._speed = held if self._speed is None else min(self._speed, held)
        self._reason = f"pulse ceiling set, but {doubt}"
        if now_s - self._lost_since_s > self._rules.pulse_lost_walk_s:
            self._speed = self._walk_ckmh

    def speed_bound(self) -> Bound | None:
        return None if self._speed is None else Bound("pulse", self._speed, self._reason)

    def incline_bound(self) -> Bound | None:
        return None if self._incline is None else Bound("pulse", self._incline, self._reason)
