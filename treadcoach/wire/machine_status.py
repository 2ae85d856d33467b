"""Fitness Machine Status, 0x2ADA (FTMS 1.0, section 4.17). Its numbers differ from the control point's."""

from enum import IntEnum

from treadcoach.core.samples import MachineStatus
from treadcoach.wire.octets import FrameError, OctetReader, scaled


class StatusOp(IntEnum):
    """Status codes that concern a treadmill."""

    RESET = 0x01
    STOPPED_OR_PAUSED = 0x02
    SAFETY_KEY = 0x03
    STARTED_OR_RESUMED = 0x04
    TARGET_SPEED = 0x05
    TARGET_INCLINE = 0x06
    CONTROL_LOST = 0xFF


EVENT_NAMES = {
    0x01: "reset",
    0x02: "stopped_or_paused_by_user",
    0x03: "stopped_by_safety_key",
    0x04: "started_or_resumed_by_user",
    0x05: "target_speed_changed",
    0x06: "target_incline_changed",
    0x07: "target_resistance_changed",
    0x08: "target_power_changed",
    0x09: "target_heart_rate_changed",
    0x0A: "target_energy_changed",
    0x0B: "target_steps_changed",
    0x0C: "target_strides_changed",
    0x0D: "target_distance_changed",
    0x0E: "target_training_time_changed",
    0x0F: "target_time_2hr_changed",
    0x10: "target_time_3hr_changed",
    0x11: "target_time_5hr_changed",
    0x12: "indoor_bike_sim_changed",
    0x13: "wheel_circumference_changed",
    0x14: "spin_down_status",
    0x15: "target_cadence_changed",
    0xFF: "control_permission_lost",
}


def decode_machine_status(data: bytes) -> MachineStatus:
    """Decode one notification. Raises FrameError when empty; a cut parameter is `truncated`."""
    reader = OctetReader(data)
    op = reader.u8()
    if op is None:
        raise FrameError("machine status: empty, an op code is needed")
    fields: dict[str, str | float | int | None] = {}
    match op:
        case 0x02:
            code = reader.u8()
            fields["param"] = None if code is None else {1: "stop", 2: "pause"}.get(code, "rfu")
        case 0x05:
            fields["speed_kmh"] = scaled(reader.u16(), 100)
        case 0x06:
            fields["incline_percent"] = scaled(reader.s16(), 10)
        case 0x09:
            fields["heart_rate_bpm"] = reader.u8()
        case 0x0D:
            fields["distance_m"] = reader.u24()
        case 0x0E:
            fields["time_s"] = reader.u16()
    return MachineStatus(
        op=op,
        event=EVENT_NAMES.get(op, "rfu"),
        truncated=reader.truncated,
        **fields,  # type: ignore[arg-type]  # names and types match case by case above
    )


def encode_machine_status(op: StatusOp, parameter: int | None = None) -> bytes:
    """Encode a status as a virtual machine sends it."""
    head = bytes((op,))
    match op:
        case StatusOp.STOPPED_OR_PAUSED:
            return head + bytes((parameter or 1,))
        case StatusOp.TARGET_SPEED:
            return head + (parameter or 0).to_bytes(2, "little")
        case StatusOp.TARGET_INCLINE:
            return head + (parameter or 0).to_bytes(2, "little", signed=True)
        case _:
            return head
