"""Event loops with a clock of their own: as fast as the wall, N times as fast, or virtual.

The program has one clock, the running loop's `time()`. In virtual time the loop jumps to
the next timer when nothing is ready, so an hour's session takes about a second.
"""

import asyncio
import selectors
import sys
import time
from collections.abc import Coroutine
from typing import Any

STALL_S = 0.1
"""A faster clock takes no more than this of a wall that nobody looked at: a machine that stood still for
two seconds is no forty seconds of silence to a belt. At the wall's own pace every second counts."""


class _PacedSelector(selectors.DefaultSelector):
    """Waits `speed_up` times shorter than asked; with None it does not wait but skips."""

    def __init__(self, speed_up: float | None) -> None:
        super().__init__()
        self.speed_up = speed_up
        self.skipped_s = 0.0
        self._began_s = self._seen_s = time.monotonic()
        self._lost_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.speed_up is not None:
            wait_s = None if timeout is None else max(timeout, 0.0) / self.speed_up
            self._look(0.0)
            ready = super().select(wait_s)
            self._look(wait_s)
            return ready
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready and timeout > 0:
            self.skipped_s += timeout
        return ready

    def _look(self, meant_s: float | None) -> float:
        """The wall's time, less what a faster clock does not take. meant_s: a wait that was asked for."""
        now_s = time.monotonic()
        if self.speed_up is not None and self.speed_up > 1 and meant_s is not None:
            self._lost_s += max(now_s - self._seen_s - meant_s - STALL_S, 0.0)
        self._seen_s = now_s
        return now_s - self._lost_s

    def time(self) -> float:
        """The clock in seconds, which never goes back."""
        if self.speed_up is None:
            return self.skipped_s
        return self._began_s + (self._look(0.0) - self._began_s) * self.speed_up


class PacedLoop(asyncio.SelectorEventLoop):
    """A selector loop whose time runs `speed_up` times as fast as the wall; None: virtual."""

    def __init__(self, speed_up: float | None = 1.0) -> None:
        self._paced = _PacedSelector(speed_up)
        super().__init__(self._paced)

    def time(self) -> float:
        return self._paced.time()


class SleepMeter:
    """How long the computer slept: the loop's clock stands still meanwhile, and old readings look fresh."""

    def __init__(self) -> None:
        self._before_s = self._gap_s()

    @staticmethod
    def _gap_s() -> float:
        """Time since the computer was started, less the time it was awake; 0.0 where that is not known."""
        if sys.platform != "linux":
            return 0.0
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)

    def slept_s(self) -> float:
        """Seconds since the last time that this was asked."""
        before_s, self._before_s = self._before_s, self._gap_s()
        return max(self._before_s - before_s, 0.0)


def run_paced[T](main: Coroutine[Any, Any, T], speed_up: float | None = 1.0) -> T:
    """asyncio.run on a loop of that pace."""
    with asyncio.Runner(loop_factory=lambda: PacedLoop(speed_up)) as runner:
        return runner.run(main)
