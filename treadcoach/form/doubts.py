"""Reasons not to trust a sensor's values: it has moved on the body, sits loosely, or its range is passed."""

from treadcoach.form.cells import Array
from treadcoach.form.posture import angle_deg

CLIPPED = "the sensor's range is passed: peaks are cut off"
MOVED = "the sensor has moved on the body"
LOOSE = "the sensor is loose"
_SECONDS = 10
_FEWEST_TURNS = 5
_MOVED_DEG = 20.0
_LOOSE_DEG = 7.0
_LOOSE_CORRELATION = 0.55
"""Strides at a trunk repeat with 0.8 to 0.97; a sensor that swings by itself does not."""


class MountDoubts:
    """Watches up's direction in the sensor over the last seconds.

    Kept over gaps, so that a sensor that was taken off and put on again is noticed.
    """

    def __init__(self) -> None:
        self._directions: list[Array] = []
        self._turns: list[float] = []
        self._correlations: list[float] = []

    def forget(self) -> None:
        """The new mounting is the one to compare with."""
        self._directions = []
        self._turns = []

    def update(self, up: Array, correlation: float) -> str | None:
        """One second's up (a unit vector) and how well its strides repeat; the doubt there is, if any."""
        if self._directions:
            self._turns = [*self._turns, angle_deg(self._directions[-1], up)][-_SECONDS:]
        self._directions = [*self._directions, up][-_SECONDS:]
        self._correlations = [*self._correlations, correlation][-_SECONDS:]
        if len(self._turns) < _FEWEST_TURNS:
            return None
        if angle_deg(self._directions[0], up) > _MOVED_DEG:
            return MOVED
        loose = middle(self._turns) > _LOOSE_DEG or middle(self._correlations) < _LOOSE_CORRELATION
        return LOOSE if loose else None


def middle(values: list[float]) -> float:
    """The median, of an even number the upper one."""
    return sorted(values)[len(values) // 2]
