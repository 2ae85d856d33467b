"""Workout files: segments and repeats in YAML, by time or distance, in speeds, shares or words of effort."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from treadcoach.core.errors import InputError
from treadcoach.core.units import format_duration, parse_incline, parse_speed
from treadcoach.core.workout import (
    LONGEST_WORKOUT_S,
    MAX_SEGMENTS,
    Segment,
    Speeds,
    Workout,
    parse_length,
    parse_reference,
)
from treadcoach.planning.guidance import load_yaml, shipped_folder
from treadcoach.planning.yaml_lines import Lines, parse_file

DEEPEST = 3
MOST_REPEATS = 100
_WORKOUT = {"name", "for_whom", "sources", "incline", "segments"}
_SEGMENT = {"for", "speed", "effort", "incline", "label"}
_REPEAT = {"repeat", "segments"}
_SPEED_ALLOWED = "'8 km/h', '6:00 /km', 'walk', '90 % jog'; or effort instead of speed"


def load_efforts(folder: Path | None = None) -> dict[str, str]:
    """protocols/effort.yaml: words of effort, each with the share of a reference speed it stands for."""
    content = load_yaml((folder or shipped_folder("protocols")) / "effort.yaml")
    return {str(word): str(share) for word, share in content["efforts"].items()}


def load_workout(path: Path, speeds: Speeds) -> Workout:
    """One workout file, repeats written out. Raises InputError with file, line, value and what is allowed.

    speeds: what walk and jog mean for the runner, km/h.
    """
    reader = _Reader(Lines(path.name), speeds, load_efforts())
    return reader.workout(parse_file(path), path.stem)


def is_workout(content: Any) -> bool:
    """A workout has segments, a plan has weeks."""
    return isinstance(content, CommentedMap) and "segments" in content


@dataclass(frozen=True, slots=True)
class _Reader:
    here: Lines
    speeds: Speeds
    efforts: Mapping[str, str]

    def workout(self, content: Any, stem: str) -> Workout:
        top = self.here.mapping(content, _WORKOUT, "a workout")
        name = self.here.text(top, "name") if "name" in top else stem
        if "for_whom" in top:
            self.here.text(top, "for_whom")
        self._sources(top)
        segments = self._segments(top, 0)
        if (tilt := self._incline(top)) is not None:
            segments = [s if s.incline_percent is not None else _tilted(s, tilt) for s in segments]
        workout = Workout(name[:60], tuple(segments))
        if workout.about_s > LONGEST_WORKOUT_S:
            place = self.here.line(top, "segments")
            raise InputError(place, f"{format_duration(workout.about_s)} in all", "at most 6 h")
        return workout

    def _sources(self, top: CommentedMap) -> None:
        if "sources" not in top:
            return
        known = load_yaml(shipped_folder("protocols") / "sources.yaml")["sources"]
        listed = self.here.sequence(top, "sources")
        for at, source in enumerate(listed):
            if source not in known:
                raise InputError(self.here.line(listed, at), source, f"one of {', '.join(known)}")

    def _segments(self, parent: CommentedMap, depth: int) -> list[Segment]:
        listed = self.here.sequence(parent, "segments")
        place = self.here.line(parent, "segments")
        if not listed:
            raise InputError(place, "no segment", "at least one, such as {for: 20 min, speed: walk}")
        out: list[Segment] = []
        for at in range(len(listed)):
            out += self._entry(listed, at, depth)
            if len(out) > MAX_SEGMENTS:
                raise InputError(place, "too many, repeats written out", f"at most {MAX_SEGMENTS} segments")
        return out

    def _entry(self, listed: CommentedSeq, at: int, depth: int) -> list[Segment]:
        place = self.here.line(listed, at)
        entry = listed[at]
        if not isinstance(entry, CommentedMap) or "repeat" not in entry:
            return [self._segment(self.here.mapping(entry, _SEGMENT, "a segment", place))]
        if depth >= DEEPEST:
            raise InputError(place, "repeat", f"at most {DEEPEST} repeats in each other")
        block = self.here.mapping(entry, _REPEAT, "a repeat", place)
        times = block["repeat"]
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MOST_REPEATS:
            raise InputError(self.here.line(block, "repeat"), times, f"a whole number, 1 to {MOST_REPEATS}")
        inner = self._segments(block, depth + 1)
        if times * len(inner) > MAX_SEGMENTS:
            many = f"{times} times {len(inner)}"
            raise InputError(self.here.line(block, "repeat"), many, f"at most {MAX_SEGMENTS} segments")
        turns = range(1, times + 1)
        return [replace(s, label=s.label or f"{turn} of {times}") for turn in turns for s in inner]

    def _segment(self, entry: CommentedMap) -> Segment:
        length = self.here.text(entry, "for")
        duration_s, distance_m = parse_length(length, self.here.line(entry, "for"))
        label = self.here.text(entry, "label")[:40] if "label" in entry else ""
        return Segment(self._speed(entry), duration_s, distance_m, self._incline(entry), label)

    def _speed(self, entry: CommentedMap) -> float:
        if ("speed" in entry) == ("effort" in entry):
            both = "speed and effort" if "speed" in entry else "neither speed nor effort"
            raise InputError(self.here.line(entry, "for"), both, "one of them")
        if "effort" in entry:
            word, place = self.here.text(entry, "effort"), self.here.line(entry, "effort")
            if word.lower() not in self.efforts:
                raise InputError(place, word, f"one of {', '.join(self.efforts)}")
            text = self.efforts[word.lower()]
        else:
            text, place = self.here.text(entry, "speed"), self.here.line(entry, "speed")
        named = parse_reference(text, self.speeds, place)
        try:
            return parse_speed(text, place) if named is None else named
        except InputError as error:
            raise InputError(place, text, _SPEED_ALLOWED) from error

    def _incline(self, entry: CommentedMap) -> float | None:
        if "incline" not in entry:
            return None
        return parse_incline(self.here.text(entry, "incline"), self.here.line(entry, "incline"))


def _tilted(segment: Segment, percent: float) -> Segment:
    return replace(segment, incline_percent=percent)


def write_workout(workout: Workout, path: Path) -> None:
    """A workout as a file that `load_workout` reads. Raises InputError; a file that is there is kept."""
    segments = []
    for segment in workout.segments:
        if segment.duration_s is not None:
            entry = {"for": f"{segment.duration_s:g} s"}
        else:
            entry = {"for": f"{segment.distance_m:g} m"}
        entry["speed"] = f"{segment.speed_kmh:g} km/h"
        if segment.incline_percent is not None:
            entry["incline"] = f"{segment.incline_percent:g} %"
        if segment.label:
            entry["label"] = segment.label
        segments.append(entry)
    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style = None
    yaml.width = 100
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as target:
            yaml.dump({"name": workout.name, "segments": segments}, target)
    except FileExistsError:
        raise InputError("--save", path.stem, "a name that is not taken yet") from None
    except OSError as error:
        raise InputError("--save", str(path), f"a place that can be written ({error.strerror})") from error
