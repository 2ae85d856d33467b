"""The pulse ceiling: above it nothing gets faster or steeper, far above it walks; doubt forgets nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support.claims import FINE, MACHINES, Claims, LyingBelt, lying, wide_week
from tests.support.rig import JOGGER, RULES, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.core.samples import InclineRange, TreadmillData
from treadcoach.virtual.belt import Key, MachineModel

BOUNDED = replace(JOGGER, pulse_ceiling_bpm=150, max_speed_kmh=16.0)
WALK_KMH = 5.0
KNOWN_S = 3.0
"""Straps report once a second, and a tick comes twice a second."""
RAMP_DOWN_KMH_PER_S = 0.3


def claims(**options: Any) -> Claims:
    options.setdefault("runner", BOUNDED)
    options.setdefault("ceiling", wide_week(16.0, WALK_KMH))
    options.setdefault("workout", "20 min @ 10 km/h")
    return Claims(**options)


def waver(bpm: int) -> Callable[[int], int]:
    """A heart: never the same for long."""
    return lambda n: bpm + n % 2


@pytest.mark.parametrize(
    ("machine", "bpm"), [*((kind, 175) for kind in MACHINES), ("usual", 152), ("coarse", 152)]
)
def test_above_the_ceiling_nothing_gets_faster_or_steeper(machine: str, bpm: int) -> None:
    """Without any fault: the pulse is above before the main set begins, with incline still to be eased."""

    async def session() -> None:
        async with claims(model=MACHINES[machine], workout="20 min @ 10 km/h, 6 %") as rig:
            high = [False]
            rig.beat(lambda n: (bpm if high[0] else 118) + n % 2)
            await rig.to_main(6.0)
            high[0] = True
            since_s = rig.now_s + KNOWN_S
            for wish in (IntentKind.FASTER, IntentKind.STEEPER, IntentKind.FASTER, IntentKind.STEEPER):
                await rig.seconds(20)
                rig.ask(wish, 1.0)
            await rig.seconds(40)
            assert rig.raising(since_s) == []
            assert [w for w in rig.inclines(since_s) if w.percent > w.belt_percent + 0.05] == []

    in_virtual_time(session())


@pytest.mark.parametrize(
    "moment", ["warm-up", "after a pause", "a new link", "taken back", "in a faster step"]
)
def test_a_pulse_above_the_ceiling_holds_at_every_moment(moment: str) -> None:
    async def session() -> None:
        workout = "1 min @ 7 km/h + 20 min @ 10 km/h"
        async with claims(workout=workout) as rig:
            high = [moment == "warm-up"]
            rig.beat(lambda n: (172 if high[0] else 118) + n % 2)
            if moment == "warm-up":
                await rig.to_main()
            elif moment == "in a faster step":
                await rig.to_main(6.9)
                await rig.until(lambda: rig.kmh() > 8.0, 120)
            else:
                await rig.to_main(6.9)
            high[0] = True
            since_s = rig.now_s + KNOWN_S
            if moment == "after a pause":
                rig.ask(IntentKind.PAUSE)
                await rig.seconds(15)
                rig.ask(IntentKind.START)
                await rig.until(lambda: rig.kmh() > 0.7, 60)
                since_s = rig.now_s
            elif moment == "a new link":
                rig.mill.cut_radio()
                await rig.at(Phase.PAUSED, 60)
                await rig.seconds(4)
                rig.ask(IntentKind.START)
                since_s = rig.now_s
            elif moment == "taken back":
                await rig.seconds(1)
                rig.mill.take_control_away()
                await rig.seconds(20)
                rig.ask(IntentKind.START)
                since_s = rig.now_s
            await rig.seconds(120)
            assert rig.raising(since_s) == []
            assert rig.kmh() <= max(WALK_KMH, rig.belt.model.speed_range.min_speed_kmh) + 0.05

    in_virtual_time(session())


MOTORS = {
    "eased": MachineModel(incline_range=FINE),
    "coarse, between two steps": MachineModel(incline_range=InclineRange(0.0, 12.0, 2.0)),
    "no lower than 1 %": MachineModel(incline_range=InclineRange(1.0, 12.0, 0.5)),
    "whole steps from -3": MachineModel(incline_range=InclineRange(-3.0, 15.0, 1.0)),
    "none": MachineModel(incline_range=None),
    "refuses": MachineModel(incline_range=FINE),
    "ignores": MachineModel(incline_range=FINE),
    "not reported": MachineModel(incline_range=FINE),
    "reported without a motor": MachineModel(incline_range=None),
}


def with_motor(kind: str) -> LyingBelt:
    def lie(_belt: LyingBelt, told: TreadmillData) -> TreadmillData:
        if kind == "not reported":
            return replace(told, incline_percent=None)
        return replace(told, incline_percent=3.0) if kind == "reported without a motor" else told

    belt = lying(lie, MOTORS[kind])
    if MOTORS[kind].incline_range is not None:
        belt.incline_percent = belt.target_percent = {"no lower than 1 %": 1.0}.get(kind, 3.0)
    if kind == "refuses":
        belt.faults.result[3] = 4
    if kind == "ignores":
        belt.faults.answered_but_ignored.add(3)
    return belt


@pytest.mark.parametrize("kind", MOTORS)
@pytest.mark.parametrize("bpm", [158, 175])
def test_speed_is_bounded_by_itself_whatever_the_incline_can_do(kind: str, bpm: int) -> None:
    """Far above: walking within the stated time. A little above: eased, and walking in the end."""

    async def session() -> None:
        async with claims(belt=with_motor(kind)) as rig:
            high = [False]
            rig.beat(lambda n: (bpm if high[0] else 118) + n % 2)
            await rig.settled(10.0)
            high[0] = True
            since_s = rig.now_s
            far = bpm >= 150 + RULES.pulse_far_bpm
            if far:
                await rig.seconds(RULES.pulse_far_walk_s + KNOWN_S)
                assert rig.kmh() <= WALK_KMH + 0.05
                assert any("pulse" in text.lower() for text in rig.loud(since_s))
            else:
                await rig.seconds(80)
                assert rig.kmh() < 9.9, "incline had its time"
                await rig.seconds(RULES.pulse_above_walk_s - 80 + 5.0 / RAMP_DOWN_KMH_PER_S + 10)
                assert rig.kmh() <= WALK_KMH + 0.05
            assert rig.raising(since_s + KNOWN_S) == []

    in_virtual_time(session())


@pytest.mark.parametrize(("kmh", "incline"), [(8.0, "8 %"), (12.0, "0 %"), (15.0, "2 %"), (15.0, "8 %")])
def test_far_above_it_walks_within_the_stated_time_and_says_so(kmh: float, incline: str) -> None:
    async def session() -> None:
        async with claims(
            workout=f"20 min @ {kmh:g} km/h, {incline}", model=MachineModel(incline_range=FINE)
        ) as rig:
            high = [False]
            rig.beat(lambda n: (190 if high[0] else 118) + n % 2)
            await rig.settled(kmh)
            high[0] = True
            since_s = rig.now_s
            await rig.seconds(RULES.pulse_far_walk_s + KNOWN_S)
            assert rig.kmh() <= WALK_KMH + 0.05
            assert any("pulse" in text.lower() for text in rig.loud(since_s))
            assert not rig.stops_since(since_s), "it is walked, not stopped"

    in_virtual_time(session())


# -- doubt ----------------------------------------------------------------------------------

Beats = Callable[[int], int | None]
Contact = Callable[[int], bool | None]


def always(_n: int) -> bool:
    return True


DOUBTS: dict[str, tuple[Beats, Contact]] = {
    "no contact 1 s in 12": (waver(175), lambda n: n % 12 != 0),
    "no contact 1 s in 5": (waver(175), lambda n: n % 5 != 0),
    "no contact every other second": (waver(175), lambda n: n % 2 != 0),
    "contact 1 s in 10": (waver(175), lambda n: n % 10 == 0),
    "12 s of pulse, 8 s of silence": (lambda n: None if n % 20 >= 12 else 175 + n % 2, always),
    "3 s of pulse, 30 s of silence": (lambda n: None if n % 33 >= 3 else 175 + n % 2, always),
    "one beat in 7 s": (lambda n: 175 + n % 2 if n % 7 == 0 else None, always),
    "zero between": (lambda n: 0 if n % 9 == 0 else 175 + n % 2, always),
    "255 between": (lambda n: 255 if n % 9 == 0 else 175 + n % 2, always),
    "low for a second": (lambda n: 118 if n % 8 == 0 else 175 + n % 2, always),
    "low for 4 s in 20": (lambda n: 112 + n % 2 if n % 20 < 4 else 175 + n % 2, always),
    "frozen above": (lambda _n: 175, always),
    "frozen, with a flicker": (lambda n: 175 if n % 50 else 176, always),
    "nothing any more": (lambda _n: None, always),
    "no contact any more": (waver(120), lambda _n: False),
    "low without contact": (lambda n: 110 + n % 2 if n % 4 else 175, lambda n: n % 4 == 0),
    "cannot say contact": (lambda n: None if n % 20 >= 12 else 175 + n % 2, lambda _n: None),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_doubt_forgets_nothing(doubt: str) -> None:
    """From the main set's begin on, at 5 to 10 km/h: a doubtful pulse above never lets the belt speed up."""

    async def session() -> None:
        bpm, contact = DOUBTS[doubt]
        async with claims(workout="1 min @ 8 km/h + 20 min @ 10 km/h") as rig:
            high = [False]
            rig.beat(lambda n: bpm(n) if high[0] else 118 + n % 2, lambda n: contact(n) if high[0] else True)
            await rig.settled(8.0)
            high[0] = True
            began_s = rig.now_s
            if doubt in ("nothing any more", "no contact any more", "frozen above"):
                await rig.seconds(8)
            else:
                await rig.seconds(KNOWN_S + 5)
            since_s = rig.now_s
            await rig.until(lambda: rig.now_s > began_s + 240, 300)
            assert rig.fastest(since_s) <= 8.05
            assert rig.kmh() <= WALK_KMH + 0.4, "in the end it is walked"

    in_virtual_time(session())


