"""What happens in one session, as plain data: the same plan is always the same session."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from treadcoach.core.runner import Runner
from treadcoach.virtual.belt import MachineModel


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens `after_s` after the nth `on`. lasts_s None: until the end.

    on: begin, start, speed, incline, stop, control (octets written), down, up (links),
    asked (any intent), moving, standing.
    """

    on: str
    nth: int
    after_s: float
    do: str
    args: tuple[Any, ...] = ()
    lasts_s: float | None = None

    def __str__(self) -> str:
        lasts = "" if self.lasts_s is None else f" for {self.lasts_s:g} s"
        return f"{self.after_s:g} s after {self.on} {self.nth}: {self.do} {self.args}{lasts}"


@dataclass(frozen=True, slots=True)
class Person:
    """How the person at the treadmill behaves when nothing else is said."""

    thinks_s: float = 3.0
    starts_at_most: int = 4
    leaves_at_s: float = 300.0
    pulls_key_after_s: float = 30.0
    """A belt that does not stop is stopped by its safety key, this long after STOP."""
    says_incline: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    theme: str
    model: MachineModel
    runner: Runner
    curve: Mapping[int, float]
    walk_kmh: float
    workout: str
    warm_up_s: float
    incline_percent: float | None
    stretch_break: bool
    person: Person
    acts: tuple[Act, ...] = ()
    faults: Mapping[str, Any] = field(default_factory=dict)
    lies: Mapping[str, Any] = field(default_factory=dict)
    strap: bool = False
    interval_s: float = 0.0
    begins_at: tuple[float, float] = (0.0, 0.0)
    """The belt's speed and incline before anybody connects: it may run already."""
    old_target_kmh: float = 0.0
    long: bool = False

    @property
    def top_kmh(self) -> float:
        """The fastest speed in the workout's own words."""
        return max(float(text) for text in re.findall(r"([0-9.]+) km/h", self.workout))

    def story(self) -> list[str]:
        model = self.model
        return [
            f"theme {self.theme}; workout {self.workout}; warm-up {self.warm_up_s:g} s; strap {self.strap}",
            f"runner {self.runner}",
            f"ceiling {dict(self.curve)} walk {self.walk_kmh:g}",
            f"machine {model}",
            f"faults {dict(self.faults)} lies {dict(self.lies)} begins at {self.begins_at}",
            f"person {self.person}",
            *(str(act) for act in self.acts),
        ]
