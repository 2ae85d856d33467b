"""One radio link to a body sensor: heart rate, running speed & cadence, and any known inertial stream."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from bleak import BleakClient
from bleak.backends.device import BLEDevice

from treadcoach.devices.connecting import CONNECT_S, connect, end, making
from treadcoach.devices.treadmill import FrameCallback
from treadcoach.wire import uuids
from treadcoach.wire.inertial import InertialSource
from treadcoach.wire.inertial_sources import SOURCES

ANSWER_S = 2.0
SIZE_S = 2.0
SIZE_LOOK_S = 0.1
ATT_HEAD_OCTETS = 3


class StrapLink:
    """A link that is good for one connection. `name` marks its frames; `notes` says what was refused."""

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
        self.notes: list[str] = []
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._acceleration = acceleration
        self._streaming: list[InertialSource] = []
        self._refusal: asyncio.Future[str | None] | None = None
        self._closing = False
        self._client = BleakClient(
            device, disconnected_callback=lambda _client: self._disconnected(), timeout=CONNECT_S
        )

    async def connect(self) -> list[str]:
        """Connect and subscribe to what it has; the names found. Raises LinkError."""
        found = []
        async with making(f"{self.name}: no link", self.close):
            async with asyncio.timeout(CONNECT_S):
                await connect(self._client)
                for uuid in (uuids.HEART_RATE_MEASUREMENT, uuids.RSC_MEASUREMENT):
                    if self._client.services.get_characteristic(uuid) is not None:
                        await self._client.start_notify(uuid, self._receiver(uuids.short(uuid)))
                        found.append(uuids.short(uuid))
                for source in SOURCES if self._acceleration else ():
                    if self._client.services.get_characteristic(source.notify_uuid) is None:
                        continue
                    if await self._start(source):
                        found.append(source.name)
        return found

    async def _start(self, source: InertialSource) -> bool:
        """Subscribe and start one stream; false, with a note, when the sensor will not have it."""
        mtu = await self._agreed_mtu(source)
        if mtu < source.min_mtu:
            self.notes.append(
                f"{source.label}: the link's packets are too small"
                f" ({mtu} octets, {source.min_mtu} are needed)"
            )
            return False
        self._refusal = asyncio.get_running_loop().create_future()
        answers = source.control_uuid is not None and source.subscribe_control
        if answers and source.control_uuid is not None:
            await self._client.start_notify(source.control_uuid, self._answered(source))
        receiver = self._receiver(source.name)
        if not answers:
            receiver = self._listening(source, receiver)
        await self._client.start_notify(source.notify_uuid, receiver)
        if source.control_uuid is None:
            return True
        # From the first start on, a stop is owed: a sensor that is left streaming stays awake.
        self._streaming.append(source)
        for command in source.start:
            await self._client.write_gatt_char(source.control_uuid, command, response=True)
        refused = None
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                refused = await self._refusal
        if refused is not None:
            self.notes.append(f"{source.label}: the sensor refused it ({refused})")
            return False
        return True

    async def _agreed_mtu(self, source: InertialSource) -> int:
        """The link's ATT_MTU in octets, as soon as it is enough for this stream, or after SIZE_S.

        By the characteristic: bleak's `mtu_size` is 23 on every Linux. Some systems tell the size a
        moment after the link is up.
        """
        characteristic = self._client.services.get_characteristic(source.notify_uuid)
        assert characteristic is not None  # whoever asks has found it
        for _ in range(round(SIZE_S / SIZE_LOOK_S)):
            if characteristic.max_write_without_response_size + ATT_HEAD_OCTETS >= source.min_mtu:
                break
            await asyncio.sleep(SIZE_LOOK_S)
        return characteristic.max_write_without_response_size + ATT_HEAD_OCTETS

    def _answered(self, source: InertialSource) -> Callable[[object, bytearray], None]:
        def take(_characteristic: object, data: bytearray) -> None:
            if self._refusal is not None and not self._refusal.done():
                self._refusal.set_result(source.refused(bytes(data)))

        return take

    def _listening(
        self, source: InertialSource, receiver: Callable[[object, bytearray], None]
    ) -> Callable[[object, bytearray], None]:
        """For a sensor whose answers come the same way as its samples: the first packet is the answer."""
        answered = self._answered(source)

        def take(characteristic: object, data: bytearray) -> None:
            answered(characteristic, data)
            receiver(characteristic, data)

        return take

    def _receiver(self, short: str) -> Callable[[object, bytearray], None]:
        return lambda _characteristic, data: self._on_frame(self.name, short, bytes(data))

    async def close(self) -> None:
        """End the link; a stream is stopped first, or the sensor stays awake."""
        self._closing = True
        await end(self._end(), self.name)

    async def _end(self) -> None:
        for source in self._streaming if self._client.is_connected else ():
            for command in source.stop if source.control_uuid is not None else ():
                await self._client.write_gatt_char(source.control_uuid or "", command, response=True)
        await self._client.disconnect()

    def _disconnected(self) -> None:
        if not self._closing:
            self._closing = True
            self._on_lost()
