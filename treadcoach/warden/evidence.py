"""What a belt's own readings are worth after a STOP. Times are handed in, in seconds of one clock."""

from collections import deque
from enum import StrEnum

from treadcoach.core.samples import TreadmillData

STANDING_KMH = 0.1
STANDS_AFTER_S = 1.0
"""Two readings of a standing belt at least so far apart: one alone is nothing."""
FASTEST_BRAKING_KMH_PER_S = 4.0
"""Belts brake by 0.5 to 2 km/h a second. One that read 8 km/h does not stand a second later."""
FASTEST_BELT_KMH = 20.0
"""Taken for what the belt ran at before its first reading, where it may have moved."""
FASTEST_PLAUSIBLE_KMH = 30.0
MOVING_KMH = 0.3
FRESH_S = 3.0
FROZEN_AFTER_S = 6.0
FROZEN_AFTER_M = 30.0
"""For a machine that counts distance alone: some count in steps of ten metres."""
COUNTED_M = 3
"""A distance that grows by so much moves the belt under it, whatever speed is said."""
SLOWING_WITHIN_S = 4.0
SLOWING_BY_KMH = 0.2


class Verdict(StrEnum):
    """What the readings say of the belt."""

    STANDS = "stands"
    MOVES = "moves"
    SILENT = "silent"
    """No reading is fresh."""
    FROZEN = "frozen"
    """Readings come and say the same again and again, though a moving belt would count on."""
    UNCLEAR = "unclear"
    """Not enough has been heard yet, or a part of it contradicts another."""


class Evidence:
    """The readings of one belt, from the first STOP on."""

    def __init__(self, since_s: float, *, may_have_moved: bool) -> None:
        self._since_s = since_s
        # Nobody has said how fast it was: it is taken to have been as fast as belts are.
        self._moving_kmh = FASTEST_BELT_KMH if may_have_moved else 0.0
        self._moving_s = since_s
        self._zeros: tuple[float, float] | None = None
        self._heard: deque[tuple[float, float]] = deque(maxlen=16)
        self._rises = 0
        self._rose_s: float | None = None
        self._changed_s = since_s
        self._distance_m: int | None = None
        self._base_m: int | None = None
        self._elapsed_s: int | None = None
        self._moves_in_a_row = 0
        self._has_moved = False
        self.speed_kmh: float | None = None

    def new_link(self) -> None:
        """What came over another link proves nothing together with what comes over this one."""
        self._zeros = None
        self._heard.clear()
        self._base_m = self._distance_m = self._elapsed_s = None
        self._rises = self._moves_in_a_row = 0
        self._rose_s = None

    @property
    def has_moved(self) -> bool:
        """Whether the belt was seen to move: two plausible readings in a row, or a distance that grows."""
        return self._has_moved

    def heard(self, t_s: float, frame: TreadmillData) -> None:
        """One frame. A part of a split record is one too; of a cut one nothing says that a belt stands."""
        counts_on = self._count(t_s, frame)
        speed = frame.speed_kmh
        if speed is None:
            return
        if speed != self.speed_kmh:
            self._changed_s = t_s
        self.speed_kmh = speed
        self._heard.append((t_s, speed))
        if speed > STANDING_KMH:
            self._zeros = None
            is_plausible = speed <= FASTEST_PLAUSIBLE_KMH
            self._moving_kmh = speed if is_plausible else max(self._moving_kmh, FASTEST_BELT_KMH)
            self._moving_s = t_s
            self._moves_in_a_row = self._moves_in_a_row + 1 if is_plausible and speed >= MOVING_KMH else 0
            self._has_moved |= self._moves_in_a_row > 1
            return
        self._moves_in_a_row = 0
        if counts_on:
            self._zeros = None
        elif not frame.truncated:
            self._zeros = (t_s if self._zeros is None else self._zeros[0], t_s)

    def _count(self, t_s: float, frame: TreadmillData) -> bool:
        """Whether the distance grew."""
        if frame.elapsed_s is not None and frame.elapsed_s != self._elapsed_s:
            self._elapsed_s, self._changed_s = frame.elapsed_s, t_s
        distance = frame.distance_m
        if distance is None or distance == self._distance_m:
            return False
        before, self._distance_m, self._changed_s = self._distance_m, distance, t_s
        if before is None or self._base_m is None or distance < before:
            # The first, or set back to zero by the stop.
            self._base_m, self._rises = distance, 0
            return False
        self._rises += 1
        self._rose_s = t_s
        self._has_moved |= self._rises > 1 and distance - self._base_m >= COUNTED_M
        return True

    def verdict(self, now_s: float) -> Verdict:
        if not self._heard or now_s - self._heard[-1][0] > FRESH_S:
            return Verdict.SILENT
        if self._heard[-1][1] <= STANDING_KMH:
            return Verdict.STANDS if self._stands() else Verdict.UNCLEAR
        return Verdict.FROZEN if self._is_frozen(now_s) else Verdict.MOVES

    def _stands(self) -> bool:
        if self._zeros is None:
            return False
        first_s, last_s = self._zeros
        brakes_s = self._moving_kmh / FASTEST_BRAKING_KMH_PER_S
        return last_s - first_s >= STANDS_AFTER_S and last_s - self._moving_s >= brakes_s

    def _is_frozen(self, now_s: float) -> bool:
        speed = self._heard[-1][1]
        if self._elapsed_s is not None:
            due_s = FROZEN_AFTER_S
        elif self._distance_m is not None:
            due_s = max(FROZEN_AFTER_S, FROZEN_AFTER_M / (speed / 3.6))
        else:
            return False  # an even speed and nothing that counts: it may well run so
        return now_s - self._changed_s >= due_s

    @property
    def has_zeros(self) -> bool:
        """Whether the last whole reading said zero; of one that was cut off nothing says so."""
        return self._zeros is not None

    def counts_on(self, now_s: float) -> bool:
        """Whether the distance grew in the last seconds, whatever speed was said."""
        return self._rose_s is not None and now_s - self._rose_s <= FRESH_S

    def slows(self, now_s: float) -> bool:
        """Whether the belt is on its way to a stand, by its readings of the last seconds."""
        recent = [speed for t_s, speed in self._heard if now_s - t_s <= SLOWING_WITHIN_S]
        return len(recent) > 1 and recent[-1] <= recent[0] - SLOWING_BY_KMH
