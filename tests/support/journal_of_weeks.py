"""A journal of some weeks: one session really run on the simulated air, then copied back in time."""

import json
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.journaling import JournalRecorder
from treadcoach.store import diary, schema
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

DEFAULT_MAIN = "3 min @ 5.5 km/h + 3 x (90 s @ 8 km/h + 90 s @ 5.5 km/h)"
TABLES = (schema.samples, schema.orders, schema.events, schema.form)


def run_one(engine: Engine, runner: str, workout: str = DEFAULT_MAIN) -> int:
    """One session with a chest sensor, through the radio, the controller and the journal."""
    journal = Journal(engine, runner, "Simulated treadmill", "F0", inline=True)

    async def scenario() -> int:
        rig = Rig(recorder=JournalRecorder(journal), wears=("six-axis@hip",), workout=workout)
        async with rig:
            await rig.walk()
            await rig.until(rig.task.done, 6 * 3600)
            return rig.coach.session_id or 0

    return in_virtual_time(scenario())


def make_journal(path: Path, weeks: int = 10, runner: str = "runner") -> int:
    """Sessions three times a week up to two days ago, each week a little slower than the next one.

    The newest session's number is returned. Check-ins and a screen are written besides.
    """
    engine = open_engine(path)
    first = run_one(engine, runner)
    today = date.today()
    days = [today - timedelta(days=2 + 7 * week + gap) for week in range(weeks) for gap in (0, 2, 5)]
    with engine.begin() as connection:
        rows = {
            table.name: connection.execute(select(table).where(table.c.session_id == first)).mappings().all()
            for table in TABLES
        }
        head = dict(connection.execute(select(schema.sessions)).mappings().one())
        setup = dict(connection.execute(select(schema.setups)).mappings().one())
        for number, day in enumerate(reversed(days), first + 1):
            age = (today - day).days / 7
            factor = 1.06**-age
            _copy(connection, head, setup, rows, number, day, factor, bpm=round(1.2 * age))
    for day in days[::4]:
        said = {"moment": "after", "pain": (today - day).days // 25, "effort": 4, "signs": [], "where": "",
                "sleep_h": None}  # fmt: skip
        diary.add(engine, runner, day, "checkin", said)
    passed = {"id": "screen-single-leg", "passed": True, "note": ""}
    diary.add(engine, runner, today - timedelta(days=30), "screen", passed)
    engine.dispose()
    return first + len(days)


def _copy(
    connection: Any, head: dict[str, Any], setup: dict[str, Any], rows: dict[str, Any],
    number: int, day: date, factor: float, bpm: int,
) -> None:  # fmt: skip
    curve = {k: v * factor for k, v in json.loads(head["curve"]).items()}
    started = time.mktime(day.timetuple()) + 18.5 * 3600
    changed = {
        "id": number, "day": day.isoformat(), "started_unix_s": started, "curve": json.dumps(curve),
        "distance_m": head["distance_m"] * factor, "top_speed_kmh": head["top_speed_kmh"] * factor,
    }  # fmt: skip
    connection.execute(schema.sessions.insert().values(**head | changed))
    connection.execute(schema.setups.insert().values(**setup | {"session_id": number}))
    for table in TABLES:
        copied = [dict(row) | {"session_id": number} for row in rows[table.name]]
        if table is schema.samples:
            for row in copied:
                for name in ("speed_kmh", "ordered_kmh", "wished_kmh"):
                    row[name] = None if row[name] is None else row[name] * factor
                if row["heart_rate_bpm"] is not None:
                    row["heart_rate_bpm"] += bpm
        if copied:
            connection.execute(table.insert(), copied)
