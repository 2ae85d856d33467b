"""Loads protocols/coverage.yaml: where each item of the guidance is enforced or offered."""

from dataclasses import dataclass
from pathlib import Path

from treadcoach.planning.guidance import load_yaml, shipped_folder


@dataclass(frozen=True, slots=True)
class Enforced:
    """An item of part A: how (enforced or said) and the files that do it."""

    id: str
    how: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """An item of part C: the entries of exercises.yaml that carry it."""

    id: str
    item: str
    source: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole table; part B is in form.yaml, item by item."""

    belt: tuple[Enforced, ...]
    form_places: tuple[str, ...]
    prescriptions: tuple[Offered, ...]


def load_coverage(folder: Path | None = None) -> Coverage:
    """Raises InputError when the file cannot be read."""
    content = load_yaml((folder or shipped_folder("protocols")) / "coverage.yaml")
    return Coverage(
        tuple(Enforced(entry["id"], entry["how"], tuple(entry["places"])) for entry in content["belt"]),
        tuple(content["form"]["places"]),
        tuple(
            Offered(entry["id"], entry["item"], entry["source"], tuple(entry["entries"]))
            for entry in content["prescriptions"]
        ),
    )
