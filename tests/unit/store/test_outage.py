"""A database that is killed in the middle of a session: rows wait, nothing is lost, nothing is doubled."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import PROGRAMS, WHY_NOT, Postgres, engines_closed
from tests.unit.store.test_journal import sample
from treadcoach.core.errors import StoreError
from treadcoach.store import history, journal, schema, spool
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

# A server of their own, killed and started: processes on the wall clock.
pytestmark = [pytest.mark.real_time, pytest.mark.skipif(PROGRAMS is None, reason=WHY_NOT)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    monkeypatch.setattr(journal, "RETRY_S", 0.05)
    monkeypatch.setattr(journal, "AT_THE_END_S", 0.5)
    found = Postgres().start()
    with engines_closed():
        yield found
    found.end()


def begun(url: str, aside: Path, *, inline: bool = False) -> Journal:
    found = Journal(open_engine(url), "me", "mill", "F0", aside=aside, inline=inline)
    found.begin("walk", {"some": "setup"}, time.time(), 100.0)
    return found


def until(true: object, limit_s: float = 10.0) -> None:
    end = time.monotonic() + limit_s
    while not true():  # type: ignore[operator]  # a callable
        assert time.monotonic() < end
        time.sleep(0.01)  # the writer's thread has a clock of its own


def seconds(url: str) -> list[float]:
    return [row.t_s for row in history.rows_of(open_engine(url), "samples", 1)]


@pytest.mark.parametrize("inline", [False, True])
def test_rows_wait_for_a_database_that_was_killed(server: Postgres, tmp_path: Path, inline: bool) -> None:
    url = server.new_database()
    writer = begun(url, tmp_path, inline=inline)
    rows = 3000
    for second in range(rows):
        sample(writer, second, 5.0)
        if second == 1500:
            if not inline:
                time.sleep(0.5)  # the writer's thread has written the first of them
            server.kill()
    until(lambda: writer.gone_for_s() is not None)
    assert writer.fault() is None, "the belt goes on being led meanwhile"
    server.start()
    writer.end("completed", {"x": 1})
    assert writer.gone_for_s() is None and writer.fault() is None
    assert seconds(url) == [100.0 + second for second in range(rows)]
    assert history.get_session(open_engine(url), 1).state == "completed"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("inline", [False, True])
def test_what_a_database_that_stays_away_did_not_take_is_kept_and_taken_in(
    server: Postgres, tmp_path: Path, inline: bool
) -> None:
    url = server.new_database()
    writer = begun(url, tmp_path / "aside", inline=inline)
    for second in range(1200):
        sample(writer, second, 5.0)
    writer.add(schema.inputs, 5.0, {"kind": "frame", "name": "x", "payload": bytes(range(256))})
    row = {"seq": 1, "kind": "speed", "value": 600, "source": "s", "reason": "r", "bounds": "[]"}
    writer.add(schema.orders, 5.0, row)
    writer.update_order(1, {"result": "success", "result_s": 5.1})
    time.sleep(0.5)
    server.kill()
    for second in range(1200, 1500):
        sample(writer, second, 5.0)
    with pytest.raises(StoreError, match="is kept in"):
        writer.end("stopped", {"stop_cause": "a test"})
    (kept,) = (tmp_path / "aside").iterdir()
    assert kept.stat().st_mode & 0o077 == 0 or (tmp_path / "aside").stat().st_mode & 0o077 == 0
    server.start()
    engine = open_engine(url)
    with pytest.MonkeyPatch.context() as patch:
        # Killed between the writing and the deleting, it is taken in a second time: nothing is doubled.
        patch.setattr(Path, "unlink", lambda *_: None)
        spool.take_in(engine, tmp_path / "aside")
    closing = {"state": "stopped", "summary": {"stop_cause": "a test"}}
    assert spool.take_in(engine, tmp_path / "aside") == [(1, closing)]
    assert list((tmp_path / "aside").iterdir()) == []
    assert seconds(url) == [100.0 + second for second in range(1500)]
    order = history.rows_of(engine, "orders", 1)[0]
    assert (order.result, order.result_s) == ("success", 5.1)
    assert history.rows_of(engine, "inputs", 1)[0].payload == bytes(range(256))


def test_a_database_that_stays_away_too_long_is_a_fault(server: Postgres, tmp_path: Path) -> None:
    url = server.new_database()
    now = [0.0]
    writer = Journal(open_engine(url), "me", "mill", "F0", aside=tmp_path, inline=True, clock=lambda: now[0])
    writer.begin("walk", {}, time.time(), 100.0)
    server.kill()
    for second in range(1000):
        sample(writer, second, 5.0)
    assert writer.fault() is None
    now[0] = journal.PATIENCE_S + 1
    assert "gone for 10 min" in (writer.fault() or "")


def test_a_damaged_file_is_named_and_left(server: Postgres, tmp_path: Path) -> None:
    engine = open_engine(server.new_database())
    (tmp_path / "session-1-ab.jsonl").write_text('{"table": "samples", "what": "ins', encoding="utf-8")
    with pytest.raises(StoreError, match=r"session-1-ab\.jsonl is damaged"):
        spool.take_in(engine, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_no_password_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        open_engine("postgresql://coach:a-secret@127.0.0.1:1/none")
    assert "a-secret" not in str(caught.value)
