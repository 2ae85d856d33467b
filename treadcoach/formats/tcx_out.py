"""A session as a TCX activity (Training Center XML v2): laps, a point a second, speed and cadence beside.

TCX counts cadence in strides a minute, distance in metres, speed in m/s. It has no incline and no form.
"""

from datetime import UTC, timedelta
from xml.etree import ElementTree

from treadcoach.formats.recorded import Lap, Recorded, Second, mean, top
from treadcoach.formats.simulated import MARK

NAMESPACE = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
EXTENSION = "http://www.garmin.com/xmlschemas/ActivityExtension/v2"


def tcx_file(recorded: Recorded) -> bytes:
    """The octets of the file, UTF-8."""
    root = ElementTree.Element("TrainingCenterDatabase", {"xmlns": NAMESPACE, "xmlns:x": EXTENSION})
    activities = ElementTree.SubElement(root, "Activities")
    # TCX knows Running, Biking and Other; to those who read it a walk is a slow run, and Other is anything.
    activity = ElementTree.SubElement(activities, "Activity", Sport="Running")
    _text(activity, "Id", _at(recorded, 0.0))
    for lap in recorded.laps:
        _lap(activity, recorded, lap)
    by = MARK if recorded.simulated else "treadcoach"
    _text(activity, "Notes", f"{recorded.title}, treadmill, by {by}")
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _lap(activity: ElementTree.Element, recorded: Recorded, lap: Lap) -> None:
    seconds = recorded.between(lap.start_s, lap.end_s)
    here = ElementTree.SubElement(activity, "Lap", StartTime=_at(recorded, lap.start_s))
    _text(here, "TotalTimeSeconds", f"{recorded.moving_between(lap.start_s, lap.end_s):.1f}")
    _text(here, "DistanceMeters", f"{recorded.distance_between(lap.start_s, lap.end_s):.2f}")
    if (fastest := top([s.speed_kmh for s in seconds])) is not None:
        _text(here, "MaximumSpeed", f"{fastest / 3.6:.3f}")
    _text(here, "Calories", "0")
    pulses = [s.heart_rate_bpm for s in seconds]
    for name, value in (("AverageHeartRateBpm", mean(pulses)), ("MaximumHeartRateBpm", top(pulses))):
        if value is not None:
            _text(ElementTree.SubElement(here, name), "Value", str(round(value)))
    _text(here, "Intensity", "Active")
    _text(here, "TriggerMethod", "Manual")
    if seconds:
        track = ElementTree.SubElement(here, "Track")
        for second in seconds:
            _point(track, recorded, second)


def _point(track: ElementTree.Element, recorded: Recorded, second: Second) -> None:
    point = ElementTree.SubElement(track, "Trackpoint")
    _text(point, "Time", _at(recorded, second.t_s))
    _text(point, "DistanceMeters", f"{second.distance_m:.2f}")
    if second.heart_rate_bpm is not None:
        _text(ElementTree.SubElement(point, "HeartRateBpm"), "Value", str(second.heart_rate_bpm))
    extra = ElementTree.SubElement(ElementTree.SubElement(point, "Extensions"), "x:TPX")
    if second.speed_kmh is not None:
        _text(extra, "x:Speed", f"{second.speed_kmh / 3.6:.3f}")
    if second.cadence_spm is not None:
        _text(extra, "x:RunCadence", str(round(second.cadence_spm / 2)))


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _at(recorded: Recorded, t_s: float) -> str:
    moment = recorded.started.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=round(t_s))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
