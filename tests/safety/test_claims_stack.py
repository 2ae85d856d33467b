"""What a Bluetooth stack raises, and faults of pages and pictures: no reason to leave a belt alone."""

import asyncio
import itertools

import pytest

from tests.support.claims import Claims, wide_week
from tests.support.rig import in_virtual_time
from treadcoach.app import snapshot
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ON_BELT, Phase
from treadcoach.virtual.bleak_backend import BumbleClient
from treadcoach.virtual.treadmill import TREADMILL_ADDRESS

ODD = (
    RuntimeError("bus"),
    KeyError("path"),
    AttributeError("'NoneType' has no 'call'"),
    asyncio.CancelledError(),
)
"""A Bluetooth stack raises them as it likes, and cancels what waits on a link that is lost."""
TIMES = itertools.count()


def first_raises(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, error: BaseException) -> list[int]:
    """The first call of a method raises; how often it was called."""
    real, calls = getattr(owner, name), []

    async def odd(self: object, *args: object, **more: object) -> object:
        calls.append(len(calls))
        if len(calls) == 1:
            raise error
        return await real(self, *args, **more)

    monkeypatch.setattr(owner, name, odd)
    return calls


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", ["connect", "start_notify"])
def test_a_link_is_made_again_whatever_the_stack_raises(
    error: BaseException, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week()) as rig:
            await rig.walk()
            calls = first_raises(monkeypatch, BumbleClient, method, error)
            await rig.mill.drop_links()
            await rig.at(Phase.LINK_LOST, 10)
            rig.ask(IntentKind.STOP)
            await rig.at(Phase.STOPPED, 60)
            assert len(calls) > 1 and rig.kmh() == 0.0

    in_virtual_time(session())


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
def test_a_stop_is_written_again_whatever_the_stack_raises(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week()) as rig:
            await rig.walk()
            calls = first_raises(monkeypatch, BumbleClient, "write_gatt_char", error)
            asked_s = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.seconds(2)
            assert len(calls) > 1 and rig.stops_since(asked_s)[0] - asked_s < 1.0
            await rig.at(Phase.STOPPED, 60)
            assert not rig.warned("fault")

    in_virtual_time(session())


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
def test_a_straps_stack_never_touches_the_belt(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = BumbleClient.connect, []

    async def odd(self: BumbleClient, *args: object, **more: object) -> None:
        if self.address == TREADMILL_ADDRESS:
            return await real(self, *args, **more)  # type: ignore[arg-type]  # as they came
        calls.append(self.address)
        await asyncio.sleep(20.0)
        raise error

    monkeypatch.setattr(BumbleClient, "connect", odd)

    async def session() -> None:
        async with Claims(ceiling=wide_week(), strap=True) as rig:
            await rig.walk()
            await rig.until(lambda: len(calls) > 2, 90)
            assert not rig.stops() and not rig.warned("fault")

    in_virtual_time(session())


def broken(*_anything: object) -> None:
    raise ValueError(f"a page of today {next(TIMES)}")


@pytest.mark.parametrize("which", ["listen", "listen_events"])
def test_a_fault_in_what_is_shown_ends_no_session(which: str) -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week()) as rig:
            await rig.walk()
            getattr(rig.coach, which)(broken)
            rig.ask(IntentKind.FASTER, 0.2)
            await rig.seconds(20)
            assert not rig.stops() and rig.phase in ON_BELT
            said = [line for line in rig.story() if "a page of today" in line]
            assert len(said) == 1 and "the session goes on" in said[0]

    in_virtual_time(session())


def test_a_fault_in_the_picture_ends_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week()) as rig:
            rig.coach.listen(lambda _snapshot: None)
            await rig.walk()
            monkeypatch.setattr(snapshot, "take", broken)
            await rig.seconds(20)
            assert not rig.stops() and rig.phase in ON_BELT
            rig.ask(IntentKind.STOP)
            await rig.at(Phase.STOPPED, 60)

    in_virtual_time(session())


@pytest.mark.parametrize("part", ["accept", "cadence_spm", "tick", "on_link"])
def test_a_fault_of_the_form_watch_ends_no_session(part: str) -> None:
    async def session() -> None:
        async with Claims(ceiling=wide_week()) as rig:
            await rig.walk()
            setattr(rig.controller.form, part, broken)
            rig.ask(IntentKind.ACCEPT)
            await rig.seconds(5)
            assert not rig.stops() and rig.phase in ON_BELT
            if part != "on_link":
                assert rig.controller.form is None and rig.said("Running form is not watched any more")

    in_virtual_time(session())
