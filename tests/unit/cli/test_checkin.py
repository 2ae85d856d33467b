"""The questions around a session, and sessions on days that have none."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.config import load_runner
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.training import make_training
from treadcoach.cli.checkin import ask_check_in
from treadcoach.cli.main import app
from treadcoach.core.checkin import CheckIn, Moment, Sign
from treadcoach.core.errors import NoSessionToday
from treadcoach.core.intents import IntentKind
from treadcoach.planning.guidance import load_guidance
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

TODAY = date(2026, 11, 20)


def _answers(*lines: str) -> Callable[[str], str]:
    said: Iterator[str] = iter(lines)
    return lambda _question: next(said)


def test_the_questions_become_a_check_in() -> None:
    said = ask_check_in(TODAY, Moment.BEFORE, _answers("3", "p, x", "7,5", "low back"))
    signs = frozenset({Sign.SPASM, Sign.NOT_RIGHT})
    assert said == CheckIn(TODAY, Moment.BEFORE, 3, None, signs, "low back", 7.5)
    after = ask_check_in(TODAY, Moment.AFTER, _answers("6", "0", ""))
    assert after == CheckIn(TODAY, Moment.AFTER, 0, 6)


def test_what_cannot_be_read_is_asked_again_and_nothing_may_be_said() -> None:
    said = ask_check_in(
        TODAY, Moment.BEFORE, _answers("eleven", "11", "2.5", "-1", "2", "q", "", "25", "8", "hip")
    )
    assert said == CheckIn(TODAY, Moment.BEFORE, 2, where="hip", sleep_h=8.0)
    assert ask_check_in(TODAY, Moment.BEFORE, _answers("", "", "")) is None


@pytest.mark.parametrize(
    ("key", "sign"), [(IntentKind.UNWELL, "unwell"), (IntentKind.NOT_RIGHT, "not_right")]
)
def test_a_session_that_ended_because_of_the_body_counts_as_said(
    tmp_path: Path, key: IntentKind, sign: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    engine = open_engine(home / "journal.db")
    journal = Journal(engine, "runner", "mill", "F0", inline=True)

    async def scenario() -> None:
        async with Rig(recorder=JournalRecorder(journal)) as rig:
            await rig.walk()
            rig.ask(key)
            await rig.until(rig.task.done, 600)

    in_virtual_time(scenario())
    training = make_training(engine, load_runner(home), load_guidance().belt, home)
    assert [set(said.signs) for said in training.check_ins()] == [{Sign(sign)}]
    with pytest.raises(NoSessionToday, match="again from"):
        training.allowance(date.today())


def test_no_session_is_begun_on_a_day_that_has_none() -> None:
    """Before any radio is touched, with a workout of one's own as well."""
    words = ["run", "--workout", "5 min @ walk", "--air", "unix:/nowhere"]
    CliRunner().invoke(app, ["checkin", "--sign", "radiating", "--simulated"], catch_exceptions=False)
    with pytest.raises(NoSessionToday, match="See a doctor"):
        CliRunner().invoke(app, words, catch_exceptions=False)
