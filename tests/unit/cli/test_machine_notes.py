"""What a machine cannot do is said before the start."""

from dataclasses import replace

from treadcoach.cli.session_runner import machine_notes
from treadcoach.core.machine import Machine
from treadcoach.core.samples import InclineRange, SpeedRange
from treadcoach.core.units import SpeedUnit

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
