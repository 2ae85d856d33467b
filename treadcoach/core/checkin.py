"""What a runner says before and after a session, and what follows from it (A7 to A13)."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Moment(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class Sign(StrEnum):
    """Something that was ticked. The words are in protocols/checkin.yaml."""

    RADIATING = "radiating"
    SPREADING = "spreading"
    CHRONIC = "chronic"
    UNWELL = "unwell"
    SPASM = "spasm"
    NOT_RIGHT = "not_right"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One check-in. pain is 0 to 10, effort 0 to 10 (after a session); None: not said."""

    day: date
    moment: Moment
    pain: int | None = None
    effort: int | None = None
    signs: frozenset[Sign] = field(default_factory=frozenset)
    where: str = ""
    sleep_h: float | None = None


class Verdict(StrEnum):
    """What a day allows. In this order each is stricter than the one before."""

    GO = "go"
    LIGHTEN = "lighten"
    REST = "rest"
    STOP = "stop"

    @property
    def rank(self) -> int:
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What follows from check-ins for a day. hold: the plan does not go on to its next week."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    hold: bool = False
    flat: bool = False
    until: date | None = None
    """Rest lasts until the day before this one."""
