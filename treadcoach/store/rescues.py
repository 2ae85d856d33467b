"""What a warden did for a session whose coach was gone, as rows of that session."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.exc import SQLAlchemyError

from treadcoach.core.errors import StoreError
from treadcoach.store import schema

WARDEN = "the warden"
"""The source of its STOPs, which no controller gave: a replay leaves them out."""


@dataclass(frozen=True, slots=True)
class Rescue:
    """after_s of a STOP: since the last that was heard of the coach. outcome: a word; text: in words."""

    began_unix_s: float
    why: str
    outcome: str
    text: str
    stops: tuple[tuple[float, str], ...]
    address: str | None = None
    session: int | None = None


def take_in_rescue(engine: Engine, station: str, rescue: Rescue) -> int | None:
    """Write it into the session it belongs to, once; the number, or None when there is no such session.

    Raises StoreError.
    """
    try:
        with engine.begin() as connection:
            found = _session_of(connection, station, rescue)
            if found is None:
                return None
            number, state = int(found.id), str(found.state)
            setup = connection.execute(
                select(schema.setups.c.start_s, schema.setups.c.summary).where(
                    schema.setups.c.session_id == number
                )
            ).one()
            summary = json.loads(setup.summary or "{}")
            if "warden" in summary:
                return number  # taken in before: a program may die between this and the end of the file
            _write(connection, number, _last_s(connection, number, setup.start_s), rescue)
            summary["warden"] = {"why": rescue.why, "outcome": rescue.outcome, "text": rescue.text}
            if state == "interrupted":
                summary["stop_cause"] = (
                    f"{summary.get('stop_cause') or rescue.why}; the warden: {rescue.text}"
                )
            connection.execute(
                schema.setups.update()
                .where(schema.setups.c.session_id == number)
                .values(summary=json.dumps(summary))
            )
            return number
    except SQLAlchemyError as error:
        raise StoreError(f"what the warden did cannot be written down: {error}") from error


def _session_of(connection: Connection, station: str, rescue: Rescue) -> Row[Any, Any] | None:
    """By its number where the warden knew it, else the newest at that treadmill that had begun."""
    table = schema.sessions
    wanted = (
        select(table.c.id, table.c.state)
        .join(schema.setups, schema.setups.c.session_id == table.c.id)
        .where(table.c.station.in_({station, ""}))
    )
    if rescue.address is not None:
        wanted = wanted.where(table.c.address == rescue.address)
    if rescue.session is not None:
        wanted = wanted.where(table.c.id == rescue.session)
    else:
        wanted = wanted.where(table.c.started_unix_s <= rescue.began_unix_s)
    return connection.execute(wanted.order_by(table.c.started_unix_s.desc()).limit(1)).first()


def _last_s(connection: Connection, number: int, start_s: float) -> float:
    """The session's clock when the last of it was written: not the wall's, which somebody may have set."""
    inputs = schema.inputs
    last = connection.scalar(select(func.max(inputs.c.t_s)).where(inputs.c.session_id == number))
    return start_s if last is None else float(last)


def _write(connection: Connection, number: int, last_s: float, rescue: Rescue) -> None:
    orders, events = schema.orders, schema.events
    lowest = connection.scalar(select(func.min(orders.c.seq)).where(orders.c.session_id == number))
    seq = min(lowest or 0, 0)
    for after_s, answer in rescue.stops:
        seq -= 1
        connection.execute(
            orders.insert().values(
                session_id=number,
                seq=seq,
                t_s=last_s + after_s,
                kind="stop",
                value=0,
                source=WARDEN,
                reason=f"the warden: {rescue.why}",
                bounds="[]",
                result=answer,
            )
        )
    newest = connection.scalar(select(func.max(events.c.seq)).where(events.c.session_id == number)) or 0
    first_s = rescue.stops[0][0] if rescue.stops else 0.0
    last_stop_s = rescue.stops[-1][0] if rescue.stops else 0.0
    told = ((first_s, f"The warden: {rescue.why}."), (last_stop_s, f"The warden: {rescue.text}."))
    for at, (after_s, text) in enumerate(told, 1):
        connection.execute(
            events.insert().values(
                session_id=number,
                seq=newest + at,
                t_s=last_s + after_s,
                kind="alarm",
                level="alarm",
                text=text,
            )
        )
