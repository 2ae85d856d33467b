"""Loads plans/: one YAML file a plan, checked in whole, with the line of what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from treadcoach.core.errors import InputError
from treadcoach.core.plan import Plan, PlannedSession, PlanWeek, References, ResolvedSession, Role
from treadcoach.core.workout import Speeds, Workout, parse_workout
from treadcoach.planning.guidance import load_yaml, shipped_folder

TITLES = {Role.WALK: "Walk", Role.EASY: "Easy run", Role.LONG: "Long run", Role.HARD: "Hard run"}
MOST_WEEKS = 52
MOST_OCTETS = 200_000
STEEPEST_PERCENT = 15.0
_PLAN = {"name", "for_whom", "sources", "weeks", "incline_percent"}
_WEEK = {"theme", "sessions"}
_SESSION = {"role", "main", "title", "incline_percent"}
_MARK = re.compile(r"[&*][A-Za-z]|!+[A-Za-z!]")
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
    content = _parse(path)
    here = _Place(path.name)
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


def _week(here: "_Place", weeks: CommentedSeq, at: int) -> PlanWeek:
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


def _session(here: "_Place", sessions: CommentedSeq, at: int) -> PlannedSession:
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


def _parse(path: Path) -> Any:
    """YAML with line numbers kept; aliases, tags and huge files refused."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path.name, str(error), "a readable file of UTF-8 text") from error
    if len(text) > MOST_OCTETS:
        raise InputError(path.name, f"{len(text)} characters", f"at most {MOST_OCTETS}")
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].replace('"', " ").replace("'", " ").split()
        if any(_MARK.match(word) for word in words):
            raise InputError(f"{path.name}, line {number}", line.strip(), "no anchors, aliases or tags")
    try:
        return YAML(typ="rt", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}, line {mark.line + 1}" if mark else path.name
        problem = getattr(error, "problem", None) or "not YAML"
        raise InputError(place, problem, "well-formed YAML without duplicate keys") from error


class _Place:
    """Where something stands in a file, and whether it is of the right kind."""

    def __init__(self, file: str) -> None:
        self._file = file

    def line(self, parent: Any, key: Any) -> str:
        try:
            number = parent.lc.data[key][0] + 1
        except (AttributeError, KeyError, TypeError):
            number = getattr(getattr(parent, "lc", None), "line", 0) + 1
        return f"{self._file}, line {number}, {key if isinstance(key, str) else f'entry {key + 1}'}"

    def mapping(self, value: Any, known: set[str], what: str, place: str | None = None) -> CommentedMap:
        if not isinstance(value, CommentedMap):
            raise InputError(place or self._file, value, f"{what} with {', '.join(sorted(known))}")
        for key in value:
            if key not in known:
                raise InputError(self.line(value, key), key, f"one of {', '.join(sorted(known))}")
        return value

    def sequence(self, parent: CommentedMap, key: str) -> CommentedSeq:
        value = parent.get(key)
        if not isinstance(value, CommentedSeq):
            raise InputError(self.line(parent, key), value, "a list")
        return value

    def text(self, parent: CommentedMap, key: str) -> str:
        value = parent.get(key)
        if not isinstance(value, str) or not value.strip():
            raise InputError(self.line(parent, key), value, "text")
        return value.strip()

    def incline(self, parent: CommentedMap) -> float | None:
        value = parent.get("incline_percent")
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 <= value <= STEEPEST_PERCENT
        ):
            allowed = f"a number from 0 to {STEEPEST_PERCENT:g}"
            raise InputError(self.line(parent, "incline_percent"), value, allowed)
        return float(value)
