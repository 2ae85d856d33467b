"""STOP and PAUSE before any command line is built: what is read, what is said, and what is not loaded."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.reached import Session
from treadcoach.app import reaching
from treadcoach.cli.entry import Urgent, read_urgent
from treadcoach.core.errors import LinkError

HEAVY = ("typer", "click", "pydantic", "sqlalchemy", "rich", "asyncio", "platformdirs", "numpy", "bleak")
MOST_CPU_S = 0.15


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    Session.end_all()


def treadcoach(*words: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """In an environment that says nothing, and from another folder."""
    said = {} if home is None else {"TREADCOACH_HOME": str(home)}
    code = (
        "import sys; sys.argv[0] = 'treadcoach'; from treadcoach.cli.entry import main\n"
        "try: main()\n"
        f"finally: print('loaded', [name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True, text=True, check=False, cwd="/",
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(Path.cwd()), **said},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("stop", Urgent("stop", None, False, None)),
        ("pause --simulated", Urgent("pause", None, True, None)),
        ("stop --treadmill left --data-dir /d", Urgent("stop", Path("/d"), False, "left")),
        ("stop --data-dir=/d --treadmill=left --simulated", Urgent("stop", Path("/d"), True, "left")),
        ("--runner ann stop", Urgent("stop", None, False, None)),
        ("--runner=stop pause", Urgent("pause", None, False, None)),
        *((words, None) for words in (
            "", "status", "stop --help", "--help stop", "stop now", "stop --treadmill", "stop --simulate",
            "--runner stop", "unwell", "run --treadmill stop", "stop --simulated=yes", "STOP",
        )),
    ],
)  # fmt: skip
def test_what_is_typed(typed: str, read: Urgent | None) -> None:
    assert read_urgent(typed.split()) == read


@pytest.mark.parametrize("kind", ["stop", "pause"])
def test_it_is_sent_without_loading_anything_heavy(tmp_path: Path, kind: str) -> None:
    session = Session(tmp_path / "simulated")
    done = treadcoach(kind, home=tmp_path)
    assert done.stdout == f"{kind} was sent.\n" and done.returncode == 0, done.stderr
    assert done.stderr == "loaded []\n"
    assert session.kinds() == [kind]


def test_without_a_session_it_says_what_to_do(tmp_path: Path) -> None:
    done = treadcoach("stop", home=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == (
        "treadcoach: no session is running. If a belt runs: use its console, or pull the safety key\n"
        "loaded []\n"
    )


def test_one_of_two_that_did_not_take_it_is_said(tmp_path: Path) -> None:
    Session(tmp_path / "treadmills" / "left")
    Session(tmp_path / "treadmills" / "right", answer=b"")
    done = treadcoach("stop", home=tmp_path)
    assert done.returncode == 2 and "stop was sent." in done.stdout
    assert "right: the session hung up" in done.stderr


def test_whatever_else_is_typed_is_the_whole_command_lines(tmp_path: Path) -> None:
    helped = treadcoach("stop", "--help", home=tmp_path)
    assert helped.returncode == 0 and "--treadmill" in helped.stdout
    unknown = treadcoach("stop", "--treadmill", "left", home=tmp_path)
    assert unknown.returncode == 2 and "--treadmill: 'left' is not usable" in unknown.stderr
    named = Session(tmp_path / "treadmills" / "left")
    assert treadcoach("stop", "--treadmill", "left", home=tmp_path).returncode == 0
    assert named.kinds() == ["stop"]


def test_the_whole_command_line_sends_it_the_same_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from treadcoach.cli.remote import send

    session = Session(tmp_path)
    assert send("stop", tmp_path, False) == 0 and session.kinds() == ["stop"]
    assert capsys.readouterr().out == "stop was sent.\n"
    session.cut_off()
    with pytest.raises(LinkError, match=reaching.CUT_OFF):
        send("stop", tmp_path, False)


def test_the_installed_command_takes_little_of_a_processor(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "treadcoach"
    if not command.is_file():
        pytest.skip("the program is not installed here")
    Session(tmp_path)
    took = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [command, "stop", "--data-dir", tmp_path], capture_output=True, text=True, check=False, cwd="/"
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, done.stderr
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(took) <= MOST_CPU_S, took
