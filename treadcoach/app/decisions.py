"""What a runner decides or says besides the belt, checked and written into the diary.

The same for a terminal and a page. Nothing here moves a belt; what follows from it is the planner's.
"""

from collections.abc import Iterable
from datetime import date

from treadcoach.app.days import parse_day, parse_days
from treadcoach.app.desk import Desk
from treadcoach.app.training import Training, parse_key
from treadcoach.core.checkin import CheckIn, Moment, Ruling, Sign
from treadcoach.core.errors import InputError
from treadcoach.core.units import parse_distance
from treadcoach.planning.checkin import judge, load_checkin_rules
from treadcoach.planning.planner import PlanState
from treadcoach.planning.prescription import load_prescriptions
from treadcoach.planning.shoes import Shoe
from treadcoach.store import diary

MOST_RAN_KM = 5000.0
MOST_NAME = 60


def followed(training: Training) -> PlanState:
    """The plan that is followed. Raises InputError when there is none."""
    state = training.state()
    if state is None:
        raise InputError("plan", "none", "a plan: 'treadcoach plan list', then 'treadcoach plan start'")
    return state


def start_plan(training: Training, name: str, days: str, day: str, today: date) -> date:
    """Follow a plan from a day on; that day. Raises InputError, also for a running speed nobody knows."""
    plan, chosen, started = training.plan(name), parse_days(days), parse_day(day, today, "--from")
    if plan.needs_jog:
        # Refused now rather than on the first day.
        state = PlanState(plan, started, chosen.days)
        for entry in training.schedule(max(today, started), 7, state).sessions:
            training.resolved(entry, plan, today)
    times = {at: when.isoformat("minutes") for at, when in chosen.times.items()}
    said = {"plan": plan.id, "started": started.isoformat(), "days": sorted(chosen.days), "times": times}
    training.write(today, what="start", **said)
    return started


def stop_plan(training: Training, today: date) -> str:
    """Follow none any more; the name of the one that was followed."""
    state = followed(training)
    training.write(today, what="stop")
    return state.plan.name


def move_session(training: Training, session: str, to: str, today: date) -> None:
    """Put a session of the plan on another day."""
    key, day = parse_key(session, followed(training).plan), parse_day(to, today)
    if day < today:
        raise InputError("date", to, "today or later")
    training.write(today, what="move", key=list(key), to=day.isoformat())


def skip_session(training: Training, session: str, today: date) -> None:
    """Leave a session of the plan out."""
    key = parse_key(session, followed(training).plan)
    training.write(today, what="skip", key=list(key))


def make_check_in(
    day: date,
    moment: str,
    pain: int | None,
    effort: int | None,
    signs: Iterable[str],
    where: str,
    sleep_h: float | None,
) -> CheckIn:
    """A check-in from words. Raises InputError."""
    if moment not in [m.value for m in Moment]:
        raise InputError("moment", moment, "before or after")
    known = [sign.value for sign in Sign]
    chosen = set()
    for sign in signs:
        if sign.replace("-", "_") not in known:
            raise InputError("--sign", sign, f"one of {', '.join(s.replace('_', '-') for s in known)}")
        chosen.add(Sign(sign.replace("-", "_")))
    return CheckIn(day, Moment(moment), pain, effort, frozenset(chosen), where[:200], sleep_h)


def check_in(training: Training, said: CheckIn) -> Ruling:
    """Write it down; what the day allows by everything said up to it."""
    training.say(said)
    return judge(training.check_ins(), said.day, load_checkin_rules())


def strength_done(desk: Desk, today: date) -> int:
    """Write down that strength was done today; how often in this week."""
    training = desk.training()
    if today not in training.strength_done():
        diary.add(desk.engine, training.runner.name, today, "strength", {})
    week = {day for day in training.strength_done() if day.isocalendar()[:2] == today.isocalendar()[:2]}
    return len(week)


def screen_done(desk: Desk, name: str, passed: bool, note: str, today: date) -> None:
    """Write down how a screen went. Raises InputError for one that there is not."""
    known = [screen.id for screen in load_prescriptions().of("apart", ("screen",), aching_back=False)]
    if name not in known:
        raise InputError("--result", name, f"one of {', '.join(known)}")
    payload = {"id": name, "passed": passed, "note": note[:200]}
    diary.add(desk.engine, desk.runner().name, today, "screen", payload)


def read_shoes(entries: Iterable[diary.Entry]) -> dict[str, Shoe]:
    """The pairs by name, from the diary."""
    pairs: dict[str, Shoe] = {}
    for entry in entries:
        name = entry.payload["name"]
        if entry.payload["what"] == "add":
            pairs[name] = Shoe(name, entry.day, float(entry.payload["before_m"]))
        elif name in pairs:
            old = pairs[name]
            pairs[name] = Shoe(name, old.since, old.before_m, entry.day)
    return pairs


def shoes_of(desk: Desk) -> dict[str, Shoe]:
    return read_shoes(diary.entries(desk.engine, desk.runner().name, "shoe"))


def add_shoes(desk: Desk, name: str | None, ran: str | None, today: date) -> None:
    """A new pair; ran: what it has run before, with its unit. Raises InputError."""
    name = _named(name)
    known = shoes_of(desk).get(name)
    if known is not None and known.retired is None:
        raise InputError("name", name, "a pair that is not there yet")
    before_m = 0.0 if not ran else parse_distance(ran, "--ran", MOST_RAN_KM)
    diary.add(
        desk.engine, desk.runner().name, today, "shoe", {"what": "add", "name": name, "before_m": before_m}
    )


def retire_shoes(desk: Desk, name: str | None, today: date) -> None:
    """A pair that is not run in any more. Raises InputError."""
    name, pairs = _named(name), shoes_of(desk)
    known = pairs.get(name)
    if known is None or known.retired is not None:
        raise InputError("name", name, f"one of {', '.join(s.name for s in pairs.values()) or 'none yet'}")
    diary.add(desk.engine, desk.runner().name, today, "shoe", {"what": "retire", "name": name})


def _named(name: str | None) -> str:
    if name is None or not name.strip():
        raise InputError("name", name, "what you call the pair")
    return name.strip()[:MOST_NAME]
