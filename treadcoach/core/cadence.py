"""Cadence as pods report it: some count one foot, some both."""

HIGHEST_CADENCE_SPM = 250.0
STEP_LENGTH_M = (0.25, 1.9)


def steps_a_minute(cadence_rpm: int, speed_kmh: float | None) -> float | None:
    """Steps of both feet from a pod's cadence: it counts one foot, but some count both.

    The belt's speed decides: the reading whose steps are no longer or shorter than people's.
    """
    if cadence_rpm <= 0:
        return None
    candidates = [float(2 * cadence_rpm), float(cadence_rpm)]
    for cadence in candidates:
        if cadence > HIGHEST_CADENCE_SPM:
            continue
        if speed_kmh is None or speed_kmh < 0.3:
            return cadence
        length_m = speed_kmh / 3.6 * 60 / cadence
        if STEP_LENGTH_M[0] <= length_m <= STEP_LENGTH_M[1]:
            return cadence
    return None
