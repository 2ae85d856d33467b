"""The link to a real mosquitto: login, TLS, restarts, a broker that hangs, and what is asked over it."""

import asyncio
import json
import shutil
import socket as sockets
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.broker import Broker, Ear, ear, needs_mosquitto
from tests.support.house import IDLE, ScriptedCoach, channel_to_a_coach
from treadcoach.app.agenda import Agenda
from treadcoach.app.asked import AskedDesk
from treadcoach.app.broker import PASSWORD_FILE
from treadcoach.app.channel import Channel
from treadcoach.app.config import Folders
from treadcoach.app.desk import Desk
from treadcoach.app.house_messages import Picture
from treadcoach.mqtt.client import BrokerLink
from treadcoach.store.opening import open_engine

# Processes and sockets of others: the wall clock is the only one there is.
pytestmark = [needs_mosquitto, pytest.mark.real_time]

ROOT = "treadcoach/gym"
DISCOVERY = "homeassistant/device/treadcoach_gym/config"
SEEN: dict[str, Any] = {
    "phase": "main", "speed_kmh": 6.0, "target_kmh": 6.0, "incline_percent": 2.0, "ordered_percent": 2.0,
    "distance_m": 500.0, "belt_time_s": 60.0, "left_s": 900.0, "heart_rate_bpm": 120, "cadence_spm": None,
    "link_up": True, "why": "", "alarm": None, "machine": "a treadmill", "form": None,
}  # fmt: skip


def session(**changes: Any) -> Picture:
    return Picture(state="session", message="", session_id=3, snapshot=SEEN | changes)


class House:
    """The part of a house that talks to a broker."""

    def __init__(self, link: BrokerLink, coach: ScriptedCoach, channel: Channel, asked: AskedDesk) -> None:
        self.link, self.coach, self.channel, self.asked = link, coach, channel, asked

    async def until(self, true: Callable[[], bool], limit_s: float = 10.0) -> None:
        end = time.monotonic() + limit_s
        while not true():
            assert time.monotonic() < end, f"not within {limit_s} s: {self.link.status}"
            await asyncio.sleep(0.01)

    async def connected(self) -> None:
        await self.until(lambda: self.link.status.startswith("connected"))


@asynccontextmanager
async def house(folder: Path, port: int, extra: str = "", first: Picture = IDLE) -> AsyncIterator[House]:
    places = Folders(folder, folder)
    (folder / "config.toml").write_text(
        f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\nnode = "gym"\n{extra}', encoding="utf-8"
    )
    engine = open_engine(places.journal)
    desk = Desk(places, engine)
    async with channel_to_a_coach(first) as (channel, coach):
        asked = AskedDesk()
        link = BrokerLink(channel, desk, Agenda(desk), asked)
        keeping = asyncio.create_task(link.keep())
        try:
            yield House(link, coach, channel, asked)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
    engine.dispose()


def with_broker(
    folder: Path, scenario: Callable[[House, Ear, Broker], Awaitable[None]], first: Picture = IDLE
) -> None:
    async def run() -> None:
        broker = Broker(folder / "broker").start()
        try:
            async with ear(broker.port) as listener, house(folder, broker.port, first=first) as found:
                await found.connected()
                await scenario(found, listener, broker)
        finally:
            broker.stop()

    asyncio.run(run())


def said(value: object = "PRESS", at: float | None = None) -> str:
    return json.dumps({"value": value, "at": time.time() if at is None else at})


def results(listener: Ear) -> list[tuple[str, str]]:
    found = [json.loads(payload) for payload in listener.on(f"{ROOT}/command_result")]
    return [(answer["command"], answer["result"]) for answer in found]


