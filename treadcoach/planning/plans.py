"""Loads plans/: one YAML file a plan, checked in whole, with the line of what is wrong."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedSeq

from treadcoach.core.errors import InputError
from treadcoach.core.plan import Plan, PlannedSession, PlanWeek, References, ResolvedSession, Role
from treadcoach.core.workout import Speeds, Workout, parse_workout
from treadcoach.planning.guidance import load_yaml, shipped_folder
from treadcoach.planning.yaml_lines import Lines, parse_file

TITLES = {Role.WALK: "Walk", Role.EASY: "Easy run", Role.LONG: "Long run", Role.HARD: "Hard run"}
MOST_WEEKS = 52
_PLAN = {"name", "for_whom", "sources", "weeks", "incline_percent"}
_WEEK = {"theme", "sessions"}
_SESSION = {"role", "main", "title", "incline_percent"}
_TRIAL: Speeds = {"walk": 5.0, "jog": 8.0}


def load_plans(user_folder: Path | None = None) -> dict[str, Plan]:
    """The shipped plans, and the user's own beside them by file name. Raises InputError."""
    sources = load_yaml(shipped_folder("protocols") / "sources.yaml")["sources"]
    plans: dict[str, Plan] = {}
    for folder in (shipped_folder("plans"), user_folder):
        if folder is None or not folder.is_dir():
            continue
        for path in sorted(folder.glob("*.yaml")):
            plans[path.stem] = load_plan(path, sources)
    return plans


def load_plan(path: Path, sources: Mapping[str, Any]) -> Plan:
    """One plan. Raises InputError with file, line, value and what is allowed."""
    content = parse_file(path)
    here = Lines(path.name)
    top = here.mapping(content, _PLAN, "a plan")
    name = here.text(top, "name")
    for_whom = here.text(top, "for_whom")
    listed = here.sequence(top, "sources")
    for at, source in enumerate(listed):
        if source not in sources:
            raise InputError(here.line(listed, at), source, f"one of {', '.join(sources)}")
    incline = here.incline(top)
    weeks = here.sequence(top, "weeks")
    if not 1 <= len(weeks) <= MOST_WEEKS:
        raise InputError(here.line(top, "weeks"), f"{len(weeks)} weeks", f"1 to {MOST_WEEKS}")
    read = tuple(_week(here, weeks, at) for at in range(len(weeks)))
    words = " ".join(session.main for week in read for session in week.sessions)
    return Plan(path.stem, name, for_whom, tuple(listed), incline, "jog" in words.lower(), read)


def _week(here: Lines, weeks: CommentedSeq, at: int) -> PlanWeek:
    week = here.mapping(weeks[at], _WEEK, f"week {at + 1}", here.line(weeks, at))
    sessions = here.sequence(week, "sessions")
    if not 1 <= len(sessions) <= 7:
        raise InputError(here.line(week, "sessions"), f"{len(sessions)} sessions", "1 to 7 a week")
    read = tuple(_session(here, sessions, k) for k in range(len(sessions)))
    hard = sum(session.role.is_hard for session in read)
    if hard > 4:
        allowed = "at most 4: at least a day lies between two of them"
        raise InputError(here.line(week, "sessions"), f"{hard} that are no walks", allowed)
    return PlanWeek(here.text(week, "theme"), read)


def _session(here: Lines, sessions: CommentedSeq, at: int) -> PlannedSession:
    session = here.mapping(sessions[at], _SESSION, f"session {at + 1}", here.line(sessions, at))
    role = session.get("role")
    if role not in [r.value for r in Role]:
        allowed = f"one of {', '.join(r.value for r in Role)}"
        raise InputError(here.line(session, "role"), role, allowed)
    main = here.text(session, "main")
    title = here.text(session, "title") if "title" in session else TITLES[Role(role)]
    # Read once on trial speeds, so that a plan is known to be whole before anybody starts it.
    parse_workout(main, title, here.line(session, "main"), _TRIAL)
    return PlannedSession(Role(role), main, title, here.incline(session))


def resolve(
    session: PlannedSession, references: References, default_percent: float | None
) -> ResolvedSession:
    """A session's words as speeds of this runner. Raises InputError when a reference is missing."""
    speeds = {"walk": references.walk_kmh}
    if references.jog_kmh is not None:
        speeds["jog"] = references.jog_kmh
    workout = parse_workout(session.main, session.title, session.title, speeds)
    incline = session.incline_percent if session.incline_percent is not None else default_percent
    if incline is not None:
        segments = tuple(
            segment if segment.incline_percent is not None else replace(segment, incline_percent=incline)
            for segment in workout.segments
        )
        workout = Workout(workout.name, segments)
    return ResolvedSession(session, workout)
