"""A practice: several treadmills and runners, as config.toml and the folder runners/ have them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treadcoach.app.config import NAME, NAMES_ARE, RUNNERS, runner_names
from treadcoach.app.config_file import CONFIG, Document, change_config, read_config, replace_file
from treadcoach.app.sensor_names import parse_sensor
from treadcoach.app.settings import MOST_STRAPS
from treadcoach.core.errors import InputError

TABLE = "treadmills"
FIELDS = ("name", "treadmill", "straps", "takes_mph", "port", "runner")
MOST = 50


@dataclass(frozen=True, slots=True)
class Place:
    """One treadmill of several. treadmill: its address or name; runner: who is at it now."""

    name: str
    treadmill: str
    straps: tuple[str, ...]
    takes_mph: bool
    port: int
    runner: str


def load_places(config: Path) -> list[Place]:
    """The treadmills of config.toml; none: this is a home with one. Raises InputError."""
    tables = read_config(config).get(TABLE, [])
    place = f"{config / CONFIG}, {TABLE}"
    if not isinstance(tables, list) or len(tables) > MOST:
        raise InputError(place, tables, f"at most {MOST} tables [[{TABLE}]] with {', '.join(FIELDS)}")
    found = [_place(table, f"{place}, number {at}", config) for at, table in enumerate(tables, 1)]
    for what in ("name", "treadmill", "port"):
        values = [getattr(entry, what) for entry in found]
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise InputError(f"{place}, {what}", twice, "another one for each treadmill")
    sensors = [strap for entry in found for strap in entry.straps if strap != "none"]
    if twice := next((strap for strap in sensors if sensors.count(strap) > 1), None):
        raise InputError(f"{place}, straps", twice, "each sensor at one treadmill")
    return found


def _place(table: Any, place: str, config: Path) -> Place:
    if not isinstance(table, dict) or set(table) - set(FIELDS):
        raise InputError(place, table, f"a table with {', '.join(FIELDS)}")
    name, mill, runner = (table.get(key) for key in ("name", "treadmill", "runner"))
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(f"{place}, name", name, NAMES_ARE)
    if not isinstance(mill, str) or not mill:
        raise InputError(f"{place}, treadmill", mill, "the machine's address, or a part of its name")
    if runner not in runner_names(config):
        known = ", ".join(runner_names(config)) or "none yet: treadcoach practice add-runner NAME"
        raise InputError(f"{place}, runner", runner, f"one of {known}")
    # Nobody else's strap, if none is named: here "whatever is heard" would be a neighbour's.
    straps = table.get("straps", ["none"]) or ["none"]
    if (
        not isinstance(straps, list)
        or not all(isinstance(s, str) for s in straps)
        or len(straps) > MOST_STRAPS
    ):
        raise InputError(f"{place}, straps", straps, f"a list of at most {MOST_STRAPS} names or addresses")
    for strap in straps:
        parse_sensor(strap)
    port, takes_mph = table.get("port"), table.get("takes_mph", False)
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise InputError(f"{place}, port", port, "a whole number from 1 to 65535, each its own")
    if not isinstance(takes_mph, bool):
        raise InputError(f"{place}, takes_mph", takes_mph, "true or false")
    return Place(name, mill, tuple(straps), takes_mph, port, str(runner))


def add_runner(config: Path, name: str) -> None:
    """Make a runner's folder. Raises InputError for a name that is none, or taken."""
    if not NAME.fullmatch(name):
        raise InputError("runner", name, NAMES_ARE)
    if name in runner_names(config):
        raise InputError("runner", name, "a name that is not taken")
    replace_file(config / RUNNERS / name / CONFIG, '[runner]\nunit = "km/h"\n')


def seat(config: Path, treadmill: str, runner: str) -> None:
    """Put a runner at a treadmill, from its next session on. Raises InputError."""
    names = [place.name for place in load_places(config)]
    if treadmill not in names:
        raise InputError("treadmill", treadmill, f"one of {', '.join(names) or 'none: see docs/practice.md'}")
    if runner not in runner_names(config):
        raise InputError("runner", runner, f"one of {', '.join(runner_names(config)) or 'none yet'}")

    def change(document: Document) -> None:
        for table in document[TABLE]:
            if table["name"] == treadmill:
                table["runner"] = runner

    change_config(config, change)