def test_it_says_that_it_is_there_what_it_has_and_how_it_stands(tmp_path: Path) -> None:
    async def scenario(found: House, listener: Ear, _: Broker) -> None:
        assert await listener.until(f"{ROOT}/availability") == b"online"
        assert len(json.loads(await listener.until(DISCOVERY))["components"]) > 20
        assert json.loads(await listener.until(f"{ROOT}/state"))["phase"] == "idle"
        found.coach.show(session())
        assert json.loads(await listener.until(f"{ROOT}/state", 2))["pulse_bpm"] == 120
        event = json.loads(await listener.until(f"{ROOT}/event"))
        assert (event["event_type"], event["session"]) == ("session_started", 3)
        # A picture every few milliseconds, each a little other: at most one state a second goes out.
        before, began = len(listener.on(f"{ROOT}/state")), time.monotonic()
        for at in range(200):
            found.coach.show(session(speed_kmh=6 + at / 100, distance_m=500.0 + 10 * at))
            await asyncio.sleep(0.01)
        lasted = time.monotonic() - began
        assert len(listener.on(f"{ROOT}/state")) - before <= lasted + 2
        found.coach.show(IDLE)
        await listener.until(f"{ROOT}/event", 2)

    with_broker(tmp_path, scenario)


def test_a_clean_end_says_offline_and_a_death_is_said_by_the_broker(tmp_path: Path) -> None:
    async def run() -> None:
        broker = Broker(tmp_path / "broker").start()
        try:
            async with ear(broker.port) as listener:
                async with house(tmp_path, broker.port) as found:
                    await found.connected()
                assert await listener.until(f"{ROOT}/availability", 2) == b"offline"
                async with house(tmp_path, broker.port) as found:
                    await found.connected()
                    await listener.until(f"{ROOT}/availability", 3)
                    # The line is cut without a goodbye: the broker says the last will.
                    task = next(t for t in asyncio.all_tasks() if "_listen" in repr(t.get_coro()))
                    client = task.get_coro().cr_frame.f_locals["client"]  # type: ignore[union-attr]  # a coroutine
                    client._client.socket().shutdown(sockets.SHUT_RDWR)
                    assert await listener.until(f"{ROOT}/availability", 4) == b"offline"
                    assert await listener.until(f"{ROOT}/availability", 5, 30) == b"online", "and it is back"
        finally:
            broker.stop()

    asyncio.run(run())


def test_discovery_is_said_again_after_a_broker_forgot_and_at_home_assistants_birth(tmp_path: Path) -> None:
    async def run() -> None:
        broker = Broker(tmp_path / "broker").start()
        try:
            async with house(tmp_path, broker.port, first=session()) as found:
                await found.connected()
                async with ear(broker.port) as listener:
                    await listener.until(DISCOVERY)
                    await listener.client.publish("homeassistant/status", "online", qos=1)
                    await listener.until(DISCOVERY, 2)
                    await listener.client.publish("homeassistant/status", "offline", qos=1)
                broker.kill()
                await found.until(lambda: "trying again" in found.link.status)
                broker.start()
                async with ear(broker.port) as listener:
                    assert json.loads(await listener.until(DISCOVERY, limit_s=30))["device"]
                    assert await listener.until(f"{ROOT}/availability") == b"online"
                    found.coach.show(session(speed_kmh=5.0))
                    await listener.until(f"{ROOT}/state")
        finally:
            broker.stop()

    asyncio.run(run())


def test_events_of_an_outage_are_said_when_the_broker_is_back(tmp_path: Path) -> None:
    async def run() -> None:
        broker = Broker(tmp_path / "broker")
        async with house(tmp_path, broker.port, first=session()) as found:
            await found.until(lambda: "trying again" in found.link.status)
            found.coach.show(session(alarm="the belt is too fast"))
            # A broker that keeps nothing has nobody to tell yet: the listener comes first, by a short breath.
            broker.start()
            try:
                async with ear(broker.port) as listener:
                    heard = json.loads(await listener.until(f"{ROOT}/event", 1, 30))
                    assert heard["event_type"] in ("session_started", "alarm")
            finally:
                broker.stop()

    asyncio.run(run())


