"""Today, the days ahead, and the exercises, as a page shows them."""

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from treadcoach.app.decisions import read_shoes
from treadcoach.app.desk import Desk
from treadcoach.app.training import Training
from treadcoach.core.errors import InputError, NoSessionToday
from treadcoach.core.exercises import Exercise
from treadcoach.core.plan import Plan, References
from treadcoach.planning.checkin import as_of, judge, load_checkin_rules
from treadcoach.planning.guidance import load_yaml, shipped_folder
from treadcoach.planning.planner import PlanState, Schedule, Scheduled
from treadcoach.planning.plans import resolve
from treadcoach.planning.prescription import (
    AFTER,
    BEFORE,
    STRENGTH_DAYS_A_WEEK,
    around,
    core_minutes,
    load_prescriptions,
)
from treadcoach.planning.shoes import worn
from treadcoach.store import diary, history
from treadcoach.store.imports import IMPORTED

AHEAD_DAYS = 14
_TRIAL = References(5.0, 8.0)
SETS = ("last", "before", "after", "strength", "screens")


def today(desk: Desk, now: datetime) -> dict[str, Any]:
    """What the day holds: the session and why, or why there is none; what is due besides."""
    training, day = desk.training(), now.date()
    ruling = judge(as_of(training.check_ins(), day), day, load_checkin_rules())
    out: dict[str, Any] = {
        "day": day.isoformat(),
        "runner": training.runner.name,
        "newcomer": not training.past(day),
        "physician_from_age": int(training.rules.physician_from_age),
        "age_years": training.runner.age_years,
        "verdict": ruling.verdict.value,
        "reasons": list(ruling.reasons),
        "checked_in": any(said.day == day for said in training.check_ins()),
        "screens_due": [_exercise(e) for e in training.screens_due(day)],
        "strength_due": False,
        "shoes": shoes(desk, training),
        "refused": None, "notes": [], "ceiling": None, "plan": None, "session": None, "next": None,
    }  # fmt: skip
    try:
        allowance = training.allowance(day)
        out["notes"] = list(allowance.notes)
        top = min(allowance.ceiling.curve[60], training.runner.max_speed_kmh)
        out["ceiling"] = {"kmh": top, "reason": allowance.ceiling.reason}
    except NoSessionToday as error:
        out["refused"] = str(error)
    state = training.state()
    if state is None:
        return out
    schedule = training.schedule(day, AHEAD_DAYS, state)
    out["plan"] = {"id": state.plan.id, "name": state.plan.name, "stopped": schedule.stopped}
    out["notes"] += [note for note in schedule.notes if note not in out["notes"]]
    out["strength_due"] = day in training.strength_ahead(day, 1, schedule)
    entry = schedule.on(day)
    if entry is not None:
        out["session"] = _scheduled(training, entry, state, day, whole=True)
    out["next"] = next((_scheduled(training, e, state, day) for e in schedule.sessions if e.day > day), None)
    return out


def due(desk: Desk, now: datetime) -> dict[str, Any] | None:
    """Today's session with its time, while it is still to be run; None on other days."""
    training = desk.training()
    state = training.state()
    if state is None:
        return None
    entry = training.schedule(now.date(), 1, state).on(now.date())
    if entry is None:
        return None
    at = training.times().get(entry.day.weekday())
    return {
        "title": entry.session.title,
        "at": None if at is None else at.isoformat("minutes"),
        "is_due": at is not None and now.time() >= at,
    }


def outlook(desk: Desk, now: datetime) -> dict[str, Any]:
    """The next session in one line, and what the newest pair of shoes in use has run."""
    training, day = desk.training(), now.date()
    state = training.state()
    line = None
    if state is not None:
        entry = next(iter(training.schedule(day, AHEAD_DAYS, state).sessions), None)
        if entry is not None:
            at = training.times().get(entry.day.weekday())
            when = (
                entry.day.isoformat() if at is None else f"{entry.day.isoformat()} {at.isoformat('minutes')}"
            )
            line = f"{when}: {entry.session.title}"
    pairs = [pair for pair in shoes(desk, training) if not pair["retired"]]
    newest = max(pairs, key=lambda pair: pair["since"], default=None)
    return {
        "next_session": line,
        "shoe_distance_km": None if newest is None else round(newest["distance_m"] / 1000),
    }


def ahead(desk: Desk, day: date, horizon_days: int, what_if: dict[str, Any] | None = None) -> dict[str, Any]:
    """The days ahead of the plan that is followed, or of another one without following it.

    what_if: a plan's name, or weekdays, or both. Raises InputError without a plan.
    """
    training = desk.training()
    state = training.state()
    if what_if is not None:
        days = frozenset(what_if["days"]) if what_if.get("days") else frozenset(range(7))
        if what_if.get("plan"):
            state = PlanState(training.plan(what_if["plan"]), day, days)
        elif state is not None:
            state = replace(state, days=days)
    if state is None:
        return {"plan": None, "sessions": [], "notes": [], "strength": [], "stopped": None}
    schedule = training.schedule(day, horizon_days, state)
    return {
        "plan": {"id": state.plan.id, "name": state.plan.name, "started": state.started.isoformat(),
                 "days": sorted(state.days), "weeks": len(state.plan.weeks),
                 "times": {str(k): at.isoformat("minutes") for k, at in training.times().items()}},
        "sessions": [_scheduled(training, e, state, day, whole=True) for e in schedule.sessions],
        "done": [{"day": d.day.isoformat(), "key": _number(d.key)} for d in state.done],
        "notes": list(schedule.notes),
        "stopped": schedule.stopped,
        "strength": [d.isoformat() for d in _strength(training, day, horizon_days, schedule)],
        "strength_a_week": list(STRENGTH_DAYS_A_WEEK),
    }  # fmt: skip


