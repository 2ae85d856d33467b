"""The radio of a virtual treadmill: FTMS on Bumble around a VirtualBelt."""

import asyncio

from bumble.att import ATT_Error
from bumble.core import AdvertisingData
from bumble.device import Connection
from bumble.gatt import Characteristic, CharacteristicValue, Service

from treadcoach.virtual.air import Air
from treadcoach.virtual.belt import Key, Reply, VirtualBelt
from treadcoach.virtual.peripheral import Properties, VirtualPeripheral, uuid16
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.wire.features import encode_features, encode_incline_range, encode_speed_range

TREADMILL_ADDRESS = "F0:7E:AD:00:00:01"
_READ, _WRITE = Characteristic.READABLE, Characteristic.WRITEABLE
_SERVICE_DATA = bytes.fromhex("2618 01 0100")


class VirtualTreadmill(VirtualPeripheral):
    """One machine on the air. `belt` is its model; a runner may stand on it."""

    def __init__(
        self,
        air: Air,
        belt: VirtualBelt | None = None,
        *,
        runner: VirtualRunner | None = None,
        address: str = TREADMILL_ADDRESS,
    ) -> None:
        self.belt = belt or VirtualBelt()
        self.runner = runner
        super().__init__(air, self.belt.model.name, address)

    def advertisement(self) -> list[tuple[AdvertisingData.Type, bytes]]:
        return [
            (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, bytes.fromhex("2618")),
            (AdvertisingData.SERVICE_DATA_16_BIT_UUID, _SERVICE_DATA),
        ]

    def services(self) -> list[Service]:
        belt, faults = self.belt, self.belt.faults
        notify, read = Properties.NOTIFY, Properties.READ
        control = Properties.WRITE | (Properties.NOTIFY if faults.notify_replies else Properties.INDICATE)
        self._data = Characteristic(uuid16(0x2ACD), notify, _READ, b"")
        self._status = Characteristic(uuid16(0x2ADA), notify, _READ, b"")
        training = b"\x00\x01" if faults.training_status is None else faults.training_status
        self._training = Characteristic(uuid16(0x2AD3), read | notify, _READ, training)
        self._control: Characteristic[bytes] = Characteristic(
            uuid16(0x2AD9), control, _WRITE, CharacteristicValue(write=self._on_write)
        )
        speed = faults.speed_range or encode_speed_range(belt.model.speed_range)
        features = faults.features or encode_features(belt.features())
        offered: dict[int, Characteristic[bytes]] = {
            0x2ACC: Characteristic(uuid16(0x2ACC), read, _READ, features),
            0x2ACD: self._data,
            0x2AD3: self._training,
            0x2AD4: Characteristic(uuid16(0x2AD4), read, _READ, speed),
            0x2AD9: self._control,
            0x2ADA: self._status,
        }
        if belt.model.incline_range is not None:
            incline = faults.incline_range or encode_incline_range(belt.model.incline_range)
            offered[0x2AD5] = Characteristic(uuid16(0x2AD5), read, _READ, incline)
        information = Service(
            uuid16(0x180A),
            [
                Characteristic(uuid16(0x2A29), read, _READ, b"treadcoach"),
                Characteristic(uuid16(0x2A24), read, _READ, b"simulated"),
            ],
        )
        machine = [c for number, c in offered.items() if number not in faults.omit]
        return [Service(uuid16(0x1826), machine), information]

    async def start(self) -> None:
        self.belt.now_s = self.now_s
        if self.runner is not None:
            self.runner.now_s = self.now_s
        await super().start()
        self.spawn(self._report())

    async def _report(self) -> None:
        """Treadmill Data at the machine's own pace, statuses as they come."""
        due = self.now_s
        while True:
            due += self.belt.model.data_period_s
            await asyncio.sleep(max(0.0, due - self.now_s))
            frames = self.belt.frames(self.now_s)
            if self.runner is not None:
                self.runner.advance(self.now_s, self.belt.speed_kmh, self.belt.incline_percent)
            faults = self.belt.faults
            if faults.late_s:
                await asyncio.sleep(faults.chance.uniform(0.0, faults.late_s))
            if not faults.no_data and not (faults.lost_share and faults.chance.random() < faults.lost_share):
                for frame in frames:
                    await self.notify(self._data, frame)
            await self._send_statuses()

    async def _send_statuses(self) -> None:
        for status in self.belt.take_statuses():
            await self.notify(self._status, status)

    def press(self, key: Key) -> None:
        """Press a key on the console, now."""
        self.belt.press(key, self.now_s)
        self.spawn(self._send_statuses())

    def set_by_hand(self, kmh: float) -> None:
        self.belt.set_by_hand(kmh, self.now_s)
        self.spawn(self._send_statuses())

    def take_control_away(self) -> None:
        self.belt.take_control_away(self.now_s)
        self.spawn(self._send_statuses())

    async def send_raw(self, characteristic: int, value: bytes) -> None:
        """Any octets on any of its notifying characteristics, for tests."""
        chosen = {0x2ACD: self._data, 0x2ADA: self._status, 0x2AD3: self._training}.get(
            characteristic, self._control
        )
        if chosen is self._control:
            await self.device.indicate_subscribers(chosen, value)
        else:
            await self.notify(chosen, value)

    def on_connected(self, connection: Connection) -> None:
        self.belt.connected(self.now_s)

    def on_disconnected(self, connection: Connection) -> None:
        self.belt.disconnected(connection, self.now_s)

    async def _on_write(self, connection: Connection, value: bytes) -> None:
        faults = self.belt.faults
        if faults.att_error is not None:
            raise ATT_Error(faults.att_error)
        if value and value[0] in faults.att_stuck:
            self.belt.note_write(self.now_s, bytes(value))
            await asyncio.get_running_loop().create_future()
        reply = self.belt.write(bytes(value), connection, self.now_s)
        if reply is not None:
            self.spawn(self._answer(connection, reply))
        self.spawn(self._send_statuses())

    async def _answer(self, connection: Connection, reply: Reply) -> None:
        if reply.delay_s:
            await asyncio.sleep(reply.delay_s)
        if connection not in self.connections:
            return
        if self.belt.faults.notify_replies:
            await self.device.notify_subscriber(connection, self._control, reply.data)
        else:
            await self.device.indicate_subscriber(connection, self._control, reply.data)
