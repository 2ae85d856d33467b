"""Event loops with a clock of their own: as fast as the wall, N times as fast, or virtual.

The program has one clock, the running loop's `time()`. In virtual time the loop jumps to
the next timer when nothing is ready, so an hour's session takes about a second.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any


class _PacedSelector(selectors.DefaultSelector):
    """Waits `speed_up` times shorter than asked; with None it does not wait but skips."""

    def __init__(self, speed_up: float | None) -> None:
        super().__init__()
        self.speed_up = speed_up
        self.skipped_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.speed_up is not None:
            return super().select(None if timeout is None else timeout / self.speed_up)
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready and timeout > 0:
            self.skipped_s += timeout
        return ready


class PacedLoop(asyncio.SelectorEventLoop):
    """A selector loop whose time runs `speed_up` times as fast as the wall; None: virtual."""

    def __init__(self, speed_up: float | None = 1.0) -> None:
        self._paced = _PacedSelector(speed_up)
        self._began_s = time.monotonic()
        super().__init__(self._paced)

    def time(self) -> float:
        if self._paced.speed_up is None:
            return self._paced.skipped_s
        real = time.monotonic()
        return self._began_s + (real - self._began_s) * self._paced.speed_up


def run_paced[T](main: Coroutine[Any, Any, T], speed_up: float | None = 1.0) -> T:
    """asyncio.run on a loop of that pace."""
    with asyncio.Runner(loop_factory=lambda: PacedLoop(speed_up)) as runner:
        return runner.run(main)
