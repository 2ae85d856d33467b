"""Shoes: how far each pair has run, and the documents' window for replacing them (treadmill-injury)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from treadcoach.core.units import KM_PER_MILE

REPLACE_FROM_M = 300 * KM_PER_MILE * 1000
REPLACE_BY_M = 500 * KM_PER_MILE * 1000


@dataclass(frozen=True, slots=True)
class Shoe:
    """One pair. before_m: what it had run when it was written down; retired None: still in use."""

    name: str
    since: date
    before_m: float = 0.0
    retired: date | None = None


@dataclass(frozen=True, slots=True)
class Worn:
    """A pair with its distance and what follows from it."""

    shoe: Shoe
    distance_m: float
    advice: str


def worn(shoes: Iterable[Shoe], runs: Iterable[tuple[date, float]]) -> list[Worn]:
    """Give every session's distance (day, m) to the newest pair in use on that day."""
    pairs = list(shoes)
    distances = {shoe.name: shoe.before_m for shoe in pairs}
    for day, distance_m in runs:
        in_use = [s for s in pairs if s.since <= day and (s.retired is None or day < s.retired)]
        if in_use:
            distances[max(in_use, key=lambda s: (s.since, pairs.index(s))).name] += distance_m
    return [Worn(shoe, distances[shoe.name], _advice(shoe, distances[shoe.name])) for shoe in pairs]


def _advice(shoe: Shoe, distance_m: float) -> str:
    if shoe.retired is not None:
        return "retired"
    if distance_m >= REPLACE_BY_M:
        return "replace it: past 500 miles"
    if distance_m >= REPLACE_FROM_M:
        return "look for a new pair: between 300 and 500 miles"
    return "good"
