"""A machine that takes our kilometres for miles, and says so: nobody's hand, and soon stopped."""

import pytest

from tests.support.direct import Direct
from treadcoach.core.phases import ENDED, Phase
from treadcoach.core.runner import Runner
from treadcoach.virtual.belt import MachineModel, VirtualBelt
from treadcoach.virtual.faults import Faults
from treadcoach.wire.control_point import Result
from treadcoach.wire.machine_status import StatusOp


class Echoes(VirtualBelt):
    """Says of each order what it made of it, as many machines do."""

    def _set_speed(self, kmh: float) -> Result:
        result = super()._set_speed(kmh)
        if result is Result.SUCCESS:
            self._status(StatusOp.TARGET_SPEED, round(self.target_kmh * 100))
        return result


@pytest.mark.parametrize("acceleration", [0.3, 0.6, 1.2])
@pytest.mark.parametrize("echoes", [True, False])
def test_a_machine_that_takes_miles_is_stopped_before_it_is_fast(acceleration: float, echoes: bool) -> None:
    """What it made of our order is not taken for what a hand has set, nor ordered on from."""
    model = MachineModel(acceleration_kmh_per_s=acceleration)
    direct = Direct(
        model, Runner(comfortable_walk_kmh=5.0, comfortable_jog_kmh=8.5), workout="20 min @ 8 km/h"
    )
    direct.belt = (Echoes if echoes else VirtualBelt)(model, Faults(takes_mph=True), now_s=direct.now_s)
    direct.begin()
    fastest = 0.0
    while direct.controller.session.phase not in ENDED:
        direct.pass_time(1.0)
        fastest = max(fastest, direct.belt.speed_kmh)
        assert direct.now_s < 600
    assert direct.controller.session.phase is Phase.STOPPED
    assert fastest <= 4.5
    assert direct.violations == []
    assert not any("at the console" in event for event in direct.events)
    assert direct.belt.speed_kmh == 0


def test_a_machine_whose_echoes_are_right_is_coached() -> None:
    direct = Direct(workout="5 min @ 6 km/h")
    direct.belt = Echoes(direct.model, now_s=direct.now_s)
    direct.begin()
    direct.run_to(Phase.DONE)
    assert direct.violations == []
    assert not any("at the console" in event for event in direct.events)
