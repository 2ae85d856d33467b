"""A session's setup as JSON and back: stored with the session, read again by replay."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from treadcoach.app.controller import Setup
from treadcoach.core.errors import StoreError

_SETUP: TypeAdapter[Setup] = TypeAdapter(Setup)


def setup_to_json(setup: Setup) -> dict[str, Any]:
    out: dict[str, Any] = _SETUP.dump_python(setup, mode="json")
    return out


def setup_from_json(stored: Mapping[str, Any]) -> Setup:
    """Raises StoreError when it was not written by this program, or by a much older one."""
    try:
        return _SETUP.validate_python(stored)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StoreError(f"the stored setup cannot be read: {place}: {first['msg']}") from error
