"""Finds the sessions that run on this computer, and sends them a STOP or a PAUSE.

A stop may be asked for on a busy computer, from a cron job, by sudo or by a service. So this module needs the
standard library alone, and a session is found through its data folder, whatever else the environment says.
"""

import json
import os
import pwd
import socket
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

PROGRAM, SIMULATED, TREADMILLS = "treadcoach", "simulated", "treadmills"
NOTE = "coach.at"
"""In the data folder while a session runs: where its socket is."""
LONGEST_SOCKET = 100
"""Octets of a socket's path that every system takes."""
LONGEST_NOTE = 4096
ANSWER_WITHIN_S = 3.0
RETRY_S = 0.02

NOBODY, CUT_OFF = "no session is running", "no session is running; the last one was cut off"
NO_LINK = "the link to the treadmill is away, and it is sent as soon as that is back"
OR_ELSE = "If a belt runs: use its console, or pull the safety key"


class Place(NamedTuple):
    """A data folder in which a session may run. treadmill: of several; else empty."""

    data: Path
    treadmill: str = ""
    simulated: bool = False


class Outcome(NamedTuple):
    """reached: who took it; failed: who runs and did not take it, with why; why: there is no session."""

    reached: list[Place]
    failed: list[tuple[Place, str]]
    why: str

    def words(self, kind: str) -> str | None:
        """For people: what did not work, or None."""
        if self.failed:
            several = len(self.failed) + len(self.reached) > 1
            said = "; ".join(f"{_name(place)}: {why}" if several else why for place, why in self.failed)
            return f"{kind} has not reached the treadmill: {said}. {OR_ELSE}"
        return None if self.reached else f"{self.why}. {OR_ELSE}"


def _name(place: Place) -> str:
    return place.treadmill or str(place.data)


# -- where -------------------------------------------------------------------------------


def places(
    data_dir: Path | None, simulated: bool, treadmill: str | None, *, everybody: bool = False
) -> list[Place]:
    """Where a session may be running: real ones first, then simulated ones; of all treadmills, or of one.

    As --data-dir or TREADCOACH_HOME say; else in this account's data folder, and for an administrator in
    that of whoever called sudo. everybody: for an administrator, in those of all other accounts instead.
    """
    home = data_dir or (Path(os.environ["TREADCOACH_HOME"]) if "TREADCOACH_HOME" in os.environ else None)
    own = [home] if home is not None else _own_folders()
    if not everybody:
        return _inside(own, simulated, treadmill)
    if home is not None or os.geteuid() != 0:
        return []
    others = [_data_folder(Path(entry.pw_dir)) for entry in pwd.getpwall() if entry.pw_dir]
    return _inside([folder for folder in others if folder not in own], simulated, treadmill)


def _own_folders() -> list[Path]:
    """This account's, by XDG_DATA_HOME, HOME and its entry, and that of whoever became an administrator."""
    found = []
    if (shared := os.environ.get("XDG_DATA_HOME", "").strip()).startswith("/"):
        found.append(Path(shared) / PROGRAM)
    homes = [os.environ.get("HOME"), _home_of(str(os.getuid()))]
    if os.geteuid() == 0:
        homes += [
            _home_of(os.environ.get(who)) for who in ("SUDO_USER", "SUDO_UID", "DOAS_USER", "PKEXEC_UID")
        ]
    return found + [_data_folder(Path(home)) for home in homes if home]


def _data_folder(home: Path) -> Path:
    """As platformdirs has it."""
    inside = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
    return home / inside / PROGRAM


def _home_of(who: str | None) -> str | None:
    try:
        if not who:
            return None
        return (pwd.getpwuid(int(who)) if who.isdecimal() else pwd.getpwnam(who)).pw_dir
    except (KeyError, OverflowError):
        return None  # an account without an entry, as in a container


def _inside(folders: Iterable[Path], simulated: bool, treadmill: str | None) -> list[Place]:
    found = []
    for kind in (True,) if simulated else (False, True):
        for folder in dict.fromkeys(folders):
            data = folder / SIMULATED if kind else folder
            if treadmill is None:
                found.append(Place(data, "", kind))
            found += [
                Place(data / TREADMILLS / name, name, kind)
                for name in _names(data / TREADMILLS)
                if treadmill in (None, name)
            ]
    return found


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []  # one treadmill only, or a folder that is not ours to read


def announce(data: Path, path: Path) -> None:
    """Say in the data folder where the session's socket is. Raises OSError."""
    # By its name alone where it is beside it: from a container or another mount that is another path.
    said = path.name if path.parent == data else str(path)
    beside = data / f"{NOTE}.part"
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.fsencode(said) + b"\n")
    beside.replace(data / NOTE)


