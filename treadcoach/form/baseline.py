"""The runner's own values: minutes 3 to 8 of this session, and past runs once there are enough.

Kept apart by gait, speed and incline, because all of form changes with them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from treadcoach.core.body import Gait
from treadcoach.form.reading import FormReading

FROM_S = 180.0
TO_S = 480.0
FEWEST_READINGS = 120
MOST_READINGS = 300
SAME_SPEED_KMH = 0.6
SAME_INCLINE_PERCENT = 1.5
NEAR_SPEED_KMH = 1.3
"""An eased belt is compared with the own value at the nearest speed, with an allowance for the difference."""
ALLOWANCE_PER_KMH = {"cadence_spm": 0.016, "step_time_ms": 0.016, "stride_time_ms": 0.016}
OTHER_ALLOWANCE_PER_KMH = 0.08
FEWEST_PAST_RUNS = 4
SESSION_ONLY = frozenset({"lean_deg", "tilt_deg", "shock_g", "lateral_share"})
"""They change with each mounting of the sensor, so past sessions say nothing about them."""


@dataclass(frozen=True, slots=True)
class Norm:
    """What is normal for a metric: mean and scatter, and where that comes from."""

    mean: float
    scatter: float
    origin: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One gait at one speed and incline (None: not known)."""

    gait: Gait
    speed_kmh: float | None
    incline_percent: float | None

    def fits(self, other: "Condition") -> bool:
        return (
            self.gait is other.gait
            and _near(self.speed_kmh, other.speed_kmh, SAME_SPEED_KMH)
            and _near(self.incline_percent, other.incline_percent, SAME_INCLINE_PERCENT)
        )


@dataclass(frozen=True, slots=True)
class PastNorm:
    """What one past session had in one condition: metric to (mean, scatter)."""

    gait: Gait
    speed_kmh: float | None
    incline_percent: float | None
    values: Mapping[str, tuple[float, float]]

    @property
    def condition(self) -> Condition:
        return Condition(self.gait, self.speed_kmh, self.incline_percent)


def _near(one: float | None, other: float | None, within: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= within


@dataclass(slots=True)
class _Entry:
    condition: Condition
    count: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    squares: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, values: Mapping[str, float]) -> None:
        self.count += 1
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.squares[name] = self.squares.get(name, 0.0) + value * value
            self.counts[name] = self.counts.get(name, 0) + 1

    def norm(self, metric: str) -> tuple[float, float] | None:
        count = self.counts.get(metric, 0)
        if count < FEWEST_READINGS // 2:
            return None
        mean = self.sums[metric] / count
        return mean, math.sqrt(max(self.squares[metric] / count - mean * mean, 0.0))


class Baseline:
    """Collects and answers. Feed it settled readings alone."""

    def __init__(self, past: Sequence[Sequence[PastNorm]] = ()) -> None:
        self._past = past
        self._entries: list[_Entry] = []
        self._gait_s: dict[Gait, float] = {}

    def moved(self, gait: Gait, elapsed_s: float) -> None:
        """Time at a gait, settled or not: the minutes are counted by it."""
        self._gait_s[gait] = self._gait_s.get(gait, 0.0) + elapsed_s

    def add(self, condition: Condition, values: Mapping[str, float]) -> bool:
        """Take a settled reading, where it is one to learn from; whether it was."""
        at_s = self._gait_s.get(condition.gait, 0.0)
        if at_s < FROM_S:
            return False
        entry = self._entry(condition)
        if entry is None:
            entry = _Entry(condition)
            self._entries.append(entry)
        # A condition first met late learns from its own first minutes.
        enough = MOST_READINGS if at_s < TO_S else FEWEST_READINGS
        if entry.count >= enough:
            return False
        entry.add(values)
        return True

    def forget_mounting(self) -> None:
        """The sensor sits differently now: what depends on that is learned anew."""
        for entry in self._entries:
            for name in SESSION_ONLY:
                entry.counts.pop(name, None)
                entry.sums.pop(name, None)
                entry.squares.pop(name, None)
            entry.count = 0

    def _entry(self, condition: Condition) -> _Entry | None:
        return next((entry for entry in self._entries if entry.condition.fits(condition)), None)

    def ready(self, condition: Condition) -> bool:
        entry = self._entry(condition)
        return entry is not None and entry.count >= FEWEST_READINGS

    def norms(self, condition: Condition, metric: str) -> list[Norm]:
        """What is normal for it here: by this session, and by past ones; none, one or both."""
        out = []
        entry = self._entry(condition)
        if entry is not None and entry.count >= FEWEST_READINGS and (found := entry.norm(metric)):
            out.append(Norm(*found, "your first minutes at this speed"))
        elif (near := self._near_norm(condition, metric)) is not None:
            out.append(near)
        if metric not in SESSION_ONLY and (past := self._past_norm(condition, metric)) is not None:
            out.append(past)
        return out

    def _near_norm(self, condition: Condition, metric: str) -> Norm | None:
        """This session's value at the nearest other speed, its scatter widened by what speed changes."""
        speed = condition.speed_kmh
        if speed is None:
            return None
        best: tuple[float, _Entry] | None = None
        for entry in self._entries:
            theirs = entry.condition.speed_kmh
            if theirs is None or entry.count < FEWEST_READINGS:
                continue
            apart = abs(theirs - speed)
            same = replace(entry.condition, speed_kmh=speed).fits(condition)
            if same and apart <= NEAR_SPEED_KMH and (best is None or apart < best[0]):
                best = (apart, entry)
        if best is None or (found := best[1].norm(metric)) is None:
            return None
        apart = best[0]
        allowance = ALLOWANCE_PER_KMH.get(metric, OTHER_ALLOWANCE_PER_KMH) * apart * abs(found[0])
        return Norm(found[0], found[1] + allowance, "your first minutes at a near speed")

    def _past_norm(self, condition: Condition, metric: str) -> Norm | None:
        found = []
        for session in self._past:
            fitting = [
                n.values[metric] for n in session if n.condition.fits(condition) and metric in n.values
            ]
            found += fitting[:1]
        if len(found) < FEWEST_PAST_RUNS:
            return None
        mean = sum(value for value, _ in found) / len(found)
        between = sum((value - mean) ** 2 for value, _ in found) / len(found)
        within = sum(scatter**2 for _, scatter in found) / len(found)
        return Norm(mean, math.sqrt(between + within), f"your last {len(found)} runs at this speed")

    def learned(self) -> list[PastNorm]:
        """What this session had, for the sessions to come."""
        out = []
        for entry in self._entries:
            if entry.count < FEWEST_READINGS:
                continue
            pairs = ((name, entry.norm(name)) for name in entry.sums if name not in SESSION_ONLY)
            values = {name: found for name, found in pairs if found is not None}
            condition = entry.condition
            out.append(PastNorm(condition.gait, condition.speed_kmh, condition.incline_percent, values))
        return out


def condition_of(reading: FormReading, gait: Gait) -> Condition:
    speed = None if reading.speed_kmh is None else round(reading.speed_kmh, 1)
    incline = None if reading.incline_percent is None else round(reading.incline_percent, 1)
    return Condition(gait, speed, incline)
