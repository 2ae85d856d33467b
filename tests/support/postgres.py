"""A real Postgres, started by the tests in a folder of its own, that can be killed and started again."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import Engine

from tests.support.ports import free_port
from treadcoach.store import opening

UP_WITHIN_S = 30.0
OLDEST = 15


def _folder_of_programs() -> Path | None:
    """Debian keeps them out of the path, a folder a version."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    fitting = [path for path in found if int(path.parent.name.partition(".")[0]) >= OLDEST]
    if fitting:
        return max(fitting, key=lambda path: int(path.parent.name.partition(".")[0]))
    program = shutil.which("initdb")
    return None if program is None else Path(program).resolve().parent


PROGRAMS = _folder_of_programs()
WHY_NOT = f"no Postgres {OLDEST} or newer is installed"


@contextmanager
def engines_closed() -> Iterator[None]:
    """Close the pooled connections of every store that is opened meanwhile."""
    opened: list[Engine] = []
    make = opening.create_engine

    def making(*words: Any, **more: Any) -> Engine:
        opened.append(make(*words, **more))
        return opened[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "create_engine", making)
        yield
    for engine in opened:
        engine.dispose()


class Postgres:
    """One server. Run by root, as in a container, it becomes the user nobody: Postgres refuses root."""

    def __init__(self) -> None:
        assert PROGRAMS is not None
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="treadcoach-pg-"))
        self._user: str | None = None
        if os.geteuid() == 0:
            self._user = "nobody"
            os.chown(self._folder, pwd.getpwnam("nobody").pw_uid, -1)
        self._process: subprocess.Popen[bytes] | None = None
        words = ["-D", str(self._folder / "data"), "-U", "coach", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self._run("initdb", *words, "--locale=C")

    def _run(self, program: str, *words: str) -> None:
        assert PROGRAMS is not None
        subprocess.run(
            [PROGRAMS / program, *words], check=True, capture_output=True, user=self._user, cwd=self._folder
        )

    def start(self) -> "Postgres":
        assert PROGRAMS is not None
        # fsync off: the tests kill processes, not computers.
        words = ["-D", str(self._folder / "data"), "-p", str(self.port), "-k", str(self._folder), "-F",
                 "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=120"]  # fmt: skip
        self._process = subprocess.Popen(
            [PROGRAMS / "postgres", *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, cwd=self._folder,
        )  # fmt: skip
        end = time.monotonic() + UP_WITHIN_S
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return self
            except psycopg.OperationalError:
                assert time.monotonic() < end, "Postgres does not come up"
                time.sleep(0.05)  # another process: the wall clock is the only one there is

    def url(self, database: str) -> str:
        return f"postgresql://coach@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a database with nothing in it."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as line:
            line.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]  # a name of our own
        return self.url(name)

    def kill(self) -> None:
        """As a power cut of that server: no goodbye to anybody."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children()
        self._process.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self._process.wait(timeout=10)
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=20)
        shutil.rmtree(self._folder, ignore_errors=True)
