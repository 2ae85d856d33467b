"""Form metrics against the references of real recordings.

Nothing is tuned for a person. The constants of the stride search were chosen before the
lower-back recordings were looked at; the contact model was fitted on ten of the nineteen
runners and eight of the sixteen force-treadmill trials: the rest is judged apart here.
"""

from pathlib import Path

import numpy as np
import pytest

from tests.support.recordings import HELD_OUT_TRIALS, cadence_errors, matched, read, steps_of, table
from treadcoach.core.body import Gait, Mount
from treadcoach.form.contact import contact_s
from treadcoach.form.vertical import oscillation_of_mass_mm

TREADMILL = {"walk_4kmh": (4.0, 0.0), "walk_4kmh_15deg": (4.0, 26.8), "run_8kmh": (8.0, 0.0)}


@pytest.mark.parametrize("known", [True, False], ids=["belt speed known", "nothing known"])
@pytest.mark.parametrize("activity", TREADMILL)
def test_cadence_at_the_chest_on_a_treadmill(shared_data: Path, activity: str, known: bool) -> None:
    folder = shared_data / "torso_treadmill"
    references = table(folder / "reference_cadence.csv")
    errors, silent = [], 0
    for person in ("p1", "p2", "p3", "p4"):
        name = f"{person}_{activity}.csv.gz"
        speed, incline = TREADMILL[activity] if known else (None, None)
        readings = read(folder / name, Mount.CHEST, speed, incline)
        found, none = cadence_errors(readings, [r for r in references if r["recording"] == name])
        errors += found
        silent += none
    assert len(errors) + silent == 120
    assert silent / 120 <= 0.02
    assert np.mean(errors) <= 0.5


def test_running_is_told_from_walking(shared_data: Path) -> None:
    folder = shared_data / "torso_treadmill"
    for person in ("p1", "p2", "p3", "p4"):
        for activity, gait in (("walk_4kmh", Gait.WALKING), ("run_8kmh", Gait.RUNNING)):
            readings = read(folder / f"{person}_{activity}.csv.gz", Mount.CHEST)
            known = [reading.gait for reading in readings if reading.gait is not None]
            assert known.count(gait) / len(known) > 0.99, (person, activity)


@pytest.mark.parametrize("activity", ["sit", "stand"])
@pytest.mark.parametrize("speed", [None, 0.0], ids=["speed unknown", "belt stands"])
def test_no_cadence_of_a_body_that_rests(shared_data: Path, activity: str, speed: float | None) -> None:
    total = false = 0
    for person in ("p1", "p2", "p3", "p4"):
        readings = read(shared_data / "torso_treadmill" / f"{person}_{activity}.csv.gz", Mount.CHEST, speed)
        total += len(readings)
        false += sum(reading.value("cadence_spm") is not None for reading in readings)
    assert total > 1000
    assert false / total <= 0.01


def test_a_standing_belt_has_no_gait_whatever_the_body_does(shared_data: Path) -> None:
    for activity in ("jumping", "cycling", "stepper", "cross_trainer"):
        readings = read(shared_data / "torso_treadmill" / f"p1_{activity}.csv.gz", Mount.CHEST, 0.0)
        assert all(reading.gait is None and not reading.steps for reading in readings)


def test_cadence_at_the_lower_back_over_ground(shared_data: Path) -> None:
    """Never used for choosing anything: short straight walks with a turn between."""
    folder = shared_data / "lowerback_walk"
    references = table(folder / "reference_cadence.csv")
    errors, silent = [], 0
    for trial in table(folder / "trials.csv"):
        readings = read(folder / trial["file"], Mount.HIP)
        found, none = cadence_errors(readings, [r for r in references if r["recording"] == trial["file"]])
        errors += found
        silent += none
    assert silent == 0
    assert len(errors) == 46
    assert np.mean(errors) <= 0.6


@pytest.mark.parametrize("held_out", [False, True], ids=["fitted on", "held out"])
def test_steps_contacts_and_oscillation_on_the_force_treadmill(shared_data: Path, held_out: bool) -> None:
    folder = shared_data / "sacral_runner"
    contacts = table(folder / "contacts.csv")
    scores, errors, oscillation, cadence = [], [], [], []
    for trial in table(folder / "trials.csv"):
        if (trial["trial"][-2:] in HELD_OUT_TRIALS) is not held_out:
            continue
        speed, slope = float(trial["speed_kmh"]), float(trial["slope_percent"])
        readings = read(folder / trial["file"], Mount.HIP, speed, slope)
        f1, pairs = matched(steps_of(readings), [c for c in contacts if c["trial"] == trial["trial"]])
        scores.append(f1)
        errors += [(step.contact_ms or 0.0) - contact for step, contact in pairs]
        known = [v for r in readings if (v := r.value("vertical_oscillation_mm")) is not None]
        oscillation.append(np.mean(known) - float(trial["vertical_oscillation_mm"]))
        rates = [v for r in readings if (v := r.value("cadence_spm")) is not None]
        cadence.append(abs(np.mean(rates) / float(trial["cadence_spm"]) - 1) * 100)
    assert len(scores) == 8
    assert np.mean(scores) >= 0.99
    assert np.sqrt(np.mean(np.square(errors))) <= (10.5 if held_out else 9.5)
    assert np.abs(oscillation).max() <= 7.0
    assert np.sqrt(np.mean(np.square(oscillation))) <= 4.0
    assert np.mean(cadence) <= 0.5


