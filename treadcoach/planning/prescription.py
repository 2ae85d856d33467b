"""What to do around a session: range of motion, stretches, core minutes, strength, picks for form issues."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from treadcoach.core.errors import InputError
from treadcoach.core.exercises import Exercise, Kind, Note, Prescriptions, When
from treadcoach.core.units import KM_PER_MILE
from treadcoach.planning.guidance import load_yaml, shipped_folder

BEFORE = ("calf-stretch", "hip-flexor-lunge", "thigh-stretch", "leg-swings", "hip-circles", "wake-the-glutes")
AFTER = (
    "split-hip-stretch",
    "hamstring-step-stretch",
    "front-hip-lunge",
    "calf-stretch-after",
    "back-pigeon",
    "cat-cow-slow",
)
"""Hips, legs and lower back, as the documents ask for after the belt (A4)."""
CORE_MINUTES_PER_MILE = 1.0
STRENGTH_DAYS_A_WEEK = (2, 3)
SCREENS_EVERY_DAYS = 28
"""No document says how often; four weeks are long enough for strength and length of muscles to change."""
_KNOWN = {"back", *(name for name in Exercise.__slots__ if name != "avoid_with_aching_back")}


def load_prescriptions(folder: Path | None = None) -> Prescriptions:
    """protocols/exercises.yaml. Raises InputError that names the exercise, the value and what is allowed."""
    folder = folder or shipped_folder("protocols")
    content = load_yaml(folder / "exercises.yaml")
    sources = load_yaml(folder / "sources.yaml")["sources"]
    exercises: dict[str, Exercise] = {}
    for entry in content["exercises"]:
        exercise = _exercise(entry, sources)
        if exercise.id in exercises:
            raise InputError(f"exercises.yaml, {exercise.id}", exercise.id, "an id that is used once")
        exercises[exercise.id] = exercise
    avoid = content["avoid_with_aching_back"]
    notes = tuple(Note(**entry) for entry in content["notes"])
    return Prescriptions(exercises, tuple(avoid["items"]), avoid["source"], notes)


def _exercise(entry: Mapping[str, Any], sources: Mapping[str, Any]) -> Exercise:
    place = f"exercises.yaml, {entry.get('id', 'an entry without an id')}"
    if unknown := sorted(set(entry) - _KNOWN):
        raise InputError(place, unknown[0], f"one of {', '.join(sorted(_KNOWN))}")
    for name, allowed in (("kind", get_args(Kind)), ("when", get_args(When)), ("source", tuple(sources))):
        if entry.get(name) not in allowed:
            raise InputError(f"{place}, {name}", entry.get(name), f"one of {', '.join(allowed)}")
    if entry.get("back", "fine") not in ("fine", "avoid"):
        raise InputError(f"{place}, back", entry["back"], "fine or avoid")
    fields = {name: value for name, value in entry.items() if name != "back"}
    return Exercise(**fields, avoid_with_aching_back=entry.get("back") == "avoid")


def around(prescriptions: Prescriptions, ids: Iterable[str], *, aching_back: bool) -> list[Exercise]:
    """Exercises by id, in that order, each once, without what an aching back leaves out."""
    chosen = [prescriptions.exercises[key] for key in dict.fromkeys(ids)]
    return [exercise for exercise in chosen if not (aching_back and exercise.avoid_with_aching_back)]


def core_minutes(distance_m: float) -> float:
    """Core work for a distance run: about a minute for each mile (ngo)."""
    return CORE_MINUTES_PER_MILE * distance_m / 1000 / KM_PER_MILE
