"""A session's setup as JSON and back: stored with the session, read again by replay."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from treadcoach.app.setup import Setup
from treadcoach.core.errors import StoreError
from treadcoach.planning.guidance import load_guidance

_SETUP: TypeAdapter[Setup] = TypeAdapter(Setup)


@lru_cache(maxsize=1)
def _shipped_rules() -> dict[str, Any]:
    return asdict(load_guidance().belt)


def setup_to_json(setup: Setup) -> dict[str, Any]:
    out: dict[str, Any] = _SETUP.dump_python(setup, mode="json")
    return out


def setup_from_json(stored: Mapping[str, Any]) -> Setup:
    """Raises StoreError when it was not written by this program, or by a much older one."""
    rules = stored.get("rules")
    if isinstance(rules, Mapping):
        # Numbers that there were not yet when it was stored: as they are shipped.
        stored = {**stored, "rules": _shipped_rules() | dict(rules)}
    try:
        return _SETUP.validate_python(stored)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StoreError(f"the stored setup cannot be read: {place}: {first['msg']}") from error
