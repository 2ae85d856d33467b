"""RSC Measurement, 0x2A53 (Running Speed and Cadence Service 1.0)."""

from treadcoach.core.samples import RunningSpeed
from treadcoach.wire.octets import FrameError, OctetReader

_PER_MPS = 256


def decode_running_speed(data: bytes) -> RunningSpeed:
    """Decode one measurement. Raises FrameError when speed or cadence is missing."""
    reader = OctetReader(data)
    flags, speed, cadence = reader.u8(), reader.u16(), reader.u8()
    if flags is None or speed is None or cadence is None:
        raise FrameError(f"running speed: {len(data)} octets, at least 4 are needed")
    stride = reader.u16() if flags & 1 else None
    distance = reader.u32() if flags & 2 else None
    return RunningSpeed(
        speed_kmh=round(speed / _PER_MPS * 3.6, 6),
        cadence_rpm=cadence,
        stride_length_m=None if stride is None else stride / 100,
        distance_m=None if distance is None else distance / 10,
        running=bool(flags & 4),
        truncated=reader.truncated,
    )


def encode_running_speed(sample: RunningSpeed) -> bytes:
    flags = 4 if sample.running else 0
    out = round(sample.speed_kmh / 3.6 * _PER_MPS).to_bytes(2, "little")
    out += bytes((sample.cadence_rpm,))
    if sample.stride_length_m is not None:
        flags |= 1
        out += round(sample.stride_length_m * 100).to_bytes(2, "little")
    if sample.distance_m is not None:
        flags |= 2
        out += round(sample.distance_m * 10).to_bytes(4, "little")
    return bytes((flags,)) + out
