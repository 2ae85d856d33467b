"""What every link has in common: how long it may take, and a device that the system has forgotten."""

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDeviceNotFoundError

CONNECT_S = 15.0
CLOSE_S = 6.0
"""BlueZ itself waits two seconds before it takes a link down, in case another program wants it."""
HEAR_S = 5.0


async def connect(client: BleakClient) -> None:
    """Connect to a device that was heard once. Raises what bleak raises.

    BlueZ forgets a device that nobody is linked to half a minute after it was heard last. A strap that
    comes back after a break has to be heard again first; then it is at its old place.
    """
    try:
        await client.connect()
    except BleakDeviceNotFoundError:
        if await BleakScanner.find_device_by_address(client.address, timeout=HEAR_S) is None:
            raise
        await client.connect()
