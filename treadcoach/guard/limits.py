"""Bounds on the belt. They combine by minimum, so their order cannot matter; each has a reason."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from treadcoach.core.samples import InclineRange, SpeedRange
from treadcoach.guard import hard_limits


@dataclass(frozen=True, slots=True)
class Bound:
    """One ceiling: `ceiling` in ckmh (speed) or dpct (incline), and why."""

    name: str
    ceiling: int
    reason: str


def lowest(bounds: Iterable[Bound]) -> Bound:
    """The bound that binds. Raises ValueError when there is none: no bound is not freedom."""
    return min(bounds, key=lambda bound: bound.ceiling)


@dataclass(frozen=True, slots=True)
class Grid:
    """The values a machine can be set to: low, low + step, ... up to high (integers)."""

    low: int
    high: int
    step: int

    def floor(self, value: int) -> int | None:
        """The largest value of the grid that is not above value; None below the grid."""
        if value < self.low:
            return None
        return self.low + (min(value, self.high) - self.low) // self.step * self.step

    def ceil(self, value: int) -> int:
        """The smallest value of the grid that is not below value, or the highest there is."""
        if value <= self.low:
            return self.low
        steps = -(-(value - self.low) // self.step)
        top = (self.high - self.low) // self.step
        return self.low + min(steps, top) * self.step


def speed_grid(sent: SpeedRange | None) -> Grid:
    """The grid of a machine's speed; a range that makes no sense is replaced by 1-6 km/h.

    Doubt narrows: without a believable range only walking is commanded.
    """
    walking = Grid(100, 600, 10)
    if sent is None or not all(
        map(math.isfinite, (sent.min_speed_kmh, sent.max_speed_kmh, sent.speed_step_kmh))
    ):
        return walking
    low = max(round(sent.min_speed_kmh * 100), 10)
    high = min(round(sent.max_speed_kmh * 100), hard_limits.MAX_SPEED_CKMH)
    step = max(round(sent.speed_step_kmh * 100), 1)
    if high < low or low > 500 or step > hard_limits.MAX_STEP_CKMH:
        return walking
    return Grid(low, high, step)


def incline_grid(sent: InclineRange | None) -> Grid | None:
    """The grid of a machine's incline; None when it has no incline that could be set.

    A reported step of 0 (seen on real machines) is taken as the wire's 0.1 %.
    """
    if sent is None:
        return None
    step = max(round(sent.incline_step_percent * 10), 1)
    low = round(sent.min_incline_percent * 10)
    if low < hard_limits.MIN_INCLINE_DPCT:
        # Move up in whole steps of the machine's own grid, never off it.
        low += -(-(hard_limits.MIN_INCLINE_DPCT - low) // step) * step
    high = min(round(sent.max_incline_percent * 10), hard_limits.MAX_INCLINE_DPCT)
    if high <= low:
        return None
    return Grid(low, high, step)
