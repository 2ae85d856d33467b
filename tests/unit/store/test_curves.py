"""Curves thinned by the store are those that are counted by hand, on both stores."""

from pathlib import Path

import pytest

from tests.unit.store.test_journal import begin
from treadcoach.store import history, schema
from treadcoach.store.curves import CURVES, form_readings, phase_changes, sample_curves
from treadcoach.store.opening import open_engine

PHASES = ["warm_up", "main", "paused", "main", "cool_down"]


def by_hand(values: list[float | None], most: int) -> list[float | None]:
    """Means of equal stretches."""
    parts = min(most, len(values))
    out: list[float | None] = []
    for at in range(parts):
        mine = values[at * len(values) // parts : (at + 1) * len(values) // parts]
        known = [value for value in mine if value is not None]
        out.append(sum(known) / len(known) if known else None)
    return out


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 99, 1234])
def test_means_and_phases(where: Path | str, count: int) -> None:
    journal = begin(where, inline=True)
    for second in range(count):
        gap = 30 < second < 700 and second % 400 > 20
        row: dict[str, object] = dict.fromkeys(CURVES)
        row |= {"phase": PHASES[second * len(PHASES) // count], "distance_m": 0.0}
        row |= {"speed_kmh": None if gap else 5 + second / 100, "heart_rate_bpm": 100 + second % 7}
        journal.add(schema.samples, 100.0 + second, row)
    journal.end("completed", {})
    engine = open_engine(where)
    rows = history.rows_of(engine, "samples", 1)
    found = sample_curves(engine, 1, 10)
    for name in ("t_s", *CURVES):
        means = [getattr(row, name) for row in found]
        assert means == pytest.approx(by_hand([getattr(row, name) for row in rows], 10)), name
    changes = [(change.t_s, change.phase) for change in phase_changes(engine, 1)]
    begun = [
        (row.t_s, row.phase)
        for before, row in zip([None, *rows], rows, strict=False)
        if before is None or before.phase != row.phase
    ]
    if rows and (rows[-1].t_s, rows[-1].phase) not in begun:
        begun.append((rows[-1].t_s, rows[-1].phase))
    assert changes == begun


def test_readings_of_sensors_that_take_turns_are_kept_of_each(where: Path | str) -> None:
    journal = begin(where, inline=True)
    for number in range(600):
        sensor = "hip" if number % 2 else "chest"
        if number >= 590:
            sensor = "pod"
        row = {"sensor": sensor, "gait": None, "start_s": 0.0, "metrics": f"{number}", "doubts": "[]"}
        journal.add(schema.form, 100.0 + number, row)
    journal.end("completed", {})
    engine = open_engine(where)
    kept = form_readings(engine, 1, 100)
    of = {name: [int(row.metrics) for row in kept if row.sensor == name] for name in ("chest", "hip", "pod")}
    assert of["pod"] == list(range(590, 600)), "few are all kept"
    assert of["chest"] == list(range(0, 590, 4)) and of["hip"] == list(range(1, 590, 4))
    assert [row.t_s for row in kept] == sorted(row.t_s for row in kept)
    assert form_readings(engine, 2, 100) == []
