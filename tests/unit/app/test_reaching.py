"""A running session is found through its data folder, from any environment, and each gets its STOP."""

import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from platformdirs import PlatformDirs

from tests.support.reached import Session
from treadcoach.app import reaching
from treadcoach.app.reaching import Place


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    Session.end_all()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder, and nothing else in the environment that says where."""
    for name in (
        "TREADCOACH_HOME",
        "XDG_RUNTIME_DIR",
        "XDG_DATA_HOME",
        "SUDO_USER",
        "SUDO_UID",
        "DOAS_USER",
        "PKEXEC_UID",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    # This account's own entry is somebody else's in a test.
    monkeypatch.setattr(reaching, "_home_of", lambda _who: None)
    monkeypatch.setattr(reaching.pwd, "getpwall", list)
    yield tmp_path


def data_of(home: Path) -> Path:
    return home / ".local" / "share" / "treadcoach"


def stop(
    data_dir: Path | None = None, *, simulated: bool = False, treadmill: str | None = None
) -> reaching.Outcome:
    return reaching.send_to_running("stop", data_dir, simulated, treadmill)


def test_the_data_folder_is_the_one_that_sessions_use(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.uname().sysname != "Linux":
        pytest.skip("the folders of Linux")
    for shared in (None, "", "relative/one", str(home / "elsewhere")):
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        if shared is not None:
            monkeypatch.setenv("XDG_DATA_HOME", shared)
        used = PlatformDirs("treadcoach", appauthor=False).user_data_path
        assert used in [place.data for place in reaching.places(None, False, None)]


@pytest.mark.parametrize("where", ["own", "simulated", "one of several", "the entry", "who called sudo"])
def test_a_stop_finds_the_session_whatever_the_environment_says(
    home: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    data = data_of(home)
    session = Session(
        {"simulated": data / "simulated", "one of several": data / "treadmills" / "left"}.get(where, data)
    )
    if where == "the entry":
        monkeypatch.delenv("HOME")
        monkeypatch.setattr(reaching, "_home_of", lambda who: str(home) if who == str(os.getuid()) else None)
    if where == "who called sudo":
        monkeypatch.setenv("HOME", str(home / "root"))
        monkeypatch.setenv("SUDO_USER", "ann")
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(reaching, "_home_of", lambda who: str(home) if who == "ann" else None)
    monkeypatch.chdir("/")
    outcome = stop()
    assert session.kinds() == ["stop"] and outcome.words("stop") is None


def test_an_administrator_stops_anybodys_session_where_none_is_nearer(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Entry:
        pw_dir = str(home / "service")

    session = Session(data_of(home / "service"))
    monkeypatch.setattr(reaching.pwd, "getpwall", lambda: [Entry])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert stop().reached == [] and session.heard == []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    own = Session(data_of(home))
    assert len(stop().reached) == 1 and own.kinds() == ["stop"] and session.heard == []
    own.cut_off()
    assert len(stop().reached) == 1 and session.kinds() == ["stop"]


def test_treadcoach_home_separates(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(data_of(home))
    monkeypatch.setenv("TREADCOACH_HOME", str(home / "other"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert stop().words("stop") == f"no session is running. {reaching.OR_ELSE}"
    assert session.heard == []
    assert stop(data_of(home)).reached == [Place(data_of(home))]


def test_without_a_name_every_treadmill_gets_it_and_with_one_that_alone(home: Path) -> None:
    data = data_of(home)
    left, right = Session(data / "treadmills" / "left"), Session(data / "treadmills" / "right")
    practised = Session(data / "simulated" / "treadmills" / "left")
    assert len(stop(treadmill="left").reached) == 2
    assert (len(left.heard), len(right.heard), len(practised.heard)) == (1, 0, 1)
    assert len(stop().reached) == 3
    assert (len(left.heard), len(right.heard), len(practised.heard)) == (2, 1, 2)
    assert len(stop(simulated=True).reached) == 1 and len(right.heard) == 1
    assert reaching.places(None, False, "none-such") == []


def test_one_that_hangs_and_one_that_refuses_keep_it_from_nobody_and_are_named(home: Path) -> None:
    folder = data_of(home) / "treadmills"
    hangs = Session(folder / "a", answer=None)
    refuses = Session(folder / "b", answer=b'{"type":"refused","reason":"at most 3 at once"}\n')
    muddled = Session(folder / "c", answer=b"\x00\n")
    well = Session(folder / "d")
    began = time.monotonic()
    outcome = reaching.send("stop", reaching.places(None, False, None), wait_s=0.5)
    assert time.monotonic() - began < 2
    assert [place.treadmill for place in outcome.reached] == ["d"]
    for session in (hangs, refuses, muddled, well):
        assert session.kinds() == ["stop"]
    words = outcome.words("stop") or ""
    for said in ("a: the session did not answer within 0.5 s", "b: at most 3", "c: its answer", "safety key"):
        assert said in words


def test_a_door_at_which_too_many_stand_is_tried_again(home: Path) -> None:
    data = data_of(home)
    data.mkdir(parents=True)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with reaching.short_path(data / "coach-x.sock") as short:
        line.bind(short)
    line.listen(0)
    reaching.announce(data, data / "coach-x.sock")
    stand: list[socket.socket] = []
    while True:
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.setblocking(False)
        stand.append(one)
        try:
            with reaching.short_path(data / "coach-x.sock") as short:
                one.connect(short)
        except BlockingIOError:
            break

    def wake() -> None:
        while True:
            accepted, _ = line.accept()
            with accepted:
                if b"stop" in accepted.recv(1000):
                    accepted.sendall(b'{"type":"done"}\n')
                    return

    for one in stand:
        one.close()
    waker = threading.Timer(0.2, wake)
    waker.start()
    outcome = stop()
    assert len(outcome.reached) == 1, outcome
    waker.join()
    line.close()


def test_what_is_left_of_a_dead_session_is_no_session(home: Path) -> None:
    session = Session(data_of(home))
    session.cut_off()
    outcome = stop()
    assert outcome.words("stop") == f"{reaching.CUT_OFF}. {reaching.OR_ELSE}"
    session.path.unlink()
    assert stop().why == reaching.CUT_OFF
    reaching.withdraw(session.data)
    reaching.withdraw(session.data)
    assert stop().why == reaching.NOBODY


@pytest.mark.parametrize("note", [b"", b"\n", b"a\0b\n", b"/nowhere/coach.sock\n", b"\xff\n", b"x" * 9000])
def test_a_note_that_is_none_leads_nowhere(home: Path, note: bytes) -> None:
    data = data_of(home)
    data.mkdir(parents=True)
    (data / reaching.NOTE).write_bytes(note)
    assert reaching.socket_of(data) is None and stop().reached == []


def test_a_pipe_or_a_link_instead_of_a_note_is_not_waited_for(home: Path) -> None:
    data = data_of(home)
    session = Session(data)
    real = (data / reaching.NOTE).rename(data / "real")
    (data / reaching.NOTE).symlink_to(real)
    assert reaching.socket_of(data) is None
    (data / reaching.NOTE).unlink()
    os.mkfifo(data / reaching.NOTE)
    assert reaching.socket_of(data) is None and session.heard == []


def test_a_note_leads_to_no_socket_of_another_account(home: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    session = Session(data_of(home))
    os.chown(session.path, 12345, -1)
    assert reaching.socket_of(session.data) is None and stop().reached == [] and session.heard == []


def test_a_folder_with_a_long_path_and_one_that_was_moved(home: Path) -> None:
    data = home / ("deep" * 20) / ("folder" * 10)
    session = Session(data)
    assert len(os.fsencode(session.path)) > 107
    assert stop(data).reached
    moved = data.rename(home / "short")
    assert stop(moved).reached and len(session.heard) == 2


def test_the_note_is_its_owners_alone(home: Path) -> None:
    session = Session(data_of(home))
    assert stat.S_IMODE((session.data / reaching.NOTE).stat().st_mode) == 0o600
    elsewhere = Session(home / "far", path=home / "y.sock")
    assert reaching.socket_of(elsewhere.data) == home / "y.sock"
