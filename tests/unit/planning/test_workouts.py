"""Workout files: read whole, written again, and every mistake named with its line and the remedy."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.errors import InputError
from treadcoach.core.workout import Segment, Workout
from treadcoach.planning.workouts import load_efforts, load_workout, write_workout

SPEEDS = {"walk": 5.0, "jog": 8.0}
WHOLE = """\
name: Four by four minutes
for_whom: Who runs half an hour with ease.
sources: [treadmill-injury]
incline: 1 %
segments:
  - {for: 5 min, speed: walk, label: easy in}
  - repeat: 2
    segments:
      - {for: 4 min, effort: hard}
      - {for: 400 m, speed: '9:00 /km', incline: 2 %}
      - repeat: 2
        segments: [{for: 30 s, speed: 4 mph}]
  - {for: '1:30', speed: 90 % jog}
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_workout_file_is_read(tmp_path: Path) -> None:
    workout = load_workout(_file(tmp_path, WHOLE), SPEEDS)
    assert workout.name == "Four by four minutes"
    assert workout.segments[0] == Segment(5.0, 300.0, None, 1.0, "easy in")
    assert workout.segments[1] == Segment(8.0, 240.0, None, 1.0, "1 of 2")
    assert workout.segments[2].distance_m == 400 and workout.segments[2].incline_percent == 2
    assert workout.segments[2].speed_kmh == pytest.approx(60 / 9)
    assert workout.segments[3].speed_kmh == pytest.approx(4 * 1.609344)
    assert len(workout.segments) == 1 + 2 * (2 + 2) + 1
    assert workout.segments[-1] == Segment(7.2, 90.0, None, 1.0)


def test_every_word_of_effort_is_a_speed(tmp_path: Path) -> None:
    words = load_efforts()
    lines = "\n".join(f"  - {{for: 1 min, effort: {word}}}" for word in words)
    found = load_workout(_file(tmp_path, f"segments:\n{lines}\n"), SPEEDS)
    speeds = [segment.speed_kmh for segment in found.segments]
    assert speeds == sorted(speeds) and len(set(speeds)) == len(words) >= 5


@pytest.mark.parametrize(
    ("line", "was", "now", "allowed"),
    [
        (6, "speed: walk", "speed: fast", "walk"),
        (6, "speed: walk", "speed: 8", "text"),
        (6, "speed: walk", "speed: 8 m", "8 km/h"),
        (6, "speed: walk", "speed: 200 % walk", "150 %"),
        (6, "for: 5 min", "for: 5", "text"),
        (6, "for: 5 min", "for: 5 furlongs", "5 min"),
        (6, "for: 5 min", "for: 9 h", "6 h"),
        (6, "speed: walk", "pace: walk", "speed"),
        (6, "speed: walk", "speed: walk, effort: hard", "one of them"),
        (6, ", speed: walk", "", "one of them"),
        (7, "repeat: 2", "repeat: 0", "1 to 100"),
        (7, "repeat: 2", "repeat: 1.5", "whole number"),
        (7, "repeat: 2", "repeat: 100000", "1 to 100"),
        (9, "effort: hard", "effort: brutal", "very hard"),
        (10, "incline: 2 %", "incline: 40 %", "15 %"),
        (10, "incline: 2 %", "incline: 2", "text"),
        (3, "treadmill-injury", "my-uncle", "treadmill-injury"),
        (4, "incline: 1 %", "steepness: 1 %", "segments"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, line: int, was: str, now: str, allowed: str
) -> None:
    assert was in WHOLE
    with pytest.raises(InputError) as refused:
        load_workout(_file(tmp_path, WHOLE.replace(was, now, 1)), SPEEDS)
    assert f"mine.yaml, line {line}" in refused.value.place
    assert allowed in refused.value.allowed


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "segments:", "segments: []", "segments: 5", "name: x", "segments: [walk]", "a: &a [*a]",
        "segments: !!python/object:os.system [x]", "segments: [{for: 1 min, speed: walk}]\nsegments: []",
        "segments:\n" + "  - {for: 1 min, speed: walk}\n" * 501,
        "segments:\n" + "  - {for: 3 h, speed: walk}\n" * 3,
        "segments: [{repeat: 100, segments: [{repeat: 100, segments: [{for: 1 s, speed: walk}]}]}]",
        "segments: [{repeat: 2, segments: [{repeat: 2, segments: [{repeat: 2, segments: [{repeat: 2, "
        "segments: [{for: 1 s, speed: walk}]}]}]}]}]",
        "\x00", "{" * 500, "- " * 5000,
    ],
)  # fmt: skip
def test_what_is_no_workout_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"mine\.yaml"):
        load_workout(_file(tmp_path, text), SPEEDS)


def test_without_a_running_speed_a_workout_that_needs_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 9"):
        load_workout(_file(tmp_path, WHOLE), {"walk": 5.0})


@given(
    st.lists(
        st.builds(
            lambda speed, length, by_time, tilt, label: Segment(
                round(speed, 2), length if by_time else None, None if by_time else length, tilt, label
            ),
            st.floats(1.0, 15.0),
            st.integers(1, 600).map(float),
            st.booleans(),
            st.none() | st.integers(0, 12).map(float),
            st.sampled_from(["", "1 of 2", "'; - {x: [", "ünï: #"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, parts: list[Segment]
) -> None:
    path = tmp_path_factory.mktemp("workouts") / "kept.yaml"
    workout = Workout("Kept: mine", tuple(parts))
    write_workout(workout, path)
    assert load_workout(path, {}) == workout
    with pytest.raises(InputError, match="not taken"):
        write_workout(workout, path)
