"""The stream on a virtual runner: gaps, jitter, clipping, remounts, loose straps, standing."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.body import Body
from treadcoach.core.body import Gait, Mount, SensorKind, Tier
from treadcoach.form.doubts import CLIPPED, LOOSE, MOVED
from treadcoach.form.reading import METRICS, shown, trust_of
from treadcoach.form.stream import FormStream, Surroundings
from treadcoach.virtual.motion import Form


@pytest.mark.parametrize("mount", [Mount.CHEST, Mount.HIP])
@pytest.mark.parametrize("speed", [2.0, 3.0, 5.0, 7.0, 9.0, 12.0])
def test_the_model_is_read_as_it_moves(mount: Mount, speed: float) -> None:
    body = Body(mount, gyroscope=True)
    reading = body.run(20, speed)[-1]
    assert reading.value("cadence_spm") == pytest.approx(body.runner.cadence_spm, rel=0.003)
    assert reading.gait is (Gait.RUNNING if speed > 6.5 else Gait.WALKING)
    turn = 28 if mount is Mount.CHEST else 14
    if speed > 6.5:
        assert reading.value("rotation_deg") == pytest.approx(turn, rel=0.1)
        assert reading.value("stride_length_m") == pytest.approx(
            speed / 3.6 * 120 / body.runner.cadence_spm, rel=0.01
        )


def test_nothing_is_said_of_a_runner_who_stands() -> None:
    readings = Body().run(10, 0.0)
    assert readings
    assert all(reading.gait is None and not reading.values for reading in readings)


def test_a_start_and_a_stop_are_not_mixed_into_the_gait() -> None:
    body = Body()
    running = body.run(8, 9.0)
    first = next(reading for reading in running if reading.gait is not None)
    assert first.value("cadence_spm") == pytest.approx(body.runner.cadence_spm, rel=0.01)
    standing = body.run(8, 0.0)
    assert standing[1].gait is None


def test_forward_and_backward_lean_have_their_sign() -> None:
    body = Body()
    forward = body.run(12, 9.0)[-1].value("lean_deg")
    body.form.lean_deg = -6
    backward = body.run(12, 9.0)[-1].value("lean_deg")
    assert forward is not None and 3 < forward < 9
    assert backward is not None and -8 < backward < -2


def test_lean_is_unknown_without_a_standing() -> None:
    reading = Body(calibrate=False).run(12, 9.0)[-1]
    assert reading.value("lean_deg") is None and reading.value("cadence_spm") is not None


def test_the_two_sides_are_told_apart() -> None:
    even, uneven = Body(), Body()
    uneven.form.asymmetry = 0.1
    one = even.run(30, 9.0)[-1].value("step_asymmetry_percent")
    other = uneven.run(30, 9.0)[-1].value("step_asymmetry_percent")
    assert one is not None and one < 1.0
    assert other is not None and other > 3.0


def test_a_lost_frame_is_bridged_and_a_long_gap_begins_anew() -> None:
    body = Body()
    body.run(12, 9.0)
    body.drop_from_s, body.drop_to_s = body.now_s + 0.95, body.now_s + 1.1  # one packet of 0.2 s
    short = body.run(6, 9.0)
    assert all(reading.gait is Gait.RUNNING for reading in short)
    body.drop_from_s, body.drop_to_s = body.now_s, body.now_s + 4
    long = body.run(12, 9.0)
    assert long[-1].value("cadence_spm") == pytest.approx(body.runner.cadence_spm, rel=0.005)
    for before, after in itertools.pairwise(long):
        assert after.end_s > before.end_s


def test_no_reading_bridges_a_long_gap() -> None:
    body = Body()
    body.run(12, 9.0)
    gap_s = body.now_s
    body.drop_from_s, body.drop_to_s = gap_s, gap_s + 4
    after = [reading for reading in body.run(12, 9.0) if reading.end_s > gap_s + 4]
    assert after and all(reading.start_s >= gap_s + 3.5 for reading in after)


def test_clipped_peaks_are_named() -> None:
    body = Body(rate_hz=200.0)
    body.stream.full_scale_g = 2.0
    body.run(8, 9.0)
    count = 200
    acceleration, _ = body.runner.motion(body.now_s + 1, 200.0, count, Mount.CHEST)
    t_s = body.now_s + 1 - np.arange(count - 1, -1, -1) / 200
    body.stream.add(t_s, np.clip(acceleration, -2, 2))
    assert CLIPPED in body.run(3, 9.0)[0].doubts


def test_clipping_is_noticed_without_knowing_the_range() -> None:
    stream = FormStream(SensorKind(Mount.HIP), Surroundings(9.0, 2.0))
    body = Body(rate_hz=200.0)
    body.run(4, 9.0)
    t_s = np.arange(0, 6, 1 / 200)
    acceleration, _ = body.runner.motion(body.now_s, 200.0, len(t_s), Mount.CHEST)
    readings = stream.add(t_s, np.clip(acceleration, -1.95, 1.95))
    assert any(CLIPPED in reading.doubts for reading in readings)


def test_a_sensor_that_slips_is_noticed_and_its_standing_is_void() -> None:
    body = Body()
    body.run(20, 9.0)
    body.form.turned_deg = 40
    doubts = {doubt for reading in body.run(8, 9.0) for doubt in reading.doubts}
    assert MOVED in doubts
    body.stream.remounted()
    assert body.run(12, 9.0)[-1].value("lean_deg") is None


def test_a_loose_strap_is_noticed() -> None:
    body = Body()
    body.form.loose = 1.0
    doubts = {doubt for reading in body.run(30, 9.0) for doubt in reading.doubts}
    assert doubts & {LOOSE, MOVED}


def test_jitter_of_the_stamps_hardly_matters() -> None:
    body = Body()
    body.run(3, 9.0)
    random = np.random.default_rng(3)
    count = 104 * 20
    t_s = np.arange(count) / 104 + random.uniform(-0.003, 0.003, count)
    acceleration, _ = body.runner.motion(body.now_s, 104.0, count, Mount.CHEST)
    readings = FormStream(SensorKind(Mount.CHEST), Surroundings(9.0, 2.0)).add(t_s, acceleration)
    assert readings[-1].value("cadence_spm") == pytest.approx(body.runner.cadence_spm, rel=0.005)


def test_repeats_and_steps_back_are_left_out() -> None:
    body = Body(calibrate=False)
    body.run(3, 9.0)
    t_s = np.arange(0, 10, 0.01)
    acceleration, _ = body.runner.motion(body.now_s, 100.0, len(t_s), Mount.CHEST)
    plain = FormStream(SensorKind(Mount.CHEST), Surroundings(9.0, 2.0))
    noisy = FormStream(SensorKind(Mount.CHEST), Surroundings(9.0, 2.0))
    expected = plain.add(t_s, acceleration)
    twice = np.repeat(np.arange(len(t_s)), 2)
    assert noisy.add(t_s[twice], acceleration[twice]) == expected
    assert noisy.add(t_s[-5:], acceleration[-5:]) == []


def test_values_that_are_no_numbers_are_left_out() -> None:
    body = Body(calibrate=False)
    body.run(3, 9.0)
    t_s = np.arange(0, 10, 0.01)
    acceleration, _ = body.runner.motion(body.now_s, 100.0, len(t_s), Mount.CHEST)
    acceleration[200, 1] = np.nan
    acceleration[300, 0] = np.inf
    readings = FormStream(SensorKind(Mount.CHEST), Surroundings(9.0, 2.0)).add(t_s, acceleration)
    assert readings[-1].value("cadence_spm") == pytest.approx(body.runner.cadence_spm, rel=0.01)
    assert all(np.isfinite(list(reading.values.values())).all() for reading in readings)


@given(
    sizes=st.lists(st.integers(min_value=1, max_value=400), min_size=1, max_size=40),
    gap=st.booleans(),
)
def test_no_cutting_into_chunks_changes_anything(sizes: list[int], gap: bool) -> None:
    t_s = np.arange(0, 8, 1 / 104)
    if gap:
        t_s = np.concatenate((t_s[:400], t_s[400:] + 0.7))
    moving = np.stack(
        (1 + 0.8 * np.cos(17 * t_s), 0.2 * np.sin(8.5 * t_s), 0.3 * np.sin(17 * t_s + 0.4)), axis=1
    )
    kind = SensorKind(Mount.CHEST)
    whole = FormStream(kind, Surroundings(9.0, 2.0))
    expected = whole.add(t_s, moving) + whole.finish()
    stream = FormStream(kind, Surroundings(9.0, 2.0))
    found, at = [], 0
    for size in [*sizes, len(t_s)]:
        found += stream.add(t_s[at : at + size], moving[at : at + size])
        at += size
    assert found + stream.finish() == expected


@given(st.binary(min_size=24, max_size=2400))
def test_noise_of_any_kind_breaks_nothing(noise: bytes) -> None:
    raw = np.frombuffer(noise[: len(noise) // 24 * 24], dtype="<f4").reshape(-1, 6)
    with np.errstate(all="ignore"):
        numbers = raw.astype(float)
    stream = FormStream(SensorKind(Mount.CHEST, gyroscope=True), Surroundings(9.0, 2.0))
    numbers = np.clip(numbers, -1e3, 1e3)
    with np.errstate(all="ignore"):
        readings = stream.add(np.arange(len(numbers)) / 50, numbers) + stream.finish()
    for reading in readings:
        assert all(np.isfinite(value) for value in reading.values.values())


def test_every_value_carries_its_tier_and_age() -> None:
    body = Body(Mount.CHEST)
    reading = body.run(15, 9.0)[-1]
    values = {value.name: value for value in shown(reading, body.stream.kind, reading.end_s + 0.4)}
    assert set(values) == set(METRICS)
    assert values["cadence_spm"].trust.tier is Tier.MEASURED
    assert values["cadence_spm"].age_s == pytest.approx(0.4)
    assert values["contact_ms"].trust.tier is Tier.ESTIMATED and "ms" in values["contact_ms"].trust.error
    assert values["rotation_deg"].trust.tier is Tier.UNSEEN and values["rotation_deg"].value is None


@pytest.mark.parametrize("name", METRICS)
def test_each_sensor_has_a_tier_for_each_metric(name: str) -> None:
    for mount in Mount:
        for gyroscope in (False, True):
            trust_of(name, SensorKind(mount, gyroscope))
    with pytest.raises(KeyError):
        trust_of("loading_rate", SensorKind(Mount.CHEST))


def test_the_virtual_form_names_what_it_knows() -> None:
    from treadcoach.core.errors import InputError

    form = Form()
    form.worsen("rail", 1.0)
    assert form.rail == 1.0
    with pytest.raises(InputError, match="one of lean_deg"):
        form.worsen("elbows", 1.0)
    with pytest.raises(InputError, match="-90 to 90"):
        form.worsen("rail", float("nan"))
