"""A stored session, fed in again through the live entry, gives the same orders."""

import asyncio
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.replay import replay
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.store import history
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine


def recorded(path: Path, eventful: bool) -> int:
    """Run a session into a journal; its number."""
    engine = open_engine(path)
    journal = Journal(engine, "test", "mill", "F0", inline=True)

    async def scenario() -> None:
        async with Rig(recorder=JournalRecorder(journal), interval_s=0.03, acceleration=True) as rig:
            await rig.to_phase(Phase.MAIN)
            if eventful:
                rig.ask(IntentKind.FASTER, 0.4)
                await rig.seconds(20)
                rig.mill.set_by_hand(4.0)
                await rig.seconds(20)
                rig.ask(IntentKind.PAUSE)
                await rig.seconds(30)
                rig.ask(IntentKind.START)
                await rig.seconds(30)
                rig.mill.cut_radio()
                await rig.at(Phase.PAUSED, 60)
                await rig.seconds(5)
                rig.ask(IntentKind.START)
                await rig.seconds(10)
                await rig.mill.send_raw(0x2ACD, b"\x01")
                rig.ask(IntentKind.END_EARLY)
            await rig.at(Phase.DONE)
            await asyncio.wait_for(rig.task, 10)

    in_virtual_time(scenario())
    engine.dispose()
    assert journal.session_id is not None
    return journal.session_id


def test_a_calm_session_replays(tmp_path: Path) -> None:
    number = recorded(tmp_path / "j.db", eventful=False)
    outcome = replay(open_engine(tmp_path / "j.db"), number)
    assert outcome.differences == ()
    assert outcome.orders > 30 and outcome.inputs > 2000


def test_an_eventful_session_replays(tmp_path: Path) -> None:
    number = recorded(tmp_path / "j.db", eventful=True)
    outcome = replay(open_engine(tmp_path / "j.db"), number)
    assert outcome.differences == ()
    assert outcome.orders > 40


def test_a_replay_that_differs_says_where(tmp_path: Path) -> None:
    number = recorded(tmp_path / "j.db", eventful=False)
    raw = create_engine(f"sqlite:///{tmp_path / 'j.db'}")
    with raw.begin() as connection:
        connection.execute(text("UPDATE orders SET value = value + 10 WHERE seq = 12"))
    raw.dispose()
    engine = open_engine(tmp_path / "j.db")
    outcome = replay(engine, number)
    assert len(outcome.differences) == 1 and "then" in outcome.differences[0]


def test_the_log_explains_every_order(tmp_path: Path) -> None:
    number = recorded(tmp_path / "j.db", eventful=True)
    engine = open_engine(tmp_path / "j.db")
    orders = history.rows_of(engine, "orders", number)
    assert all(row.reason and row.source for row in orders)
    assert {row.source for row in orders} >= {"the plan", "the runner", "the session", "test"}
    assert all(row.wish is not None for row in orders if row.kind in ("speed", "incline"))
    speeds = [row for row in orders if row.kind == "speed"]
    assert all('"weekly"' in row.bounds and '"reason"' in row.bounds for row in speeds)
    assert all(row.result for row in speeds)
    assert sum(row.readback_kmh is not None for row in speeds) >= 3
    row = history.get_session(engine, number)
    assert row.state == "completed" and row.belt_time_s > 300
    samples = history.rows_of(engine, "samples", number)
    frames = [r for r in history.rows_of(engine, "inputs", number) if r.name == "strap/PMD"]
    assert frames, "raw acceleration is kept"
    assert len(samples) > row.belt_time_s
