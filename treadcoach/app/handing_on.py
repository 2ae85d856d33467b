"""Each finished session's files, handed to a folder and to a command of the owner's, again until it works.

Runs in the house, or after `run`: never in a coach while its belt moves. There are no accounts in here: what
becomes of a file is the command's or the folder's business.
"""

import fcntl
import logging
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from treadcoach.app.config import folders, runner_names
from treadcoach.app.config_file import CONFIG, read_config
from treadcoach.app.desk import Desk, open_desk
from treadcoach.app.exporting import WRITERS, export
from treadcoach.core.errors import InputError, TreadcoachError
from treadcoach.store import handing, history
from treadcoach.store.handing import Handing

FIELDS = ("folder", "formats", "command")
FILE = "{file}"
BACK_DAYS = 14
"""Older sessions are not handed on by themselves: sessions export."""
COMMAND_LIMIT_S = 300.0
RETRY_S = (60.0, 300.0, 1800.0, 7200.0, 21_600.0)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Export:
    """Where finished files go. command: words, one of them or more with {file}."""

    folder: Path | None
    formats: tuple[str, ...]
    command: tuple[str, ...]

    @property
    def targets(self) -> list[str]:
        return (["folder"] if self.folder else []) + (["command"] if self.command else [])


def load_export(desk: Desk) -> Export:
    """[export] of config.toml. Raises InputError.

    What was run on a simulated air goes nowhere near a person's account: [simulated_export] is apart.
    """
    places = desk.places
    name = "simulated_export" if desk.simulated else "export"
    table = read_config(places.house_config).get(name, {})
    place = f"{places.house_config / CONFIG}, {name}"
    if not isinstance(table, dict) or set(table) - set(FIELDS):
        raise InputError(place, table, f"a table with {', '.join(FIELDS)}")
    folder, command = table.get("folder"), table.get("command", [])
    formats = table.get("formats", ["fit"])
    if folder is not None and (not isinstance(folder, str) or not Path(folder).expanduser().is_absolute()):
        raise InputError(f"{place}, folder", folder, "a whole path, such as ~/Runs or /home/me/Runs")
    if not isinstance(formats, list) or not formats or not set(formats) <= set(WRITERS):
        raise InputError(f"{place}, formats", formats, f"a list of {', '.join(WRITERS)}")
    is_words = isinstance(command, list) and all(isinstance(word, str) for word in command)
    if not is_words or (command and not any(FILE in word for word in command)):
        raise InputError(f"{place}, command", command, f'a list of words with {FILE}: ["upload", "{FILE}"]')
    where = None if folder is None else Path(folder).expanduser()
    if where is not None and places.is_practice:
        where = where / places.config.name  # each runner's data is that runner's
    return Export(where, tuple(formats), tuple(command))


class HandingOn:
    """Hands on what is due of one runner. clock: seconds since 1970."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.time) -> None:
        self._desk = desk
        self._clock = clock

    def due(self, *, of_all: bool = False) -> list[Handing]:
        """What is to be tried now; of_all: of every runner of this computer. Raises InputError."""
        desk, now_s = self._desk, self._clock()
        runner = None if of_all else desk.runner().name
        computer, since_s = socket.gethostname(), now_s - BACK_DAYS * 86_400
        targets = load_export(desk).targets
        found = (handing.due(desk.engine, runner, computer, one, since_s, now_s) for one in targets)
        return [entry for entries in found for entry in entries]

    def hand_on(self) -> list[Handing]:
        """Try everything that is due, once. How each try went. Raises InputError for wrong settings."""
        wanted, tried = load_export(self._desk), []
        for found in self.due():
            tried.append(self._try(found, wanted))
            handing.write(self._desk.engine, tried[-1])
        return tried

    def _try(self, found: Handing, wanted: Export) -> Handing:
        error = ""
        try:
            if found.target == "folder":
                self._to_folder(found.session_id, wanted)
            else:
                self._to_command(found.session_id, wanted)
        except (TreadcoachError, OSError) as problem:
            error = str(problem)
            _LOG.warning("session %d, %s: %s", found.session_id, found.target, error)
        now_s, tries = self._clock(), found.tries + 1
        done_s = None if error else now_s
        next_s = now_s + RETRY_S[min(tries, len(RETRY_S)) - 1]
        return Handing(found.session_id, found.target, tries, done_s, next_s, error[:500])

    def _to_folder(self, number: int, wanted: Export) -> None:
        assert wanted.folder is not None
        wanted.folder.mkdir(parents=True, exist_ok=True)
        for kind in wanted.formats:
            path = wanted.folder / self._name(number, kind)
            # Somebody who watches the folder sees whole files only.
            part = path.with_name(f".{path.name}.part")
            part.write_bytes(export(self._desk, number, kind))
            part.replace(path)

    def _to_command(self, number: int, wanted: Export) -> None:
        with tempfile.TemporaryDirectory(prefix="treadcoach-") as folder:
            for kind in wanted.formats:
                path = Path(folder) / self._name(number, kind)
                path.write_bytes(export(self._desk, number, kind))
                run_command([word.replace(FILE, str(path)) for word in wanted.command])

    def _name(self, number: int, kind: str) -> str:
        row = history.get_session(self._desk.engine, number, self._desk.only)
        start = datetime.fromtimestamp(row.started_unix_s, UTC).astimezone()
        return f"treadcoach-{start:%Y-%m-%d-%H%M%S}-{number}.{kind}"

    def state(self) -> dict[str, Any]:
        """For people: where files go, and how the last ones went."""
        wanted = load_export(self._desk)
        found = handing.latest(self._desk.engine, self._desk.runner().name)
        return {
            "folder": None if wanted.folder is None else str(wanted.folder),
            "formats": list(wanted.formats),
            "has_command": bool(wanted.command),
            "latest": [
                {
                    "session": one.session_id, "target": one.target, "done": one.done_unix_s is not None,
                    "tries": one.tries, "error": one.error, "given_up": one.tries >= handing.MOST_TRIES,
                }
                for one in found
            ],
        }  # fmt: skip


def hand_on_all(data_dir: Path | None, *, simulated: bool) -> list[tuple[str, Handing]]:
    """Of every runner of this home or practice, one program at a time. Who, and how each try went."""
    base = folders(data_dir, simulated=simulated)
    base.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    tried = []
    with (base.data / "handing-on.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        alone = base.is_practice or not runner_names(base.house_config)
        for runner in [None] if alone else runner_names(base.house_config):
            desk = open_desk(data_dir, simulated=simulated, runner=runner)
            tried += [(desk.runner().name, entry) for entry in HandingOn(desk).hand_on()]
            desk.engine.dispose()
    return tried


def run_command(words: list[str]) -> None:
    """Run it to its end, without a shell. Raises TreadcoachError with what it said when it fails or hangs."""
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise TreadcoachError(f"{words[0]} cannot be run: {error.strerror}") from error
    with process:
        try:
            said, _ = process.communicate(timeout=COMMAND_LIMIT_S)
        except subprocess.TimeoutExpired:
            # With everything that it started.
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise TreadcoachError(f"{words[0]} did not end within {COMMAND_LIMIT_S:.0f} s") from None
    if process.returncode != 0:
        tail = said.decode(errors="replace").strip()[-200:]
        raise TreadcoachError(f"{words[0]} ended with {process.returncode}: {tail}")
