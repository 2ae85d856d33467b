"""What was really held: readings of a belt without what no belt does, and over a distance that agrees.

A record has values that nobody ran: a frame gone wrong, a reading that stayed behind. They must not become
next week's ceiling, so what is in doubt counts as slower.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from statistics import median

from treadcoach.core.sustained import DURATIONS_S

RUNNING_ABOVE_KMH = 6.5
"""As in belt.yaml, where it is fixed: the store counts seconds of running by it."""
FASTEST_RISE_KMH_PER_S = 1.5
FASTEST_FALL_KMH_PER_S = 3.0
"""No belt speeds up or brakes faster; the fall is that of a pulled safety key."""
ODD_OF = 7
"""Seconds of which the middle value counts: three odd ones among them are nothing."""
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


# -- what a watch says ----------------------------------------------------------------

STEADY_S = 61
"""What a watch says is held counts when it is the middle value of a minute: half a minute of it at least."""
NOISE_OVER_S = 3
NOISE_OF_SPEED, NOISE_LEAST_KMH = 0.6, 3.5
"""From three seconds to the next three: nobody changes by so much of their speed over and over."""
NOISE_SHARE, NOISE_AROUND_S = 0.1, 301
FAR_ABOVE_THE_REST = 2.0
"""Times the middle of what was moved: a car to the lights, rather than the walker in it."""
MOVING_KMH = 0.5
WORLD_BEST_KMH = {60: 25.0, 120: 25.0, 300: 25.0, 600: 24.0, 1200: 23.0, 2400: 22.5}
"""About the best that anybody has run for so long: 5 km in 12:35, 10 km in 26:11, 21.1 km in 57:30."""


def believed_of_a_watch(speeds_kmh: Sequence[float]) -> list[float]:
    """One a second: what was held for real.

    Noise, the sprints of a position that was lost for a while and a ride in a car count as standing.
    """
    steady = _rolling_median(speeds_kmh)
    moving = [speed for speed in steady if speed >= MOVING_KMH]
    most = FAR_ABOVE_THE_REST * median(moving) if moving else 0.0
    sums, half = [0, *accumulate(_wild(speeds_kmh, steady))], NOISE_AROUND_S // 2
    out = []
    for at, speed in enumerate(steady):
        first, last = max(at - half, 0), min(at + half + 1, len(steady))
        noisy = sums[last] - sums[first] > NOISE_SHARE * (last - first)
        out.append(0.0 if noisy or speed > most else speed)
    return out


def _wild(speeds_kmh: Sequence[float], steady_kmh: Sequence[float]) -> list[int]:
    """1 for each second around which the speed changes as nobody's does."""
    sums, out = [0.0, *accumulate(speeds_kmh)], [0] * len(speeds_kmh)
    for at in range(NOISE_OVER_S, len(speeds_kmh) - NOISE_OVER_S + 1):
        change = sums[at + NOISE_OVER_S] - 2 * sums[at] + sums[at - NOISE_OVER_S]
        most = max(NOISE_OF_SPEED * steady_kmh[at - 1], NOISE_LEAST_KMH)
        out[at - 1] = int(abs(change) / NOISE_OVER_S > most)
    return out


def watch_curve(speeds_kmh: Sequence[float]) -> dict[int, float]:
    """The mean-maximal curve of an activity: held for real, and never beyond the distance it covered."""
    steady = [0.0, *accumulate(believed_of_a_watch(speeds_kmh))]
    covered = [0.0, *accumulate(speeds_kmh)]
    total = len(speeds_kmh)
    curve = {}
    for duration in DURATIONS_S:
        spans = ((max(end - duration, 0), end) for end in range(min(duration, total), total + 1))
        best = max(min(steady[b] - steady[a], covered[b] - covered[a]) for a, b in spans)
        curve[duration] = best / duration
    return curve


def beyond_anybody(curve: Mapping[int, float]) -> int | None:
    """The duration for which nobody has run so fast; None when somebody might have."""
    return next((d for d in reversed(DURATIONS_S) if curve[d] > WORLD_BEST_KMH[d]), None)


def _rolling_median(speeds_kmh: Sequence[float]) -> list[float]:
    """Of the minute around each second, as far as there is one."""
    half = STEADY_S // 2
    window = sorted(speeds_kmh[:half])
    out = []
    for at in range(len(speeds_kmh)):
        if at + half < len(speeds_kmh):
            insort(window, speeds_kmh[at + half])
        if at > half:
            del window[bisect_left(window, speeds_kmh[at - half - 1])]
        out.append(window[len(window) // 2])
    return out
