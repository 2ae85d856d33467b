"""Memory that was used for a while, given back: a house that built a review does not keep its size."""

import asyncio
import ctypes
from collections.abc import Callable

FIRST_S = 5.0
EVERY_S = 60.0


def _trimmer() -> Callable[[int], int] | None:
    """glibc keeps what was freed unless it is asked; other systems' libraries have no such call."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return found


async def keep_small() -> None:
    """Once after the start, then every minute, until cancelled."""
    trim = _trimmer()
    wait_s = FIRST_S
    while trim is not None:
        await asyncio.sleep(wait_s)
        trim(0)
        wait_s = EVERY_S
