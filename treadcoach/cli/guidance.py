"""`treadcoach guidance`: every rule with its numbers, source, evidence and enforcement."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from treadcoach.app.config import folders
from treadcoach.core.errors import InputError
from treadcoach.core.guidance import GuidanceNumber
from treadcoach.planning.guidance import load_guidance

_TIGHTEN = {
    "lower": "you may lower it",
    "higher": "you may raise it",
    "session": "may be changed for a session",
    "fixed": "fixed",
}


def show_guidance(rule_id: str | None, data_dir: Path | None) -> int:
    guidance = load_guidance(folders(data_dir).config)
    chosen = [r for r in guidance.rules if rule_id is None or r.id.lower() == rule_id.lower()]
    if not chosen:
        raise InputError("rule", rule_id, ", ".join(rule.id for rule in guidance.rules))
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
    return 0


def _value(number: GuidanceNumber) -> str:
    if isinstance(number.value, Mapping):
        return ", ".join(f"{seconds // 60} min {share:g}" for seconds, share in number.value.items())
    return f"{number.value:g}"
