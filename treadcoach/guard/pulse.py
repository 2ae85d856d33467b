"""The pulse ceiling: above it nothing gets faster or steeper; far above it the belt goes down to walking.

Speed is bounded by itself. Incline is eased first only while that is in time: with the pulse a little above,
for a short while. A pulse in doubt keeps the strictest of what was known, and is trusted again only after it
has been without doubt for a while.
"""

from dataclasses import dataclass

from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import ckmh_floor
from treadcoach.guard import hard_limits
from treadcoach.guard.limits import Bound

INCLINE_EASE_DPCT = 5
SEEN_S = 0.01
"""Even one beat far above is remembered."""
INCLINE_IN_TIME_S = 45.0
"""Three easings of the incline; a pulse that is still above by then does not come down by it alone."""


@dataclass(frozen=True, slots=True)
class BeltOrdered:
    """What is ordered of the belt: speed (ckmh) and incline (dpct)."""

    speed_ckmh: int
    incline_dpct: int


class PulseGovernor:
    """Turns a pulse ceiling into bounds. Without a ceiling it bounds nothing. Times are seconds."""

    def __init__(self, rules: BeltRules, ceiling_bpm: int | None, walk_kmh: float) -> None:
        self._rules = rules
        self._ceiling_bpm = ceiling_bpm
        self._walk_ckmh = ckmh_floor(walk_kmh)
        self._speed: int | None = None
        self._incline: int | None = None
        self._eased_s: float | None = None
        self._raised_s: float | None = None
        self._above_since_s: float | None = None
        self._above_s: float | None = None
        self._far_s = 0.0
        self._doubted_s = 0.0
        self._was_doubted = False
        self._trusted_since_s: float | None = None
        self._held_by_doubt = False
        self._last_s: float | None = None
        self._reason = ""
        self.far_above: str | None = None
        """Said loudly while the pulse is far above its ceiling; None otherwise."""

    def update(self, now_s: float, bpm: int | None, doubt: str | None, ordered: BeltOrdered) -> None:
        """Take the pulse of this tick. bpm is None when it cannot be trusted, and doubt says why."""
        if self._ceiling_bpm is None:
            return
        elapsed_s = 0.0 if self._last_s is None else max(now_s - self._last_s, 0.0)
        self._last_s = now_s
        if bpm is None:
            self._without_pulse(now_s, elapsed_s, doubt or "no pulse", ordered)
        else:
            self._with_pulse(now_s, elapsed_s, bpm, ordered)

    # -- a pulse that can be trusted ---------------------------------------------------

    def _with_pulse(self, now_s: float, elapsed_s: float, bpm: int, ordered: BeltOrdered) -> None:
        assert self._ceiling_bpm is not None
        if self._trusted_since_s is None:
            self._trusted_since_s = now_s
        is_steady = now_s - self._trusted_since_s >= self._rules.pulse_trusted_s
        if is_steady:
            self._doubted_s, self._was_doubted = 0.0, False
        self._far(elapsed_s, bpm)
        if bpm > self._ceiling_bpm:
            self._reason = f"pulse {bpm} is above your ceiling of {self._ceiling_bpm}"
            self._above(now_s, ordered)
            return
        near = bpm > self._ceiling_bpm - self._rules.pulse_return_bpm
        if not near and self._above_s is not None and now_s - self._above_s >= self._rules.pulse_trusted_s:
            self._above_since_s = self._above_s = None
        if near:
            self._reason = f"pulse {bpm} is close to your ceiling of {self._ceiling_bpm}"
            self._hold(ordered)
        elif not self._was_doubted:
            if self._held_by_doubt:
                # Nothing but doubt had held it: it goes with the doubt.
                self._speed = self._incline = None
                self._held_by_doubt = False
            self._give_back(now_s)

    def _far(self, elapsed_s: float, bpm: int) -> None:
        """Far above its ceiling for some seconds the pulse calls for walking, and that is said.

        Seconds below take seconds above away, and no more: a stray beat forgets nothing.
        """
        assert self._ceiling_bpm is not None
        if bpm < self._ceiling_bpm + self._rules.pulse_far_bpm:
            self._far_s = max(self._far_s - elapsed_s, 0.0)
            if bpm <= self._ceiling_bpm and self._far_s == 0.0:
                self.far_above = None
            return
        self._far_s = min(self._far_s + max(elapsed_s, SEEN_S), 2 * self._rules.pulse_far_s)
        if self._far_s >= self._rules.pulse_far_s:
            self._walk_for_far()

    def _walk_for_far(self) -> None:
        self.far_above = (
            f"Your pulse is far above your ceiling of {self._ceiling_bpm}: walk until it comes down."
        )
        self._walk()

    def _above(self, now_s: float, ordered: BeltOrdered) -> None:
        if self._above_since_s is None:
            self._above_since_s = now_s
        self._above_s = now_s
        self._hold(ordered)
        above_s = now_s - self._above_since_s
        if above_s > self._rules.pulse_above_walk_s:
            self._walk()
        if self._eased_s is not None and now_s - self._eased_s < self._rules.pulse_ease_interval_s:
            return
        self._eased_s = now_s
        assert self._incline is not None and self._speed is not None
        if self._incline > 0:
            self._incline = max(self._incline - INCLINE_EASE_DPCT, 0)
            if above_s < INCLINE_IN_TIME_S:
                return
        eased = self._speed - ckmh_floor(self._rules.pulse_ease_kmh)
        self._speed = min(self._speed, max(eased, self._walk_ckmh))

    def _hold(self, ordered: BeltOrdered) -> None:
        """Nothing faster or steeper than now."""
        self._held_by_doubt = False
        self._speed = ordered.speed_ckmh if self._speed is None else min(self._speed, ordered.speed_ckmh)
        held = ordered.incline_dpct
        self._incline = held if self._incline is None else min(self._incline, held)

    def _walk(self) -> None:
        self._speed = self._walk_ckmh if self._speed is None else min(self._speed, self._walk_ckmh)

    def _give_back(self, now_s: float) -> None:
        """Well below the ceiling: first speed, then incline, in steps."""
        latest = max((s for s in (self._raised_s, self._eased_s) if s is not None), default=None)
        if latest is not None and now_s - latest < self._rules.pulse_ease_interval_s:
            return
        self._raised_s = now_s
        if self._speed is not None:
            raised = self._speed + ckmh_floor(self._rules.pulse_ease_kmh)
            self._speed = raised if raised < hard_limits.MAX_SPEED_CKMH else None
        elif self._incline is not None:
            raised = self._incline + INCLINE_EASE_DPCT
            self._incline = raised if raised < hard_limits.MAX_INCLINE_DPCT else None

    # -- a pulse in doubt --------------------------------------------------------------

    def _without_pulse(self, now_s: float, elapsed_s: float, doubt: str, ordered: BeltOrdered) -> None:
        """The strictest of what was known is kept; doubt that comes and goes adds up."""
        self._trusted_since_s = None
        self._doubted_s += elapsed_s
        self._was_doubted = True
        self._reason = f"pulse ceiling set, but {doubt}"
        if self._above_since_s is None:
            # Nothing was wrong before: a walk is still allowed, nothing faster than now.
            self._held_by_doubt = self._held_by_doubt or (self._speed is None and self._incline is None)
            held = max(ordered.speed_ckmh, self._walk_ckmh)
            self._speed = held if self._speed is None else min(self._speed, held)
            held = max(ordered.incline_dpct, 0)
            self._incline = held if self._incline is None else min(self._incline, held)
        else:
            self._hold(ordered)
        if self._far_s > 0:
            # It was far above when it was last seen: doubt makes that no less.
            self._far_s = min(self._far_s + elapsed_s, 2 * self._rules.pulse_far_s)
        if self._far_s >= self._rules.pulse_far_s:
            self._walk_for_far()
        if self._doubted_s > self._rules.pulse_lost_walk_s:
            self._walk()

    def speed_bound(self) -> Bound | None:
        return None if self._speed is None else Bound("pulse", self._speed, self._reason)

    def incline_bound(self) -> Bound | None:
        return None if self._incline is None else Bound("pulse", self._incline, self._reason)
