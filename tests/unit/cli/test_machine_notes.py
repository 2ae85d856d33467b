"""What a machine cannot do, and who should see a physician, is said before the start."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from treadcoach.app.setup_builder import Intended, SetupBuilder, machine_notes
from treadcoach.app.training import make_training
from treadcoach.core.guidance import BeltRules
from treadcoach.core.machine import Machine
from treadcoach.core.runner import Runner
from treadcoach.core.samples import InclineRange, SpeedRange
from treadcoach.core.units import SpeedUnit
from treadcoach.store.opening import open_engine

GOOD = Machine("F0", "mill", speed_range=SpeedRange(0.8, 18, 0.1), incline_range=InclineRange(0, 12, 0.5))


def test_a_good_machine_needs_no_words() -> None:
    assert machine_notes(GOOD, SpeedUnit.KMH) == []


def test_what_is_missing_is_said() -> None:
    cases = [
        (replace(GOOD, incline_range=None), "no incline"),
        (replace(GOOD, incline_range=InclineRange(0, 0, 0)), "no incline"),
        (replace(GOOD, can_set_incline=False), "no incline"),
        (replace(GOOD, speed_range=SpeedRange(1, 16, 0.5)), "steps of 0.5 km/h"),
        (replace(GOOD, speed_range=None), "3.7 mph"),
        (replace(GOOD, has_control_point=False), "only watches"),
        (replace(GOOD, can_set_speed=False), "cannot be set"),
    ]
    for machine, words in cases:
        assert any(words in note for note in machine_notes(machine, SpeedUnit.MPH)), words


def test_the_stated_age_decides_what_is_said_of_a_physician(tmp_path: Path, rules: BeltRules) -> None:
    engine = open_engine(tmp_path / "j.db")

    def first_words(age: int | None) -> str:
        training = make_training(engine, Runner(age_years=age), rules, tmp_path)
        return SetupBuilder(training, Intended(None)).advice(date(2026, 11, 18))[0]

    said = {age: first_words(age) for age in (None, 30, 35, 60)}
    assert "if you are over 35" in said[None]
    assert "you are over 35: see a physician" in said[60]
    assert "over" not in said[30] and "over" not in said[35] and "pre-existing" in said[30]