def test_stop_and_pause_are_taken_and_the_rest_is_asked_or_refused(tmp_path: Path) -> None:
    async def scenario(found: House, listener: Ear, _: Broker) -> None:
        async def say(name: str, payload: str, *, retain: bool = False) -> None:
            before = len(results(listener))
            await listener.client.publish(f"{ROOT}/command/{name}", payload, qos=1, retain=retain)
            await listener.until(f"{ROOT}/command_result", before + 1)

        await say("stop", "PRESS")
        await say("pause", "")
        assert found.coach.wishes == ["stop", "pause"]
        await say("faster", said())
        assert found.asked.open is not None and found.asked.open.kind == "faster"
        await say("speed", said(5.0))
        assert found.coach.wishes == ["stop", "pause", "slower"]
        await asyncio.sleep(1.1)  # five a second are looked at
        await say("start", said())
        await listener.until(f"{ROOT}/command_result", 6)  # the start took the place of the faster
        at = time.time() + 1
        await say("steeper", said(at=at))
        await listener.until(f"{ROOT}/command_result", 8)
        await asyncio.sleep(1.1)
        await say("steeper", said(at=at))
        await say("faster", said(at=time.time() - 3600))
        await say("open the door", said())
        assert found.coach.wishes == ["stop", "pause", "slower"], "nothing was done by asking"
        assert found.coach.preparations == 0
        assert results(listener) == [
            ("stop", "done"), ("pause", "done"), ("faster", "asked"), ("speed", "done"),
            ("faster", "replaced"), ("start", "asked"),
            ("start", "replaced"), ("steeper", "asked"), ("steeper", "refused"), ("faster", "refused"),
            ("unknown", "refused"),
        ]  # fmt: skip

    with_broker(tmp_path, scenario, session())


def test_what_the_broker_kept_is_refused_when_the_link_comes_back(tmp_path: Path) -> None:
    async def run() -> None:
        broker = Broker(tmp_path / "broker").start()
        try:
            async with ear(broker.port) as listener:
                for name in ("stop", "pause", "start", "faster", "slower", "speed"):
                    topic = f"{ROOT}/command/{name}"
                    await listener.client.publish(topic, said(9.0), qos=1, retain=True)
                async with house(tmp_path, broker.port, first=session()) as found:
                    await listener.until(f"{ROOT}/command_result", 5)
                    await asyncio.sleep(0.3)
                    assert found.coach.asked == [] and found.asked.open is None
                    assert {result for _, result in results(listener)} == {"refused"}
        finally:
            broker.stop()

    asyncio.run(run())


def test_a_flood_leaves_room_for_stop(tmp_path: Path) -> None:
    async def scenario(found: House, listener: Ear, _: Broker) -> None:
        for at in range(2000):
            topic = f"{ROOT}/command/faster"
            await listener.client.publish(topic, said(at=time.time() + at / 1e6), qos=0)
            if at == 1000:
                await listener.client.publish(f"{ROOT}/command/stop", "x" * 50_000, qos=1)
        await found.until(lambda: "stop" in found.coach.wishes)
        for _ in range(500):
            await listener.client.publish(f"{ROOT}/command/stop", "", qos=0)
        await asyncio.sleep(1.0)
        assert set(found.coach.wishes) == {"stop"}
        assert len(results(listener)) < 600, "a flood is not answered by a flood"

    with_broker(tmp_path, scenario, session())


def test_a_broker_that_hangs_is_left_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treadcoach.mqtt.client.ANSWER_S", 1.0)

    async def scenario(found: House, _: Ear, broker: Broker) -> None:
        broker.freeze()
        longest = 0.0
        for at in range(300):  # three seconds of pictures while nothing is read at the other end
            found.coach.show(session(speed_kmh=5 + at / 100, alarm=f"alarm {at}"))
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        assert longest < 0.5, "the house's own loop was held up"
        assert len(found.link._unsaid) <= 50
        await found.until(lambda: not found.link.status.startswith("connected"), 20)
        broker.thaw()
        await found.until(lambda: found.link.status.startswith("connected"), 40)

    with_broker(tmp_path, scenario, session())


