"""Messages over a broker, as far as one is set: the library for it is loaded only then."""

import asyncio
import logging
from typing import TYPE_CHECKING

from treadcoach.app.agenda import Agenda
from treadcoach.app.asked import AskedDesk
from treadcoach.app.broker import load_broker
from treadcoach.app.channel import Channel
from treadcoach.app.desk import Desk
from treadcoach.core.errors import TreadcoachError

if TYPE_CHECKING:
    from treadcoach.mqtt.client import BrokerLink

AGAIN_S = 10.0
_LOG = logging.getLogger(__name__)


class Messages:
    """What the pages know of the broker: how it stands, and that its settings were changed."""

    def __init__(self, channel: Channel, desk: Desk, agenda: Agenda, asked: AskedDesk) -> None:
        self._parts = channel, desk, agenda, asked
        self._desk = desk
        self._changed = asyncio.Event()
        self._link: object | None = None
        self._status = "no broker is set"

    @property
    def status(self) -> str:
        """In words, for people."""
        return str(getattr(self._link, "status", self._status))

    def changed(self) -> None:
        """The settings were written: read them again. From the loop's own thread."""
        self._changed.set()

    async def keep(self) -> None:
        """Until cancelled."""
        while not await self._is_set():
            await self._changed.wait()
            self._changed.clear()
        # Ten megabytes that a house without a broker does not need.
        from treadcoach.mqtt import client  # noqa: PLC0415

        while True:
            link = client.BrokerLink(*self._parts)
            self._link = link
            keeping, telling = asyncio.create_task(link.keep()), asyncio.create_task(self._tell(link))
            try:
                await asyncio.wait({keeping})
            finally:
                keeping.cancel()
                telling.cancel()
                found = await asyncio.gather(keeping, telling, return_exceptions=True)
            # The pages go on without it, and it is tried again.
            _LOG.error("MQTT has a fault, and begins anew in %g s", AGAIN_S, exc_info=found[0])
            await asyncio.sleep(AGAIN_S)

    async def _tell(self, link: "BrokerLink") -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            link.settings_changed()

    async def _is_set(self) -> bool:
        try:
            return await asyncio.to_thread(load_broker, self._desk) is not None
        except TreadcoachError as error:
            self._status = str(error)
            _LOG.warning("MQTT: %s", error)
            return False
