"""Cadence as pods report it: most count one foot, some both."""

PLAUSIBLE_SPM = ((6.0, 45.0, 148.0), (7.5, 80.0, 205.0), (99.0, 125.0, 245.0))
"""Up to a speed in km/h: the slowest and fastest cadence of people on a belt, with room on both sides."""


def steps_a_minute(cadence_rpm: int, speed_kmh: float | None) -> float | None:
    """Steps of both feet from a pod's cadence; None for no steps, or for none that fit the belt.

    By the standard it counts one foot, so twice of it is tried first; the belt's speed decides.
    """
    if cadence_rpm <= 0:
        return None
    twice, once = 2.0 * cadence_rpm, float(cadence_rpm)
    if speed_kmh is None or speed_kmh < 0.3:
        return twice if twice <= PLAUSIBLE_SPM[-1][2] else once
    fitting = [(low, high) for upto, low, high in PLAUSIBLE_SPM if speed_kmh <= upto]
    low, high = fitting[0] if fitting else PLAUSIBLE_SPM[-1][1:]
    return next((cadence for cadence in (twice, once) if low <= cadence <= high), None)
