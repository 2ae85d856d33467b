"""ZWO workouts: there and back, of other programs, and hostile ones refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.errors import InputError
from treadcoach.core.workout import Segment, Workout
from treadcoach.formats.zwo import read_zwo, write_zwo

FOREIGN = b"""<?xml version="1.0"?>
<workout_file>
  <name>Five by three</name><sportType>run</sportType>
  <workout>
    <Warmup Duration="600" PowerLow="0.6" PowerHigh="0.8" pace="0"/>
    <IntervalsT Repeat="5" OnDuration="180" OffDuration="90" OnPower="1.0" OffPower="0.5">
      <textevent timeoffset="0" message="go"/>
    </IntervalsT>
    <FreeRun Duration="60"/>
    <Cooldown Duration="300" PowerLow="0.7" PowerHigh="0.5"/>
  </workout>
</workout_file>"""


def _file(step: str, head: str = "<sportType>run</sportType>") -> bytes:
    return f"<workout_file>{head}<workout>{step}</workout></workout_file>".encode()


def test_a_file_of_another_program_is_read_and_what_is_left_out_is_named() -> None:
    workout, left_out = read_zwo(FOREIGN, 10.0)
    assert workout.name == "Five by three"
    assert len(workout.segments) == 12
    assert [s.speed_kmh for s in workout.segments[:3]] == pytest.approx([7.0, 10.0, 5.0])
    assert [s.duration_s for s in workout.segments[:3]] == [600, 180, 90]
    assert len(left_out) == 4 and any("FreeRun" in line for line in left_out)


def test_a_workout_by_distance() -> None:
    head = "<durationType>distance</durationType>"
    workout, _ = read_zwo(_file('<SteadyState Duration="400" Power="0.9"/>', head), 10.0)
    assert workout.segments == (Segment(9.0, None, 400.0),)


@given(
    st.lists(st.tuples(st.floats(3.0, 15.0), st.integers(10, 3600)), min_size=1, max_size=5),
    st.floats(6.0, 14.0),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
)
def test_there_and_back(parts: list[tuple[float, int]], reference: float, name: str) -> None:
    segments = tuple(Segment(round(speed, 2), float(seconds)) for speed, seconds in parts)
    shares = [segment.speed_kmh / reference for segment in segments]
    data = write_zwo(Workout(name, segments), reference)
    if any(not 0.2 <= share <= 2.5 for share in shares):
        with pytest.raises(InputError, match="Power"):
            read_zwo(data, reference)
        return
    found, left_out = read_zwo(data, reference)
    assert not left_out
    assert [s.duration_s for s in found.segments] == [s.duration_s for s in segments]
    assert [s.speed_kmh for s in found.segments] == pytest.approx([s.speed_kmh for s in segments], abs=0.01)
    assert found.name == (name.strip() or "Imported workout")


INTERVALS = '<IntervalsT Repeat="{}" OnDuration="1" OffDuration="1" OnPower="1" OffPower="1"/>'
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<workout_file><name>&b;</name><workout/></workout_file>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<workout_file><name>&e;</name><workout/></workout_file>"""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (BOMB, "without entities"),
        (OUTSIDE, "without entities"),
        (b"", "well-formed"),
        (FOREIGN[:200], "well-formed"),
        (b"\xff\xfe\x00", "well-formed"),
        (b"<gpx/>", "workout_file"),
        (b"<workout_file/>", "workout_file"),
        (_file(""), "at least one"),
        (_file('<SteadyState Duration="60" Power="9"/>'), "0.2 to 2.5"),
        (_file('<SteadyState Duration="-5" Power="1"/>'), "step 1"),
        (_file('<SteadyState Duration="1e9" Power="1"/>'), "Duration"),
        (_file('<SteadyState Duration="nan" Power="1"/>'), "Duration"),
        (_file('<SteadyState Power="1"/>'), "Duration"),
        (
            _file('<IntervalsT Repeat="1e6" OnDuration="1" OffDuration="1" OnPower="1" OffPower="1"/>'),
            "Repeat",
        ),
        (
            _file('<IntervalsT Repeat="1.5" OnDuration="1" OffDuration="1" OnPower="1" OffPower="1"/>'),
            "whole number",
        ),
        (_file('<SteadyState Duration="20000" Power="1"/>' * 2), "at most 6 h"),
        (_file('<SteadyState Duration="1" Power="1"/>' * 501), "at most 500"),
        (_file("<SteadyState/>", "<sportType>bike</sportType>"), "sportType"),
        (b"x" * 600_000, "at most 500000"),
    ],
    ids=range(19),
)
def test_a_hostile_or_broken_file_is_refused_with_a_reason(data: bytes, words: str) -> None:
    with pytest.raises(InputError) as refused:
        read_zwo(data, 8.0, "plan.zwo")
    assert words in str(refused.value) and "plan.zwo" in str(refused.value)
