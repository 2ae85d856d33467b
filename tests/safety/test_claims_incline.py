"""What a machine says of its incline is a claim: no report and no status tilts a belt past the bound."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.claims import (
    FINE,
    WHOLE_STEPS,
    Claims,
    LyingBelt,
    incline_status,
    lying,
    wide_week,
)
from tests.support.rig import JOGGER, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.core.samples import TreadmillData
from treadcoach.virtual.belt import MachineModel

ACHING = replace(JOGGER, aching_back=True, max_incline_percent=2.0)
MOTOR = MachineModel(incline_range=FINE)
NO_MOTOR = MachineModel(incline_range=None)


def says(percent: Callable[[LyingBelt], float | None]) -> Callable[[LyingBelt, TreadmillData], TreadmillData]:
    return lambda belt, told: replace(told, incline_percent=percent(belt))


CONSTANTS = [82.0, 15.0, 25.5, 3276.7, -150.0, 2.5]


@pytest.mark.parametrize("said", CONSTANTS)
def test_a_constant_incline_never_tilts_a_flat_belt(said: float) -> None:
    """Machines are known that report 82 %, or 15 %, of a belt that is flat."""

    async def session() -> None:
        belt = lying(says(lambda _b: said), MOTOR)
        async with Claims(belt=belt, runner=ACHING, workout="3 min @ 5 km/h, 2 %") as rig:
            await rig.start()
            await rig.seconds(150)
            assert rig.phase is Phase.MAIN, "the belt is walked on all the same"
            assert rig.steepest() <= 2.0 and rig.inclines() == []

    in_virtual_time(session())


def wobbles(belt: LyingBelt) -> float:
    return 15.0 if int(belt.now_s) % 2 else 14.9


def ten_times(belt: LyingBelt) -> float:
    return 10 * belt.incline_percent


def plus_twelve(belt: LyingBelt) -> float:
    return belt.incline_percent + 12.0


def upside_down(belt: LyingBelt) -> float:
    return 12.0 - belt.incline_percent


def noise(belt: LyingBelt) -> float:
    return (7.0, 0.0, 12.0, 3.0)[int(belt.now_s) % 4]


def now_and_then(belt: LyingBelt) -> float:
    return 15.0 if int(belt.now_s) % 5 == 0 else belt.incline_percent


def climbs(belt: LyingBelt) -> float:
    return min(belt.now_s / 10, 15.0)


def sinks(belt: LyingBelt) -> float:
    return max(15.0 - belt.now_s / 10, 0.0)


@pytest.mark.parametrize(
    "lie", [wobbles, ten_times, plus_twelve, upside_down, noise, now_and_then, climbs, sinks]
)
@pytest.mark.parametrize("asked", ["0 %", "2 %"])
def test_no_wrong_report_takes_the_belt_past_the_bound(lie: Callable[[LyingBelt], float], asked: str) -> None:
    async def session() -> None:
        async with Claims(
            belt=lying(says(lie), MOTOR), runner=ACHING, workout=f"4 min @ 5 km/h, {asked}"
        ) as rig:
            await rig.start()
            for _ in range(4):
                await rig.seconds(35)
                rig.ask(IntentKind.FLATTER if asked == "0 %" else IntentKind.STEEPER)
            assert rig.steepest() <= 2.0
            assert all(w.percent <= 2.0 for w in rig.inclines())

    in_virtual_time(session())


@pytest.mark.parametrize("said", [82.0, 15.0, 3.0])
def test_a_machine_without_a_motor_is_flat_whatever_it_reports(said: float) -> None:
    async def session() -> None:
        belt = lying(says(lambda _b: said), NO_MOTOR)
        async with Claims(belt=belt, runner=ACHING, workout="2 min @ 5 km/h, 2 %") as rig:
            await rig.start()
            await rig.ended()
            assert rig.phase is Phase.DONE and rig.inclines() == []
            assert not rig.said("How steep"), "nothing is to be asked of a belt that cannot tilt"

    in_virtual_time(session())


@pytest.mark.parametrize(
    "moment", ["at first", "a new link", "mid-session", "after a pause", "on the ramp up"]
)
def test_a_constant_that_begins_later_tilts_nothing(moment: str) -> None:
    async def session() -> None:
        false = moment == "at first"

        def lie(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            return replace(told, incline_percent=15.0) if false else told

        workout = "1 min @ 5 km/h, 0 % + 6 min @ 7 km/h, 2 %"
        async with Claims(belt=lying(lie, MOTOR), runner=ACHING, workout=workout, ceiling=wide_week()) as rig:
            await rig.to_main()
            if moment == "on the ramp up":
                await rig.until(lambda: rig.kmh() > 5.5, 120)
                false = True
            elif moment == "mid-session":
                await rig.seconds(90)
                false = True
            elif moment == "a new link":
                await rig.seconds(90)
                rig.mill.cut_radio()
                false = True
                await rig.at(Phase.PAUSED, 60)
                await rig.seconds(3)
                rig.ask(IntentKind.START)
            elif moment == "after a pause":
                await rig.seconds(90)
                rig.ask(IntentKind.PAUSE)
                await rig.seconds(15)
                false = True
                await rig.seconds(5)
                rig.ask(IntentKind.START)
            await rig.seconds(100)
            rig.ask(IntentKind.FLATTER)
            await rig.seconds(30)
            assert rig.steepest() <= 2.0

    in_virtual_time(session())


def test_a_belt_that_is_really_steep_is_not_steepened_by_a_start() -> None:
    """Somebody left it at 10 %: what is true and what is constant look the same; neither is raised."""

    async def session() -> None:
        async with Claims(model=MOTOR, runner=ACHING, workout="5 min @ 5 km/h, 2 %") as rig:
            rig.belt.incline_percent = rig.belt.target_percent = 10.0
            await rig.start()
            await rig.seconds(120)
            assert rig.steepest() <= 10.0
            assert rig.warned("How steep is the belt?") or rig.belt.incline_percent <= 2.0

    in_virtual_time(session())


@pytest.mark.parametrize("stated", [0.0, 10.0, 99.0, -40.0, float("nan")])
def test_what_a_person_says_of_the_incline_moves_no_motor(stated: float) -> None:
    """It cannot be seen what the motor does: nothing is ordered, and a word that cannot be is refused."""

    async def session() -> None:
        belt = lying(says(lambda _b: None), MOTOR)
        async with Claims(belt=belt, runner=ACHING, workout="3 min @ 5 km/h, 2 %") as rig:
            await rig.start()
            await rig.until(lambda: rig.warned("How steep is the belt?"), 60)
            rig.ask(IntentKind.INCLINE_IS, stated)
            await rig.seconds(60)
            for wish in (IntentKind.STEEPER, IntentKind.FLATTER, IntentKind.STEEPER):
                rig.ask(wish, 1.0)
                await rig.seconds(10)
            assert rig.inclines() == [] and rig.phase is Phase.MAIN

    in_virtual_time(session())


# -- statuses ------------------------------------------------------------------------

NONSENSE = [
    b"\x06\xff\x7f",
    b"\x06\x96\x00",
    b"\x06\x00\x80",
    b"\x06\xff\xff",
    b"\x06\xe8\x03",
    b"\x06\x96",
    b"\x06",
]
MOMENTS = ["motor moves", "just started", "hands off", "paused"]


@pytest.mark.parametrize(
    ("status", "moment"),
    [*((s, "walking") for s in NONSENSE), *((s, m) for m in MOMENTS for s in NONSENSE[:2])],
)
def test_a_status_of_the_incline_is_no_order(status: bytes, moment: str) -> None:
    async def session() -> None:
        async with Claims(model=MOTOR, runner=ACHING, workout="20 min @ 5 km/h, 2 %") as rig:
            await rig.start()
            if moment == "just started":
                await rig.status(status)
            await rig.walk_on()
            if moment == "motor moves":
                await rig.until(lambda: rig.see().percent > 0.6, 60)
            else:
                await rig.seconds(12)
            if moment == "paused":
                rig.ask(IntentKind.PAUSE)
                await rig.seconds(12)
            if moment == "hands off":
                rig.mill.take_control_away()
                await rig.seconds(3)
            for _ in range(3):
                await rig.status(status)
                await rig.seconds(2)
            if moment in ("paused", "hands off"):
                rig.ask(IntentKind.START)
            await rig.seconds(20)
            await rig.status(status)
            rig.ask(IntentKind.FLATTER)
            await rig.seconds(20)
            assert rig.steepest() <= 2.0
            assert all(w.percent <= 2.0 for w in rig.inclines())

    in_virtual_time(session())


@pytest.mark.parametrize("glitches", [1, 2, 4])
def test_a_status_beside_odd_readings_of_the_same_is_no_hand(glitches: int) -> None:
    """Both channels lie together for a moment: the belt is flat, and stays so."""

    async def session() -> None:
        left = 0

        def lie(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            nonlocal left
            if left:
                left -= 1
                return replace(told, incline_percent=15.0)
            return told

        async with Claims(belt=lying(lie, MOTOR), runner=ACHING, workout="20 min @ 5 km/h, 2 %") as rig:
            await rig.to_main()
            await rig.seconds(20)
            await rig.status(incline_status(15.0))
            left = glitches
            await rig.seconds(60)
            assert rig.steepest() <= 2.0

    in_virtual_time(session())


@pytest.mark.parametrize("said", [5.0, 1.0])
def test_a_hand_that_sets_the_incline_is_followed_only_where_the_motor_goes(said: float) -> None:
    """A hand within the limit is kept; one above it is not fought, and never a base of an order up."""

    async def session() -> None:
        async with Claims(model=MOTOR, runner=ACHING, workout="20 min @ 5 km/h, 2 %") as rig:
            await rig.to_main()
            await rig.seconds(20)
            since_s = rig.now_s
            rig.belt.target_percent = said
            await rig.status(incline_status(said))
            await rig.seconds(40)
            assert rig.phase is Phase.MAIN, "the runner's own hand is no fault"
            assert rig.inclines(since_s) == []
            assert rig.see().percent == pytest.approx(said)

    in_virtual_time(session())


def test_a_constant_below_zero_sends_a_flat_belt_downhill_no_further() -> None:
    async def session() -> None:
        belt = lying(says(lambda _b: -3.0), MachineModel(incline_range=WHOLE_STEPS))
        async with Claims(belt=belt, runner=ACHING, workout="3 min @ 5 km/h, 2 %") as rig:
            await rig.start()
            await rig.seconds(100)
            assert min(s.percent for s in rig.track) >= -0.05 and rig.steepest() <= 2.0

    in_virtual_time(session())


@pytest.mark.parametrize(("limit", "plan"), [(2.0, 1.0), (2.0, 2.0), (10.0, 1.0)])
@pytest.mark.parametrize("wish", [IntentKind.FLATTER, IntentKind.STEEPER])
def test_an_incline_that_a_hand_has_set_too_steep_comes_down_when_the_runner_asks(
    limit: float, plan: float, wish: IntentKind
) -> None:
    async def session() -> None:
        runner = replace(JOGGER, max_incline_percent=limit)
        model = MachineModel(incline_range=FINE)
        async with Claims(model=model, incline_percent=plan, runner=runner, ceiling=wide_week()) as rig:
            await rig.settled(8.0)
            rig.belt.target_percent = 12.0
            await rig.status(incline_status(12.0))
            await rig.until(lambda: rig.see().percent > 11.9, 60)
            await rig.seconds(5)
            since_s = rig.now_s
            assert not rig.inclines(since_s - 20.0), "a hand's incline is left alone"
            rig.ask(wish, 0.5)
            await rig.seconds(60)
            wished = plan + (0.5 if wish is IntentKind.STEEPER else -0.5)
            assert rig.see().percent == pytest.approx(min(wished, limit), abs=0.3)
            assert not rig.stops()

    in_virtual_time(session())
