"""`treadcoach plan` and `checkin` as a person uses them, and what was run as the planner reads it."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.config import load_runner
from treadcoach.app.days import parse_day, parse_days
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.setup_builder import Intended, todays
from treadcoach.app.training import Training, make_training, parse_key
from treadcoach.cli.main import app
from treadcoach.core.checkin import CheckIn, Moment, Sign
from treadcoach.core.errors import InputError
from treadcoach.core.intents import IntentKind
from treadcoach.core.plan import PlanRef, References
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.plans import load_plans, resolve
from treadcoach.store import history
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

TODAY = date.today()
JOG = '[runner]\ncomfortable_walk = "5 km/h"\ncomfortable_jog = "8 km/h"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder that TREADCOACH_HOME names in every test, with a runner who jogs."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "config.toml").write_text(JOG, encoding="utf-8")
    return folder


def _run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, (result.output, result.exception)
    return result.stdout


def _training(home: Path) -> Training:
    engine = open_engine(home / "journal.db")
    return make_training(engine, load_runner(home), load_guidance().belt, home)


def test_plans_are_listed_with_whom_they_are_for(home: Path) -> None:
    listed = _run("plan", "list")
    assert all(name in listed for name in load_plans())
    shown = _run("plan", "show", "first-5-km")
    assert "Week 16" in shown and "5 km @ jog" in shown


def test_a_plan_is_followed_from_its_start_to_its_end(home: Path) -> None:
    started = _run("plan", "start", "first-5-km", "--days", "daily")
    assert "see a physician" in started and f"{TODAY:%a %Y-%m-%d}" in started
    today = _run("plan", "today")
    for words in ("Easy run", "walk 5.0 km/h, jog 8.0 km/h", "Why", "ceiling (A2)", "treadcoach run --today"):
        assert words in today
    assert "Why" in _run("plan", "why", "today")
    four_weeks = _run("plan", "what-if", "--plan", "walking-base")
    assert "Walking base" in four_weeks and "Nothing was changed" in four_weeks
    assert "First 5 km" in _run("plan", "week")
    assert "not followed any more" in _run("plan", "stop")
    with pytest.raises(InputError, match="plan start"):
        CliRunner().invoke(app, ["plan", "week"], catch_exceptions=False)


def test_a_session_is_moved_and_another_skipped(home: Path) -> None:
    _run("plan", "start", "walking-base", "--days", "daily")
    to = TODAY + timedelta(days=1)
    week = _run("plan", "move", "1.1", to.isoformat())
    assert any(line.startswith(f"{to:%a %Y-%m-%d}") and " 1.1 " in line for line in week.splitlines())
    week = _run("plan", "skip", "1.2")
    this_week = TODAY + timedelta(days=6 - TODAY.weekday())
    early = [line for line in week.splitlines() if " 1.2 " in line and line[4:14] <= this_week.isoformat()]
    assert not early


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["plan", "start", "marathon"], "walking-base"),
        (["plan", "start", "walking-base", "--days", "someday"], "mon,tue"),
        (["plan", "start", "walking-base", "--from", "soon"], "2026-12-01"),
        (["plan", "move", "1.1", "today"], "plan start"),
        (["checkin", "during", "--pain", "1"], "before or after"),
        (["checkin", "--sign", "odd"], "radiating"),
        (["checkin"], "--pain"),
        (["plan", "why", "1999-01-01"], "a day from today"),
        (["run", "--today", "--workout", "5 min @ 5 km/h", "--air", "unix:/nowhere"], "one of them"),
    ],
)
def test_what_cannot_be_is_refused(home: Path, words: list[str], allowed: str) -> None:
    with pytest.raises(InputError) as refused:
        CliRunner().invoke(app, words, catch_exceptions=False)
    assert allowed in refused.value.allowed


def test_keys_days_and_dates_are_read() -> None:
    plan = load_plans()["walking-base"]
    assert parse_key("2.1", plan) == (1, 0)
    assert parse_days("mon, Wednesday").days == {0, 2} and len(parse_days("daily").days) == 7
    evenings = parse_days("mon 18:30, sat 9:00 sun")
    assert evenings.days == {0, 5, 6} and evenings.times == {0: time(18, 30), 5: time(9)}
    assert set(parse_days("daily 7:00").times.values()) == {time(7)}
    for text_ in ("", "18:30", "mon 25:00", "mon 7:00 8:00", "moonday 7:00", "7", "mon 7:0x"):
        with pytest.raises(InputError, match="--days"):
            parse_days(text_)
    assert parse_day("tomorrow", TODAY) == TODAY + timedelta(days=1)
    for text_ in ("2", "0.1", "9.1", "1.9", "a.b"):
        with pytest.raises(InputError, match=r"WEEK\.SESSION"):
            parse_key(text_, plan)


def test_a_check_in_says_what_follows_and_the_plan_obeys(home: Path) -> None:
    _run("plan", "start", "walking-base")
    assert "Go ahead" in _run("checkin", "--pain", "0")
    assert "Something lighter" in _run("checkin", "--pain", "5")
    assert "Rest today" in _run("checkin", "after", "--sign", "spasm", "--effort", "7")
    assert "Nothing today" in _run("plan", "today")
    stopped = _run("checkin", "--sign", "radiating", "--where", "left leg")
    assert "See a doctor" in stopped and "no diagnosis" in stopped
    assert "See a doctor" in _run("plan", "today", code=1)
    said = _training(home).check_ins()
    assert said[-1] == CheckIn(TODAY, Moment.BEFORE, signs=frozenset({Sign.RADIATING}), where="left leg")


def test_a_plan_that_runs_is_not_begun_without_a_running_speed(home: Path) -> None:
    (home / "config.toml").write_text('[runner]\ncomfortable_walk = "5 km/h"\n', encoding="utf-8")
    with pytest.raises(InputError, match="comfortable_jog"):
        CliRunner().invoke(app, ["plan", "start", "first-5-km"], catch_exceptions=False)
    _run("plan", "start", "walking-base")


def _ran(home: Path, ref: PlanRef, early: bool) -> None:
    engine = open_engine(home / "journal.db")
    journal = Journal(engine, "runner", "mill", "F0", inline=True)

    async def scenario() -> None:
        workout = "6 min @ 5 km/h"
        async with Rig(recorder=JournalRecorder(journal), plan=ref, workout=workout) as rig:
            await rig.walk()
            if early:
                await rig.seconds(60)
                rig.ask(IntentKind.STOP)
            await rig.until(rig.task.done, 3600)

    in_virtual_time(scenario())
    engine.dispose()


def test_what_was_really_run_moves_the_plan_on(home: Path) -> None:
    _run("plan", "start", "walking-base")
    _ran(home, PlanRef("walking-base", 0, 0), early=False)
    _ran(home, PlanRef("walking-base", 0, 1), early=True)
    training = _training(home)
    rows = history.plan_sessions(training.engine, "runner", TODAY - timedelta(days=1))
    assert [row.session for row in rows] == [0, 1]
    assert rows[0].share_run > 0.9 and rows[1].share_run < 0.3
    state = training.state()
    assert state is not None and [done.key for done in state.done] == [(0, 0)], "a fifth of it is not run"
    assert training.schedule(TODAY).on(TODAY) is None, "one session a day"
    training.engine.dispose()


def test_todays_session_is_what_run_takes(home: Path) -> None:
    _run("plan", "start", "first-5-km")
    training = _training(home)
    plan = todays(Intended(None), training)
    assert plan.ref == PlanRef("first-5-km", 0, 0)
    assert plan.workout is not None and len(plan.workout.segments) == 12
    training.say(CheckIn(TODAY, Moment.BEFORE, 9))
    with pytest.raises(InputError, match="no session today"):
        todays(Intended(None), training)
    training.engine.dispose()


def test_shorter_and_flatter_is_below_what_was_planned() -> None:
    session = load_plans()["first-5-km"].weeks[-1].sessions[-1]
    whole = resolve(session, References(5.0, 8.0), 4.0)
    less = whole.scaled(0.7).flattened(2.0)
    assert less.workout.about_s == pytest.approx(0.7 * whole.workout.about_s)
    assert all(segment.incline_percent == 2.0 for segment in less.workout.segments)
    assert whole.scaled(1.0).flattened(None) is whole


def test_the_calendar_has_each_day_at_its_own_time(home: Path) -> None:
    _run("plan", "start", "walking-base", "--days", "mon 18:30, wed, sat 9:00")
    begins = [
        line.rpartition(":")[2]
        for line in _run("plan", "calendar", "--at", "12:15").splitlines()
        if line.startswith("DTSTART")
    ]
    found = {(date.fromisoformat(begin[:8]).weekday(), begin[9:13]) for begin in begins}
    assert found >= {(0, "1830"), (2, "1215"), (5, "0900")}
