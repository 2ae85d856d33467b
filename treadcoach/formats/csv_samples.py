"""A session's samples as CSV: one line a second, units in the column names, empty where unknown."""

import csv
from collections.abc import Iterable
from typing import Any, TextIO

COLUMNS = (
    "t_s", "phase", "speed_kmh", "incline_percent", "distance_m", "wished_kmh", "ordered_kmh",
    "ordered_percent", "heart_rate_bpm", "cadence_spm",
)  # fmt: skip


def write_samples(rows: Iterable[Any], begin_s: float, target: TextIO) -> int:
    """Write rows that have COLUMNS as attributes; t_s counts from begin_s. Returns how many."""
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    written = 0
    for row in rows:
        written += 1
        values = [getattr(row, name) for name in COLUMNS[1:]]
        writer.writerow([f"{row.t_s - begin_s:.3f}", *("" if v is None else v for v in values)])
    return written
