"""What the session asks of the program around it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    INFO = "info"
    CUE = "cue"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class StopBelt:
    """STOP, now. `cause` stands in the journal."""

    cause: str


@dataclass(frozen=True, slots=True)
class StartBelt:
    """A person released the belt: open the gate and start it unless it moves already."""

    person: str


@dataclass(frozen=True, slots=True)
class ShutGate:
    """No more orders; the belt is not stopped."""

    reason: str


@dataclass(frozen=True, slots=True)
class Say:
    """A line for the runner, the journal and every screen."""

    text: str
    level: Level = Level.INFO


Effect = StopBelt | StartBelt | ShutGate | Say


@dataclass(frozen=True, slots=True)
class Wish:
    """What the session wants of the belt now; the gate decides what becomes of it."""

    speed_kmh: float
    incline_percent: float
    reason: str
