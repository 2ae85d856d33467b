"""What every link has in common: how long it may take, how it fails, a device that was forgotten."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDeviceNotFoundError

from treadcoach.core.errors import LinkError

CONNECT_S = 15.0
CLOSE_S = 6.0
"""BlueZ itself waits two seconds before it takes a link down, in case another program wants it."""
HEAR_S = 5.0
log = logging.getLogger(__name__)


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


@asynccontextmanager
async def making(words: str, close: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Whatever a Bluetooth stack raises while a link is made is a LinkError that begins with `words`.

    Leaves no half link. A stack may also cancel what waits on a link that is lost: that is no
    cancellation of ours.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        await close()
        if is_cancelled_by_us():
            raise
        raise LinkError(f"{words}: it was lost while it was made") from error
    except Exception as error:
        await close()
        raise LinkError(f"{words}: {str(error) or type(error).__name__}") from error


async def end(work: Awaitable[object], name: str) -> None:
    """Wait for the end of a link, a few seconds at most; one that does not end well keeps nobody up."""
    try:
        async with asyncio.timeout(CLOSE_S):
            await work
    except asyncio.CancelledError:
        if is_cancelled_by_us():
            raise
        log.info("%s: the link ended while it was being ended", name)
    except Exception as error:  # noqa: BLE001  # whatever a Bluetooth stack raises, this link is not used again
        log.info("%s: the link did not end well: %s", name, str(error) or type(error).__name__)


def is_cancelled_by_us() -> bool:
    """Whether the present task was cancelled, and not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
