"""What the controller hands to the world around it: commands for the link, lines for the journal."""

from collections.abc import Mapping
from dataclasses import dataclass

from treadcoach.core.effects import Level
from treadcoach.core.phases import Phase
from treadcoach.guard.gate import ClearedOrder


@dataclass(frozen=True, slots=True)
class Drive:
    """Write this cleared order. wish is what was asked for (km/h or %), source who asked."""

    order: ClearedOrder
    wish: float | None = None
    source: str = "the plan"


@dataclass(frozen=True, slots=True)
class Stop:
    """Write STOP on its own path, now. may_move: control may be requested for it, where that is needed."""

    cause: str
    may_move: bool


@dataclass(frozen=True, slots=True)
class TakeControl:
    """Ask the machine for control if the link does not have it."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line for the journal and every screen."""

    t_s: float
    kind: str
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """What became of an order: the machine's answer, or the belt's readback."""

    order_id: int
    t_s: float
    result: str | None = None
    readback: float | None = None


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One line a second of what the belt and the runner did."""

    t_s: float
    phase: Phase
    speed_kmh: float | None
    incline_percent: float | None
    distance_m: float
    wished_kmh: float | None
    ordered_kmh: float | None
    ordered_percent: float | None
    heart_rate_bpm: int | None
    cadence_spm: float | None


@dataclass(frozen=True, slots=True)
class FormRow:
    """One second of running form by one sensor; values by metric."""

    t_s: float
    sensor: str
    gait: str | None
    start_s: float
    values: Mapping[str, float]
    doubts: tuple[str, ...]


Output = Drive | Stop | TakeControl | Event | OrderOutcome | SampleRow | FormRow
