"""TCX files (XML): activities with their track points, as many as there are in a file."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from treadcoach.core.errors import InputError
from treadcoach.formats.activity import Activity, Point, make_activity
from treadcoach.formats.simulated import refuse_simulated

MOST_OCTETS = 60_000_000
_SPORTS = {"running": "running", "walking": "walking", "hiking": "walking"}


def read_tcx(data: bytes, place: str, now: datetime, zone: tzinfo | None) -> list[Activity]:
    """The activities in a file's octets. Raises InputError."""
    if len(data) > MOST_OCTETS:
        raise InputError(place, f"{len(data)} octets", f"at most {MOST_OCTETS}")
    try:
        # Files of one great site begin with blanks, which XML does not allow.
        root = fromstring(data.lstrip())
    except DefusedXmlException as error:
        raise InputError(place, type(error).__name__, "XML without entities or document types") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise InputError(place, str(error)[:120], "a whole, well-formed TCX file") from error
    if _local(root) != "TrainingCenterDatabase":
        raise InputError(place, f"<{_local(root)}>", "<TrainingCenterDatabase>")
    out = []
    for number, found in enumerate(_within(root, "Activity"), 1):
        here = f"{place}, activity {number}"
        sport = (found.get("Sport") or "").strip().lower()
        points = [_point(p, f"{here}, point {k}") for k, p in enumerate(_within(found, "Trackpoint"), 1)]
        for note in _within(found, "Notes"):
            refuse_simulated(here, note.text or "")
        device = _device(found)
        out.append(make_activity(points, _SPORTS.get(sport, sport), here, now, zone, device))
    if not out:
        raise InputError(place, "no activity", "at least one <Activity>")
    return out


def _device(activity: Element) -> str:
    """The creator's name and unit number, as far as the file says."""
    creator = next(_within(activity, "Creator"), None)
    if creator is None:
        return ""
    said = {_local(child): (child.text or "").strip() for child in creator}
    return " ".join(part for name in ("Name", "UnitId") if (part := said.get(name)))


def _local(element: Element) -> str:
    """A tag without its name space."""
    return str(element.tag).rpartition("}")[2]


def _within(element: Element, name: str) -> Iterator[Element]:
    return (found for found in element.iter() if _local(found) == name)


def _point(element: Element, place: str) -> Point:
    at: datetime | None = None
    distance = pulse = None
    for child in element:
        match _local(child):
            case "Time":
                at = _time(child.text or "", place)
            case "DistanceMeters":
                distance = _number(child.text, f"{place}, DistanceMeters", 1_000_000)
            case "HeartRateBpm":
                value = next(_within(child, "Value"), None)
                pulse = None if value is None else _number(value.text, f"{place}, HeartRateBpm", 300)
    if at is None:
        raise InputError(f"{place}, Time", None, "a time such as 2026-11-21T07:00:00Z")
    return Point(at, distance, pulse)


def _time(text: str, place: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{place}, Time", text, "a time such as 2026-11-21T07:00:00Z") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _number(text: str | None, place: str, most: float) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise InputError(place, text, f"a number from 0 to {most:g}")
    return value
