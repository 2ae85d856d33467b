"""Every rule and threshold with its source and evidence, and what the sensor cannot see."""

from collections.abc import Mapping
from typing import Any

from treadcoach.app.desk import Desk
from treadcoach.core.form_rules import Compare, Easing, FormIssue, Sign
from treadcoach.form.reading import METRICS
from treadcoach.planning.coverage import load_coverage
from treadcoach.planning.form_guidance import load_form_rules
from treadcoach.planning.guidance import Source
from treadcoach.planning.prescription import load_prescriptions


def guidance(desk: Desk) -> dict[str, Any]:
    """All of it."""
    found, form, prescriptions, coverage = (
        desk.guidance(), load_form_rules(), load_prescriptions(), load_coverage(),
    )  # fmt: skip

    names = {key: exercise.name for key, exercise in prescriptions.exercises.items()}

    def titles(*ids: str) -> list[dict[str, str]]:
        return [_source(found.sources[id_]) for id_ in ids]

    return {
        "belt": [
            {
                "id": rule.id,
                "rule": rule.rule,
                "enforced": rule.enforced,
                "sources": titles(rule.source, *rule.also),
                "numbers": [
                    {"name": n.name, "value": _number(n.value), "evidence": n.evidence, "why": n.why,
                     "tighten": n.tighten, "changed": n.changed_by_user}
                    for n in rule.numbers
                ],
            }
            for rule in found.rules
        ],
        "form": [
            _issue(issue) | {"sources": titles(issue.source, *issue.also),
                             "exercises": [form.exercises[key].name for key in issue.exercises]}
            for issue in form.issues
        ],
        "exercises": [
            {
                "id": item.id,
                "item": item.item,
                "entries": [names.get(entry, entry) for entry in item.entries],
                "sources": titles(item.source),
            }
            for item in coverage.prescriptions
        ],
        "notes": [{"text": note.text, "sources": titles(note.source)} for note in prescriptions.notes],
    }  # fmt: skip


def _source(source: Source) -> dict[str, str]:
    return {"title": source.title, "kind": source.kind}


def _number(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{seconds // 60} min {share:g}" for seconds, share in value.items())
    return f"{value:g}"


def _issue(issue: FormIssue) -> dict[str, Any]:
    return {
        "id": issue.id,
        "name": issue.name,
        "rule": issue.rule,
        "gaits": [gait.value for gait in issue.gaits],
        "signs": [{"words": sign_words(s), "evidence": s.evidence, "why": s.why} for s in issue.signs],
        "needed": issue.needed,
        "persist_s": issue.persist_s,
        "cue": issue.cue,
        "question": issue.question,
        "eases": issue.easing is not Easing.NONE,
        "cannot_see": dict(issue.cannot_see),
    }


def sign_words(sign: Sign) -> str:
    """A threshold in words."""
    metric = METRICS[sign.metric]
    where = " or ".join(mount.value for mount in sign.mounts)
    side = "above" if sign.high_is_bad else "below"
    if sign.compare is Compare.VALUE:
        return f"{metric.words} {side} {sign.raise_at:g} {metric.unit} ({where})".replace("  ", " ")
    unit = "%" if sign.compare is Compare.PERCENT else metric.unit
    return f"{metric.words} {abs(sign.raise_at):g} {unit} {side} your own ({where})".replace("  ", " ")
