"""Rotation of the trunk or pelvis within a stride, from a 6-axis sensor.

Orientation by VQF (Laidig & Seel 2023, 6-axis part): tilt does not drift; heading does, slowly,
so only what repeats within a stride is read from it.
"""

import math
from dataclasses import dataclass

import numpy as np

from treadcoach.core.units import GRAVITY_MPS2
from treadcoach.form.cells import CELL_RATE_HZ, Array


@dataclass(frozen=True, slots=True)
class Rotation:
    """Mean ranges within a stride, degrees: about the vertical, and about the way forward."""

    axial_deg: float
    obliquity_deg: float | None


class Orientation:
    """Sensor to earth, cell by cell. `turn` gives what the last strides show."""

    def __init__(self) -> None:
        # A megabyte that only a sensor with a gyroscope needs.
        from vqf import VQF  # noqa: PLC0415

        self._filter = VQF(1.0 / CELL_RATE_HZ)
        self._quaternions = np.empty((0, 4))

    def add(self, rows: Array, kept: int) -> None:
        """Cells (n, 6): g and deg/s. The newest `kept` orientations are held."""
        if not len(rows):
            return
        rate = np.ascontiguousarray(np.radians(rows[:, 3:6]))
        acceleration = np.ascontiguousarray(rows[:, :3] * GRAVITY_MPS2)
        new = self._filter.updateBatch(rate, acceleration)["quat6D"]
        self._quaternions = np.concatenate((self._quaternions, new))[-kept:]

    def turn(
        self, stride_s: float, cells: int, beyond: int, forward: tuple[float, float, float] | None
    ) -> Rotation | None:
        """Ranges over the whole strides in the last `cells` but `beyond`; None for less than two strides."""
        held = self._quaternions[: len(self._quaternions) - beyond]
        stride = stride_s * CELL_RATE_HZ
        strides = int(min(cells, len(held)) / stride)
        if strides < 2:
            return None
        count = round(strides * stride)
        quaternions = held[-count:]
        middle = quaternions[count // 2]
        vectors = _small_turns(quaternions, middle)
        line = np.linspace(-0.5, 0.5, count)
        flat = vectors - vectors.mean(axis=0)
        flat -= np.outer(line, (line @ flat) / (line @ line))
        starts = np.arange(strides) * count // strides
        axial = _mean_range(flat[:, 2], starts)
        obliquity = None
        if forward is not None and (way := _level_way(middle, forward)) is not None:
            obliquity = _mean_range(flat[:, :2] @ way, starts)
        return Rotation(math.degrees(axial), None if obliquity is None else math.degrees(obliquity))


def _mean_range(values: Array, starts: np.typing.NDArray[np.int64]) -> float:
    ranges = np.maximum.reduceat(values, starts) - np.minimum.reduceat(values, starts)
    return float(ranges.mean())


def _small_turns(quaternions: Array, reference: Array) -> Array:
    """Rotation vectors (n, 3) in the earth's frame from a reference orientation, rad."""
    w0, x0, y0, z0 = reference
    w, x, y, z = quaternions.T
    # q times the conjugate of the reference.
    real = w * w0 + x * x0 + y * y0 + z * z0
    vector = np.stack(
        (
            -w * x0 + x * w0 - y * z0 + z * y0,
            -w * y0 + x * z0 + y * w0 - z * x0,
            -w * z0 - x * y0 + y * x0 + z * w0,
        ),
        axis=1,
    )
    out: Array = 2 * vector * np.where(real < 0, -1.0, 1.0)[:, None]
    return out


def _level_way(quaternion: Array, axis: tuple[float, float, float]) -> Array | None:
    """The horizontal direction of a sensor's axis in the earth's frame, unit (2,)."""
    w, x, y, z = quaternion
    a, b, c = axis
    east = (1 - 2 * (y * y + z * z)) * a + 2 * (x * y - w * z) * b + 2 * (x * z + w * y) * c
    north = 2 * (x * y + w * z) * a + (1 - 2 * (x * x + z * z)) * b + 2 * (y * z - w * x) * c
    length = math.hypot(east, north)
    return None if length < 0.2 else np.array([east, north]) / length
