"""Machines that people have described in public: none of them may hurt anybody, whatever it does."""

from dataclasses import replace

import pytest

from tests.support.claims import Claims, wide_week
from tests.support.machines import (
    AnswersByStatus,
    CountsWrongly,
    FallsBack,
    FrozenAfterStop,
    QuietUntilControlled,
    RevokesControl,
    SilentAfterStop,
    StartsOnRequest,
    StopsByItself,
    machine,
)
from tests.support.rig import JOGGER, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ENDED, ON_BELT, Phase
from treadcoach.virtual.belt import BeltState, Key, MachineModel
from treadcoach.wire.control_point import Op

KEY = "safety key"
QUIET = [SilentAfterStop, FrozenAfterStop]


# -- silent, or frozen, after a STOP ----------------------------------------------------


@pytest.mark.parametrize("kind", QUIET)
@pytest.mark.parametrize("speed_kmh", [5.0, 9.0])
def test_a_machine_that_hides_its_standing_belt_asks_the_person(
    kind: type[SilentAfterStop], speed_kmh: float
) -> None:
    """Bounded STOPs, one question, and the person's word ends the session."""

    async def session() -> None:
        async with Claims(
            belt=machine(kind), workout=f"10 min @ {speed_kmh:g} km/h", ceiling=wide_week()
        ) as rig:
            await rig.settled(speed_kmh)
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.until(lambda: rig.warned("Has the belt stopped?", since_s), 60)
            assert not rig.task.done(), "nobody has said so yet"
            await rig.until(lambda: rig.kmh() == 0.0, 40)
            rig.ask(IntentKind.BELT_STANDS)
            await rig.ended(30)
            assert rig.phase in ENDED and len(rig.stops_since(since_s)) <= 30
            assert sum("Has the belt stopped?" in e.text for e in rig.events) == 1

    in_virtual_time(session())


@pytest.mark.parametrize("kind", QUIET)
@pytest.mark.parametrize("runs_on", [False, True])
def test_without_a_word_it_goes_on_telling_and_ends_in_the_end(
    kind: type[SilentAfterStop], runs_on: bool
) -> None:
    async def session() -> None:
        async with Claims(belt=machine(kind, also_stops=not runs_on)) as rig:
            await rig.walk()
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.seconds(200)
            assert not rig.task.done() and len(rig.stops_since(since_s)) <= 60
            assert rig.stops_since(since_s + 185), "and it goes on being told"
            assert any(KEY in text.lower() for text in rig.loud(since_s))
            await rig.ended(200)

    in_virtual_time(session())


@pytest.mark.parametrize("kind", QUIET)
@pytest.mark.parametrize("early", [False, True])
def test_a_word_that_is_not_true_is_found_out(kind: type[SilentAfterStop], early: bool) -> None:
    """Somebody says that it stands, and then it is seen to move: the alarm is back, and STOP."""

    async def session() -> None:
        belt = machine(kind, also_stops=False)
        async with Claims(belt=belt) as rig:
            await rig.walk()
            rig.ask(IntentKind.STOP)
            await rig.until(lambda: rig.warned("Has the belt stopped?"), 60)
            if early:
                await rig.seconds(20)
            rig.ask(IntentKind.BELT_STANDS)
            await rig.seconds(3)
            since_s = rig.now_s
            rig.faults.no_data = False
            belt.faults.answered_but_ignored.clear()
            for speed in (2.6, 2.9, 3.2, 3.5):
                if not rig.task.done():
                    await rig.mill.send_raw(0x2ACD, b"\0\0" + round(speed * 100).to_bytes(2, "little"))
                await rig.seconds(1.0)
            assert any(KEY in text.lower() for text in rig.loud(since_s))
            assert rig.stops_since(since_s)

    in_virtual_time(session())


@pytest.mark.parametrize("moment", [Phase.READY, Phase.WARM_UP, Phase.PAUSED])
def test_the_word_means_nothing_where_nobody_asked(moment: Phase) -> None:
    """A held button while the belt is seen to move ends nothing."""

    async def session() -> None:
        async with Claims() as rig:
            await rig.to_phase(moment)
            await rig.seconds(4)
            rig.ask(IntentKind.BELT_STANDS)
            await rig.seconds(10)
            assert rig.phase is moment and not rig.task.done()
            if moment is Phase.WARM_UP:
                rig.faults.answered_but_ignored.add(8)
                rig.ask(IntentKind.STOP)
                await rig.seconds(2)
                rig.ask(IntentKind.BELT_STANDS)
                await rig.seconds(8)
                assert rig.phase is Phase.STOPPING and len(rig.stops()) >= 3

    in_virtual_time(session())


