"""Whether this computer's date can be believed: compared with what was last written. Pure.

A Pi without a battery clock begins anywhere. A date that is behind what is written, or far ahead of it,
lifts nothing: walking only, until a person says that it is right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from treadcoach.core.guidance import BeltRules

CONFIRM = "treadcoach clock confirm"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A person said on `day` that the date is right; what had been written by then, by its numbers."""

    day: date
    last_session: int
    last_entry: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """The date of something written, in the order of writing. own: by this program's clock, not imported."""

    number: int
    day: date
    own: bool = True


def doubt(newest: date | None, today: date, rules: BeltRules) -> str | None:
    """Why today's date is not believed; None when it is. newest: of all that counts as written."""
    if newest is None:
        return None
    said = f"This computer says that it is {today.isoformat()}"
    if newest > today:
        why = f"{said}, but something is written down of {newest.isoformat()}"
    elif (today - newest).days > rules.clock_ahead_days:
        why = f"{said}, {(today - newest).days} days after anything was written down"
    else:
        return None
    return f"{why}. Is that date right? Walking only until you say so: {CONFIRM}"


def doubted(stamps: Iterable[Stamp], confirmed: Iterable[Confirmed]) -> set[int]:
    """Numbers of own sessions that were recorded by a clock that was behind, or ahead and set right later."""
    saids = sorted(confirmed, key=lambda said: said.last_session)
    ordered = sorted(stamps, key=lambda stamp: stamp.number)
    out = {
        stamp.number
        for stamp in ordered
        for said in saids
        if stamp.own and stamp.number <= said.last_session and stamp.day > said.day
    }
    newest, waiting = date.min, list(saids)
    for stamp in ordered:
        while waiting and waiting[0].last_session < stamp.number:
            newest = waiting.pop(0).day
        if not stamp.own:
            continue
        if stamp.day < newest:
            out.add(stamp.number)
        newest = max(newest, stamp.day)
    return out


def dated(day: date, number: int, last: Iterable[tuple[int, date]]) -> date:
    """When something happened at the latest: a day ahead of a date confirmed afterwards was another clock's.

    last: of each confirmation the number of what had been written last, and its date.
    """
    return min([day, *(confirmed for until, confirmed in last if number <= until)])
