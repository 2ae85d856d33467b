"""Vertical oscillation: from the sensor by integrating twice, and from contact time by mechanics."""

import math

import numpy as np

from treadcoach.core.units import GRAVITY_MPS2
from treadcoach.form.cells import CELL_RATE_HZ, Array


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
    part = vertical_g[-count:]
    spectrum = np.fft.rfft(part - part.mean())
    frequency = np.arange(len(spectrum)) * (CELL_RATE_HZ / count)
    kept = frequency > 0.7 * 2 / stride_s
    if not kept.any():
        return None
    spectrum[~kept] = 0
    spectrum[kept] /= -((2 * math.pi * frequency[kept]) ** 2)
    height_m = np.fft.irfft(spectrum, count) * GRAVITY_MPS2
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
