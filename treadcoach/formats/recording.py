"""Recordings of an inertial sensor from any logger: CSV, plain or gzip."""

import csv
import gzip
import io
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from treadcoach.core.errors import InputError

ACCELERATION = ("ax_g", "ay_g", "az_g")
RATE = ("gx_dps", "gy_dps", "gz_dps")
TWO_AXES = ("a_vertical_g", "a_ap_g")
COLUMNS = "t_s,ax_g,ay_g,az_g[,gx_dps,gy_dps,gz_dps] or t_s,a_vertical_g,a_ap_g"
RATE_RANGE_HZ = (20.0, 1100.0)
LONGEST_S = 12 * 3600.0
LARGEST_G = 200.0
LARGEST_DPS = 4000.0
_MOST_OCTETS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Recording:
    """t_s (n,) rising; rows (n, 3) g, or (n, 6) with deg/s. lateral False: the third axis is empty."""

    t_s: NDArray[np.float64]
    rows: NDArray[np.float64]
    gyroscope: bool
    lateral: bool
    rate_hz: float


def read_recording(path: Path) -> Recording:
    """Read one file. Raises InputError with the line and the reason."""
    name = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError("FILE", name, f"a file that can be read ({error.strerror})") from error
    if raw[:2] == b"\x1f\x8b":
        raw = _unpacked(raw, name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"{name}, line {line}", "octets that are no UTF-8 text", f"CSV with {COLUMNS}"
        ) from error
    return _parse(io.StringIO(text, newline=""), name)


def _unpacked(raw: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            out = packed.read(_MOST_OCTETS + 1)
    except (OSError, EOFError) as error:
        raise InputError(name, f"a broken gzip file ({error})", "a whole .gz file") from error
    if len(out) > _MOST_OCTETS:
        raise InputError(name, "more than 2 GB unpacked", "a recording of at most 12 h")
    return out


def _parse(lines: TextIO, name: str) -> Recording:
    reader = csv.reader(lines)
    try:
        header = [column.strip() for column in next(reader, [])]
    except csv.Error as error:
        raise InputError(f"{name}, line 1", str(error), f"a header with {COLUMNS}") from error
    wanted, lateral, gyroscope = _columns(header, name)
    places = [header.index(column) for column in wanted]
    table = _quick(lines, places, wanted)
    if table is None:
        # Something is off, or written in an unusual way: line by line, so that it can be named.
        lines.seek(0)
        table = _line_by_line(lines, places, wanted, name)
    return _checked(table, name, lateral=lateral, gyroscope=gyroscope)


def _quick(lines: TextIO, places: list[int], names: list[str]) -> NDArray[np.float64] | None:
    """The whole table at once; None when it is not clean."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an empty table is found below
            table = np.loadtxt(lines, delimiter=",", usecols=places, ndmin=2, comments=None)
    except ValueError:
        return None
    if len(table) < 2 or not np.isfinite(table).all() or not (np.diff(table[:, 0]) > 0).all():
        return None
    limits = np.array([_limit(name) for name in names])
    return None if (np.abs(table) > limits).any() else table


def _line_by_line(lines: TextIO, places: list[int], wanted: list[str], name: str) -> NDArray[np.float64]:
    reader = csv.reader(lines)
    next(reader)
    numbers: list[list[float]] = []
    before = -math.inf
    try:
        for row in reader:
            if not row or all(not cell.strip() for cell in row):
                continue
            values = _numbers(row, places, wanted, f"{name}, line {reader.line_num}")
            if values[0] <= before:
                raise InputError(
                    f"{name}, line {reader.line_num}, t_s", values[0], f"a time after {before:g} s"
                )
            before = values[0]
            numbers.append(values)
    except csv.Error as error:
        raise InputError(f"{name}, line {reader.line_num}", str(error), f"CSV with {COLUMNS}") from error
    if len(numbers) < 2:
        raise InputError(name, f"{len(numbers)} samples", "two samples or more")
    return np.array(numbers)


def _checked(table: NDArray[np.float64], name: str, *, lateral: bool, gyroscope: bool) -> Recording:
    t_s = table[:, 0]
    if t_s[-1] - t_s[0] > LONGEST_S:
        raise InputError(f"{name}, t_s", f"{t_s[-1] - t_s[0]:g} s", "at most 12 h, in seconds")
    rate = 1 / float(np.median(np.diff(t_s)))
    if not RATE_RANGE_HZ[0] <= rate <= RATE_RANGE_HZ[1]:
        raise InputError(f"{name}, t_s", f"{rate:.3g} samples a second", "25 to 500, with times in seconds")
    rows = table[:, 1:]
    level = float(np.median(np.sqrt((rows[:, :3] ** 2).sum(axis=1))))
    if level > 5:
        unit = "m/s²" if level < 15 else "mg"
        raise InputError(f"{name}, acceleration", f"{level:.3g} in the middle", f"g (these look like {unit})")
    if not lateral:
        rows = np.column_stack((rows, np.zeros(len(rows))))
    return Recording(t_s, np.ascontiguousarray(rows), gyroscope, lateral, rate)


def _columns(header: list[str], name: str) -> tuple[list[str], bool, bool]:
    """The columns to read, whether there is a lateral axis, and whether a gyroscope."""
    if len(set(header)) != len(header):
        raise InputError(f"{name}, line 1", ",".join(header), "each column once")
    if "t_s" not in header:
        raise InputError(f"{name}, line 1", ",".join(header)[:60], f"a header with {COLUMNS}")
    if all(column in header for column in ACCELERATION):
        gyro = [column for column in RATE if column in header]
        if gyro and len(gyro) != 3:
            raise InputError(f"{name}, line 1", ",".join(gyro), "all of gx_dps,gy_dps,gz_dps or none")
        return ["t_s", *ACCELERATION, *gyro], True, bool(gyro)
    if all(column in header for column in TWO_AXES):
        return ["t_s", *TWO_AXES], False, False
    raise InputError(f"{name}, line 1", ",".join(header)[:60], f"a header with {COLUMNS}")


def _limit(column: str) -> float:
    return LARGEST_G if column.endswith("_g") else LARGEST_DPS if column.endswith("_dps") else 1e12


def _numbers(row: list[str], places: list[int], names: list[str], here: str) -> list[float]:
    values = []
    for place, column in zip(places, names, strict=True):
        if place >= len(row):
            raise InputError(here, f"{len(row)} values", f"at least {max(places) + 1}; {column} is missing")
        try:
            value = float(row[place])
        except ValueError:
            raise InputError(f"{here}, {column}", row[place], "a number") from None
        limit = _limit(column)
        if not math.isfinite(value) or abs(value) > limit:
            raise InputError(f"{here}, {column}", row[place], f"a number from {-limit:g} to {limit:g}")
        values.append(value)
    return values
