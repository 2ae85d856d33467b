"""`treadcoach workout`: check, list, import and export workouts."""

from datetime import date
from pathlib import Path

from treadcoach.app.config import folders, load_runner
from treadcoach.app.storing import open_store
from treadcoach.app.training import make_training
from treadcoach.app.workouts import find_workout, own_folder, own_path, read_workout, speeds_of
from treadcoach.core.errors import InputError
from treadcoach.core.units import format_duration, parse_speed
from treadcoach.core.workout import Speeds, Workout, as_text
from treadcoach.formats.fit_workout import write_fit_workout
from treadcoach.formats.zwo import write_zwo
from treadcoach.planning.guidance import load_guidance, load_yaml, shipped_folder
from treadcoach.planning.plans import load_plan
from treadcoach.planning.workouts import is_workout, load_workout, write_workout
from treadcoach.planning.yaml_lines import parse_file

TRIAL: Speeds = {"walk": 5.0, "jog": 8.0}
"""For checking only: whether a file is whole does not depend on whose speeds it is read with."""


def validate(what: str, data_dir: Path | None) -> int:
    """Check words, a plan or a workout file. Raises InputError."""
    path = Path(what)
    if path.suffix.lower() in (".yaml", ".yml") and not is_workout(parse_file(path)):
        sources = load_yaml(shipped_folder("protocols") / "sources.yaml")["sources"]
        plan = load_plan(path, sources)
        count = sum(len(week.sessions) for week in plan.weeks)
        print(f"A plan: {plan.name}, {len(plan.weeks)} weeks, {count} sessions.")
    else:
        _print(*find_workout(what, TRIAL, folders(data_dir).config, "workout"))
    return 0


def list_workouts(data_dir: Path | None) -> int:
    """The runner's own workouts, each with what is wrong in it if something is."""
    folder = own_folder(folders(data_dir).config)
    found = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not found:
        print("No workout of your own yet: treadcoach workout import FILE --save NAME")
    broken = 0
    for path in found:
        try:
            workout = load_workout(path, TRIAL)
        except InputError as error:
            broken += 1
            print(f"{path.stem}: {error}")
        else:
            print(f"{path.stem}: {workout.name}, about {format_duration(workout.about_s)}")
    return 1 if broken else 0


def import_workout(path: Path, save: str | None, reference: str | None, data_dir: Path | None) -> int:
    """Read a file and print it in words, or keep it under a name for `run --workout NAME`."""
    config = folders(data_dir).config
    workout, left_out = read_workout(path, _speeds(data_dir), _reference_kmh(reference))
    _print(workout, left_out)
    if save is None:
        print(as_text(workout))
        return 0
    write_workout(workout, own_path(config, save))
    print(f"Kept. Run it: treadcoach run --workout {save}")
    return 0


def export_workout(what: str, output: Path, name: str, reference: str | None, data_dir: Path | None) -> int:
    """Write a workout, in words or from a file, as .zwo or .fit."""
    kind = output.suffix.lower()
    if kind not in (".zwo", ".fit"):
        raise InputError("--output", output.name, "a name that ends in .zwo or .fit")
    speeds, stated = _speeds(data_dir), _reference_kmh(reference)
    if stated is not None:
        speeds = {**speeds, "jog": stated}
    workout, _ = find_workout(what, speeds, folders(data_dir).config, "workout", stated)
    workout = Workout(name[:60], workout.segments)
    if kind == ".fit":
        data = write_fit_workout(workout)
    elif "jog" in speeds:
        data = write_zwo(workout, speeds["jog"])
    else:
        allowed = "a speed such as '8 km/h', or comfortable_jog in config.toml"
        raise InputError("--reference", "not given", allowed)
    try:
        output.write_bytes(data)
    except OSError as error:
        raise InputError("--output", str(output), f"a file that can be written ({error.strerror})") from error
    print(f"{len(workout.segments)} steps, {format_duration(workout.about_s)}, written to {output}.")
    if any(segment.incline_percent is not None for segment in workout.segments):
        print("Inclines are left out: such files have none.")
    return 0


def _speeds(data_dir: Path | None) -> Speeds:
    """What walk and jog mean for the runner today."""
    places = folders(data_dir)
    rules = load_guidance(places.config).belt
    engine = open_store(places)
    training = make_training(engine, load_runner(places.config), rules, places.config)
    found = speeds_of(training.references(date.today()))
    engine.dispose()
    return found


def _reference_kmh(text: str | None) -> float | None:
    return None if text is None else parse_speed(text, "--reference")


def _print(workout: Workout, left_out: list[str]) -> None:
    count = len(workout.segments)
    print(f"{workout.name}: {count} segments, about {format_duration(workout.about_s)}.")
    for line in left_out:
        print(f"- left out: {line}")
