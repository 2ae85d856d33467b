"""Times of day as people type them."""

from datetime import time

from treadcoach.core.errors import InputError


def parse_time(text: str, place: str = "--at") -> time:
    """A time of day such as 07:30. Raises InputError."""
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise InputError(place, text, "a time of day such as 07:30")
    return found.replace(second=0, microsecond=0)
