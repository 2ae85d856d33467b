"""Frames of real machines and sensors, with the values that two independent decoders agree on."""

import json
from pathlib import Path
from typing import Any

import pytest

from treadcoach.cli.decode import decode_line
from treadcoach.wire.advert import (
    is_treadmill_name,
    is_treadmill_service_data,
    may_be_treadmill,
    printable,
)
from treadcoach.wire.fields import decode_fields
from treadcoach.wire.polar import decode_acceleration, encode_acceleration
from treadcoach.wire.uuids import FITNESS_MACHINE, uuid16

NAMES = {
    "incline_pct": "incline_percent",
    "ramp_deg": "ramp_angle_deg",
    "gain_pos_m": "elevation_gain_m",
    "gain_neg_m": "elevation_loss_m",
    "hr_bpm": "heart_rate_bpm",
    "steps_vendor": "steps",
    "min_kmh": "min_speed_kmh",
    "max_kmh": "max_speed_kmh",
    "inc_kmh": "speed_step_kmh",
    "min_pct": "min_incline_percent",
    "max_pct": "max_incline_percent",
    "inc_pct": "incline_step_percent",
    "machine": "machine_features",
    "target": "target_features",
}
NOT_PART_OF_IT = {
    "flags", "trailing_hex", "rfu_bits", "pace_inst_raw", "pace_avg_raw", "string_present",
    "extended_string", "machine_u32", "target_u32",
}  # fmt: skip


def frames(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "ftms" / "frames.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_frame_decodes_to_the_agreed_values(shared_data: Path) -> None:
    checked = 0
    for frame in frames(shared_data):
        answer: Any = decode_line(json.dumps({"char": frame["char"], "hex": frame["hex"]}).encode())
        expected = {
            NAMES.get(name, name): value
            for name, value in frame["expected"].items()
            if name not in NOT_PART_OF_IT and not (name == "op" and frame["char"] == "2ADA")
        }
        if not answer["ok"]:
            assert expected.keys() <= {"truncated", "more_data"}, (frame["hex"], answer)
            continue
        for name, value in expected.items():
            if name in frame.get("soft_fields", ()):
                continue
            got = answer["fields"].get(name)
            if isinstance(value, float):
                assert got == pytest.approx(value, abs=1e-6), (frame["hex"], name)
            else:
                assert got == value, (frame["hex"], name)
            checked += 1
    assert checked > 550


def test_frames_that_were_cut_anywhere_keep_their_whole_fields(shared_data: Path) -> None:
    for frame in frames(shared_data):
        whole = bytes.fromhex(frame["hex"])
        if (
            frame["char"] != "2ACD"
            or frame["expected"].get("truncated")
            or int.from_bytes(whole[:2], "little") & 0x60
        ):
            continue
        full = decode_fields("2ACD", whole)
        for size in range(len(whole)):
            answer: Any = decode_line(json.dumps({"char": "2ACD", "hex": whole[:size].hex()}).encode())
            if answer["ok"]:
                for name, value in answer["fields"].items():
                    assert name in ("truncated", "steps") or full[name] == value


def test_adverts(shared_data: Path) -> None:
    lines = (shared_data / "ftms" / "adverts.jsonl").read_text(encoding="utf-8").splitlines()
    for entry in map(json.loads, lines):
        for case in entry.get("cases", ()):
            assert is_treadmill_service_data(bytes.fromhex(case["sd"])) is case["is_treadmill"], case
        by_name = entry.get("expected", {}).get("is_ftms_by_name")
        for name in entry.get("names", ()):
            real = name.split(" (")[0].replace("*", "X1")
            if by_name is None:
                assert not is_treadmill_name(real), name
            elif not name.startswith("DK"):
                assert is_treadmill_name(real) is by_name, name
        if entry.get("expected", {}).get("is_ftms") and "1826" in entry.get("service_uuids", ()):
            services = [uuid16(int(text, 16)) for text in entry["service_uuids"]]
            assert may_be_treadmill(entry.get("local_name"), services, {})


def test_names_of_a_length() -> None:
    assert is_treadmill_name("DK0123456789")
    assert not is_treadmill_name("DK01")
    assert not is_treadmill_name(None)
    assert is_treadmill_name("FIT-1234") and not is_treadmill_name("FIT-BK-1234")
    assert not may_be_treadmill("Rower", [FITNESS_MACHINE], {FITNESS_MACHINE: b"\x01\x10\x00"})


def test_h10_frames_decode_exactly_and_round_trip(shared_data: Path) -> None:
    lines = (shared_data / "sensor_frames" / "polar_h10.jsonl").read_text(encoding="utf-8").splitlines()
    count = 0
    for entry in map(json.loads, lines):
        if entry["kind"] != "pmd_acc_notification":
            continue
        data = bytes.fromhex(entry["hex"])
        frame = decode_acceleration(data)
        assert frame.sensor_time_ns == entry["expected"]["timestamp_ns"]
        assert [list(sample) for sample in frame.samples_mg] == entry["expected"]["samples_mg"]
        assert encode_acceleration(frame) == data
        count += 1
    assert count > 3


def test_names_from_the_air_are_made_safe_to_show() -> None:
    assert printable("Mill\x1b[2J\n\u202e") == "Mill[2J"
    assert printable("x" * 500) == "x" * 40
    assert printable("\x00\x07") == ""
