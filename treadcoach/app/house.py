"""The coach's side of the house: starts its process, starts it again when it dies, and talks to it.

The pair of sockets is made here and handed over when the process is started, so that nobody else can
hold the other end. A house that is slow loses old pictures; one that hangs or dies costs the session nothing.
"""

import asyncio
import os
import socket as sockets
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Protocol

from pydantic import ValidationError

from treadcoach.app.house_messages import (
    MAX_LINE,
    Answer,
    HouseLook,
    HousePrepare,
    HouseWish,
    Picture,
    Preparation,
    from_house,
)
from treadcoach.app.service import ServicePicture
from treadcoach.core.errors import TreadcoachError
from treadcoach.core.intents import Intent

RESTART_S = (0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 30.0
"""A house that lived this long is started again at once."""
END_WITHIN_S = 6.0
MOST_WAITING_OCTETS = 262_144


class Service(Protocol):
    """Whose sessions the pages show, and who hears what is asked for on them."""

    picture: ServicePicture

    def listen(self, listener: Callable[[ServicePicture], None]) -> None: ...
    def request(self, intent: Intent) -> asyncio.Future[str | None] | None: ...
    def prepare(self, what: Preparation) -> asyncio.Future[str | None]: ...
    def look(self) -> None: ...


class House:
    """One house process for one service."""

    def __init__(self, service: Service, options: Sequence[str], secrets: Mapping[str, str]) -> None:
        """secrets: what the house has to know and no list of processes may show; by the environment."""
        self._service = service
        self._options = list(options)
        self._secrets = dict(secrets)
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.starts = 0
        service.listen(self._publish)

    async def keep(self) -> None:
        """Start it, and again whenever it is gone, until cancelled."""
        quick = 0
        try:
            while True:
                began = asyncio.get_running_loop().time()
                await self._live()
                lived = asyncio.get_running_loop().time() - began
                quick = 0 if lived > STEADY_S else quick + 1
                await asyncio.sleep(RESTART_S[min(quick, len(RESTART_S) - 1)])
        finally:
            self._end()
            if self._process is not None:
                # Its port is free again when this has ended.
                with suppress(TimeoutError):
                    async with asyncio.timeout(END_WITHIN_S):
                        await self._process.wait()

    def _end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()

    async def _live(self) -> None:
        """One life of the house."""
        ours, theirs = sockets.socketpair()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", "treadcoach.house", "--channel", str(number), *self._options]
            # Ctrl-C in the terminal is for the coach, which ends the house when the belt stands.
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *command, pass_fds=(number,), start_new_session=True, env=os.environ | self._secrets
                )
            except OSError as error:
                ours.close()
                raise TreadcoachError(f"the pages cannot be started: {error}") from error
        self.starts += 1
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=MAX_LINE)
        self._publish(self._service.picture)
        try:
            while line := await reader.readline():
                self._answer(line)
        except (ConnectionError, ValueError):
            # It died in the middle of a line, or sent one longer than any message.
            self._end()
        finally:
            self._writer.close()
            self._writer = None
        await self._process.wait()

    def _answer(self, line: bytes) -> None:
        try:
            asked = from_house.validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            self._send(Answer(id=-1, refused=f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))
            return
        refused, outcome = None, None
        try:
            match asked:
                case HouseWish():
                    outcome = self._service.request(Intent(asked.kind, asked.source, asked.amount))
                case HousePrepare():
                    outcome = self._service.prepare(asked.what)
                case HouseLook():
                    self._service.look()
        except TreadcoachError as error:
            refused = str(error)
        if outcome is None:
            self._send(Answer(id=asked.id, refused=refused))
        else:
            # Not known yet; meanwhile the next wish, a STOP perhaps, is granted.
            outcome.add_done_callback(partial(self._answer_later, asked.id))

    def _answer_later(self, number: int, outcome: asyncio.Future[str | None]) -> None:
        if outcome.cancelled():
            refused: str | None = "called off"
        elif (error := outcome.exception()) is not None:
            refused = f"treadcoach has a fault: {type(error).__name__}: {error}"
        else:
            refused = outcome.result()
        self._send(Answer(id=number, refused=refused))

    def _publish(self, picture: ServicePicture) -> None:
        writer = self._writer
        if writer is None or writer.transport.get_write_buffer_size() > MOST_WAITING_OCTETS:
            return  # nobody there, or too slow: it gets the next one
        shown = None if picture.snapshot is None else asdict(picture.snapshot)
        self._send(
            Picture(
                state=picture.state.value,
                message=picture.message,
                session_id=picture.session_id,
                snapshot=shown,
                simulated=picture.simulated,
                heard=None if picture.heard is None else list(picture.heard),
            )
        )

    def _send(self, message: Answer | Picture) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(message.model_dump_json().encode() + b"\n")