def withdraw(data: Path) -> None:
    """The session is over."""
    (data / NOTE).unlink(missing_ok=True)


def socket_of(data: Path) -> Path | None:
    """Where the session of a data folder can be reached, as it said itself; None: none was announced.

    The socket has to be of the same account as the note: nobody leads an administrator elsewhere.
    Raises PermissionError for a folder that is not this account's to read.
    """
    try:
        with os.fdopen(os.open(data / NOTE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            about = os.fstat(file.fileno())
            said = file.read(LONGEST_NOTE).removesuffix(b"\n") if stat.S_ISREG(about.st_mode) else b""
        path = data / os.fsdecode(said)
        return path if said and path.lstat().st_uid == about.st_uid else None
    except PermissionError:
        raise
    except (OSError, ValueError):
        return None


# -- what is sent ------------------------------------------------------------------------


def send_to_running(kind: str, data_dir: Path | None, simulated: bool, treadmill: str | None) -> Outcome:
    """Send an intent to every running session that can be meant; without a name a stop reaches them all."""
    outcome = send(kind, places(data_dir, simulated, treadmill))
    if outcome.reached or outcome.failed:
        return outcome
    others = send(kind, places(data_dir, simulated, treadmill, everybody=True))
    return others if others.reached or others.failed else outcome


def send(kind: str, where: Iterable[Place], wait_s: float = ANSWER_WITHIN_S) -> Outcome:
    """Send an intent to whatever runs there: first to all, then the answers are waited for.

    wait_s: for all of them together, so that one that hangs keeps it from nobody.
    """
    until_s = time.monotonic() + wait_s
    message = json.dumps({"type": "intent", "kind": kind, "source": "another terminal"}).encode() + b"\n"
    outcome = Outcome([], [], NOBODY)
    sent: list[tuple[Place, socket.socket]] = []
    busy = list(where)
    while busy:
        again: list[Place] = []
        for place in busy:
            try:
                line = connect(place.data, wait_s)
            except BlockingIOError:
                again.append(place)  # so many stand at its door: it is slow, or hangs
            except NoSession as none:
                outcome = outcome._replace(why=str(none) if outcome.why == NOBODY else outcome.why)
            except OSError as error:
                outcome.failed.append((place, error.strerror or str(error)))
            else:
                sent.append((place, line))
                with suppress(OSError):  # its answer, or that there is none, says so
                    line.sendall(message)
        if again and time.monotonic() > until_s:
            outcome.failed.extend((place, _late(wait_s)) for place in again)
            break
        busy = again
        if busy:
            time.sleep(RETRY_S)
    for place, line in sent:
        with line:
            refused = _answer(line, until_s, wait_s)
        if refused is None:
            outcome.reached.append(place)
        else:
            outcome.failed.append((place, refused))
    return outcome


class NoSession(Exception):
    """None runs in that data folder; why that is known."""


def connect(data: Path, wait_s: float) -> socket.socket:
    """A line to the session of a data folder. Raises NoSession, and OSError for one that does not take it."""
    try:
        path = socket_of(data)
    except PermissionError:
        raise NoSession(f"{data} may not be read by this account: no session can be found there") from None
    if path is None:
        raise NoSession(NOBODY if not (data / NOTE).is_file() else CUT_OFF)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(wait_s)
    try:
        with short_path(path) as short:
            line.connect(short)
    except (FileNotFoundError, ConnectionError):
        line.close()
        raise NoSession(CUT_OFF) from None
    except OSError:
        line.close()
        raise
    return line


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A socket's path as a call takes it: on Linux a long one by its folder's descriptor. Raises OSError."""
    if sys.platform != "linux" or len(os.fsencode(path)) <= LONGEST_SOCKET:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _answer(line: socket.socket, until_s: float, wait_s: float) -> str | None:
    """Why it was not taken, or None."""
    answer = b""
    try:
        while not answer.endswith(b"\n"):
            line.settimeout(max(until_s - time.monotonic(), RETRY_S))
            more = line.recv(LONGEST_NOTE)
            if not more:
                return "the session hung up"
            answer += more
        said = json.loads(answer)
        if said["type"] == "done":
            return None if said.get("linked", True) else NO_LINK
        return str(said["reason"])
    except TimeoutError:
        return _late(wait_s)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"its answer cannot be read ({error})"


def _late(wait_s: float) -> str:
    return f"the session did not answer within {wait_s:g} s"
