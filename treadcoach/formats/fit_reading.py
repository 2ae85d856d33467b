"""FIT files of others, read with care: size, checksum and kind are checked before anything is believed."""

import io
import struct
from collections.abc import Iterator
from typing import Any

import fitdecode
from fitdecode.exceptions import FitError

from treadcoach.core.errors import InputError

MOST_OCTETS = 30_000_000
"""A day at one record a second with every field there is stays far below."""
_NOT_FIT = (FitError, ValueError, TypeError, LookupError, ArithmeticError, AssertionError, struct.error)
"""What the reader makes of octets that are no FIT is any of these."""


def messages(data: bytes, place: str, wanted: frozenset[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The messages of the wanted names, each with its fields that have a value. Raises InputError."""
    if len(data) > MOST_OCTETS:
        raise InputError(place, f"{len(data)} octets", f"at most {MOST_OCTETS}")
    try:
        with fitdecode.FitReader(
            io.BytesIO(data),
            check_crc=fitdecode.CrcCheck.RAISE,
            error_handling=fitdecode.ErrorHandling.RAISE,
        ) as reader:
            for frame in reader:
                if isinstance(frame, fitdecode.FitDataMessage) and frame.name in wanted:
                    yield frame.name, {f.name: f.value for f in frame.fields if f.value is not None}
    except (
        FitError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AssertionError,
        struct.error,
    ) as error:
        # What the reader makes of octets that are no FIT is any of these.
        raise InputError(place, str(error)[:120] or type(error).__name__, "a whole FIT file") from error


def number(fields: dict[str, Any], *names: str) -> float | None:
    """The first of these fields that is a number."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return None
