"""How long this belt takes to a new speed, learned while it runs."""

_LEARN = 0.4
_SMALLEST_CHANGE_KMH = 0.5


class RampLag:
    """Seconds that a change takes, per km/h and up or down, from wish to reading."""

    def __init__(self, up_s_per_kmh: float, down_s_per_kmh: float) -> None:
        self._per_kmh = {True: up_s_per_kmh, False: down_s_per_kmh}
        self._from = self._to = 0.0
        self._since_s: float | None = None
        self.learned = 0

    def expected_s(self, from_kmh: float, to_kmh: float) -> float:
        """How long before its start a segment has to be wished for."""
        return abs(to_kmh - from_kmh) * self._per_kmh[to_kmh > from_kmh] + 1.0

    def wished(self, now_s: float, belt_kmh: float, to_kmh: float) -> None:
        """A new target is wished for while the belt is at belt_kmh."""
        if abs(to_kmh - self._to) < 0.05 and self._since_s is not None:
            return
        self._from, self._to = belt_kmh, to_kmh
        self._since_s = now_s if abs(to_kmh - belt_kmh) >= _SMALLEST_CHANGE_KMH else None

    def on_reading(self, now_s: float, belt_kmh: float) -> None:
        """The belt's own speed; learns when the target is reached."""
        if self._since_s is None or abs(belt_kmh - self._to) > 0.15:
            return
        up = self._to > self._from
        took = max(now_s - self._since_s - 1.0, 0.5) / abs(self._to - self._from)
        if took < 60:
            self._per_kmh[up] += _LEARN * (took - self._per_kmh[up])
            self.learned += 1
        self._since_s = None

    def forget_current(self) -> None:
        """A pause or a hand at the console came between: nothing can be learned from it."""
        self._since_s = None

    @property
    def seconds_per_kmh(self) -> tuple[float, float]:
        """Up and down."""
        return self._per_kmh[True], self._per_kmh[False]
