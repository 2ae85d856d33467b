"""The mark of a session that was run on a simulated treadmill: nobody ran it, and it is never history."""

from treadcoach.core.errors import InputError

MARK = "treadcoach simulated"


def refuse_simulated(place: str, text: str) -> None:
    """Raises InputError when a text of a file says that its session was simulated."""
    if MARK in text:
        raise InputError(place, "a simulated session", "one that somebody ran")
