"""Two straps that contradict each other: nobody knows which is right, so the higher one counts."""

import pytest

from tests.support.rig import RULES
from treadcoach.app.sensors import Sensors
from treadcoach.core.machine import Machine
from treadcoach.core.samples import TreadmillData
from treadcoach.wire.treadmill_data import encode_treadmill_data


def test_where_one_strap_falls_to_half_the_other_still_counts() -> None:
    sensors = Sensors(RULES, Machine("A", "machine"), 10.0)
    for second in range(60):
        one = 170 if second < 30 else 85
        for name, bpm in (("one", one), ("other", 173)):
            sensors.on_frame(float(second), name, "2A37", bytes((0x06, bpm + second % 3)))
    bpm, doubt = sensors.pulse(59.0, None)
    assert bpm is not None and bpm >= 173 and doubt is None


def test_a_doubted_speed_is_that_of_the_last_frame_of_the_machine() -> None:
    sensors = Sensors(RULES, Machine("A", "machine"), 10.0)
    frame = encode_treadmill_data
    for second in range(10):
        sensors.on_frame(float(second), "treadmill", "2ACD", frame(TreadmillData(speed_kmh=4.0)))
    sensors.on_frame(10.0, "treadmill", "2ACD", frame(TreadmillData(speed_kmh=16.0)))
    assert sensors.doubted_kmh == 16.0
    sensors.on_frame(10.1, "strap", "2A37", bytes((0x06, 120)))
    assert sensors.doubted_kmh == 16.0, "a strap says nothing of it"
    sensors.on_frame(11.0, "treadmill", "2ACD", frame(TreadmillData(speed_kmh=4.0)))
    assert sensors.doubted_kmh is None


@pytest.mark.parametrize("first", [120, 185])
def test_of_two_straps_the_higher_pulse_counts_whoever_was_heard_first(first: int) -> None:
    sensors = Sensors(RULES, Machine("A", "machine"), 10.0)
    for second in range(60):
        for name, bpm in (("one", first), ("other", 305 - first)):
            # Flags: a sensor that says whether it has contact, and has it; a beat that wavers is alive.
            sensors.on_frame(float(second), name, "2A37", bytes((0x06, bpm + second % 3)))
    bpm, doubt = sensors.pulse(59.0, None)
    assert bpm is not None and bpm >= 185 and doubt is None
    for second in range(60, 80):
        lower = "one" if first == 120 else "other"
        sensors.on_frame(float(second), lower, "2A37", bytes((0x06, 120 + second % 3)))
    assert sensors.pulse(79.0, None)[0] in (120, 121, 122), "one that has fallen silent says nothing any more"
