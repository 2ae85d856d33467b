"""FIT workouts: there and back, of other programs, read alike by another library; hostile ones refused."""

from collections.abc import Callable
from typing import Any

import pytest
from fit_tool.fit_file import FitFile
from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.workout_message import WorkoutMessage
from fit_tool.profile.messages.workout_step_message import WorkoutStepMessage
from fit_tool.profile.profile_type import FileType, Sport, WorkoutStepDuration, WorkoutStepTarget
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.errors import InputError
from treadcoach.core.workout import Segment, Workout, parse_workout
from treadcoach.formats.fit_workout import read_fit_workout, write_fit_workout


def timed(at: int, seconds: float, kmh: float = 9.0) -> WorkoutStepMessage:
    step = WorkoutStepMessage()
    step.message_index = at
    step.duration_type = WorkoutStepDuration.TIME
    step.duration_time = seconds
    step.target_type = WorkoutStepTarget.SPEED
    step.custom_target_speed_low = kmh / 3.6
    step.custom_target_speed_high = kmh / 3.6
    return step


def again(at: int, first: int, times: int) -> WorkoutStepMessage:
    step = WorkoutStepMessage()
    step.message_index = at
    step.duration_type = WorkoutStepDuration.REPEAT_UNTIL_STEPS_CMPLT
    step.duration_step = first
    step.target_repeat_steps = times
    return step


def fit_file(*steps: Any, kind: FileType = FileType.WORKOUT, sport: Sport = Sport.RUNNING) -> bytes:
    head = FileIdMessage()
    head.type = kind
    about = WorkoutMessage()
    about.sport = sport
    about.workout_name = "Of a watch"
    builder = FitFileBuilder(auto_define=True)
    builder.add_all([head, about, *steps])
    data: bytes = builder.build().to_bytes()
    return data


SEGMENTS = st.builds(
    lambda speed, length, by_time: Segment(
        round(speed, 2), length if by_time else None, None if by_time else length
    ),
    st.floats(2.0, 20.0),
    st.integers(1, 2000).map(float),
    st.booleans(),
)


@given(
    st.lists(SEGMENTS, min_size=1, max_size=6),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=70),
)
def test_there_and_back(parts: list[Segment], name: str) -> None:
    found, left_out = read_fit_workout(write_fit_workout(Workout(name, tuple(parts))))
    assert not left_out
    assert [(s.duration_s, s.distance_m) for s in found.segments] == [
        (s.duration_s, s.distance_m) for s in parts
    ]
    assert [s.speed_kmh for s in found.segments] == pytest.approx([s.speed_kmh for s in parts], abs=0.01)
    assert found.name in (name.strip() or "Imported workout", "Imported workout") or len(name.encode()) > 60


def test_another_library_reads_the_same() -> None:
    data = write_fit_workout(parse_workout("90 s @ 9 km/h + 400 m @ 5.4 km/h", "Zwölf"))
    steps = [r.message for r in FitFile.from_bytes(data).records if isinstance(r.message, WorkoutStepMessage)]
    assert [step.duration_time for step in steps][:1] == [90.0]
    assert steps[1].duration_distance == 400.0
    assert [step.custom_target_speed_low for step in steps] == pytest.approx([2.5, 1.5])


def test_repeats_of_a_watch_are_written_out() -> None:
    workout, left_out = read_fit_workout(
        fit_file(timed(0, 60), timed(1, 30, 12.0), again(2, 1, 2), again(3, 0, 3), timed(4, 90))
    )
    assert [s.duration_s for s in workout.segments] == [60, 30, 30] * 3 + [90]
    assert workout.name == "Of a watch" and not left_out


def test_what_has_no_speed_is_left_out_and_named() -> None:
    pulse = timed(1, 60)
    pulse.target_type = WorkoutStepTarget.HEART_RATE
    pulse.custom_target_speed_low = None
    workout, left_out = read_fit_workout(fit_file(timed(0, 60), pulse))
    assert len(workout.segments) == 1 and "step 2" in left_out[0] and "heart_rate" in left_out[0]
    with pytest.raises(InputError, match="at least one step"):
        read_fit_workout(fit_file(pulse))


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([timed(0, 60, 3.6 * 60)], "km/h"),
        ([timed(0, 60), again(1, 7, 2)], "a step before it"),
        ([timed(0, 60), again(1, 0, 5000)], "1 to 100"),
        ([timed(k, 60) for k in range(10)] + [again(10 + k, 0, 100) for k in range(3)], "at most 500"),
        ([timed(k, 3600) for k in range(7)], "6 h"),
        ([], "at least one"),
    ],
)
def test_what_no_belt_should_do_is_refused(steps: list[Any], words: str) -> None:
    with pytest.raises(InputError) as refused:
        read_fit_workout(fit_file(*steps))
    assert words in refused.value.allowed


def test_other_kinds_and_sports_are_refused() -> None:
    with pytest.raises(InputError, match="history import"):
        read_fit_workout(fit_file(timed(0, 60), kind=FileType.ACTIVITY))
    with pytest.raises(InputError, match="running or walking"):
        read_fit_workout(fit_file(timed(0, 60), sport=Sport.CYCLING))


WHOLE = write_fit_workout(parse_workout("5 min @ 6 km/h + 3 x (90 s @ 9 km/h + 400 m @ 5 km/h)"))


@pytest.mark.parametrize("cut", [0, 1, 8, 13, 14, 40, len(WHOLE) - 2, len(WHOLE) - 1])
def test_a_truncated_file_is_refused(cut: int) -> None:
    with pytest.raises(InputError):
        read_fit_workout(WHOLE[:cut])


@given(st.data())
def test_octets_that_are_no_workout_are_refused_or_harmless(data: st.DataObject) -> None:
    broken = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    _harmless(lambda: read_fit_workout(bytes(broken)))
    _harmless(lambda: read_fit_workout(data.draw(st.binary(max_size=300))))


def _harmless(read: Callable[[], tuple[Workout, list[str]]]) -> None:
    try:
        workout, _ = read()
    except InputError:
        return
    assert all(0.5 <= segment.speed_kmh <= 30 for segment in workout.segments)
    assert workout.about_s <= 6 * 3600
