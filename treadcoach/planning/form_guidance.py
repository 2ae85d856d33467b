"""Loads protocols/form.yaml, and refuses what does not fit together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from treadcoach.core.body import Gait, Mount
from treadcoach.core.errors import InputError
from treadcoach.core.exercises import Exercise
from treadcoach.core.form_rules import Band, Compare, Cueing, Easing, FormIssue, FormRules, Sign
from treadcoach.planning.guidance import load_yaml, shipped_folder
from treadcoach.planning.prescription import load_prescriptions


def load_form_rules(folder: Path | None = None) -> FormRules:
    """The shipped form rules. Raises InputError that names the file, the issue and what is allowed."""
    folder = folder or shipped_folder("protocols")
    content = load_yaml(folder / "form.yaml")
    exercises = load_prescriptions(folder).exercises
    sources = load_yaml(folder / "sources.yaml")["sources"]
    issues = tuple(_issue(entry, exercises, sources) for entry in content["issues"])
    cueing = {
        name: float(value) for name, value in content["cueing"].items() if name not in ("evidence", "why")
    }
    cueing["most_easings"] = int(cueing["most_easings"])
    bands = {
        metric: tuple(Band(entry.get("below"), entry["label"]) for entry in entries)
        for metric, entries in content["bands"].items()
        if metric != "source"
    }
    return FormRules(issues, Cueing(**cueing), exercises, bands)  # type: ignore[arg-type]  # by name, checked by the dataclass


def _issue(
    entry: Mapping[str, Any], exercises: Mapping[str, Exercise], sources: Mapping[str, Any]
) -> FormIssue:
    place = f"form.yaml, {entry['id']}"
    for source in (entry["source"], *entry.get("also", ())):
        if source not in sources:
            raise InputError(f"{place}, source", source, f"one of {', '.join(sources)}")
    for exercise in entry["exercises"]:
        if exercise not in exercises:
            raise InputError(f"{place}, exercises", exercise, f"one of {', '.join(exercises)}")
    return FormIssue(
        id=entry["id"],
        name=entry["name"],
        rule=entry["rule"],
        source=entry["source"],
        also=tuple(entry.get("also", ())),
        gaits=tuple(Gait(gait) for gait in entry["gaits"]),
        signs=tuple(_sign(sign, place) for sign in entry["signs"]),
        needed=int(entry["needed"]),
        persist_s=float(entry["persist_s"]),
        clear_s=float(entry["clear_s"]),
        cue=entry["cue"],
        spoken=entry["spoken"],
        question=bool(entry.get("question", False)),
        easing=Easing(entry["easing"]),
        exercises=tuple(entry["exercises"]),
        cannot_see=dict(entry["cannot_see"]),
    )


def _sign(entry: Mapping[str, Any], place: str) -> Sign:
    if entry["raise_at"] == entry["clear_at"]:
        raise InputError(f"{place}, {entry['metric']}", entry["raise_at"], "raise_at and clear_at apart")
    return Sign(
        metric=entry["metric"],
        compare=Compare(entry["compare"]),
        raise_at=float(entry["raise_at"]),
        clear_at=float(entry["clear_at"]),
        mounts=tuple(Mount(mount) for mount in entry["at"]),
        evidence=entry["evidence"],
        why=entry["why"],
    )
