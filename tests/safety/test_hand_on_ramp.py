"""A hand at the console while our own ramp is under way: it is neither undone nor followed by a jump."""

import pytest

from tests.support.direct import Direct
from treadcoach.core.phases import Phase
from treadcoach.core.samples import SpeedRange
from treadcoach.virtual.belt import MachineModel


@pytest.mark.parametrize("offset_s", [k / 10 for k in range(0, 40, 3)])
@pytest.mark.parametrize("speed", [SpeedRange(0.96, 6.43, 0.32), SpeedRange(0.8, 18.0, 0.1)])
def test_a_faster_hand_on_the_ramp_is_taken_over_without_a_jump(speed: SpeedRange, offset_s: float) -> None:
    direct = Direct(MachineModel(speed_range=speed, acceleration_kmh_per_s=0.2), workout="10 min @ 4 km/h")
    direct.begin()
    direct.run_to(Phase.WARM_UP)
    while not direct.speed_orders:
        direct.pass_time(0.1)
    direct.pass_time(offset_s)
    direct.set_by_hand(5.0)
    at_s = direct.now_s
    direct.pass_time(60)
    after = [value for when, value in direct.speed_orders if when >= at_s]
    assert all(value >= 400 for value in after[:1]), "the hand is not undone by an order of the ramp"
    assert direct.violations == []
    assert direct.belt.speed_kmh == pytest.approx(5.0, abs=0.35)