@pytest.mark.parametrize("kind", QUIET)
@pytest.mark.parametrize("evidence", [b"\x02\x01", b"\x02\x02"])
def test_a_pause_on_such_a_machine_stays_one_by_a_persons_word(
    kind: type[SilentAfterStop], evidence: bytes
) -> None:
    """Nothing more is sent and nobody is alarmed; a belt that nobody can see is not started."""

    async def session() -> None:
        async with Claims(belt=machine(kind), workout="10 min @ 8 km/h", ceiling=wide_week()) as rig:
            await rig.settled(8.0)
            rig.ask(IntentKind.PAUSE)
            await rig.status(evidence)
            await rig.until(lambda: rig.warned("Has the belt stopped?"), 60)
            await rig.until(lambda: rig.kmh() == 0.0, 60)
            rig.ask(IntentKind.BELT_STANDS)
            since_s = rig.now_s
            await rig.seconds(60)
            assert rig.phase is Phase.PAUSED and not rig.stops_since(since_s)
            assert not rig.warned("safety key", since_s)
            rig.ask(IntentKind.START)
            await rig.seconds(12)
            assert rig.said("The belt does not report yet") and rig.fastest(since_s) == 0.0
            rig.ask(IntentKind.STOP)
            await rig.seconds(40)
            rig.ask(IntentKind.BELT_STANDS)
            await rig.at(Phase.STOPPED, 60)

    in_virtual_time(session())


@pytest.mark.parametrize("how", ["console stop", "console pause"])
@pytest.mark.parametrize("kind", QUIET)
def test_a_console_stop_on_such_a_machine_ends_too(kind: type[SilentAfterStop], how: str) -> None:
    async def session() -> None:
        async with Claims(belt=machine(kind)) as rig:
            await rig.walk()
            rig.mill.press(Key.STOP if how == "console stop" else Key.PAUSE)
            await rig.seconds(30)
            rig.ask(IntentKind.STOP)
            await rig.seconds(20)
            rig.ask(IntentKind.BELT_STANDS)
            await rig.ended(400)
            assert rig.kmh() == 0.0 and len(rig.stops()) <= 80

    in_virtual_time(session())


# -- no data before it is controlled -----------------------------------------------------


@pytest.mark.parametrize("until", [Op.REQUEST_CONTROL, Op.START_OR_RESUME, 0x55])
def test_a_machine_that_says_nothing_gets_nothing_faster(until: int) -> None:
    async def session() -> None:
        belt = machine(QuietUntilControlled, until=until)
        if until == 0x55:
            belt.faults.no_data = True
        async with Claims(belt=belt) as rig:
            await rig.at(Phase.READY, 60)
            await rig.seconds(10)
            for _ in range(3):
                rig.ask(IntentKind.START)
                await rig.seconds(25)
            if rig.kmh() > 0.3:
                assert rig.phase in ON_BELT, "a belt that runs is the coach's"
            else:
                assert rig.said("does not report") or rig.stops()
            assert all(w.t_s > 12 for w in rig.speeds())
            if until == 0x55:
                assert rig.speeds() == [] and rig.kmh() == 0.0
            rig.ask(IntentKind.STOP)
            await rig.seconds(60)
            assert rig.kmh() == 0.0

    in_virtual_time(session())


# -- it stops by itself -------------------------------------------------------------------


