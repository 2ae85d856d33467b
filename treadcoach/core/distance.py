"""Distance from a machine's counter, through resets, pauses and coarse steps."""


class DistanceCounter:
    """Adds up a counter that may start anywhere, fall back to zero or be missing.

    While the machine gives no counter, distance is speed times time.
    """

    def __init__(self) -> None:
        self.total_m = 0.0
        self._last_count: int | None = None
        self._since_count_m = 0.0
        self._last_s: float | None = None

    def update(self, now_s: float, speed_kmh: float, counter_m: int | None) -> float:
        """Take one reading; returns the metres that it added."""
        before = self.total_m
        elapsed = 0.0 if self._last_s is None else min(max(now_s - self._last_s, 0.0), 5.0)
        self._last_s = now_s
        walked = speed_kmh / 3.6 * elapsed
        if counter_m is None:
            self.total_m += walked
            self._since_count_m += walked
        else:
            if self._last_count is None or counter_m < self._last_count:
                # First value, or the machine reset it: nothing is known of the gap but the speed.
                self.total_m += walked
            else:
                # Metres already credited from speed while the counter was missing are not added twice.
                self.total_m += max(0.0, counter_m - self._last_count - self._since_count_m)
            self._last_count = counter_m
            self._since_count_m = 0.0
        return self.total_m - before

    def link_lost(self) -> None:
        """Time without readings is not speed times time; the counter may still bridge it."""
        self._last_s = None
