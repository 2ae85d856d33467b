"""A plain 6-axis sensor for self-made boards: one service, one notification, no commands.

Service 7c0a0001-5f1c-4d5e-9a3b-6d0f2f8e1a00 with one characteristic that notifies:

    u32  time of the last sample, ms, on the sensor's own clock (it may wrap)
    then for each sample, little endian and signed 16 bit:
    ax ay az   acceleration with gravity, mG
    gx gy gz   angular rate, 0.1 deg/s

x along the body (up when worn), z away from it. 25 to 208 samples a second.
"""

import struct

from treadcoach.core.samples import InertialFrame
from treadcoach.wire import uuids
from treadcoach.wire.inertial import InertialSource
from treadcoach.wire.octets import FrameError

_SAMPLE = struct.Struct("<6h")


def decode_packet(data: bytes) -> InertialFrame:
    """Decode one notification. Raises FrameError for a cut one."""
    body = data[4:]
    if not body or len(body) % _SAMPLE.size:
        raise FrameError(f"6-axis packet: {len(data)} octets, 4 and a multiple of {_SAMPLE.size} are needed")
    rows = list(_SAMPLE.iter_unpack(body))
    return InertialFrame(
        int.from_bytes(data[:4], "little") / 1000,
        tuple((row[0] / 1000, row[1] / 1000, row[2] / 1000) for row in rows),
        tuple((row[3] / 10, row[4] / 10, row[5] / 10) for row in rows),
    )


def encode_packet(frame: InertialFrame) -> bytes:
    """The packet of a frame that has both sensors; values beyond 16 bit are cut to the range."""
    out = (round(frame.sensor_time_s * 1000) & 0xFFFFFFFF).to_bytes(4, "little")
    for acceleration, rate in zip(frame.acceleration_g, frame.rate_dps or (), strict=True):
        numbers = [round(v * 1000) for v in acceleration] + [round(v * 10) for v in rate]
        out += _SAMPLE.pack(*(min(max(number, -32768), 32767) for number in numbers))
    return out


SOURCE = InertialSource(
    name="OPEN6",
    label="acceleration and gyroscope",
    notify_uuid=uuids.OPEN_IMU_DATA,
    control_uuid=None,
    start=(),
    stop=(),
    min_mtu=40,
    rate_hz=100.0,
    full_scale_g=None,
    gyroscope=True,
    make_decoder=lambda: decode_packet,
)