@pytest.mark.parametrize("silent", [True, False])
@pytest.mark.parametrize("phase", ["main", "ramp up", "warm-up"])
def test_a_belt_that_stops_by_itself_is_a_pause(silent: bool, phase: str) -> None:
    """Fallen to zero unasked: paused, no alarm, no order; a person resumes from the machine's slowest."""

    async def session() -> None:
        after_s = {"main": 90.0, "ramp up": 42.0, "warm-up": 20.0}[phase]
        belt = machine(StopsByItself, after_s=after_s)
        async with Claims(belt=belt, workout="10 min @ 9 km/h", ceiling=wide_week()) as rig:
            await rig.start()
            await rig.until(lambda: rig.belt.state is BeltState.STOPPING, 200)
            since_s = rig.now_s
            if not silent:
                await rig.status(b"\x02\x02")
            await rig.at(Phase.PAUSED, 60)
            await rig.seconds(20)
            assert rig.kmh() == 0.0 and not rig.loud(since_s) and rig.phase is Phase.PAUSED
            # The belt falls by itself: an order on the way, if any, is none that could start it.
            assert rig.fastest(since_s) <= 9.05
            assert len(rig.stops_since(since_s)) <= 4
            since_s = rig.now_s
            rig.ask(IntentKind.START)
            await rig.seconds(10)
            assert rig.fastest(since_s) <= 2.5 and rig.phase in ON_BELT

    in_virtual_time(session())


def test_a_pulled_safety_key_is_no_pause() -> None:
    async def session() -> None:
        async with Claims(workout="10 min @ 9 km/h", ceiling=wide_week()) as rig:
            await rig.settled(9.0)
            rig.mill.press(Key.SAFETY_KEY)
            await rig.seconds(3)
            assert rig.phase is Phase.STOPPING
            rig.ask(IntentKind.START)
            rig.mill.press(Key.SAFETY_KEY_BACK)
            await rig.ended(60)
            assert rig.coach.phase == Phase.STOPPED and rig.kmh() == 0.0

    in_virtual_time(session())


# -- control that is taken away -----------------------------------------------------------


@pytest.mark.parametrize("says", [True, False])
@pytest.mark.parametrize("refuses_s", [0.0, 1.5, 6.0])
@pytest.mark.parametrize("wait_s", [0.5, 12.0])
def test_control_that_goes_with_every_stop(says: bool, refuses_s: float, wait_s: float) -> None:
    async def session() -> None:
        belt = machine(RevokesControl, says=says, refuses_s=refuses_s)
        async with Claims(belt=belt, workout="10 min @ 7 km/h", ceiling=wide_week()) as rig:
            await rig.settled(7.0)
            rig.ask(IntentKind.PAUSE)
            await rig.until(lambda: rig.kmh() == 0.0, 60)
            await rig.seconds(wait_s)
            since_s = rig.now_s
            for _ in range(3):
                rig.ask(IntentKind.START)
                await rig.seconds(8)
            assert rig.fastest(since_s, since_s + 9) <= 2.5
            await rig.seconds(60)
            if rig.kmh() > 0.3:
                assert rig.phase in ON_BELT and (rig.speeds(since_s) or rig.controller.session.hands_off)
            rig.ask(IntentKind.STOP)
            await rig.ended(60)
            assert rig.kmh() == 0.0

    in_virtual_time(session())


# -- a distance that is none -----------------------------------------------------------------


@pytest.mark.parametrize("factor", [2.0, 10.0, 0.1, 0.621, 1.3, 0.0])
def test_a_counter_by_a_factor_is_not_gone_by(factor: float) -> None:
    """A workout by distance is neither over in a minute nor endless, and the summary says what was run."""

    async def session() -> None:
        belt = machine(CountsWrongly, factor=factor)
        async with Claims(belt=belt, workout="0.6 km @ 8 km/h", ceiling=wide_week()) as rig:
            await rig.start()
            await rig.until(lambda: rig.phase in (Phase.COOL_DOWN, *ENDED), 1500)
            true_m = rig.belt.true_distance_m
            assert 450 <= true_m <= 900
            shown_m = rig.controller.sensors.belt(rig.now_s).distance_m
            # Until it is found out, 40 m of the counter's or of the belt's have been gone by.
            assert shown_m == pytest.approx(true_m, abs=0.25 * true_m + 400)
            await rig.ended()
            assert not rig.loud()

    in_virtual_time(session())


# -- Request Control starts it ------------------------------------------------------------------


