"""Instants of single steps: one peak of the smoothed vertical acceleration for each."""

from functools import lru_cache

import numpy as np

from treadcoach.form.cells import CELL_RATE_HZ, Array

SMOOTHING_SHARE = 0.55
ALONE_SHARE = 0.45
"""A step's peak is the highest within this share of a step time on either side."""


@lru_cache(maxsize=64)
def _kernel(length: int) -> Array:
    window = np.hanning(length + 2)[1:-1]
    return window / window.sum()


@lru_cache(maxsize=256)
def _weight(count: int, length: int) -> Array:
    return np.convolve(np.ones(count), _kernel(length), "same")


def smoothing_cells(step_s: float) -> int:
    return round(SMOOTHING_SHARE * step_s * CELL_RATE_HZ) | 1


def margin_cells(step_s: float) -> int:
    """How many cells must follow before a peak is final."""
    return smoothing_cells(step_s) // 2 + int(ALONE_SHARE * step_s * CELL_RATE_HZ) + 1


def smoothed(vertical_g: Array, step_s: float) -> Array:
    """The vertical axis (n,) with everything shorter than about half a step smoothed away, without delay."""
    length = smoothing_cells(step_s)
    out: Array = np.convolve(vertical_g, _kernel(length), "same") / _weight(len(vertical_g), length)
    return out


def step_peaks(smooth_g: Array, step_s: float) -> list[float]:
    """Places of the steps in cells (with fractions), in order, all that the window shows."""
    inner = smooth_g[1:-1]
    peaks = np.flatnonzero((inner >= smooth_g[:-2]) & (inner > smooth_g[2:])) + 1
    reach = int(ALONE_SHARE * step_s * CELL_RATE_HZ)
    out = []
    for peak in peaks.tolist():
        around = smooth_g[max(peak - reach, 0) : peak + reach + 1]
        here = smooth_g[peak]
        if here < around.max():
            continue
        before, after = smooth_g[peak - 1], smooth_g[peak + 1]
        curve = before - 2 * here + after
        out.append(float(peak + 0.5 * (before - after) / curve) if curve < 0 else float(peak))
    return out
