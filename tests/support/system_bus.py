"""A real D-Bus of the tests' own with a stand-in for logind on it, each in a process of its own.

`python -m tests.support.system_bus MODE`: the stand-in. It prints one line for each lock that is asked for,
and one when the last descriptor of it is closed, which is all that logind goes by.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

DAEMON = shutil.which("dbus-daemon")
needs_dbus = pytest.mark.skipif(
    DAEMON is None or sys.platform != "linux", reason="no dbus-daemon is installed (apt install dbus)"
)
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={path}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
UP_WITHIN_S = 15.0


class SystemBus:
    """A bus at `address`; with a mode also logind's stand-in: grants, refuses or hangs."""

    def __init__(self, folder: Path, mode: str | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._mode = mode
        self._log = folder / "login1.log"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.address = f"unix:path={folder / 'bus'}"

    def __enter__(self) -> "SystemBus":
        assert DAEMON is not None
        config = self._folder / "bus.conf"
        config.write_text(CONFIG.format(path=self._folder / "bus"), encoding="utf-8")
        command = [DAEMON, f"--config-file={config}", "--nofork", "--nopidfile"]
        self._processes.append(subprocess.Popen(command))
        self._until((self._folder / "bus").exists, "the bus")
        if self._mode is not None:
            environment = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": self.address}
            with self._log.open("wb") as file:
                self._processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "tests.support.system_bus", self._mode],
                        stdout=file,
                        env=environment,
                    )
                )
            self._until(lambda: "ready" in self.lines, "logind's stand-in")
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.kill()
            process.wait()

    @property
    def lines(self) -> list[str]:
        return self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []

    @property
    def held(self) -> int:
        """So many locks are held now."""
        return sum(line.startswith("taken") for line in self.lines) - self.lines.count("released")

    def until_held(self, count: int, within_s: float = 10.0) -> None:
        self._until(lambda: self.held == count, f"{count} locks, there are {self.held}", within_s)

    def _until(self, true: Callable[[], bool], what: str, within_s: float = UP_WITHIN_S) -> None:
        end = time.monotonic() + within_s
        while not true():
            assert time.monotonic() < end, f"not there: {what}; {self.lines}"
            time.sleep(0.02)  # other processes: the wall clock is the only one there is


async def _stand_in(mode: str) -> None:
    from dbus_fast import BusType, DBusError
    from dbus_fast.aio import MessageBus
    from dbus_fast.annotations import DBusStr, DBusUnixFd
    from dbus_fast.service import ServiceInterface, dbus_method

    loop = asyncio.get_running_loop()
    ours: set[int] = set()

    class Manager(ServiceInterface):
        """Of org.freedesktop.login1."""

        @dbus_method(name="Inhibit")
        async def inhibit(self, what: DBusStr, who: DBusStr, why: DBusStr, mode_: DBusStr) -> DBusUnixFd:
            print("asked", flush=True)
            if mode == "refuses":
                raise DBusError("org.freedesktop.DBus.Error.AccessDenied", "Permission denied")
            if mode == "hangs":
                await loop.create_future()
            held, theirs = os.pipe()
            ours.add(held)

            def closed() -> None:
                loop.remove_reader(held)
                print("released", flush=True)

            loop.add_reader(held, closed)
            print(f"taken {what} {mode_} by {who}: {why}", flush=True)
            # It goes out with the answer; this process' own copy would hold the lock for good.
            loop.call_later(0.2, os.close, theirs)
            return theirs

    bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
    bus.export("/org/freedesktop/login1", Manager("org.freedesktop.login1.Manager"))
    await bus.request_name("org.freedesktop.login1")
    print("ready", flush=True)
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    asyncio.run(_stand_in(sys.argv[1]))
