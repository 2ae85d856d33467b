"""The links that this computer holds: BlueZ keeps those of a program that was killed."""

import asyncio

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from treadcoach.warden.voice import Voice
from treadcoach.wire.uuids import FITNESS_MACHINE, HEART_RATE_SERVICE

FIND_S = 2.0
CONNECT_S = 6.0
SERVICES = [FITNESS_MACHINE, HEART_RATE_SERVICE, "1801"]
"""What a treadmill or a sensor has; nearly every device has the last."""


async def linked(addresses: list[str]) -> list[BLEDevice]:
    """Those of them that this computer is linked to; none where the system cannot say it."""
    try:
        async with asyncio.timeout(FIND_S):
            adapter = await BleakAdapter.get()
            devices = await adapter.get_connected_devices(SERVICES)
    except Exception:  # noqa: BLE001  # whatever a system's Bluetooth raises: then the air is searched
        return []
    return [device for device in devices if device.address in addresses]


async def find(address: str) -> tuple[BLEDevice | None, bool]:
    """The treadmill, None where it is not heard; and whether there is a link to it. Raises BleakError."""
    held = await linked([address])
    if held:
        return held[0], True
    return await BleakScanner.find_device_by_address(address, timeout=FIND_S), False


async def free(addresses: list[str], voice: Voice) -> None:
    """End links that a coach has left behind, all at once."""

    async def end(device: BLEDevice) -> None:
        client = BleakClient(device, timeout=CONNECT_S)
        async with asyncio.timeout(CONNECT_S):
            await client.connect()
            await client.disconnect()

    held = await linked(addresses)
    ends = await asyncio.gather(*(end(device) for device in held), return_exceptions=True)
    for device, error in zip(held, ends, strict=True):
        if error is not None:
            name = device.name or device.address
            voice.say(f"{name} is still linked: {str(error) or type(error).__name__}")
