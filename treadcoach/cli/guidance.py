"""`treadcoach guidance`: every rule with its numbers, source, evidence and enforcement."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from treadcoach.app.config import folders
from treadcoach.app.views.guidance import sign_words
from treadcoach.core.errors import InputError
from treadcoach.core.form_rules import Easing, FormIssue, FormRules
from treadcoach.core.guidance import GuidanceNumber
from treadcoach.planning.coverage import load_coverage
from treadcoach.planning.form_guidance import load_form_rules
from treadcoach.planning.guidance import Source, load_guidance
from treadcoach.planning.prescription import load_prescriptions

_TIGHTEN = {
    "lower": "you may lower it",
    "higher": "you may raise it",
    "session": "may be changed for a session",
    "fixed": "fixed",
}


def show_guidance(rule_id: str | None, data_dir: Path | None) -> int:
    guidance = load_guidance(folders(data_dir).config)
    form = load_form_rules()
    chosen = [r for r in guidance.rules if rule_id is None or r.id.lower() == rule_id.lower()]
    issues = [i for i in form.issues if rule_id is None or i.id.lower() == rule_id.lower()]
    if not chosen and not issues:
        known = [*(rule.id for rule in guidance.rules), *(issue.id for issue in form.issues)]
        raise InputError("rule", rule_id, ", ".join(known))
    console = Console(highlight=False)
    for rule in chosen:
        console.print(f"[bold]{rule.id}[/bold]  {rule.rule}")
        for source_id in (rule.source, *rule.also):
            source = guidance.sources[source_id]
            console.print(f"    source    {source.title} ({source.kind})", markup=False)
        console.print(f"    enforced  {rule.enforced}", markup=False)
        for number in rule.numbers:
            console.print(f"    {number.name} = {_value(number)}", markup=False)
            kind = f"{number.evidence}; {_TIGHTEN[number.tighten]}"
            if number.changed_by_user:
                kind += "; tightened in your belt.yaml"
            console.print(
                f"        {kind}" + (f". {number.why}" if number.why else ""), markup=False, style="dim"
            )
        console.print()
    for issue in issues:
        _show_issue(console, issue, form, guidance.sources)
    return 0


def show_coverage(data_dir: Path | None) -> int:
    """Every item of the guidance, and where the program enforces or offers it."""
    guidance = load_guidance(folders(data_dir).config)
    form, prescriptions, coverage = load_form_rules(), load_prescriptions(), load_coverage()
    console = Console(highlight=False, markup=False, soft_wrap=True)
    rules = {rule.id: rule for rule in guidance.rules}
    for entry in coverage.belt:
        console.print(f"{entry.id:<4} {rules[entry.id].rule}")
        console.print(f"     {entry.how} in {', '.join(entry.places)}", style="dim")
    for issue in form.issues:
        console.print(f"{issue.id:<4} {issue.name}")
        said = "said to be unseen by every sensor" if not issue.signs else "watched"
        console.print(f"     {said}; {', '.join(coverage.form_places)}", style="dim")
    for item in coverage.prescriptions:
        names = [prescriptions.exercises[e].name if e in prescriptions.exercises else e for e in item.entries]
        console.print(f"{item.id:<4} {item.item}")
        console.print(f"     offered by 'treadcoach exercises': {'; '.join(names)}", style="dim")
    return 0


def _show_issue(console: Console, issue: FormIssue, form: FormRules, sources: Mapping[str, Source]) -> None:
    console.print(f"[bold]{issue.id}[/bold]  {issue.name}")
    console.print(f"    {issue.rule}", markup=False)
    for source_id in (issue.source, *issue.also):
        console.print(f"    source    {sources[source_id].title} ({sources[source_id].kind})", markup=False)
    gaits = " and ".join(gait.value for gait in issue.gaits)
    if issue.signs:
        many = "" if issue.needed == 1 else f", {issue.needed} of them together"
        console.print(f"    seen      {gaits}, for {issue.persist_s:g} s{many}:", markup=False)
    for sign in issue.signs:
        console.print(f"        {sign_words(sign)}", markup=False)
        console.print(f"            {sign.evidence}. {sign.why}", markup=False, style="dim")
    for sensor, why in issue.cannot_see.items():
        console.print(f"    not seen  {sensor}: {why}", markup=False)
    console.print(f"    cue       {issue.cue}", markup=False)
    easing = "the belt may go a little slower or flatter" if issue.easing is not Easing.NONE else "none"
    console.print(f"    easing    {easing}", markup=False)
    for key in issue.exercises:
        exercise = form.exercises[key]
        console.print(f"    exercise  {exercise.name}: {exercise.dose} ({exercise.source})", markup=False)
    console.print()


def _value(number: GuidanceNumber) -> str:
    if isinstance(number.value, Mapping):
        return ", ".join(f"{seconds // 60} min {share:g}" for seconds, share in number.value.items())
    return f"{number.value:g}"
