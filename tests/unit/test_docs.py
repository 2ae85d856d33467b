"""The documentation says what is so: tests, files, numbers and the diagram it names exist."""

import fnmatch
import re
from pathlib import Path

import pytest

from treadcoach.core.phases import mermaid

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def all_tests() -> set[str]:
    names: set[str] = set()
    for path in ROOT.glob("tests/**/test_*.py"):
        names |= set(re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8")))
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_and_file_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    known = all_tests()
    for name in re.findall(r"`(test_[\w*]+)`", text):
        assert fnmatch.filter(known, name), f"{page.name} names {name}"
    for name in re.findall(r"`((?:safety|scenario|radio|unit|replay)/[\w/]+\.py)`", text):
        assert (ROOT / "tests" / name).is_file(), f"{page.name} names {name}"
    for name in re.findall(r"\((?:tests|app|core|guard|devices|store|wire|cli)/[\w/]+\.py\)", text):
        path = name.strip("()")
        assert (ROOT / path).is_file() or (ROOT / "treadcoach" / path).is_file(), f"{page.name} names {path}"
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_diagram_is_the_table() -> None:
    assert mermaid() in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_function_that_architecture_walks_through_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("treadcoach/**/*.py"))
    for owner, method in re.findall(r"`([A-Z]\w+)\.(\w+)`", text):
        assert f"class {owner}" in code, owner
        assert f"def {method}(" in code, f"{owner}.{method}"


def test_pins_carry_no_address() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in pins and "==" in pins
