"""Reading the journal: past sessions, and closing what was left open."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, select
from sqlalchemy.exc import DatabaseError

from treadcoach.core.errors import InputError, StoreError
from treadcoach.core.sustained import Curve
from treadcoach.store import schema, spool, words
from treadcoach.store.journal import close_session


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the list of sessions."""

    id: int
    title: str
    machine: str
    started_unix_s: float
    day: date
    state: str
    belt_time_s: float
    distance_m: float
    top_speed_kmh: float | None
    mean_heart_rate_bpm: float | None
    curve: Curve
    running_s: float | None = None
    """Faster than walking; None: not known of an old one."""
    device: str = ""
    lifts: bool = True
    """Whether it may raise the weekly ceiling."""


def _row(found: Row[Any]) -> SessionRow:
    curve = json.loads(found.curve) if found.curve else {}
    return SessionRow(
        found.id,
        found.title,
        found.machine,
        found.started_unix_s,
        date.fromisoformat(found.day),
        found.state,
        found.belt_time_s,
        found.distance_m,
        found.top_speed_kmh,
        found.mean_heart_rate_bpm,
        {int(seconds): speed for seconds, speed in curve.items()},
        found.running_s,
        found.device,
        bool(found.lifts),
    )


def list_sessions(engine: Engine, limit: int = 20, runner: str | None = None) -> list[SessionRow]:
    """The newest sessions, newest first."""
    wanted = select(schema.sessions).order_by(schema.sessions.c.started_unix_s.desc()).limit(limit)
    if runner is not None:
        wanted = wanted.where(schema.sessions.c.runner == runner)
    with engine.connect() as connection:
        return [_row(found) for found in connection.execute(wanted)]


def since(engine: Engine, day: date, runner: str) -> list[SessionRow]:
    """Closed sessions of a runner from that day on, for the weekly rule."""
    wanted = (
        select(schema.sessions)
        .where(schema.sessions.c.runner == runner)
        .where(schema.sessions.c.day >= day.isoformat())
        .where(schema.sessions.c.state != "running")
        .order_by(schema.sessions.c.started_unix_s)
    )
    with engine.connect() as connection:
        return [_row(found) for found in connection.execute(wanted)]


def get_session(engine: Engine, number: int, runner: str | None = None) -> SessionRow:
    """One session; with a runner's name only of that runner. Raises InputError when there is none."""
    wanted, highest = select(schema.sessions), select(func.max(schema.sessions.c.id))
    if runner is not None:
        wanted = wanted.where(schema.sessions.c.runner == runner)
        highest = highest.where(schema.sessions.c.runner == runner)
    with engine.connect() as connection:
        found = connection.execute(wanted.where(schema.sessions.c.id == number)).first()
        if found is None:
            newest = connection.scalar(highest)
            allowed = f"1 to {newest}" if newest else "none yet: there is no session"
            raise InputError("session", number, f"{allowed}; see 'treadcoach sessions list'")
    return _row(found)


def setup_of(engine: Engine, number: int) -> tuple[dict[str, Any], dict[str, Any], float]:
    """A session's setup, its summary, and the clock's reading at its start.

    Raises InputError for a session that was run elsewhere and imported: it has no log.
    """
    with engine.connect() as connection:
        found = connection.execute(select(schema.setups).where(schema.setups.c.session_id == number)).first()
    if found is None:
        raise InputError("session", number, "one that was run with treadcoach; this one was imported")
    return json.loads(found.setup), json.loads(found.summary or "{}"), found.start_s


def summary_of(engine: Engine, number: int) -> dict[str, Any] | None:
    """A session's summary, empty before its end; None: there is no such session, or it was imported."""
    with engine.connect() as connection:
        wanted = select(schema.setups.c.summary).where(schema.setups.c.session_id == number)
        found = connection.execute(wanted).first()
    return None if found is None else dict(json.loads(found.summary or "{}"))


def rows_of(engine: Engine, table: str, number: int) -> list[Row[Any]]:
    """All rows of 'samples', 'events', 'orders' or 'inputs' of a session, in order."""
    chosen = schema.metadata.tables[table]
    order = (chosen.c.t_s, chosen.c.seq) if table == "orders" else (chosen.c.seq,)
    with engine.connect() as connection:
        return list(connection.execute(select(chosen).where(chosen.c.session_id == number).order_by(*order)))


def delete_session(engine: Engine, number: int) -> None:
    """Delete a session and all its rows. Raises InputError when there is none."""
    get_session(engine, number)
    try:
        with engine.begin() as connection:
            connection.execute(delete(schema.sessions).where(schema.sessions.c.id == number))
    except DatabaseError as error:
        raise StoreError(f"session {number} cannot be deleted: {error.orig}") from error


def close_interrupted(engine: Engine, station: str | None = "", aside: Path | None = None) -> list[int]:
    """Close sessions that a dead coach of that station left open; call only when none runs there.

    What the runner said of the body in them is kept, also where only a file in `aside` has it yet.
    None: of every station.
    """
    wanted = select(schema.sessions.c.id).where(schema.sessions.c.state == "running")
    if station is not None:
        wanted = wanted.where(schema.sessions.c.station.in_({station, ""}))
    with engine.connect() as connection:
        left = list(connection.scalars(wanted))
        said = {number: _felt_in_inputs(connection, number) for number in left}
    kept = {} if aside is None or not left else spool.felt_in(aside)
    for number in left:
        felt = words.graver(said[number], kept.get(number))
        summary = {"stop_cause": "the program died"} | ({} if felt is None else {"felt": felt})
        close_session(engine, number, "interrupted", summary)
    return left


