"""A folder of activities of a watch or a site as history, so that the weekly rule starts from the truth.

A file may be somebody else's. One that fits what is known of the runner counts at once; of the others a
person is asked, and what nobody has claimed is shown as history and raises no ceiling.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from sqlalchemy import Engine

from treadcoach.core.errors import InputError
from treadcoach.core.held import RUNNING_ABOVE_KMH, believed_of_a_watch, watch_curve
from treadcoach.core.sustained import best_of
from treadcoach.core.units import SpeedUnit, format_speed
from treadcoach.formats.activity import Activity
from treadcoach.formats.fit_activity import read_fit_activity
from treadcoach.formats.tcx import read_tcx
from treadcoach.store.imports import Imported, add_imported, known_of

MOST_OCTETS = 60_000_000
KINDS = (".fit", ".tcx", ".fit.gz", ".tcx.gz")


MORE_THAN_KNOWN = 1.25
"""So much faster than anything known of the runner is asked: a week allows 15 % more."""
Ask = Callable[[str], bool]


@dataclass(slots=True)
class ImportReport:
    """What became of every file. refused: (file, reason); jumps: file to steps that were not believed.

    unclaimed: how many of those added (and of those there before) raise no ceiling until they are claimed.
    """

    added: int = 0
    known: int = 0
    unclaimed: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    jumps: dict[str, int] = field(default_factory=dict)
    other_files: int = 0


def import_history(
    engine: Engine,
    runner: str,
    folder: Path,
    now: datetime,
    zone: tzinfo | None,
    *,
    mine: bool = False,
    ask: Ask | None = None,
    unit: SpeedUnit = SpeedUnit.KMH,
) -> ImportReport:
    """Every FIT and TCX activity below a folder, or one file. Raises InputError when there is no such place.

    A file that cannot be used is reported and the others are taken. mine: the runner says beforehand that
    all of it is theirs; ask: puts the question, once for each device; with neither it stays open.
    """
    report = ImportReport()
    found: list[tuple[str, Imported, int]] = []
    for path, name in _files(folder):
        if not name.lower().endswith(KINDS):
            report.other_files += 1
            continue
        try:
            found += [(name, _imported(name, it), it.jumps) for it in _read(path, name, now, zone)]
        except InputError as error:
            report.refused.append((name, str(error)))
    theirs = _claimed(engine, runner, [it for _, it, _ in found], mine, ask, unit)
    for (name, _, jumps), imported in zip(found, theirs, strict=True):
        if not add_imported(engine, runner, imported):
            report.known += 1
            continue
        report.added += 1
        report.unclaimed += not imported.lifts
        if jumps:
            report.jumps[name] = jumps
    return report


def _claimed(
    engine: Engine, runner: str, found: Sequence[Imported], mine: bool, ask: Ask | None, unit: SpeedUnit
) -> list[Imported]:
    """The same activities, each with whether it may raise the ceiling."""
    known = known_of(engine, runner)

    def fits(it: Imported) -> bool:
        # A device that says nothing of itself is never known.
        best = best_of(known.curves_before(it.started_unix_s))
        return it.device in known.devices - {""} and all(
            speed <= MORE_THAN_KNOWN * best[duration] for duration, speed in it.curve.items()
        )

    doubtful: dict[str, list[Imported]] = {}
    for it in found:
        if not known.has(it.started_unix_s) and not fits(it):
            doubtful.setdefault(it.device, []).append(it)
    said = {
        device: mine or (ask is not None and ask(_question(device, theirs, unit)))
        for device, theirs in doubtful.items()
    }
    return [
        # Of what nobody could have held for a minute nothing is believed: it is no base for a ceiling.
        replace(it, lifts=it.curve[60] > 0 and (fits(it) or mine or said.get(it.device, False)))
        for it in found
    ]


def _question(device: str, found: Sequence[Imported], unit: SpeedUnit) -> str:
    best = best_of(it.curve for it in found)
    what = "1 activity" if len(found) == 1 else f"{len(found)} activities"
    speeds = f"best minute {format_speed(best[60], unit)}, best 20 minutes {format_speed(best[1200], unit)}"
    return (
        f"{what} from {device or 'an unnamed device'}: {speeds}."
        " Did you run or walk all of that yourself, on foot?"
    )


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
    believed = believed_of_a_watch(found.speeds_kmh)
    return Imported(
        Path(name).name[:60],
        f"{found.sport.capitalize()}, imported",
        found.started.timestamp(),
        found.day,
        found.moving_s,
        found.distance_m,
        max(believed),
        found.mean_heart_rate_bpm,
        watch_curve(found.speeds_kmh),
        # What is doubted is no speed to be allowed, but it may well have been running.
        float(sum(max(pair) > RUNNING_ABOVE_KMH for pair in zip(believed, found.speeds_kmh, strict=True))),
        found.device[:80],
    )
