"""The house's side of the pair of sockets to the coach's process."""

import asyncio
import itertools
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from treadcoach.app.house_messages import (
    MAX_LINE,
    Answer,
    HouseLook,
    HousePrepare,
    HouseWish,
    Picture,
    Preparation,
    to_house,
)
from treadcoach.core.errors import LinkError
from treadcoach.core.intents import IntentKind

ANSWER_WITHIN_S = 3.0
ASKED_WITHIN_S = 15.0
"""Where the coach asks the store first, what the day allows."""
MOST_FOLLOWERS = 64


class Channel:
    """Pictures in, requests out. `gone` is set when the coach's process has ended."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[str | None]] = {}
        self._followers: set[asyncio.Queue[Picture]] = set()
        self.latest = Picture(state="idle", message="", session_id=None, snapshot=None)
        self.gone = asyncio.Event()

    async def listen(self) -> None:
        """Read until the coach hangs up."""
        try:
            while line := await self._reader.readline():
                message = to_house.validate_json(line)
                if isinstance(message, Answer):
                    waiting = self._answers.pop(message.id, None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(message.refused)
                else:
                    self._publish(message)
        finally:
            self.gone.set()
            for waiting in self._answers.values():
                if not waiting.done():
                    waiting.set_exception(LinkError("the coach is gone"))

    def _publish(self, picture: Picture) -> None:
        self.latest = picture
        for queue in self._followers:
            if queue.full():
                queue.get_nowait()  # a slow reader loses old pictures, and holds up nobody
            queue.put_nowait(picture)

    async def wish(self, kind: IntentKind, source: str, amount: float = 0.0) -> str | None:
        """Ask for something; None, or why it was refused. Raises LinkError without an answer."""
        wish = HouseWish(id=next(self._numbers), kind=kind, source=source, amount=amount)
        return await self._ask(wish, ASKED_WITHIN_S if kind is IntentKind.START else ANSWER_WITHIN_S)

    async def prepare(self, what: Preparation) -> str | None:
        """Ask for a session; None, or why it was refused. Raises LinkError without an answer."""
        return await self._ask(HousePrepare(id=next(self._numbers), what=what), ASKED_WITHIN_S)

    async def look(self) -> str | None:
        """Ask which devices are there; the pictures that follow have them."""
        return await self._ask(HouseLook(id=next(self._numbers)))

    async def _ask(
        self, request: HouseWish | HousePrepare | HouseLook, within_s: float = ANSWER_WITHIN_S
    ) -> str | None:
        if self.gone.is_set():
            raise LinkError("the coach is gone")
        waiting: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._answers[request.id] = waiting
        self._writer.write(request.model_dump_json().encode() + b"\n")
        try:
            async with asyncio.timeout(within_s):
                return await waiting
        except TimeoutError:
            raise LinkError(f"the coach did not answer within {within_s:g} s") from None
        finally:
            self._answers.pop(request.id, None)

    @asynccontextmanager
    async def follow(self, *, own: bool = False) -> AsyncIterator[asyncio.Queue[Picture]]:
        """A queue of pictures, the latest first. Raises LinkError when too many listen.

        own: a part of the house itself, which no number of listeners keeps out.
        """
        if not own and len(self._followers) >= MOST_FOLLOWERS:
            raise LinkError(f"at most {MOST_FOLLOWERS} listeners at once")
        queue: asyncio.Queue[Picture] = asyncio.Queue(maxsize=2)
        queue.put_nowait(self.latest)
        self._followers.add(queue)
        try:
            yield queue
        finally:
            self._followers.discard(queue)


async def open_channel(number: int) -> Channel:
    """The channel on an inherited descriptor."""

    reader, writer = await asyncio.open_connection(sock=sockets.socket(fileno=number), limit=4 * MAX_LINE)
    return Channel(reader, writer)
