"""A run or walk recorded elsewhere, as far as history needs it: when, how long, how fast for how long."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from treadcoach.core.errors import InputError
from treadcoach.core.held import WORLD_BEST_KMH, beyond_anybody, watch_curve

FASTEST_KMH = 25.0
"""No step between two points counts as faster: a jump of a position is likelier than such a sprint."""
CATCHES_UP_S = 15.0
"""A distance that stood for so long and then steps was covered meanwhile: counters go in steps, and lag."""
LONGEST_GAP_S = 60.0
"""Points further apart have a pause between them."""
LONGEST = timedelta(hours=24)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MOST_JUMPS_SHARE = 0.05
"""With more of its steps beyond belief it is no run, whatever it says."""
SHORTEST_M = 10.0
MOVING_KMH = 0.5
SPORTS = ("running", "walking")


@dataclass(frozen=True, slots=True)
class Point:
    """One recorded point. at carries its zone; distance_m counts from the start."""

    at: datetime
    distance_m: float | None = None
    heart_rate_bpm: float | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity. speeds_kmh: one a second from the start, 0 where it stood; day: the runner's date."""

    started: datetime
    day: date
    sport: str
    speeds_kmh: tuple[float, ...]
    distance_m: float
    moving_s: float
    mean_heart_rate_bpm: float | None
    jumps: int
    """Steps that were too fast to be believed, and count as standing."""
    device: str = ""
    """What recorded it, as the file says: maker, model, serial number; '' when it does not."""


def make_activity(
    points: Iterable[Point],
    sport: str,
    place: str,
    now: datetime,
    zone: tzinfo | None,
    device: str = "",
) -> Activity:
    """An activity from its points. Raises InputError when they cannot be one, or nobody ran so fast.

    zone: where it was run; None for the zone of this machine.
    """
    if sport not in SPORTS:
        raise InputError(f"{place}, sport", sport, "running or walking")
    found = [point for point in points if point.distance_m is not None]
    if len(found) < 2:
        raise InputError(place, f"{len(found)} points with a distance", "at least two")
    found.sort(key=lambda point: point.at)
    first, last = found[0].at, found[-1].at
    if not EARLIEST <= first <= now + timedelta(hours=1):
        raise InputError(f"{place}, start", first.isoformat(), f"a time from {EARLIEST:%Y} to now")
    if not timedelta(0) < last - first <= LONGEST:
        raise InputError(f"{place}, length", str(last - first), "more than 0 and at most 24 hours")
    speeds = [0.0] * (int((last - first).total_seconds()) + 1)
    jumps = 0
    for begin_s, end_s, metres in _stretches(found, first):
        kmh = metres / (end_s - begin_s) * 3.6
        if kmh > FASTEST_KMH:
            jumps += 1
            continue
        _fill(speeds, begin_s, end_s, kmh)
    if jumps > MOST_JUMPS_SHARE * (len(found) - 1):
        allowed = f"a run or walk, its distance in metres: nobody runs at more than {FASTEST_KMH:g} km/h"
        raise InputError(place, f"{jumps} of {len(found) - 1} steps faster than that", allowed)
    distance = sum(speeds) / 3.6
    if distance < SHORTEST_M:
        raise InputError(place, "less than 10 m that can be believed", "an activity with a distance")
    if (beyond := beyond_anybody(watch_curve(speeds))) is not None:
        allowed = f"a run or walk: nobody runs faster than {WORLD_BEST_KMH[beyond]:g} km/h for so long"
        raise InputError(place, f"{beyond // 60} min at more than that", allowed)
    pulses = [point.heart_rate_bpm for point in found if point.heart_rate_bpm]
    return Activity(
        first,
        first.astimezone(zone).date(),
        sport,
        tuple(speeds),
        distance,
        float(sum(speed >= MOVING_KMH for speed in speeds)),
        sum(pulses) / len(pulses) if pulses else None,
        jumps,
        device,
    )


def _stretches(points: Sequence[Point], first: datetime) -> Iterator[tuple[float, float, float]]:
    """(from, to, metres) in seconds since the first point: where the distance rose, and how long it took.

    The last value of a second counts. A distance that goes back and forth has not been covered twice; one
    that begins anew goes on. What comes in one step after standing still was covered since it stood.
    """
    by_second = {point.at: point for point in points}
    listed = list(by_second.values())
    seconds = [(point.at - first).total_seconds() for point in listed]
    highest, rose_s = 0.0, seconds[0]
    for at, point in enumerate(listed):
        assert point.distance_m is not None
        if at == 0 or point.distance_m < highest / 2:
            highest, rose_s = point.distance_m, seconds[at]
            continue
        metres = point.distance_m - highest
        if metres <= 0:
            continue
        begin_s, end_s = seconds[at - 1], seconds[at]
        highest = point.distance_m
        stood_s = end_s - rose_s
        rose_s = end_s
        if end_s - begin_s > LONGEST_GAP_S:
            continue
        too_fast = metres / (end_s - begin_s) * 3.6 > FASTEST_KMH
        if stood_s <= CATCHES_UP_S or (too_fast and stood_s <= LONGEST_GAP_S):
            begin_s = end_s - stood_s
        yield begin_s, end_s, metres


def _fill(speeds: list[float], begin_s: float, end_s: float, kmh: float) -> None:
    """Put a speed into every second it covers, by its share of that second."""
    second = int(begin_s)
    while second < end_s and second < len(speeds):
        share = min(end_s, second + 1) - max(begin_s, second)
        speeds[second] += kmh * share
        second += 1
