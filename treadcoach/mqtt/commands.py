"""What a message may ask for, judged alone: taken, or refused with a reason. Nothing here starts a belt.

Stop and pause are taken whenever they are said now. Everything else carries the time it was said, in a
JSON object {"value": …, "at": seconds since 1970}, so that what is old or said again can be told.
"""

import json
import math
from dataclasses import dataclass

from treadcoach.core.intents import IntentKind

MOST_OCTETS = 512
FRESH_S = 10.0
AHEAD_S = 5.0
"""Clocks of two computers differ by less."""
MOST_KMH = 25.0
MOST_INCLINE_PERCENT = 15.0
STEP_KMH, STEP_PERCENT = 0.5, 0.5
MOST_AT_ONCE = 5.0
"""As with any other wish: km/h or %. The guard's ramps and bounds come after it."""
LEAST_CHANGE = 0.05


@dataclass(frozen=True, slots=True)
class Command:
    """One command. kind None: by the number, faster or slower. always: taken without a time."""

    words: str
    icon: str
    kind: IntentKind | None = None
    amount: float = 0.0
    always: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind is None


COMMANDS = {
    "stop": Command("Stop", "mdi:stop", IntentKind.STOP, always=True),
    "pause": Command("Pause", "mdi:pause", IntentKind.PAUSE, always=True),
    "slower": Command("Slower", "mdi:minus", IntentKind.SLOWER, STEP_KMH),
    "flatter": Command("Flatter", "mdi:arrow-down", IntentKind.FLATTER, STEP_PERCENT),
    "faster": Command("Ask for faster", "mdi:plus", IntentKind.FASTER, STEP_KMH),
    "steeper": Command("Ask for steeper", "mdi:arrow-up", IntentKind.STEEPER, STEP_PERCENT),
    "start": Command("Ask for a start", "mdi:play", IntentKind.START),
    "speed": Command("Speed wish", "mdi:speedometer"),
    "incline": Command("Incline wish", "mdi:slope-uphill"),
}
TO_BE_CONFIRMED = frozenset({IntentKind.START, IntentKind.FASTER, IntentKind.STEEPER})
"""Asked of a person at the treadmill, who does it or not."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was asked for, in the coach's own words."""

    kind: IntentKind
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it was not taken."""

    reason: str


@dataclass(frozen=True, slots=True)
class Targets:
    """What the belt is asked to do now, for a wish in numbers; None: nothing is."""

    speed_kmh: float | None
    incline_percent: float | None


class Judge:
    """Remembers the newest time of each command, so that the same message twice is refused."""

    def __init__(self) -> None:
        self._newest_s: dict[str, float] = {}

    def judge(
        self, name: str, payload: bytes, retained: bool, now_unix_s: float, targets: Targets
    ) -> Taken | Refused:
        """Rule on one message of the command topic `name`."""
        command = COMMANDS.get(name)
        if command is None:
            return Refused(f"there is no such command; there are {', '.join(COMMANDS)}")
        if retained:
            return Refused("it was retained by the broker: nobody says it now")
        if command.always:
            assert command.kind is not None
            return Taken(command.kind)
        said = _read(payload)
        if isinstance(said, Refused):
            return said
        value, at_s = said
        if (stale := self._stale(name, at_s, now_unix_s)) is not None:
            return stale
        self._newest_s[name] = at_s
        if command.kind is not None:
            return Taken(command.kind, command.amount)
        return _by_number(name, value, targets)

    def _stale(self, name: str, at_s: float, now_unix_s: float) -> Refused | None:
        age_s = now_unix_s - at_s
        if age_s > FRESH_S:
            return Refused(
                f"it was said {age_s:.0f} s ago; at most {FRESH_S:g} s are allowed (are the clocks right?)"
            )
        if age_s < -AHEAD_S:
            return Refused(f"its time is {-age_s:.0f} s ahead of this computer's clock")
        if at_s <= self._newest_s.get(name, -math.inf):
            return Refused("its time is not newer than the last one's: it is a replay or came twice")
        return None


def _read(payload: bytes) -> tuple[object, float] | Refused:
    """The value and the time of a command's JSON."""
    wanted = 'a JSON object {"value": …, "at": seconds since 1970} is wanted'
    if len(payload) > MOST_OCTETS:
        return Refused(f"{len(payload)} octets; at most {MOST_OCTETS} are allowed")
    try:
        said = json.loads(payload.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return Refused(f"it is no JSON: {wanted}")
    if not isinstance(said, dict) or set(said) != {"value", "at"}:
        return Refused(wanted)
    at_s = _number(said["at"])
    if at_s is None:
        return Refused(f"its time is no number: {wanted}")
    return said["value"], at_s


def _by_number(name: str, value: object, targets: Targets) -> Taken | Refused:
    wish = _number(value)
    most, unit = (MOST_KMH, "km/h") if name == "speed" else (MOST_INCLINE_PERCENT, "%")
    if wish is None or not 0 <= wish <= most:
        return Refused(f"a number from 0 to {most:g} {unit} is wanted")
    if name == "speed" and wish < 0.5:
        return Refused("a belt is stopped with 'stop'; speeds begin at 0.5 km/h")
    now = targets.speed_kmh if name == "speed" else targets.incline_percent
    if now is None:
        return Refused("the belt is not led now: there is nothing to change")
    change = min(abs(wish - now), MOST_AT_ONCE)
    if change < LEAST_CHANGE:
        return Refused("it is asked for already")
    if name == "speed":
        return Taken(IntentKind.FASTER if wish > now else IntentKind.SLOWER, round(change, 2))
    return Taken(IntentKind.STEEPER if wish > now else IntentKind.FLATTER, round(change, 2))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
