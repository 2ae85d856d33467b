"""`treadcoach workout`: checked, imported and exported as a person does it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.formats.test_zwo import FOREIGN
from treadcoach.app.workouts import find_workout
from treadcoach.cli.main import app
from treadcoach.core.errors import InputError
from treadcoach.core.workout import as_text, parse_workout
from treadcoach.planning.guidance import shipped_folder


def _run(*words: str) -> str:
    result = CliRunner().invoke(app, ["workout", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_words_plans_and_files_are_validated(tmp_path: Path) -> None:
    assert "4 segments, about 6:00" in _run("validate", "2 x (1 min @ jog + 2 min @ walk)")
    assert "16 weeks" in _run("validate", str(shipped_folder("plans") / "first-5-km.yaml"))
    file = tmp_path / "five.zwo"
    file.write_bytes(FOREIGN)
    assert "12 segments" in _run("validate", str(file))
    file = tmp_path / "mine.yaml"
    file.write_text("segments: [{for: 3 min, effort: hard}, {for: 400 m, speed: walk}]", encoding="utf-8")
    assert "mine: 2 segments" in _run("validate", str(file))


def test_a_workout_is_kept_under_a_name_and_listed(tmp_path: Path) -> None:
    assert "workout import" in _run("list")
    file = tmp_path / "five.fit"
    _run("export", "5 min @ 6 km/h + 2 min @ 9 km/h", "-o", str(file), "--name", "Five and two")
    assert "Kept" in _run("import", str(file), "--save", "five-and-two")
    assert "five-and-two: Five and two, about 7:00" in _run("list")
    assert "2 steps" in _run("export", "five-and-two", "-o", str(tmp_path / "b.zwo"), "--reference", "9 km/h")
    speeds = {"walk": 5.0, "jog": 8.0}
    workout, _ = find_workout("five-and-two", speeds, tmp_path / "home", "--workout")
    assert [segment.speed_kmh for segment in workout.segments] == [6.0, 9.0]
    with pytest.raises(InputError, match="not taken"):
        _run("import", str(file), "--save", "five-and-two")


def test_an_imported_workout_can_be_run(tmp_path: Path) -> None:
    file = tmp_path / "five.zwo"
    file.write_bytes(FOREIGN)
    shown = _run("import", str(file), "--reference", "10 km/h").splitlines()
    assert any("left out" in line for line in shown)
    workout = parse_workout(shown[-1])
    assert len(workout.segments) == 12 and workout.segments[1].speed_kmh == 10


def test_what_is_exported_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "mine.zwo"
    words = "5 min @ 6 km/h + 3 x (90 s @ 9.5 km/h + 45 s @ 5 km/h)"
    assert "7 steps" in _run("export", words, "-o", str(file), "--reference", "9 km/h")
    back = _run("import", str(file), "--reference", "9 km/h").splitlines()[-1]
    speeds = [s.speed_kmh for s in parse_workout(words).segments]
    assert [s.speed_kmh for s in parse_workout(back).segments] == pytest.approx(speeds, abs=0.01)


def test_a_workout_as_words_is_read_again() -> None:
    words = "5 min @ 6 km/h + 400 m @ 9 km/h, 1 % + 45 s @ 5 km/h"
    workout = parse_workout(words)
    assert parse_workout(as_text(workout)) == workout


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["validate", "5 min"], "5 min @ 8 km/h"),
        (["validate", "none.yaml"], "readable"),
        (["validate", "none.zwo"], "can be read"),
        (["import", "none.zwo", "--reference", "8 km/h"], "can be read"),
        (["import", "none.fit"], "can be read"),
        (["import", "none.txt"], ".fit"),
        (["export", "5 min @ 5 km/h", "-o", "x.zwo"], "comfortable_jog"),
        (["export", "5 min @ 5 km/h", "-o", "x.gpx"], ".fit"),
        (["validate", "../../etc/passwd"], "5 min @ 8 km/h"),
        (["export", "5 min @ 5 km/h", "-o", "/nowhere/x.zwo", "--reference", "8 km/h"], "can be written"),
    ],
)
def test_what_cannot_be_is_refused(words: list[str], allowed: str) -> None:
    with pytest.raises(InputError) as refused:
        _run(*words)
    assert allowed in refused.value.allowed
