"""Where things are kept, and what the owner wrote into config.toml."""

import hashlib
import os
import re
import socket
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformdirs import PlatformDirs

from treadcoach.app.config_file import read_config
from treadcoach.app.reaching import PROGRAM, SIMULATED, TREADMILLS
from treadcoach.core.errors import InputError
from treadcoach.core.form_rules import EasingMode
from treadcoach.core.runner import Runner
from treadcoach.core.units import SpeedUnit, parse_incline, parse_speed

_DIRS = PlatformDirs(PROGRAM, appauthor=False)
UNITS = "one of " + ", ".join(unit.value for unit in SpeedUnit)
LONGEST_FOLDER = 70
RUNNERS = "runners"
WARDEN_REPORT = "warden.json"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
NAMES_ARE = "1 to 40 lower-case letters, digits and '-'"


@dataclass(frozen=True, slots=True)
class Folders:
    """data: the journal and the coach's socket; config: config.toml, belt.yaml.

    In a practice config is the runner's own and shared the practice's; of several treadmills each has a
    data folder of its own inside base.
    """

    data: Path
    config: Path
    shared: Path | None = None
    treadmill: str = ""
    simulated: bool = False
    base: Path | None = None

    @property
    def is_practice(self) -> bool:
        """Whether this is one runner of several."""
        return self.shared is not None

    @property
    def house_config(self) -> Path:
        """Where the broker, the store and exports are set: one for all runners and treadmills."""
        return self.shared or self.config

    @property
    def station(self) -> str:
        """This coach, among those that share a store."""
        return f"{socket.gethostname()}/{_digest(self.data)}"

    @property
    def aside(self) -> Path:
        """What a store that was gone did not take."""
        return self.data / "aside"

    @property
    def journal(self) -> Path:
        return (self.base or self.data) / "journal.db"

    @property
    def warden_report(self) -> Path:
        return self.data / WARDEN_REPORT

    @property
    def lock(self) -> Path:
        return self.data / "coach.lock"

    @property
    def coach_socket(self) -> Path:
        """In the data folder, where a session is found from everywhere."""
        return self.data.absolute() / f"coach-{_digest(self.data)}.sock"

    @property
    def runtime_socket(self) -> Path:
        """Instead of it: some file systems take no sockets, and some systems no long path."""
        return _socket_folder() / self.coach_socket.name


def folders(
    data_dir: Path | None = None, *, simulated: bool = False, runner: str | None = None, treadmill: str = ""
) -> Folders:
    """The folders in use: --data-dir, else TREADCOACH_HOME, else the platform's own.

    Sessions on the simulated air have a journal of their own, so that they never count as
    history of a person. runner: one of a practice, else TREADCOACH_RUNNER's, else the home's owner.
    treadmill: one of several. Raises InputError for a runner that there is not.
    """
    home = data_dir or (Path(os.environ["TREADCOACH_HOME"]) if "TREADCOACH_HOME" in os.environ else None)
    if home is None:
        data, config = _DIRS.user_data_path, _DIRS.user_config_path
    else:
        data = config = home
    data = data / SIMULATED if simulated else data
    who = runner or os.environ.get("TREADCOACH_RUNNER")
    shared = None
    if who:
        shared, config = config, config / RUNNERS / who
        if not NAME.fullmatch(who) or not config.is_dir():
            raise InputError("runner", who, f"one of {', '.join(runner_names(shared)) or 'none yet'}")
    if not treadmill:
        return Folders(data, config, shared, simulated=simulated)
    return Folders(data / TREADMILLS / treadmill, config, shared, treadmill, simulated, base=data)


def runner_names(config: Path) -> list[str]:
    """The runners of a practice: each has a folder."""
    folder = config / RUNNERS
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path.name for path in found if path.is_dir() and NAME.fullmatch(path.name))


def default_air() -> str:
    """Where `treadcoach sim` listens unless told otherwise."""
    return f"unix:{_socket_folder() / 'air.sock'}"


def _socket_folder() -> Path:
    owner = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"treadcoach-{owner}"
    if len(str(folder)) > LONGEST_FOLDER:
        # A socket's path has 100 octets at most: a short folder of its own stands for a long one.
        folder = Path(tempfile.gettempdir()) / f"treadcoach-{owner}-{_digest(folder)}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise InputError("runtime folder", str(folder), "a folder that belongs to you")
    return folder


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def load_runner(config: Path) -> Runner:
    """Read config.toml's [runner]; the defaults where it is absent. Raises InputError."""
    path = config / "config.toml"
    # In a practice the folder's name is the runner's, so that no two are one by mistake.
    own = config.name if config.parent.name == RUNNERS else None
    table = read_config(config).get("runner", {})
    if not isinstance(table, dict):
        raise InputError(f"{path}, runner", table, "a [runner] table")
    runner = runner_with(Runner(), table, str(path))
    return runner if own is None else replace(runner, name=own)


def runner_with(runner: Runner, given: dict[str, Any], place: str) -> Runner:
    """A runner with some fields given as people write them. Raises InputError for each that is off."""
    changes: dict[str, Any] = {}
    for name, value in given.items():
        here = f"{place}, {name}"
        if name in ("comfortable_walk", "comfortable_jog", "max_speed"):
            changes[f"{name}_kmh"] = parse_speed(_text(value, here), here)
        elif name == "max_incline":
            changes["max_incline_percent"] = parse_incline(_text(value, here), here)
        elif name == "name":
            changes["name"] = _text(value, here)[:60]
        elif name == "unit":
            if value not in [unit.value for unit in SpeedUnit]:
                raise InputError(here, value, UNITS)
            changes["unit"] = SpeedUnit(value)
        elif name == "age_years":
            changes[name] = _whole(value, here, 5, 110)
        elif name == "pulse_ceiling_bpm":
            changes[name] = _whole(value, here, 80, 220)
        elif name == "form_easing":
            if value not in [mode.value for mode in EasingMode]:
                raise InputError(here, value, "one of " + ", ".join(mode.value for mode in EasingMode))
            changes[name] = EasingMode(value)
        elif name == "aching_back":
            if not isinstance(value, bool):
                raise InputError(here, value, "true or false")
            changes[name] = value
        else:
            known = (
                "name, unit, age_years, comfortable_walk, comfortable_jog, max_speed,"
                " max_incline, pulse_ceiling_bpm, aching_back, form_easing"
            )
            raise InputError(here, name, f"one of {known}")
    return replace(runner, **changes)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise InputError(place, value, "text with its unit, in quotes")
    return value


def _whole(value: object, place: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(place, value, f"a whole number from {low} to {high}")
    return value
