"""A STOP ends with a belt that stands: nothing that a machine says ends the wait, and one zero is nothing."""

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.support.claims import MACHINES, Claims, speed_status, wide_week
from tests.support.rig import in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ENDED, Phase
from treadcoach.virtual.belt import BeltState
from treadcoach.virtual.faults import Faults
from treadcoach.wire.control_point import Result

KEY = "PULL THE SAFETY KEY"
STATUSES = {
    "nothing": b"",
    "control lost": b"\xff",
    "reset": b"\x01",
    "stopped": b"\x02\x01",
    "paused": b"\x02\x02",
    "safety key": b"\x03",
    "started": b"\x04",
    "target 0": b"\x05\x00\x00",
    "target 6": speed_status(6.0),
    "incline": b"\x06\x00\x00",
    "unknown": b"\x77",
    "empty": b"",
}


def still_told(rig: Claims, since_s: float, over_s: float = 40.0) -> None:
    """STOP goes on and the alarm was said, with a belt that runs on."""
    assert rig.kmh() > 0.5, "this belt ignores STOP"
    assert len(rig.stops_since(since_s)) >= 5
    assert rig.stops_since(since_s + over_s - 11), "and it goes on being told"
    assert any(KEY in text for text in rig.loud(since_s))
    assert not rig.task.done()


@pytest.mark.parametrize(
    ("said", "after_s"),
    [
        *((said, 0.5) for said in STATUSES),
        *((said, after_s) for said in ("control lost", "reset", "stopped") for after_s in (0.1, 6.0)),
    ],
)
def test_no_status_ends_the_wait_for_a_stop(said: str, after_s: float) -> None:
    async def session() -> None:
        async with Claims(faults=Faults(answered_but_ignored={8})) as rig:
            await rig.walk()
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.seconds(after_s)
            for _ in range(2):
                await rig.status(STATUSES[said])
                await rig.seconds(0.5)
            await rig.seconds(40 - after_s)
            still_told(rig, since_s)

    in_virtual_time(session())


@pytest.mark.parametrize(
    ("how", "ask"),
    [
        ("repeated control lost", IntentKind.STOP),
        ("control really lost", IntentKind.STOP),
        ("training status", IntentKind.STOP),
        ("new link", IntentKind.STOP),
        ("answers control not permitted", IntentKind.STOP),
        ("every kind", IntentKind.UNWELL),
    ],
)
def test_nothing_else_ends_it_either(how: str, ask: IntentKind) -> None:
    async def session() -> None:
        async with Claims(faults=Faults(answered_but_ignored={8})) as rig:
            await rig.walk()
            since_s = rig.now_s
            rig.ask(ask)
            await rig.seconds(1.0)
            if how == "control really lost":
                rig.mill.take_control_away()
            elif how == "training status":
                for code in (0x01, 0x0D, 0x0F):
                    await rig.mill.send_raw(0x2AD3, bytes((0x00, code)))
            elif how == "new link":
                rig.mill.cut_radio()
                await rig.seconds(8)
            elif how == "answers control not permitted":
                rig.faults.result[8] = 5
                await rig.seconds(10)
                rig.faults.result.clear()
            for n in range(20):
                if how == "repeated control lost":
                    await rig.status(b"\xff")
                if how == "every kind":
                    await rig.status(list(STATUSES.values())[n % len(STATUSES)])
                await rig.seconds(1.5)
            await rig.seconds(15)
            still_told(rig, since_s)

    in_virtual_time(session())


