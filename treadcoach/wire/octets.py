"""Reading little-endian octets, one whole field after another."""

from treadcoach.core.errors import TreadcoachError


class FrameError(TreadcoachError):
    """A frame holds nothing that could be decoded."""


class OctetReader:
    """Takes whole fields from the front; a field that is cut off ends the reading.

    After the first field that does not fit, `truncated` is true and every further
    read gives None: later fields have no known place.
    """

    def __init__(self, data: bytes) -> None:
        self._data = bytes(data)
        self._at = 0
        self.truncated = False

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int, *, signed: bool = False) -> int | None:
        if self.truncated or self.left < size:
            self.truncated = True
            return None
        chunk = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(chunk, "little", signed=signed)

    def u8(self) -> int | None:
        return self.take(1)

    def u16(self) -> int | None:
        return self.take(2)

    def u24(self) -> int | None:
        return self.take(3)

    def u32(self) -> int | None:
        return self.take(4)

    def s16(self) -> int | None:
        return self.take(2, signed=True)

    def rest(self) -> bytes:
        chunk = self._data[self._at :]
        self._at = len(self._data)
        return chunk


def scaled(raw: int | None, per_unit: int) -> float | None:
    """raw / per_unit, rounded to what the raw step can say; None stays None."""
    return None if raw is None else round(raw / per_unit, 6)
