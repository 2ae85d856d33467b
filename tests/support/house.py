"""A house's parts, put together as its process does it, and a coach at the other end of its sockets."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from treadcoach.app.agenda import Agenda
from treadcoach.app.asked import AskedDesk
from treadcoach.app.channel import Channel
from treadcoach.app.desk import Desk
from treadcoach.app.house_messages import Answer, HousePrepare, HouseWish, Picture, from_house
from treadcoach.house.messages import Messages
from treadcoach.web.api import Parts

IDLE = Picture(state="idle", message="", session_id=None, snapshot=None)


class ScriptedCoach:
    """Writes down what it is asked, and answers; says the pictures that a test gives it."""

    def __init__(self, sock: sockets.socket, first: Picture = IDLE) -> None:
        self._sock = sock
        self._first = first
        self.asked: list[Any] = []
        self.refuse: str | None = None
        self.silent = False
        self.is_there = asyncio.Event()

    @property
    def wishes(self) -> list[str]:
        return [asked.kind.value for asked in self.asked if isinstance(asked, HouseWish)]

    @property
    def preparations(self) -> int:
        return sum(1 for asked in self.asked if isinstance(asked, HousePrepare))

    async def run(self) -> None:
        reader, self.writer = await asyncio.open_connection(sock=self._sock)
        self.show(self._first)
        self.is_there.set()
        while line := await reader.readline():
            asked = from_house.validate_json(line)
            self.asked.append(asked)
            if not self.silent:
                self.writer.write(Answer(id=asked.id, refused=self.refuse).model_dump_json().encode() + b"\n")

    def show(self, picture: Picture) -> None:
        self.writer.write(picture.model_dump_json().encode() + b"\n")


def parts_of_house(channel: Channel, desk: Desk) -> Parts:
    agenda, asked = Agenda(desk), AskedDesk()
    return Parts(channel, desk, agenda, asked, Messages(channel, desk, agenda, asked))


@asynccontextmanager
async def channel_to_a_coach(first: Picture = IDLE) -> AsyncIterator[tuple[Channel, ScriptedCoach]]:
    """A real pair of sockets with a scripted coach at its end."""
    ours, theirs = sockets.socketpair()
    coach = ScriptedCoach(theirs, first)
    running = asyncio.create_task(coach.run())
    reader, writer = await asyncio.open_connection(sock=ours)
    channel = Channel(reader, writer)
    listening = asyncio.create_task(channel.listen())
    await coach.is_there.wait()
    try:
        yield channel, coach
    finally:
        for task in (running, listening):
            task.cancel()
        await asyncio.gather(running, listening, return_exceptions=True)
        coach.writer.close()
        writer.close()
