"""One zero is nothing, and a machine that says 0 of a moving belt is not believed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.claims import Claims, LyingBelt, lying, wide_week
from tests.support.rig import in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ENDED, Phase
from treadcoach.core.samples import TreadmillData
from treadcoach.virtual.belt import MachineModel

KEY = "PULL THE SAFETY KEY"


async def zero(rig: Claims, times: int, apart_s: float) -> None:
    for n in range(times):
        if n:
            await rig.seconds(apart_s)
        await rig.mill.send_raw(0x2ACD, bytes(4))


@pytest.mark.parametrize("zeros", [(1, 0.0), (2, 0.1), (3, 0.2), (2, 0.6)], ids=str)
@pytest.mark.parametrize("ignores", [False, True], ids=["stops", "ignores STOP"])
@pytest.mark.parametrize("after_s", [0.7, 4.0])
def test_zero_frames_between_are_no_standing_belt(
    zeros: tuple[int, float], ignores: bool, after_s: float
) -> None:
    async def session() -> None:
        async with Claims(workout="10 min @ 9 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(9.0)
            since_s = rig.now_s
            if ignores:
                rig.faults.answered_but_ignored.add(8)
            rig.ask(IntentKind.STOP)
            await rig.seconds(after_s)
            await zero(rig, *zeros)
            await rig.seconds(30)
            if ignores:
                assert rig.phase is Phase.STOPPING and not rig.task.done()
                assert any(KEY in text for text in rig.loud(since_s)) and len(rig.stops_since(since_s)) > 5
            else:
                ended = [s for s in rig.track if s.phase in ENDED and s.t_s >= since_s]
                assert ended and ended[0].kmh == 0.0

    in_virtual_time(session())


@pytest.mark.parametrize("zeros", [(1, 0.0), (3, 0.3)], ids=str)
@pytest.mark.parametrize("moment", ["walking", "ramp up", "paused", "after a new link"])
def test_zero_frames_between_pause_nothing(zeros: tuple[int, float], moment: str) -> None:
    async def session() -> None:
        async with Claims(workout="10 min @ 9 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(6.0 if moment == "ramp up" else 9.0)
            if moment == "paused":
                rig.faults.answered_but_ignored.add(8)
                rig.ask(IntentKind.PAUSE)
                await rig.seconds(2)
            if moment == "after a new link":
                rig.mill.cut_radio()
                await rig.at(Phase.PAUSED, 60)
                await rig.seconds(0.4)
            before = rig.phase
            since_s = rig.now_s
            await zero(rig, *zeros)
            await rig.seconds(10)
            if moment == "paused":
                assert rig.stops_since(since_s), "the belt runs on, and is told so"
                assert any(KEY in text for text in rig.loud())
            else:
                assert rig.phase is before and not rig.stops_since(since_s)

    in_virtual_time(session())


def all_zero(_belt: LyingBelt, _told: TreadmillData) -> TreadmillData:
    return TreadmillData(more_data=False, speed_kmh=0.0)


def zero_speed(_belt: LyingBelt, told: TreadmillData) -> TreadmillData:
    return replace(told, speed_kmh=0.0)


def zero_with_clock(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
    return replace(told, speed_kmh=0.0, distance_m=0)


def zero_after_ten(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
    return told if belt.elapsed_s < 10 else all_zero(belt, told)


ZEROS: dict[str, Callable[[LyingBelt, TreadmillData], TreadmillData]] = {
    "all": all_zero, "speed": zero_speed, "speed and distance": zero_with_clock, "after 10 s": zero_after_ten,
}  # fmt: skip


@pytest.mark.parametrize("kind", ZEROS)
def test_a_belt_that_hides_its_movement_is_not_left_running(kind: str) -> None:
    """All telemetry is zero while the belt carries somebody: it is stopped within its first seconds."""

    async def session() -> None:
        async with Claims(belt=lying(ZEROS[kind], MachineModel())) as rig:
            await rig.start()
            moved_s = 0.0
            for _ in range(100):
                await rig.seconds(1.0)
                moved_s += rig.kmh() > 0.3
            assert moved_s <= 25 and rig.kmh() == 0.0 and rig.stops()
            assert rig.speeds() == [] or kind == "after 10 s"
            assert rig.warned("safety key") or kind == "after 10 s"

    in_virtual_time(session())


@pytest.mark.parametrize("kind", ["all", "speed", "speed and distance"])
def test_zero_telemetry_ends_no_stop_while_counters_go_on(kind: str) -> None:
    """The machine says 0 from the STOP on and ignores it: where anything still counts, that is believed."""

    async def session() -> None:
        lies = [False]

        def lie(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            return ZEROS[kind](belt, told) if lies[0] else told

        async with Claims(belt=lying(lie, MachineModel()), workout="10 min @ 6 km/h") as rig:
            await rig.to_main(5.9)
            rig.faults.answered_but_ignored.add(8)
            lies[0] = True
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.seconds(30)
            if kind == "speed":
                assert not rig.task.done() and rig.phase is Phase.STOPPING
                assert any(KEY in text for text in rig.loud(since_s)) and len(rig.stops_since(since_s)) >= 5

    in_virtual_time(session())