@pytest.mark.parametrize("doubt", ["no contact 1 s in 12", "12 s of pulse, 8 s of silence", "zero between"])
def test_a_doubtful_pulse_before_the_ramp_lets_nothing_rise(doubt: str) -> None:
    async def session() -> None:
        bpm, contact = DOUBTS[doubt]
        async with claims() as rig:
            high = [False]
            rig.beat(lambda n: bpm(n) if high[0] else 118 + n % 2, lambda n: contact(n) if high[0] else True)
            await rig.walk()
            high[0] = True
            await rig.at(Phase.MAIN)
            since_s = rig.now_s
            await rig.seconds(200)
            assert rig.fastest(since_s) <= WALK_KMH + 0.05

    in_virtual_time(session())


def test_without_any_pulse_a_ceiling_allows_walking_only() -> None:
    async def session() -> None:
        async with claims() as rig:
            await rig.to_main()
            await rig.seconds(150)
            assert rig.fastest(0) <= WALK_KMH + 0.05 and rig.phase is Phase.MAIN

    in_virtual_time(session())


@pytest.mark.parametrize("good_s", [5, 12])
def test_a_short_good_spell_gives_nothing_back(good_s: int) -> None:
    """A pulse of 118 for a few seconds between doubts is no leave to speed up."""

    async def session() -> None:
        async with claims(workout="2 min @ 7 km/h + 20 min @ 10 km/h") as rig:
            doubtful = [False]
            rig.beat(
                lambda n: 118 + n % 2,
                lambda n: not doubtful[0] or n % (good_s + 4) < good_s,
            )
            await rig.settled(7.0)
            doubtful[0] = True
            await rig.seconds(good_s + 5)
            since_s = rig.now_s
            await rig.seconds(200)
            assert rig.fastest(since_s) <= 7.05

    in_virtual_time(session())


