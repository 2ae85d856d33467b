"""The diary: what a runner decided or said, in order. Nothing in it is ever changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError

from treadcoach.core.errors import StoreError
from treadcoach.store import schema


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. kind: plan, checkin, calendar, shoe, strength or screen."""

    id: int
    day: date
    kind: str
    payload: Mapping[str, Any]


def add(engine: Engine, runner: str, day: date, kind: str, payload: Mapping[str, Any]) -> None:
    """Write one entry. Raises StoreError."""
    row = {"runner": runner, "day": day.isoformat(), "kind": kind, "payload": json.dumps(payload)}
    try:
        with engine.begin() as connection:
            connection.execute(schema.diary.insert().values(**row))
    except DatabaseError as error:
        raise StoreError(f"the diary cannot be written: {error.orig}") from error


def entries(engine: Engine, runner: str, kind: str) -> list[Entry]:
    """All entries of a kind, in the order they were written."""
    wanted = (
        select(schema.diary)
        .where(schema.diary.c.runner == runner)
        .where(schema.diary.c.kind == kind)
        .order_by(schema.diary.c.id)
    )
    with engine.connect() as connection:
        return [
            Entry(row.id, date.fromisoformat(row.day), row.kind, json.loads(row.payload))
            for row in connection.execute(wanted)
        ]
