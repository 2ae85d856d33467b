"""A belt that nobody commands is watched all the same: silence, and a belt above every bound, are stopped."""

from collections.abc import Callable

import pytest

from tests.support.claims import MACHINES, Claims, LyingBelt, lying, wide_week
from tests.support.rig import in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ON_BELT, Phase
from treadcoach.core.samples import TreadmillData

WEEK = wide_week(9.0)


async def control_lost(rig: Claims) -> None:
    rig.mill.take_control_away()


async def reset(rig: Claims) -> None:
    await rig.status(b"\x01")


async def not_permitted(rig: Claims) -> None:
    rig.belt.controller = None
    rig.faults.result[0] = 5
    rig.ask(IntentKind.SLOWER, 0.3)


async def new_link(rig: Claims) -> None:
    rig.mill.cut_radio()
    await rig.at(Phase.PAUSED, 60)
    await rig.seconds(2)


LOST: dict[str, Callable[[Claims], object]] = {
    "control lost": control_lost, "reset": reset, "not permitted": not_permitted, "new link": new_link,
}  # fmt: skip


async def uncommanded(rig: Claims, how: str) -> float:
    """At 6 km/h, and nobody's; the time."""
    await rig.settled(6.0)
    await LOST[how](rig)  # type: ignore[misc]  # each is a coroutine function
    await rig.seconds(6)
    rig.faults.result.clear()
    assert not rig.controller.gate.is_open
    return rig.now_s


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("machine", ["usual", "a report every 2 s", "split records"])
def test_silence_of_a_belt_that_nobody_commands_is_an_alarm(how: str, machine: str) -> None:
    async def session() -> None:
        async with Claims(model=MACHINES[machine], workout="20 min @ 6 km/h", ceiling=WEEK) as rig:
            since_s = await uncommanded(rig, how)
            rig.faults.no_data = True
            await rig.seconds(15)
            assert rig.loud(since_s), "it is said loudly"
            assert rig.stops_since(since_s), "the person had not taken the belt over: it is stopped"

    in_virtual_time(session())


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("to_kmh", [11.0, 16.0])
def test_a_belt_that_nobody_commands_and_that_runs_away_is_stopped(how: str, to_kmh: float) -> None:
    async def session() -> None:
        async with Claims(workout="20 min @ 6 km/h", ceiling=WEEK) as rig:
            since_s = await uncommanded(rig, how)
            rig.belt.target_kmh = to_kmh
            await rig.seconds(25)
            assert rig.loud(since_s) and rig.stops_since(since_s) and rig.kmh() < 6.0
            assert rig.fastest(since_s) <= 9.0 + 0.8 + 3.0, "within two readings of leaving the bound"

    in_virtual_time(session())


@pytest.mark.parametrize("what", ["silence", "faster still", "as it was set"])
@pytest.mark.parametrize("to_kmh", [11.0, 13.0])
def test_a_hand_above_the_ceiling_is_the_persons_but_not_unseen(what: str, to_kmh: float) -> None:
    """The runner drives at the console: no STOP under the feet, but silence and a runaway belt are said."""

    async def session() -> None:
        async with Claims(workout="20 min @ 6 km/h", ceiling=WEEK) as rig:
            await rig.settled(6.0)
            rig.mill.set_by_hand(to_kmh)
            await rig.seconds(25)
            assert rig.warned("above the ceiling") and not rig.stops()
            since_s = rig.now_s
            if what == "silence":
                rig.faults.no_data = True
            elif what == "faster still":
                rig.belt.target_kmh = 17.5
            await rig.seconds(40)
            assert bool(rig.loud(since_s)) is (what != "as it was set")
            assert rig.speeds(since_s) == [] and not rig.stops_since(since_s)

    in_virtual_time(session())


@pytest.mark.parametrize("lie", ["one odd frame", "two odd frames apart"])
def test_odd_frames_of_an_uncommanded_belt_are_no_alarm(lie: str) -> None:
    async def session() -> None:
        async with Claims(workout="20 min @ 6 km/h", ceiling=WEEK) as rig:
            since_s = await uncommanded(rig, "control lost")
            await rig.mill.send_raw(0x2ACD, b"\0\0\xff\xff")
            await rig.seconds(5)
            if lie == "two odd frames apart":
                await rig.mill.send_raw(0x2ACD, b"\0\0\xd0\x07")
            await rig.seconds(10)
            assert not rig.loud(since_s) and not rig.stops_since(since_s)

    in_virtual_time(session())


@pytest.mark.parametrize("fault", ["frozen", "silence", "runs away", "frozen and runs away"])
def test_two_faults_of_an_uncommanded_belt(fault: str) -> None:
    """Frozen telemetry hides a belt that runs away; that its clock and distance stand still is seen."""

    async def session() -> None:
        frozen: list[TreadmillData] = []
        freezes = [False]

        def lie(_belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            if not freezes[0]:
                return told
            frozen.append(told)
            return frozen[0]

        async with Claims(belt=lying(lie, MACHINES["usual"]), workout="20 min @ 6 km/h", ceiling=WEEK) as rig:
            since_s = await uncommanded(rig, "control lost")
            freezes[0] = fault.startswith("frozen")
            rig.faults.no_data = fault == "silence"
            if fault.endswith("runs away"):
                rig.belt.target_kmh = 14.0
            await rig.seconds(30)
            assert rig.loud(since_s) and rig.stops_since(since_s)

    in_virtual_time(session())


@pytest.mark.parametrize("how", ["control lost", "reset", "not permitted"])
def test_a_person_takes_the_belt_back(how: str) -> None:
    async def session() -> None:
        async with Claims(workout="20 min @ 6 km/h", ceiling=WEEK) as rig:
            since_s = await uncommanded(rig, how)
            rig.ask(IntentKind.START)
            await rig.seconds(6)
            rig.ask(IntentKind.FASTER, 0.5)
            await rig.seconds(20)
            assert rig.phase in ON_BELT and rig.controller.gate.is_open
            assert rig.speeds(since_s) and rig.fastest(since_s) <= 6.6
            assert not rig.loud(since_s)

    in_virtual_time(session())


@pytest.mark.parametrize("what", ["frozen", "silence", "runaway"])
@pytest.mark.parametrize("phase", [Phase.WARM_UP, Phase.MAIN, Phase.COOL_DOWN])
def test_a_commanded_belt_is_watched_in_every_phase(what: str, phase: Phase) -> None:
    async def session() -> None:
        frozen: list[TreadmillData] = []
        freezes = [False]

        def lie(_belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            if not freezes[0]:
                return told
            frozen.append(told)
            return frozen[0]

        async with Claims(belt=lying(lie), workout="2 min @ 6 km/h", ceiling=WEEK) as rig:
            await rig.walk()
            await rig.at(phase)
            await rig.seconds(3)
            since_s = rig.now_s
            if what == "frozen":
                freezes[0] = True
            elif what == "silence":
                rig.faults.no_data = True
            else:
                rig.faults.runaway_to_kmh = 15.0
            await rig.seconds(20)
            assert rig.loud(since_s) and rig.stops_since(since_s)

    in_virtual_time(session())
