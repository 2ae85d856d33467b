"""A progressive plan as data: weeks of sessions, each with a role and a main set in words."""

from dataclasses import dataclass, replace
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
class PlanRef:
    """Which session of which plan a run was for; weeks and sessions from 0."""

    plan: str
    week: int
    session: int


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

    def scaled(self, share: float) -> "ResolvedSession":
        """Shorter by a share of every segment."""
        if share == 1.0:
            return self
        segments = tuple(
            replace(
                segment,
                duration_s=None if segment.duration_s is None else segment.duration_s * share,
                distance_m=None if segment.distance_m is None else segment.distance_m * share,
            )
            for segment in self.workout.segments
        )
        return replace(self, workout=replace(self.workout, segments=segments))

    def flattened(self, percent: float | None) -> "ResolvedSession":
        """No segment steeper than that; None changes nothing."""
        if percent is None:
            return self
        segments = tuple(
            segment
            if segment.incline_percent is not None and segment.incline_percent <= percent
            else replace(segment, incline_percent=percent)
            for segment in self.workout.segments
        )
        return replace(self, workout=replace(self.workout, segments=segments))
