"""Calendar files: read back by a calendar library, one entry wherever it moves, clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from typer.testing import CliRunner

from treadcoach.cli.main import app
from treadcoach.core.errors import InputError
from treadcoach.core.times import parse_time
from treadcoach.formats.ics import CalendarEntry, calendar_file, parse_zone

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def _events(data: bytes) -> list[dict[str, object]]:
    calendar = Calendar.from_ical(data)
    return [
        {
            "uid": str(event["uid"]),
            "start": event.decoded("dtstart"),
            "status": str(event["status"]),
            "sequence": int(event["sequence"]),
            "alarms": len(list(event.walk("VALARM"))),
            "summary": str(event["summary"]),
        }
        for event in calendar.walk("VEVENT")
    ]


def _entry(day: date, key: str = "a", cancelled: bool = False) -> CalendarEntry:
    return CalendarEntry(
        key, day, "treadmill: Walk", "20 min @ walk, gently; day: Monday\nsecond line", 32, cancelled
    )


def test_a_file_is_read_back_as_it_was_meant() -> None:
    data = calendar_file([_entry(date(2026, 11, 23))], time(7, 30), BERLIN, NOW)
    assert all(len(line) <= 75 for line in data.split(b"\r\n")), "lines are folded"
    (event,) = _events(data)
    assert event["start"] == datetime(2026, 11, 23, 7, 30, tzinfo=BERLIN)
    assert event["alarms"] == 1 and event["status"] == "CONFIRMED"
    assert b"BEGIN:VTIMEZONE" in data


def test_the_same_session_is_the_same_entry_and_a_newer_file_wins() -> None:
    (before,) = _events(calendar_file([_entry(date(2026, 11, 23))], time(7), BERLIN, NOW))
    later = NOW + timedelta(minutes=5)
    (after,) = _events(calendar_file([_entry(date(2026, 11, 25))], time(7), BERLIN, later))
    assert before["uid"] == after["uid"] and before["start"] != after["start"]
    assert int(str(after["sequence"])) > int(str(before["sequence"]))
    (other,) = _events(calendar_file([_entry(date(2026, 11, 23), "b")], time(7), BERLIN, NOW))
    assert other["uid"] != before["uid"]


@pytest.mark.parametrize(
    ("day", "offset_h"), [(date(2026, 3, 28), 1), (date(2026, 3, 29), 2), (date(2026, 10, 25), 1)]
)
def test_seven_is_seven_on_either_side_of_a_change_of_the_clock(day: date, offset_h: int) -> None:
    (event,) = _events(calendar_file([_entry(day)], time(7), BERLIN, NOW))
    start = event["start"]
    assert isinstance(start, datetime)
    assert (start.hour, start.utcoffset()) == (7, timedelta(hours=offset_h))


def test_without_a_zone_it_is_seven_wherever_one_is() -> None:
    data = calendar_file([_entry(date(2026, 11, 23))], time(7), None, NOW, remind_min=0)
    (event,) = _events(data)
    assert event["start"] == datetime(2026, 11, 23, 7, 0) and event["alarms"] == 0
    assert b"VTIMEZONE" not in data


def test_what_is_taken_back_is_cancelled_and_rings_no_bell() -> None:
    (event,) = _events(calendar_file([_entry(date(2026, 11, 23), cancelled=True)], time(7), BERLIN, NOW))
    assert event["status"] == "CANCELLED" and event["alarms"] == 0


@pytest.mark.parametrize("text", ["7", "25:00", "noon", "07:00+01:00"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="07:30"):
        parse_time(text)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe/"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="Europe/Berlin"):
        parse_zone(name)


def test_the_plan_in_a_calendar_moves_and_is_taken_back(tmp_path: Path) -> None:
    def run(*words: str) -> None:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output

    today = date.today()
    run("plan", "start", "walking-base", "--days", "daily")
    run("plan", "calendar", "-o", str(tmp_path / "one.ics"), "--zone", "Europe/Berlin", "--at", "06:45")
    first = {event["uid"]: event for event in _events((tmp_path / "one.ics").read_bytes())}
    run("plan", "move", "1.1", (today + timedelta(days=1)).isoformat())
    run("plan", "calendar", "-o", str(tmp_path / "two.ics"), "--zone", "Europe/Berlin", "--at", "06:45")
    second = {event["uid"]: event for event in _events((tmp_path / "two.ics").read_bytes())}
    same = set(first) & set(second)
    assert same and len(second) >= len(same)
    kept = {uid for uid, event in second.items() if event["status"] == "CONFIRMED"}
    assert set(first) - kept == {uid for uid, event in second.items() if event["status"] == "CANCELLED"}
    run("plan", "start", "desk-walks", "--days", "daily")
    run("plan", "calendar", "-o", str(tmp_path / "three.ics"))
    third = _events((tmp_path / "three.ics").read_bytes())
    cancelled = {event["uid"] for event in third if event["status"] == "CANCELLED"}
    sessions = {uid for uid in kept if "treadmill" in second[uid]["summary"]}
    assert sessions and sessions <= cancelled, "the other plan's sessions are taken back"
