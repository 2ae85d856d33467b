"""The house's scheduler: what is due today, looked up again and again, so that every page can say it."""

import asyncio
import logging
from datetime import datetime
from typing import Any

from treadcoach.app.desk import Desk
from treadcoach.app.views.training import due, outlook
from treadcoach.core.errors import TreadcoachError

EVERY_S = 30.0
_LOG = logging.getLogger(__name__)


class Agenda:
    """due: today's session of the plan, while it is to be run; None without one. outlook: for messages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.due: dict[str, Any] | None = None
        self.outlook: dict[str, Any] = {}

    def changed(self) -> None:
        """Something was decided or said: look again now. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._changed.set)

    async def keep(self) -> None:
        """Look every half minute, and after every change, until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            try:
                self.due, self.outlook = await asyncio.to_thread(self._look, datetime.now())
            except TreadcoachError as error:
                # A file the owner is editing right now: the pages say the same when they are asked.
                _LOG.warning("what is due cannot be looked up: %s", error)
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _look(self, now: datetime) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        return due(self._desk, now), outlook(self._desk, now)
