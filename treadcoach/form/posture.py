"""Lean: how far gravity's direction in the sensor has turned from a calibrated standing."""

import math
from dataclasses import dataclass

import numpy as np

from treadcoach.core.body import Mount
from treadcoach.form.cells import CELL_RATE_HZ, Array

STANDING_S = 4.0
STANDING_STILL_G = 0.02
BOW_DEG = (12.0, 70.0)
FORWARD_AXIS = dict.fromkeys(Mount, (0.0, 0.0, 1.0))
"""Which way is forward in a sensor worn as its maker shows: x along the body, z away from it. A bow
during the calibration measures it instead."""


def direction(rows: Array) -> Array | None:
    """Unit vector of the mean acceleration, rows (n, 3): up, seen from the sensor."""
    mean = rows.sum(axis=0) * (1 / len(rows))
    length = float(np.sqrt(mean @ mean))
    return None if length < 0.2 else mean / length


def angle_deg(one: Array, other: Array) -> float:
    return math.degrees(math.acos(min(max(float(one @ other), -1.0), 1.0)))


@dataclass(frozen=True, slots=True)
class Standing:
    """A calibration: up and forward as unit vectors in the sensor's frame."""

    up: tuple[float, float, float]
    forward: tuple[float, float, float] | None
    incline_percent: float | None = None
    forward_is_measured: bool = False

    def lean_deg(self, up_now: Array) -> float | None:
        """Forward lean since standing, degrees, backward negative; None without a forward axis."""
        if self.forward is None:
            return None
        return math.degrees(
            math.atan2(-float(up_now @ np.array(self.forward)), float(up_now @ np.array(self.up)))
        )

    def tilt_deg(self, up_now: Array) -> float:
        """Change in any direction, degrees."""
        return angle_deg(np.array(self.up), up_now)


def stands_still(rows: Array) -> bool:
    """Whether the last seconds of cells (n, 3) are a body that stands: still, and gravity alone."""
    count = int(STANDING_S * CELL_RATE_HZ)
    if len(rows) < count:
        return False
    part = rows[-count:]
    magnitude = np.sqrt((part * part).sum(axis=1))
    return float(part.std(axis=0).max()) < STANDING_STILL_G and 0.9 < float(magnitude.mean()) < 1.1


def calibrated(rows: Array, mount: Mount, incline_percent: float | None) -> Standing | None:
    """A calibration from the last seconds of standing, cells (n, 3); None when it was not still."""
    if not stands_still(rows):
        return None
    up = direction(rows[-int(STANDING_S * CELL_RATE_HZ) :])
    if up is None:
        return None
    forward = _level(np.array(FORWARD_AXIS[mount]), up)
    return Standing(_triple(up), None if forward is None else _triple(forward), incline_percent)


def with_bow(standing: Standing, rows: Array) -> Standing:
    """The calibration with its forward axis measured by a bow, if the last cells (n, 3) show one held."""
    up = np.array(standing.up)
    if not stands_still(rows) or (bowed := direction(rows[-int(STANDING_S * CELL_RATE_HZ) :])) is None:
        return standing
    turned = angle_deg(up, bowed)
    if not BOW_DEG[0] <= turned <= BOW_DEG[1]:
        return standing
    forward = _level(-bowed, up)
    if forward is None:
        return standing
    return Standing(standing.up, _triple(forward), standing.incline_percent, forward_is_measured=True)


def _level(axis: Array, up: Array) -> Array | None:
    """The part of an axis at right angles to up, as a unit vector; None when hardly any is left."""
    flat = axis - up * float(axis @ up)
    length = float(np.sqrt(flat @ flat))
    return None if length < 0.1 else flat / length


def _triple(vector: Array) -> tuple[float, float, float]:
    return (float(vector[0]), float(vector[1]), float(vector[2]))
