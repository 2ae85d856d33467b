"""A motor that does what nobody ordered, or not what was ordered, is seen."""

from dataclasses import replace

import pytest

from tests.support.claims import (
    FINE,
    MACHINES,
    SHORT_WARM_UP,
    WHOLE_STEPS,
    Claims,
    LyingBelt,
    lying,
    wide_week,
)
from tests.support.rig import JOGGER, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.core.samples import InclineRange, TreadmillData
from treadcoach.virtual.belt import Key, MachineModel

ACHING = replace(JOGGER, aching_back=True, max_incline_percent=2.0)
MOTOR = MachineModel(incline_range=FINE)


@pytest.mark.parametrize(
    ("machine", "moment"),
    [
        *(("usual", moment) for moment in ("walking", "ramp up", "cool-down", "hands off")),
        *((kind, "walking") for kind in ("split records", "a report every 2 s", "whole steps from -3")),
        ("whole steps from -3", "hands off"),
    ],
)
def test_a_motor_that_climbs_by_itself_is_seen(machine: str, moment: str) -> None:
    """With an aching back, from 2 to 12 %: the belt is stopped, and that is said loudly."""

    async def session() -> None:
        async with Claims(
            model=MACHINES[machine], runner=replace(JOGGER, aching_back=True), workout="5 min @ 7 km/h, 2 %",
            ceiling=wide_week(),
        ) as rig:  # fmt: skip
            if moment == "walking":
                await rig.settled(7.0)
            else:
                await rig.to_main(5.5)
            if moment == "cool-down":
                rig.ask(IntentKind.END_EARLY)
                await rig.at(Phase.COOL_DOWN)
            if moment == "hands off":
                await rig.seconds(20)
                rig.mill.take_control_away()
            since_s = rig.now_s
            rig.belt.target_percent = 12.0
            await rig.seconds(25)
            if moment == "hands off":
                assert rig.warned("%", since_s) or rig.stops_since(since_s), "somebody is told"
                return
            assert rig.stops_since(since_s) and rig.kmh() < 0.1
            assert any("steep" in text for text in rig.loud(since_s))

    in_virtual_time(session())


def test_a_motor_that_goes_the_wrong_way_is_stopped() -> None:
    async def session() -> None:
        async with Claims(model=MOTOR, workout="2 min @ 5 km/h, 4 % + 8 min @ 5 km/h, 1 %") as rig:
            await rig.to_main()
            await rig.until(lambda: rig.see().percent > 3.9, 120)
            await rig.until(lambda: any(w.percent < 4.0 for w in rig.inclines(rig.now_s - 1)), 300)
            since_s = rig.now_s
            rig.belt.target_percent = 12.0
            rig.faults.answered_but_ignored.add(3)
            await rig.seconds(30)
            assert rig.stops_since(since_s) and any("steep" in text for text in rig.loud(since_s))

    in_virtual_time(session())


@pytest.mark.parametrize("how", ["not reported", "82 %", "not available"])
def test_steep_time_counts_where_the_incline_is_not_known(how: str) -> None:
    """The worst that the motor could do is taken, so that long uphill never goes unseen."""

    async def session() -> None:
        def lie(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            said = {"not reported": None, "82 %": 82.0, "not available": 3276.7}[how]
            return replace(told, incline_percent=said)

        rules = replace(SHORT_WARM_UP, steep_limit_s=120.0)
        async with Claims(belt=lying(lie, MOTOR), workout="8 min @ 5 km/h, 8 %", rules=rules) as rig:
            await rig.start()
            steep_s = 0
            while rig.now_s < 500 and not rig.task.done():
                await rig.seconds(1.0)
                steep_s += rig.see().percent >= 5.0
            assert steep_s <= 130 and rig.inclines() == []

    in_virtual_time(session())


@pytest.mark.parametrize(
    "model", [MOTOR, MachineModel(incline_range=WHOLE_STEPS)], ids=["fine", "whole steps"]
)
def test_a_motor_that_ignores_its_orders_is_left_alone(model: MachineModel) -> None:
    """Answered with success, and the belt stays at 0 or at 4 %: no order runs away from it."""

    async def session() -> None:
        async with Claims(model=model, workout="6 min @ 5 km/h, 6 %") as rig:
            await rig.to_main()
            await rig.until(lambda: rig.see().percent >= 3.0, 120)
            rig.faults.answered_but_ignored.add(3)
            await rig.seconds(180)
            assert rig.findings() == []
            since_s = rig.now_s
            rig.faults.answered_but_ignored.clear()
            await rig.seconds(60)
            orders = [w.percent for w in rig.inclines(since_s)]
            assert orders == [] or max(o for o in orders if o is not None) <= rig.belt.incline_percent + 1.0

    in_virtual_time(session())


@pytest.mark.parametrize("result", [2, 3, 4, 5])
def test_refused_incline_orders_move_no_base(result: int) -> None:
    """The one that is taken at last is one step from where the motor is."""

    async def session() -> None:
        async with Claims(model=MOTOR, workout="8 min @ 5 km/h, 8 %") as rig:
            await rig.to_main()
            await rig.until(lambda: rig.see().percent >= 2.0, 120)
            rig.faults.result[3] = result
            await rig.seconds(20)
            since_s = rig.now_s
            rig.faults.result.pop(3)
            if rig.phase in (Phase.MAIN,) and result == 5:
                rig.ask(IntentKind.START)
            await rig.seconds(10)
            first = rig.inclines(since_s)[:1]
            assert all(w.percent <= w.belt_percent + 0.55 for w in first)

    in_virtual_time(session())


def test_a_hand_on_the_console_keys_is_kept_on_machines_of_whole_steps() -> None:
    async def session() -> None:
        model = MachineModel(incline_range=InclineRange(-3.0, 15.0, 1.0))
        async with Claims(model=model, workout="10 min @ 5 km/h, 3 %") as rig:
            await rig.to_main()
            await rig.until(lambda: rig.see().percent >= 2.9, 120)
            since_s = rig.now_s
            for _ in range(4):
                rig.mill.press(Key.FLATTER)
                await rig.seconds(1.5)
            await rig.seconds(40)
            assert rig.see().percent == pytest.approx(-1.0)
            assert [w for w in rig.inclines(since_s) if w.percent > -1.0] == []

    in_virtual_time(session())


@pytest.mark.parametrize("moment", ["settled", "on its way up"])
@pytest.mark.parametrize("how", ["left out", "not available"])
def test_an_incline_that_vanishes_from_the_reports_is_not_believed_for_ever(moment: str, how: str) -> None:
    """The motor climbs unseen: nothing is ordered blindly, and somebody is asked."""

    async def session() -> None:
        gone = False

        def lie(_belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            said = None if how == "left out" else 3276.7
            return replace(told, incline_percent=said) if gone else told

        async with Claims(belt=lying(lie, MOTOR), runner=JOGGER, workout="10 min @ 5 km/h, 6 %") as rig:
            await rig.to_main()
            await rig.until(lambda: rig.see().percent >= (5.9 if moment == "settled" else 3.0), 200)
            gone = True
            since_s = rig.now_s
            rig.belt.target_percent = 12.0
            await rig.seconds(40)
            assert rig.warned("How steep is the belt?", since_s) or rig.stops_since(since_s)
            assert rig.inclines(since_s + 6) == []

    in_virtual_time(session())
