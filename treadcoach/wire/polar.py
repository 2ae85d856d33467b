"""Polar Measurement Data: acceleration of an H10 strap and of Polar's other sensors."""

import struct
from dataclasses import dataclass

from treadcoach.core.samples import AccelerationFrame, InertialFrame
from treadcoach.wire import uuids
from treadcoach.wire.inertial import InertialSource
from treadcoach.wire.octets import FrameError, OctetReader

ACCELERATION = 0x02
START_ACCELERATION = bytes.fromhex("0202 0001c800 01011000 02010800")
"""Start: 200 Hz, 16 bit, range 8 G. Running peaks pass 4 G, so 2 and 4 G clip."""
STOP_ACCELERATION = bytes.fromhex("0302")
RANGE_G = 8.0
_HEAD = 10
_SAMPLE = 6
_AXES = 3
_RAW_16_BIT = 0x01
_COMPRESSED_STEPS = 0x80
_COMPRESSED_MG = 0x81
_MG_PER_STEP = 1000 * RANGE_G / 32768
_MOST_SAMPLES = 2000
_MEASUREMENTS = {0: "ecg", 1: "ppg", 2: "acc", 3: "ppi", 5: "gyro", 6: "mag"}
_SETTINGS = {0: "sample_rate_hz", 1: "resolution_bit", 2: "range_g", 3: "range_milli", 4: "channels"}
_FACTOR = 5
_OPS = {1: "get_settings", 2: "start_measurement", 3: "stop_measurement"}
_RESPONSE = 0xF0
ALREADY_IN_STATE = 6
STATUS = {
    0: "success",
    1: "invalid op code",
    2: "invalid measurement",
    3: "not supported",
    4: "invalid length",
    5: "invalid parameter",
    6: "already in state",
    7: "invalid resolution",
    8: "invalid sample rate",
    9: "invalid range",
    10: "invalid MTU",
    11: "invalid number of channels",
    12: "invalid state",
    13: "charging",
}


@dataclass(frozen=True, slots=True)
class PmdResponse:
    """An answer of the control point; settings by name where it carries them."""

    op: str
    measurement: str
    status: int
    more: bool
    settings: dict[str, tuple[int, ...]]

    @property
    def status_name(self) -> str:
        return STATUS.get(self.status, f"status {self.status}")


def decode_acceleration(data: bytes, mg_per_step: float = _MG_PER_STEP) -> AccelerationFrame:
    """Decode one PMD data notification, raw or compressed. Raises FrameError for any other or cut frame.

    mg_per_step is what one step of a compressed frame of type 0 means (its setting "factor").
    """
    if len(data) < _HEAD:
        raise FrameError(f"acceleration: {len(data)} octets, at least {_HEAD} are needed")
    kind = data[9]
    if data[0] != ACCELERATION or kind not in (_RAW_16_BIT, _COMPRESSED_STEPS, _COMPRESSED_MG):
        raise FrameError(
            f"acceleration: measurement {data[0]:#04x} frame type {kind:#04x},"
            f" allowed: {ACCELERATION:#04x} with 0x01, 0x80 or 0x81"
        )
    stamp = int.from_bytes(data[1:9], "little")
    body = data[_HEAD:]
    if kind != _RAW_16_BIT:
        rows = _differences(body)
        if kind == _COMPRESSED_STEPS:
            rows = [tuple(round(value * mg_per_step) for value in row) for row in rows]
        return AccelerationFrame(stamp, tuple((x, y, z) for x, y, z in rows))
    if not body or len(body) % _SAMPLE:
        raise FrameError(f"acceleration: {len(body)} octets of samples, not a multiple of {_SAMPLE}")
    return AccelerationFrame(stamp, tuple(struct.iter_unpack("<hhh", body)))


def _differences(body: bytes) -> list[tuple[int, ...]]:
    """A compressed body: a whole sample, then blocks of differences of a stated number of bits.

    A block is its bits per value, its number of samples, and the values packed lowest bit first.
    """
    if len(body) < _SAMPLE:
        raise FrameError(f"acceleration: {len(body)} octets, a reference sample of {_SAMPLE} is needed")
    row = list(struct.unpack_from("<hhh", body))
    rows = [tuple(row)]
    at = _SAMPLE
    while at < len(body):
        if at + 2 > len(body):
            raise FrameError("acceleration: a block's head is cut off")
        bits, count = body[at], body[at + 1]
        at += 2
        size = (bits * count * _AXES + 7) // 8
        if not 1 <= bits <= 32 or at + size > len(body):
            raise FrameError(f"acceleration: a block of {count} samples of {bits} bits does not fit")
        packed = int.from_bytes(body[at : at + size], "little")
        at += size
        mask, sign = (1 << bits) - 1, 1 << (bits - 1)
        for _ in range(count):
            for axis in range(_AXES):
                value = packed & mask
                packed >>= bits
                row[axis] += value - 2 * sign if value & sign else value
            rows.append(tuple(row))
            if len(rows) > _MOST_SAMPLES or any(abs(value) > 1 << 20 for value in row):
                raise FrameError("acceleration: differences that no sensor makes")
    return rows


