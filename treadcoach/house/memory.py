"""Memory that was used for a while, given back: a house that built a review does not keep its size."""

import asyncio
import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress

M_ARENA_MAX = -8
FIRST_S = 5.0
EVERY_S = 60.0


def one_arena() -> None:
    """Before the first thread: glibc otherwise keeps a heap for each, and what each has freed."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def settle() -> None:
    """After everything is read: what stays for good is not looked through again at every collection."""
    gc.collect()
    gc.freeze()


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
