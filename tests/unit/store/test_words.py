"""What is said of the body outlives whatever dies, is taken in once, and is nobody else's."""

import errno
import os
import threading
import time
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from treadcoach.core.errors import StoreError
from treadcoach.store import diary, history, schema, spool, words
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine
from treadcoach.store.words import Word

NOON = 1_795_608_000.0


def begin(where: Path | str, aside: Path | None, runner: str = "me", *, inline: bool = True) -> Journal:
    journal = Journal(open_engine(where), runner, "mill", "F0", aside=aside, inline=inline)
    journal.begin("walk", {"some": "setup"}, NOON, 100.0)
    return journal


def say(journal: Journal, kind: str) -> None:
    """An intent as the coach hands it in."""
    journal.add(schema.inputs, 101.0, {"kind": "intent", "name": kind, "payload": b"{}"})


def signs(where: Path | str, runner: str = "me") -> list[list[str]]:
    return [entry.payload["signs"] for entry in diary.entries(open_engine(where), runner, "checkin")]


@pytest.mark.parametrize(
    ("said", "felt"),
    [
        (["unwell"], "unwell"),
        (["not_right"], "not_right"),
        (["not_right", "unwell"], "unwell"),
        (["unwell", "not_right"], "unwell"),
        (["stop", "pause"], None),
    ],
)
def test_a_session_that_was_cut_off_keeps_what_was_said_in_it(
    where: Path | str, said: list[str], felt: str | None
) -> None:
    journal = begin(where, None)
    for kind in said:
        say(journal, kind)
    journal.flush()
    engine = open_engine(where)
    meant = [] if felt is None else [(date(2026, 11, 25), felt)]
    assert history.felt(engine, "me") == meant, "another treadmill of the practice need not wait for that"
    assert history.felt(engine, "you") == []
    assert history.close_interrupted(engine) == [1]
    assert history.felt(engine, "me") == ([] if felt is None else [(date(2026, 11, 25), felt)])


def test_no_word_of_another_session_or_of_a_sensor_is_taken_for_one(where: Path | str) -> None:
    other, journal = begin(where, None), begin(where, None)
    say(other, "unwell")
    journal.add(schema.inputs, 101.0, {"kind": "sensor", "name": "unwell", "payload": b"up"})
    other.flush()
    journal.flush()
    engine = open_engine(where)
    history.close_interrupted(engine)
    summaries = [history.setup_of(engine, number)[1] for number in (1, 2)]
    assert [summary.get("felt") for summary in summaries] == ["unwell", None]


def test_a_word_is_on_disk_before_its_row_and_reaches_the_session_or_the_diary(
    where: Path | str, tmp_path: Path
) -> None:
    aside = tmp_path / "aside"
    journal = begin(where, aside, inline=False)
    journal.word("unwell", NOON + 60).result(timeout=10)
    # Killed now: no row was ever written.
    engine = open_engine(where)
    history.close_interrupted(engine, "", aside)
    assert history.felt(engine, "me") == []
    taken, unreadable = words.take_in(engine, aside)
    assert [word.kind for word in taken] == ["unwell"] and unreadable == []
    assert history.felt(engine, "me") == [(date(2026, 11, 25), "unwell")] and signs(where) == []
    assert words.take_in(engine, aside) == ([], []) and not (aside / words.FILE).exists()
    journal.flush()


def test_a_word_before_any_session_and_one_of_another_store_go_into_the_diary(
    where: Path | str, tmp_path: Path
) -> None:
    journal = begin(where, tmp_path)
    journal.end("completed", {})
    for word in (
        Word("me", "unwell", NOON),
        Word("me", "not_right", NOON + 86_400, 1, NOON + 5000),
        Word("me", "not_right", NOON + 2 * 86_400, 99, NOON),
        Word("you", "unwell", NOON),
    ):
        words.keep(tmp_path, word)
    words.take_in(open_engine(where), tmp_path)
    assert signs(where) == [["unwell"], ["not_right"], ["not_right"]] and signs(where, "you") == [["unwell"]]
    assert history.felt(open_engine(where), "me") == []


