"""Treadmill Data, 0x2ACD (FTMS 1.0, section 4.9), with the habits of real machines.

Bit 0 set means "more data follows" and that instantaneous speed is absent. Reserved
bits and octets behind the known fields are ignored, except that bit 13 with two or
three octets left is read as a step count, as several vendors use it.
"""

from treadcoach.core.samples import TreadmillData
from treadcoach.wire.octets import OctetReader, scaled

_MORE_DATA = 1 << 0
_AVG_SPEED = 1 << 1
_DISTANCE = 1 << 2
_INCLINE = 1 << 3
_ELEVATION = 1 << 4
_PACE = 1 << 5
_AVG_PACE = 1 << 6
_ENERGY = 1 << 7
_HEART_RATE = 1 << 8
_MET = 1 << 9
_ELAPSED = 1 << 10
_REMAINING = 1 << 11
_FORCE_POWER = 1 << 12
_STEPS = 1 << 13

# Octets behind the two pace fields, by flag; used to tell one-octet from two-octet pace.
_SIZES_AFTER_PACE = {
    _ENERGY: 5,
    _HEART_RATE: 1,
    _MET: 1,
    _ELAPSED: 2,
    _REMAINING: 2,
    _FORCE_POWER: 4,
}
_SIGNED_NOT_AVAILABLE = 0x7FFF


def _pace_octets(flags: int, left: int) -> int:
    """Octets of one pace field: 1 in the 2017 definition, 2 in the current one.

    Decided by the length that the other flags leave; pace itself is never used.
    """
    count = bool(flags & _PACE) + bool(flags & _AVG_PACE)
    rest = sum(size for bit, size in _SIZES_AFTER_PACE.items() if flags & bit)
    return 2 if left >= rest + 2 * count else 1


def decode_treadmill_data(data: bytes) -> TreadmillData:
    """Decode one notification. Never raises: an empty or cut frame is `truncated`."""
    reader = OctetReader(data)
    flags = reader.u16()
    if flags is None:
        return TreadmillData(truncated=True)
    fields: dict[str, float | int | None] = {}
    missing: list[str] = []

    def put(name: str, raw: int | None, per_unit: int = 1, not_available: int | None = None) -> None:
        if raw is None:
            return
        if raw == not_available:
            missing.append(name)
        else:
            fields[name] = raw if per_unit == 1 else scaled(raw, per_unit)

    if not flags & _MORE_DATA:
        put("speed_kmh", reader.u16(), 100)
    if flags & _AVG_SPEED:
        put("avg_speed_kmh", reader.u16(), 100)
    if flags & _DISTANCE:
        put("distance_m", reader.u24())
    if flags & _INCLINE:
        put("incline_percent", reader.s16(), 10, _SIGNED_NOT_AVAILABLE)
        put("ramp_angle_deg", reader.s16(), 10, _SIGNED_NOT_AVAILABLE)
    if flags & _ELEVATION:
        put("elevation_gain_m", reader.u16(), 10)
        put("elevation_loss_m", reader.u16(), 10)
    if flags & (_PACE | _AVG_PACE):
        octets = _pace_octets(flags, reader.left)
        for bit in (_PACE, _AVG_PACE):
            if flags & bit:
                reader.take(octets)
    if flags & _ENERGY:
        put("energy_kcal", reader.u16(), not_available=0xFFFF)
        put("energy_per_hour_kcal", reader.u16(), not_available=0xFFFF)
        put("energy_per_min_kcal", reader.u8(), not_available=0xFF)
    if flags & _HEART_RATE:
        put("heart_rate_bpm", reader.u8())
    if flags & _MET:
        put("met", reader.u8(), 10)
    if flags & _ELAPSED:
        put("elapsed_s", reader.u16())
    if flags & _REMAINING:
        put("remaining_s", reader.u16())
    if flags & _FORCE_POWER:
        put("force_n", reader.s16(), not_available=_SIGNED_NOT_AVAILABLE)
        put("power_w", reader.s16(), not_available=_SIGNED_NOT_AVAILABLE)
    if flags & _STEPS and not reader.truncated and reader.left in (2, 3):
        put("steps", reader.take(reader.left))
    return TreadmillData(
        more_data=bool(flags & _MORE_DATA),
        truncated=reader.truncated,
        not_available=tuple(missing),
        **fields,  # type: ignore[arg-type]  # names and number types match field by field above
    )


def encode_treadmill_data(sample: TreadmillData) -> bytes:
    """Encode the fields that a virtual machine sends; the inverse of decoding for them."""
    flags = _MORE_DATA if sample.more_data else 0
    out = b""

    def u(value: float, octets: int, per_unit: int = 1, *, signed: bool = False) -> bytes:
        return round(value * per_unit).to_bytes(octets, "little", signed=signed)

    if not sample.more_data:
        out += u(sample.speed_kmh or 0.0, 2, 100)
    if sample.avg_speed_kmh is not None:
        flags |= _AVG_SPEED
        out += u(sample.avg_speed_kmh, 2, 100)
    if sample.distance_m is not None:
        flags |= _DISTANCE
        out += u(sample.distance_m, 3)
    if sample.incline_percent is not None:
        flags |= _INCLINE
        out += u(sample.incline_percent, 2, 10, signed=True)
        angle = sample.ramp_angle_deg
        out += _SIGNED_NOT_AVAILABLE.to_bytes(2, "little") if angle is None else u(angle, 2, 10, signed=True)
    if sample.heart_rate_bpm is not None:
        flags |= _HEART_RATE
        out += u(sample.heart_rate_bpm, 1)
    if sample.elapsed_s is not None:
        flags |= _ELAPSED
        out += u(sample.elapsed_s, 2)
    return flags.to_bytes(2, "little") + out
