"""The radio of a process that connects: what BlueZ's daemon is on a real computer."""

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol

from bleak.backends.service import BleakGATTService
from bleak.exc import BleakError
from bumble import hci
from bumble.device import Connection, Device
from bumble.host import Host
from bumble.transport import open_transport
from bumble.transport.common import AsyncPipeSink

from treadcoach.virtual.air import Air, AirController, transport_of

CENTRAL_ADDRESS = "C0:FF:EE:00:00:01"
FORGETS_AFTER_S = 30.0


class Linked(Protocol):
    """A client that has a link."""

    @property
    def address(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def connection(self) -> Connection: ...
    @property
    def services(self) -> Iterable[BleakGATTService] | None: ...


class CentralRadio:
    """This process's one central adapter: on an air in this process, or one behind a socket."""

    current: "CentralRadio | None" = None

    def __init__(self, air: Air | str, address: str = CENTRAL_ADDRESS) -> None:
        self._air = air
        self._address = hci.Address(address)
        self._device: Device | None = None
        self._transport: Any = None
        self._opening = asyncio.Lock()
        self.connecting = asyncio.Lock()
        self._scans = 0
        self.controller: AirController | None = None
        self.linked: list[Linked] = []
        self._heard_at: dict[str, float] = {}

    def serves(self, air: Air | str) -> bool:
        """Whether this is the radio of that air, and nobody has hung up at its other end."""
        return self._air == air and (self._transport is None or not self._transport.source.terminated.done())

    async def open(self) -> Device:
        async with self._opening:
            if self._device is None:
                self._device = await self._power_on()
            return self._device

    async def _power_on(self) -> Device:
        if isinstance(self._air, Air):
            self.controller = self._air.controller("central")
            host = Host(self.controller, AsyncPipeSink(self.controller))
            device = Device(name="central", address=self._address, host=host)
        else:
            try:
                self._transport = await open_transport(transport_of(self._air))
            except OSError as error:
                raise BleakError(
                    f"there is no simulated air at {self._air} ('treadcoach sim' starts one): {error}"
                ) from error
            device = Device.with_hci("central", self._address, self._transport.source, self._transport.sink)
        await device.power_on()
        return device

    async def close(self) -> None:
        if self._device is not None:
            await self._device.power_off()
            self._device = None
        if self._transport is not None:
            await self._transport.close()
            self._transport = None

    async def scanning(self, change: int) -> None:
        """Count scanners; the radio scans while there is one."""
        device = await self.open()
        self._scans += change
        if self._scans == 1 and change == 1:
            await device.start_scanning(active=True)
        elif self._scans == 0:
            await device.stop_scanning()

    def hears(self, address: str) -> None:
        self._heard_at[address] = asyncio.get_running_loop().time()

    def knows(self, address: str) -> bool:
        """Like BlueZ, it forgets what it has neither heard nor been linked to for half a minute."""
        heard_at = self._heard_at.get(address)
        return heard_at is not None and asyncio.get_running_loop().time() - heard_at < FORGETS_AFTER_S


def current_radio() -> CentralRadio:
    """Raises BleakError when no air is set up."""
    if CentralRadio.current is None:
        raise BleakError("the simulated air is not set up")
    return CentralRadio.current
