"""What people type, and what they read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.errors import InputError
from treadcoach.core.units import (
    SpeedUnit,
    ckmh_floor,
    format_distance,
    format_duration,
    format_speed,
    parse_distance,
    parse_duration,
    parse_incline,
    parse_speed,
)
from treadcoach.core.workout import parse_workout


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("8 km/h", 8.0),
        ("8,5 kmh", 8.5),
        ("5 mph", 8.04672),
        ("6:00 /km", 10.0),
        ("6:00 min/km", 10.0),
        ("9:40 /mi", 3600 / 580 * 1.609344),
    ],
)
def test_speeds_carry_their_unit(text: str, kmh: float) -> None:
    assert parse_speed(text) == pytest.approx(kmh)


@pytest.mark.parametrize(
    "text",
    [
        "8",
        "",
        "8 m/s",
        "fast",
        "-3 km/h",
        "0 km/h",
        "31 km/h",
        "0:00 /km",
        "6:70 /km",
        "NaN km/h",
        "1e9 km/h",
    ],
)
def test_speeds_that_cannot_be_meant_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InputError) as error:
        parse_speed(text, "--walk")
    assert str(error.value).startswith("--walk: ")
    assert "allowed" in str(error.value)


def test_durations_distances_inclines() -> None:
    assert parse_duration("90 s") == 90
    assert parse_duration("1:30") == 90
    assert parse_duration("1:05:00") == 3900
    assert parse_duration("1.5 h") == 5400
    assert parse_distance("400 m") == 400
    assert parse_distance("1 mi") == pytest.approx(1609.344)
    assert parse_incline("-1.5 %") == -1.5
    for parse, odd in (
        (parse_duration, "7 h"),
        (parse_duration, "5"),
        (parse_duration, "0 s"),
        (parse_distance, "51 km"),
        (parse_distance, "5"),
        (parse_incline, "16 %"),
        (parse_incline, "2"),
        (parse_incline, "-6 %"),
    ):
        with pytest.raises(InputError):
            parse(odd)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_speed, parse_duration, parse_distance, parse_incline, parse_workout):
        try:
            parse(text)
        except InputError as error:
            assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        (SpeedUnit.KMH, "10.0 km/h"),
        (SpeedUnit.MPH, "6.2 mph"),
        (SpeedUnit.PACE_KM, "6:00 /km"),
        (SpeedUnit.PACE_MILE, "9:39 /mi"),
    ],
)
def test_speeds_are_shown_as_chosen(unit: SpeedUnit, shown: str) -> None:
    assert format_speed(10.0, unit) == shown
    assert format_speed(None, unit) == "–"
    assert format_speed(float("nan"), unit) == "–"
    assert "km" not in format_speed(10.0, unit, with_unit=False)
    if unit in (SpeedUnit.PACE_KM, SpeedUnit.PACE_MILE):
        assert format_speed(0.0, unit) == "–"


def test_other_formats() -> None:
    assert format_distance(1609.344, SpeedUnit.MPH) == "1.00 mi"
    assert format_distance(500, SpeedUnit.KMH) == "0.50 km"
    assert format_duration(3661) == "1:01:01"
    assert format_duration(-5) == "0:00"


@given(st.integers(0, 3000))
def test_flooring_is_exact_on_the_grid(value: int) -> None:
    assert ckmh_floor(value / 100) == value
    assert ckmh_floor(value / 100 + 0.004) == value


def test_workouts() -> None:
    workout = parse_workout("5 min @ 6 km/h + 2 x (1 min @ 9 km/h, 1 % + 400 m @ 6:00 /km)")
    assert [segment.label for segment in workout.segments] == ["", "1 of 2", "1 of 2", "2 of 2", "2 of 2"]
    assert workout.segments[1].incline_percent == 1 and workout.segments[0].incline_percent is None
    assert workout.segments[2].distance_m == 400
    assert workout.about_s == pytest.approx(300 + 2 * (60 + 144))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "at least one segment"),
        ("5 min", "5 min @ 8 km/h"),
        ("5 min @ 8", "unit"),
        ("5 @ 8 km/h", "time with its unit"),
        ("(5 min @ 8 km/h", "parentheses"),
        ("5 min @ 8 km/h)", "parentheses"),
        ("101 x (1 min @ 5 km/h)", "repeats"),
        (
            "100 x (1 s @ 5 km/h + 1 s @ 6 km/h + 9 s @ 5 km/h + 9 s @ 4 km/h + 8 s @ 3 km/h + 1 s @ 2 km/h)",
            "500",
        ),
        ("2 x (4 h @ 5 km/h)", "6 h"),
        ("5 min @ 6 km/h + 1 min @ 99 km/h", "part 2"),
        ("9 x (9 x (9 x (9 x (1 s @ 5 km/h))))", "three deep"),
    ],
)
def test_workouts_that_cannot_be_run(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        parse_workout(text, place="--workout")
