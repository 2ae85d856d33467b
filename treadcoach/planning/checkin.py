"""Judges check-ins by protocols/checkin.yaml: what a day allows, and why. Nothing here diagnoses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

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


def judge(said: Iterable[CheckIn], day: date, rules: CheckInRules) -> Ruling:
    """What `day` allows, by everything said up to it. The strictest rule wins; reasons name their rule.

    A stop holds until a later check-in of the runner's is free of every sign of it: a person, not
    time, takes it back, and the return is gradual. Rest lasts its days; what only holds or lightens
    counts for `lasting_days`.
    """
    verdict, hold, flat = Verdict.GO, False, False
    reasons: list[str] = []
    until: date | None = None
    stopped: str | None = None
    for entry in sorted((c for c in said if c.day <= day), key=lambda c: c.day):
        if stopped is not None and _is_over(entry, rules):
            stopped = None
            if day < entry.day + timedelta(days=GRADUAL_DAYS):
                hold = flat = True
                reasons.append(
                    f"You said on {entry.day.isoformat()} that it is over: a gradual return, flat."
                )
        for rule in rules.rules:
            if not rule.applies(entry) or _is_outdone(rule, entry, rules):
                continue
            reason = f"{rule.text} ({rule.id}, {rule.source}, said {entry.day.isoformat()})"
            if rule.verdict is Verdict.STOP:
                stopped = reason
                continue
            ends = entry.day + timedelta(days=rule.days + 1 if rule.days else rules.lasting_days)
            if day >= ends:
                continue
            verdict = max(verdict, rule.verdict, key=lambda v: v.rank)
            if rule.verdict is Verdict.REST and (until is None or ends > until):
                until = ends
            hold, flat = hold or rule.hold, flat or rule.flat
            reasons.append(reason)
    if stopped is not None:
        return Ruling(Verdict.STOP, (stopped, *dict.fromkeys(reasons)), hold=True, flat=True)
    return Ruling(verdict, tuple(dict.fromkeys(reasons)), hold, flat, until)


def _is_outdone(rule: CheckInRule, entry: CheckIn, rules: CheckInRules) -> bool:
    """Of the rules about pain only the one for the most pain that was said counts."""
    if rule.pain_from is None:
        return False
    return any(
        other.pain_from is not None and other.pain_from > rule.pain_from and other.applies(entry)
        for other in rules.rules
    )


def _is_over(entry: CheckIn, rules: CheckInRules) -> bool:
    """A check-in without any sign, and with less pain than any rule speaks of."""
    lowest = min((rule.pain_from for rule in rules.rules if rule.pain_from is not None), default=1)
    return not entry.signs and entry.pain is not None and entry.pain < lowest
