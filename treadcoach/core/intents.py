"""What a person can ask for, from the terminal, a second terminal, a page or a message."""

from dataclasses import dataclass
from enum import StrEnum


class IntentKind(StrEnum):
    START = "start"
    """A person at the treadmill releases the belt: the start, and every resume."""
    STOP = "stop"
    PAUSE = "pause"
    SKIP = "skip"
    FASTER = "faster"
    SLOWER = "slower"
    STEEPER = "steeper"
    FLATTER = "flatter"
    END_EARLY = "end_early"
    UNWELL = "unwell"
    NOT_RIGHT = "not_right"
    """The body does not feel right (A8): stop, and rest for a day."""
    ACCEPT = "accept"
    """Yes to the easing that is offered."""
    DECLINE = "decline"
    BELT_STANDS = "belt_stands"
    """The person at the treadmill says that the belt stands, where the machine does not show it."""
    INCLINE_IS = "incline_is"
    """The person says how steep the belt is, where the machine does not: `amount` in %."""
    CALIBRATE = "calibrate"
    """Learn the standing of the sensor that is worn, with the belt standing."""


REMOTE = frozenset({IntentKind.STOP, IntentKind.PAUSE, IntentKind.UNWELL})
"""What may come from anywhere without a person at the treadmill: it only slows or stops."""

OF_THE_BODY = frozenset({IntentKind.UNWELL, IntentKind.NOT_RIGHT})
"""What the days after have to know, whatever becomes of the session."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One wish of a person. `amount` is km/h for speed and % for incline."""

    kind: IntentKind
    source: str
    amount: float = 0.0
