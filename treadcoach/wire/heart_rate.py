"""Heart Rate Measurement, 0x2A37 (Heart Rate Service 1.0)."""

from treadcoach.core.samples import HeartRate
from treadcoach.wire.octets import FrameError, OctetReader

_RR_PER_S = 1024


def decode_heart_rate(data: bytes) -> HeartRate:
    """Decode one measurement. Raises FrameError when the rate itself is missing."""
    reader = OctetReader(data)
    flags = reader.u8()
    bpm = None if flags is None else reader.u16() if flags & 1 else reader.u8()
    if flags is None or bpm is None:
        raise FrameError(f"heart rate: {len(data)} octets, flags and a rate are needed")
    contact = bool(flags & 2) if flags & 4 else None
    energy = reader.u16() if flags & 8 else None
    beats: list[float] = []
    if flags & 16:
        while reader.left and not reader.truncated:
            raw = reader.u16()
            if raw is not None:
                beats.append(raw / _RR_PER_S)
    return HeartRate(bpm, contact, energy, tuple(beats), reader.truncated)


def encode_heart_rate(sample: HeartRate) -> bytes:
    wide = sample.heart_rate_bpm > 255
    flags = int(wide)
    if sample.contact is not None:
        flags |= 4 | (2 if sample.contact else 0)
    out = sample.heart_rate_bpm.to_bytes(2 if wide else 1, "little")
    if sample.energy_kj is not None:
        flags |= 8
        out += sample.energy_kj.to_bytes(2, "little")
    if sample.rr_s:
        flags |= 16
        out += b"".join(round(rr * _RR_PER_S).to_bytes(2, "little") for rr in sample.rr_s)
    return bytes((flags,)) + out
