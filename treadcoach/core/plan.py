"""A progressive plan as data: weeks of sessions, each with a role and a main set in words."""

from dataclasses import dataclass
from enum import StrEnum

from treadcoach.core.workout import Workout


class Role(StrEnum):
    """What a session is for. Hard, long and easy are running (or what comes nearest to it in the plan)."""

    WALK = "walk"
    EASY = "easy"
    LONG = "long"
    HARD = "hard"

    @property
    def is_hard(self) -> bool:
        """Needs a day without running before and after it (A9)."""
        return self is not Role.WALK


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session of a plan. main is a workout in words, with speeds as `walk`, `jog` or a share of them."""

    role: Role
    main: str
    title: str
    incline_percent: float | None = None


@dataclass(frozen=True, slots=True)
class PlanWeek:
    """One week: its sessions in order, at most one a day."""

    theme: str
    sessions: tuple[PlannedSession, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. needs_jog: a reference speed for running is needed to read its workouts."""

    id: str
    name: str
    for_whom: str
    sources: tuple[str, ...]
    incline_percent: float | None
    needs_jog: bool
    weeks: tuple[PlanWeek, ...]


@dataclass(frozen=True, slots=True)
class References:
    """The runner's own speeds that a plan's words stand for, km/h; jog None where there is none."""

    walk_kmh: float
    jog_kmh: float | None = None


@dataclass(frozen=True, slots=True)
class ResolvedSession:
    """A session of a plan with its words turned into speeds."""

    planned: PlannedSession
    workout: Workout
    """What the session machine runs; still before any ceiling."""
