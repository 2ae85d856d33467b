"""Loads protocols/: the shipped guidance, tightened by the user's own files of the same shape."""

import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from treadcoach.core.errors import InputError
from treadcoach.core.guidance import BeltRules, GuidanceNumber, NumberValue, Rule


@dataclass(frozen=True, slots=True)
class Source:
    """One document, study or standard that a number comes from."""

    id: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """All rules with their sources, and the numbers in the shape that code uses."""

    rules: tuple[Rule, ...]
    sources: Mapping[str, Source]
    belt: BeltRules


def shipped_folder(name: str) -> Path:
    """protocols/ or plans/: inside the wheel, or beside the package in a checkout."""
    inside = Path(str(files("treadcoach"))) / "_shipped" / name
    beside = Path(str(files("treadcoach"))).parent / name
    for folder in (inside, beside):
        if folder.is_dir():
            return folder
    raise InputError("installation", name, "a folder of that name inside the package")


def load_yaml(path: Path) -> Any:
    """Parse YAML safely with duplicate keys refused. Raises InputError with the line."""
    try:
        # A copy: what one reader does to it is not what the next one reads.
        return deepcopy(_parsed(path.read_text(encoding="utf-8")))
    except (YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}, line {mark.line + 1}" if mark else path.name
        problem = getattr(error, "problem", None) or "not UTF-8 text"
        raise InputError(place, problem, "well-formed YAML without duplicate keys") from error


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """By its text: a file is read each time, the same text is parsed once (40 ms for the belt's rules)."""
    return YAML(typ="safe", pure=True).load(text)


def load_guidance(user_folder: Path | None = None) -> Guidance:
    """The shipped guidance, with user_folder/belt.yaml applied where it tightens.

    Raises InputError when a user's number is unknown, no number, or would loosen a limit.
    """
    folder = shipped_folder("protocols")
    sources = {
        id_: Source(id_, entry["kind"], entry["title"])
        for id_, entry in load_yaml(folder / "sources.yaml")["sources"].items()
    }
    rules = tuple(_rule(entry) for entry in load_yaml(folder / "belt.yaml")["rules"])
    mine = None if user_folder is None else user_folder / "belt.yaml"
    if mine is not None and mine.is_file():
        wanted = dict(_user_numbers(load_yaml(mine), str(mine)))
        rules = tuple(_tightened(rule, wanted, str(mine)) for rule in rules)
        if wanted:
            known = ", ".join(number.name for rule in rules for number in rule.numbers)
            raise InputError(str(mine), sorted(wanted)[0], f"one of {known}")
    values = {number.name: number.value for rule in rules for number in rule.numbers}
    belt = BeltRules(**{f.name: values[f.name] for f in fields(BeltRules)})  # type: ignore[arg-type]  # by name
    return Guidance(rules, sources, belt)


def _rule(entry: Mapping[str, Any]) -> Rule:
    numbers = tuple(
        GuidanceNumber(name, item["value"], item["evidence"], item["tighten"], item.get("why"))
        for name, item in entry["numbers"].items()
    )
    return Rule(
        entry["id"],
        entry["rule"],
        entry["source"],
        tuple(entry.get("also", ())),
        entry["enforced"],
        numbers,
    )


def _user_numbers(content: Any, file: str) -> Iterator[tuple[str, float]]:
    """Accepts {name: value} or the shipped shape with rules and numbers."""
    if isinstance(content, Mapping) and "rules" in content:
        if others := sorted(str(name) for name in content if name != "rules"):
            raise InputError(file, others[0], "either 'rules', or lines of 'name: number', not both")
        pairs = [
            (name, item["value"] if isinstance(item, Mapping) and "value" in item else item)
            for rule in content["rules"] or ()
            for name, item in (rule.get("numbers") or {}).items()
        ]
    elif isinstance(content, Mapping):
        pairs = list(content.items())
    elif content is None:
        pairs = []
    else:
        raise InputError(file, content, "lines of 'name: number'")
    for name, value in pairs:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{file}, {name}", value, "a number")
        yield str(name), float(value)


def _tightened(rule: Rule, wanted: dict[str, float], file: str) -> Rule:
    numbers = []
    for number in rule.numbers:
        if number.name not in wanted:
            numbers.append(number)
            continue
        value = wanted.pop(number.name)
        _check_tightens(number, number.value, value, file)
        numbers.append(replace(number, value=value, changed_by_user=True))
    return replace(rule, numbers=tuple(numbers))


def _check_tightens(number: GuidanceNumber, shipped: NumberValue, value: float, file: str) -> None:
    place = f"{file}, {number.name}"
    if number.tighten == "lower" and isinstance(shipped, int | float) and 0 < value <= shipped:
        return
    if number.tighten == "higher" and isinstance(shipped, int | float):
        if shipped <= value <= 2 * shipped + 10:
            return
        raise InputError(place, value, f"{shipped} or more (a limit can only be tightened)")
    if number.tighten == "lower":
        raise InputError(place, value, f"above 0, at most {shipped} (a limit can only be tightened)")
    if number.tighten == "session":
        raise InputError(place, value, f"{shipped}; it may be changed for a session, with --incline")
    raise InputError(place, value, f"{shipped}; it is fixed")
