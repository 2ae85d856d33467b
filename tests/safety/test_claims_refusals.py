"""Machines that refuse to slow down or to go flatter, links that come and go, and starts too fast at once."""

from dataclasses import replace

import pytest

from tests.support.claims import Claims, LyingBelt, lying, wide_week
from tests.support.rig import JOGGER, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ENDED, ON_BELT, Phase
from treadcoach.core.samples import InclineRange, TreadmillData
from treadcoach.virtual.belt import Key, MachineModel, VirtualBelt
from treadcoach.virtual.faults import Faults
from treadcoach.wire.treadmill_data import encode_treadmill_data

WORKOUT = "1 min @ 5.5 km/h + 30 min @ 8 km/h"
FINE = InclineRange(0.0, 15.0, 0.5)


@pytest.mark.parametrize("result", [2, 3, 4])
def test_a_machine_that_refuses_every_slower_speed_is_stopped(result: int) -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week(), workout=WORKOUT) as rig:
            await rig.settled(8.0)
            rig.belt.faults.result[2] = result
            since_s = rig.now_s
            rig.ask(IntentKind.SLOWER, 2.0)
            await rig.until(lambda: bool(rig.stops_since(since_s)), 30)
            assert 15.0 < rig.stops_since(since_s)[0] - since_s < 25.0
            assert rig.warned("the machine refuses to slow down")
            await rig.at(Phase.STOPPED, 60)

    in_virtual_time(session())


def test_a_few_refused_orders_are_no_alarm() -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week(), workout=WORKOUT) as rig:
            await rig.settled(8.0)
            for _ in range(4):
                rig.belt.faults.result[2] = 4
                rig.ask(IntentKind.SLOWER, 0.5)
                await rig.seconds(15)
                rig.belt.faults.result.clear()
                await rig.seconds(10)
            assert not rig.stops() and abs(rig.kmh() - 6.0) < 0.15

    in_virtual_time(session())


def test_a_moving_belt_that_is_taken_over_above_the_ceiling_and_refuses_is_stopped() -> None:
    async def session() -> None:
        belt = VirtualBelt(MachineModel(), Faults(result={2: 4}))
        async with Claims(belt=belt, judged=False, runner=replace(JOGGER, max_speed_kmh=7.0)) as rig:
            await rig.at(Phase.READY, 60)
            rig.mill.press(Key.START)
            rig.mill.set_by_hand(9.0)
            await rig.seconds(40)
            rig.ask(IntentKind.START)
            await rig.until(lambda: bool(rig.stops()), 75)
            await rig.at(Phase.STOPPED, 60)

    in_virtual_time(session())


def test_a_machine_that_refuses_to_go_flatter() -> None:
    """While it is not too steep the incline is left alone, and that is said; too steep it is stopped."""

    async def session() -> None:
        runner = replace(JOGGER, max_incline_percent=10.0)
        model = MachineModel(incline_range=FINE)
        async with Claims(model=model, incline_percent=6.0, runner=runner, ceiling=wide_week()) as rig:
            await rig.settled(8.0)
            rig.belt.faults.result[3] = 4
            rig.ask(IntentKind.FLATTER, 2.0)
            await rig.until(lambda: rig.said("The machine refuses to go flatter"), 30)
            assert not rig.stops()

    async def steep() -> None:
        runner = replace(JOGGER, max_incline_percent=10.0)
        model = MachineModel(incline_range=FINE)
        workout = "1 min @ 5.5 km/h + 30 min @ 8 km/h"
        async with Claims(
            model=model,
            incline_percent=6.0,
            runner=runner,
            ceiling=wide_week(),
            workout=workout,
            judged=False,
        ) as rig:
            await rig.settled(8.0)
            rig.belt.faults.result[3] = 4
            await rig.until(lambda: bool(rig.stops()), 720)
            assert rig.warned("the machine refuses to go flatter, and the belt is too steep")

    in_virtual_time(session())
    in_virtual_time(steep())


@pytest.mark.parametrize("up_s", [10.0, 25.0, 29.0])
def test_a_link_that_comes_and_goes_gives_nobody_more_time_to_take_the_belt_back(up_s: float) -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week(), workout=WORKOUT) as rig:
            await rig.settled(8.0)
            linked_s, since_s = 0.0, rig.now_s
            while not rig.stops_since(since_s) and linked_s < 90:
                await rig.mill.drop_links()
                await rig.until(lambda: rig.phase is Phase.LINK_LOST, 20)
                await rig.until(lambda: rig.coach.link_up, 60)
                up_since_s = rig.now_s
                await rig.until(
                    lambda at=up_since_s: rig.now_s - at > up_s or bool(rig.stops_since(since_s)), 60
                )
                linked_s += rig.now_s - up_since_s
            assert linked_s < 40.0
            await rig.at(Phase.STOPPED, 60)

    in_virtual_time(session())


