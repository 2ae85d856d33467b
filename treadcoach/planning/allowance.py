"""What a day allows any session, in a plan or not: the weekly ceiling, days between hard ones, check-ins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from treadcoach.core.checkin import CheckIn, Verdict
from treadcoach.core.errors import NoSessionToday
from treadcoach.core.guidance import BeltRules
from treadcoach.core.runner import Runner
from treadcoach.planning.checkin import CheckInRules, judge
from treadcoach.planning.progression import PastSession, WeeklyCeiling, rest_advice, weekly_ceiling


@dataclass(frozen=True, slots=True)
class Allowance:
    """runner: with what the day takes away; ceiling: never above the week's; notes: why, for the runner."""

    runner: Runner
    ceiling: WeeklyCeiling
    notes: tuple[str, ...] = ()


def allow(
    history: Sequence[PastSession],
    said: Iterable[CheckIn],
    today: date,
    runner: Runner,
    rules: BeltRules,
    checkins: CheckInRules,
    clock_doubt: str | None = None,
) -> Allowance:
    """The bounds of a session of today. Raises NoSessionToday on a day without one (A7, A8, A12, A13).

    clock_doubt: why the date is not believed; then it is walking only, and nothing said is forgotten.
    """
    ruling = judge(said, today, checkins)
    if ruling.verdict is Verdict.STOP:
        over = "When it is over, say so: treadcoach checkin --pain 0"
        raise NoSessionToday(f"No session today. {ruling.reasons[0]} {over}")
    if ruling.verdict is Verdict.REST:
        until = "tomorrow" if ruling.until is None else ruling.until.isoformat()
        raise NoSessionToday(f"No session today. {ruling.reasons[0]} Rest; a session again from {until}.")
    ceiling = weekly_ceiling(history, today, runner, rules)
    notes: list[str] = []
    if clock_doubt is not None:
        notes.append(clock_doubt)
        ceiling = _capped(ceiling, ceiling.walk_kmh, "walking only: this computer's date is in doubt")
    if (rest := rest_advice(history, today, rules)) is not None:
        notes.append(rest)
        ceiling = _capped(ceiling, rules.running_above_kmh, "walking only: a day between hard ones (A9)")
    if ruling.flat:
        runner = replace(runner, aching_back=True)
    if ruling.verdict is Verdict.LIGHTEN:
        ceiling = _capped(ceiling, ceiling.walk_kmh, f"walking only: {ruling.reasons[0]}")
    return Allowance(runner, ceiling, (*notes, *ruling.reasons))


def _capped(ceiling: WeeklyCeiling, most_kmh: float, reason: str) -> WeeklyCeiling:
    if ceiling.curve[60] <= most_kmh:
        return ceiling
    curve = {duration: min(speed, most_kmh) for duration, speed in ceiling.curve.items()}
    return WeeklyCeiling(curve, ceiling.walk_kmh, reason)
