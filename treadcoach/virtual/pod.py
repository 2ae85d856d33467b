"""A virtual running speed & cadence pod, on a shoe or the waist."""

import asyncio

from bumble.core import AdvertisingData
from bumble.gatt import Characteristic, Service

from treadcoach.core.samples import RunningSpeed
from treadcoach.virtual.air import Air
from treadcoach.virtual.peripheral import Properties, VirtualPeripheral, uuid16
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.wire.running_speed import encode_running_speed

POD_ADDRESS = "F0:A0:10:00:00:40"
_READ = Characteristic.READABLE


class VirtualPod(VirtualPeripheral):
    """counts_both: reports steps of both feet as its cadence, as some pods do."""

    def __init__(
        self,
        air: Air,
        runner: VirtualRunner,
        *,
        counts_both: bool = False,
        name: str = "Pod virtual",
        address: str = POD_ADDRESS,
    ) -> None:
        self.runner = runner
        self.counts_both = counts_both
        super().__init__(air, name, address)

    def advertisement(self) -> list[tuple[AdvertisingData.Type, bytes]]:
        return [(AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, bytes.fromhex("1418"))]

    def services(self) -> list[Service]:
        self._data = Characteristic(uuid16(0x2A53), Properties.NOTIFY, _READ, b"")
        features = Characteristic(uuid16(0x2A54), Properties.READ, _READ, b"\x04\x00")
        return [Service(uuid16(0x1814), [self._data, features])]

    async def start(self) -> None:
        await super().start()
        self.spawn(self._report())

    async def _report(self) -> None:
        due = self.now_s
        while True:
            due += 1.0
            await asyncio.sleep(max(0.0, due - self.now_s))
            cadence = self.runner.cadence_spm
            rpm = round(cadence if self.counts_both else cadence / 2)
            sample = RunningSpeed(self.runner.speed_kmh, min(rpm, 255), running=cadence > 140)
            await self.notify(self._data, encode_running_speed(sample))
