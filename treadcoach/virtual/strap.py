"""A virtual chest strap: heart rate, running speed & cadence, and Polar acceleration."""

import asyncio
import math

from bumble.core import UUID, AdvertisingData
from bumble.device import Connection
from bumble.gatt import Characteristic, CharacteristicValue, Service

from treadcoach.core.samples import AccelerationFrame, HeartRate, RunningSpeed
from treadcoach.virtual.air import Air
from treadcoach.virtual.peripheral import Properties, VirtualPeripheral, uuid16
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.wire import uuids
from treadcoach.wire.heart_rate import encode_heart_rate
from treadcoach.wire.polar import (
    START_ACCELERATION,
    STOP_ACCELERATION,
    encode_acceleration,
    encode_compressed,
)
from treadcoach.wire.running_speed import encode_running_speed

STRAP_ADDRESS = "F0:A0:10:00:00:10"
SAMPLES_A_FRAME = 36
TRUE_RATE_HZ = 203.6
"""Asked for 200 Hz a strap gives about 2 % more, as 50 Hz is really 50.9."""
_SETTINGS = bytes.fromhex("f001020000 00041900320064 00c8 00 0101 1000 02030200 0400 0800")
_READ, _WRITE = Characteristic.READABLE, Characteristic.WRITEABLE


class VirtualStrap(VirtualPeripheral):
    """A strap on a virtual runner."""

    def __init__(
        self,
        air: Air,
        runner: VirtualRunner,
        *,
        name: str = "Polar H10 virtual",
        address: str = STRAP_ADDRESS,
    ) -> None:
        self.runner = runner
        self.contact = True
        self.frozen_bpm: int | None = None
        self.streaming = False
        self.stopped_by_command = False
        self.compressed = False
        self.refuse_start: int | None = None
        self.frames_to_drop = 0
        self._clock_s = 0.0
        super().__init__(air, name, address)

    def advertisement(self) -> list[tuple[AdvertisingData.Type, bytes]]:
        listed = bytes.fromhex("0d18 1418")
        return [(AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, listed)]

    def services(self) -> list[Service]:
        notify, read = Properties.NOTIFY, Properties.READ
        self._heart = Characteristic(uuid16(0x2A37), notify, _READ, b"")
        self._running = Characteristic(uuid16(0x2A53), notify, _READ, b"")
        self._pmd_control: Characteristic[bytes] = Characteristic(
            UUID(uuids.POLAR_PMD_CONTROL),
            read | Properties.WRITE | Properties.INDICATE,
            _READ | _WRITE,
            CharacteristicValue(read=lambda _connection: b"\x0f\x05\x00", write=self._on_pmd),
        )
        self._pmd_data = Characteristic(UUID(uuids.POLAR_PMD_DATA), notify, _READ, b"")
        features = Characteristic(uuid16(0x2A54), read, _READ, b"\x05\x00")
        return [
            Service(uuid16(0x180D), [self._heart]),
            Service(uuid16(0x1814), [self._running, features]),
            Service(UUID(uuids.POLAR_PMD_SERVICE), [self._pmd_control, self._pmd_data]),
        ]

    async def start(self) -> None:
        await super().start()
        self.spawn(self._report())

    async def _report(self) -> None:
        due = self.now_s
        while True:
            due += 1.0
            await asyncio.sleep(max(0.0, due - self.now_s))
            if not self.connections:
                continue
            runner = self.runner
            # A heart is never quite steady: it goes with the breath.
            breath = 1.5 * math.sin(2 * math.pi * self.now_s / 9.0)
            bpm = self.frozen_bpm or round(runner.pulse_bpm + breath)
            beats = () if self.frozen_bpm else (60 / max(runner.pulse_bpm + breath, 30.0),)
            heart = HeartRate(bpm, contact=self.contact, rr_s=beats)
            await self.notify(self._heart, encode_heart_rate(heart))
            cadence = runner.cadence_spm
            speed = RunningSpeed(
                speed_kmh=runner.speed_kmh,
                cadence_rpm=round(cadence / 2),
                stride_length_m=runner.speed_kmh / 3.6 / (cadence / 120) if cadence else 0.0,
                running=cadence > 140,
            )
            await self.notify(self._running, encode_running_speed(speed))

    def on_disconnected(self, connection: Connection) -> None:
        if not self.connections:
            self.streaming = False

    async def _on_pmd(self, connection: Connection, value: bytes) -> None:
        if len(value) < 2:
            return
        status = 0
        if value[0] == 0x01:
            await self.device.indicate_subscriber(connection, self._pmd_control, _SETTINGS)
            return
        if value == START_ACCELERATION:
            status = 6 if self.streaming else self.refuse_start or 0
            if not self.streaming and status == 0:
                self.streaming = True
                self.spawn(self._stream(connection))
        elif value == STOP_ACCELERATION:
            self.stopped_by_command = self.streaming
            self.streaming = False
        else:
            status = 5
        answer = bytes((0xF0, value[0], value[1], status, 0))
        self.spawn(self._indicate(connection, answer))

    async def _indicate(self, connection: Connection, value: bytes) -> None:
        await self.device.indicate_subscriber(connection, self._pmd_control, value)

    async def _stream(self, connection: Connection) -> None:
        due = self.now_s
        period = SAMPLES_A_FRAME / TRUE_RATE_HZ
        while self.streaming and connection in self.connections:
            due += period
            await asyncio.sleep(max(0.0, due - self.now_s))
            samples = self.runner.acceleration_mg(due, TRUE_RATE_HZ, SAMPLES_A_FRAME)
            rows = tuple((int(x), int(y), int(z)) for x, y, z in samples)
            frame = AccelerationFrame(int((due + self._clock_s) * 1e9), rows)
            if self.frames_to_drop:
                self.frames_to_drop -= 1
                continue
            encode = encode_compressed if self.compressed else encode_acceleration
            await self.device.notify_subscriber(connection, self._pmd_data, encode(frame))

    def reset_clock(self) -> None:
        """The strap's own clock starts anew, as after its battery was out."""
        self._clock_s = 600.0 - self.now_s
