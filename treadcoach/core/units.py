"""Speeds, paces, durations, distances and inclines as people type and read them.

Inside the program speed is km/h, distance m, time s, incline %. Where the belt is
commanded they are integers on the wire's own grid: `ckmh` is 0.01 km/h and `dpct`
0.1 % (FTMS 1.0, Set Target Speed and Set Target Inclination).
"""

import math
import re
from enum import StrEnum

from treadcoach.core.errors import InputError

KM_PER_MILE = 1.609344
GRAVITY_MPS2 = 9.80665
"""Standard gravity: what a sensor calls 1 g."""
LONGEST_S = 6 * 3600.0
"""No single segment is longer than this; a typing slip is likelier than a wish."""


class SpeedUnit(StrEnum):
    """How a person wants to read speed."""

    KMH = "km/h"
    MPH = "mph"
    PACE_KM = "min/km"
    PACE_MILE = "min/mi"

    @property
    def imperial(self) -> bool:
        return self in (SpeedUnit.MPH, SpeedUnit.PACE_MILE)


_NUMBER = r"(\d+(?:[.,]\d+)?)"
_SPEED = re.compile(rf"\s*{_NUMBER}\s*(km/h|kmh|kph|mph|mi/h)\s*", re.IGNORECASE)
_PACE = re.compile(r"\s*(\d{1,3}):([0-5]\d)\s*(?:min)?\s*/\s*(km|mi|mile)\s*", re.IGNORECASE)
_CLOCK = re.compile(r"\s*(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)\s*")
_DURATION = re.compile(rf"\s*{_NUMBER}\s*(s|sec|seconds?|min|minutes?|h|hours?)\s*", re.IGNORECASE)
_DISTANCE = re.compile(rf"\s*{_NUMBER}\s*(m|meters?|metres?|km|mi|miles?)\s*", re.IGNORECASE)
_INCLINE = re.compile(rf"\s*([+-]?){_NUMBER}\s*%\s*")

SPEED_ALLOWED = "a speed with its unit: '8 km/h', '5 mph', '6:00 /km' or '9:40 /mi'"


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def parse_speed(text: str, place: str = "speed") -> float:
    """Read a speed or pace that carries its unit; km/h. Raises InputError."""
    if match := _SPEED.fullmatch(text):
        value = _number(match[1])
        kmh = value * KM_PER_MILE if match[2].lower() in ("mph", "mi/h") else value
    elif match := _PACE.fullmatch(text):
        seconds = int(match[1]) * 60 + int(match[2])
        if seconds == 0:
            raise InputError(place, text, SPEED_ALLOWED)
        kmh = 3600 / seconds * (1.0 if match[3].lower() == "km" else KM_PER_MILE)
    else:
        raise InputError(place, text, SPEED_ALLOWED)
    if not 0 < kmh <= 30:
        raise InputError(place, text, "more than 0 and at most 30 km/h (18.6 mph)")
    return kmh


def parse_duration(text: str, place: str = "duration") -> float:
    """Read '5 min', '90 s', '1:30' (min:s) or '1:05:00' (h:min:s); s. Raises InputError."""
    allowed = "a time with its unit: '5 min', '90 s', '1:30' or '1:05:00', up to 6 h"
    if match := _DURATION.fullmatch(text):
        unit = match[2].lower()
        seconds = _number(match[1]) * (3600 if unit[0] == "h" else 60 if unit[0] == "m" else 1)
    elif match := _CLOCK.fullmatch(text):
        seconds = int(match[1] or 0) * 3600.0 + int(match[2]) * 60 + int(match[3])
    else:
        raise InputError(place, text, allowed)
    if not 0 < seconds <= LONGEST_S:
        raise InputError(place, text, allowed)
    return seconds


def parse_distance(text: str, place: str = "distance", most_km: float = 50.0) -> float:
    """Read '400 m', '5 km' or '1 mi'; m. Raises InputError."""
    allowed = f"a distance with its unit: '400 m', '5 km' or '1 mi', up to {most_km:g} km"
    match = _DISTANCE.fullmatch(text)
    if match is None:
        raise InputError(place, text, allowed)
    unit = match[2].lower()
    metres = _number(match[1]) * (
        1000 if unit == "km" else 1000 * KM_PER_MILE if unit.startswith("mi") else 1
    )
    if not 0 < metres <= 1000 * most_km:
        raise InputError(place, text, allowed)
    return metres


def parse_incline(text: str, place: str = "incline") -> float:
    """Read '2 %' or '-1.5 %'; percent. Raises InputError."""
    allowed = "a gradient in percent: '2 %', from -5 % to 15 %"
    match = _INCLINE.fullmatch(text)
    if match is None:
        raise InputError(place, text, allowed)
    percent = _number(match[2]) * (-1 if match[1] == "-" else 1)
    if not -5 <= percent <= 15:
        raise InputError(place, text, allowed)
    return percent


def format_speed(kmh: float | None, unit: SpeedUnit, *, with_unit: bool = True) -> str:
    """Write a speed as the person wants to read it; '–' when unknown or standing (pace)."""
    if kmh is None or not math.isfinite(kmh):
        return "–"
    tail = f" {unit.value}" if with_unit else ""
    if unit is SpeedUnit.KMH:
        return f"{kmh:.1f}{tail}"
    if unit is SpeedUnit.MPH:
        return f"{kmh / KM_PER_MILE:.1f}{tail}"
    if kmh < 0.3:
        return "–"
    seconds = round(3600 / kmh * (KM_PER_MILE if unit is SpeedUnit.PACE_MILE else 1))
    tail = (" /mi" if unit is SpeedUnit.PACE_MILE else " /km") if with_unit else ""
    return f"{seconds // 60}:{seconds % 60:02d}{tail}"


def format_distance(metres: float, unit: SpeedUnit) -> str:
    """Write a distance in km or miles, to fit the speed unit."""
    if unit.imperial:
        return f"{metres / 1000 / KM_PER_MILE:.2f} mi"
    return f"{metres / 1000:.2f} km"


def format_duration(seconds: float) -> str:
    """Write a time as m:ss, or h:mm:ss from an hour on."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{rest // 60}:{rest % 60:02d}"


def ckmh_floor(kmh: float) -> int:
    """The largest whole 0.01 km/h that is not above kmh (1e-6 of slack for binary fractions)."""
    return math.floor(kmh * 100 + 1e-6)


def dpct_floor(percent: float) -> int:
    """The largest whole 0.1 % that is not above percent."""
    return math.floor(percent * 10 + 1e-6)
