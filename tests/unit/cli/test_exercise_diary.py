"""Strength that was done and screens with their results, as a person writes them down."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treadcoach.app.training import make_training
from treadcoach.cli.main import app
from treadcoach.core.errors import InputError
from treadcoach.core.runner import Runner
from treadcoach.planning.guidance import load_guidance
from treadcoach.store import diary
from treadcoach.store.opening import open_engine

TODAY = date.today()


def _run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_results_of_a_screen_are_kept_over_time() -> None:
    _run("exercises", "screens", "--result", "screen-single-leg=failed", "--note", "left 12 s")
    said = _run("exercises", "screens", "--result", "screen-single-leg=passed")
    assert f"{TODAY} passed {TODAY} not passed left 12 s" in said
    assert f"{TODAY} passed {TODAY} not passed left 12 s" in _run("exercises", "screens")


def test_screens_are_due_again_after_four_weeks(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "journal.db")
    training = make_training(engine, Runner(), load_guidance().belt, tmp_path)
    due = [screen.id for screen in training.screens_due(TODAY)]
    assert len(due) == 5
    payload = {"id": due[0], "passed": True, "note": ""}
    diary.add(engine, "runner", TODAY - timedelta(days=27), "screen", payload)
    assert due[0] not in [screen.id for screen in training.screens_due(TODAY)]
    assert due[0] in [screen.id for screen in training.screens_due(TODAY + timedelta(days=1))]


def test_strength_is_planned_and_written_down() -> None:
    _run("plan", "start", "walking-base")
    assert "Strength of legs and core, 2 to 3 days a week" in _run("plan", "week")
    assert "5 screens are due" in _run("plan", "today")
    assert "strength today, 1 this week" in _run("exercises", "strength", "--done")
    assert "strength today, 1 this week" in _run("exercises", "strength", "--done")
    assert f"{TODAY:%a %Y-%m-%d}" not in _run("plan", "week").partition("Strength")[2]
    assert "strength: legs and core" in _run("plan", "calendar")


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["exercises", "last", "--done"], "strength"),
        (["exercises", "screens", "--result", "handstand=passed"], "screen-single-leg"),
        (["exercises", "screens", "--result", "screen-single-leg=maybe"], "=passed"),
        (["exercises", "screens", "--result", "screen-single-leg"], "=passed"),
    ],
)
def test_what_cannot_be_is_refused(words: list[str], allowed: str) -> None:
    with pytest.raises(InputError) as refused:
        CliRunner().invoke(app, words, catch_exceptions=False)
    assert allowed in refused.value.allowed
