"""Decoded frames as plain fields, for `treadcoach decode` and for people."""

from collections.abc import Callable
from dataclasses import fields as dataclass_fields

from treadcoach.core.samples import Features
from treadcoach.wire.control_point import decode_control
from treadcoach.wire.features import (
    MACHINE_BITS,
    TARGET_BITS,
    decode_features,
    decode_incline_range,
    decode_speed_range,
)
from treadcoach.wire.heart_rate import decode_heart_rate
from treadcoach.wire.machine_status import decode_machine_status
from treadcoach.wire.movesense import decode_resource
from treadcoach.wire.octets import FrameError, OctetReader
from treadcoach.wire.polar import decode_acceleration
from treadcoach.wire.polar import decode_control as decode_control_answer
from treadcoach.wire.running_speed import decode_running_speed
from treadcoach.wire.training_status import decode_training_status
from treadcoach.wire.treadmill_data import decode_treadmill_data

Value = bool | int | float | str | list[str] | list[float] | None

_DECODERS: dict[str, Callable[[bytes], object]] = {
    "2ACD": decode_treadmill_data,
    "2ADA": decode_machine_status,
    "2AD3": decode_training_status,
    "2ACC": decode_features,
    "2AD4": decode_speed_range,
    "2AD5": decode_incline_range,
    "2AD9": decode_control,
    "2A37": decode_heart_rate,
    "2A53": decode_running_speed,
    "PMD": decode_acceleration,
    "PMD CONTROL": decode_control_answer,
}
CHARACTERISTICS = tuple(_DECODERS)


def _whole_fields(characteristic: str, data: bytes) -> dict[str, Value] | None:
    """The complete fields of a cut value whose codec wants all of it; None when there is none.

    A belt is never driven by half a range, but a reader of frames wants to see what came.
    """
    names, signed, per_unit = _CUT_VALUES.get(characteristic, ((), False, 1))
    reader = OctetReader(data[1:] if characteristic == "2A53" else data)
    shown: dict[str, Value] = {}
    for name in names:
        raw = reader.s16() if signed and "step" not in name else reader.u16()
        if raw is not None:
            value = raw / per_unit * (3.6 if characteristic == "2A53" else 1)
            shown[name] = round(value, 6)
    return shown | {"truncated": True} if shown else None


_CUT_VALUES: dict[str, tuple[tuple[str, ...], bool, int]] = {
    "2AD4": (("min_speed_kmh", "max_speed_kmh", "speed_step_kmh"), False, 100),
    "2AD5": (("min_incline_percent", "max_incline_percent", "incline_step_percent"), True, 10),
    "2A53": (("speed_kmh",), False, 256),
}


def decode_fields(characteristic: str, data: bytes) -> dict[str, Value]:
    """Fields that the frame holds, by name; null for "not available".

    Raises FrameError for an unknown characteristic or a frame with nothing in it.
    """
    if characteristic.startswith("/Meas/"):
        return decode_resource(characteristic, data)
    decoder = _DECODERS.get(characteristic.upper())
    if decoder is None:
        allowed = f"{', '.join(_DECODERS)}, or a Movesense resource such as /Meas/IMU6/104"
        raise FrameError(f"characteristic {characteristic[:40]!r} is not known; allowed: {allowed}")
    try:
        sample = decoder(data)
    except FrameError:
        if (whole := _whole_fields(characteristic.upper(), data)) is None:
            raise
        return whole
    if isinstance(sample, Features):
        out: dict[str, Value] = {
            "machine_features": [name for name in MACHINE_BITS if name in sample.machine],
            "target_features": [name for name in TARGET_BITS if name in sample.target],
        }
        return out | ({"truncated": True} if sample.truncated else {})
    shown: dict[str, Value] = {}
    for item in dataclass_fields(sample):  # type: ignore[arg-type]  # every sample is a dataclass
        value = getattr(sample, item.name)
        if item.name == "not_available":
            shown.update(dict.fromkeys(value))
        elif item.name == "truncated":
            if value:
                shown["truncated"] = True
        elif item.name == "op" and isinstance(value, int):
            continue
        elif isinstance(value, tuple):
            if value:
                shown[item.name] = list(value)
        elif value is not None:
            shown[item.name] = value
    if characteristic.upper() == "2ACD" and shown.keys() <= {"truncated"}:
        raise FrameError(f"treadmill data: {len(data)} octets, flags and a field are needed")
    return shown
