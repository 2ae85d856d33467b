"""One radio link to one treadmill, on bleak: raw notifications in, cleared orders and STOP out."""

import asyncio
import logging
from collections.abc import Callable

from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from treadcoach.core.errors import LinkError
from treadcoach.core.machine import Machine
from treadcoach.devices.connecting import CONNECT_S, connect, end, making
from treadcoach.devices.control_channel import ControlChannel
from treadcoach.guard.gate import ClearedOrder
from treadcoach.wire import uuids
from treadcoach.wire.advert import printable
from treadcoach.wire.features import decode_features, decode_incline_range, decode_speed_range
from treadcoach.wire.machine_status import StatusOp
from treadcoach.wire.octets import FrameError

log = logging.getLogger(__name__)

READ_S = 3.0
DESCRIBE_S = 12.0
SUBSCRIBE_SPACING_S = 0.1
"""Subscriptions closer together than about 30 ms are dropped by some machines."""

FrameCallback = Callable[[str, str, bytes], None]
"""(device, characteristic, octets), called as each notification arrives."""


class TreadmillLink:
    """A link that is good for one connection; after a loss a new one is made."""

    def __init__(
        self,
        device: BLEDevice | str,
        on_frame: FrameCallback,
        on_lost: Callable[[], None],
        *,
        takes_mph: bool = False,
    ) -> None:
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._takes_mph = takes_mph
        self._closing = False
        self._early_stop: asyncio.Task[str] | None = None
        self._lost = False
        self._client = BleakClient(
            device, disconnected_callback=lambda _client: self._disconnected(), timeout=CONNECT_S
        )
        self.address = device if isinstance(device, str) else device.address
        heard = "" if isinstance(device, str) else device.name or ""
        self.name = printable(heard) or self.address
        self.control = ControlChannel(self._client, takes_mph=takes_mph)

    @property
    def is_connected(self) -> bool:
        return bool(self._client.is_connected) and not self._lost

    async def connect(self) -> Machine:
        """Connect, subscribe and read what the machine is. Raises LinkError; leaves no half link."""
        async with making(f"{self.name}: no link to the treadmill", self.close):
            # Two spans: a machine that is heard late must not lose its good link over what is read next.
            async with asyncio.timeout(CONNECT_S):
                await connect(self._client)
            async with asyncio.timeout(DESCRIBE_S):
                machine = await self._describe()
                await self._subscribe()
        return machine

    async def reconnect(self, *, owes_stop: Callable[[], bool], may_move: bool) -> None:
        """Connect again to a machine that is known, and read nothing. Raises LinkError; leaves no half link.

        owes_stop: asked once the link is there; then STOP leaves ahead of everything else. may_move:
        control may be requested for it; never of a machine that is ready.
        """
        async with making(f"{self.name}: no link to the treadmill", self.close):
            async with asyncio.timeout(CONNECT_S):
                await connect(self._client)
            if owes_stop() and self._has(uuids.CONTROL_POINT):
                stop = self.control.stop(may_move=may_move)
                self._early_stop = asyncio.get_running_loop().create_task(stop)
            self.control.is_being_made = True
            async with asyncio.timeout(DESCRIBE_S):
                await self._subscribe()
            self.control.is_being_made = False
            if not self.is_connected:
                raise BleakError("it was lost again at once")

    async def _describe(self) -> Machine:
        features = await self._decoded(uuids.FEATURE, decode_features)
        speed = await self._decoded(uuids.SPEED_RANGE, decode_speed_range)
        incline = await self._decoded(uuids.INCLINE_RANGE, decode_incline_range)
        said = features.target if features is not None and not features.truncated else None
        return Machine(
            address=self.address,
            name=self.name,
            manufacturer=await self._text(uuids.MANUFACTURER_NAME),
            model=await self._text(uuids.MODEL_NUMBER),
            speed_range=speed,
            incline_range=incline,
            # A range that can be read is believed where the feature bits say nothing.
            can_set_speed=said is None or "speed" in said or (not said and speed is not None),
            can_set_incline=said is None or "inclination" in said or (not said and incline is not None),
            has_control_point=self._has(uuids.CONTROL_POINT),
            takes_mph=self._takes_mph,
        )

    def _has(self, uuid: str) -> bool:
        return self._client.services.get_characteristic(uuid) is not None

    async def _read(self, uuid: str) -> bytes | None:
        if not self._has(uuid):
            return None
        try:
            async with asyncio.timeout(READ_S):
                return bytes(await self._client.read_gatt_char(uuid))
        except (BleakError, TimeoutError) as error:
            log.info("%s: %s cannot be read: %s", self.name, uuids.short(uuid), error)
            return None

    async def _decoded[T](self, uuid: str, decode: Callable[[bytes], T]) -> T | None:
        data = await self._read(uuid)
        if data is None:
            return None
        try:
            return decode(data)
        except FrameError as error:
            log.info("%s: %s", self.name, error)
            return None

    async def _text(self, uuid: str) -> str | None:
        data = await self._read(uuid)
        return None if data is None else printable(data.decode("utf-8", errors="replace")) or None

    async def _subscribe(self) -> None:
        if not self._has(uuids.TREADMILL_DATA):
            raise BleakError("the machine has no Treadmill Data; it cannot be watched")
        for uuid in (
            uuids.CONTROL_POINT,
            uuids.MACHINE_STATUS,
            uuids.TRAINING_STATUS,
            uuids.TREADMILL_DATA,
        ):
            if self._has(uuid):
                await self._client.start_notify(uuid, self._receiver(uuid))
                await asyncio.sleep(SUBSCRIBE_SPACING_S)

    def _receiver(self, uuid: str) -> Callable[[object, bytearray], None]:
        short = uuids.short(uuid)

        def receive(_characteristic: object, data: bytearray) -> None:
            octets = bytes(data)
            if uuid == uuids.CONTROL_POINT:
                self.control.on_indication(octets)
            elif uuid == uuids.MACHINE_STATUS and octets[:1] in (
                bytes((StatusOp.CONTROL_LOST,)),
                bytes((StatusOp.RESET,)),
            ):
                self.control.on_control_lost()
            self._on_frame("treadmill", short, octets)

        return receive

    async def take_control(self) -> None:
        if not self._has(uuids.CONTROL_POINT):
            raise LinkError("this machine cannot be controlled: it has no control point")
        await self.control.take_control()

    async def drive(self, order: ClearedOrder) -> str:
        """Only a cleared order moves the belt. The machine's answer; raises LinkError, GuardError."""
        return await self.control.drive(order)

    async def stop(self, *, may_move: bool) -> str:
        """STOP on its own path; see ControlChannel.stop."""
        if not self.is_connected:
            return "link lost"
        return await self.control.stop(may_move=may_move)

    async def close(self) -> None:
        """End the link. The belt is not stopped by this."""
        self._closing = True
        await self.control.close()
        if self._early_stop is not None and not self._early_stop.done():
            self._early_stop.cancel()
            await asyncio.wait({self._early_stop})
        await end(self._client.disconnect(), self.name)

    def _disconnected(self) -> None:
        if self._lost:
            return
        self._lost = True
        self.control.on_control_lost()
        if not self._closing:
            self._on_lost()
