"""`treadcoach workout`: check, import and export workouts."""

from pathlib import Path

from treadcoach.app.config import folders, load_runner
from treadcoach.core.errors import InputError
from treadcoach.core.units import format_duration, parse_speed
from treadcoach.core.workout import Workout, as_text, parse_workout
from treadcoach.formats.zwo import read_zwo, write_zwo
from treadcoach.planning.guidance import load_yaml, shipped_folder
from treadcoach.planning.plans import load_plan

TRIAL_KMH = 8.0


def validate(what: str) -> int:
    """Check words, a plan file or a ZWO file. Raises InputError."""
    path = Path(what)
    if path.suffix.lower() in (".yaml", ".yml"):
        sources = load_yaml(shipped_folder("protocols") / "sources.yaml")["sources"]
        plan = load_plan(path, sources)
        count = sum(len(week.sessions) for week in plan.weeks)
        print(f"A plan: {plan.name}, {len(plan.weeks)} weeks, {count} sessions.")
    elif path.suffix.lower() == ".zwo":
        workout, left_out = read_zwo(_octets(path), TRIAL_KMH, path.name)
        _print(workout, left_out)
    else:
        _print(parse_workout(what, place="workout", speeds={"walk": 5.0, "jog": TRIAL_KMH}), [])
    return 0


def import_zwo(path: Path, reference: str | None, data_dir: Path | None) -> int:
    speed = _reference_kmh(reference, data_dir)
    workout, left_out = read_zwo(_octets(path), speed, path.name)
    _print(workout, left_out)
    print(as_text(workout))
    return 0


def export_zwo(words: str, output: Path, name: str, reference: str | None, data_dir: Path | None) -> int:
    speed = _reference_kmh(reference, data_dir)
    workout = parse_workout(words, name[:60], "workout", {"jog": speed})
    try:
        output.write_bytes(write_zwo(workout, speed))
    except OSError as error:
        raise InputError("--output", str(output), f"a file that can be written ({error.strerror})") from error
    print(f"{len(workout.segments)} steps, {format_duration(workout.about_s)}, written to {output}.")
    if any(segment.incline_percent is not None for segment in workout.segments):
        print("Inclines are left out: such files have none.")
    return 0


def _reference_kmh(text: str | None, data_dir: Path | None) -> float:
    if text is not None:
        return parse_speed(text, "--reference")
    stated = load_runner(folders(data_dir).config).comfortable_jog_kmh
    if stated is None:
        raise InputError(
            "--reference", "not given", "a speed such as '8 km/h', or comfortable_jog in config.toml"
        )
    return stated


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("FILE", str(path), f"a file that can be read ({error.strerror})") from error


def _print(workout: Workout, left_out: list[str]) -> None:
    count = len(workout.segments)
    print(f"{workout.name}: {count} segments, about {format_duration(workout.about_s)}.")
    for line in left_out:
        print(f"- left out: {line}")
