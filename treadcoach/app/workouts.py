"""A workout by whatever a person names it: words, a file of one of the kinds, or the name of an own one."""

import re
from pathlib import Path

from treadcoach.core.errors import InputError
from treadcoach.core.plan import References
from treadcoach.core.workout import Speeds, Workout, parse_workout
from treadcoach.formats.zwo import read_zwo
from treadcoach.planning.workouts import load_workout

KINDS = (".yaml", ".yml", ".zwo", ".fit")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def own_folder(config: Path) -> Path:
    """Where the runner's own workouts are."""
    return config / "workouts"


def own_path(config: Path, name: str) -> Path:
    """The file of an own workout. Raises InputError for a name that could lead elsewhere."""
    if _NAME.fullmatch(name) is None:
        raise InputError("--save", name, "small letters, digits and hyphens, such as tuesday-hills")
    return own_folder(config) / f"{name}.yaml"


def speeds_of(references: References) -> Speeds:
    """The words that may stand for a speed of this runner."""
    jog = {} if references.jog_kmh is None else {"jog": references.jog_kmh}
    return {"walk": references.walk_kmh, **jog}


def find_workout(
    text: str,
    speeds: Speeds,
    config: Path,
    place: str,
    reference_kmh: float | None = None,
    *,
    files: bool = True,
) -> tuple[Workout, list[str]]:
    """The workout and what was left out of a foreign file. Raises InputError.

    reference_kmh: what 100 % means in a ZWO file; the running speed where it is None. files: whether a
    path is followed; not for who asks from a page.
    """
    path = Path(text)
    if files and path.suffix.lower() in KINDS and "@" not in text:
        return read_workout(path, speeds, reference_kmh)
    own = own_folder(config) / f"{text}.yaml"
    if _NAME.fullmatch(text) and own.is_file():
        return load_workout(own, speeds), []
    return parse_workout(text, place=place, speeds=speeds), []


def read_workout(path: Path, speeds: Speeds, reference_kmh: float | None) -> tuple[Workout, list[str]]:
    """A workout file of any kind, by its ending. Raises InputError."""
    kind = path.suffix.lower()
    if kind in (".yaml", ".yml"):
        return load_workout(path, speeds), []
    if kind not in KINDS:
        raise InputError("FILE", path.name, f"a file that ends in {', '.join(KINDS)}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("FILE", str(path), f"a file that can be read ({error.strerror})") from error
    if kind == ".fit":
        # A large library, and not for the process of the belt: only where such a file is read.
        from treadcoach.formats.fit_workout import read_fit_workout  # noqa: PLC0415 - a FIT reader, for who gives such a file

        return read_fit_workout(data, path.name)
    reference = reference_kmh or speeds.get("jog")
    if reference is None:
        allowed = "a speed such as '8 km/h', or comfortable_jog in config.toml"
        raise InputError("--reference", "not given", allowed)
    return read_zwo(data, reference, path.name)
