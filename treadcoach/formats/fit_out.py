"""A session as a FIT activity, as watches and their sites read it.

Records once a second with speed, distance, incline as grade, pulse, cadence and form; laps by segment; RR
intervals; pauses as timer events. What FIT has no field for, the coach's target and form issues, are
developer fields, described in the file. Units are FIT's own: m/s, m, %, strides/min, mm, ms.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from fit_tool.base_type import BaseType
from fit_tool.developer_field import DeveloperField
from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.activity_message import ActivityMessage
from fit_tool.profile.messages.developer_data_id_message import DeveloperDataIdMessage
from fit_tool.profile.messages.device_info_message import DeviceInfoMessage
from fit_tool.profile.messages.event_message import EventMessage
from fit_tool.profile.messages.field_description_message import FieldDescriptionMessage
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.hrv_message import HrvMessage
from fit_tool.profile.messages.lap_message import LapMessage
from fit_tool.profile.messages.record_message import RecordMessage
from fit_tool.profile.messages.session_message import SessionMessage
from fit_tool.profile.profile_type import (
    Activity,
    Event,
    EventType,
    FileType,
    LapTrigger,
    Manufacturer,
    Sport,
    SubSport,
)

from treadcoach.core.errors import InputError
from treadcoach.formats.recorded import Recorded, Second, mean, top
from treadcoach.formats.simulated import MARK

APPLICATION = uuid.UUID("5f0c1a52-7a0e-4d0e-9a6f-74726561646d")
TARGET, ISSUES = 0, 1
"""Numbers of the developer fields."""
MOST_RR_IN_ONE = 5
MOST_NAME = 40
_FIT_EPOCH_MS = 631_065_600_000
(
    _FILE, _DEVICE, _EVENT, _RECORD, _LAP, _SESSION, _ACTIVITY, _HRV, _APPLICATION, _FIELD,
) = range(10)  # fmt: skip
"""A local number each, so that no definition has to be written twice."""


FIT_BEGINS = datetime(1990, 1, 1, tzinfo=UTC)
"""It counts seconds from the last day of 1989."""


def fit_file(recorded: Recorded) -> bytes:
    """The octets of the file. About two seconds for an hour: not for a loop that has to be on time.

    Raises InputError for a session before 1990, recorded by a clock that was not set: FIT knows no such time.
    """
    if recorded.started < FIT_BEGINS:
        raise InputError("session", recorded.started.isoformat(), "one that began in 1990 or later, for FIT")
    builder = FitFileBuilder(auto_define=True)
    for message in _heads(recorded):
        builder.add(message)
    times = _Times(recorded)
    pending = list(recorded.rr)
    starts = {start for start, _ in recorded.moving}
    ends = {end for _, end in recorded.moving}
    for second in recorded.seconds:
        if second.t_s in starts:
            builder.add(_timer(times, second.t_s, EventType.START))
        builder.add(_record(times, second))
        while pending and pending[0][0] <= second.t_s:
            now = [rr for t_s, rr in pending[:MOST_RR_IN_ONE] if t_s <= second.t_s]
            del pending[: len(now)]
            hrv = HrvMessage(local_id=_HRV)
            hrv.time = [rr / 1000 for rr in now] + [None] * (MOST_RR_IN_ONE - len(now))
            builder.add(hrv)
        if second.t_s in ends:
            builder.add(_timer(times, second.t_s, EventType.STOP_ALL))
    for number, lap in enumerate(recorded.laps):
        builder.add(_lap(times, recorded, number, lap.start_s, lap.end_s))
    builder.add(_session(times, recorded))
    activity = ActivityMessage(local_id=_ACTIVITY)
    activity.timestamp = times.ms(recorded.elapsed_s)
    activity.total_timer_time = recorded.moving_s
    activity.num_sessions = 1
    activity.type = Activity.MANUAL
    activity.event = Event.ACTIVITY
    activity.event_type = EventType.STOP
    offset = recorded.started.utcoffset() or timedelta()
    local_ms = activity.timestamp - _FIT_EPOCH_MS + round(1000 * offset.total_seconds())
    activity.local_timestamp = local_ms // 1000
    builder.add(activity)
    data: bytes = builder.build_bytes()
    return data


class _Times:
    """Seconds of the session as FIT wants them."""

    def __init__(self, recorded: Recorded) -> None:
        self._start_ms = int(recorded.started.timestamp()) * 1000

    def ms(self, t_s: float) -> int:
        return self._start_ms + 1000 * round(t_s)


def _heads(recorded: Recorded) -> list[Any]:
    times = _Times(recorded)
    head = FileIdMessage(local_id=_FILE)
    head.type = FileType.ACTIVITY
    head.manufacturer = Manufacturer.DEVELOPMENT.value
    head.product = 1
    head.time_created = times.ms(0)
    head.product_name = MARK if recorded.simulated else "treadcoach"
    device = DeviceInfoMessage(local_id=_DEVICE)
    device.timestamp = times.ms(0)
    device.device_index = 0
    device.manufacturer = Manufacturer.DEVELOPMENT.value
    device.product = 1
    device.product_name = (recorded.machine or "treadmill")[:MOST_NAME]
    application = DeveloperDataIdMessage(local_id=_APPLICATION)
    application.developer_data_index = 0
    application.application_id = list(APPLICATION.bytes)
    application.application_version = 1
    return [head, device, application, *(_description(*field) for field in (
        (TARGET, BaseType.FLOAT32, "target_speed", "m/s"), (ISSUES, BaseType.UINT8, "form_issues", "count"),
    ))]  # fmt: skip


def _description(number: int, base: BaseType, name: str, unit: str) -> FieldDescriptionMessage:
    field = FieldDescriptionMessage(local_id=_FIELD)
    field.developer_data_index = 0
    field.field_definition_number = number
    field.fit_base_type_id = base.value
    field.field_name = name
    field.units = unit
    return field


def _developer(number: int, base: BaseType, name: str, unit: str, value: float) -> DeveloperField:
    field = DeveloperField(
        field_id=number, name=name, base_type=base, units=unit, size=base.size, developer_data_index=0
    )
    field.set_value(0, value)
    return field


def _record(times: _Times, second: Second) -> RecordMessage:
    target = None if second.target_kmh is None else second.target_kmh / 3.6
    developer = [_developer(ISSUES, BaseType.UINT8, "form_issues", "count", len(second.issues))]
    if target is not None:
        developer.insert(0, _developer(TARGET, BaseType.FLOAT32, "target_speed", "m/s", target))
    record = RecordMessage(local_id=_RECORD, developer_fields=developer)
    record.timestamp = times.ms(second.t_s)
    record.distance = second.distance_m
    if second.speed_kmh is not None:
        record.enhanced_speed = second.speed_kmh / 3.6
    if second.incline_percent is not None:
        record.grade = second.incline_percent
    if second.heart_rate_bpm is not None:
        record.heart_rate = second.heart_rate_bpm
    if second.cadence_spm is not None:
        whole, rest = divmod(second.cadence_spm / 2, 1)
        record.cadence = int(whole)
        record.fractional_cadence = rest
    if second.contact_ms is not None:
        record.stance_time = second.contact_ms
    if second.vertical_oscillation_mm is not None:
        record.vertical_oscillation = second.vertical_oscillation_mm
    if second.vertical_ratio_percent is not None:
        record.vertical_ratio = second.vertical_ratio_percent
    if second.step_length_m is not None:
        record.step_length = 1000 * second.step_length_m
    return record


def _timer(times: _Times, t_s: float, kind: EventType) -> EventMessage:
    event = EventMessage(local_id=_EVENT)
    event.timestamp = times.ms(t_s)
    event.event = Event.TIMER
    event.event_type = kind
    return event


def _totals(message: Any, times: _Times, recorded: Recorded, start_s: float, end_s: float) -> None:
    """What laps and sessions have in common."""
    seconds = recorded.between(start_s, end_s)
    moving_s = recorded.moving_between(start_s, end_s)
    metres = recorded.distance_between(start_s, end_s)
    message.timestamp = times.ms(end_s)
    message.start_time = times.ms(start_s)
    message.total_elapsed_time = end_s - start_s
    message.total_timer_time = moving_s
    message.total_moving_time = moving_s
    message.total_distance = metres
    message.sport = Sport.RUNNING if recorded.running else Sport.WALKING
    message.sub_sport = SubSport.TREADMILL
    if moving_s > 0:
        message.enhanced_avg_speed = metres / moving_s
    for name, value in (
        ("enhanced_max_speed", _over(top([s.speed_kmh for s in seconds]), 3.6)),
        ("avg_heart_rate", _whole(mean([s.heart_rate_bpm for s in seconds]))),
        ("max_heart_rate", _whole(top([s.heart_rate_bpm for s in seconds]))),
        ("avg_cadence", _whole(_over(mean([s.cadence_spm for s in seconds]), 2))),
        ("avg_vertical_oscillation", mean([s.vertical_oscillation_mm for s in seconds])),
        ("avg_stance_time", mean([s.contact_ms for s in seconds])),
        ("avg_vertical_ratio", mean([s.vertical_ratio_percent for s in seconds])),
        ("avg_step_length", _over(mean([s.step_length_m for s in seconds]), 0.001)),
    ):
        if value is not None:
            setattr(message, name, value)


def _lap(times: _Times, recorded: Recorded, number: int, start_s: float, end_s: float) -> LapMessage:
    lap = LapMessage(local_id=_LAP)
    lap.message_index = number
    lap.event = Event.LAP
    lap.event_type = EventType.STOP
    last = number == len(recorded.laps) - 1
    lap.lap_trigger = LapTrigger.SESSION_END if last else LapTrigger.TIME
    _totals(lap, times, recorded, start_s, end_s)
    return lap


def _session(times: _Times, recorded: Recorded) -> SessionMessage:
    session = SessionMessage(local_id=_SESSION)
    session.message_index = 0
    session.event = Event.SESSION
    session.event_type = EventType.STOP
    session.first_lap_index = 0
    session.num_laps = len(recorded.laps)
    session.sport_profile_name = recorded.title[:MOST_NAME]
    _totals(session, times, recorded, 0.0, recorded.elapsed_s)
    return session


def _over(value: float | None, divisor: float) -> float | None:
    return None if value is None else value / divisor


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
