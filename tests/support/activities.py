"""Activities as watches and sites write them: FIT by another library than the one that reads, TCX as text."""

from datetime import UTC, datetime, timedelta
from functools import cache

from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.activity_message import ActivityMessage
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.record_message import RecordMessage
from fit_tool.profile.messages.session_message import SessionMessage
from fit_tool.profile.profile_type import FileType, GarminProduct, Manufacturer, Sport

START = datetime(2026, 11, 3, 22, 30, tzinfo=UTC)
SPEEDS_KMH = (5.0,) * 300 + (9.0,) * 900 + (5.0,) * 120


def metres(speeds_kmh: tuple[float, ...]) -> list[float]:
    """The distance at the end of each second, from 0."""
    out = [0.0]
    for speed in speeds_kmh:
        out.append(out[-1] + speed / 3.6)
    return out


@cache
def fit_activity(
    started: datetime = START,
    speeds_kmh: tuple[float, ...] = SPEEDS_KMH,
    *,
    sport: Sport = Sport.RUNNING,
    every_s: int = 1,
    offset: timedelta | None = None,
    pulse: int | None = 140,
    serial: int | None = None,
) -> bytes:
    """A FIT activity; offset: its local time, as watches note it; serial: of a Garmin watch."""
    head = FileIdMessage()
    head.type = FileType.ACTIVITY
    if serial is not None:
        head.manufacturer = Manufacturer.GARMIN.value
        head.product = GarminProduct.FENIX6.value
        head.serial_number = serial
    head.time_created = _ms(started)
    builder = FitFileBuilder(auto_define=True)
    builder.add(head)
    distances = metres(speeds_kmh)
    for second in range(0, len(distances), every_s):
        record = RecordMessage()
        record.timestamp = _ms(started + timedelta(seconds=second))
        record.distance = distances[second]
        if pulse is not None:
            record.heart_rate = pulse
        builder.add(record)
    session = SessionMessage()
    session.sport = sport
    session.timestamp = _ms(started + timedelta(seconds=len(speeds_kmh)))
    session.start_time = _ms(started)
    builder.add(session)
    activity = ActivityMessage()
    activity.timestamp = session.timestamp
    if offset is not None:
        activity.local_timestamp = session.timestamp // 1000 - 631065600 + int(offset.total_seconds())
    builder.add(activity)
    data: bytes = builder.build().to_bytes()
    return data


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def tcx_activity(
    started: datetime = START,
    speeds_kmh: tuple[float, ...] = SPEEDS_KMH,
    *,
    sport: str = "Running",
    every_s: int = 5,
    creator: str = "",
) -> bytes:
    """A TCX activity as a site exports it: blanks first, a name space, a point every few seconds."""
    by = f"<Creator><Name>{creator}</Name><UnitId>77</UnitId></Creator>" if creator else ""
    distances = metres(speeds_kmh)
    points = "".join(
        f"<Trackpoint><Time>{(started + timedelta(seconds=k)):%Y-%m-%dT%H:%M:%SZ}</Time>"
        f"<DistanceMeters>{distances[k]:.2f}</DistanceMeters>"
        "<HeartRateBpm><Value>141</Value></HeartRateBpm></Trackpoint>"
        for k in range(0, len(distances), every_s)
    )
    return (
        '          <?xml version="1.0" encoding="UTF-8"?>'
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
        f'<Activities><Activity Sport="{sport}"><Id>x</Id><Lap><Track>{points}</Track></Lap>{by}</Activity>'
        "</Activities></TrainingCenterDatabase>"
    ).encode()
