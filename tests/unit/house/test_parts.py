"""The parts of a house: one that fails takes no other with it, and is begun anew."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import IDLE, ScriptedCoach, channel_to_a_coach
from treadcoach.app.agenda import Agenda
from treadcoach.app.asked import Asked, AskedDesk
from treadcoach.app.channel import MOST_FOLLOWERS, Channel
from treadcoach.app.config import Folders
from treadcoach.app.desk import Desk
from treadcoach.app.house_messages import Picture
from treadcoach.core.errors import LinkError
from treadcoach.core.intents import IntentKind
from treadcoach.house import files, messages
from treadcoach.house.files import Files
from treadcoach.house.messages import Messages
from treadcoach.mqtt.client import BrokerLink
from treadcoach.store.opening import open_engine


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Folders(tmp_path, tmp_path), open_engine(tmp_path / "journal.db"))


def with_channel(scenario: Callable[[Channel, ScriptedCoach], Awaitable[None]]) -> None:
    async def run() -> None:
        async with channel_to_a_coach() as (channel, coach):
            await scenario(channel, coach)

    asyncio.run(run())


async def until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not within ten seconds")


def test_messages_that_fail_begin_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (desk.places.config / "config.toml").write_text('[mqtt]\nhost = "127.0.0.1"\n', encoding="utf-8")
    begun: list[int] = []

    async def keep(_: BrokerLink) -> None:
        begun.append(1)
        if len(begun) == 1:
            raise RuntimeError("a fault of ours")
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(messages, "AGAIN_S", 0.01)
    monkeypatch.setattr(BrokerLink, "keep", keep)

    async def scenario(channel: Channel, _: ScriptedCoach) -> None:
        task = asyncio.create_task(Messages(channel, desk, Agenda(desk), AskedDesk()).keep())
        await until(lambda: len(begun) == 2)
        assert not task.done() and "a fault of ours" in caplog.text
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_channel(scenario)


def test_settings_that_cannot_be_read_are_a_status_and_a_broker_may_come_later(desk: Desk) -> None:
    path = desk.places.config / "config.toml"
    path.write_text('[mqtt]\nhost = "a b"\n', encoding="utf-8")

    async def scenario(channel: Channel, _: ScriptedCoach) -> None:
        found = Messages(channel, desk, Agenda(desk), AskedDesk())
        task = asyncio.create_task(found.keep())
        await until(lambda: "without a space" in found.status)
        path.write_text('[mqtt]\nhost = "127.0.0.1"\nport = 1\n', encoding="utf-8")
        found.changed()
        await until(lambda: "127.0.0.1:1" in found.status)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_channel(scenario)


def test_files_are_handed_on_when_a_session_has_ended(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due: list[bool] = []
    ran = tmp_path / "ran"
    monkeypatch.setattr(files, "EVERY_S", 3600.0)

    async def scenario(channel: Channel, coach: ScriptedCoach) -> None:
        part = Files(channel, desk, [])
        monkeypatch.setattr(part, "_command", ["touch", str(ran)])
        monkeypatch.setattr(part._handing_on, "due", lambda **_: due)
        task = asyncio.create_task(part.keep())
        coach.show(Picture(state="session", message="", session_id=7, snapshot=None))
        await asyncio.sleep(0.1)
        assert not ran.exists(), "nothing is due, and no process is started for it"
        due.append(True)
        coach.show(IDLE)
        await until(ran.exists)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_channel(scenario)


def test_no_number_of_listeners_keeps_the_houses_own_parts_out() -> None:
    async def scenario(channel: Channel, _: ScriptedCoach) -> None:
        async with asyncio.timeout(10):
            opened: list[Any] = [channel.follow() for _ in range(MOST_FOLLOWERS)]
            for one in opened:
                await one.__aenter__()
            with pytest.raises(LinkError, match="at most"):
                async with channel.follow():
                    pass
            async with channel.follow(own=True) as pictures:
                assert (await pictures.get()).state == "idle"
            for one in opened:
                await one.__aexit__(None, None, None)

    with_channel(scenario)


def test_a_request_is_told_once_what_became_of_it() -> None:
    async def run() -> list[tuple[str, str]]:
        told: list[tuple[str, str]] = []

        def tell(asked: Asked, what: str) -> None:
            told.append((asked.kind.value, what))

        table = AskedDesk()
        first = table.ask(IntentKind.FASTER, 0.5, "somebody", tell)
        second = table.ask(IntentKind.START, 0.0, "somebody", tell)
        assert table.answer(first.id, confirmed=True) is None, "it is not open any more"
        table.started()
        assert table.answer(second.id, confirmed=False) is None
        third = table.ask(IntentKind.STEEPER, 0.5, "somebody", tell)
        table.started()
        assert table.answer(third.id, confirmed=False) is not None
        return told

    assert asyncio.run(run()) == [("faster", "replaced"), ("start", "confirmed"), ("steeper", "declined")]
