"""A desk's journal as a whole: copied while it is in use, put back, or emptied."""

from pathlib import Path

from treadcoach.app.desk import Desk
from treadcoach.store import copies


def copy_out(desk: Desk, to: Path) -> None:
    """A consistent copy, also while a session is written. Raises StoreError."""
    copies.copy_out(desk.places.journal, to)


def copy_in(desk: Desk, copy: Path) -> None:
    """Put a copy in the journal's place, whole or not at all. Raises InputError for what is no copy."""
    copies.copy_in(desk.places.journal, copy)


def empty(desk: Desk) -> None:
    """Delete every session and the whole diary."""
    copies.empty(desk.engine)
