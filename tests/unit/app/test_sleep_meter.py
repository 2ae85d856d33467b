"""A computer that has slept: the belt ran on, and nobody saw it."""

import pytest

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.clock import SleepMeter
from treadcoach.core.phases import Phase


def test_a_computer_that_stays_awake_has_not_slept() -> None:
    meter = SleepMeter()
    assert meter.slept_s() < 0.1
    assert meter.slept_s() < 0.1


def test_sleep_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gaps = iter([10.0, 10.0, 52.0, 52.0, 51.0])
    monkeypatch.setattr(SleepMeter, "_gap_s", staticmethod(lambda: next(gaps)))
    meter = SleepMeter()
    assert [meter.slept_s() for _ in range(4)] == [0.0, 42.0, 0.0, 0.0]


@pytest.mark.parametrize("released", [True, False])
def test_the_belt_is_stopped_after_a_sleep_where_it_was_released(released: bool) -> None:
    async def session() -> None:
        async with Rig(strap=False) as rig:
            if released:
                await rig.walk()
            else:
                await rig.at(Phase.READY)
            slept = iter([40.0])
            rig.coach._slept_s = lambda: next(slept, 0.0)
            await rig.seconds(1.0)
            assert bool(rig.stops()) == released
            assert rig.said("the computer slept for 40 s") == released

    in_virtual_time(session())