@asynccontextmanager
async def slow_line(to: int, late_s: float) -> AsyncIterator[int]:
    """A port behind which is that one, every octet so much later."""
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            await asyncio.sleep(late_s)
            writer.write(data)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection("127.0.0.1", to)
        writers.extend((writer, behind[1]))
        for pair in ((reader, behind[1]), (behind[0], writer)):
            tasks.add(asyncio.create_task(carry(*pair)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


def test_over_a_slow_line_only_what_is_new_is_said_and_stop_still_comes(tmp_path: Path) -> None:
    async def run() -> None:
        broker = Broker(tmp_path / "broker").start()
        try:
            async with (
                ear(broker.port) as listener,
                slow_line(broker.port, 0.7) as port,
                house(tmp_path, port, first=session()) as found,
            ):
                await found.connected()
                await listener.until(f"{ROOT}/state", limit_s=20)
                for at in range(300):  # more than such a line can carry
                    found.coach.show(session(speed_kmh=5 + at / 100, alarm=f"alarm {at}"))
                    await asyncio.sleep(0.01)
                await listener.client.publish(f"{ROOT}/command/stop", "", qos=1)
                await found.until(lambda: "stop" in found.coach.wishes, 3.0)
                assert len(found.link._unsaid) <= 50, "what waits is bounded"
                assert found.link.status.startswith("connected")
                assert len(listener.on(f"{ROOT}/state")) < 10
        finally:
            broker.stop()

    asyncio.run(run())


def _certificates(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate authority of the test's own, and a broker's certificate for 127.0.0.1."""
    authority, key, request, certificate = (folder / n for n in ("ca.pem", "key.pem", "req.pem", "cert.pem"))
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-subj", "/CN=a test's", "-days", "2", "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key.name, "-out", request.name, "-subj", "/CN=b"
    )
    openssl("x509", "-req", "-in", request.name, "-CA", authority.name, "-CAkey", "ca.key", "-CAcreateserial",
            "-out", certificate.name, "-days", "2", "-extfile", "ext")  # fmt: skip
    return authority, certificate, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl is installed")
# paho leaves the socket of a refused login to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_tls_and_a_login_and_what_is_wrong_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treadcoach.mqtt.client.ANSWER_S", 2.0)
    authority, certificate, key = _certificates(tmp_path)
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "coach", "right one"], check=True)
    lines = (
        f"certfile {certificate}",
        f"keyfile {key}",
        "allow_anonymous false",
        f"password_file {passwords}",
    )
    broker = Broker(tmp_path / "broker", *lines)

    async def status(extra: str, password: str | None) -> str:
        file = tmp_path / PASSWORD_FILE
        file.unlink(missing_ok=True)
        if password is not None:
            file.write_text(password, encoding="utf-8")
        async with house(tmp_path, broker.port, extra) as found:
            done = ("connected", "trying again")
            await found.until(lambda: any(word in found.link.status for word in done) and "connecting"
                              not in found.link.status)  # fmt: skip
            return found.link.status

    async def run() -> None:
        secure = f'tls = true\nca_file = "{authority}"\nusername = "coach"\n'
        assert (await status(secure, "right one\n")).startswith("connected")
        assert "not authori" in (await status(secure, "wrong one")).lower()
        assert "not authori" in (await status(f'tls = true\nca_file = "{authority}"\n', None)).lower()
        assert "certificate" in (await status('tls = true\nusername = "coach"\n', "right one")).lower()
        assert "trying again" in await status('username = "coach"\n', "right one")

    broker.start()
    try:
        asyncio.run(run())
    finally:
        broker.stop()
