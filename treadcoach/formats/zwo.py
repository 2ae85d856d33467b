"""Workout files of the ZWO kind (XML): running speeds there are shares of a reference speed.

Read: Warmup, Cooldown and Ramp (at their mean), SteadyState, IntervalsT and FreeRun, by time or by
distance. Everything else that may stand in such a file (text events, cadence) is left out and named.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from treadcoach.core.errors import InputError
from treadcoach.core.workout import MAX_SEGMENTS, Segment, Workout

MOST_OCTETS = 500_000
LONGEST_S = 6 * 3600.0
LONGEST_M = 50_000.0
SHARE_RANGE = (0.2, 2.5)
_SPAN = ("Warmup", "Cooldown", "Ramp")


def read_zwo(data: bytes, reference_kmh: float, place: str = "FILE") -> tuple[Workout, list[str]]:
    """The workout in a file's octets, and what was left out of it. Raises InputError.

    reference_kmh is the speed that a share of 1 means.
    """
    if len(data) > MOST_OCTETS:
        raise InputError(place, f"{len(data)} octets", f"at most {MOST_OCTETS}")
    try:
        root = fromstring(data)
    except DefusedXmlException as error:
        raise InputError(place, type(error).__name__, "XML without entities or document types") from error
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(place, str(error), "a whole, well-formed ZWO file") from error
    found = root.find("workout")
    if root.tag != "workout_file" or found is None:
        raise InputError(place, f"<{root.tag}>", "<workout_file> with a <workout> in it")
    sport = (root.findtext("sportType") or "run").strip().lower()
    if sport != "run":
        raise InputError(f"{place}, sportType", sport, "run")
    by_distance = (root.findtext("durationType") or "time").strip().lower() == "distance"
    segments: list[Segment] = []
    left_out: list[str] = []
    for number, step in enumerate(found, 1):
        here = f"{place}, step {number} <{step.tag}>"
        segments += _segments(step, here, reference_kmh, by_distance, left_out)
        if len(segments) > MAX_SEGMENTS:
            raise InputError(here, f"{len(segments)} segments", f"at most {MAX_SEGMENTS}")
    if not segments:
        raise InputError(place, "no step", "at least one SteadyState, IntervalsT, Warmup, Cooldown or Ramp")
    if sum(segment.about_s for segment in segments) > LONGEST_S:
        raise InputError(place, "more than 6 h in all", "at most 6 h")
    name = (root.findtext("name") or "Imported workout").strip()[:60] or "Imported workout"
    return Workout(name, tuple(segments)), left_out


def _segments(
    step: Element, here: str, reference_kmh: float, by_distance: bool, left_out: list[str]
) -> Iterator[Segment]:
    if len(step) or step.get("Cadence"):
        left_out.append(f"{here}: texts and cadence")
    if step.tag == "SteadyState":
        yield _segment(step, here, "Duration", _share(step, here, "Power"), reference_kmh, by_distance)
    elif step.tag in _SPAN:
        low, high = _share(step, here, "PowerLow"), _share(step, here, "PowerHigh")
        left_out.append(f"{here}: the rise or fall; its mean is kept")
        yield _segment(step, here, "Duration", (low + high) / 2, reference_kmh, by_distance)
    elif step.tag == "IntervalsT":
        times = _number(step, here, "Repeat", 1, 100)
        if times != int(times):
            raise InputError(f"{here}, Repeat", step.get("Repeat"), "a whole number from 1 to 100")
        on, off = _share(step, here, "OnPower"), _share(step, here, "OffPower")
        for _ in range(int(times)):
            yield _segment(step, here, "OnDuration", on, reference_kmh, by_distance)
            yield _segment(step, here, "OffDuration", off, reference_kmh, by_distance)
    else:
        left_out.append(f"{here}: not a step with a speed")


def _segment(
    step: Element, here: str, length: str, share: float, reference_kmh: float, by_distance: bool
) -> Segment:
    most = LONGEST_M if by_distance else LONGEST_S
    value = _number(step, here, length, 1, most)
    speed = round(share * reference_kmh, 3)
    return Segment(speed, None, value) if by_distance else Segment(speed, value)


def _share(step: Element, here: str, name: str) -> float:
    return _number(step, here, name, *SHARE_RANGE)


def _number(step: Element, here: str, name: str, low: float, high: float) -> float:
    text = step.get(name)
    try:
        value = float(text) if text is not None else None
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise InputError(f"{here}, {name}", text, f"a number from {low:g} to {high:g}")
    return value


def write_zwo(workout: Workout, reference_kmh: float) -> bytes:
    """A workout by time as a ZWO file. A distance becomes the time it takes at its speed."""
    root = Element("workout_file")
    for tag, text in (("author", "treadcoach"), ("name", workout.name), ("sportType", "run")):
        SubElement(root, tag).text = text
    SubElement(root, "durationType").text = "time"
    steps = SubElement(root, "workout")
    for segment in workout.segments:
        share = f"{segment.speed_kmh / reference_kmh:.6f}"
        SubElement(steps, "SteadyState", Duration=f"{segment.about_s:g}", Power=share)
    indent(root)
    out: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return out
