"""Links that end while they are made, and who knows what before a belt moves, or when nobody can see it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.claims import Claims, LyingBelt, lying, wide_week
from tests.support.machines import FrozenAfterStop, machine
from tests.support.rig import JOGGER, RULES, Rig, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ENDED, Phase
from treadcoach.core.samples import InclineRange, TreadmillData
from treadcoach.virtual.belt import Key, MachineModel, VirtualBelt
from treadcoach.virtual.faults import Faults
from treadcoach.wire.features import encode_incline_range

WORKOUT = "1 min @ 5.5 km/h + 8 min @ 8 km/h"


async def moment(true: Callable[[], bool]) -> None:
    """To the very moment, in virtual time."""
    while not true():  # noqa: ASYNC110  # there is no event for it, and no time passes by it
        await asyncio.sleep(0.001)


async def relinked(rig: Rig) -> None:
    """The link is lost; until the machine sees the next one."""
    await rig.mill.drop_links()
    await rig.until(lambda: not rig.mill.connections, 20)
    await moment(lambda: bool(rig.mill.connections))


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.2, 0.3, 0.4, 0.44, 0.46, 0.47, 0.48, 0.49, 0.5, 0.6])
@pytest.mark.parametrize("again", [1, 3])
def test_a_link_that_is_lost_while_it_is_made_is_made_again(after_s: float, again: int) -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week(), workout=WORKOUT) as rig:
            await rig.walk()
            for _ in range(again):
                await relinked(rig)
                await asyncio.sleep(after_s)
            await rig.mill.drop_links()
            await rig.seconds(2)
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.until(lambda: bool(rig.stops_since(since_s)), 12)
            await rig.at(Phase.STOPPED, 60)
            assert rig.kmh() == 0

    in_virtual_time(session())


@pytest.mark.parametrize(("after_s", "deaf_s"), [(0.0, 0.0), (0.1, 0.0), (0.3, 0.0), (0.3, 6.0), (1.0, 15.0)])
def test_a_stop_asked_while_a_link_is_made_leaves_on_that_link(after_s: float, deaf_s: float) -> None:
    """Also where the machine leaves a subscription unanswered: STOP passes what hangs."""

    async def session() -> None:
        async with Claims(ceiling=wide_week(), workout=WORKOUT, interval_s=0.03) as rig:
            await rig.walk()
            server = rig.mill.device.gatt_server
            real = server.on_att_write_request
            until_s = rig.now_s + 1.0 + deaf_s if deaf_s else 0.0

            def deaf(bearer: object, request: object) -> object:
                if rig.now_s < until_s and bytes(request.attribute_value) in (b"\1\0", b"\2\0"):  # type: ignore[attr-defined]  # Bumble's
                    return None
                return real(bearer, request)

            server.on_att_write_request = deaf
            await relinked(rig)
            await asyncio.sleep(after_s)
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.until(lambda: bool(rig.stops_since(since_s)), 60)
            # It has to find the machine's services first.
            assert rig.stops_since(since_s)[0] - since_s < 0.5
            server.on_att_write_request = real

    in_virtual_time(session())


@pytest.mark.parametrize("offset_s", [0.0, 0.1, 0.25, 0.4, 0.49])
@pytest.mark.parametrize("resumed", [False, True])
def test_the_warden_knows_of_a_start_before_the_machine(offset_s: float, resumed: bool) -> None:
    """Whoever looks after the coach has died in that moment must not take a countdown for a standing belt."""

    async def session() -> None:
        async with Claims(ceiling=wide_week(), workout=WORKOUT) as rig:
            told: list[tuple[bool, bool]] = []
            rig.coach._heartbeat = lambda released, standing: told.append((released, standing))
            if not resumed:
                await rig.at(Phase.READY, 60)
                await rig.seconds(3)
            else:
                await rig.walk()
                rig.ask(IntentKind.PAUSE)
                await rig.seconds(30)
                assert told[-1] == (True, True)
            seen = len(told)
            await moment(lambda: len(told) > seen)
            await asyncio.sleep(offset_s)
            starts = len(rig.writes(7))
            rig.ask(IntentKind.START)
            assert told[-1] == (True, False), "at once"
            await moment(lambda: len(rig.writes(7)) > starts)
            assert told[-1] == (True, False)

    in_virtual_time(session())


def test_a_machine_that_counts_miles_both_ways_is_not_led() -> None:
    """Its targets and its speeds are miles per hour; only its distance says so."""

    def in_miles(_belt: LyingBelt, told: TreadmillData) -> TreadmillData:
        return (
            told if told.speed_kmh is None else replace(told, speed_kmh=round(told.speed_kmh / 1.609344, 2))
        )

    async def session() -> None:
        belt = lying(in_miles, faults=Faults(takes_mph=True))
        async with Claims(belt=belt, judged=False, rules=RULES, workout="5 min @ 5.5 km/h") as rig:
            await rig.start()
            await rig.at(Phase.STOPPED, 240)
            assert rig.fastest(0.0) < 6.6, "it was stopped in the warm-up"
            assert any("miles per hour" in text for text in rig.loud())

    in_virtual_time(session())


@pytest.mark.parametrize("kind", [IntentKind.STOP, IntentKind.PAUSE])
def test_a_wrong_word_is_seen_when_the_distance_goes_on_at_the_same_speed(kind: IntentKind) -> None:
    async def session() -> None:
        belt = machine(FrozenAfterStop, also_stops=False)
        async with Claims(belt=belt, judged=False, ceiling=wide_week(), workout=WORKOUT) as rig:
            await rig.settled(8.0)
            rig.ask(kind)
            await rig.until(lambda: rig.controller is not None and rig.controller.asks == "belt_stands", 300)
            rig.ask(IntentKind.BELT_STANDS)
            await rig.seconds(1)
            since_s = rig.now_s
            belt.thaw()
            await rig.seconds(5)
            assert rig.kmh() > 7, "it never stopped"
            assert rig.stops_since(since_s)
            assert any("moves again" in text for text in rig.loud(since_s))

    in_virtual_time(session())


@pytest.mark.parametrize(
    "runner",
    [replace(JOGGER, aching_back=True), replace(JOGGER, max_incline_percent=3.0)],
    ids=["back", "own"],
)
def test_a_belt_that_a_person_says_is_too_steep_is_not_started(runner: object) -> None:
    async def session() -> None:
        belt = VirtualBelt()
        belt.incline_percent = belt.target_percent = 12.0
        async with Claims(belt=belt, judged=False, runner=runner, ceiling=wide_week()) as rig:
            await rig.until(lambda: rig.controller is not None and rig.controller.asks is not None, 30)
            rig.ask(IntentKind.INCLINE_IS, 12.0)
            rig.ask(IntentKind.START)
            await rig.seconds(10)
            assert rig.phase is Phase.READY and not rig.writes(7)
            assert rig.warned("your limit is")
            assert rig.controller is not None and rig.controller.asks == "incline_is", "it is asked on"
            setup = rig.coach.setup
            assert setup is not None
            rig.coach.replace_setup(replace(setup, runner=replace(setup.runner, max_speed_kmh=9.0)))
            await rig.until(lambda: rig.coach.has_reading, 10)
            rig.ask(IntentKind.START)
            await rig.seconds(10)
            assert rig.phase is Phase.READY and not rig.writes(7), "limits that changed forget no word"
            rig.ask(IntentKind.INCLINE_IS, 1.0)
            rig.ask(IntentKind.START)
            await rig.until(lambda: bool(rig.writes(7)), 5)

    in_virtual_time(session())


@pytest.mark.parametrize("what", ["omitted", "0 to 0", "from above to below"])
def test_a_motor_whose_reach_cannot_be_read_is_not_taken_to_be_flat(what: str) -> None:
    faults = Faults()
    if what == "omitted":
        faults.omit.add(0x2AD5)
    else:
        reach = InclineRange(0, 0, 0) if what == "0 to 0" else InclineRange(12, 0, 0.5)
        faults.incline_range = encode_incline_range(reach)

    async def session() -> None:
        belt = VirtualBelt(MachineModel(), faults)
        belt.incline_percent = belt.target_percent = 12.0
        async with Claims(belt=belt, judged=False, ceiling=wide_week()) as rig:
            await rig.until(lambda: rig.controller is not None and rig.controller.asks == "incline_is", 30)
            assert rig.controller is not None
            assert rig.controller.sensors.belt(rig.now_s).incline_percent is None
            assert rig.controller.sensors.incline.worst_percent(None) == 12.0
            rig.ask(IntentKind.STOP)

    in_virtual_time(session())


def test_a_belt_that_is_seen_to_move_while_the_links_end_was_not_seen_to_stand() -> None:
    """Zeros for five seconds, then the truth: the session is over, and the belt is the warden's."""
    held: dict[str, object] = {}

    def zeros(_belt: LyingBelt, told: TreadmillData) -> TreadmillData:
        if held.get("on"):
            return replace(told, speed_kmh=0.0, distance_m=held["m"], elapsed_s=held["s"])  # type: ignore[arg-type]  # as they were
        held.update(m=told.distance_m, s=told.elapsed_s)
        return told

    async def session() -> None:
        belt = lying(zeros, faults=Faults(answered_but_ignored={8}))
        async with Claims(belt=belt, judged=False, ceiling=wide_week(), workout=WORKOUT) as rig:
            await rig.settled(8.0)
            rig.ask(IntentKind.STOP)
            held["on"] = True
            await rig.seconds(5.0)
            held["on"] = False
            await rig.until(rig.task.done, 40)
            assert rig.task.result() in ENDED and rig.kmh() > 7
            assert rig.coach.unconfirmed

    in_virtual_time(session())


@pytest.mark.parametrize("pause_s", [20, 60, 300])
def test_a_pause_that_is_ended_at_the_console_leaves_time_to_take_the_belt_back(pause_s: float) -> None:
    async def session() -> None:
        async with Claims(judged=False, ceiling=wide_week(), workout=WORKOUT) as rig:
            await rig.walk()
            rig.ask(IntentKind.PAUSE)
            await rig.seconds(pause_s)
            since_s = rig.now_s
            rig.mill.press(Key.START)
            await rig.seconds(25)
            assert rig.kmh() > 0.5 and not rig.stops_since(since_s)
            rig.ask(IntentKind.START)
            await rig.seconds(10)
            assert rig.phase is Phase.WARM_UP and not rig.stops_since(since_s)

    in_virtual_time(session())
