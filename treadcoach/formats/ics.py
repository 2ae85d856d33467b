"""A calendar file of the sessions ahead. Written again it updates what a calendar has, by the same UIDs."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Alarm, Calendar, Event

from treadcoach.core.errors import InputError


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One session. key names it for ever, wherever it is moved to; cancelled takes it out of a calendar."""

    key: str
    day: date
    title: str
    text: str
    minutes: float
    cancelled: bool = False
    at: time | None = None
    """Its own time of day; the file's where there is none."""


def parse_zone(name: str) -> ZoneInfo:
    """A time zone such as Europe/Berlin. Raises InputError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError("--zone", name, "a time zone such as Europe/Berlin") from error


def calendar_file(
    entries: Iterable[CalendarEntry],
    at: time,
    zone: ZoneInfo | None,
    now: datetime,
    remind_min: int = 30,
) -> bytes:
    """The file's octets. Without a zone the times are those of wherever the calendar is (RFC 5545, floating).

    now (with a zone) becomes the stamp and the sequence, so that a newer file wins over an older one.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//treadcoach//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "treadcoach")
    stamp = now.astimezone(UTC)
    for entry in entries:
        event = Event()
        digest = hashlib.sha256(entry.key.encode()).hexdigest()[:24]
        event.add("uid", f"{digest}@treadcoach")
        event.add("dtstamp", stamp)
        event.add("sequence", int(stamp.timestamp() // 60) % 2**31)
        begin = datetime.combine(entry.day, entry.at or at, zone)
        event.add("dtstart", begin)
        # The end is told in the same zone, so that a night with a change of the clock does not move it.
        event.add("duration", timedelta(minutes=max(round(entry.minutes), 1)))
        event.add("summary", entry.title)
        event.add("description", entry.text)
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
        if not entry.cancelled and remind_min > 0:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", entry.title)
            alarm.add("trigger", timedelta(minutes=-remind_min))
            event.add_component(alarm)
        calendar.add_component(event)
    if zone is not None:
        calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
