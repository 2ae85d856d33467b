"""FIT workouts, as watches and their sites exchange them: steps by time or distance at a speed.

Speeds there are absolute, in m/s, low to high; a range is read as its middle. Repeats are written
out. What has no speed (pulse zones, open steps) is left out and named.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.workout_message import WorkoutMessage
from fit_tool.profile.messages.workout_step_message import WorkoutStepMessage
from fit_tool.profile.profile_type import (
    FileType,
    Intensity,
    Manufacturer,
    Sport,
    WorkoutStepDuration,
    WorkoutStepTarget,
)

from treadcoach.core.errors import InputError
from treadcoach.core.workout import LONGEST_WORKOUT_S, MAX_SEGMENTS, Segment, Workout
from treadcoach.formats.fit_reading import messages, number

SPEED_RANGE_KMH = (0.5, 30.0)
LONGEST_M = 50_000.0
MOST_NAME_OCTETS = 60
_REPEAT = "repeat_until_steps_cmplt"
_SPORTS = ("running", "walking", "training", "generic")


@dataclass(slots=True)
class _Step:
    """One step as read: the segments it stands for, by its own number."""

    index: int
    segments: list[Segment] = field(default_factory=list)


def read_fit_workout(data: bytes, place: str = "FILE") -> tuple[Workout, list[str]]:
    """The workout in a FIT file's octets, and what was left out of it. Raises InputError."""
    name, kind, sport = "Imported workout", None, "running"
    steps: list[_Step] = []
    left_out: list[str] = []
    for message, fields in messages(data, place, frozenset({"file_id", "workout", "workout_step"})):
        if message == "file_id":
            kind = fields.get("type")
            if kind != "workout":
                raise InputError(f"{place}, file_id", kind, "workout; activities: treadcoach history import")
        elif message == "workout":
            name = str(fields.get("wkt_name") or name).strip()[:60] or name
            sport = str(fields.get("sport", sport))
            if sport not in _SPORTS:
                raise InputError(f"{place}, sport", sport, "running or walking")
        else:
            here = f"{place}, step {len(steps) + 1}"
            index = int(number(fields, "message_index") or 0)
            if fields.get("duration_type") == _REPEAT:
                _repeat(steps, index, fields, here)
            else:
                found = _segment(fields, here, left_out)
                steps.append(_Step(index, [] if found is None else [found]))
            if sum(len(step.segments) for step in steps) > MAX_SEGMENTS:
                raise InputError(here, "too many segments", f"at most {MAX_SEGMENTS}, repeats written out")
    if kind is None:
        raise InputError(place, "no file_id", "a FIT workout")
    segments = tuple(segment for step in steps for segment in step.segments)
    if not segments:
        raise InputError(place, "; ".join(left_out) or "no step", "at least one step with a speed")
    workout = Workout(name, segments)
    if workout.about_s > LONGEST_WORKOUT_S:
        raise InputError(place, "more than 6 h in all", "at most 6 h")
    return workout, left_out


def _repeat(steps: list[_Step], index: int, fields: dict[str, Any], here: str) -> None:
    """Steps from a number on, so many times; they were read once already."""
    times = number(fields, "repeat_steps", "target_value")
    first = number(fields, "duration_step", "duration_value")
    if times is None or times != int(times) or not 1 <= times <= 100:
        raise InputError(f"{here}, repeats", times, "a whole number from 1 to 100")
    at = next((k for k, step in enumerate(steps) if first is not None and step.index == int(first)), None)
    if at is None:
        raise InputError(f"{here}, repeats from step", first, "the number of a step before it")
    block = [segment for step in steps[at:] for segment in step.segments]
    if len(block) * times > MAX_SEGMENTS:
        raise InputError(
            f"{here}, repeats", f"{times:g} times {len(block)}", f"at most {MAX_SEGMENTS} in all"
        )
    # The block becomes one step under the number that it began with, for a repeat around it.
    steps[at:] = [_Step(steps[at].index, block * int(times)), _Step(index)]


def _segment(fields: dict[str, Any], here: str, left_out: list[str]) -> Segment | None:
    duration, target = fields.get("duration_type"), fields.get("target_type")
    if duration not in ("time", "distance"):
        left_out.append(f"{here}: lasts until '{duration}'")
        return None
    if target != "speed":
        left_out.append(f"{here}: has no speed but '{target}'")
        return None
    low = number(fields, "custom_target_speed_low")
    high = number(fields, "custom_target_speed_high")
    if low is None or high is None:
        left_out.append(f"{here}: a speed zone of another device")
        return None
    speed = round((low + high) / 2 * 3.6, 2)
    least, most = SPEED_RANGE_KMH
    if not least <= speed <= most or low > high:
        raise InputError(f"{here}, speed", f"{low:g} to {high:g} m/s", f"{least:g} to {most:g} km/h")
    label = str(fields.get("wkt_step_name") or "")[:40]
    if duration == "time":
        seconds = number(fields, "duration_time")
        if seconds is None or not 1 <= seconds <= LONGEST_WORKOUT_S:
            raise InputError(f"{here}, time", seconds, "1 s to 6 h")
        return Segment(speed, seconds, label=label)
    metres = number(fields, "duration_distance")
    if metres is None or not 1 <= metres <= LONGEST_M:
        raise InputError(f"{here}, distance", metres, f"1 m to {LONGEST_M / 1000:g} km")
    return Segment(speed, None, metres, label=label)


def write_fit_workout(workout: Workout) -> bytes:
    """A workout as a FIT file: one step a segment, its speed as both ends of the range."""
    head = FileIdMessage()
    head.type = FileType.WORKOUT
    head.manufacturer = Manufacturer.DEVELOPMENT.value
    head.product = 0
    head.serial_number = 1
    head.time_created = round(time.time()) * 1000
    about = WorkoutMessage()
    about.sport = Sport.RUNNING
    about.num_valid_steps = len(workout.segments)
    about.workout_name = _short(workout.name)
    builder = FitFileBuilder(auto_define=True, min_string_size=16)
    builder.add_all([head, about, *(_step(at, segment) for at, segment in enumerate(workout.segments))])
    out: bytes = builder.build().to_bytes()
    return out


def _step(at: int, segment: Segment) -> WorkoutStepMessage:
    step = WorkoutStepMessage()
    step.message_index = at
    if segment.duration_s is not None:
        step.duration_type = WorkoutStepDuration.TIME
        step.duration_time = segment.duration_s
    else:
        step.duration_type = WorkoutStepDuration.DISTANCE
        step.duration_distance = segment.distance_m
    step.target_type = WorkoutStepTarget.SPEED
    step.custom_target_speed_low = step.custom_target_speed_high = segment.speed_kmh / 3.6
    step.intensity = Intensity.ACTIVE
    return step


def _short(name: str) -> str:
    """As many whole characters as fit into the field."""
    return name.encode()[:MOST_NAME_OCTETS].decode(errors="ignore")
