"""Inertial sensors' packets: real ones exactly, made ones there and back, fuzzed ones an error at most."""

import json
import struct
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.samples import AccelerationFrame, HeartRate, InertialFrame, RunningSpeed
from treadcoach.wire import movesense, open_imu, polar
from treadcoach.wire.heart_rate import decode_heart_rate, encode_heart_rate
from treadcoach.wire.inertial_sources import BY_NAME, SOURCES
from treadcoach.wire.octets import FrameError
from treadcoach.wire.running_speed import decode_running_speed, encode_running_speed

MILLI_G = st.integers(min_value=-32768, max_value=32767)
SAMPLE = st.tuples(MILLI_G, MILLI_G, MILLI_G)
SENSORS = {
    "movesense_acc": 1,
    "movesense_gyro": 1,
    "movesense_magn": 1,
    "movesense_imu6": 2,
    "movesense_imu9": 3,
}


def _real(folder: Path, name: str) -> list[dict[str, object]]:
    lines = (folder / "sensor_frames" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_real_polar_frames_decode_exactly(shared_data: Path) -> None:
    kinds = set()
    for entry in _real(shared_data, "polar_h10.jsonl"):
        data, expected = bytes.fromhex(str(entry["hex"])), entry["expected"]
        assert isinstance(expected, dict)
        kinds.add(entry["kind"])
        if entry["kind"] == "pmd_acc_notification":
            frame = polar.decode_acceleration(data)
            assert frame.sensor_time_ns == expected["timestamp_ns"]
            assert [list(sample) for sample in frame.samples_mg] == expected["samples_mg"]
            assert polar.encode_acceleration(frame) == data
            assert polar.decode_acceleration(polar.encode_compressed(frame)) == frame
        elif entry["kind"] == "pmd_features_read":
            assert polar.decode_features(data) == expected["measurements"]
        else:
            answer = polar.decode_control(data)
            assert answer.status == expected["status"] and answer.more is expected["more"]
            assert answer.measurement == expected["measurement"]
            assert {k: list(v) for k, v in answer.settings.items()} == expected.get("settings", {})
    assert len(kinds) == 4


def test_real_movesense_frames_decode_exactly(shared_data: Path) -> None:
    seen = set()
    for entry in _real(shared_data, "movesense.jsonl"):
        data, expected = bytes.fromhex(str(entry["hex"])), entry["expected"]
        assert isinstance(expected, dict)
        seen.add(entry["kind"])
        assert movesense.decode_resource(str(entry["resource"]), data) == expected
        if (count := SENSORS.get(str(entry["kind"]))) is not None:
            samples = movesense.decode_samples(data, count)
            assert samples.timestamp_ms == expected["timestamp_ms"]
    assert {"movesense_imu6", "movesense_ecg"} <= seen


def test_a_real_h10_stream_keeps_its_true_rate(shared_data: Path) -> None:
    """Asked for 50 Hz it gives 50.9: the rate comes from the stamps. One of its packets is missing."""
    from treadcoach.form.sensor_clock import SensorClock

    decode = polar.SOURCE.make_decoder()
    clock = SensorClock(50.0)
    times: list[float] = []
    for entry in _real(shared_data, "polar_h10.jsonl"):
        if entry["kind"] != "pmd_acc_notification":
            continue
        frame = decode(bytes.fromhex(str(entry["hex"])))
        assert frame is not None
        placed = clock.place(frame.sensor_time_s, frame)
        assert placed is not None
        times += placed[0].tolist()
    steps = [after - before for before, after in pairwise(times)]
    assert all(step > 0 for step in steps)
    within = [step for step in steps if step < 0.1]
    assert 50.0 < 1 / (sum(within) / len(within)) < 51.0
    assert sum(step >= 0.1 for step in steps) == 1  # the missing packet stays a hole


@given(st.lists(SAMPLE, min_size=1, max_size=60), st.integers(min_value=0, max_value=2**64 - 1))
def test_polar_frames_there_and_back(samples: list[tuple[int, int, int]], stamp: int) -> None:
    frame = AccelerationFrame(stamp, tuple(samples))
    assert polar.decode_acceleration(polar.encode_acceleration(frame)) == frame
    assert polar.decode_acceleration(polar.encode_compressed(frame)) == frame


def test_a_compressed_frame_of_steps_is_scaled() -> None:
    body = struct.pack("<hhh", 4096, -4096, 0) + bytes((4, 1)) + (0x0F1).to_bytes(2, "little")
    frame = polar.decode_acceleration(bytes((2,)) + bytes(8) + bytes((0x80,)) + body)
    assert frame.samples_mg[0] == (1000, -1000, 0)
    assert frame.samples_mg[1] == (1000, -1000, 0)  # one step of 0.24 mG either way rounds away
    doubled = polar.decode_acceleration(bytes((2,)) + bytes(8) + bytes((0x80,)) + body, mg_per_step=1.0)
    assert doubled.samples_mg == ((4096, -4096, 0), (4097, -4097, 0))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02" + bytes(8),
        b"\x02" + bytes(8) + b"\x01",
        b"\x02" + bytes(8) + b"\x01" + bytes(5),
        b"\x00" + bytes(8) + b"\x01" + bytes(6),
        b"\x02" + bytes(8) + b"\x07" + bytes(6),
        b"\x02" + bytes(8) + b"\x81" + bytes(5),
        b"\x02" + bytes(8) + b"\x81" + bytes(6) + b"\x08",
        b"\x02" + bytes(8) + b"\x81" + bytes(6) + b"\x08\xff" + bytes(3),
        b"\x02" + bytes(8) + b"\x81" + bytes(6) + b"\x00\xff",
        b"\x02" + bytes(8) + b"\x81" + bytes(6) + b"\x21\x01" + bytes(13),
    ],
    ids=range(11),
)
def test_cut_and_odd_polar_frames_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        polar.decode_acceleration(data)


