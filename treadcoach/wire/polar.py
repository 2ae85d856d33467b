"""Polar Measurement Data: acceleration of an H10 strap, raw frames (frame type 1)."""

from treadcoach.core.samples import AccelerationFrame
from treadcoach.wire.octets import FrameError

ACCELERATION = 0x02
START_ACCELERATION = bytes.fromhex("0202 0001c800 01011000 02010800")
"""Start: 200 Hz, 16 bit, range 8 G. Running peaks pass 4 G, so 2 and 4 G clip."""
STOP_ACCELERATION = bytes.fromhex("0302")
_HEAD = 10
_SAMPLE = 6
_RAW_16_BIT = 0x01


def decode_acceleration(data: bytes) -> AccelerationFrame:
    """Decode one PMD data notification. Raises FrameError for any other or cut frame."""
    if len(data) < _HEAD:
        raise FrameError(f"acceleration: {len(data)} octets, at least {_HEAD} are needed")
    if data[0] != ACCELERATION or data[9] != _RAW_16_BIT:
        raise FrameError(
            f"acceleration: measurement {data[0]:#04x} frame type {data[9]:#04x},"
            f" allowed: {ACCELERATION:#04x} with {_RAW_16_BIT:#04x}"
        )
    body = data[_HEAD:]
    if len(body) % _SAMPLE:
        raise FrameError(f"acceleration: {len(body)} octets of samples, not a multiple of {_SAMPLE}")
    numbers = [int.from_bytes(body[at : at + 2], "little", signed=True) for at in range(0, len(body), 2)]
    samples = tuple((numbers[at], numbers[at + 1], numbers[at + 2]) for at in range(0, len(numbers), 3))
    return AccelerationFrame(int.from_bytes(data[1:9], "little"), samples)


def encode_acceleration(frame: AccelerationFrame) -> bytes:
    body = b"".join(
        number.to_bytes(2, "little", signed=True) for sample in frame.samples_mg for number in sample
    )
    stamp = frame.sensor_time_ns.to_bytes(8, "little")
    return bytes((ACCELERATION,)) + stamp + bytes((_RAW_16_BIT,)) + body
