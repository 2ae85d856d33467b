"""Two straps that contradict each other: nobody knows which is right, so the higher one counts."""

import pytest

from tests.support.rig import RULES
from treadcoach.app.sensors import Sensors
from treadcoach.core.machine import Machine


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
