"""What a warden did becomes rows of its session, once."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from treadcoach.app.config import Folders
from treadcoach.app.storing import IF_IT_RUNS, put_in_order
from treadcoach.store import history, schema
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine
from treadcoach.store.rescues import WARDEN
from treadcoach.warden.report import Outcome, Report, SentStop

ADDRESS = "F0:7E:AD:00:00:01"
REPORT = Report(
    5060.0, 5030.0, "the coach's process is gone", Outcome.STOPPED, "the belt was told to stop and stands",
    0.3, ADDRESS, 1, 2.0, (SentStop(0.3, "control_not_permitted"), SentStop(0.8, "success")), 0.0,
)  # fmt: skip


@pytest.fixture
def engine(where: Path | str) -> Iterator[Engine]:
    opened = open_engine(where)
    yield opened
    opened.dispose()


@pytest.fixture
def places(tmp_path: Path) -> Folders:
    return Folders(tmp_path, tmp_path)


def left_open(engine: Engine, station: str, started_unix_s: float = 5000.0, last_s: float = 130.0) -> int:
    """A session whose coach died: it began at 100 s of its clock."""
    journal = Journal(engine, "owner", "Mill", ADDRESS, station=station, inline=True)
    number = journal.begin("A walk", {"runner": {}}, started_unix_s, 100.0)
    journal.add(schema.inputs, last_s, {"kind": "tick", "name": "", "payload": b""})
    stop = {"kind": "stop", "value": 0, "source": "the session", "reason": "a pause", "bounds": "[]"}
    journal.add(schema.orders, 110.0, {"seq": -1, **stop})
    journal.add(schema.events, 110.0, {"kind": "say", "level": "info", "text": "Paused."})
    journal.flush()
    return number


def stops(engine: Engine, number: int) -> list[tuple[int, float, str, str | None]]:
    rows = history.rows_of(engine, "orders", number)
    return [(row.seq, round(row.t_s, 3), row.source, row.result) for row in rows if row.kind == "stop"]


def test_the_wardens_stops_are_orders_of_the_session(engine: Engine, places: Folders) -> None:
    number = left_open(engine, places.station)
    REPORT.write(places.warden_report)
    said = put_in_order(places, engine)
    assert said == [
        f"Session 1 was interrupted; it is closed. {IF_IT_RUNS}",
        "The warden said: the coach's process is gone; the belt was told to stop and stands."
        " It is in session 1.",
    ]
    assert stops(engine, number) == [
        (-1, 110.0, "the session", None),
        (-2, 132.3, WARDEN, "control_not_permitted"),
        (-3, 132.8, WARDEN, "success"),
    ]
    events = history.rows_of(engine, "events", number)
    assert [row.text for row in events[1:]] == [
        "The warden: the coach's process is gone.",
        "The warden: the belt was told to stop and stands.",
    ]
    summary = history.setup_of(engine, number)[1]
    assert summary["stop_cause"] == "the program died; the warden: the belt was told to stop and stands"
    assert summary["warden"]["outcome"] == "stopped"
    assert not places.warden_report.exists()


def test_a_report_is_taken_in_once_whatever_dies_between(engine: Engine, places: Folders) -> None:
    number = left_open(engine, places.station)
    for _ in range(2):  # the file is still there when the program dies before it is removed
        REPORT.write(places.warden_report)
        put_in_order(places, engine)
    assert len(stops(engine, number)) == 3


def test_without_a_number_it_is_the_newest_session_at_that_treadmill(engine: Engine, places: Folders) -> None:
    for started in (3000.0, 4000.0, 6000.0):
        left_open(engine, places.station, started)
    replace(REPORT, session=None).write(places.warden_report)
    put_in_order(places, engine)
    assert [len(stops(engine, number)) for number in (1, 2, 3)] == [1, 3, 1]


@pytest.mark.parametrize("how", ["address", "station", "number"])
def test_a_report_of_another_treadmill_is_said_and_goes_nowhere(
    engine: Engine, places: Folders, how: str
) -> None:
    left_open(engine, "elsewhere/1" if how == "station" else places.station)
    report = {
        "address": replace(REPORT, address="AA:00:00:00:00:00"),
        "station": REPORT,
        "number": replace(REPORT, session=9),
    }[how]
    report.write(places.warden_report)
    assert put_in_order(places, engine)[-1].endswith("the belt was told to stop and stands.")
    assert len(stops(engine, 1)) == 1
    assert not places.warden_report.exists()


def test_a_report_of_an_older_version_is_taken_in(engine: Engine, places: Folders) -> None:
    number = left_open(engine, places.station)
    old = {"unix_s": 5031.0, "why": "gone", "outcome": "stopped", "text": "stands", "stop_after_s": 0.3}
    places.warden_report.write_text(json.dumps(old))
    put_in_order(places, engine)
    assert history.setup_of(engine, number)[1]["stop_cause"] == "the program died; the warden: stands"


@pytest.mark.parametrize("content", [b"", b'{"unix_s": 12', b"\x00" * 50, b'{"unix_s": NaN}'], ids=range(4))
def test_a_broken_report_is_set_aside_and_said(engine: Engine, places: Folders, content: bytes) -> None:
    number = left_open(engine, places.station)
    places.warden_report.write_bytes(content)
    said = put_in_order(places, engine)
    assert "is broken" in said[-1] and "set aside" in said[-1]
    assert history.get_session(engine, number).state == "interrupted"
    assert put_in_order(places, engine) == []
    assert (places.data / "warden.broken").read_bytes() == content


@pytest.mark.parametrize(("age_s", "is_taken"), [(30.0, False), (200.0, True), (-1000.0, True)])
def test_a_report_that_is_not_the_last_word_waits_for_it(
    engine: Engine, places: Folders, age_s: float, is_taken: bool
) -> None:
    number = left_open(engine, places.station)
    early = replace(REPORT, outcome=Outcome.STOP_SENT, text="STOP was written", is_last=False)
    replace(early, unix_s=time.time() - age_s).write(places.warden_report)
    said = put_in_order(places, engine)[-1]
    assert ("still at work" in said) is not is_taken
    assert (len(stops(engine, number)) == 3) is is_taken
    assert places.warden_report.exists() is not is_taken
    REPORT.write(places.warden_report)
    put_in_order(places, engine)
    assert len(stops(engine, number)) == 3


def test_a_session_that_had_ended_keeps_its_own_end(engine: Engine, places: Folders) -> None:
    journal = Journal(engine, "owner", "Mill", ADDRESS, station=places.station, inline=True)
    number = journal.begin("A walk", {}, 5000.0, 100.0)
    journal.end("stopped", {"stop_cause": "the runner"})
    REPORT.write(places.warden_report)
    put_in_order(places, engine)
    summary = history.setup_of(engine, number)[1]
    assert summary["stop_cause"] == "the runner" and summary["warden"]["outcome"] == "stopped"
    assert history.get_session(engine, number).state == "stopped"