def _strength(training: Training, day: date, horizon_days: int, schedule: Schedule) -> list[date]:
    return training.strength_ahead(day, horizon_days, schedule)


def _number(key: tuple[int, int] | None) -> str | None:
    return None if key is None else f"{key[0] + 1}.{key[1] + 1}"


def _scheduled(
    training: Training, entry: Scheduled, state: PlanState, day: date, *, whole: bool = False
) -> dict[str, Any]:
    at = training.times().get(entry.day.weekday())
    out: dict[str, Any] = {
        "day": entry.day.isoformat(),
        "at": None if at is None else at.isoformat("minutes"),
        "key": _number(entry.key),
        "role": entry.session.role.value,
        "title": entry.session.title,
        "main": entry.session.main,
        "share": entry.share,
        "flat": entry.flat,
        "about_s": None,
    }
    if whole:
        out["why"] = dict(entry.why)
    try:
        workout = training.resolved(entry, state.plan, day).workout
    except InputError as error:
        return out | {"problem": str(error)}
    out["about_s"] = workout.about_s
    if whole:
        out["segments"] = [
            {"about_s": s.about_s, "speed_kmh": s.speed_kmh, "incline_percent": s.incline_percent}
            for s in workout.segments
        ]
    return out


def plans(desk: Desk) -> list[dict[str, Any]]:
    """Every plan there is, week by week, with the document it comes from."""
    sources = load_yaml(shipped_folder("protocols") / "sources.yaml")["sources"]
    folder = desk.places.config / "plans"
    return [
        _plan(plan, sources) | {"own": (folder / f"{plan.id}.yaml").is_file()}
        for plan in desk.training().plans.values()
    ]


def _plan(plan: Plan, sources: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": plan.id,
        "name": plan.name,
        "for_whom": plan.for_whom,
        "sources": [sources[key]["title"] for key in plan.sources],
        "needs_jog": plan.needs_jog,
        "weeks": [
            {
                "theme": week.theme,
                "sessions": [
                    {"role": s.role.value, "title": s.title, "main": s.main,
                     "about_s": resolve(s, _TRIAL, plan.incline_percent).workout.about_s}
                    for s in week.sessions
                ],
            }
            for week in plan.weeks
        ],
    }  # fmt: skip


def shoes(desk: Desk, training: Training) -> list[dict[str, Any]]:
    """Pairs with what they have run."""
    pairs = read_shoes(diary.entries(desk.engine, training.runner.name, "shoe"))
    rows = history.since(desk.engine, date(2000, 1, 1), training.runner.name)
    return [
        {"name": pair.shoe.name, "since": pair.shoe.since.isoformat(), "distance_m": pair.distance_m,
         "advice": pair.advice, "retired": pair.shoe.retired is not None}
        for pair in worn(pairs.values(), [(r.day, r.distance_m) for r in rows])
    ]  # fmt: skip


def exercises(desk: Desk, which: str) -> dict[str, Any]:
    """A set of exercises for a guide with timers. Raises InputError for a set that is none."""
    if which not in SETS:
        raise InputError("exercises", which, f"one of {', '.join(SETS)}")
    training, prescriptions = desk.training(), load_prescriptions()
    aching = training.runner.aching_back
    out: dict[str, Any] = {
        "set": which,
        "aching_back": aching,
        "left_out": list(prescriptions.avoided) if aching else [],
        "left_out_source": prescriptions.avoided_source,
        "notes": [asdict(note) for note in prescriptions.notes],
        "core_minutes": None,
        "after": None,
        "strength_a_week": list(STRENGTH_DAYS_A_WEEK),
        "strength_done": [day.isoformat() for day in training.strength_done()[-6:]],
    }
    match which:
        case "before":
            chosen = around(prescriptions, BEFORE, aching_back=aching)
        case "after":
            chosen = around(prescriptions, AFTER, aching_back=aching)
        case "strength":
            chosen = prescriptions.of("apart", ("strength", "mobility", "drill"), aching_back=aching)
        case "screens":
            chosen = prescriptions.of("apart", ("screen",), aching_back=aching)
        case _:
            chosen = _after_the_last(desk, training, out)
    results = training.screens()
    return out | {
        "exercises": [
            _exercise(e)
            | {"results": [{"day": r.day.isoformat(), "passed": r.passed, "note": r.note}
                           for r in reversed(results.get(e.id, []))]}
            for e in chosen
        ]
    }  # fmt: skip


def _after_the_last(desk: Desk, training: Training, out: dict[str, Any]) -> list[Exercise]:
    """Stretches, core minutes for its distance, and what its form issues ask for."""
    prescriptions, aching = load_prescriptions(), training.runner.aching_back
    newest = history.list_sessions(desk.engine, 1, training.runner.name)
    wanted: list[str] = []
    if newest:
        row = newest[0]
        out["after"] = {"id": row.id, "title": row.title}
        out["core_minutes"] = core_minutes(row.distance_m)
        if row.state not in (IMPORTED, "running"):
            form = history.setup_of(desk.engine, row.id)[1].get("form") or {}
            wanted = [e["id"] for e in form.get("exercises", ()) if e["id"] in prescriptions.exercises]
    return around(prescriptions, (*AFTER, *wanted), aching_back=aching)


def _exercise(exercise: Exercise) -> dict[str, Any]:
    return asdict(exercise) | {"about_s": exercise.about_s}
