"""A real mosquitto, started by the tests, and a client that listens to everything on it."""

import asyncio
import os
import shutil
import signal
import socket as sockets
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiomqtt
import pytest

from tests.support.ports import free_port

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
needs_mosquitto = pytest.mark.skipif(
    MOSQUITTO is None, reason="no mosquitto is installed (apt install mosquitto)"
)
UP_WITHIN_S = 10.0


class Broker:
    """One mosquitto on a port of its own. Without persistence: a restart makes it forget everything."""

    def __init__(self, folder: Path, *lines: str, port: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self._config = folder / "mosquitto.conf"
        said = lines or ("allow_anonymous true",)
        text = [f"listener {self.port} 127.0.0.1", "persistence false", "log_type none", *said]
        if os.geteuid() == 0:
            # As root, in a container, mosquitto would change its user and could not read the test's files.
            text.append("user root")
        self._config.write_text("\n".join(text) + "\n", encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Broker":
        assert MOSQUITTO is not None
        command = [MOSQUITTO, "-c", str(self._config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + UP_WITHIN_S
        while True:
            with suppress(OSError), sockets.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return self
            assert time.monotonic() < end and self._process.poll() is None, "mosquitto does not come up"
            time.sleep(0.02)  # another process: the wall clock is the only one there is

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=10)
        self._process = None

    def freeze(self) -> None:
        """It holds its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class Ear:
    """Everything that was said on a broker, in order."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[tuple[str, bytes, bool]] = []
        self._new = asyncio.Event()

    async def listen(self) -> None:
        async for message in self.client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            self.heard.append((str(message.topic), payload, bool(message.retain)))
            self._new.set()

    def on(self, topic: str) -> list[bytes]:
        return [payload for heard, payload, _ in self.heard if heard == topic]

    async def until(self, topic: str, count: int = 1, limit_s: float = 15.0) -> bytes:
        """The payload of the count-th message on a topic."""
        try:
            async with asyncio.timeout(limit_s):
                while len(self.on(topic)) < count:
                    self._new.clear()
                    await self._new.wait()
        except TimeoutError:
            topics = sorted({heard for heard, _, _ in self.heard})
            raise AssertionError(f"{count} on {topic} not within {limit_s} s; heard {topics}") from None
        return self.on(topic)[count - 1]


@asynccontextmanager
async def ear(port: int, **options: object) -> AsyncIterator[Ear]:
    """A client of the broker that hears everything, and may say something."""
    async with aiomqtt.Client("127.0.0.1", port, **options) as client:  # type: ignore[arg-type]  # as given
        found = Ear(client)
        await client.subscribe("#", qos=1)
        task = asyncio.create_task(found.listen())
        try:
            yield found
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await task
