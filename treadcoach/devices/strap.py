"""One radio link to a body sensor: heart rate, running speed & cadence, Polar acceleration."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from treadcoach.core.errors import LinkError
from treadcoach.devices.treadmill import FrameCallback
from treadcoach.wire import uuids
from treadcoach.wire.polar import START_ACCELERATION, STOP_ACCELERATION

CONNECT_S = 15.0
WRITE_S = 3.0
MTU_FOR_ACCELERATION = 229


class StrapLink:
    """A link that is good for one connection. `name` marks its frames."""

    def __init__(
        self,
        device: BLEDevice | str,
        name: str,
        on_frame: FrameCallback,
        on_lost: Callable[[], None],
        *,
        acceleration: bool = True,
    ) -> None:
        self.name = name
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._acceleration = acceleration
        self._streaming = False
        self._closing = False
        self._client = BleakClient(
            device, disconnected_callback=lambda _client: self._disconnected(), timeout=CONNECT_S
        )

    async def connect(self) -> list[str]:
        """Connect and subscribe to what it has; the characteristics found. Raises LinkError."""
        found = []
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._client.connect()
                for uuid in (uuids.HEART_RATE_MEASUREMENT, uuids.RSC_MEASUREMENT):
                    if self._client.services.get_characteristic(uuid) is not None:
                        await self._client.start_notify(uuid, self._receiver(uuids.short(uuid)))
                        found.append(uuids.short(uuid))
                if self._acceleration and await self._start_acceleration():
                    found.append("PMD")
        except (BleakError, TimeoutError, OSError, EOFError) as error:
            await self.close()
            raise LinkError(f"{self.name}: no link: {error or type(error).__name__}") from error
        except BaseException:
            await self.close()
            raise
        return found

    async def _start_acceleration(self) -> bool:
        has_it = self._client.services.get_characteristic(uuids.POLAR_PMD_DATA) is not None
        if not has_it or self._client.mtu_size < MTU_FOR_ACCELERATION:
            return False
        ignore: Callable[[object, bytearray], None] = lambda _characteristic, _data: None  # noqa: E731  # answers are not needed
        await self._client.start_notify(uuids.POLAR_PMD_CONTROL, ignore)
        await self._client.start_notify(uuids.POLAR_PMD_DATA, self._receiver("PMD"))
        self._streaming = True
        await self._client.write_gatt_char(uuids.POLAR_PMD_CONTROL, START_ACCELERATION, response=True)
        return True

    def _receiver(self, short: str) -> Callable[[object, bytearray], None]:
        return lambda _characteristic, data: self._on_frame(self.name, short, bytes(data))

    async def close(self) -> None:
        """End the link; the acceleration stream is stopped first, or the strap stays awake."""
        self._closing = True
        with suppress(BleakError, TimeoutError, OSError, EOFError):
            async with asyncio.timeout(WRITE_S):
                if self._streaming and self._client.is_connected:
                    await self._client.write_gatt_char(
                        uuids.POLAR_PMD_CONTROL, STOP_ACCELERATION, response=True
                    )
                await self._client.disconnect()

    def _disconnected(self) -> None:
        if not self._closing:
            self._closing = True
            self._on_lost()
