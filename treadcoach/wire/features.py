"""Fitness Machine Feature 0x2ACC and the supported ranges 0x2AD4, 0x2AD5 (FTMS 1.0, 4.3)."""

from treadcoach.core.samples import Features, InclineRange, SpeedRange
from treadcoach.wire.octets import FrameError, OctetReader

MACHINE_BITS = [
    "avg_speed",
    "cadence",
    "total_distance",
    "inclination",
    "elevation_gain",
    "pace",
    "step_count",
    "resistance_level",
    "stride_count",
    "expended_energy",
    "heart_rate",
    "met",
    "elapsed_time",
    "remaining_time",
    "power",
    "force_on_belt_power",
    "user_data_retention",
]
TARGET_BITS = [
    "speed",
    "inclination",
    "resistance",
    "power",
    "heart_rate",
    "expended_energy",
    "step_number",
    "stride_number",
    "distance",
    "training_time",
    "time_2hr",
    "time_3hr",
    "time_5hr",
    "indoor_bike_sim",
    "wheel_circumference",
    "spin_down",
    "cadence",
]


def _names(bits: int | None, names: list[str]) -> frozenset[str]:
    return frozenset(name for at, name in enumerate(names) if bits is not None and bits >> at & 1)


def decode_features(data: bytes) -> Features:
    """Decode the feature value. Raises FrameError when not even the first half is there."""
    reader = OctetReader(data)
    machine = reader.u32()
    if machine is None:
        raise FrameError(f"feature: {len(data)} octets, at least 4 are needed")
    target = reader.u32()
    return Features(_names(machine, MACHINE_BITS), _names(target, TARGET_BITS), reader.truncated)


def encode_features(features: Features) -> bytes:
    def bits(names: frozenset[str], order: list[str]) -> bytes:
        return sum(1 << at for at, name in enumerate(order) if name in names).to_bytes(4, "little")

    return bits(features.machine, MACHINE_BITS) + bits(features.target, TARGET_BITS)


def decode_speed_range(data: bytes) -> SpeedRange:
    """Decode as sent, sensible or not. Raises FrameError when a number is missing."""
    reader = OctetReader(data)
    low, high, step = reader.u16(), reader.u16(), reader.u16()
    if low is None or high is None or step is None:
        raise FrameError(f"speed range: {len(data)} octets, 6 are needed")
    return SpeedRange(low / 100, high / 100, step / 100)


def decode_incline_range(data: bytes) -> InclineRange:
    """Decode as sent, sensible or not. Raises FrameError when a number is missing."""
    reader = OctetReader(data)
    low, high, step = reader.s16(), reader.s16(), reader.u16()
    if low is None or high is None or step is None:
        raise FrameError(f"incline range: {len(data)} octets, 6 are needed")
    return InclineRange(low / 10, high / 10, step / 10)


def encode_speed_range(value: SpeedRange) -> bytes:
    numbers = (value.min_speed_kmh, value.max_speed_kmh, value.speed_step_kmh)
    return b"".join(round(number * 100).to_bytes(2, "little") for number in numbers)


def encode_incline_range(value: InclineRange) -> bytes:
    low, high = round(value.min_incline_percent * 10), round(value.max_incline_percent * 10)
    return (
        low.to_bytes(2, "little", signed=True)
        + high.to_bytes(2, "little", signed=True)
        + round(value.incline_step_percent * 10).to_bytes(2, "little")
    )