@pytest.mark.parametrize("said", [(10.0, 16.0), (8.0, 20.0), (10.0, 10.0)])
def test_a_start_whose_belt_is_fast_at_once_is_stopped_at_once(said: tuple[float, float]) -> None:
    frames = 0

    def jumps(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
        nonlocal frames
        if belt.speed_kmh <= 0.05:
            return told
        frames += 1
        return replace(told, speed_kmh=said[frames % 2])

    async def session() -> None:
        async with Claims(belt=lying(jumps), judged=False, ceiling=wide_week()) as rig:
            await rig.start()
            await rig.until(lambda: rig.belt.speed_kmh > 0.05, 30)
            since_s = rig.now_s
            await rig.until(lambda: bool(rig.stops_since(since_s)), 20)
            assert rig.stops_since(since_s)[0] - since_s < 3.0

    in_virtual_time(session())


def test_a_second_stop_after_the_end_changes_nothing_of_how_it_ended() -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week()) as rig:
            await rig.walk()
            rig.mill.press(Key.SAFETY_KEY)
            await rig.until(lambda: rig.phase in ENDED, 60)
            before = len(rig.stops())
            rig.ask(IntentKind.STOP, source="the keyboard")
            assert rig.phase is Phase.STOPPED
            assert rig.controller.session.stop_cause == "the safety key was pulled"
            await rig.seconds(1)
            assert len(rig.stops()) > before, "STOP passes everything"

    in_virtual_time(session())


def test_where_nothing_is_seen_nobody_is_told_that_the_belt_stands() -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week(), judged=False) as rig:
            await rig.walk()
            await rig.mill.silence()
            await rig.at(Phase.LINK_LOST, 30)
            rig.ask(IntentKind.BELT_STANDS)
            rig.ask(IntentKind.STOP)
            rig.ask(IntentKind.BELT_STANDS)
            await rig.seconds(15)
            assert not rig.said("sees for itself") and rig.said("treadcoach cannot see the belt")
            assert rig.warned("STOP has not reached the treadmill") and not rig.warned("was told to stop and")
            await rig.mill.advertise()
            await rig.at(Phase.STOPPED, 90)

    in_virtual_time(session())


def test_one_odd_frame_and_an_answer_after_it_are_no_runaway() -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week(), workout=WORKOUT) as rig:
            await rig.settled(5.5)
            frame = encode_treadmill_data(TreadmillData(speed_kmh=16.0))
            await rig.mill.send_raw(0x2ACD, frame)
            await rig.mill.send_raw(0x2AD9, b"\x80\x02\x01")
            await rig.mill.send_raw(0x2ADA, b"\x05\x26\x02")
            await rig.seconds(10)
            assert not rig.stops() and not rig.loud()

    in_virtual_time(session())


def test_an_ignored_stop_is_said_again_when_the_link_is_back() -> None:
    async def session() -> None:
        faults = Faults(answered_but_ignored={8})
        async with Claims(ceiling=wide_week(), workout=WORKOUT, faults=faults, judged=False) as rig:
            await rig.settled(5.5)
            rig.ask(IntentKind.STOP)
            await rig.until(lambda: rig.warned("PULL THE SAFETY KEY"), 30)
            await rig.mill.drop_links()
            await rig.until(lambda: not rig.coach.link_up, 20)
            await rig.until(lambda: rig.coach.link_up, 60)
            since_s = rig.now_s
            await rig.until(lambda: rig.warned("PULL THE SAFETY KEY", since_s), 30)
            rig.belt.faults.answered_but_ignored.clear()
            await rig.at(Phase.STOPPED, 60)

    in_virtual_time(session())


def test_a_stop_from_before_a_start_that_comes_late_is_a_pause() -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week(), workout=WORKOUT, judged=False) as rig:
            await rig.settled(5.5)
            rig.belt.faults.att_stuck.add(8)
            rig.ask(IntentKind.PAUSE)
            await rig.seconds(1)
            await rig.status(b"\x04")  # it says that somebody has pressed Start at the console
            await rig.seconds(0.5)
            rig.ask(IntentKind.START)
            await rig.until(lambda: rig.phase in ON_BELT, 10)
            rig.belt.faults.att_stuck.clear()
            await rig.until(lambda: rig.phase is Phase.PAUSED, 30)
            assert rig.said("An earlier STOP has stopped the belt: paused.")
            since_s = rig.now_s
            await rig.until(lambda: rig.kmh() == 0.0, 30)
            assert not rig.speeds(since_s)
            await rig.seconds(3)
            rig.ask(IntentKind.START)
            await rig.until(lambda: rig.kmh() > 0.5, 30)

    in_virtual_time(session())


def test_a_stop_after_the_end_whose_link_is_away_leaves_on_the_next() -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week()) as rig:
            await rig.walk()
            rig.ask(IntentKind.STOP)
            await rig.until(lambda: rig.phase in ENDED, 60)
            await rig.mill.drop_links()
            await rig.until(lambda: not rig.coach.link_up, 20)
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.until(lambda: rig.task.done() or rig.coach.link_up, 30)
            await rig.seconds(1)
            assert rig.task.done() or rig.stops_since(since_s)

    in_virtual_time(session())
