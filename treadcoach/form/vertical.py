"""Vertical oscillation: from the sensor by integrating twice, and from contact time by mechanics."""

import math
from functools import lru_cache

import numpy as np

from treadcoach.core.units import GRAVITY_MPS2
from treadcoach.form.cells import CELL_RATE_HZ, Array

SLOWEST_SHARE = 0.7
"""Of the step rate: what is slower is no part of a step."""


@lru_cache(maxsize=1024)
def _twice_integrated(count: int, slowest: int) -> Array:
    """Factors of a spectrum of g that make it metres; 0 below the line `slowest`."""
    factors = np.zeros(count // 2 + 1)
    omega = 2 * math.pi * np.arange(slowest, len(factors)) * (CELL_RATE_HZ / count)
    factors[slowest:] = -GRAVITY_MPS2 / omega**2
    return factors


def oscillation_at_sensor_mm(vertical_g: Array, stride_s: float) -> float | None:
    """Mean range of the sensor's vertical movement within a step, mm.

    vertical_g (n,): at least one whole stride of acceleration along gravity. Integrated twice in
    the frequency domain over whole strides; everything slower than 0.7 of the step rate (sway,
    drift, a tilt that is not exactly known) is left out.
    """
    strides = int(len(vertical_g) / (stride_s * CELL_RATE_HZ))
    if strides < 1:
        return None
    count = min(round(strides * stride_s * CELL_RATE_HZ), len(vertical_g))
    slowest = int(SLOWEST_SHARE * 2 / stride_s * count / CELL_RATE_HZ) + 1
    if slowest > count // 2:
        return None
    spectrum = np.fft.rfft(vertical_g[-count:]) * _twice_integrated(count, slowest)
    height_m = np.fft.irfft(spectrum, count)
    starts = np.arange(2 * strides) * count // (2 * strides)
    ranges = np.maximum.reduceat(height_m, starts) - np.minimum.reduceat(height_m, starts)
    return float(ranges.mean() * 1000)


def oscillation_of_mass_mm(contact_s: float, step_s: float, slope: float = 0.0) -> float | None:
    """Range of the centre of mass in a running step, perpendicular to the belt, mm.

    Closed form for a force that is half a sine wave during contact and nothing in flight, with
    the mean force of body weight over a step: contact_s and step_s in s, slope as a fraction.
    None where there is no flight (that is walking). On force-treadmill contacts: bias 0.2 mm,
    rms 2.5 mm over 37 to 109 mm.
    """
    if not 0 < contact_s < step_s:
        return None
    gravity = GRAVITY_MPS2 * math.cos(math.atan(slope))
    peak = math.pi / 2 * step_s / contact_s
    flight_s = step_s - contact_s
    # Through contact the velocity runs from -g·flight/2 to +g·flight/2; the lowest point is its middle.
    half = contact_s / 2
    rise_m = gravity * (peak * contact_s**2 / math.pi**2 - half**2 / 2)
    rise_m += gravity * flight_s**2 / 8
    # From mid-contact: velocity is g·(peak·contact/π·sin(πx/contact) - x); its integral to toe-off is above.
    return rise_m * 1000
