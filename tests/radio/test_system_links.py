"""What a computer does beside the radio: it keeps links, ends them slowly, forgets devices."""

import asyncio
from pathlib import Path

import pytest

from tests.support.rig import RULES, Rig, in_virtual_time
from treadcoach.app.assembly import Wanted, find_devices
from treadcoach.app.coach import LEAVE_S, TICK_S
from treadcoach.core.errors import InputError, LinkError
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.devices.scan import linked_treadmills, scan
from treadcoach.devices.strap import StrapLink
from treadcoach.virtual.central import FORGETS_AFTER_S
from treadcoach.virtual.strap import STRAP_ADDRESS
from treadcoach.virtual.treadmill import TREADMILL_ADDRESS
from treadcoach.warden.__main__ import SILENCE_S
from treadcoach.warden.links import free
from treadcoach.warden.rescue import Rescue, Trouble
from treadcoach.warden.voice import Voice


@pytest.mark.parametrize("at", [Phase.READY, Phase.WARM_UP])
def test_the_warden_hears_the_coach_until_its_last_link_is_closed(at: Phase) -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.to_phase(Phase.READY)
            if at is Phase.WARM_UP:
                await rig.walk()
            rig.ask(IntentKind.STOP)
            await rig.until(rig.task.done, 90)
            gaps = [after - before for before, after in zip(rig.beats, rig.beats[1:], strict=False)]
            assert max(gaps) < SILENCE_S / 2
            assert rig.now_s - rig.beats[-1] <= TICK_S
            assert not await linked_treadmills()

    in_virtual_time(scenario())


def test_a_stop_while_the_links_end_is_sent_and_the_session_has_ended_all_the_same() -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.walk()
            rig.ask(IntentKind.STOP)
            await rig.at(Phase.STOPPED, 60)
            sent = len(rig.stops())
            rig.ask(IntentKind.STOP)
            await rig.until(rig.task.done, 30)
            assert len(rig.stops()) > sent
            assert rig.task.result() is Phase.STOPPED
            assert rig.recorder.state == "stopped"

    in_virtual_time(scenario())


def test_a_coach_that_leaves_a_moving_belt_is_heard_while_it_stops_it() -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.walk()
            rig.task.cancel()
            await asyncio.wait([rig.task])
            assert rig.stops()
            assert rig.now_s - rig.beats[-1] <= TICK_S
            gaps = [after - before for before, after in zip(rig.beats, rig.beats[1:], strict=False)]
            assert max(gaps) < SILENCE_S / 2

    in_virtual_time(scenario())


def test_a_coach_that_hangs_while_it_leaves_falls_silent() -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.walk()
            rig.coach._link.close = asyncio.Event().wait  # type: ignore[method-assign,union-attr,assignment]  # hangs
            rig.ask(IntentKind.STOP)
            await rig.at(Phase.STOPPED, 60)
            await rig.seconds(RULES.watched_stood_s + LEAVE_S + SILENCE_S + 1)
            assert not rig.task.done()
            assert rig.now_s - rig.beats[-1] > SILENCE_S
            rig.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await rig.task

    in_virtual_time(scenario())


def test_a_linked_treadmill_is_named_instead_of_not_heard() -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.at(Phase.READY, 60)
            assert "treadmill" not in [found.kind for found in await scan(5)]
            assert [device.address for device in await linked_treadmills()] == [TREADMILL_ADDRESS]
            with pytest.raises(
                LinkError, match=r"is linked to this computer already.*bluetoothctl disconnect F0"
            ):
                await find_devices(Wanted())
            with pytest.raises(LinkError, match="is linked to this computer already"):
                await find_devices(Wanted(treadmill=TREADMILL_ADDRESS.lower()))
            with pytest.raises(InputError, match="none was heard"):
                await find_devices(Wanted(treadmill="a neighbour's"))

    in_virtual_time(scenario())


def test_the_warden_stops_the_belt_over_the_link_that_a_dead_coach_left(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.walk()
            # A killed program does nothing more, and its link stays with the system.
            tasks = [rig.task, *rig.coach._tasks]
            rig.coach._leave = _nothing  # type: ignore[method-assign]  # what a killed program does at its end
            rig.coach._leaving = True
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            assert not rig.stops() and rig.belt.speed_kmh > 3
            assert not await scan(3), "what is linked does not advertise"
            began = rig.now_s
            trouble = Trouble(TREADMILL_ADDRESS, "a test", began)
            assert await Rescue(trouble, tmp_path / "warden.json").run()
            assert rig.stops()[0] - began < 1.0
            assert rig.belt.speed_kmh == 0
            await free([TREADMILL_ADDRESS, STRAP_ADDRESS], Voice())
            assert {found.kind for found in await scan(3)} == {"treadmill", "sensor"}

    async def _nothing() -> None:
        return

    in_virtual_time(scenario())


def test_a_strap_that_was_forgotten_is_heard_anew() -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.at(Phase.READY, 60)
            rig.ask(IntentKind.STOP)
            await rig.until(rig.task.done, 30)
            strap = next(found for found in await scan(5) if found.kind == "sensor")
            await rig.strap.silence()
            await rig.seconds(FORGETS_AFTER_S + 1)
            link = StrapLink(strap.device, "strap", lambda *_: None, lambda: None, acceleration=False)
            with pytest.raises(LinkError, match="forgotten"):
                await link.connect()
            await rig.strap.advertise()
            link = StrapLink(strap.device, "strap", lambda *_: None, lambda: None, acceleration=False)
            assert "2A37" in await link.connect()
            await link.close()

    in_virtual_time(scenario())
