"""A session as files of watches have it: seconds, laps, pauses. What the writers of formats are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Second:
    """One second from the start; None: not known. target_kmh is what was wished; issues by their ids."""

    t_s: float
    distance_m: float
    speed_kmh: float | None = None
    incline_percent: float | None = None
    heart_rate_bpm: int | None = None
    cadence_spm: float | None = None
    contact_ms: float | None = None
    vertical_oscillation_mm: float | None = None
    vertical_ratio_percent: float | None = None
    step_length_m: float | None = None
    target_kmh: float | None = None
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lap:
    """One segment, from and to in seconds since the start."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """One session. started carries its zone; moving: spans in which the belt moved; rr: (t_s, RR in ms)."""

    title: str
    started: datetime
    machine: str
    running: bool
    seconds: Sequence[Second]
    laps: Sequence[Lap]
    moving: Sequence[tuple[float, float]]
    rr: Sequence[tuple[float, int]] = ()
    simulated: bool = False
    """Nobody ran it: files say so, so that it is never taken for history."""

    @property
    def elapsed_s(self) -> float:
        return self.seconds[-1].t_s if self.seconds else 0.0

    @property
    def moving_s(self) -> float:
        return sum(end - start for start, end in self.moving)

    @property
    def distance_m(self) -> float:
        return self.seconds[-1].distance_m if self.seconds else 0.0

    def between(self, start_s: float, end_s: float) -> list[Second]:
        """The seconds of a stretch, its end excluded unless it is the session's."""
        last = end_s >= self.elapsed_s
        return [s for s in self.seconds if start_s <= s.t_s < end_s or (last and s.t_s == end_s)]

    def distance_at(self, t_s: float) -> float:
        """Metres covered up to a moment."""
        found = 0.0
        for second in self.seconds:
            if second.t_s > t_s:
                break
            found = second.distance_m
        return found

    def distance_between(self, start_s: float, end_s: float) -> float:
        """Metres of a stretch; the first one has what was covered before the first reading."""
        before = self.distance_at(start_s) if start_s else 0.0
        return self.distance_at(end_s) - before

    def moving_between(self, start_s: float, end_s: float) -> float:
        """Seconds of a stretch in which the belt moved."""
        return sum(max(0.0, min(end, end_s) - max(start, start_s)) for start, end in self.moving)


def mean(values: Sequence[float | None]) -> float | None:
    """Of what is known; None of nothing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def top(values: Sequence[float | None]) -> float | None:
    """The largest of what is known."""
    return max((value for value in values if value is not None), default=None)
