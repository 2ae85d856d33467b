"""Virtual 6-axis sensors on a virtual runner: a Movesense, and a self-made one."""

import asyncio

from bumble.core import UUID, AdvertisingData
from bumble.device import Connection
from bumble.gatt import Characteristic, CharacteristicValue, Service

from treadcoach.core.body import Mount
from treadcoach.core.samples import InertialFrame
from treadcoach.core.units import GRAVITY_MPS2
from treadcoach.virtual.air import Air
from treadcoach.virtual.peripheral import Properties, VirtualPeripheral
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.wire import movesense, uuids
from treadcoach.wire.open_imu import encode_packet

MOVESENSE_ADDRESS = "F0:A0:10:00:00:20"
OPEN_IMU_ADDRESS = "F0:A0:10:00:00:30"
_READ, _WRITE = Characteristic.READABLE, Characteristic.WRITEABLE
_ATT_HEAD = 3


class VirtualImu(VirtualPeripheral):
    """What both have in common: a stream of packets of samples to whoever asked for it."""

    samples_a_packet = 8
    rate_hz = 104.0

    def __init__(self, air: Air, runner: VirtualRunner, mount: Mount, *, name: str, address: str) -> None:
        self.runner = runner
        self.mount = mount
        self.streaming = False
        self.stopped_by_command = False
        super().__init__(air, name, address)

    def on_disconnected(self, connection: Connection) -> None:
        if not self.connections:
            self.streaming = False

    async def stream(self, connection: Connection) -> None:
        due = self.now_s
        period = self.samples_a_packet / self.rate_hz
        while self.streaming and connection in self.connections:
            due += period
            await asyncio.sleep(max(0.0, due - self.now_s))
            acceleration, rate = self.runner.motion(due, self.rate_hz, self.samples_a_packet, self.mount)
            rows = tuple((float(x), float(y), float(z)) for x, y, z in acceleration)
            turns = tuple((float(x), float(y), float(z)) for x, y, z in rate)
            await self.send(connection, InertialFrame(due, rows, turns))

    async def send(self, connection: Connection, frame: InertialFrame) -> None:
        raise NotImplementedError  # each has its own packet


class VirtualMovesense(VirtualImu):
    """Acceleration and gyroscope by the GATT sensor data protocol."""

    def __init__(
        self,
        air: Air,
        runner: VirtualRunner,
        mount: Mount = Mount.CHEST,
        *,
        name: str = "Movesense virtual",
        address: str = MOVESENSE_ADDRESS,
    ) -> None:
        self.largest_packet: int | None = None
        self.refuse_with: int | None = None
        super().__init__(air, runner, mount, name=name, address=address)

    def advertisement(self) -> list[tuple[AdvertisingData.Type, bytes]]:
        listed = bytes(UUID(uuids.MOVESENSE_SERVICE))
        return [(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, listed)]

    def services(self) -> list[Service]:
        self._data = Characteristic(UUID(uuids.MOVESENSE_NOTIFY), Properties.NOTIFY, _READ, b"")
        control: Characteristic[bytes] = Characteristic(
            UUID(uuids.MOVESENSE_WRITE),
            Properties.WRITE | Properties.WRITE_WITHOUT_RESPONSE,
            _WRITE,
            CharacteristicValue(write=self._on_write),
        )
        return [Service(UUID(uuids.MOVESENSE_SERVICE), [control, self._data])]

    async def _on_write(self, connection: Connection, value: bytes) -> None:
        if len(value) < 2:
            return
        code, reference = value[0], value[1]
        known = value[2:] == movesense.PATH.encode()
        if code == movesense.UNSUBSCRIBE:
            self.stopped_by_command = self.streaming
            self.streaming = False
            self.spawn(self._answer(connection, reference, 200))
        elif code == movesense.SUBSCRIBE:
            status = self.refuse_with or (200 if known else 404)
            self.spawn(self._answer(connection, reference, status))
            if status == 200 and not self.streaming:
                self.streaming = True
                self.spawn(self.stream(connection))

    async def _answer(self, connection: Connection, reference: int, status: int) -> None:
        await self.device.notify_subscriber(connection, self._data, movesense.response(reference, status))

    async def send(self, connection: Connection, frame: InertialFrame) -> None:
        acceleration = tuple(
            (x * GRAVITY_MPS2, y * GRAVITY_MPS2, z * GRAVITY_MPS2) for x, y, z in frame.acceleration_g
        )
        payload = movesense.encode_imu6(round(frame.sensor_time_s * 1000), acceleration, frame.rate_dps or ())
        room = self.largest_packet or connection.att_mtu - _ATT_HEAD
        for packet in movesense.notifications(movesense.REFERENCE, payload, room):
            await self.device.notify_subscriber(connection, self._data, packet)


class VirtualOpenImu(VirtualImu):
    """A self-made board with the plain 6-axis service; it streams to whoever subscribes."""

    samples_a_packet = 10
    rate_hz = 100.0

    def __init__(
        self,
        air: Air,
        runner: VirtualRunner,
        mount: Mount = Mount.HIP,
        *,
        name: str = "Six axes virtual",
        address: str = OPEN_IMU_ADDRESS,
    ) -> None:
        super().__init__(air, runner, mount, name=name, address=address)

    def advertisement(self) -> list[tuple[AdvertisingData.Type, bytes]]:
        listed = bytes(UUID(uuids.OPEN_IMU_SERVICE))
        return [(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, listed)]

    def services(self) -> list[Service]:
        self._data = Characteristic(UUID(uuids.OPEN_IMU_DATA), Properties.NOTIFY, _READ, b"")
        return [Service(UUID(uuids.OPEN_IMU_SERVICE), [self._data])]

    def on_connected(self, connection: Connection) -> None:
        if not self.streaming:
            self.streaming = True
            self.spawn(self.stream(connection))

    async def send(self, connection: Connection, frame: InertialFrame) -> None:
        await self.device.notify_subscriber(connection, self._data, encode_packet(frame))