@pytest.mark.parametrize("cause", ["stop", "pause", "the end", "console"])
def test_a_stop_of_every_cause_is_waited_for(cause: str) -> None:
    async def session() -> None:
        async with Claims(workout="1 min @ 6 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(5.9)
            if cause == "the end":
                await rig.at(Phase.COOL_DOWN)
            rig.faults.answered_but_ignored.add(8)
            since_s = rig.now_s
            if cause == "stop":
                rig.ask(IntentKind.STOP)
            elif cause == "pause":
                rig.ask(IntentKind.PAUSE)
            elif cause == "console":
                await rig.status(b"\x02\x01")
            else:
                await rig.at(Phase.STOPPING)
                since_s = rig.now_s
            await rig.seconds(2)
            await rig.status(b"\xff")
            await rig.seconds(38)
            still_told(rig, since_s)

    in_virtual_time(session())


@pytest.mark.parametrize(
    ("after_s", "moving"), [(0.1, True), (0.5, True), (1.0, True), (1.9, True), (3.0, True), (0.5, False)]
)
def test_a_stop_soon_after_a_start_that_nobody_answers(after_s: float, moving: bool) -> None:
    """A machine that never answers Request Control: the abandoned procedure ends no wait."""

    async def session() -> None:
        async with Claims(faults=Faults(silent={0})) as rig:
            await rig.at(Phase.READY, 60)
            await rig.seconds(2)
            rig.belt.advance(rig.now_s)
            if moving:
                rig.belt.state, rig.belt.target_kmh = BeltState.RUNNING, 6.0
                await rig.seconds(14)
            rig.belt.controller = rig.mill.connections[0]
            rig.faults.answered_but_ignored.add(8)
            rig.ask(IntentKind.START)
            await rig.seconds(after_s)
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            if not moving:
                await rig.seconds(3)
                rig.belt.advance(rig.now_s)
                rig.belt.state, rig.belt.target_kmh = BeltState.RUNNING, 6.0
            await rig.seconds(40)
            if moving:
                still_told(rig, since_s)
            else:
                # What never moved may be believed to stand; the belt that moves later is not left alone.
                assert rig.task.done() or any(KEY in text for text in rig.loud(since_s))

    in_virtual_time(session())


# -- pauses and stops over a link that comes and goes --------------------------------------

AWAY = ["same moment", "while away", "not answered", "just before", "as it returns", "away twice"]


@pytest.mark.parametrize(
    ("how", "ask"),
    [
        *((how, ask) for how in AWAY for ask in (IntentKind.PAUSE, IntentKind.STOP)),
        ("while away", IntentKind.UNWELL),
        ("same moment", IntentKind.NOT_RIGHT),
    ],
)
def test_what_was_asked_while_the_link_was_away_is_done_first(how: str, ask: IntentKind) -> None:
    async def session() -> None:
        async with Claims() as rig:
            await rig.to_main()
            await rig.until(lambda: rig.kmh() > 4.5, 60)
            if how == "same moment":
                rig.mill.cut_radio()
                rig.ask(ask)
            elif how == "just before":
                rig.faults.silent.add(8)
                rig.ask(ask)
                await rig.seconds(0.2)
                rig.mill.cut_radio()
                rig.faults.silent.discard(8)
            elif how == "not answered":
                rig.faults.silent.add(8)
                rig.ask(ask)
                await rig.until(lambda: rig.coach._reconnecting, 30)
                rig.faults.silent.discard(8)
            else:
                await rig.mill.silence()
                await rig.seconds(1)
                if how != "as it returns":
                    rig.ask(ask)
                await rig.seconds(4)
                await rig.mill.advertise()
                if how == "as it returns":
                    rig.ask(ask)
                if how == "away twice":
                    await rig.until(lambda: not rig.coach._reconnecting, 60)
                    rig.mill.cut_radio()
            await rig.until(lambda: rig.task.done() or not rig.coach._reconnecting, 60)
            await rig.seconds(14)
            assert rig.kmh() == 0.0 and rig.stops()
            wanted = (Phase.PAUSED,) if ask is IntentKind.PAUSE else tuple(ENDED)
            assert rig.phase in wanted

    in_virtual_time(session())


@pytest.mark.parametrize("ask", [IntentKind.PAUSE, IntentKind.STOP])
def test_a_kept_stop_is_for_that_loss_only(ask: IntentKind) -> None:
    """Once it was carried out and a person has started again, a later loss owes nothing."""

    async def session() -> None:
        async with Claims(workout="10 min @ 5 km/h") as rig:
            await rig.to_main()
            await rig.mill.silence()
            await rig.seconds(1)
            rig.ask(IntentKind.PAUSE)
            await rig.mill.advertise()
            await rig.until(lambda: rig.phase is Phase.PAUSED and rig.kmh() == 0.0, 60)
            await rig.seconds(4)
            rig.ask(IntentKind.START)
            await rig.until(lambda: rig.kmh() > 2.5, 60)
            rig.mill.cut_radio()
            since_s = rig.now_s
            await rig.at(Phase.PAUSED, 60)
            await rig.seconds(5)
            assert rig.stops_since(since_s) == [] and rig.kmh() > 2.0
            rig.ask(ask)
            await rig.seconds(10)
            assert rig.kmh() == 0.0

    in_virtual_time(session())


# -- how often ------------------------------------------------------------------------------


STORMS = {
    "never answered": Faults(silent={8}),
    "answered, ignored": Faults(answered_but_ignored={8}),
    "not permitted": Faults(result={8: 5}),
    "failed": Faults(result={8: 4}),
    "write never confirmed": Faults(att_stuck={8}),
    "answered late": Faults(answered_but_ignored={8}, delay_s={8: 1.5}),
    "answered very late": Faults(answered_but_ignored={8}, delay_s={8: 8.0}),
    "att error": Faults(),
}


@pytest.mark.parametrize("storm", STORMS)
@pytest.mark.parametrize("presses", [1, 6])
def test_stops_are_apart_and_go_on(storm: str, presses: int) -> None:
    async def session() -> None:
        faults = replace(STORMS[storm])
        async with Claims(faults=faults) as rig:
            for name in ("silent", "answered_but_ignored", "result", "att_stuck"):
                setattr(rig.faults, name, type(getattr(faults, name))())
            await rig.walk()
            for name in ("silent", "answered_but_ignored", "result", "att_stuck"):
                setattr(rig.faults, name, getattr(STORMS[storm], name).copy())
            if storm == "att error":
                rig.faults.att_error = 0x80
            since_s = rig.now_s
            for _ in range(presses):
                rig.ask(IntentKind.STOP)
                await rig.seconds(0.1)
            await rig.seconds(120)
            stops = rig.stops_since(since_s)
            gaps = [b - a for a, b in pairwise(stops)]
            assert all(gap >= 0.39 for gap in gaps)
            assert len(stops) <= 120
            assert not rig.task.done(), "the coach stays with a belt that runs"
            assert any(KEY in text for text in rig.loud(since_s))
            if storm != "att error":
                assert stops and stops[0] <= since_s + 0.45 and stops[-1] >= since_s + 100
            # A machine that comes to its senses is stopped.
            for name in ("silent", "answered_but_ignored", "result", "att_stuck"):
                getattr(rig.faults, name).clear()
            rig.faults.att_error = None
            await rig.until(lambda: rig.kmh() == 0.0, 40)
            await rig.ended()

    in_virtual_time(session())


@pytest.mark.parametrize("machine", MACHINES)
def test_the_session_always_ends_with_a_belt_that_stands(machine: str) -> None:
    async def session() -> None:
        async with Claims(model=MACHINES[machine]) as rig:
            await rig.walk()
            rig.ask(IntentKind.STOP)
            await rig.ended(60)
            assert rig.kmh() == 0.0 and len(rig.stops()) <= 3 and not rig.loud()

    in_virtual_time(session())


def test_a_belt_that_never_stands_ends_the_session_loudly_in_the_end() -> None:
    async def session() -> None:
        async with Claims(faults=Faults(answered_but_ignored={8})) as rig:
            await rig.walk()
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.ended(900)
            assert rig.now_s - since_s > 200 and len(rig.stops_since(since_s)) < 120
            assert any("could not confirm" in text for text in rig.loud(since_s))

    in_virtual_time(session())


def test_links_on_which_no_stop_is_taken_are_not_made_anew_without_end() -> None:
    """Each new link is three seconds without any STOP: where the last did not help, STOP goes on instead."""

    async def session() -> None:
        async with Claims(ceiling=wide_week()) as rig:
            await rig.walk()
            rig.faults.result[8] = rig.faults.result[0] = Result.CONTROL_NOT_PERMITTED
            since_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.seconds(240)
            made = [event.t_s for event in rig.events if "a new link is needed" in event.text]
            assert 2 <= len(made) <= 7, made
            stops = [since_s, *rig.stops_since(since_s), rig.now_s]
            assert max(b - a for a, b in pairwise(stops)) < 12.5
            assert not rig.task.done()

    in_virtual_time(session())
