"""A hand at the console is tracked on ramps, with the gate shut and after links; a status is no base."""

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.support.claims import FINE, MACHINES, Claims, wide_week
from tests.support.rig import JOGGER, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ON_BELT, Phase
from treadcoach.virtual.belt import MachineModel
from treadcoach.virtual.faults import Faults

FASTER_LEAST_KMH = 0.05


async def press(rig: Claims, by_kmh: float, every_s: float, presses: int) -> float:
    """Key presses at the console; what they come to."""
    for _ in range(presses):
        rig.see()
        rig.mill.set_by_hand(rig.belt.target_kmh + by_kmh)
        await rig.seconds(every_s)
    return rig.belt.target_kmh


RAMP_MACHINES = ["coarse", "grid from 0", "reports its target", "a report every 2 s", "split records"]
HANDS = [(-0.1, 0.5, 8), (-0.2, 1.0, 5), (-0.3, 2.0, 3), (-0.5, 0.3, 4), (-1.0, 3.0, 2), (-0.1, 2.5, 4)]


@pytest.mark.parametrize(
    ("machine", "hand"),
    [
        *(("usual", hand) for hand in HANDS),
        *((kind, hand) for kind in RAMP_MACHINES for hand in (HANDS[0], HANDS[2])),
    ],
)
def test_slower_on_the_ramp_up_is_not_undone(machine: str, hand: tuple[float, float, int]) -> None:
    async def session() -> None:
        async with Claims(model=MACHINES[machine], workout="10 min @ 10 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(6.0)
            start_kmh = rig.belt.target_kmh
            by = min(hand[0], -0.5) if machine == "coarse" else hand[0]
            await press(rig, by, hand[1], hand[2])
            last_kmh = start_kmh + by * hand[2]
            await rig.seconds(12)
            # A press that met an order of ours counts from that order: never more than one step of the ramp.
            assert rig.kmh() <= last_kmh + 1.05, "what the hand took away stays away"
            since_s, held_kmh = rig.now_s, rig.kmh()
            await rig.seconds(40)
            assert rig.fastest(since_s) <= held_kmh + 0.05 and rig.phase is Phase.MAIN
            assert not rig.stops() and not rig.loud()

    in_virtual_time(session())


@pytest.mark.parametrize("to_kmh", [5.0, 2.0])
@pytest.mark.parametrize("faults", ["", "silent", "echoes"])
def test_one_press_of_a_quick_key_on_the_ramp_up_is_kept(to_kmh: float, faults: str) -> None:
    async def session() -> None:
        wrong = Faults(silent_console=faults == "silent", echo_braking=faults == "echoes")
        async with Claims(faults=wrong, workout="10 min @ 10 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(7.0)
            since_s = rig.now_s
            rig.mill.set_by_hand(to_kmh)
            await rig.seconds(15)
            # A console that says nothing is seen by its readings alone: one order may meet it on its way.
            assert rig.kmh() <= to_kmh + (1.5 if faults == "silent" else 0.05)
            since_s, held_kmh = rig.now_s, rig.kmh()
            await rig.seconds(40)
            assert rig.fastest(since_s) <= held_kmh + 0.05
            assert not rig.stops() and not rig.loud() and rig.phase is Phase.MAIN

    in_virtual_time(session())


@pytest.mark.parametrize(
    ("from_kmh", "to_kmh", "braking"),
    [(8.0, 7.5, 0.5), (8.0, 5.0, 0.5), (8.0, 3.0, 0.8), (8.0, 1.0, 2.0), (8.0, 2.0, 0.5), (14.0, 2.0, 0.5)],
)
@pytest.mark.parametrize("silent", [False, True], ids=["", "silent console"])
def test_a_quick_key_slower_is_no_alarm_and_no_stop(
    from_kmh: float, to_kmh: float, braking: float, silent: bool
) -> None:
    async def session() -> None:
        model = MachineModel(braking_kmh_per_s=braking)
        faults = Faults(silent_console=silent)
        runner = replace(JOGGER, max_speed_kmh=16.0)
        async with Claims(
            model=model, faults=faults, runner=runner, workout=f"20 min @ {from_kmh:g} km/h",
            ceiling=wide_week(16.0),
        ) as rig:  # fmt: skip
            since_s = await rig.settled(from_kmh)
            rig.mill.set_by_hand(to_kmh)
            await rig.seconds(60)
            assert rig.phase is Phase.MAIN and not rig.stops() and not rig.loud()
            assert rig.kmh() == pytest.approx(to_kmh, abs=0.05)
            assert rig.fastest(since_s + 35) <= to_kmh + 0.05

    in_virtual_time(session())


@pytest.mark.parametrize(
    ("moment", "machine"),
    [
        *((moment, "usual") for moment in ("warm-up", "cool-down", "ramp down", "just started")),
        *((m, kind) for m in ("ramp down", "just started") for kind in ("coarse", "reports its target")),
    ],
)
def test_a_quick_key_slower_at_every_moment(moment: str, machine: str) -> None:
    async def session() -> None:
        workout = "3 min @ 9 km/h + 5 min @ 6 km/h"
        model = replace(MACHINES[machine], starts_at_kmh=2.0 if moment == "just started" else None)
        async with Claims(model=model, workout=workout, ceiling=wide_week()) as rig:
            await rig.start()
            to_kmh = 2.0
            if moment == "just started":
                await rig.until(lambda: rig.kmh() > 1.9, 60)
                await rig.seconds(1)
                to_kmh = 1.0
            elif moment == "warm-up":
                await rig.walk_on()
            elif moment == "cool-down":
                await rig.at(Phase.MAIN)
                await rig.seconds(150)
                rig.ask(IntentKind.END_EARLY)
                await rig.seconds(3)
            else:
                await rig.until(lambda: rig.kmh() > 8.9, 100)
                await rig.until(lambda: rig.kmh() < 8.0, 300)
                to_kmh = 5.0
            rig.mill.set_by_hand(to_kmh)
            await rig.seconds(14)
            since_s = rig.now_s
            assert rig.kmh() <= to_kmh + 0.55
            await rig.seconds(5)
            assert rig.fastest(since_s) <= to_kmh + 0.55
            assert rig.phase in ON_BELT and not rig.stops() and not rig.loud()

    in_virtual_time(session())


@pytest.mark.parametrize("to_kmh", [8.5, 10.0, 11.5])
@pytest.mark.parametrize("silent", [False, True], ids=["", "silent console"])
def test_a_quick_key_faster_within_the_week_is_followed(to_kmh: float, silent: bool) -> None:
    """With a word of the console it is the runner's; without one no order makes it faster still."""

    async def session() -> None:
        faults = Faults(silent_console=silent)
        async with Claims(faults=faults, workout="20 min @ 7 km/h", ceiling=wide_week()) as rig:
            since_s = await rig.settled(7.0)
            rig.mill.set_by_hand(to_kmh)
            await rig.seconds(40)
            assert rig.fastest(since_s) <= to_kmh + 0.05
            if not silent:
                assert rig.phase is Phase.MAIN and not rig.stops() and not rig.loud()
                assert rig.kmh() == pytest.approx(to_kmh, abs=0.05)

    in_virtual_time(session())


# -- a belt that is handed over -------------------------------------------------------------


@pytest.mark.parametrize(("after_s", "to_kmh"), [(0.2, 4.0), (1.0, 4.0), (3.0, 2.0), (6.0, 6.0)])
@pytest.mark.parametrize("kind", ["usual", "silent", "reports its target", "a report every 2 s"])
def test_a_start_while_the_belt_brakes_by_hand(after_s: float, to_kmh: float, kind: str) -> None:
    """The own maximum is 7; the console went to 12 and down again: orders begin at the lowest of all."""

    async def session() -> None:
        model = MACHINES.get(kind, MachineModel())
        runner = replace(JOGGER, max_speed_kmh=7.0)
        faults = Faults(silent_console=kind == "silent")
        async with Claims(model=model, faults=faults, runner=runner, workout="20 min @ 5 km/h") as rig:
            await rig.walk()
            await rig.seconds(10)
            if kind == "silent":
                rig.mill.take_control_away()
                await rig.status(b"\xff")
            rig.mill.set_by_hand(7.5 if kind == "silent" else 12.0)
            await rig.seconds(25)
            rig.mill.set_by_hand(to_kmh)
            await rig.seconds(after_s)
            since_s = rig.now_s
            rig.ask(IntentKind.START)
            await rig.seconds(30)
            orders = rig.speeds(since_s)
            assert [w for w in orders if w.kmh > 7.0 and w.kmh > w.belt_kmh] == []
            assert [w for w in orders[:1] if w.kmh > to_kmh + 0.35] == []
            assert rig.fastest(since_s + 14) <= max(to_kmh, 5.0) + 0.05

    in_virtual_time(session())


@pytest.mark.parametrize("after_s", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("to_kmh", [12.0, 6.5])
def test_a_start_while_a_hand_still_drives_the_belt_up(after_s: float, to_kmh: float) -> None:
    """Handed over on its way to 12, with an own maximum of 7: met where it is, neither fled nor chased."""

    async def session() -> None:
        runner = replace(JOGGER, max_speed_kmh=7.0)
        async with Claims(runner=runner, workout="20 min @ 5 km/h") as rig:
            await rig.walk()
            await rig.seconds(10)
            rig.mill.take_control_away()
            await rig.seconds(3)
            rig.mill.set_by_hand(to_kmh)
            await rig.seconds(after_s)
            since_s = rig.now_s
            rig.ask(IntentKind.START)
            await rig.seconds(40)
            assert rig.fastest(since_s) <= 7.9, "the start takes it over at the ceiling at most"
            assert rig.phase in ON_BELT and not rig.stops() and not rig.loud(since_s)

    in_virtual_time(session())


@pytest.mark.parametrize("to_kmh", [3.0, 1.5, 6.0])
@pytest.mark.parametrize("when", ["in the gap", "before the gap", "as it returns"])
def test_a_hand_while_the_link_is_away_is_not_undone(to_kmh: float, when: str) -> None:
    async def session() -> None:
        async with Claims(workout="20 min @ 9 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(9.0)
            if when == "before the gap":
                rig.mill.set_by_hand(to_kmh)
                await rig.seconds(0.3)
            rig.mill.cut_radio()
            if when == "in the gap":
                await rig.seconds(0.5)
                rig.mill.set_by_hand(to_kmh)
            await rig.at(Phase.PAUSED, 60)
            if when == "as it returns":
                rig.mill.set_by_hand(to_kmh)
                await rig.seconds(1.2)
            await rig.until(lambda: rig.controller.sensors.speed_kmh is not None, 30)
            since_s = rig.now_s
            rig.ask(IntentKind.START)
            await rig.seconds(7)
            first = rig.speeds(since_s)[:1]
            assert [w for w in first if w.kmh > max(to_kmh, w.belt_kmh) + 0.35] == []
            assert rig.kmh() <= 9.0

    in_virtual_time(session())


@pytest.mark.parametrize("held_s", [2.0, 20.0])
def test_a_hand_with_the_gate_shut_is_remembered_when_the_belt_is_taken_back(held_s: float) -> None:
    """Control was lost at 9; the runner goes to 4 at the console, then hands the belt back."""

    async def session() -> None:
        async with Claims(workout="20 min @ 9 km/h", ceiling=wide_week()) as rig:
            await rig.settled(9.0)
            rig.mill.take_control_away()
            await rig.seconds(5)
            rig.mill.set_by_hand(4.0)
            await rig.seconds(held_s)
            since_s = rig.now_s
            rig.ask(IntentKind.START)
            await rig.seconds(12)
            assert [w for w in rig.speeds(since_s)[:1] if w.kmh > 4.35] == []
            steps = [w.kmh for w in rig.speeds(since_s)]
            assert all(b - a <= 0.31 for a, b in pairwise(steps))

    in_virtual_time(session())


# -- a wish at the program ------------------------------------------------------------------


@pytest.mark.parametrize("presses", [3, 20])
def test_a_wish_past_the_bound_is_not_stored_up(presses: int) -> None:
    """Who asks for slower or flatter gets it with the first press, however much more was asked for."""

    async def session() -> None:
        runner = replace(JOGGER, max_speed_kmh=7.0, max_incline_percent=4.0)
        model = MachineModel(incline_range=FINE)
        async with Claims(
            model=model, runner=runner, workout="20 min @ 6 km/h, 2 %", ceiling=wide_week()
        ) as rig:
            await rig.settled(6.0)
            for _ in range(presses):
                rig.ask(IntentKind.FASTER, 1.0)
                rig.ask(IntentKind.STEEPER, 2.0)
                await rig.seconds(0.5)
            await rig.until(lambda: rig.kmh() > 6.9 and rig.see().percent > 3.9, 60)
            rig.ask(IntentKind.SLOWER, 1.0)
            rig.ask(IntentKind.FLATTER, 1.0)
            await rig.seconds(15)
            assert rig.kmh() <= 6.05 and rig.see().percent <= 3.05

    in_virtual_time(session())
