"""STOP is on the wire within 2 ms of virtual time: every phase, every cause, past anything pending."""

import asyncio
from collections.abc import Callable

import pytest

from tests.support.rig import ListRecorder, Rig, in_virtual_time
from treadcoach.core.belt import STANDING_KMH
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.virtual.belt import Key
from treadcoach.virtual.faults import Faults

LATEST_S = 0.002
LINKED = [
    Phase.READY,
    Phase.ARMED,
    Phase.WARM_UP,
    Phase.STRETCH_BREAK,
    Phase.MAIN,
    Phase.COOL_DOWN,
    Phase.PAUSED,
    Phase.STOPPING,
]


def break_controller(rig: Rig) -> None:
    """Our own code fails while it handles a frame."""

    def fail(*_: object) -> object:
        raise ZeroDivisionError("a fault of ours")

    rig.controller.on_frame = fail
    rig.coach._feed("frame", "treadmill/2ACD", b"\x00\x00\x00\x00")


CAUSES: dict[str, Callable[[Rig], None]] = {
    "stop": lambda rig: rig.ask(IntentKind.STOP),
    "unwell": lambda rig: rig.ask(IntentKind.UNWELL),
    "not right": lambda rig: rig.ask(IntentKind.NOT_RIGHT),
    "safety key status": lambda rig: rig.coach._feed("frame", "treadmill/2ADA", b"\x03"),
    "a fault of ours": break_controller,
    "alarm of the watch": lambda rig: rig.coach._carry_out(
        rig.controller.on_fault(rig.now_s, "the watch is alarmed")
    ),
}


async def nothing(rig: Rig) -> None:
    """No command is pending."""


async def unanswered(rig: Rig) -> None:
    """A speed, or where none can be ordered a request for control, that gets no answer."""
    rig.faults.silent |= {0x00, 0x02, 0x03}
    await _make_pending(rig)


async def stuck(rig: Rig) -> None:
    """The same, and even the write itself is not confirmed."""
    rig.faults.att_stuck |= {0x00, 0x02, 0x03}
    await _make_pending(rig)


async def _make_pending(rig: Rig) -> None:
    seen = len(rig.belt.writes)
    if rig.phase in (Phase.WARM_UP, Phase.MAIN, Phase.COOL_DOWN):
        rig.ask(IntentKind.SLOWER, 0.5)
    else:
        rig.coach._link.control.in_control = False  # type: ignore[union-attr]  # a link is there
        rig.coach._spawn(rig.coach._take_control())
    for _ in range(3000):
        if len(rig.belt.writes) > seen:
            return
        await asyncio.sleep(0.001)
    if rig.phase not in (Phase.STOPPING, Phase.STRETCH_BREAK, Phase.PAUSED):
        raise AssertionError(f"nothing became pending in {rig.phase}")


async def reach(rig: Rig, phase: Phase) -> None:
    if phase is Phase.STRETCH_BREAK:
        await rig.start()
        await rig.at(Phase.STRETCH_BREAK)
    elif phase is Phase.STOPPING:
        rig.belt.faults.answered_but_ignored.add(0x08)
        await rig.to_phase(phase)
    else:
        await rig.to_phase(phase)
    await rig.seconds(0.45)


@pytest.mark.parametrize("pending", [nothing, unanswered, stuck], ids=lambda p: p.__name__)
@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("phase", LINKED)
def test_stop_is_on_the_wire_at_once(phase: Phase, cause: str, pending) -> None:  # type: ignore[no-untyped-def]
    async def scenario() -> None:
        async with Rig(strap=False, stretch_break=phase is Phase.STRETCH_BREAK) as rig:
            await reach(rig, phase)
            await pending(rig)
            before = len(rig.stops())
            asked_s = rig.now_s
            CAUSES[cause](rig)
            assert not rig.controller.gate.is_open
            await asyncio.sleep(LATEST_S)
            stops = rig.stops()[before:]
            assert stops, f"no STOP within {LATEST_S * 1000:g} ms: {rig.writes()[-4:]}"
            assert stops[0] - asked_s <= LATEST_S
            after = len(rig.belt.writes)
            await rig.seconds(3)
            late = {data[0] for _, data in rig.belt.writes[after:]}
            assert late <= {0x00, 0x08}, "nothing but stops after a stop"

    in_virtual_time(scenario())


