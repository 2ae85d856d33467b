"""Judges check-ins by protocols/checkin.yaml: what a day allows, and why. Nothing here diagnoses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from treadcoach.core.checkin import CheckIn, Ruling, Sign, Verdict
from treadcoach.core.errors import InputError
from treadcoach.planning.guidance import load_yaml, shipped_folder

GRADUAL_DAYS = 7
"""After a stop was taken back: so long nothing is added, and no hill."""


@dataclass(frozen=True, slots=True)
class CheckInRule:
    """One rule: what triggers it, what follows, for how many days, and where it comes from."""

    id: str
    text: str
    source: str
    evidence: str
    verdict: Verdict
    days: int
    hold: bool
    flat: bool
    sign: Sign | None = None
    pain_from: int | None = None
    effort_from: int | None = None
    sleep_below_h: float | None = None

    def applies(self, said: CheckIn) -> bool:
        if self.sign is not None:
            return self.sign in said.signs
        if self.pain_from is not None:
            return said.pain is not None and said.pain >= self.pain_from
        if self.effort_from is not None:
            return said.effort is not None and said.effort >= self.effort_from
        return (
            self.sleep_below_h is not None and said.sleep_h is not None and said.sleep_h < self.sleep_below_h
        )


@dataclass(frozen=True, slots=True)
class CheckInRules:
    """All rules, the questions, and for how many days a check-in that asks for no rest goes on counting."""

    rules: tuple[CheckInRule, ...]
    questions: Mapping[str, tuple[str, ...]]
    lasting_days: int


def load_checkin_rules(folder: Path | None = None) -> CheckInRules:
    """protocols/checkin.yaml. Raises InputError for a source or a trigger that is not known."""
    folder = folder or shipped_folder("protocols")
    content = load_yaml(folder / "checkin.yaml")
    sources = load_yaml(folder / "sources.yaml")["sources"]
    rules = tuple(_rule(entry, sources) for entry in content["rules"])
    questions = {moment: tuple(texts) for moment, texts in content["questions"].items()}
    return CheckInRules(rules, questions, int(content["lasting_days"]))


def _rule(entry: Mapping[str, Any], sources: Mapping[str, Any]) -> CheckInRule:
    place = f"checkin.yaml, {entry['id']}"
    if entry["source"] not in sources:
        raise InputError(f"{place}, source", entry["source"], f"one of {', '.join(sources)}")
    when = dict(entry["when"])
    known = {"sign", "pain_from", "effort_from", "sleep_below_h"}
    if len(when) != 1 or not set(when) <= known:
        raise InputError(f"{place}, when", when, f"one of {', '.join(sorted(known))}")
    if "sign" in when:
        when["sign"] = Sign(when["sign"])
    return CheckInRule(
        entry["id"],
        entry["text"],
        entry["source"],
        entry["evidence"],
        Verdict(entry["verdict"]),
        int(entry.get("days", 0)),
        bool(entry.get("hold", False)),
        bool(entry.get("flat", False)),
        **when,
    )


@dataclass(slots=True)
class _Stop:
    """A stop from the day it was said until a later check-in takes it back (None: not yet)."""

    rule: CheckInRule
    said: CheckIn
    until: date | None = None


class _Effect(NamedTuple):
    """A rule that a check-in set off, or (rule None) the gradual return after a stop was taken back."""

    rule: CheckInRule | None
    said: CheckIn
    ends: int
    """The ordinal of the first day after it."""


class Rulings:
    """What each day allows, by everything said up to it. The strictest rule wins; reasons name their rule.

    A stop holds until a later check-in of the runner's is free of every sign of it: a person, not
    time, takes it back, and the return is gradual. Rest lasts its days; what only holds or lightens
    counts for `lasting_days`. Read once, asked for many days: five years of check-ins take a few ms.
    """

    def __init__(self, said: Iterable[CheckIn], rules: CheckInRules) -> None:
        self._stops: list[_Stop] = []
        self._effects: dict[int, list[_Effect]] = {}
        """By the day's ordinal, which is quicker to count with than dates."""
        self._held: set[int] = set()
        set_off: dict[object, tuple[CheckInRule, ...]] = {}
        open_stops: list[_Stop] = []
        for entry in sorted(said, key=lambda c: c.day):
            if open_stops and _is_over(entry):
                for stop in open_stops:
                    stop.until = entry.day
                open_stops = []
                self._add(None, entry, GRADUAL_DAYS)
            # Most check-ins say what others said before them.
            key = (entry.pain, entry.effort, entry.signs, entry.sleep_h)
            if key not in set_off:
                applying = [rule for rule in rules.rules if rule.applies(entry)]
                set_off[key] = tuple(r for r in applying if not _is_outdone(r, applying))
            for rule in set_off[key]:
                if rule.verdict is Verdict.STOP:
                    open_stops.append(_Stop(rule, entry))
                    self._stops.append(open_stops[-1])
                else:
                    self._add(rule, entry, rule.days + 1 if rule.days else rules.lasting_days)

    def _add(self, rule: CheckInRule | None, said: CheckIn, days: int) -> None:
        first = said.day.toordinal()
        effect = _Effect(rule, said, first + days)
        for day in range(first, first + days):
            self._effects.setdefault(day, []).append(effect)
        if rule is None or rule.hold:
            self._held.update(range(first, first + days))

    def holds(self, first: date, days: int = 1) -> bool:
        """Whether the plan does not go on because of any of so many days."""
        at = first.toordinal()
        if not self._held.isdisjoint(range(at, at + days)):
            return True
        last = first + timedelta(days=days - 1)
        return any(
            stop.said.day <= last and (stop.until is None or first < stop.until) for stop in self._stops
        )

    def on(self, day: date) -> Ruling:
        """What the day allows, and why."""
        verdict, hold, flat = Verdict.GO, False, False
        found: list[tuple[int, str]] = []
        until: date | None = None
        for effect in self._effects.get(day.toordinal(), ()):
            rule = effect.rule
            if rule is None:
                hold = flat = True
                said_on = effect.said.day.isoformat()
                found.append((0, f"You said on {said_on} that it is over: a gradual return, flat."))
                continue
            verdict = max(verdict, rule.verdict, key=lambda v: v.rank)
            if rule.verdict is Verdict.REST:
                ends = date.fromordinal(effect.ends)
                until = ends if until is None else max(until, ends)
            hold, flat = hold or rule.hold, flat or rule.flat
            found.append((rule.verdict.rank, _reason(rule, effect.said)))
        # What the verdict comes from is said first.
        reasons = [text for _, text in sorted(found, key=lambda pair: -pair[0])]
        if (stop := self._stop_on(day)) is not None:
            reasons = [_reason(stop.rule, stop.said), *reasons]
            return Ruling(Verdict.STOP, tuple(dict.fromkeys(reasons)), hold=True, flat=True)
        return Ruling(verdict, tuple(dict.fromkeys(reasons)), hold, flat, until)

    def _stop_on(self, day: date) -> _Stop | None:
        """The latest stop that holds on a day."""
        for stop in reversed(self._stops):
            if stop.said.day <= day and (stop.until is None or day < stop.until):
                return stop
        return None


def as_of(said: Iterable[CheckIn], today: date) -> list[CheckIn]:
    """What was said, with what another clock dated after today: it binds as if said today."""
    return [
        entry if entry.day <= today else replace(entry, day=today)
        for entry in said
        if entry.day <= today or not _is_over(entry)
    ]


def judge(said: Iterable[CheckIn], day: date, rules: CheckInRules) -> Ruling:
    """What one day allows, by everything said up to it."""
    return Rulings((entry for entry in said if entry.day <= day), rules).on(day)


def _reason(rule: CheckInRule, said: CheckIn) -> str:
    return f"{rule.text} ({rule.id}, {rule.source}, said {said.day.isoformat()})"


def _is_outdone(rule: CheckInRule, applying: Iterable[CheckInRule]) -> bool:
    """Of the rules about pain only the one for the most pain that was said counts."""
    if rule.pain_from is None:
        return False
    return any(other.pain_from is not None and other.pain_from > rule.pain_from for other in applying)


def _is_over(entry: CheckIn) -> bool:
    """A check-in without pain and without any sign: nothing less takes a stop back."""
    return not entry.signs and entry.pain == 0
