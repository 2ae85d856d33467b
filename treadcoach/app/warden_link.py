"""The coach's side of the warden: starts it, gives it heartbeats, tells it when all is well."""

import os
import subprocess
import sys
from pathlib import Path

from treadcoach.core.errors import TreadcoachError

BACKEND = "treadcoach.virtual.bleak_backend:install"


class WardenLink:
    """A running warden. `beat` on every tick; `stand_down` when the session has ended well."""

    def __init__(self, address: str, report: Path, air: str | None, *, sensors: tuple[str, ...] = ()) -> None:
        """address: the treadmill's. sensors: whose links it frees as well when the coach is gone."""
        self._command = [
            sys.executable,
            "-m",
            "treadcoach.warden",
            "--address",
            address,
            "--report",
            str(report),
            "--coach",
            str(os.getpid()),
        ]
        for sensor in sensors:
            self._command += ["--sensor", sensor]
        if air is not None:
            self._command += ["--backend", BACKEND, "--air", air]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises TreadcoachError when no warden can be started: then no belt is started either."""
        try:
            # A session of its own: Ctrl-C and Ctrl-Z in the terminal are for the coach alone.
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, start_new_session=True, stdout=subprocess.DEVNULL
            )
        except OSError as error:
            raise TreadcoachError(f"the warden cannot be started: {error}") from error
        assert self._process.stdin is not None
        os.set_blocking(self._process.stdin.fileno(), False)

    def beat(self, *, released: bool) -> None:
        """One heartbeat. A warden that is gone is replaced. Raises TreadcoachError."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        try:
            os.write(self._process.stdin.fileno(), b"R" if released else b".")
        except BlockingIOError:
            return  # it has a full pipe of heartbeats to read
        except BrokenPipeError:
            self.start()

    def stand_down(self) -> None:
        """The session has ended and the belt is not in our hands any more."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        try:
            os.write(process.stdin.fileno(), b"Q")
            process.stdin.close()
        except (BrokenPipeError, BlockingIOError):
            process.kill()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
