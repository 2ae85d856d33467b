"""YAML files that people write, read with their lines, so that an error says where it stands."""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from treadcoach.core.errors import InputError

MOST_OCTETS = 200_000
STEEPEST_PERCENT = 15.0
_MARK = re.compile(r"[&*][A-Za-z]|!+[A-Za-z!]")


def parse_file(path: Path) -> Any:
    """YAML with line numbers kept; aliases, tags and huge files refused."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path.name, str(error), "a readable file of UTF-8 text") from error
    if len(text) > MOST_OCTETS:
        raise InputError(path.name, f"{len(text)} characters", f"at most {MOST_OCTETS}")
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].replace('"', " ").replace("'", " ").split()
        if any(_MARK.match(word) for word in words):
            raise InputError(f"{path.name}, line {number}", line.strip(), "no anchors, aliases or tags")
    try:
        return YAML(typ="rt", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}, line {mark.line + 1}" if mark else path.name
        problem = getattr(error, "problem", None) or "not YAML"
        raise InputError(place, problem, "well-formed YAML without duplicate keys") from error
    except RecursionError as error:
        raise InputError(path.name, "nested too deep", "lists and mappings a few levels deep") from error


class Lines:
    """Where something stands in a file, and whether it is of the right kind."""

    def __init__(self, file: str) -> None:
        self._file = file

    def line(self, parent: Any, key: Any) -> str:
        try:
            number = parent.lc.data[key][0] + 1
        except (AttributeError, KeyError, TypeError):
            number = getattr(getattr(parent, "lc", None), "line", 0) + 1
        return f"{self._file}, line {number}, {key if isinstance(key, str) else f'entry {key + 1}'}"

    def mapping(self, value: Any, known: set[str], what: str, place: str | None = None) -> CommentedMap:
        if not isinstance(value, CommentedMap):
            raise InputError(place or self._file, value, f"{what} with {', '.join(sorted(known))}")
        for key in value:
            if key not in known:
                raise InputError(self.line(value, key), key, f"one of {', '.join(sorted(known))}")
        return value

    def sequence(self, parent: CommentedMap, key: str) -> CommentedSeq:
        value = parent.get(key)
        if not isinstance(value, CommentedSeq):
            raise InputError(self.line(parent, key), value, "a list")
        return value

    def text(self, parent: CommentedMap, key: str) -> str:
        value = parent.get(key)
        if not isinstance(value, str) or not value.strip():
            raise InputError(self.line(parent, key), value, "text")
        return value.strip()

    def incline(self, parent: CommentedMap) -> float | None:
        value = parent.get("incline_percent")
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 <= value <= STEEPEST_PERCENT
        ):
            allowed = f"a number from 0 to {STEEPEST_PERCENT:g}"
            raise InputError(self.line(parent, "incline_percent"), value, allowed)
        return float(value)
