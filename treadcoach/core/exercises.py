"""Exercises, screens and habits of the guidance's part C, as data."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["strength", "stretch", "mobility", "drill", "screen", "habit"]
When = Literal["before", "after", "apart"]


@dataclass(frozen=True, slots=True)
class Exercise:
    """One entry. dose is what the document says; hold_s, times, sets and sides are what a guide counts.

    avoid_with_aching_back: the documented avoidances name it, and they win.
    """

    id: str
    name: str
    dose: str
    kind: Kind
    when: When
    aims: str
    source: str
    hold_s: float | None = None
    times: int = 1
    sets: int = 1
    rest_s: float = 5.0
    sides: bool = False
    avoid_with_aching_back: bool = False
    cautions: str | None = None
    passed: str | None = None
    """For a screen: when it counts as passed."""

    @property
    def about_s(self) -> float:
        """How long it takes: holds and counts (3 s each), both sides, rests between."""
        one = self.hold_s if self.hold_s is not None else 3.0
        rounds = self.sets * (2 if self.sides else 1)
        pauses = self.rest_s * max(rounds - 1, 0)
        between = 0.0 if self.hold_s is None else 1.0
        return rounds * self.times * (one + between) + pauses


@dataclass(frozen=True, slots=True)
class Note:
    """A habit around the belt, with its source."""

    id: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Prescriptions:
    """Everything of protocols/exercises.yaml."""

    exercises: dict[str, Exercise]
    avoided: tuple[str, ...]
    avoided_source: str
    notes: tuple[Note, ...]

    def of(self, when: When, kinds: tuple[Kind, ...], *, aching_back: bool) -> list[Exercise]:
        """Entries for a moment, in the file's order, without what an aching back leaves out."""
        return [
            exercise
            for exercise in self.exercises.values()
            if exercise.when == when
            and exercise.kind in kinds
            and not (aching_back and exercise.avoid_with_aching_back)
        ]
