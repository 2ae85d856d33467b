"""The journal: what a commit costs, and five years of history."""

import json
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from bench.figures import spread_ms
from treadcoach.core.runner import Runner
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.progression import PastSession, weekly_ceiling
from treadcoach.store import history, schema
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

YEARS = 5
SESSIONS_A_WEEK = 4
SAMPLES = 2700
TODAY = date(2026, 11, 20)


def store_and_history() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        _commits(path)
        _history(path)


def _commits(path: Path) -> None:
    engine = open_engine(path)
    times = []
    journal = Journal(engine, "bench", "mill", "F0", inline=True)
    journal.begin("bench", {}, time.time(), 0.0)
    for turn in range(200):
        for at in range(12):
            row = {"kind": "tick", "name": "", "payload": b"x" * 20}
            journal.add(schema.inputs, turn + at / 12, row)
        began = time.perf_counter()
        journal.flush()
        times.append(time.perf_counter() - began)
    print(spread_ms("commit of one second's rows (WAL, FULL)", times))
    journal.end("completed", {})
    engine.dispose()


def _history(path: Path) -> None:
    engine = open_engine(path)
    days = [
        TODAY - timedelta(days=round(n * 7 / SESSIONS_A_WEEK)) for n in range(YEARS * 52 * SESSIONS_A_WEEK)
    ]
    curve = json.dumps(dict.fromkeys(DURATIONS_S, 7.5))
    with engine.begin() as connection:
        connection.execute(
            schema.sessions.insert(),
            [
                {
                    "id": 10 + n, "runner": "me", "title": "easy run", "machine": "mill", "address": "F0",
                    "started_unix_s": 1.79e9 - n * 1e5, "day": day.isoformat(), "state": "completed",
                    "belt_time_s": 2700.0, "distance_m": 5600.0, "top_speed_kmh": 9.0,
                    "mean_heart_rate_bpm": 131.0, "curve": curve,
                }
                for n, day in enumerate(days)
            ],
        )  # fmt: skip
        connection.execute(
            schema.setups.insert(),
            [
                {"session_id": 10 + n, "start_s": 0.0, "setup": "{}", "summary": "{}"}
                for n in range(len(days))
            ],
        )
        for n in range(len(days)):
            connection.execute(
                schema.samples.insert(),
                [
                    {
                        "session_id": 10 + n, "seq": at, "t_s": float(at), "phase": "main", "speed_kmh": 7.5,
                        "incline_percent": 2.0, "distance_m": at * 2.08, "wished_kmh": 7.5,
                        "ordered_kmh": 7.5, "ordered_percent": 2.0, "heart_rate_bpm": 131,
                        "cadence_spm": 164.0,
                    }
                    for at in range(SAMPLES)
                ],
            )  # fmt: skip
    size_mb = path.stat().st_size / 1e6
    print(f"{YEARS} years: {len(days)} sessions, {len(days) * SAMPLES / 1e6:.1f} M samples, {size_mb:.0f} MB")
    rules = load_guidance().belt

    def newest() -> None:
        assert len(history.list_sessions(engine, 20)) == 20

    def one() -> None:
        history.get_session(engine, 500)
        assert len(history.rows_of(engine, "samples", 500)) == SAMPLES

    def ceiling() -> None:
        rows = history.since(engine, TODAY - timedelta(weeks=60), "me")
        past = [PastSession(row.day, row.curve, row.belt_time_s) for row in rows]
        weekly_ceiling(past, TODAY, Runner(), rules)

    for name, ask in (
        ("list of the newest 20", newest),
        ("one session, all samples", one),
        ("the weekly ceiling", ceiling),
    ):
        times = []
        for _ in range(40):
            began = time.perf_counter()
            ask()
            times.append(time.perf_counter() - began)
        print(spread_ms(name, times))
    engine.dispose()
