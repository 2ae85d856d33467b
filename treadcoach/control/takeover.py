"""A moving belt is handed to the coach: where it is going is looked at before anything is ordered."""

NEAR_CKMH = 15
HAND_LIFE_S = 30.0
"""A speed that was set at the console longer ago has been reached, or was none."""
UNHEEDED_S = 5.0
LONGEST_S = 30.0


class Takeover:
    """From a person's start to a belt that goes on steadily. Speeds in 0.01 km/h, times in seconds."""

    def __init__(self, now_s: float, hand: tuple[float, int] | None, ceiling: int, belt: int) -> None:
        """hand: when a speed was last set at the console, and which. ceiling: how fast the belt may be.

        belt: how fast it runs.
        """
        self._before = belt
        self._ceiling = ceiling
        self._since_s = now_s
        self._hand = None if hand is None or now_s - hand[0] > HAND_LIFE_S else hand
        self._lowest: int | None = None
        self.is_over = False
        self.set_meanwhile: int | None = None
        """What a hand has set since the person's start."""
        self.must_order = False
        """It is going faster than it may: it has to be told to stay where it is."""

    def hand_set(self, now_s: float, ckmh: int) -> None:
        """A speed is set at the console meanwhile."""
        self._hand = (now_s, ckmh)
        self.set_meanwhile = ckmh

    def on_reading(self, now_s: float, ckmh: int, *, is_steady: bool) -> int:
        """A believed reading. Orders go on from the lowest of it and of what a hand has set: that one."""
        base = ckmh
        self.must_order = False
        rises, self._before = ckmh > self._before, ckmh
        target = 0 if self._hand is None else self._hand[1]
        if rises and target > self._ceiling and (ckmh <= self._ceiling or target > ckmh + NEAR_CKMH):
            # It is on its way past the ceiling, or further above it: held where it is, at once.
            self.is_over = self.must_order = True
            return base
        if self._hand is not None:
            set_s, target = self._hand
            is_there = abs(ckmh - target) <= NEAR_CKMH
            is_unheeded = now_s - max(set_s, self._since_s) > UNHEEDED_S and is_steady
            if not is_there and not is_unheeded:
                # On its way to what the hand has set: its speed of the moment is none to order.
                is_steady = False
            if target < ckmh and not is_unheeded:
                base = max(target, 1)
        self.is_over = is_steady or now_s - self._since_s > LONGEST_S
        return base
