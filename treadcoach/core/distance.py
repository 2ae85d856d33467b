"""Distance from a machine's speed and its counter, through resets, pauses, gaps and coarse steps.

The speed, summed up over time, is smooth and drifts; the counter does not drift, but counts whole metres or
tens of them, begins anew, or is missing. Each reading of the counter says in which step the machine is, so
the sum may be off by an offset inside that step: what all readings agree on narrows it to some centimetres.
A counter that begins anew loses nothing then, because the part of a metre it did not show is known.
"""

LONGEST_GAP_S = 60.0
"""For a longer silence than that speed times time is no guess at all; only the counter may bridge it."""
FASTEST_MPS = 10.0
"""A counter that runs faster is another counter."""
MOST_STEP_M = 10
SETTLED_M = 25.0
"""So far after a counter's first reading what its first step was is narrowed down."""


class DistanceCounter:
    """Adds up. While the machine gives no counter, distance is speed times time."""

    def __init__(self) -> None:
        self.total_m = 0.0
        self._summed_m = 0.0
        self._correction_m = 0.0
        self._last: tuple[float, float] | None = None
        self._count: tuple[float, int] | None = None
        self._step_m = 1
        self._low_m = self._high_m = 0.0
        self._first_m = 0.0
        self._first_offset_m = 0.0
        self._since_first_m = 0.0

    def update(self, now_s: float, speed_kmh: float, counter_m: int | None) -> float:
        """Take one reading; returns the metres that it added."""
        moved_m = self._sum_up(now_s, speed_kmh / 3.6)
        if counter_m is not None:
            self._compare(now_s, counter_m, moved_m, speed_kmh / 3.6)
        before = self.total_m
        # What was said is never taken back, if it was some centimetres too much.
        self.total_m = max(before, self._summed_m + self._correction_m)
        return self.total_m - before

    def _sum_up(self, now_s: float, speed_mps: float) -> float:
        """Speed times time since the last reading, by the mean of both speeds."""
        moved_m = 0.0
        if self._last is not None:
            last_s, last_mps = self._last
            elapsed_s = max(now_s - last_s, 0.0)
            if elapsed_s <= LONGEST_GAP_S:
                moved_m = (last_mps + speed_mps) / 2 * elapsed_s
        self._last = now_s, speed_mps
        self._summed_m += moved_m
        return moved_m

    def _compare(self, now_s: float, count: int, moved_m: float, speed_mps: float) -> None:
        """What this counter's reading says of the sum: sum - offset is in [count, count + step)."""
        last, self._count = self._count, (now_s, count)
        low, high = self._summed_m - count - self._step_m, self._summed_m - count
        if last is None or not 0 <= count - last[1] <= FASTEST_MPS * (now_s - last[0]) + 2 * MOST_STEP_M:
            self._begin(low, high)
            return
        self._learn_step(count - last[1], moved_m)
        self._since_first_m += count - last[1]
        low_now, high_now = max(self._low_m, low), min(self._high_m, high)
        if low_now <= high_now:
            self._low_m, self._high_m = low_now, high_now
        elif min(abs(low - self._high_m), abs(self._low_m - high)) > self._step_m:
            # A gap that the speed says nothing of: the counter bridges it, to within a step.
            self._low_m, self._high_m = low, high
        else:
            # The sum drifts: it is moved to the nearest that the counter allows.
            self._low_m = self._high_m = low if low > self._high_m else high
        offset = (self._low_m + self._high_m) / 2
        if self._since_first_m <= SETTLED_M:
            self._first_offset_m = offset
        self._correction_m = self._first_m + self._first_offset_m - offset

    def _begin(self, low: float, high: float) -> None:
        """A counter's first reading: from here its differences count, on top of what was added up so far."""
        self._first_m = self._correction_m
        self._low_m, self._high_m = low, high
        self._first_offset_m = (low + high) / 2
        self._since_first_m = 0.0

    def _learn_step(self, counted_m: int, moved_m: float) -> None:
        """Some machines count in tens: seen when the counter jumps farther than the belt can have run."""
        if counted_m > moved_m + 2 and (self._step_m == 1 or counted_m < self._step_m):
            self._step_m = counted_m
            self._high_m = max(self._high_m, self._low_m + counted_m)
