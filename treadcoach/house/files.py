"""Finished sessions' files, handed on by a process of its own: making one takes a core and megabytes."""

import asyncio
import logging
import sys
from collections.abc import Sequence

from treadcoach.app.channel import Channel
from treadcoach.app.desk import Desk
from treadcoach.app.handing_on import HandingOn
from treadcoach.core.errors import TreadcoachError

EVERY_S = 60.0
_LOG = logging.getLogger(__name__)


class Files:
    """Looks after each session, and every minute for what has to be tried again."""

    def __init__(self, channel: Channel, desk: Desk, options: Sequence[str]) -> None:
        self._channel = channel
        self._handing_on = HandingOn(desk)
        self._command = [sys.executable, "-m", "treadcoach", "sessions", "hand-on", *options]
        self._ended = asyncio.Event()

    async def keep(self) -> None:
        """Until cancelled."""
        following = asyncio.create_task(self._follow())
        try:
            while True:
                self._ended.clear()
                await self._look()
                try:
                    async with asyncio.timeout(EVERY_S):
                        await self._ended.wait()
                except TimeoutError:
                    pass
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _look(self) -> None:
        try:
            if not await asyncio.to_thread(self._handing_on.due, of_all=True):
                return
        except TreadcoachError as error:
            _LOG.warning("files cannot be handed on: %s", error)
            return
        process = await asyncio.create_subprocess_exec(*self._command, stdin=asyncio.subprocess.DEVNULL)
        await process.wait()

    async def _follow(self) -> None:
        """A session ends when a picture says that there is none any more."""
        last: int | None = None
        async with self._channel.follow(own=True) as pictures:
            while True:
                now = (await pictures.get()).session_id
                if last is not None and now != last:
                    self._ended.set()
                last = now
