"""What was really held: readings of a belt without what no belt does, and over a distance that agrees.

A record has values that nobody ran: a frame gone wrong, a reading that stayed behind. They must not become
next week's ceiling, so what is in doubt counts as slower.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import median

from treadcoach.core.sustained import DURATIONS_S

RUNNING_ABOVE_KMH = 6.5
"""As in belt.yaml, where it is fixed: the store counts seconds of running by it."""
FASTEST_RISE_KMH_PER_S = 1.5
FASTEST_FALL_KMH_PER_S = 3.0
"""No belt speeds up or brakes faster; the fall is that of a pulled safety key."""
ODD_OF = 5
"""Seconds of which the middle value counts: two odd ones among them are nothing."""
MORE_THAN_COUNTED = 1.05
COUNTER_STEP_M = 10.0
"""Counters go in steps of up to ten metres, and lag."""


def believed_speeds(speeds_kmh: Sequence[float]) -> list[float]:
    """One a second, without odd values: the most that a real belt could have done between its neighbours."""
    out = _middle(speeds_kmh)
    for at in range(1, len(out)):
        out[at] = min(out[at], out[at - 1] + FASTEST_RISE_KMH_PER_S)
    for at in range(len(out) - 2, -1, -1):
        out[at] = min(out[at], out[at + 1] + FASTEST_FALL_KMH_PER_S)
    return out


def _middle(speeds_kmh: Sequence[float]) -> list[float]:
    half = ODD_OF // 2
    padded = [0.0] * half + list(speeds_kmh) + [0.0] * half
    # Most of a session is at one speed, and then there is nothing to sort.
    return [
        here if padded[at] == here == padded[at + ODD_OF - 1] else sorted(padded[at : at + ODD_OF])[half]
        for at, here in enumerate(speeds_kmh)
    ]


def held_curve(speeds_kmh: Sequence[float], distances_m: Sequence[float]) -> dict[int, float]:
    """The mean-maximal curve of believed speeds, where the counter of the distance agrees with them.

    distances_m: the counter at the end of each of these seconds. One that is off by a factor all the time
    is only compared with itself.
    """
    sums = [0.0, *accumulate(speeds_kmh)]
    metres = _as_speeds(sums, distances_m)
    total = len(speeds_kmh)
    curve = {}
    for duration in DURATIONS_S:
        slack = COUNTER_STEP_M * 3.6
        best = 0.0
        for end in range(min(duration, total), total + 1):
            start = max(end - duration, 0)
            ran = sums[end] - sums[start]
            if ran > best:
                counted = (metres[end] - metres[start]) * MORE_THAN_COUNTED + slack
                best = max(best, min(ran, counted))
        curve[duration] = best / duration
    return curve


def _as_speeds(sums: Sequence[float], distances_m: Sequence[float]) -> list[float]:
    """The counter in km/h x s, by the factor that is usual in this session."""
    counted = [0.0, *(distance * 3.6 for distance in distances_m)]
    minutes = [
        (counted[end] - counted[start]) / (sums[end] - sums[start])
        for start, end in pairwise(range(0, len(sums), 60))
        if sums[end] > sums[start]
    ]
    usual = median(minutes) if minutes else 1.0
    if usual <= 0:
        return list(sums)
    return [value / usual for value in counted] if abs(usual - 1) > 0.1 else counted
