"""The coach's side of the warden: starts it, gives it heartbeats, and replaces it when it is not heard."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from treadcoach.core.errors import TreadcoachError
from treadcoach.warden.heartbeats import ALL_IS_WELL, TAKEN, YOURS, beat_for, session_octets

BACKEND = "treadcoach.virtual.bleak_backend:install"
FROZEN_AFTER_S = 3.0
FIRST_ANSWER_S = 15.0
"""A new one has its libraries to load first; on a small computer that takes seconds."""
SAID_AFTER_S = 5.0
"""So long without a warden is not worth a word: a new one takes a moment."""
AGAIN_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_S = 20.0
"""A warden that has lived so long ended by something else than what ended the ones before."""
GOODBYE_S = 2.0
TAKES_OVER_S = 15.0
"""One that was just started has its libraries to load first."""
NOBODY_GUARDS = (
    "The warden does not run: nobody stops the belt if this program dies. Keep the safety key clipped on."
)
GUARDS_AGAIN = "The warden runs again: it stops the belt if this program dies."


class WardenLink:
    """A running warden. `beat` on every tick; at the end `stand_down`, or `hand_over`.

    on_trouble: called once with words for the runner when there has been no warden for some seconds;
    on_relief: called when there is one again after that. Seconds here are the wall's.
    """

    def __init__(
        self,
        address: str,
        report: Path,
        air: str | None,
        *,
        sensors: tuple[str, ...] = (),
        on_trouble: Callable[[str], None] = lambda _text: None,
        on_relief: Callable[[str], None] = lambda _text: None,
    ) -> None:
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
        self._on_trouble = on_trouble
        self._on_relief = on_relief
        self._process: subprocess.Popen[bytes] | None = None
        self._killed: list[subprocess.Popen[bytes]] = []
        self._is_wanted = False
        self._session: int | None = None
        self._keep_open: tuple[int, ...] = ()
        self._started_s = 0.0
        self._has_answered = False
        self._unanswered_s: float | None = None
        self._unguarded_s: float | None = None
        self._losses = 0
        self._next_start_s = 0.0
        self._has_said = False

    @property
    def guards(self) -> bool:
        """Whether a warden has answered, and nothing is wrong with it as far as is known."""
        return self._process is not None and self._has_answered

    def start(self, keep_open: tuple[int, ...] = ()) -> None:
        """Raises TreadcoachError when no warden can be started: then no belt is started either.

        keep_open: descriptors that every warden of this session holds as well, while it lives.
        """
        self._is_wanted = True
        self._keep_open = keep_open
        try:
            self._spawn()
        except OSError as error:
            raise TreadcoachError(f"the warden cannot be started: {error}") from error

    def say_session(self, number: int) -> None:
        """The session's number in the journal, for the warden's report."""
        self._session = number
        self._write(session_octets(number))

    def beat(self, *, released: bool, standing: bool = False) -> None:
        """One heartbeat. standing: the belt is believed to stand (a pause, a break).

        A warden that died or froze is replaced, and the new one told at once how things are.
        Never raises and never waits.
        """
        if not self._is_wanted:
            return
        now_s = time.monotonic()
        self._reap()
        self._hear(now_s)
        if self._process is None and now_s >= self._next_start_s:
            try:
                self._spawn()
            except OSError:
                self._losses += 1
                self._next_start_s = now_s + self._pause_s()
        self._write(beat_for(released=released, standing=standing))
        if self._process is not None and self._unanswered_s is None:
            self._unanswered_s = now_s
        if self.guards:
            return
        if self._unguarded_s is None:
            self._unguarded_s = now_s
        if not self._has_said and now_s - self._unguarded_s >= SAID_AFTER_S:
            self._has_said = True
            self._on_trouble(NOBODY_GUARDS)

    async def stand_down(self) -> None:
        """The session has ended and the belt is not in our hands any more. Returns when no warden is left."""
        self._is_wanted = False
        process, end_s = self._process, time.monotonic() + GOODBYE_S
        if process is not None:
            self._write(ALL_IS_WELL)
            # Other belts may be led by this loop: nothing blocks here.
            await _gone(process, end_s)
            self._drop(process)
        for killed in tuple(self._killed):
            await _gone(killed, end_s + GOODBYE_S)
        self._reap()

    async def hand_over(self) -> None:
        """The session is over, and the belt was not seen to stand: from now on it is the warden's.

        This process may lead other belts: it is not ended. One that does not answer is replaced once.
        """
        self._is_wanted = False
        for _ in range(2):
            if self._process is None:
                with suppress(OSError):  # said in the journal: nobody has seen the belt stand
                    self._spawn()
            self._unanswered_s = None
            self._write(beat_for(released=True, standing=False) + YOURS)
            if await self._answers():
                return
            if self._process is not None:
                self._drop(self._process)

    async def _answers(self) -> bool:
        patience_s = GOODBYE_S if self._has_answered else TAKES_OVER_S
        process, until_s = self._process, time.monotonic() + patience_s
        if process is None or process.stdout is None:
            return False
        while process.poll() is None and time.monotonic() < until_s:
            with suppress(BlockingIOError):
                if TAKEN in os.read(process.stdout.fileno(), 65536):
                    return True
            await asyncio.sleep(0.02)
        return False

    # -- inside ------------------------------------------------------------------------

    def _spawn(self) -> None:
        # A session of its own: Ctrl-C and Ctrl-Z in the terminal are for the coach alone.
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            pass_fds=self._keep_open,
        )
        assert process.stdin is not None and process.stdout is not None
        os.set_blocking(process.stdin.fileno(), False)
        os.set_blocking(process.stdout.fileno(), False)
        self._process = process
        self._started_s = time.monotonic()
        self._unanswered_s = None
        self._has_answered = False
        if self._session is not None:
            self._write(session_octets(self._session))

    def _hear(self, now_s: float) -> None:
        """Whether it lives: by its answers, and by its process."""
        process = self._process
        if process is None:
            return
        assert process.stdout is not None
        try:
            answers = os.read(process.stdout.fileno(), 65536)
        except BlockingIOError:
            answers = b""
        if answers:
            self._unanswered_s = None
            if not self._has_answered:
                self._guarded()
        patience_s = FROZEN_AFTER_S if self._has_answered else FIRST_ANSWER_S
        frozen = self._unanswered_s is not None and now_s - self._unanswered_s > patience_s
        if process.poll() is None and not frozen:
            return
        self._drop(process)
        self._losses = 1 if now_s - self._started_s > STEADY_S else self._losses + 1
        self._next_start_s = now_s + self._pause_s()

    def _guarded(self) -> None:
        self._has_answered = True
        self._unguarded_s = None
        if self._has_said:
            self._has_said = False
            self._on_relief(GUARDS_AGAIN)

    def _pause_s(self) -> float:
        return AGAIN_S[min(max(self._losses - 1, 0), len(AGAIN_S) - 1)]

    def _drop(self, process: subprocess.Popen[bytes]) -> None:
        """End it for good. Its pipes are closed when it is gone: a closed one would make it act."""
        if process.poll() is None:
            process.kill()
        self._killed.append(process)
        self._process = None
        self._has_answered = False
        self._unanswered_s = None
        self._reap()

    def _reap(self) -> None:
        for process in [process for process in self._killed if process.poll() is not None]:
            self._killed.remove(process)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _write(self, octets: bytes) -> None:
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        try:
            os.write(process.stdin.fileno(), octets)
        except (BlockingIOError, BrokenPipeError):
            return  # it reads nothing: the next beat finds out why


async def _gone(process: subprocess.Popen[bytes], until_s: float) -> None:
    """Wait until a process has ended, or the wall's clock says that it is enough."""
    while process.poll() is None and time.monotonic() < until_s:  # noqa: ASYNC110  # there is no event
        await asyncio.sleep(0.02)
