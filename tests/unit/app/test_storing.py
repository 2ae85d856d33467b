"""Before a day is asked about: words that waited, and a name that changed."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from treadcoach.app import storing
from treadcoach.app.config import Folders, folders
from treadcoach.app.decisions import check_in
from treadcoach.app.desk import Desk
from treadcoach.app.settings import write_runner
from treadcoach.core.checkin import CheckIn, Moment, Sign
from treadcoach.core.errors import NoSessionToday, StoreError
from treadcoach.store import diary, history, spool, words
from treadcoach.store.journal import Journal
from treadcoach.store.words import Word

DAY = date(2026, 11, 25)
NOON = 1_795_608_000.0


def named(home: Path, name: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(f'[runner]\nname = "{name}"\n')


def ran(places: Folders, engine: Engine, runner: str) -> int:
    journal = Journal(engine, runner, "mill", "F0", station=places.station, aside=places.aside, inline=True)
    number = journal.begin("walk", {}, NOON, 0.0)
    journal.end("completed", {})
    return number


def asked(home: Path) -> Desk:
    places = folders(home)
    engine = storing.open_store(places)
    return Desk(places, engine)


def hurts(desk: Desk) -> None:
    check_in(desk.training(), CheckIn(DAY, Moment.AFTER, 8, None, frozenset({Sign.RADIATING})))


def test_a_new_name_takes_history_and_words_along(tmp_path: Path) -> None:
    named(tmp_path, "bob")
    desk = asked(tmp_path)
    assert storing.know_the_runner(desk.places, desk.engine) == []
    ran(desk.places, desk.engine, "bob")
    hurts(desk)
    named(tmp_path, "robert")
    (line,) = storing.know_the_runner(desk.places, desk.engine)
    assert "bob" in line and "robert" in line and "practice" in line
    assert len(history.list_sessions(desk.engine, runner="robert")) == 1
    with pytest.raises(NoSessionToday, match="See a doctor"):
        desk.training().allowance(DAY)
    assert storing.know_the_runner(desk.places, desk.engine) == []
    # What came in under the old name all the same goes along too.
    ran(desk.places, desk.engine, "bob")
    words.keep(desk.places.aside, Word("bob", "unwell", NOON))
    storing.know_the_runner(desk.places, desk.engine)
    assert len(history.list_sessions(desk.engine, runner="robert")) == 2
    assert len(diary.entries(desk.engine, "robert", "checkin")) == 2
    named(tmp_path, "bob")
    storing.know_the_runner(desk.places, desk.engine)
    assert len(history.list_sessions(desk.engine, runner="bob")) == 2


def test_a_name_changed_on_the_page_takes_them_along_at_once(tmp_path: Path) -> None:
    named(tmp_path, "bob")
    desk = asked(tmp_path)
    hurts(desk)
    write_runner(desk, {"name": "robert"})
    assert [set(said.signs) for said in desk.training().check_ins()] == [{Sign.RADIATING}]
    write_runner(desk, {"name": None})
    assert len(desk.training().check_ins()) == 1


def test_somebody_who_was_here_before_is_not_taken_for_a_new_name(tmp_path: Path) -> None:
    named(tmp_path, "ann")
    desk = asked(tmp_path)
    storing.know_the_runner(desk.places, desk.engine)
    ran(desk.places, desk.engine, "ann")
    ran(desk.places, desk.engine, "bob")
    named(tmp_path, "bob")
    assert storing.know_the_runner(desk.places, desk.engine) == []
    for name in ("ann", "bob"):
        assert len(history.list_sessions(desk.engine, runner=name)) == 1
    words.keep(desk.places.aside, Word("ann", "unwell", NOON))
    storing.know_the_runner(desk.places, desk.engine)
    assert len(diary.entries(desk.engine, "ann", "checkin")) == 1, "a word stays its speaker's"
    assert diary.entries(desk.engine, "bob", "checkin") == []


def test_in_a_practice_no_name_takes_anything_along(tmp_path: Path) -> None:
    (tmp_path / "runners" / "ada").mkdir(parents=True)
    (tmp_path / "runners" / "eve").mkdir()
    places = {name: folders(tmp_path, runner=name, treadmill="left") for name in ("ada", "eve")}
    engine = storing.open_store(places["ada"])
    ran(places["ada"], engine, "ada")
    words.keep(places["ada"].aside, Word("ada", "unwell", NOON))
    said = storing.know_the_runner(places["eve"], engine)
    assert said == ["Said on 2026-11-25: feeling unwell. It is written down."]
    assert len(history.list_sessions(engine, runner="eve")) == 0
    assert len(diary.entries(engine, "ada", "checkin")) == 1
    assert diary.entries(engine, "eve", "checkin") == []


def test_a_start_says_what_is_wrong_and_a_day_is_not_allowed_over_it(tmp_path: Path) -> None:
    named(tmp_path, "bob")
    desk = asked(tmp_path)
    (tmp_path / "runner-names.json").write_text("{")
    (line,) = storing.put_in_order(desk.places, desk.engine)
    assert "runner-names.json is damaged" in line
    with pytest.raises(StoreError, match="damaged"):
        storing.know_the_runner(desk.places, desk.engine)


def test_a_file_that_cannot_be_taken_in_holds_back_no_word(tmp_path: Path) -> None:
    named(tmp_path, "bob")
    desk = asked(tmp_path)
    journal = Journal(desk.engine, "bob", "mill", "F0", station=desk.places.station, inline=True)
    number = journal.begin("walk", {}, NOON, 0.0)
    kept = spool.put_aside(desk.places.aside, number, [], {"state": "stopped", "summary": {"felt": "unwell"}})
    kept.write_text("torn\n" + kept.read_text())
    for _ in range(2):
        (line,) = storing.take_in_kept(desk.places, desk.engine)
        assert "is damaged" in line
        assert history.felt(desk.engine, "bob") == [(DAY, "unwell")]
    with pytest.raises(NoSessionToday):
        desk.training().allowance(DAY)
