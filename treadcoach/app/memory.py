"""What a program that runs for days asks of the system about its memory."""

import ctypes
from contextlib import suppress

PR_SET_THP_DISABLE = 41


def no_huge_pages() -> None:
    """For this process and those it starts. Linux only; elsewhere nothing happens.

    Python's small objects lie scattered: of a page of 2 MB, a few of them hold the whole.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)