def _felt_in_inputs(connection: Connection, number: int) -> str | None:
    said = select(schema.inputs.c.name).where(
        schema.inputs.c.session_id == number,
        schema.inputs.c.kind == "intent",
        schema.inputs.c.name.in_(words.FELT),
    )
    found = set(connection.scalars(said))
    return next((kind for kind in words.FELT if kind in found), None)


def rename_runner(engine: Engine, old: str, new: str) -> int:
    """Everything that was run and said goes on under another name. How many entries; raises StoreError."""
    try:
        with engine.begin() as connection:
            return sum(
                connection.execute(table.update().where(table.c.runner == old).values(runner=new)).rowcount
                for table in (schema.sessions, schema.diary)
            )
    except DatabaseError as error:
        raise StoreError(f"the runner cannot be renamed in the journal: {error.orig}") from error


def knows_runner(engine: Engine, name: str) -> bool:
    """Whether anything was run or said under that name."""
    with engine.connect() as connection:
        return any(
            connection.execute(select(table.c.id).where(table.c.runner == name).limit(1)).first() is not None
            for table in (schema.sessions, schema.diary)
        )


def learned_ramp(engine: Engine, address: str) -> tuple[float, float] | None:
    """Seconds per km/h, up and down, as last learned on this machine."""
    with engine.connect() as connection:
        found = connection.execute(
            select(schema.setups.c.summary)
            .join(schema.sessions, schema.sessions.c.id == schema.setups.c.session_id)
            .where(schema.sessions.c.address == address)
            .where(schema.setups.c.summary.is_not(None))
            .order_by(schema.sessions.c.started_unix_s.desc())
            .limit(5)
        ).scalars()
        for text in found:
            summary = json.loads(text)
            if summary.get("ramps_learned"):
                up, down = summary["ramp_s_per_kmh"]
                return float(up), float(down)
    return None


def past_summaries(engine: Engine, runner: str, limit: int = 8) -> list[dict[str, Any]]:
    """Summaries of a runner's newest closed sessions, newest first."""
    with engine.connect() as connection:
        found = connection.execute(
            select(schema.setups.c.summary)
            .join(schema.sessions, schema.sessions.c.id == schema.setups.c.session_id)
            .where(schema.sessions.c.runner == runner)
            .where(schema.setups.c.summary.is_not(None))
            .order_by(schema.sessions.c.started_unix_s.desc())
            .limit(limit)
        ).scalars()
        return [json.loads(text) for text in found]


def felt(engine: Engine, runner: str) -> list[tuple[date, str]]:
    """Days on which a session ended because the runner felt unwell or not right, and which of both."""
    return [(day, sign) for _, day, sign in felt_sessions(engine, runner)]


def felt_sessions(engine: Engine, runner: str) -> list[tuple[int, date, str]]:
    """The same with the numbers of the sessions before.

    Also of sessions that no summary has closed yet: at another treadmill, or by a coach that died there.
    """
    open_ones = (
        select(schema.sessions.c.id, schema.sessions.c.day)
        .where(schema.sessions.c.runner == runner, schema.sessions.c.state == "running")
        .order_by(schema.sessions.c.started_unix_s)
    )
    wanted = (
        select(schema.sessions.c.id, schema.sessions.c.day, schema.setups.c.summary)
        .join(schema.setups, schema.sessions.c.id == schema.setups.c.session_id)
        .where(schema.sessions.c.runner == runner)
        .where(schema.setups.c.summary.like('%"felt": "%'))
        .order_by(schema.sessions.c.started_unix_s)
    )
    with engine.connect() as connection:
        closed = [
            (row.id, date.fromisoformat(row.day), json.loads(row.summary)["felt"])
            for row in connection.execute(wanted)
        ]
        said = [
            (row.id, date.fromisoformat(row.day), _felt_in_inputs(connection, row.id))
            for row in connection.execute(open_ones)
        ]
    return sorted([*closed, *((number, day, kind) for number, day, kind in said if kind is not None)])


@dataclass(frozen=True, slots=True)
class PlanSession:
    """A session that was run for a plan. share_run: of its warm-up and main set; faded: its form did."""

    day: date
    plan: str
    week: int
    session: int
    share_run: float
    faded: bool


def plan_sessions(engine: Engine, runner: str, since_day: date) -> list[PlanSession]:
    """Closed sessions that were run for a plan, oldest first."""
    wanted = (
        select(
            schema.sessions.c.day,
            schema.sessions.c.belt_time_s,
            schema.setups.c.setup,
            schema.setups.c.summary,
        )
        .join(schema.setups, schema.sessions.c.id == schema.setups.c.session_id)
        .where(schema.sessions.c.runner == runner)
        .where(schema.sessions.c.day >= since_day.isoformat())
        .where(schema.sessions.c.state != "running")
        .order_by(schema.sessions.c.started_unix_s)
    )
    out = []
    with engine.connect() as connection:
        for row in connection.execute(wanted):
            setup = json.loads(row.setup)
            ref = setup.get("plan")
            if ref is None:
                continue
            planned = sum(_about_s(step) for step in setup["timeline"]["steps"])
            form = (json.loads(row.summary or "{}").get("form")) or {}
            faded = bool(form.get("easings")) or any(issue["id"] == "B12" for issue in form.get("issues", ()))
            share = row.belt_time_s / planned if planned else 0.0
            day = date.fromisoformat(row.day)
            out.append(PlanSession(day, ref["plan"], ref["week"], ref["session"], share, faded))
    return out


def _about_s(step: dict[str, Any]) -> float:
    if step["duration_s"] is not None:
        return float(step["duration_s"])
    return float(step["distance_m"]) / (float(step["speed_kmh"]) / 3.6)