def test_contact_time_of_runners_that_the_model_never_saw(shared_data: Path) -> None:
    rows = table(shared_data / "runners_table" / "runners.csv")
    subjects = sorted({int(row["subject"]) for row in rows})
    unseen = set(subjects[1::2])
    errors = []
    for row in rows:
        if int(row["subject"]) in unseen:
            speed, step_s = float(row["speed_mps"]) * 3.6, 1 / float(row["imu_step_frequency_hz"])
            found = contact_s(Gait.RUNNING, speed, step_s, None)
            assert found is not None
            errors.append(1000 * (found - float(row["grf_contact_s"])))
    assert len(unseen) == 9
    assert np.sqrt(np.mean(np.square(errors))) <= 10.0


def test_oscillation_of_the_mass_from_true_contacts(shared_data: Path) -> None:
    errors = []
    for trial in table(shared_data / "sacral_runner" / "trials.csv"):
        step_s, slope = 60 / float(trial["cadence_spm"]), float(trial["slope_percent"]) / 100
        found = oscillation_of_mass_mm(float(trial["mean_contact_ms"]) / 1000, step_s, slope)
        assert found is not None
        errors.append(found - float(trial["vertical_oscillation_mm"]))
    assert np.sqrt(np.mean(np.square(errors))) <= 3.0


@pytest.mark.parametrize("chunk", [1, 7, 36, 204, 5000])
@pytest.mark.parametrize(
    ("name", "mount", "speed"),
    [
        ("torso_treadmill/p1_run_8kmh.csv.gz", Mount.CHEST, 8.0),
        ("torso_treadmill/p3_walk_4kmh_15deg.csv.gz", Mount.CHEST, None),
        ("sacral_runner/trial_00.csv.gz", Mount.HIP, 9.0),
        ("lowerback_walk/trial_4-2.csv.gz", Mount.HIP, None),
    ],
)
def test_streaming_and_the_whole_file_are_identical(
    shared_data: Path, name: str, mount: Mount, speed: float | None, chunk: int
) -> None:
    assert read(shared_data / name, mount, speed, chunk=chunk) == read(shared_data / name, mount, speed)


@pytest.mark.parametrize("order", [(1, 2, 0), (2, 0, 1), (0, 2, 1)])
def test_swapped_axes_change_no_cadence(shared_data: Path, order: tuple[int, int, int]) -> None:
    from dataclasses import replace

    from treadcoach.formats.recording import read_recording

    recording = read_recording(shared_data / "torso_treadmill" / "p2_run_8kmh.csv.gz")
    swapped = replace(recording, rows=recording.rows[:, list(order)] * np.array([1.0, -1.0, 1.0]))
    plain = read(recording, Mount.CHEST, 8.0, gyroscope=False)
    turned = read(swapped, Mount.CHEST, 8.0, gyroscope=False)
    assert [reading.gait for reading in plain] == [reading.gait for reading in turned]
    for one, other in zip(plain, turned, strict=True):
        if one.gait is None:
            continue
        assert one.value("cadence_spm") == pytest.approx(other.value("cadence_spm"), rel=1e-6)
        assert one.value("sensor_oscillation_mm") == pytest.approx(
            other.value("sensor_oscillation_mm"), rel=1e-6
        )


@pytest.mark.parametrize("rate_hz", [25, 26, 52, 104, 208])
def test_any_rate_gives_the_same_cadence(shared_data: Path, rate_hz: float) -> None:
    """The force-treadmill recordings at the rates of real sensors."""
    from dataclasses import replace

    from treadcoach.formats.recording import read_recording

    folder = shared_data / "sacral_runner"
    for trial in table(folder / "trials.csv")[:6]:
        recording = read_recording(folder / trial["file"])
        t_s = np.arange(0, recording.t_s[-1], 1 / rate_hz)
        rows = np.stack([np.interp(t_s, recording.t_s, recording.rows[:, k]) for k in range(3)], axis=1)
        readings = read(replace(recording, t_s=t_s, rows=rows), Mount.HIP, float(trial["speed_kmh"]))
        rates = [v for r in readings if (v := r.value("cadence_spm")) is not None]
        assert abs(np.mean(rates) / float(trial["cadence_spm"]) - 1) < 0.012, trial["trial"]
