"""Real recordings read by the product's own code, and how far it is from their references."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from treadcoach.core.body import Mount, SensorKind
from treadcoach.form.reading import FormReading, Step
from treadcoach.form.stream import FormStream, Surroundings
from treadcoach.formats.recording import Recording, read_recording

HELD_OUT_TRIALS = ("03", "06", "08", "12", "17", "22", "25", "29")
"""Of the force-treadmill trials; the contact model was fitted on the other eight."""
SAME_STEP_S = 0.10


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read(
    path: Path | Recording,
    mount: Mount,
    speed_kmh: float | None = None,
    incline_percent: float | None = None,
    chunk: int | None = None,
    *,
    gyroscope: bool | None = None,
) -> list[FormReading]:
    """All readings of a recording, fed at once or in chunks of so many samples."""
    recording = path if isinstance(path, Recording) else read_recording(path)
    gyro = recording.gyroscope if gyroscope is None else gyroscope
    kind = SensorKind(mount, gyro, recording.lateral)
    stream = FormStream(kind, Surroundings(speed_kmh, incline_percent))
    rows = recording.rows if gyro else recording.rows[:, :3]
    size = chunk or len(rows)
    readings: list[FormReading] = []
    for at in range(0, len(rows), size):
        readings += stream.add(recording.t_s[at : at + size], rows[at : at + size])
    return readings + stream.finish()


def steps_of(readings: Iterable[FormReading]) -> list[Step]:
    return [step for reading in readings for step in reading.steps]


def cadence_errors(readings: list[FormReading], references: list[dict[str, str]]) -> tuple[list[float], int]:
    """Percent errors of the cadence in each reference window, and how many windows had no answer.

    An answer is the mean of all readings that overlap the window, weighted by the overlap.
    """
    errors, silent = [], 0
    for reference in references:
        start, end = float(reference["t_start_s"]), float(reference["t_end_s"])
        weights, values = [], []
        for reading in readings:
            overlap = min(end, reading.end_s) - max(start, reading.start_s)
            cadence = reading.value("cadence_spm")
            if overlap > 0 and cadence is not None:
                weights.append(overlap)
                values.append(cadence)
        if not values:
            silent += 1
            continue
        errors.append(abs(np.average(values, weights=weights) / float(reference["cadence_spm"]) - 1) * 100)
    return errors, silent


def matched(steps: list[Step], contacts: list[dict[str, str]]) -> tuple[float, list[tuple[Step, float]]]:
    """F1 of steps against whole contacts, and each matched step with its contact time in ms.

    A step may mark any instant of the cycle, but always the same: the median lag is taken out.
    """
    middles = [(float(c["t_foot_strike_s"]) + float(c["t_toe_off_s"])) / 2 for c in contacts]
    lags = [middle - min((step.t_s for step in steps), key=lambda t: abs(t - middle)) for middle in middles]
    lag = float(np.median(lags))
    taken: set[int] = set()
    pairs = []
    for step in steps:
        at = int(np.argmin([abs(step.t_s + lag - middle) for middle in middles]))
        if at not in taken and abs(step.t_s + lag - middles[at]) <= SAME_STEP_S:
            taken.add(at)
            pairs.append((step, float(contacts[at]["contact_time_ms"])))
    return 2 * len(pairs) / (len(steps) + len(middles)), pairs
