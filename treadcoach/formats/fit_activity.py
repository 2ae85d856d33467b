"""Activities in FIT files: what watches and treadmills recorded."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from treadcoach.core.errors import InputError
from treadcoach.formats.activity import Activity, Point, make_activity
from treadcoach.formats.fit_reading import messages, number
from treadcoach.formats.simulated import refuse_simulated

_WANTED = frozenset({"file_id", "session", "record", "activity"})
_LONGEST_OFFSET = timedelta(hours=14)


def read_fit_activity(data: bytes, place: str, now: datetime, zone: tzinfo | None) -> Activity:
    """The activity in a FIT file's octets. Raises InputError.

    Its own zone, where the file has one, goes before the one that is given.
    """
    kind: Any = None
    device = ""
    sports: list[str] = []
    points: list[Point] = []
    for name, fields in messages(data, place, _WANTED):
        if name == "file_id":
            kind = fields.get("type")
            if kind != "activity":
                raise InputError(f"{place}, file_id", kind, "an activity")
            device = _device(fields)
            refuse_simulated(place, str(fields.get("product_name", "")))
        elif name == "session":
            sports.append(str(fields.get("sport", "unknown")))
        elif name == "activity":
            zone = _zone(fields) or zone
        elif isinstance(at := fields.get("timestamp"), datetime):
            at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
            points.append(Point(at, number(fields, "distance"), number(fields, "heart_rate")))
    if kind is None:
        raise InputError(place, "no file_id", "a FIT activity")
    if len(set(sports)) != 1:
        raise InputError(f"{place}, sport", ", ".join(sports) or "none", "one sport in a file")
    return make_activity(points, sports[0], place, now, zone, device)


def _device(fields: dict[str, Any]) -> str:
    """Maker, model and serial number, as far as the file says."""
    model = fields.get("product_name") or fields.get("garmin_product") or fields.get("product")
    parts = (fields.get("manufacturer"), model, fields.get("serial_number"))
    return " ".join(str(part) for part in parts if part is not None)


def _zone(fields: dict[str, Any]) -> tzinfo | None:
    """The offset between the file's local and its universal time."""
    at, local = fields.get("timestamp"), fields.get("local_timestamp")
    if not isinstance(at, datetime) or not isinstance(local, datetime):
        return None
    offset = local.replace(tzinfo=None) - at.replace(tzinfo=None)
    quarters = round(offset / timedelta(minutes=15))
    offset = timedelta(minutes=15) * quarters
    return timezone(offset) if abs(offset) <= _LONGEST_OFFSET else None