@pytest.mark.parametrize(
    ("status", "refused"), [(0, None), (6, None), (8, "invalid sample rate"), (99, "status 99")]
)
def test_a_refused_start_says_why(status: int, refused: str | None) -> None:
    assert polar.SOURCE.refused(bytes((0xF0, 2, 2, status, 0))) == refused


def test_a_movesense_packet_in_two_parts_is_one() -> None:
    rows = tuple((float(k), 1.0, -2.5) for k in range(16))
    payload = movesense.encode_imu6(123456, rows, rows)
    whole = movesense.imu6_frame(payload)
    for room in (len(payload) + 2, 244, 150):
        decode = movesense.Imu6Decoder()
        parts = movesense.notifications(movesense.REFERENCE, payload, room)
        frames = [decode(part) for _ in range(3) for part in parts]
        found = [frame for frame in frames if frame is not None]
        # A packet in one part is known to be whole when the next one begins.
        assert found == [whole] * (2 if len(parts) == 1 else 3)


def test_a_second_part_without_its_first_is_dropped() -> None:
    decode = movesense.Imu6Decoder()
    assert decode(bytes((3, movesense.REFERENCE)) + bytes(20)) is None
    assert decode(movesense.response(movesense.REFERENCE, 200)) is None
    with pytest.raises(FrameError):
        decode(b"\x02")
    with pytest.raises(FrameError):
        decode(bytes((9, movesense.REFERENCE)) + bytes(28))


def test_a_movesense_value_that_is_no_number_is_refused() -> None:
    payload = movesense.encode_imu6(1, ((float("nan"), 0.0, 0.0),), ((0.0, 0.0, 0.0),))
    with pytest.raises(FrameError, match="no number"):
        movesense.imu6_frame(payload)


@given(st.lists(st.tuples(*[st.floats(-30, 30)] * 3, *[st.floats(-3000, 3000)] * 3), min_size=1, max_size=20))
def test_plain_six_axis_packets_there_and_back(rows: list[tuple[float, ...]]) -> None:
    frame = InertialFrame(
        12.345, tuple((r[0], r[1], r[2]) for r in rows), tuple((r[3], r[4], r[5]) for r in rows)
    )
    found = open_imu.decode_packet(open_imu.encode_packet(frame))
    assert found.sensor_time_s == pytest.approx(12.345)
    for sent, got in zip(frame.acceleration_g, found.acceleration_g, strict=True):
        assert got == pytest.approx(sent, abs=0.0006)
    for sent, got in zip(frame.rate_dps or (), found.rate_dps or (), strict=True):
        assert got == pytest.approx(sent, abs=0.06)


@pytest.mark.parametrize("flags", range(8))
def test_every_flag_combination_of_running_speed_round_trips(flags: int) -> None:
    sample = RunningSpeed(
        speed_kmh=9.0,
        cadence_rpm=85,
        stride_length_m=1.8 if flags & 1 else None,
        distance_m=1234.5 if flags & 2 else None,
        running=bool(flags & 4),
    )
    data = encode_running_speed(sample)
    assert data[0] == flags
    assert decode_running_speed(data) == sample


def test_every_flag_combination_of_heart_rate_round_trips() -> None:
    for bpm, contact, energy, beats in product((61, 261), (None, False, True), (None, 250), ((), (0.5, 1.0))):
        sample = HeartRate(bpm, contact=contact, energy_kj=energy, rr_s=beats)
        assert decode_heart_rate(encode_heart_rate(sample)) == sample


@given(st.sampled_from(sorted(BY_NAME)), st.lists(st.binary(max_size=260), max_size=4))
def test_fuzzed_packets_are_read_or_refused_and_nothing_else(name: str, packets: list[bytes]) -> None:
    decode = BY_NAME[name].make_decoder()
    for data in packets:
        try:
            frame = decode(data)
        except FrameError:
            continue
        if frame is not None:
            assert len(frame.acceleration_g) > 0
            assert frame.rate_dps is None or len(frame.rate_dps) == len(frame.acceleration_g)


def test_each_source_can_be_told_by_its_name_and_its_characteristic() -> None:
    assert len(BY_NAME) == len(SOURCES) == len({source.notify_uuid for source in SOURCES})
    for source in SOURCES:
        assert (source.control_uuid is None) == (source.start == ())
        assert source.start == () or source.stop, "what is started is stopped"
