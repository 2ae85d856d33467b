"""A computer's date against what is written: behind it, far ahead of it, and after a person's word."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from tests.support.rig import JOGGER, RULES
from treadcoach.app.training import Training, make_training
from treadcoach.cli.main import app
from treadcoach.core.checkin import CheckIn, Moment, Sign
from treadcoach.core.errors import NoSessionToday
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.clock import Confirmed, Stamp, doubt, doubted
from treadcoach.store import diary, schema
from treadcoach.store.opening import open_engine

TODAY = date(2026, 11, 18)
WALK_KMH = 5.0


def recorded(engine: Engine, day: date, kmh: float, runner: str = "me", state: str = "completed") -> None:
    """A session of half an hour at one speed, as this program or a watch has written it."""
    curve = {duration: kmh * min(1.0, 1800 / duration) for duration in DURATIONS_S}
    row = {
        "runner": runner,
        "title": "run",
        "machine": "mill",
        "started_unix_s": datetime(day.year, day.month, day.day, 12).timestamp(),
        "day": day.isoformat(),
        "state": state,
        "belt_time_s": 1800.0,
        "running_s": 1800.0 if kmh > 6.5 else 0.0,
        "distance_m": kmh * 500,
        "top_speed_kmh": kmh,
        "curve": json.dumps(curve),
        "address": "",
    }
    with engine.begin() as connection:
        connection.execute(schema.sessions.insert().values(**row))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(tmp_path / "j.db")


def training(engine: Engine, name: str = "me") -> Training:
    return make_training(engine, replace(JOGGER, name=name), RULES, Path("/nonexistent"))


def fastest(engine: Engine, today: date, name: str = "me") -> float:
    return training(engine, name).allowance(today).ceiling.curve[60]


@pytest.mark.parametrize(
    "today",
    [date(2000, 1, 1), TODAY - timedelta(days=9), TODAY - timedelta(days=2), TODAY + timedelta(days=365)],
)
@pytest.mark.parametrize("name", ["me", "somebody else", "a new name"])
def test_a_date_that_cannot_be_right_allows_walking_only_and_says_so(
    engine: Engine, today: date, name: str
) -> None:
    recorded(engine, TODAY - timedelta(days=8), 8.0)
    recorded(engine, TODAY - timedelta(days=1), 8.5)
    recorded(engine, TODAY - timedelta(days=8), 9.5, runner="somebody else")
    allowed = training(engine, name).allowance(today)
    assert max(allowed.ceiling.curve.values()) == WALK_KMH
    assert "treadcoach clock confirm" in allowed.notes[0] and today.isoformat() in allowed.notes[0]
    training(engine, name).confirm_clock(today)
    assert not any("clock" in note for note in training(engine, name).allowance(today).notes)


def test_what_is_written_by_any_clock_counts(engine: Engine) -> None:
    assert training(engine).clock_doubt(TODAY) is None, "nothing is written yet"
    training(engine).say(CheckIn(TODAY, Moment.BEFORE, pain=0))
    assert training(engine, "other").clock_doubt(TODAY) is None
    assert training(engine, "other").clock_doubt(TODAY - timedelta(days=1)) is not None
    assert training(engine).clock_doubt(TODAY + timedelta(days=60)) is None
    assert training(engine).clock_doubt(TODAY + timedelta(days=61)) is not None


@pytest.mark.parametrize(
    "said",
    [
        CheckIn(TODAY, Moment.AFTER, pain=8, signs=frozenset({Sign.RADIATING})),
        CheckIn(TODAY, Moment.AFTER, signs=frozenset({Sign.SPASM})),
        CheckIn(TODAY, Moment.AFTER, signs=frozenset({Sign.UNWELL})),
    ],
)
@pytest.mark.parametrize("today", [date(2000, 1, 1), TODAY - timedelta(days=3), TODAY])
def test_nothing_that_was_said_is_forgotten_by_a_clock_behind(
    engine: Engine, said: CheckIn, today: date
) -> None:
    training(engine).say(said)
    with pytest.raises(NoSessionToday):
        training(engine).allowance(today)
    # A person's word about the date takes nothing back either; the days are counted from it.
    training(engine).confirm_clock(today)
    with pytest.raises(NoSessionToday):
        training(engine).allowance(today)
    later = today + timedelta(days=5)
    if Sign.RADIATING in said.signs:
        with pytest.raises(NoSessionToday):
            training(engine).allowance(later)
        training(engine).say(CheckIn(later, Moment.BEFORE, pain=0))
    training(engine).allowance(later)


def test_a_stop_that_a_wrong_clock_dated_ahead_can_be_taken_back(engine: Engine) -> None:
    training(engine).say(CheckIn(date(2030, 1, 1), Moment.AFTER, signs=frozenset({Sign.RADIATING})))
    with pytest.raises(NoSessionToday):
        training(engine).allowance(TODAY)
    training(engine).confirm_clock(TODAY)
    training(engine).say(CheckIn(TODAY, Moment.BEFORE, pain=0))
    training(engine).allowance(TODAY)


def test_running_of_a_day_ahead_is_near(engine: Engine) -> None:
    recorded(engine, TODAY - timedelta(days=8), 8.0)
    recorded(engine, TODAY + timedelta(days=1), 8.0)
    assert any("hard workouts" in note for note in training(engine).allowance(TODAY).notes)


def test_sessions_of_a_doubted_clock_lift_nothing_later(engine: Engine) -> None:
    recorded(engine, TODAY - timedelta(days=8), 6.0)
    before = fastest(engine, TODAY)
    assert before == pytest.approx(6.0 * 1.15)
    # The clock falls back; somebody drives the belt at its console all the same.
    recorded(engine, TODAY - timedelta(days=9), 12.0)
    assert fastest(engine, TODAY) == before
    # The clock runs ahead for a while and is set right again.
    recorded(engine, TODAY + timedelta(days=3), 12.0)
    training(engine).confirm_clock(TODAY)
    assert fastest(engine, TODAY) == pytest.approx(min(before, RULES.running_above_kmh))
    assert fastest(engine, TODAY + timedelta(days=7)) <= before
    # A watch brings old days whenever it is read: that is no clock of ours.
    recorded(engine, TODAY - timedelta(days=7), 7.0, state="imported")
    assert fastest(engine, TODAY + timedelta(days=2)) == pytest.approx(7.0 * 1.15)


def test_by_the_order_of_writing() -> None:
    day = TODAY.replace
    stamps = [
        Stamp(1, day(day=10)),
        Stamp(2, day(day=2), own=False),
        Stamp(3, day(day=9)),
        Stamp(4, day(day=30)),
    ]
    assert doubted(stamps, []) == {3}
    said = [Confirmed(day(day=11), 4, 0)]
    assert doubted([*stamps, Stamp(5, day(day=12))], said) == {3, 4}
    assert doubted([*stamps, Stamp(5, day(day=12))], []) == {3, 5}
    assert doubt(None, TODAY, RULES) is None and doubt(TODAY, TODAY, RULES) is None


def test_the_command_line_asks_and_notes(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "home" / "journal.db")
    ahead = date.today() + timedelta(days=400)
    diary.add(engine, "me", ahead, "strength", {})
    shown = CliRunner().invoke(app, ["clock", "show"], catch_exceptions=False).stdout
    assert ahead.isoformat() in shown and "clock confirm" in " ".join(shown.split())
    assert CliRunner().invoke(app, ["clock", "confirm"], input="n\n").exit_code == 1
    assert CliRunner().invoke(app, ["clock", "confirm"], input="y\n", catch_exceptions=False).exit_code == 0
    assert "fits" in CliRunner().invoke(app, ["clock", "show"], catch_exceptions=False).stdout
