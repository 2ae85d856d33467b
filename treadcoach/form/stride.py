"""Stride time from the repetition of the signal itself, over one window of cells.

Method: autocorrelation of all axes together, low-passed at 6 Hz, the first peak that
reaches 0.85 of the highest within the strides that are possible at this gait. Searching the
stride (two steps) rather than the step needs no agreement on which axis is which.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from treadcoach.core.body import Gait
from treadcoach.form.cells import CELL_RATE_HZ, Array

LOW_PASS_HZ = 6.0
FIRST_PEAK_SHARE = 0.85
TRUSTED_CORRELATION = 0.35
STILL_G = 0.05
"""Magnitude SD under which a body stands or sits: those measure 0.001 to 0.012 g, walking 0.13 and up."""
RUNNING_BOUNCE_G = 1.4
"""Peak to peak of the vertical axis: walking measured up to 0.85 g, running from 2.4 g."""
STRIDE_RANGE_S = {Gait.RUNNING: (0.50, 0.95), Gait.WALKING: (0.80, 1.70)}
SLOW_WALK_KMH = 2.5
SLOW_STRIDE_RANGE_S = (1.0, 2.2)
SURELY_WALKING_KMH = 5.0
SURELY_RUNNING_KMH = 8.0
_NEAR_BEFORE = 0.10
_FAR_FROM_BEFORE = 0.15
_STILL_WORTH = 0.6


@dataclass(frozen=True, slots=True)
class Stride:
    """One window's stride: two steps take `time_s`; correlation is 0 to 1."""

    time_s: float
    correlation: float


@lru_cache(maxsize=64)
def _low_pass_power(length: int) -> Array:
    """Power response of a second-order Butterworth low-pass, for a transform of that length."""
    frequency = np.fft.rfftfreq(length, 1 / CELL_RATE_HZ)
    response: Array = 1 / (1 + (frequency / LOW_PASS_HZ) ** 4)
    return response


@lru_cache(maxsize=512)
def _overlap(count: int) -> Array:
    return np.arange(count, 0, -1).astype(float)


def autocorrelations(rows: Array, up: Array) -> tuple[Array, Array] | None:
    """Normalised autocorrelations of a window (n, 3): of all axes together, and along `up`; (n,) each.

    Each lag is divided by the samples that overlap, so that long lags are not played down.
    None for a signal that does not move.
    """
    count = len(rows)
    length = 1 << (2 * count - 1).bit_length()
    spectrum = np.fft.rfft(rows - rows.sum(axis=0) * (1 / count), length, axis=0)
    along = spectrum @ up
    power = np.empty((2, len(spectrum)))
    power[0] = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
    power[1] = along.real**2 + along.imag**2
    power *= _low_pass_power(length)
    lags = np.fft.irfft(power, length, axis=1)[:, :count] / _overlap(count)
    if lags[0, 0] <= 0 or lags[1, 0] <= 0:
        return None
    return lags[0] / lags[0, 0], lags[1] / lags[1, 0]


def gait_of(bounce_g: float, speed_kmh: float | None) -> Gait:
    """Walking or running, by the belt's speed where it leaves no doubt, else by the bounce."""
    if speed_kmh is not None and speed_kmh <= SURELY_WALKING_KMH:
        return Gait.WALKING
    if speed_kmh is not None and speed_kmh >= SURELY_RUNNING_KMH:
        return Gait.RUNNING
    return Gait.RUNNING if bounce_g >= RUNNING_BOUNCE_G else Gait.WALKING


def stride_range_s(gait: Gait, speed_kmh: float | None) -> tuple[float, float]:
    """Stride times that are possible; a slow belt has slower ones."""
    if gait is Gait.WALKING and speed_kmh is not None and speed_kmh < SLOW_WALK_KMH:
        return SLOW_STRIDE_RANGE_S
    return STRIDE_RANGE_S[gait]


def find_stride(lags: Array, possible_s: tuple[float, float], before_s: float | None) -> Stride | None:
    """The stride time by a window's autocorrelation (n,); None when nothing repeats well enough.

    before_s is the stride just before, if there was one: a window that could as well be read
    as half or twice of it is read as it.
    """
    low = max(int(possible_s[0] * CELL_RATE_HZ), 2)
    high = min(int(possible_s[1] * CELL_RATE_HZ) + 1, len(lags) - 2)
    if high - low < 2:
        return None
    part = lags[low - 1 : high + 2]
    peaks = np.flatnonzero((part[1:-1] >= part[:-2]) & (part[1:-1] > part[2:])) + low
    if not len(peaks):
        return None
    values = lags[peaks]
    best = float(values.max())
    if best < TRUSTED_CORRELATION:
        return None
    peak = int(peaks[np.argmax(values >= FIRST_PEAK_SHARE * best)])
    if before_s is not None:
        expected = before_s * CELL_RATE_HZ
        if abs(peak - expected) > _FAR_FROM_BEFORE * expected:
            near = (np.abs(peaks - expected) <= _NEAR_BEFORE * expected) & (values >= _STILL_WORTH * best)
            if near.any():
                peak = int(peaks[np.argmax(near)])
    period = _refined(lags, peak)
    return Stride(period / CELL_RATE_HZ, min(float(lags[peak]), 1.0))


def _refined(lags: Array, peak: int) -> float:
    """The peak between samples, and more exactly from its multiples: an error of k strides is shared by k."""
    period = _parabola(lags, peak)
    height = lags[peak]
    times = 2
    while times * period < 0.62 * len(lags):
        centre = round(times * period)
        reach = max(2, int(0.12 * period))
        part = lags[centre - reach : centre + reach + 1]
        at = int(part.argmax())
        if at in (0, len(part) - 1) or part[at] < 0.7 * height:
            break
        period = _parabola(lags, centre - reach + at) / times
        times += 1
    return period


def _parabola(values: Array, at: int) -> float:
    before, here, after = float(values[at - 1]), float(values[at]), float(values[at + 1])
    curve = before - 2 * here + after
    return at if curve >= 0 else at + 0.5 * (before - after) / curve