@pytest.mark.parametrize("ask", [IntentKind.STOP, IntentKind.PAUSE, IntentKind.UNWELL, IntentKind.NOT_RIGHT])
def test_a_stop_to_a_ready_machine_starts_nothing(ask: IntentKind) -> None:
    async def session() -> None:
        async with Claims(belt=machine(StartsOnRequest)) as rig:
            await rig.at(Phase.READY, 60)
            await rig.seconds(4)
            rig.ask(ask)
            await rig.seconds(30)
            if not rig.task.done():
                rig.mill.cut_radio()
                await rig.seconds(20)
            assert rig.fastest(0.0) == 0.0 and rig.belt.state is BeltState.STANDBY
            assert not [data for _, data in rig.writes(0)]

    in_virtual_time(session())


@pytest.mark.parametrize("moment", ["pause", "stop"])
def test_nor_does_one_to_a_belt_that_came_to_rest(moment: str) -> None:
    async def session() -> None:
        async with Claims(belt=machine(StartsOnRequest)) as rig:
            await rig.walk()
            rig.ask(IntentKind.PAUSE)
            await rig.until(lambda: rig.kmh() == 0.0, 60)
            await rig.seconds(6)
            since_s = rig.now_s
            if moment == "pause":
                rig.ask(IntentKind.PAUSE)
                await rig.seconds(6)
            rig.ask(IntentKind.STOP)
            await rig.ended(60)
            assert rig.fastest(since_s) == 0.0 and rig.belt.state is BeltState.STANDBY

    in_virtual_time(session())


# -- answers by status only ------------------------------------------------------------------------


@pytest.mark.parametrize("moment_s", [1.0, 9.0, 40.0, 90.0])
def test_a_machine_that_answers_by_status_only_can_be_stopped(moment_s: float) -> None:
    async def session() -> None:
        async with Claims(
            belt=machine(AnswersByStatus), workout="5 min @ 6 km/h", ceiling=wide_week()
        ) as rig:
            await rig.start()
            await rig.seconds(moment_s)
            rig.ask(IntentKind.STOP)
            await rig.seconds(45)
            assert rig.kmh() == 0.0
            assert rig.fastest(0.0) <= 6.05 and len(rig.stops()) <= 40
            await rig.ended(400)

    in_virtual_time(session())


def test_such_a_machine_left_alone_does_nothing_that_nobody_ordered() -> None:
    async def session() -> None:
        async with Claims(
            belt=machine(AnswersByStatus), workout="3 min @ 6 km/h", ceiling=wide_week()
        ) as rig:
            await rig.start()
            await rig.seconds(300)
            assert rig.fastest(0.0) <= 6.05
            rig.ask(IntentKind.STOP)
            await rig.ended(400)
            assert rig.kmh() == 0.0

    in_virtual_time(session())


# -- a speed that does not hold ---------------------------------------------------------------------


@pytest.mark.parametrize("holds_s", [3.0, 1.5, 6.0])
@pytest.mark.parametrize("workout", ["5 min @ 5 km/h", "5 min @ 9 km/h"])
def test_a_belt_that_falls_back_is_never_driven_above_the_plan(holds_s: float, workout: str) -> None:
    async def session() -> None:
        belt = machine(FallsBack, holds_s=holds_s)
        async with Claims(belt=belt, workout=workout, ceiling=wide_week()) as rig:
            await rig.start()
            await rig.seconds(240)
            plan_kmh = float(workout.split()[3])
            assert rig.fastest(0.0) <= plan_kmh + 0.05
            # What is ordered is never further from the belt than one lead and one step.
            assert all(w.kmh <= w.belt_kmh + 2.5 for w in rig.speeds())

    in_virtual_time(session())


# -- limits that leave no speed ------------------------------------------------------------------------


@pytest.mark.parametrize("slowest", [1.0, 2.0])
def test_an_own_maximum_below_the_machines_slowest_starts_nothing(slowest: float) -> None:
    async def session() -> None:
        model = MachineModel(speed_range=replace(MachineModel().speed_range, min_speed_kmh=slowest))
        runner = replace(JOGGER, max_speed_kmh=slowest - 0.3, comfortable_walk_kmh=slowest - 0.3)
        async with Claims(model=model, runner=runner, workout="5 min @ 5 km/h") as rig:
            await rig.at(Phase.READY, 60)
            await rig.seconds(3)
            rig.ask(IntentKind.START)
            await rig.seconds(20)
            assert rig.fastest(0.0) == 0.0 and not rig.writes(7)
            assert rig.warned("slowest")

    in_virtual_time(session())