def test_a_pulse_that_came_down_gives_speed_back_slowly() -> None:
    async def session() -> None:
        async with claims(workout="30 min @ 9 km/h, 0 %") as rig:
            high = [False]
            rig.beat(lambda n: (175 if high[0] else 118) + n % 2)
            await rig.settled(9.0)
            high[0] = True
            await rig.seconds(70)
            assert rig.kmh() <= WALK_KMH + 0.05
            high[0] = False
            since_s = rig.now_s
            await rig.seconds(60)
            assert rig.fastest(since_s) <= WALK_KMH + 1.5
            await rig.seconds(400)
            assert rig.kmh() > 8.0, "and in the end the plan's own speed is back"

    in_virtual_time(session())


@pytest.mark.parametrize("machine_bpm", [0, 90, 120])
def test_the_machines_own_pulse_does_not_lift_what_the_strap_said(machine_bpm: int) -> None:
    """A strap says 175 and falls silent; the console's grips say something comfortable."""

    async def session() -> None:
        belt = lying(lambda _b, told: replace(told, heart_rate_bpm=machine_bpm), MachineModel())
        async with claims(belt=belt) as rig:
            bpm: list[int | None] = [118]
            rig.beat(lambda n: None if bpm[0] is None else bpm[0] + n % 2)
            await rig.to_main(8.0)
            bpm[0] = 175
            await rig.seconds(6)
            bpm[0] = None
            since_s = rig.now_s
            await rig.seconds(150)
            assert rig.raising(since_s) == [] and rig.kmh() <= WALK_KMH + 0.05

    in_virtual_time(session())


