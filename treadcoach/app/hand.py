"""The runner's hand at the console: told from the echoes of our own orders, and from silence."""

from treadcoach.core.belt import MOVING_KMH
from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import ckmh_floor
from treadcoach.guard.limits import Grid

SAME_MOMENT_S = 0.25
SAME_CKMH = 5
SETTLE_S = 3.0
"""Echoes of an order come within this; a belt that stays off for as long is in a hand."""


class ConsoleHand:
    """Says when a speed was set at the console. Speeds are in 0.01 km/h."""

    def __init__(self, rules: BeltRules, grid: Grid) -> None:
        self._drift = ckmh_floor(rules.watch_drift_kmh)
        self._slack = max(grid.step, 10) + ckmh_floor(rules.largest_step_kmh)
        self._ordered_s = 0.0
        self._low_since_s: float | None = None
        self._claim: tuple[float, int] | None = None

    def ordered(self, now_s: float) -> None:
        """We wrote a speed ourselves."""
        self._ordered_s = now_s

    def forget(self) -> None:
        self._low_since_s = self._claim = None

    def in_status(self, now_s: float, said: int, ordered: int, belt: int, belt_s: float) -> bool:
        """Is a status "target speed changed" a hand? Echoes of our order and of the way to it are not.

        Some machines send it with the momentary speed of a changing belt. A faster speed is
        therefore only a claim at first: `claimed` believes it when the belt's next reading
        has not been there before it. Otherwise a runaway belt would pass for a hand.
        """
        on_the_way = min(ordered, belt) - self._slack <= said <= max(ordered, belt) + self._slack
        ours = said == ordered or now_s - self._ordered_s < SETTLE_S
        if said == 0 or (on_the_way and ours):
            return False
        if said <= ordered:
            return True
        momentary = abs(said - belt) <= SAME_CKMH and now_s - belt_s <= SAME_MOMENT_S
        self._claim = None if momentary else (now_s, said)
        return False

    @property
    def is_claiming(self) -> bool:
        """A faster speed may just have been set: until the next reading tells, nothing faster is ordered.

        An order of ours would undo it on the machine, and following it afterwards would be a jump.
        """
        return self._claim is not None

    def claimed(self, now_s: float, belt: int) -> int | None:
        """A faster speed that the belt's reading now bears out as a target; None while it does not."""
        if self._claim is None:
            return None
        since_s, said = self._claim
        if now_s - since_s <= SAME_MOMENT_S:
            if abs(belt - said) <= SAME_CKMH:
                self._claim = None
            return None
        self._claim = None
        return said if belt <= said + SAME_CKMH else None

    def in_reading(self, now_s: float, belt: int, ordered: int, *, was_at_order: bool) -> bool:
        """Is a belt that was at its order and is now slower, without a word, in a hand?"""
        possible = self._low_since_s is not None or (was_at_order and now_s - self._ordered_s > SETTLE_S)
        if not (possible and MOVING_KMH * 100 <= belt <= ordered - self._drift):
            self._low_since_s = None
            return False
        if self._low_since_s is None:
            self._low_since_s = now_s
        if now_s - self._low_since_s < SETTLE_S:
            return False
        self._low_since_s = None
        return True