def test_a_stop_without_a_link_is_sent_when_the_link_returns() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(Phase.LINK_LOST)
            rig.ask(IntentKind.STOP)
            assert rig.phase is Phase.STOPPING
            await rig.seconds(5)
            assert not rig.stops()
            assert rig.belt.speed_kmh > 3, "no software stops a belt without a link"
            await rig.mill.advertise()
            await rig.until(lambda: bool(rig.stops()), 15)
            await rig.at(Phase.STOPPED, 30)
            assert rig.belt.speed_kmh <= STANDING_KMH + 1e-9

    in_virtual_time(scenario())


def test_a_journal_that_cannot_be_written_stops_the_belt() -> None:
    async def scenario() -> None:
        recorder = ListRecorder()
        async with Rig(strap=False, recorder=recorder) as rig:
            await rig.walk()
            recorder.broken = "the disk is full"
            await rig.until(lambda: bool(rig.stops()), 1.0)
            await rig.at(Phase.STOPPED, 30)
            assert rig.said("the disk is full")
            await rig.until(rig.task.done, 10)
            assert len(rig.stops()) <= 3, "a session that has ended is not stopped again and again"

    in_virtual_time(scenario())


def test_a_stop_whose_link_does_not_come_back_is_said_and_handed_over() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            await rig.mill.silence()
            await rig.at(Phase.LINK_LOST, 30)
            rig.ask(IntentKind.STOP)
            await rig.until(rig.task.done, 200)
            assert rig.belt.speed_kmh > 1
            assert rig.coach.unconfirmed
            assert rig.said("could not confirm that the belt has stopped")

    in_virtual_time(scenario())


def test_leaving_the_program_stops_the_belt() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            rig.task.cancel()
            await asyncio.gather(rig.task, return_exceptions=True)
            assert rig.stops()
            await rig.seconds(10)
            assert rig.belt.speed_kmh <= STANDING_KMH + 1e-9

    in_virtual_time(scenario())


@pytest.mark.parametrize("interval_s", [0.0, 0.03])
@pytest.mark.parametrize("cause", ["stop", "unwell", "not right"])
def test_a_stop_that_ends_the_session_at_once_is_still_sent(cause: str, interval_s: float) -> None:
    """A wish and a tick in one turn of the loop: the belt stands, so this tick is the session's last."""

    async def scenario() -> None:
        async with Rig(strap=False, interval_s=interval_s) as rig:
            await rig.at(Phase.READY, 60)
            await rig.until(lambda: rig.controller.sensors.speed_kmh is not None, 30)
            rig.ask(IntentKind.STOP)
            tick, asked = rig.coach._tick, []

            def asked_just_before() -> None:
                over = rig.phase is Phase.STOPPED and not rig.controller.stopping.is_watched(rig.now_s)
                if over and not asked:
                    asked.append(rig.now_s)
                    CAUSES[cause](rig)
                tick()

            rig.coach._tick = asked_just_before  # type: ignore[method-assign]  # the order of a busy loop
            await rig.until(rig.task.done, 30)
            assert asked and len(rig.stops()) == 2, "the end of the session took the STOP back"

    in_virtual_time(scenario())


def test_the_end_of_the_program_waits_for_a_stop_that_was_just_asked_for() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, interval_s=0.03) as rig:
            await rig.at(Phase.READY, 60)
            rig.ask(IntentKind.STOP)
            rig.task.cancel()
            await asyncio.gather(rig.task, return_exceptions=True)
            assert rig.stops()

    in_virtual_time(scenario())


def test_a_belt_that_ignores_stop_gets_it_again_and_a_loud_alarm() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, faults=Faults(answered_but_ignored={0x08})) as rig:
            await rig.walk()
            rig.ask(IntentKind.STOP)
            await rig.seconds(10)
            assert len(rig.stops()) > 4
            assert rig.said("PULL THE SAFETY KEY")
            assert rig.phase is Phase.STOPPING
            rig.mill.press(Key.SAFETY_KEY)
            await rig.at(Phase.STOPPED, 30)

    in_virtual_time(scenario())


def test_nothing_moves_before_a_person_releases_the_belt() -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.at(Phase.READY)
            for kind in IntentKind:
                if kind not in (IntentKind.START, IntentKind.STOP, IntentKind.UNWELL, IntentKind.NOT_RIGHT):
                    rig.ask(kind, 5.0)
            await rig.seconds(120)
            assert {data for _, data in rig.belt.writes} <= {b"\x00", b"\x08\x01"}, "only stops"
            assert rig.belt.true_distance_m == 0
            assert not rig.controller.gate.is_open

    in_virtual_time(scenario())
