"""Training Status, 0x2AD3 (FTMS 1.0, section 4.10). Empty, short and reserved values occur."""

from treadcoach.core.samples import TrainingStatus
from treadcoach.wire.octets import FrameError, OctetReader

NAMES = (
    "other",
    "idle",
    "warming_up",
    "low_intensity_interval",
    "high_intensity_interval",
    "recovery_interval",
    "isometric",
    "heart_rate_control",
    "fitness_test",
    "speed_outside_control_region_low",
    "speed_outside_control_region_high",
    "cool_down",
    "watt_control",
    "manual_mode",
    "pre_workout",
    "post_workout",
)


def decode_training_status(data: bytes) -> TrainingStatus:
    """Decode a value or notification. Raises FrameError when empty."""
    reader = OctetReader(data)
    flags = reader.u8()
    if flags is None:
        raise FrameError("training status: empty, flags and a code are needed")
    code = reader.u8()
    status = None if code is None else NAMES[code] if code < len(NAMES) else "rfu"
    string = None
    if flags & 1 and not reader.truncated:
        string = reader.rest().decode("utf-8", errors="replace")
    return TrainingStatus(code=code, status=status, string=string, truncated=reader.truncated)
