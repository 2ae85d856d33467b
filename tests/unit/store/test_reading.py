"""What is read back from both stores: history, trends, the diary, imports, each runner's own."""

from datetime import date
from pathlib import Path

from tests.unit.store.test_journal import begin, sample
from treadcoach.store import diary, history, trends
from treadcoach.store.imports import Imported, add_imported
from treadcoach.store.opening import open_engine

TODAY = date.today()
LONG_AGO = date(2000, 1, 1)


def test_pulse_by_speed_is_of_one_runner_and_of_moving_only(where: Path | str) -> None:
    for runner, pulse in (("ada", 120), ("ben", 150)):
        journal = begin(where, runner=runner, inline=True)
        for second in range(400):
            sample(journal, second, 5.1 if second < 200 else 0.0, pulse)
        journal.end("completed", {})
    engine = open_engine(where)
    (only,) = trends.pulse_by_speed(engine, "ada", LONG_AGO, TODAY)
    assert (only.speed_kmh, only.bpm) == (5.0, 120)
    assert trends.pulse_by_speed(engine, "eve", LONG_AGO, TODAY) == []


def test_summaries_and_what_was_felt(where: Path | str) -> None:
    begin(where, inline=True).end("stopped", {"felt": "unwell"})
    begin(where, inline=True).end("completed", {"felt": None})
    engine = open_engine(where)
    assert [felt for _, felt in history.felt(engine, "me")] == ["unwell"]
    assert [summary["felt"] for summary in history.past_summaries(engine, "me")] == [None, "unwell"]
    assert len(trends.dated_summaries(engine, "me", LONG_AGO)) == 2


def test_the_diary_keeps_its_order_and_what_is_odd_in_it(where: Path | str) -> None:
    engine = open_engine(where)
    texts = ["a", "ü 🏃 'quoted' \"twice\"", "x" * 100_000, "%s {} \\"]
    for text in texts:
        diary.add(engine, "me", TODAY, "checkin", {"note": text})
    assert [entry.payload["note"] for entry in diary.entries(engine, "me", "checkin")] == texts
    assert diary.entries(engine, "you", "checkin") == []


def test_an_activity_twice_is_there_once(where: Path | str) -> None:
    engine = open_engine(where)
    found = Imported("run.fit", "Morning run", 1.79e9, TODAY, 1800.0, 5000.0, 12.0, None, {60: 11.5})
    assert add_imported(engine, "me", found) and not add_imported(engine, "me", found)
    assert add_imported(engine, "you", found), "another runner may have run beside"
    assert history.since(engine, LONG_AGO, "me")[0].curve == {60: 11.5}


def test_plan_sessions_are_read_from_setup_and_summary(where: Path | str) -> None:
    engine = open_engine(where)
    journal = begin(where, inline=True)
    for second in range(120):
        sample(journal, second, 5.0)
    setup = {"plan": {"plan": "p", "week": 1, "session": 2}, "timeline": {"steps": [
        {"duration_s": 100, "distance_m": None, "speed_kmh": 5}]}}  # fmt: skip
    journal = begin(where, inline=True)
    journal.begin("planned", setup, 1.79e9, 0.0)
    journal.end("completed", {"form": {"easings": 1}})
    (only,) = history.plan_sessions(engine, "me", LONG_AGO)
    assert (only.plan, only.week, only.session, only.faded) == ("p", 1, 2, True)


def test_sessions_of_another_station_are_not_closed(where: Path | str) -> None:
    for station in ("here/1", "there/2"):
        journal = begin(where, inline=True)
        journal._station = station
        journal.begin("walk", {}, 1.79e9, 0.0)
    engine = open_engine(where)
    left = [row.id for row in history.list_sessions(engine) if row.state == "running"]
    closed = history.close_interrupted(engine, "here/1")
    assert len(left) - len(closed) == 1, "there a belt may be running"
