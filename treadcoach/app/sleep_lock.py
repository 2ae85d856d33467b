"""Keeps the computer awake while a belt may run: coach and warden sleep with it, and the belt runs on.

On Linux logind holds the lock for as long as a descriptor of it is open. The warden has a copy, so that
a laptop whose lid is shut stays awake until the belt of a dead coach was stopped. macOS has `caffeinate`.
"""

import asyncio
import os
import select
import shutil
import subprocess
import sys
from typing import Any

NO_LOCK = (
    "Nothing keeps this computer awake: if it sleeps, nobody stops the belt."
    " Switch off automatic sleep, and leave the lid open."
)
DEADLINE_S = 2.0
WHAT = "sleep:idle:handle-lid-switch"
WHY = "a treadmill's belt may run"
LOGIN1, LOGIN1_PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
EVEN_SIMULATED = "TREADCOACH_AWAKE_FOR_SIMULATED"
"""Set for tests: a simulated belt hurts nobody, so that its sessions keep no computer awake."""


class SleepLock:
    """One lock. `take` it before a belt can run, `release` it at the end, whatever happened."""

    def __init__(self, platform: str = sys.platform) -> None:
        self._platform = platform
        self._descriptor: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.why_not = ""

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What the warden holds as well."""
        return () if self._descriptor is None else (self._descriptor,)

    async def take(self) -> bool:
        """Whether the computer is kept awake from now on. Never raises for the lock's sake; 2 s at most."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                if self._platform == "darwin":
                    self._process = _caffeinate()
                elif self._platform.startswith("linux"):
                    self._descriptor = await _inhibit()
                else:
                    self.why_not = f"no way is known on {self._platform}"
                    return False
        except TimeoutError:
            self.why_not = f"no answer within {DEADLINE_S:g} s"
        except Exception as error:  # noqa: BLE001  # whatever a bus raises: a session does not fail by it
            self.why_not = str(error) or type(error).__name__
        return self._descriptor is not None or self._process is not None

    @property
    def is_lost(self) -> bool:
        """Whether a lock that was taken is gone: logind was restarted, caffeinate has ended."""
        if self._process is not None:
            return self._process.poll() is not None
        if self._descriptor is None:
            return False
        look = select.poll()
        look.register(self._descriptor, 0)  # a reader that is gone is told without being asked for
        return bool(look.poll(0))

    def release(self) -> None:
        """The computer may sleep again. Can be called twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # it keeps nothing that could be damaged
            process.wait()


def _caffeinate() -> subprocess.Popen[bytes]:
    program = shutil.which("caffeinate")
    if program is None:
        raise OSError("there is no caffeinate")
    # Not longer than this process lives, even when it is killed.
    return subprocess.Popen(
        [program, "-i", "-s", "-w", str(os.getpid())], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


async def _inhibit() -> int:
    """A descriptor that keeps the computer awake while it is open. Raises OSError, and what D-Bus raises."""
    # Bleak brings it on Linux, and on Linux alone.
    from dbus_fast import BusType, Message, MessageType  # noqa: PLC0415 - on Linux alone
    from dbus_fast.aio import MessageBus  # noqa: PLC0415 - likewise

    bus = MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True)
    try:
        await bus.connect()
        call = Message(
            destination=LOGIN1,
            path=LOGIN1_PATH,
            interface=f"{LOGIN1}.Manager",
            member="Inhibit",
            signature="ssss",
            body=[WHAT, "treadcoach", WHY, "block"],
        )
        reply: Any = await bus.call(call)
    finally:
        bus.disconnect()
    if reply is None or reply.message_type is MessageType.ERROR:
        said = "no answer" if reply is None else f"{reply.error_name}: {' '.join(map(str, reply.body))}"
        raise OSError(said)
    descriptor = int(reply.unix_fds[reply.body[0]])
    # The warden's copy is handed over by name; nothing else that is started keeps the computer awake.
    os.set_inheritable(descriptor, False)
    return descriptor
