"""Fitness Machine Control Point, 0x2AD9 (FTMS 1.0, section 4.16)."""

from dataclasses import dataclass
from enum import IntEnum

from treadcoach.core.samples import ControlResponse
from treadcoach.wire.octets import FrameError, OctetReader, scaled


class Op(IntEnum):
    """Op-codes that treadcoach sends or its virtual machine answers."""

    REQUEST_CONTROL = 0x00
    RESET = 0x01
    SET_TARGET_SPEED = 0x02
    SET_TARGET_INCLINE = 0x03
    START_OR_RESUME = 0x07
    STOP_OR_PAUSE = 0x08
    RESPONSE = 0x80


class Result(IntEnum):
    """Result codes of a response."""

    SUCCESS = 0x01
    OP_CODE_NOT_SUPPORTED = 0x02
    INVALID_PARAMETER = 0x03
    OPERATION_FAILED = 0x04
    CONTROL_NOT_PERMITTED = 0x05


STOP = bytes((Op.STOP_OR_PAUSE, 0x01))
PAUSE = bytes((Op.STOP_OR_PAUSE, 0x02))
REQUEST_CONTROL = bytes((Op.REQUEST_CONTROL,))
START = bytes((Op.START_OR_RESUME,))

OP_NAMES = {
    0x00: "request_control",
    0x01: "reset",
    0x02: "set_target_speed",
    0x03: "set_target_inclination",
    0x04: "set_target_resistance",
    0x05: "set_target_power",
    0x06: "set_target_heart_rate",
    0x07: "start_or_resume",
    0x08: "stop_or_pause",
    0x09: "set_target_energy",
    0x0A: "set_target_steps",
    0x0B: "set_target_strides",
    0x0C: "set_target_distance",
    0x0D: "set_target_training_time",
    0x0E: "set_target_time_2hr",
    0x0F: "set_target_time_3hr",
    0x10: "set_target_time_5hr",
    0x11: "set_indoor_bike_simulation",
    0x12: "set_wheel_circumference",
    0x13: "spin_down",
    0x14: "set_target_cadence",
    0x80: "response",
}


@dataclass(frozen=True, slots=True)
class ControlMessage:
    """Any control-point message, decoded for a reader (see `decode_control`)."""

    op: str
    param: str | None = None
    speed_kmh: float | None = None
    incline_percent: float | None = None
    heart_rate_bpm: int | None = None
    time_s: int | None = None
    distance_m: int | None = None
    request: str | None = None
    result: str | None = None
    truncated: bool = False


def encode_target_speed(speed_ckmh: int) -> bytes:
    """Set Target Speed; speed_ckmh is in 0.01 km/h and must fit u16."""
    return bytes((Op.SET_TARGET_SPEED,)) + speed_ckmh.to_bytes(2, "little")


def encode_target_incline(incline_dpct: int) -> bytes:
    """Set Target Inclination; incline_dpct is in 0.1 % and must fit s16."""
    return bytes((Op.SET_TARGET_INCLINE,)) + incline_dpct.to_bytes(2, "little", signed=True)


def encode_response(request_op: int, result: int) -> bytes:
    return bytes((Op.RESPONSE, request_op, result))


def decode_response(data: bytes) -> ControlResponse | None:
    """The machine's answer to a procedure; None for anything that is not one."""
    if len(data) < 3 or data[0] != Op.RESPONSE:
        return None
    return ControlResponse(request_op=data[1], result=data[2])


def op_name(op: int) -> str:
    return OP_NAMES.get(op, "rfu")


def result_name(result: int) -> str:
    return Result(result).name.lower() if result in Result else "rfu"


def decode_control(data: bytes) -> ControlMessage:
    """Decode a message of either direction. Raises FrameError when empty."""
    reader = OctetReader(data)
    op = reader.u8()
    if op is None:
        raise FrameError("control point: empty, an op code is needed")
    fields: dict[str, str | float | int | None] = {}
    match op:
        case 0x02:
            fields["speed_kmh"] = scaled(reader.u16(), 100)
        case 0x03:
            fields["incline_percent"] = scaled(reader.s16(), 10)
        case 0x06:
            fields["heart_rate_bpm"] = reader.u8()
        case 0x08:
            code = reader.u8()
            fields["param"] = None if code is None else {1: "stop", 2: "pause"}.get(code, "rfu")
        case 0x0C:
            fields["distance_m"] = reader.u24()
        case 0x0D:
            fields["time_s"] = reader.u16()
        case 0x80:
            request, result = reader.u8(), reader.u8()
            fields["request"] = None if request is None else op_name(request)
            fields["result"] = None if result is None else result_name(result)
    return ControlMessage(op=op_name(op), truncated=reader.truncated, **fields)  # type: ignore[arg-type]  # as above
