"""A desk's journal as a whole: copied while it is in use, put back, or emptied.

In a practice a desk has one runner of several: what is copied or emptied there is that runner's.
"""

from pathlib import Path

from treadcoach.app.desk import Desk
from treadcoach.core.errors import InputError
from treadcoach.store import copies


def copy_out(desk: Desk, to: Path) -> None:
    """A consistent copy, also while a session is written. Raises StoreError."""
    copies.copy_out(desk.engine, to, desk.only)


def copy_in(desk: Desk, copy: Path) -> None:
    """Put a copy in the journal's place, whole or not at all. Raises InputError for what is no copy."""
    if desk.places.is_practice:
        raise InputError(
            "restore", "one runner of several", "'treadcoach restore' at the practice's computer"
        )
    copies.copy_in(desk.engine, copy)


def empty(desk: Desk) -> None:
    """Delete every session and the whole diary."""
    copies.empty(desk.engine, desk.only)
