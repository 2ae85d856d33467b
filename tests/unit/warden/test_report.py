"""The warden's report and the octets between it and its coach: whole, half, and nonsense."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.warden.heartbeats import Belt, Heartbeats, beat_for, session_octets
from treadcoach.warden.report import MOST_OCTETS, Outcome, Report, ReportError, Scribe, SentStop, read_report

WHOLE = Report(
    1795842697.5, 1795842690.5, "the coach's process is gone", Outcome.STOPPED, "the belt stands", 0.3,
    "F0:7E:AD:00:00:01", 12, 2.0, (SentStop(0.3, "control_not_permitted"), SentStop(0.7, "success")), 0.0,
)  # fmt: skip


def test_a_report_comes_back_as_it_was(tmp_path: Path) -> None:
    WHOLE.write(tmp_path / "warden.json")
    assert read_report(tmp_path / "warden.json") == WHOLE
    assert [path.name for path in tmp_path.iterdir()] == ["warden.json"]


def test_there_may_be_none(tmp_path: Path) -> None:
    assert read_report(tmp_path / "warden.json") is None


def test_a_report_of_an_older_version_can_be_read(tmp_path: Path) -> None:
    old = {"unix_s": 1.5, "why": "w", "outcome": "stop sent", "text": "STOP was written", "stop_after_s": 0.2}
    (tmp_path / "warden.json").write_text(json.dumps(old))
    report = read_report(tmp_path / "warden.json")
    assert report is not None and report.began_unix_s == 1.5 and report.address is None and report.stops == ()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"unix_s": 1}', b"[" * 100_000, b" " * (MOST_OCTETS + 1),
        b'{"unix_s": NaN, "why": "", "outcome": "stopped", "text": ""}',
        b'{"unix_s": 1, "why": 2, "outcome": "stopped", "text": ""}',
        b'{"unix_s": 1, "why": "", "outcome": "danced", "text": ""}',
        b'{"unix_s": 1, "why": "", "outcome": "stopped", "text": "", "stops": [{"after_s": 1}]}',
        b'{"unix_s": 1, "why": "", "outcome": "stopped", "text": "", "stops": 3}',
        b'{"unix_s": 1, "why": "", "outcome": "stopped", "text": "", "session": 1.5}',
        b'{"unix_s": 1e999, "why": "", "outcome": "stopped", "text": ""}',
    ],
)  # fmt: skip
def test_a_broken_report_is_named_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "warden.json").write_bytes(content)
    with pytest.raises(ReportError, match="is broken"):
        read_report(tmp_path / "warden.json")


def test_a_full_disk_is_said_once_and_leaves_the_last_report(tmp_path: Path) -> None:
    path = tmp_path / "warden.json"
    errors: list[OSError] = []
    scribe = Scribe(path, errors.append)
    scribe.write(WHOLE)
    scribe.close()
    (tmp_path / "warden.tmp").mkdir()  # what cannot be written, for everybody and for root
    scribe = Scribe(path, errors.append)
    scribe.write(WHOLE)
    scribe.write(WHOLE)
    scribe.close()
    assert len(errors) == 1
    assert read_report(path) == WHOLE


@given(st.integers(1, 10**12), st.lists(st.integers(1, 7), max_size=20), st.sampled_from(list(Belt)))
def test_heartbeats_are_read_however_they_are_cut(number: int, cuts: list[int], last: Belt) -> None:
    octets = b".." + session_octets(number) + b"RRS" + last.value.encode()
    beats = Heartbeats()
    at = 0
    for cut in [*cuts, len(octets)]:
        beats.read(octets[at : at + cut])
        at += cut
    assert (beats.belt, beats.session, beats.all_is_well) == (last, number, False)
    beats.read(b"Q")
    assert beats.all_is_well


@given(st.binary(max_size=200))
def test_no_octets_break_the_heartbeats(octets: bytes) -> None:
    Heartbeats().read(octets)


def test_a_beat_says_what_the_belt_may_do() -> None:
    assert beat_for(released=False, standing=True) == b"."
    assert beat_for(released=True, standing=False) == b"R"
    assert beat_for(released=True, standing=True) == b"S"
    beats = Heartbeats()
    assert not beats.released
    beats.read(b"R")
    assert beats.released
    beats.read(b"S")
    assert beats.released and beats.belt is Belt.STOOD
