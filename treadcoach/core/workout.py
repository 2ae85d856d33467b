"""A workout as a person gives it: segments by time or distance, with repeats."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from treadcoach.core.errors import InputError
from treadcoach.core.units import parse_distance, parse_duration, parse_incline, parse_speed

MAX_SEGMENTS = 500
LONGEST_WORKOUT_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch at one speed. Exactly one of duration_s and distance_m is given.

    incline_percent None: the guidance's default.
    """

    speed_kmh: float
    duration_s: float | None = None
    distance_m: float | None = None
    incline_percent: float | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if (self.duration_s is None) == (self.distance_m is None):
            raise InputError("segment", self.label or self.speed_kmh, "a duration or a distance, one")

    @property
    def about_s(self) -> float:
        """Duration, estimated from the speed for a distance."""
        if self.duration_s is not None:
            return self.duration_s
        assert self.distance_m is not None
        return self.distance_m / (self.speed_kmh / 3.6)


@dataclass(frozen=True, slots=True)
class Workout:
    """A main set, repeats already written out."""

    name: str
    segments: tuple[Segment, ...]

    @property
    def about_s(self) -> float:
        return sum(segment.about_s for segment in self.segments)


_SEGMENT = re.compile(r"(?P<length>[^@]+)@(?P<speed>[^,]+)(?:,(?P<incline>[^,]+%\s*))?")
_REPEAT = re.compile(r"\s*(\d{1,3})\s*[x×]\s*\((.*)\)\s*")


_SHARE = re.compile(r"(?:(\d{1,3}(?:[.,]\d+)?)\s*%\s*(?:of\s+)?)?([a-z]+)", re.IGNORECASE)
SHARE_RANGE_PERCENT = (40.0, 150.0)
Speeds = Mapping[str, float]
"""Names that may stand for a speed, such as walk and jog, with km/h."""


def parse_reference(text: str, speeds: Speeds, place: str) -> float | None:
    """Read 'walk' or '90 % jog'; None when it is no name at all. Raises InputError."""
    match = _SHARE.fullmatch(text.strip())
    if match is None:
        return None
    name = match[2].lower()
    if name not in speeds:
        known = ", ".join(speeds) or "none here: state a speed with its unit"
        raise InputError(place, text.strip(), f"a speed with its unit, or one of: {known}")
    share = 100.0 if match[1] is None else float(match[1].replace(",", "."))
    low, high = SHARE_RANGE_PERCENT
    if not low <= share <= high:
        raise InputError(place, text.strip(), f"{low:g} to {high:g} % of {name}")
    return speeds[name] * share / 100


def parse_segment(text: str, place: str = "segment", speeds: Speeds = MappingProxyType({})) -> Segment:
    """Read '5 min @ 8 km/h', '400 m @ 6:00 /km, 1 %' or '2 min @ 90 % jog'. Raises InputError."""
    allowed = "'5 min @ 8 km/h' or '400 m @ 6:00 /km, 1 %'"
    match = _SEGMENT.fullmatch(text.strip())
    if match is None:
        raise InputError(place, text, allowed)
    named = parse_reference(match["speed"], speeds, place)
    speed = parse_speed(match["speed"], place) if named is None else named
    incline = None if match["incline"] is None else parse_incline(match["incline"], place)
    duration_s, distance_m = parse_length(match["length"], place)
    return Segment(speed, duration_s, distance_m, incline)


def parse_length(text: str, place: str = "length") -> tuple[float | None, float | None]:
    """Read '5 min' as (300, None) or '400 m' as (None, 400): s or m. Raises InputError."""
    text = text.strip()
    if re.search(r"\d\s*(m|km|mi|met\w+|miles?)$", text, re.IGNORECASE):
        return None, parse_distance(text, place)
    return parse_duration(text, place), None


def parse_workout(
    text: str, name: str = "workout", place: str = "workout", speeds: Speeds = MappingProxyType({})
) -> Workout:
    """Read segments joined by '+', with repeats: '5 min @ 6 km/h + 4 x (1 min @ 9 km/h + 1 min @ 5 km/h)'.

    Raises InputError naming the part that cannot be read.
    """
    segments = _parts(text, place, speeds)
    if not segments:
        raise InputError(place, text, "at least one segment such as '20 min @ 5 km/h'")
    if len(segments) > MAX_SEGMENTS:
        raise InputError(place, f"{len(segments)} segments", f"at most {MAX_SEGMENTS}")
    total_s = sum(segment.about_s for segment in segments)
    if total_s > LONGEST_WORKOUT_S:
        raise InputError(place, f"{total_s / 3600:.1f} h in all", "at most 6 h")
    return Workout(name, tuple(segments))


def as_text(workout: Workout) -> str:
    """A workout in the words that `parse_workout` reads."""
    parts: list[str] = []
    for segment in workout.segments:
        if segment.duration_s is not None:
            whole = segment.duration_s % 30 == 0
            length = f"{segment.duration_s / 60:g} min" if whole else f"{segment.duration_s:g} s"
        else:
            length = f"{segment.distance_m:g} m"
        tilt = "" if segment.incline_percent is None else f", {segment.incline_percent:g} %"
        parts.append(f"{length} @ {segment.speed_kmh:g} km/h{tilt}")
    return " + ".join(parts)


def _parts(text: str, place: str, speeds: Speeds) -> list[Segment]:
    out: list[Segment] = []
    for at, part in enumerate(_split(text, place), 1):
        here = f"{place}, part {at}"
        if match := _REPEAT.fullmatch(part):
            times = int(match[1])
            inner = _parts(match[2], here, speeds)
            if not 1 <= times <= 100 or times * len(inner) > MAX_SEGMENTS:
                raise InputError(here, f"{times} times", f"1 to 100 repeats, {MAX_SEGMENTS} segments")
            for turn in range(1, times + 1):
                out += [replace(s, label=f"{turn} of {times}") for s in inner]
        else:
            out.append(parse_segment(part, here, speeds))
    return out


def _split(text: str, place: str) -> list[str]:
    """Split at '+' outside of parentheses."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth < 0 or depth > 3:
            raise InputError(place, text, "matching parentheses, at most three deep")
        if sign == "+" and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    if depth:
        raise InputError(place, text, "matching parentheses, at most three deep")
    return [part for part in (*parts, text[start:]) if part.strip()]
