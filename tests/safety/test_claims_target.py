"""A target that a status names and the belt does not follow is no base of an order."""

from dataclasses import replace

import pytest

from tests.support.claims import MACHINES, Claims, lying, speed_status, wide_week
from tests.support.rig import in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.core.samples import SpeedRange
from treadcoach.virtual.belt import Key, MachineModel


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        *((said, IntentKind.SLOWER) for said in (5.8, 6.5, 8.0, 11.0, 20.0, 100.0, 655.35, 2.0, 0.0)),
        *((said, IntentKind.FASTER) for said in (6.5, 11.0, 2.0)),
        (11.0, None),
    ],
)
def test_a_target_that_the_belt_does_not_follow_is_no_base(said: float, wish: IntentKind | None) -> None:
    async def session() -> None:
        async with Claims(workout="20 min @ 5.5 km/h", ceiling=wide_week()) as rig:
            since_s = await rig.settled(5.5)
            await rig.status(speed_status(said))
            await rig.seconds(4)
            if wish is not None:
                rig.ask(wish, 0.2)
            await rig.seconds(20)
            wished = {IntentKind.SLOWER: 5.3, IntentKind.FASTER: 5.7, None: 5.5}[wish]
            assert rig.fastest(since_s) <= max(wished, 5.5) + 0.05
            assert all(5.2 < w.kmh < 5.8 for w in rig.speeds(since_s)), "nor slower than wished"
            assert not rig.stops() and rig.phase is Phase.MAIN

    in_virtual_time(session())


@pytest.mark.parametrize(
    "moment", ["ramp up", "ramp down", "repeated", "paused", "new link", "just started", "hands off"]
)
@pytest.mark.parametrize(("machine", "said"), [("usual", 11.0), ("coarse", 8.0), ("reports its target", 8.0)])
def test_such_a_status_at_every_moment(moment: str, said: float, machine: str) -> None:
    async def session() -> None:
        workout = "1 min @ 6.5 km/h + 10 min @ 5.5 km/h"
        async with Claims(model=MACHINES[machine], workout=workout, ceiling=wide_week()) as rig:
            await rig.start()
            status = speed_status(said)
            if moment == "just started":
                for _ in range(6):
                    await rig.status(status)
                    await rig.seconds(2)
            elif moment == "ramp up":
                await rig.until(lambda: rig.kmh() > 5.0, 100)
                await rig.status(status)
            elif moment == "ramp down":
                await rig.until(lambda: rig.kmh() > 6.4, 100)
                await rig.until(lambda: rig.kmh() < 6.3, 100)
                await rig.status(status)
            else:
                await rig.until(lambda: rig.kmh() > 6.4, 100)
                if moment == "paused":
                    rig.ask(IntentKind.PAUSE)
                    await rig.seconds(14)
                elif moment == "new link":
                    rig.mill.cut_radio()
                    await rig.at(Phase.PAUSED, 60)
                    await rig.seconds(2)
                elif moment == "hands off":
                    rig.mill.take_control_away()
                    await rig.seconds(2)
                await rig.status(status)
                if moment == "repeated":
                    for _ in range(10):
                        await rig.seconds(1.0)
                        await rig.status(status)
                else:
                    rig.ask(IntentKind.START)
            await rig.seconds(4)
            rig.ask(IntentKind.SLOWER, 0.5)
            await rig.seconds(30)
            assert rig.fastest(0.0) <= 6.55

    in_virtual_time(session())


@pytest.mark.parametrize("said", [3.0, 9.0])
def test_a_status_beside_readings_of_the_same_lie(said: float) -> None:
    """Both channels lie at once: the belt is at 5.5 throughout, and no order follows the lie up."""

    async def session() -> None:
        left = 0

        def lie(_belt: object, told: object) -> object:
            nonlocal left
            if not left:
                return told
            left -= 1
            return replace(told, speed_kmh=said)  # type: ignore[type-var]  # a dataclass by the caller's word

        belt = lying(lie)  # type: ignore[arg-type]  # see above
        async with Claims(belt=belt, workout="20 min @ 5.5 km/h", ceiling=wide_week()) as rig:
            since_s = await rig.settled(5.5)
            await rig.status(speed_status(said))
            left = 1
            await rig.seconds(3.5)
            rig.ask(IntentKind.SLOWER, 0.2)
            await rig.seconds(20)
            assert rig.fastest(since_s) <= 5.8

    in_virtual_time(session())


@pytest.mark.parametrize(
    "keys", [[Key.SLOWER] * 3, [Key.FASTER, Key.SLOWER, Key.SLOWER], [Key.SLOWER, Key.FASTER]]
)
@pytest.mark.parametrize(
    "speed", [SpeedRange(0.8, 18.0, 0.1), SpeedRange(1.0, 16.0, 0.5), SpeedRange(0.96, 9.66, 0.32)]
)
def test_keys_in_both_directions_on_a_ramp(keys: list[Key], speed: SpeedRange) -> None:
    async def session() -> None:
        model = MachineModel(speed_range=speed)
        async with Claims(model=model, workout="10 min @ 9 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(6.0)
            for key in keys:
                rig.mill.press(key)
                await rig.seconds(0.7)
            held_kmh = rig.belt.target_kmh
            since_s = rig.now_s
            await rig.seconds(20)
            if keys[-1] is Key.SLOWER:
                assert rig.fastest(since_s + 4) <= held_kmh + 0.55
            assert not rig.stops() and not rig.loud()

    in_virtual_time(session())