def encode_acceleration(frame: AccelerationFrame) -> bytes:
    """A raw frame, as an H10 sends it."""
    body = b"".join(struct.pack("<hhh", *sample) for sample in frame.samples_mg)
    return _head(frame, _RAW_16_BIT) + body


def encode_compressed(frame: AccelerationFrame) -> bytes:
    """The same samples as one block of differences in mG."""
    first, *others = frame.samples_mg
    before = first
    steps: list[int] = []
    for sample in others:
        steps += [now - then for now, then in zip(sample, before, strict=True)]
        before = sample
    bits = max((abs(step).bit_length() + 1 for step in steps), default=1)
    packed = 0
    for at, step in enumerate(steps):
        packed |= (step & ((1 << bits) - 1)) << (at * bits)
    size = (bits * len(steps) + 7) // 8
    block = bytes((bits, len(others))) + packed.to_bytes(size, "little") if others else b""
    return _head(frame, _COMPRESSED_MG) + struct.pack("<hhh", *first) + block


def _head(frame: AccelerationFrame, kind: int) -> bytes:
    return bytes((ACCELERATION,)) + frame.sensor_time_ns.to_bytes(8, "little") + bytes((kind,))


def decode_features(data: bytes) -> list[str]:
    """What the sensor can measure, from reading the control point. Raises FrameError."""
    if len(data) < 2 or data[0] != 0x0F:
        raise FrameError(f"PMD features: {data[:2].hex()}, 0f and a bit field are needed")
    bits = int.from_bytes(data[1:], "little")
    return [name for bit, name in _MEASUREMENTS.items() if bits >> bit & 1]


def decode_control(data: bytes) -> PmdResponse:
    """An answer of the control point. Raises FrameError."""
    if len(data) < 4 or data[0] != _RESPONSE:
        raise FrameError(f"PMD answer: {data[:4].hex()}, f0, op, measurement and status are needed")
    op, measurement, status = data[1], data[2], data[3]
    reader = OctetReader(data[5:])
    settings: dict[str, tuple[int, ...]] = {}
    while op == 1 and status == 0 and reader.left >= 2:
        kind, count = reader.u8(), reader.u8()
        values = [reader.u32() if kind == _FACTOR else reader.u16() for _ in range(count or 0)]
        if reader.truncated or kind is None:
            break
        if kind in _SETTINGS:
            settings[_SETTINGS[kind]] = tuple(value for value in values if value is not None)
    return PmdResponse(
        _OPS.get(op, f"op {op}"),
        _MEASUREMENTS.get(measurement, f"measurement {measurement}"),
        status,
        len(data) > 4 and data[4] == 1,
        settings,
    )


def _inertial(data: bytes) -> InertialFrame | None:
    if data[:1] and data[0] != ACCELERATION:
        return None  # another stream of the same characteristic, such as ECG
    frame = decode_acceleration(data)
    rows = tuple((x / 1000, y / 1000, z / 1000) for x, y, z in frame.samples_mg)
    return InertialFrame(frame.sensor_time_ns / 1e9, rows)


def _refused(answer: bytes) -> str | None:
    """A strap that streams already (another program's stream left on) is as good as started."""
    try:
        said = decode_control(answer)
    except FrameError as error:
        return str(error)
    started = said.op == _OPS[2] and said.status not in (0, ALREADY_IN_STATE)
    return said.status_name if started else None


SOURCE = InertialSource(
    name="PMD",
    label="acceleration (Polar)",
    notify_uuid=uuids.POLAR_PMD_DATA,
    control_uuid=uuids.POLAR_PMD_CONTROL,
    start=(START_ACCELERATION,),
    stop=(STOP_ACCELERATION,),
    min_mtu=229,
    rate_hz=200.0,
    full_scale_g=RANGE_G,
    gyroscope=False,
    make_decoder=lambda: _inertial,
    refused=_refused,
)