@pytest.mark.parametrize("bpm", [160, 185])
def test_the_machines_own_pulse_is_bounded_like_a_straps(bpm: int) -> None:
    async def session() -> None:
        high = [False]

        def lie(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            return replace(told, heart_rate_bpm=(bpm if high[0] else 118) + int(belt.now_s) % 2)

        async with claims(belt=lying(lie, MachineModel())) as rig:
            await rig.to_main(7.0)
            high[0] = True
            since_s = rig.now_s + KNOWN_S
            await rig.seconds(RULES.pulse_above_walk_s + 40)
            assert rig.raising(since_s) == [] and rig.kmh() <= WALK_KMH + 0.05

    in_virtual_time(session())


def test_a_pulse_that_counts_steps_is_in_doubt() -> None:
    """It follows the cadence through a change: a low one by it is no leave to speed up."""

    async def session() -> None:
        runner = replace(JOGGER, pulse_ceiling_bpm=185)
        async with claims(runner=runner, workout="3 min @ 8 km/h + 20 min @ 10 km/h") as rig:
            locked = [False]

            def cadence() -> int:
                return round(rig.person.cadence_spm)

            def bpm(n: int) -> int:
                if rig.controller is not None:
                    rate = bytes((0x00, 0x00, 0x02, min(cadence() // 2, 255)))
                    rig.coach._feed("frame", "pod/2A53", rate)
                return cadence() if locked[0] else 118 + n % 2

            rig.beat(bpm)
            await rig.to_main(5.5)
            locked[0] = True
            await rig.seconds(90)
            since_s = rig.now_s
            await rig.seconds(180)
            assert rig.fastest(since_s) <= 8.05

    in_virtual_time(session())


@pytest.mark.parametrize("fault", ["speed refused", "console +", "status 05"])
def test_a_second_fault_beside_a_high_pulse(fault: str) -> None:
    async def session() -> None:
        async with claims(workout="20 min @ 9 km/h") as rig:
            high = [False]
            rig.beat(lambda n: (175 if high[0] else 118) + n % 2)
            await rig.settled(9.0)
            high[0] = True
            await rig.seconds(4)
            since_s = rig.now_s
            if fault == "speed refused":
                rig.faults.result[2] = 4
                await rig.seconds(15)
                rig.faults.result.clear()
            elif fault == "console +":
                await rig.seconds(30)
                rig.mill.press(Key.FASTER)
            else:
                for _ in range(5):
                    await rig.status(b"\x05\xb0\x04")
                    await rig.seconds(4)
            await rig.seconds(100)
            assert rig.raising(since_s) == [] and rig.kmh() <= WALK_KMH + 0.6

    in_virtual_time(session())


@pytest.mark.parametrize("how", ["control lost", "hand above the ceiling"])
def test_a_pulse_far_above_is_said_where_nobody_commands(how: str) -> None:
    """treadcoach cannot slow a belt that is not its own; the runner hears of the pulse all the same."""

    async def session() -> None:
        async with claims(workout="20 min @ 8 km/h", ceiling=wide_week(9.0)) as rig:
            high = [False]
            rig.beat(lambda n: (190 if high[0] else 118) + n % 2)
            await rig.settled(8.0)
            if how == "control lost":
                rig.mill.take_control_away()
            else:
                rig.mill.set_by_hand(11.0)
            await rig.seconds(15)
            high[0] = True
            since_s = rig.now_s
            await rig.seconds(20)
            assert any("pulse" in text.lower() for text in rig.loud(since_s))

    in_virtual_time(session())


def test_a_strap_that_falls_to_half_at_once_is_not_believed() -> None:
    """It counts every other beat: for as long as it says so, the belt walks."""

    async def session() -> None:
        async with claims(workout="1 min @ 5.5 km/h + 20 min @ 10 km/h") as rig:
            began_s = [0.0]
            rig.beat(lambda n: 177 + n % 2 if rig.now_s < began_s[0] + 20 else 88 + n % 2)
            await rig.to_main()
            began_s[0] = rig.now_s
            await rig.seconds(200)
            assert rig.kmh() <= WALK_KMH + 0.05
            assert rig.raising(began_s[0] + KNOWN_S) == []

    in_virtual_time(session())
