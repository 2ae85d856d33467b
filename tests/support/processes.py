"""treadcoach in processes of its own, against the wall clock."""

import re
import subprocess
import sys
import time
from pathlib import Path


class Process:
    """A treadcoach process whose output goes to a file that can be watched."""

    def __init__(self, log: Path, *words: str) -> None:
        self.log = log
        self._file = log.open("wb")
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "treadcoach", *words],
            stdin=subprocess.PIPE,
            stdout=self._file,
            stderr=subprocess.STDOUT,
        )

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, words: str, limit_s: float = 30.0) -> None:
        end = time.monotonic() + limit_s
        while words not in self.text():
            if time.monotonic() > end:
                raise AssertionError(f"'{words}' did not come within {limit_s} s:\n{self.text()[-2000:]}")
            time.sleep(0.02)  # another process is at work; there is no event to wait for

    def type(self, word: str) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(word.encode() + b"\n")
        self.popen.stdin.flush()

    def end(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()
        self._file.close()
        if self.popen.stdin is not None:
            self.popen.stdin.close()


class Sim(Process):
    """`treadcoach sim`, with what reached its control point."""

    def stops(self) -> int:
        return self.text().count(": 0801 stop_or_pause")

    def wait_for_stop(self, more_than: int = 0) -> None:
        end = time.monotonic() + 5
        while self.stops() <= more_than:
            assert time.monotonic() < end, f"no STOP at the control point:\n{self.text()[-1500:]}"
            time.sleep(0.02)  # as above

    def speed(self) -> float:
        before = len(self.text())
        self.type("state")
        end = time.monotonic() + 5
        while time.monotonic() < end:
            found = re.findall(r"([0-9.]+) km/h", self.text()[before:])
            if found:
                return float(found[-1])
            time.sleep(0.02)  # as above
        raise AssertionError("the sim does not say its speed")
