"""A Bluetooth peripheral on the simulated air: what every virtual device has in common."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bumble import hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Service
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from treadcoach.virtual.air import Air, AirController

ADVERTISING_INTERVAL_MS = 100
Properties = Characteristic.Properties


def uuid16(number: int) -> UUID:
    return UUID.from_16_bits(number)


class VirtualPeripheral:
    """One radio. Subclasses give services and advertisement; `start` powers it on."""

    def __init__(self, air: Air, name: str, address: str) -> None:
        self.air = air
        self.name = name
        self.address = address
        self.connections: list[Connection] = []
        self.controller: AirController
        self.device: Device
        self._tasks: set[asyncio.Task[None]] = set()
        self._build()

    def _build(self) -> None:
        self.controller = self.air.controller(self.name)
        self.device = Device(
            name=self.name,
            address=hci.Address(self.address),
            host=Host(self.controller, AsyncPipeSink(self.controller)),
        )
        self.device.on(Device.EVENT_CONNECTION, self._on_connection)

    def services(self) -> list[Service]:
        raise NotImplementedError  # every virtual device has its own

    def advertisement(self) -> list[tuple[AdvertisingData.Type, bytes]]:
        raise NotImplementedError  # every virtual device has its own

    def on_connected(self, connection: Connection) -> None:
        """A central connected."""

    def on_disconnected(self, connection: Connection) -> None:
        """Its link ended, for whatever reason."""

    @property
    def now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def start(self) -> None:
        self.device.add_services(self.services())
        await self.device.power_on()
        await self.advertise()

    async def advertise(self) -> None:
        said: list[Any] = [
            (AdvertisingData.FLAGS, b"\x06"),
            *self.advertisement(),
            (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()),
        ]
        await self.device.start_advertising(
            auto_restart=True,
            advertising_data=bytes(AdvertisingData(said)),
            advertising_interval_min=ADVERTISING_INTERVAL_MS,
            advertising_interval_max=ADVERTISING_INTERVAL_MS,
        )

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await self.device.power_off()
        self.air.remove_controller(self.controller)

    def cut_radio(self) -> None:
        """The radio falls silent: links end by timeout. It advertises again at once."""
        self.air.cut(self.controller)

    async def silence(self) -> None:
        """The radio is off: no link, no advertisement. The machine itself goes on."""
        await self.device.stop_advertising()
        self.air.cut(self.controller)
        await self.device.stop_advertising()

    async def drop_links(self) -> None:
        """The peripheral itself ends every link."""
        for connection in list(self.connections):
            await connection.disconnect()

    async def notify(self, characteristic: Characteristic[bytes], value: bytes) -> None:
        await self.device.notify_subscribers(characteristic, value)

    def _on_connection(self, connection: Connection) -> None:
        self.connections.append(connection)

        def gone(_reason: int) -> None:
            self.connections.remove(connection)
            self.on_disconnected(connection)

        connection.on(Connection.EVENT_DISCONNECTION, gone)
        self.on_connected(connection)
