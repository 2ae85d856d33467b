"""Finished sessions' files, handed to a folder and to a command: whole, once, and again until it works."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import fitdecode
import pytest

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app import handing_on
from treadcoach.app.config import Folders
from treadcoach.app.desk import Desk
from treadcoach.app.handing_on import HandingOn, hand_on_all
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.practice import add_runner
from treadcoach.core.errors import InputError
from treadcoach.core.intents import IntentKind
from treadcoach.store import handing, schema
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

DAY_S = 86_400
PYTHON = sys.executable


def record(engine: object, runner: str = "runner", **more: object) -> int:
    """A short real session on the simulated air."""
    journal = Journal(engine, runner, "mill", "F0", inline=True, **more)  # type: ignore[arg-type]  # as given

    async def scenario() -> None:
        async with Rig(strap=False, recorder=JournalRecorder(journal)) as rig:
            await rig.walk()
            await rig.seconds(30)
            rig.ask(IntentKind.STOP)
            await rig.until(rig.task.done, 30)

    in_virtual_time(scenario())
    assert journal.session_id is not None
    return journal.session_id


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_engine(tmp_path / "journal.db")
    record(engine)
    yield Desk(Folders(tmp_path, tmp_path), engine)
    engine.dispose()


def settings(desk: Desk, text: str) -> None:
    (desk.places.config / "config.toml").write_text(f"[export]\n{text}\n", encoding="utf-8")


def test_a_folder_gets_whole_files_once(desk: Desk, tmp_path: Path) -> None:
    assert HandingOn(desk).hand_on() == [], "nothing goes anywhere by itself"
    settings(desk, f'folder = "{tmp_path}/Runs"\nformats = ["fit", "tcx", "csv"]')
    (tried,) = HandingOn(desk).hand_on()
    assert tried.done_unix_s is not None and tried.tries == 1
    files = sorted((tmp_path / "Runs").iterdir())
    assert [file.suffix for file in files] == [".csv", ".fit", ".tcx"], "and no part of one"
    with fitdecode.FitReader(files[1], check_crc=fitdecode.CrcCheck.RAISE) as reader:
        assert sum(1 for frame in reader if getattr(frame, "name", "") == "record") > 20
    files[1].unlink()  # the owner moved it away: it is not made again
    assert HandingOn(desk).hand_on() == []
    assert HandingOn(desk).state()["latest"][0]["done"] is True


def test_a_command_is_tried_until_it_works(desk: Desk, tmp_path: Path) -> None:
    script = tmp_path / "upload.py"
    script.write_text(
        "import pathlib, sys\n"
        f"if not pathlib.Path({str(tmp_path / 'online')!r}).exists(): sys.exit('no network here')\n"
        f"pathlib.Path({str(tmp_path / 'got')!r}).write_bytes(pathlib.Path(sys.argv[1]).read_bytes())\n"
    )
    settings(desk, f'command = ["{PYTHON}", "{script}", "{{file}}"]')
    now = [time.time()]
    hands = HandingOn(desk, lambda: now[0])
    (first,) = hands.hand_on()
    assert first.done_unix_s is None and "no network here" in first.error
    assert hands.hand_on() == [], "not before its time"
    now[0] += 61
    (second,) = hands.hand_on()
    assert second.tries == 2 and second.next_unix_s - now[0] == 300
    (tmp_path / "online").touch()
    now[0] += 301
    (third,) = hands.hand_on()
    assert third.done_unix_s is not None
    assert (tmp_path / "got").read_bytes()[8:12] == b".FIT"
    assert hands.state()["latest"][0]["tries"] == 3


def test_a_command_that_hangs_is_ended_with_what_it_started(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_on, "COMMAND_LIMIT_S", 0.5)
    settings(desk, 'command = ["sh", "-c", "sleep 60 & sleep 60", "{file}"]')
    began = time.monotonic()
    (tried,) = HandingOn(desk).hand_on()
    assert "did not end" in tried.error and time.monotonic() - began < 20


def test_what_cannot_be_run_or_written_is_said_and_kept(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings(desk, f'folder = "{tmp_path}/file/Runs"\ncommand = ["no-such-program", "{{file}}"]')
    errors = {one.target: one.error for one in HandingOn(desk).hand_on()}
    assert "no-such-program cannot be run" in errors["command"]
    assert "file" in errors["folder"]


def test_no_shell_reads_the_command(desk: Desk, tmp_path: Path) -> None:
    settings(desk, f'command = ["echo", "{{file}}; touch {tmp_path}/pwned", "$(touch {tmp_path}/pwned)"]')
    (tried,) = HandingOn(desk).hand_on()
    assert tried.done_unix_s is not None and not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('folder = "Runs"', "a whole path"),
        ("folder = 3", "a whole path"),
        ('formats = ["gpx"]', "a list of csv, fit, tcx"),
        ("formats = []", "a list of"),
        ('command = "upload {file}"', "a list of words"),
        ('command = ["upload"]', "{file}"),
        ('colour = "red"', "a table with"),
    ],
)
def test_wrong_settings_name_the_place(desk: Desk, text: str, words: str) -> None:
    settings(desk, text)
    with pytest.raises(InputError) as caught:
        HandingOn(desk).hand_on()
    assert words in str(caught.value) and "config.toml, export" in str(caught.value)


def test_old_running_empty_imported_and_others_sessions_stay(desk: Desk, tmp_path: Path) -> None:
    settings(desk, f'folder = "{tmp_path}/Runs"')
    later = HandingOn(desk, lambda: time.time() + 15 * DAY_S)
    assert later.hand_on() == [], "five years of history are not uploaded at the first start"
    for change in ({"state": "running"}, {"state": "imported"}, {"belt_time_s": 0.0}, {"station": "other/1"}):
        with desk.engine.begin() as connection:
            before = connection.execute(schema.sessions.select()).mappings().one()
            connection.execute(schema.sessions.update().values(**change))
        assert HandingOn(desk).hand_on() == [], change
        with desk.engine.begin() as connection:
            connection.execute(schema.sessions.update().values(**{key: before[key] for key in change}))
    assert len(HandingOn(desk).hand_on()) == 1


def test_it_is_given_up_at_last(desk: Desk, tmp_path: Path) -> None:
    settings(desk, 'command = ["false", "{file}"]')
    now = [time.time()]
    hands = HandingOn(desk, lambda: now[0])
    tries = 0
    while hands.hand_on():
        tries += 1
        now[0] += 1.0
        with desk.engine.begin() as connection:
            connection.execute(schema.handed_on.update().values(next_unix_s=0.0))
    assert tries == handing.MOST_TRIES and hands.state()["latest"][0]["given_up"] is True


def test_a_simulated_session_goes_to_no_account_of_a_person(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "simulated" / "journal.db")
    record(engine, "runner (simulated)")
    desk = Desk(Folders(tmp_path / "simulated", tmp_path, simulated=True), engine, simulated=True)
    settings(desk, f'folder = "{tmp_path}/Runs"')
    assert HandingOn(desk).hand_on() == [] and not (tmp_path / "Runs").exists()
    (tmp_path / "config.toml").write_text(f'[simulated_export]\nfolder = "{tmp_path}/Tries"\n')
    assert len(HandingOn(desk).hand_on()) == 1
    engine.dispose()


def test_each_runner_of_a_practice_has_a_folder(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "journal.db")
    for runner in ("ada", "ben"):
        add_runner(tmp_path, runner)
        record(engine, runner)
    engine.dispose()
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f'[export]\nfolder = "{tmp_path}/Runs"\n')
    tried = hand_on_all(tmp_path, simulated=False)
    assert sorted(runner for runner, _ in tried) == ["ada", "ben"]
    assert {path.name: len(list(path.iterdir())) for path in (tmp_path / "Runs").iterdir()} == {
        "ada": 1,
        "ben": 1,
    }
