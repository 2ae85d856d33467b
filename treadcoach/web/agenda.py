"""The house's scheduler: what is due today, looked up again and again, so that every page can say it."""

import asyncio
import logging
from datetime import datetime
from typing import Any

from treadcoach.app.desk import Desk
from treadcoach.app.views.training import due
from treadcoach.core.errors import TreadcoachError

EVERY_S = 30.0
_LOG = logging.getLogger(__name__)


class Agenda:
    """Today's session of the plan, while it is to be run; None without one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.due: dict[str, Any] | None = None

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
                self.due = await asyncio.to_thread(due, self._desk, datetime.now())
            except TreadcoachError as error:
                # A file the owner is editing right now: the pages say the same when they are asked.
                _LOG.warning("what is due cannot be looked up: %s", error)
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._changed.wait()
            except TimeoutError:
                pass
