"""A folder of activities of a watch or a site as history, so that the weekly rule starts from the truth."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from sqlalchemy import Engine

from treadcoach.core.errors import InputError
from treadcoach.core.sustained import mean_maximal
from treadcoach.formats.activity import Activity
from treadcoach.formats.fit_activity import read_fit_activity
from treadcoach.formats.tcx import read_tcx
from treadcoach.store.imports import Imported, add_imported

MOST_OCTETS = 60_000_000
KINDS = (".fit", ".tcx", ".fit.gz", ".tcx.gz")


@dataclass(slots=True)
class ImportReport:
    """What became of every file. refused: (file, reason); jumps: file to steps that were not believed."""

    added: int = 0
    known: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    jumps: dict[str, int] = field(default_factory=dict)
    other_files: int = 0


def import_history(
    engine: Engine, runner: str, folder: Path, now: datetime, zone: tzinfo | None
) -> ImportReport:
    """Every FIT and TCX activity below a folder, or one file. Raises InputError when there is no such place.

    A file that cannot be used is reported and the others are taken.
    """
    report = ImportReport()
    for path, name in _files(folder):
        if not name.lower().endswith(KINDS):
            report.other_files += 1
            continue
        try:
            for found in _read(path, name, now, zone):
                if not add_imported(engine, runner, _imported(name, found)):
                    report.known += 1
                    continue
                report.added += 1
                if found.jumps:
                    report.jumps[name] = found.jumps
        except InputError as error:
            report.refused.append((name, str(error)))
    return report


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    if folder.is_file():
        yield folder, folder.name
        return
    if not folder.is_dir():
        raise InputError("FOLDER", str(folder), "a folder of FIT or TCX files, or one such file")
    for path in sorted(folder.rglob("*")):
        # A link could lead anywhere, and a pipe would never end.
        if path.is_file() and not path.is_symlink():
            yield path, str(path.relative_to(folder))


def _octets(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > MOST_OCTETS:
            raise InputError(name, f"{path.stat().st_size} octets", f"at most {MOST_OCTETS}")
        if path.suffix.lower() != ".gz":
            return path.read_bytes()
        with gzip.open(path) as packed:
            data = packed.read(MOST_OCTETS + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(name, str(error)[:120], "a file that can be read whole") from error
    if len(data) > MOST_OCTETS:
        raise InputError(name, f"more than {MOST_OCTETS} octets unpacked", f"at most {MOST_OCTETS}")
    return data


def _read(path: Path, name: str, now: datetime, zone: tzinfo | None) -> list[Activity]:
    data = _octets(path, name)
    if name.lower().removesuffix(".gz").endswith(".fit"):
        return [read_fit_activity(data, name, now, zone)]
    return read_tcx(data, name, now, zone)


def _imported(name: str, found: Activity) -> Imported:
    return Imported(
        Path(name).name[:60],
        f"{found.sport.capitalize()}, imported",
        found.started.timestamp(),
        found.day,
        found.moving_s,
        found.distance_m,
        max(found.speeds_kmh),
        found.mean_heart_rate_bpm,
        mean_maximal(found.speeds_kmh),
    )
