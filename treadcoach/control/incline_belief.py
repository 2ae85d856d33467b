"""What is believed of the incline: nothing of a machine without a motor, and no constant that never moves."""

import math
from enum import StrEnum

from treadcoach.core.guidance import BeltRules
from treadcoach.core.samples import InclineRange

SAME_PERCENT = 0.25
"""Reports are rounded to a motor's half steps."""
MOTOR_PERCENT_PER_S = 1.5
"""Motors move 0.3 to 0.7 % a second; a report may skip a second."""
MARGIN_PERCENT = 1.1
TILTED_PERCENT, TILTS = 1.0, 3
"""A machine without a range that says so, so often, is not taken to be flat."""
STEEPEST_PERCENT, LOWEST_PERCENT = 25.0, -10.0
"""No range that a machine reports makes more of it than this."""


class InclineTrust(StrEnum):
    """FLAT: there is no motor. UNKNOWN: not reported, or not believed. CLAIMED: reported and plausible,
    but never seen to move. BORNE_OUT: seen to move as a motor does. STATED: a person said it."""

    FLAT = "flat"
    UNKNOWN = "unknown"
    CLAIMED = "claimed"
    BORNE_OUT = "borne out"
    STATED = "stated"


class InclineBelief:
    """One machine's incline. Percent; times are the one clock's seconds."""

    def __init__(
        self,
        rules: BeltRules,
        reach: InclineRange | None,
        bound_percent: float,
        *,
        is_motor_known: bool = True,
    ) -> None:
        """reach: what the motor can do, None without a motor; bound_percent: how steep it may ever be.

        is_motor_known: False where there may be a motor whose reach cannot be read.
        """
        self._is_motor_known = is_motor_known
        self._rules = rules
        self._reach = reach
        self._bound = bound_percent
        self._last: tuple[float, float] | None = None
        self._jump: tuple[float, float] | None = None
        self._ordered: tuple[float, float, float | None] | None = None
        self._ignored = False
        self._stated: float | None = None
        self._borne_out = False
        self._tilts = 0
        self._lowest: float | None = None
        self._highest: float | None = None
        self.doubted: float | None = None
        """The latest report that was not believed."""

    @property
    def bound_percent(self) -> float:
        return self._bound

    @property
    def trust(self) -> InclineTrust:
        if self._reach is None:
            if self._tilts < TILTS:
                return InclineTrust.FLAT
            return InclineTrust.UNKNOWN if self._stated is None else InclineTrust.STATED
        if self._last is not None and not self._ignored:
            if self._borne_out:
                return InclineTrust.BORNE_OUT
            # A constant above the bound may be said of a flat belt: an order down from there would tilt it.
            if self._last[1] <= self._bound + SAME_PERCENT:
                return InclineTrust.CLAIMED
        return InclineTrust.UNKNOWN if self._stated is None else InclineTrust.STATED

    @property
    def percent(self) -> float | None:
        """What is believed; None: not known."""
        match self.trust:
            case InclineTrust.FLAT:
                return 0.0
            case InclineTrust.STATED:
                return self._stated
            case InclineTrust.UNKNOWN:
                return None
            case _:
                assert self._last is not None
                return self._last[1]

    def can_be_ordered(self) -> bool:
        """Whether what the motor does can be seen: an incline is not ordered blindly."""
        return self.trust in (InclineTrust.CLAIMED, InclineTrust.BORNE_OUT)

    def worst_percent(self, ordered_percent: float | None) -> float:
        """For steep rules: what is known, or the worst that may be where it is not."""
        ordered, percent = ordered_percent or 0.0, self.percent
        if self.trust is InclineTrust.CLAIMED and percent is not None:
            return max(percent, ordered)
        if percent is not None:
            return percent
        if self._reach is None:
            return max(self.doubted or 0.0, ordered)
        return max(min(self._reach.max_incline_percent, STEEPEST_PERCENT), ordered)

    def link_changed(self) -> None:
        """A new link: the motor is where it is, and reports anew."""
        self._last = self._ordered = self._jump = self._lowest = self._highest = None
        self._borne_out = self._ignored = False

    def carry_on(self, before: "InclineBelief") -> None:
        """The same machine under another setup: what a person said of it, and why it was asked, stays."""
        self._stated, self._tilts, self.doubted = before._stated, before._tilts, before.doubted

    def is_possible(self, percent: float) -> bool:
        """Whether this machine can be set to that."""
        return self._reach is not None and self._in_range(percent)

    def doubted_words(self) -> str:
        """What is wrong with its reports, as a sentence."""
        said = self.doubted if self.doubted is not None else self._last[1] if self._last else None
        if said is None:
            return "This machine does not say how steep its belt is."
        return f"This machine says that its belt is at {said:g} %, which may not be so."

    def stated(self, percent: float) -> bool:
        """A person says how steep the belt is; whether that can be."""
        # Whatever the machine says of its range: a person looks at the belt itself.
        if self.trust is InclineTrust.FLAT or not LOWEST_PERCENT <= percent <= STEEPEST_PERCENT:
            return False
        self._stated = percent
        return True

    @property
    def too_steep_percent(self) -> float | None:
        """What a person said of it, where that is above the runner's bound."""
        if self.trust is not InclineTrust.STATED or self._stated is None:
            return None
        return self._stated if self._stated > self._bound + SAME_PERCENT else None

    def on_order(self, now_s: float, percent: float) -> None:
        """The machine took an order to tilt to that."""
        start = None if self._last is None else self._last[1]
        asked, self._ordered = self._ordered, (now_s, percent, start)
        if asked is not None and start is not None:
            since_s, to, from_percent = asked
            is_unanswered = from_percent is not None and abs(start - from_percent) <= SAME_PERCENT
            if is_unanswered and abs(to - start) > SAME_PERCENT:
                # One order follows the other: an answer is waited for since the first of them.
                self._ordered = (since_s, percent, from_percent)
        self._stated = None

    def on_reading(self, now_s: float, percent: float) -> str | None:
        """Take one report; why it is not believed, or None."""
        if self._reach is None:
            self._on_unknown_motor(percent)
            return None
        if not self._in_range(percent) and not self._walks_out(now_s, percent):
            self.doubted = percent
            self.on_silence(now_s, self._rules.stale_hold_s)
            return f"an incline of {percent:g} % is not believed: this machine goes from {self._words()}"
        if self._last is not None and not self._is_motion(now_s, percent):
            self.doubted = percent
            return f"an incline of {percent:g} % is not believed: no motor gets there that quickly"
        self._last, self._jump, self.doubted = (now_s, percent), None, None
        self._lowest = percent if self._lowest is None else min(self._lowest, percent)
        self._highest = percent if self._highest is None else max(self._highest, percent)
        # A report that wavers by a tenth is no motor that moves.
        self._borne_out = self._borne_out or self._highest - self._lowest > SAME_PERCENT
        return self._unanswered(now_s, percent)

    def _on_unknown_motor(self, percent: float) -> None:
        """No range to be set in, and still it says that it is tilted: then somebody has to look."""
        if self._is_motor_known or abs(percent) < TILTED_PERCENT or not self._in_range(percent):
            return
        self.doubted = percent
        self._tilts = min(self._tilts + 1, TILTS)

    def is_far(self, percent: float) -> bool:
        """Whether it is another incline than the last that was believed."""
        return self._last is not None and abs(percent - self._last[1]) > SAME_PERCENT

    def on_silence(self, now_s: float, patience_s: float | None = None) -> None:
        """A frame without an incline that could be believed: what was reported before is not for ever."""
        patience_s = self._rules.stale_stop_s if patience_s is None else patience_s
        if self._last is not None and now_s - self._last[0] > patience_s:
            self._last = self._jump = self._lowest = self._highest = None

    def _is_motion(self, now_s: float, percent: float) -> bool:
        """Can the motor have got there? A jump that is repeated for a while is believed after all."""
        assert self._last is not None
        at_s, from_percent = self._last
        if abs(percent - from_percent) <= MOTOR_PERCENT_PER_S * (now_s - at_s) + 2 * SAME_PERCENT:
            return True
        if self._jump is None or abs(self._jump[1] - percent) > SAME_PERCENT:
            self._jump = (now_s, percent)
            return False
        if now_s - self._jump[0] < self._rules.stale_hold_s:
            return False
        self._last, self._borne_out = (now_s, percent), False
        self._lowest = self._highest = None
        return True

    def _walks_out(self, now_s: float, percent: float) -> bool:
        """Whether a motor that was seen to move is going on, past the range that its machine states."""
        if self._last is None or not self._borne_out or not LOWEST_PERCENT <= percent <= STEEPEST_PERCENT:
            return False
        at_s, from_percent = self._last
        return abs(percent - from_percent) <= MOTOR_PERCENT_PER_S * (now_s - at_s) + SAME_PERCENT

    def _unanswered(self, now_s: float, percent: float) -> str | None:
        """A report that stays where it is whatever is ordered says nothing of the motor."""
        order = self._ordered
        if order is None or self._borne_out:
            return None
        at_s, to, start = order
        if start is None:
            return None
        is_off = abs(percent - to) > SAME_PERCENT and abs(percent - start) <= SAME_PERCENT
        if not is_off or now_s - at_s <= self._rules.watch_follow_s:
            return None
        self._ignored, self.doubted = True, percent
        return f"an incline of {percent:g} % is not believed: it does not answer to what is ordered"

    def _in_range(self, percent: float) -> bool:
        reach = self._reach or InclineRange(LOWEST_PERCENT, STEEPEST_PERCENT, 0.1)
        low = max(reach.min_incline_percent, LOWEST_PERCENT) - MARGIN_PERCENT
        high = min(reach.max_incline_percent, STEEPEST_PERCENT) + MARGIN_PERCENT
        return math.isfinite(percent) and low <= percent <= high

    def _words(self) -> str:
        assert self._reach is not None
        return f"{self._reach.min_incline_percent:g} to {self._reach.max_incline_percent:g} %"