def test_taking_in_twice_changes_nothing(where: Path | str, tmp_path: Path) -> None:
    words.keep(tmp_path, Word("me", "unwell", NOON))
    kept = (tmp_path / words.FILE).read_bytes()
    for _ in range(2):
        # As if the program had died between the store and the file.
        (tmp_path / words.FILE).write_bytes(kept)
        words.take_in(open_engine(where), tmp_path)
    assert signs(where) == [["unwell"]]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_line_costs_no_other_word(tmp_path: Path, cut: int) -> None:
    where = tmp_path / "j.db"
    words.keep(tmp_path, Word("me", "unwell", NOON))
    words.keep(tmp_path, Word("me", "not_right", NOON + 1))
    path = tmp_path / words.FILE
    path.write_bytes(path.read_bytes()[:-cut])
    words.keep(tmp_path, Word("you", "unwell", NOON + 2))
    taken, unreadable = words.take_in(open_engine(where), tmp_path)
    kinds = [(word.runner, word.kind) for word in taken]
    assert kinds[0] == ("me", "unwell") and kinds[-1] == ("you", "unwell")
    assert len(kinds) + len(unreadable) == 3
    if unreadable:
        assert (tmp_path / words.UNREADABLE).read_text() == unreadable[0] + "\n"


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b"{}",
        b'{"runner": 1, "kind": "unwell", "said_unix_s": 1}',
        b'{"runner": "me", "kind": "stop", "said_unix_s": 1}',
        b'{"runner": "me", "kind": "unwell", "said_unix_s": 1e300}',
        b'{"runner": "me", "kind": "unwell", "said_unix_s": "x"}',
        b"\xff\x00",
    ],
)
def test_a_line_that_is_none_is_kept_apart(tmp_path: Path, line: bytes) -> None:
    (tmp_path / words.FILE).write_bytes(line + b"\n")
    words.keep(tmp_path, Word("me", "unwell", NOON))
    taken, unreadable = words.take_in(open_engine(tmp_path / "j.db"), tmp_path)
    assert len(taken) == 1 and len(unreadable) == 1


def test_a_full_disk_and_a_locked_folder_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    journal = begin(tmp_path / "j.db", tmp_path / "aside", inline=False)
    with pytest.raises(StoreError, match="No space left"):
        journal.word("unwell", NOON).result(timeout=10)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        words.keep(tmp_path / "file" / "aside", Word("me", "unwell", NOON))
    journal.flush()


def test_a_disk_that_hangs_holds_up_only_who_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _number: goes_on.wait(10))
    journal = begin(tmp_path / "j.db", tmp_path / "aside", inline=False)
    began = time.monotonic()
    written = journal.word("unwell", NOON)
    assert time.monotonic() - began < 1 and not written.done()
    goes_on.set()
    written.result(timeout=10)
    journal.flush()


def test_a_store_that_does_not_take_words_leaves_them(tmp_path: Path) -> None:
    words.keep(tmp_path, Word("me", "unwell", NOON))
    engine = open_engine(tmp_path / "j.db")
    with engine.begin() as connection:
        schema.diary.drop(connection)
    with pytest.raises(StoreError, match="cannot be taken into the store"):
        words.take_in(engine, tmp_path)
    assert len(words.waiting(tmp_path)[0]) == 1


def test_what_the_store_has_is_not_written_down_twice(where: Path | str, tmp_path: Path) -> None:
    journal = begin(where, tmp_path)
    journal.word("unwell", NOON)
    journal.end("stopped", {"felt": "unwell"})
    assert not (tmp_path / words.FILE).exists()
    again = begin(where, tmp_path)
    words.keep(tmp_path, Word("me", "unwell", NOON, 99, NOON))
    again.word("not_right", NOON)
    again.end("stopped", {"felt": "not_right"})
    assert len(words.waiting(tmp_path)[0]) == 2, "one of them is of another session"


def test_a_session_in_a_file_that_waits_keeps_what_was_said_in_it(where: Path | str, tmp_path: Path) -> None:
    for _ in range(3):
        begin(where, tmp_path)
    row = {"session_id": 1, "seq": 1, "t_s": 1.0, "kind": "intent", "name": "not_right", "payload": b"{}"}
    spool.put_aside(tmp_path, 1, [(schema.inputs, spool.INSERT, row)], None)
    spool.put_aside(tmp_path, 2, [], {"state": "stopped", "summary": {"felt": "unwell"}})
    torn = spool.put_aside(tmp_path, 3, [(schema.inputs, spool.INSERT, row | {"name": "unwell"})], None)
    torn.write_text(torn.read_text() + '{"table": "inp')
    engine = open_engine(where)
    history.close_interrupted(engine, "", tmp_path)
    assert [kind for _, kind in history.felt(engine, "me")] == ["not_right", "unwell", "unwell"]


def test_a_journal_without_a_folder_has_its_words_in_its_rows_alone(tmp_path: Path) -> None:
    written = begin(tmp_path / "j.db", None).word("unwell", NOON)
    assert isinstance(written, Future) and written.result(timeout=1) is None
    assert words.waiting(tmp_path) == ([], [])
