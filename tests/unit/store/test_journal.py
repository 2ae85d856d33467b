"""The journal: nothing lost, nothing half, and clear words when it cannot be used."""

import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from treadcoach.core.errors import InputError, StoreError
from treadcoach.store import history, schema
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine
from treadcoach.store.summary import per_second


def begin(path: Path | str, *, inline: bool = False, runner: str = "me") -> Journal:
    journal = Journal(open_engine(path), runner, "mill", "F0", inline=inline)
    journal.begin("walk", {"some": "setup"}, time.time(), 100.0)
    return journal


def sample(journal: Journal, second: float, speed: float | None, pulse: int | None = None) -> None:
    journal.add(
        schema.samples,
        100.0 + second,
        {
            "phase": "main",
            "speed_kmh": speed,
            "incline_percent": 2.0,
            "distance_m": second * 2,
            "wished_kmh": None,
            "ordered_kmh": None,
            "ordered_percent": None,
            "heart_rate_bpm": pulse,
            "cadence_spm": None,
        },
    )


@pytest.mark.parametrize("inline", [True, False])
def test_rows_arrive_in_order_and_figures_are_right(where: Path | str, inline: bool) -> None:
    journal = begin(where, inline=inline)
    for second in range(1300):
        sample(journal, second, 6.0 if second < 1200 else 0.0, 120)
        journal.add(schema.inputs, second, {"kind": "tick", "name": "", "payload": bytes([second % 256])})
    journal.add(
        schema.orders,
        5.0,
        {"seq": 1, "kind": "speed", "value": 600, "source": "s", "reason": "r", "bounds": "[]"},
    )
    journal.update_order(1, {"result": "success", "result_s": 5.1})
    journal.update_order(1, {"readback_kmh": 6.0, "readback_s": 6.0})
    journal.end("completed", {"x": 1})
    engine = open_engine(where)
    row = history.get_session(engine, 1)
    assert (row.state, row.belt_time_s, row.top_speed_kmh) == ("completed", 1200, 6.0)
    assert row.curve[600] == 6.0 and row.mean_heart_rate_bpm == 120
    ticks = history.rows_of(engine, "inputs", 1)
    assert [tick.payload[0] for tick in ticks] == [second % 256 for second in range(1300)]
    order = history.rows_of(engine, "orders", 1)[0]
    assert (order.result, order.readback_kmh) == ("success", 6.0)
    assert history.setup_of(engine, 1)[:2] == ({"some": "setup"}, {"x": 1})


def test_rows_are_on_disk_within_a_second(where: Path | str) -> None:
    journal = begin(where)
    sample(journal, 1, 5.0)
    until = time.monotonic() + 1.0
    count = select(func.count()).select_from(schema.samples)
    with journal._engine.connect() as reader:
        while not reader.scalar(count):
            reader.rollback()
            assert time.monotonic() < until, "a row was not committed within a second"
    journal.end("stopped", {})


def test_a_session_left_open_is_closed_as_interrupted_with_its_figures(where: Path | str) -> None:
    journal = begin(where, inline=True)
    for second in range(700):
        sample(journal, second, 5.0)
    journal.flush()
    engine = open_engine(where)
    assert history.since(engine, date(2000, 1, 1), "me") == [], "an open session is no history"
    assert history.close_interrupted(engine) == [1]
    row = history.get_session(engine, 1)
    assert row.state == "interrupted" and row.belt_time_s == 700
    assert history.close_interrupted(engine) == []


def test_history_is_each_runners_own(where: Path | str) -> None:
    for name in ("anna", "ben"):
        begin(where, runner=name, inline=True).end("completed", {})
    engine = open_engine(where)
    assert len(history.since(engine, date(2000, 1, 1), "anna")) == 1
    assert len(history.list_sessions(engine)) == 2
    assert len(history.list_sessions(engine, runner="ben")) == 1


def test_deleting_takes_every_row(where: Path | str) -> None:
    journal = begin(where, inline=True)
    sample(journal, 1, 5.0)
    journal.end("completed", {})
    engine = open_engine(where)
    history.delete_session(engine, 1)
    assert history.rows_of(engine, "samples", 1) == []
    with pytest.raises(InputError, match="none yet"):
        history.delete_session(engine, 1)


def test_a_number_that_is_not_there_says_what_is(where: Path | str) -> None:
    begin(where, inline=True).end("completed", {})
    with pytest.raises(InputError, match="1 to 1"):
        history.get_session(open_engine(where), 99)


def test_a_file_that_is_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreError, match="not a usable journal"):
        open_engine(path)
    assert path.read_bytes().startswith(b"this is not"), "nothing of the file is lost"
    folder = tmp_path / "file"
    folder.write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        open_engine(folder / "sub" / "j.db")


def test_a_journal_of_a_newer_program(where: Path | str) -> None:
    engine = open_engine(where)
    with engine.begin() as connection:
        connection.execute(schema.meta.update().values(value="99"))
    engine.dispose()
    with pytest.raises(StoreError, match="schema 99"):
        open_engine(where)


def test_a_failing_disk_is_a_fault_not_a_silence(where: Path | str) -> None:
    journal = begin(where, inline=True)
    with journal._engine.begin() as connection:
        schema.samples.drop(connection)
    for second in range(1100):
        sample(journal, second, 5.0)
    assert journal.fault() is not None and "samples" in (journal.fault() or "")


def test_learned_ramps_come_from_the_newest_session_on_that_machine(where: Path | str) -> None:
    for pair, learned in (((4.0, 3.0), 2), ((9.0, 9.0), 0)):
        journal = begin(where, inline=True)
        journal.end("completed", {"ramp_s_per_kmh": list(pair), "ramps_learned": learned})
    engine = open_engine(where)
    assert history.learned_ramp(engine, "F0") == (4.0, 3.0)
    assert history.learned_ramp(engine, "other") is None


def test_speeds_on_a_one_second_grid() -> None:
    assert per_second([]) == []
    assert per_second([(5.0, 4.0), (6.0, 5.0), (7.02, 6.0)]) == [4.0, 5.0, 6.0]
    assert per_second([(0.0, 4.0), (3.0, 6.0)]) == [4.0, 4.0, 4.0, 6.0]
    assert per_second([(0.0, 4.0), (6.0, 6.0)]) == [4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 6.0]
    assert per_second([(0.0, 4.0), (1.0, None), (2.0, 6.0)]) == [4.0, 4.0, 6.0]
