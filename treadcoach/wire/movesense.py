"""Movesense: notifications of the GATT sensor data protocol, acceleration and gyroscope together."""

import math
import struct
from dataclasses import dataclass
from typing import Any

from treadcoach.core.samples import InertialFrame
from treadcoach.core.units import GRAVITY_MPS2
from treadcoach.wire import uuids
from treadcoach.wire.inertial import InertialSource
from treadcoach.wire.octets import FrameError

REFERENCE = 0x63
PATH = "/Meas/IMU6/104"
SUBSCRIBE, UNSUBSCRIBE = 0x01, 0x02
_RESPONSE, _DATA, _DATA_PART_2 = 0x01, 0x02, 0x03
_ACCEPTED = range(200, 300)
_TRIPLE = struct.calcsize("<fff")
Triples = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class MovesenseSamples:
    """Sensors in the order of the resource's name; m/s², deg/s or µT as sent."""

    timestamp_ms: int
    sensors: tuple[Triples, ...]


def decode_samples(payload: bytes, sensors: int) -> MovesenseSamples:
    """Decode Acc, Gyro, Magn (1 sensor), IMU6 (2) or IMU9 (3): the payload after the two header octets.

    All samples of the first sensor come first, then all of the next. Raises FrameError.
    """
    body = len(payload) - 4
    if body <= 0 or body % (sensors * _TRIPLE):
        raise FrameError(
            f"movesense: {len(payload)} octets, a time stamp and whole samples"
            f" of {sensors * _TRIPLE} octets are needed"
        )
    numbers = struct.unpack_from(f"<{body // 4}f", payload, 4)
    if not all(math.isfinite(number) for number in numbers):
        raise FrameError("movesense: a value that is no number")
    triples = tuple((numbers[k], numbers[k + 1], numbers[k + 2]) for k in range(0, len(numbers), 3))
    count = len(triples) // sensors
    return MovesenseSamples(
        int.from_bytes(payload[:4], "little"),
        tuple(triples[k * count : (k + 1) * count] for k in range(sensors)),
    )


_RESOURCES = {
    "/Meas/Acc/": ("acc_mps2",),
    "/Meas/Gyro/": ("gyro_dps",),
    "/Meas/Magn/": ("magn_ut",),
    "/Meas/IMU6/": ("acc_mps2", "gyro_dps"),
    "/Meas/IMU9/": ("acc_mps2", "gyro_dps", "magn_ut"),
}


def decode_resource(path: str, payload: bytes) -> dict[str, Any]:
    """A payload as plain fields by its resource, such as /Meas/IMU6/104. Raises FrameError."""
    for prefix, names in _RESOURCES.items():
        if path.startswith(prefix):
            samples = decode_samples(payload, len(names))
            rows = {
                name: [list(row) for row in sensor]
                for name, sensor in zip(names, samples.sensors, strict=True)
            }
            return {"timestamp_ms": samples.timestamp_ms, **rows}
    if path.startswith("/Meas/Ecg/") and len(payload) >= 6 and len(payload) % 2 == 0:
        values = struct.unpack_from(f"<{len(payload) // 2 - 2}h", payload, 4)
        return {"timestamp_ms": int.from_bytes(payload[:4], "little"), "ecg_uv": list(values)}
    if path == "/Meas/HR" and len(payload) >= 6:
        average, beat_ms = struct.unpack_from("<fH", payload)
        return {"average_bpm": round(average, 3), "rr_ms": beat_ms}
    if path == "/Meas/Temp" and len(payload) == 8:
        kelvin, stamp = struct.unpack("<fI", payload)
        return {"temperature_k": round(kelvin, 3), "timestamp_ms": stamp}
    known = ", ".join([*_RESOURCES, "/Meas/Ecg/", "/Meas/HR", "/Meas/Temp"])
    raise FrameError(f"movesense: {path[:40]!r} with {len(payload)} octets; allowed: {known}")


def encode_imu6(timestamp_ms: int, acceleration_mps2: Triples, rate_dps: Triples) -> bytes:
    """An IMU6 payload, without the two header octets."""
    numbers = [number for rows in (acceleration_mps2, rate_dps) for row in rows for number in row]
    return (timestamp_ms & 0xFFFFFFFF).to_bytes(4, "little") + struct.pack(f"<{len(numbers)}f", *numbers)


def notifications(reference: int, payload: bytes, room: int) -> list[bytes]:
    """A payload as one notification, or as two where it does not fit into `room` octets."""
    if len(payload) + 2 <= room:
        return [bytes((_DATA, reference)) + payload]
    first = room - 2
    return [bytes((_DATA, reference)) + payload[:first], bytes((_DATA_PART_2, reference)) + payload[first:]]


def subscribe(reference: int, path: str) -> bytes:
    return bytes((SUBSCRIBE, reference)) + path.encode("ascii")


def unsubscribe(reference: int) -> bytes:
    return bytes((UNSUBSCRIBE, reference))


def response(reference: int, status: int) -> bytes:
    return bytes((_RESPONSE, reference)) + status.to_bytes(2, "little")


def imu6_frame(payload: bytes) -> InertialFrame:
    """An IMU6 payload in g and deg/s. The stamp is taken as the last sample's; which one it is, is not
    documented, and it shifts the time by some hundredths of a second at most."""
    samples = decode_samples(payload, 2)
    acceleration, rate = samples.sensors
    rows = tuple((x / GRAVITY_MPS2, y / GRAVITY_MPS2, z / GRAVITY_MPS2) for x, y, z in acceleration)
    return InertialFrame(samples.timestamp_ms / 1000, rows, rate)


class Imu6Decoder:
    """Puts the parts of a packet together.

    The first part does not say that a second follows, and its length may look whole: a packet is
    held until the next notification shows whether it was (a twelfth of a second at 104 Hz).
    """

    def __init__(self) -> None:
        self._held: bytes | None = None

    def __call__(self, data: bytes) -> InertialFrame | None:
        """A notification with its two header octets; the packet that it completes. Raises FrameError."""
        if len(data) < 2:
            raise FrameError(f"movesense: {len(data)} octets, a header of 2 is needed")
        code, reference, payload = data[0], data[1], bytes(data[2:])
        if code == _RESPONSE or reference != REFERENCE:
            return None
        held, self._held = self._held, None
        if code == _DATA_PART_2:
            return None if held is None else imu6_frame(held + payload)
        if code != _DATA:
            raise FrameError(f"movesense: code {code}, allowed: 1, 2 or 3")
        self._held = payload
        return None if held is None else imu6_frame(held)


def _refused(answer: bytes) -> str | None:
    if len(answer) < 4 or answer[0] != _RESPONSE:
        return None
    status = int.from_bytes(answer[2:4], "little")
    return None if status in _ACCEPTED else f"status {status}"


SOURCE = InertialSource(
    name="IMU6",
    label="acceleration and gyroscope (Movesense)",
    notify_uuid=uuids.MOVESENSE_NOTIFY,
    control_uuid=uuids.MOVESENSE_WRITE,
    start=(subscribe(REFERENCE, PATH),),
    stop=(unsubscribe(REFERENCE),),
    min_mtu=100,
    rate_hz=104.0,
    full_scale_g=8.0,
    gyroscope=True,
    make_decoder=Imu6Decoder,
    subscribe_control=False,
    refused=_refused,
)
