"""The warden: stops the belt when the coach's process dies or its loop hangs.

It is started by the coach and reads one octet a tick from standard input: `.` (alive, the
belt was never released), `R` (alive, the belt is or was released) and `Q` (all is well, go).
An end without `Q`, or two seconds of silence, after an `R` means that nobody holds the belt:
it ends what is left of the coach, connects, takes control and sends STOP, and says so.
BlueZ keeps the links of a coach that is killed, and what is linked does not advertise: the warden
stops the belt over that link, and ends it and those of the sensors, so that they can be found again.

It imports bleak, the wire codecs and the standard library, and can send two things only:
Request Control and STOP.
"""

import argparse
import asyncio
import importlib
import json
import os
import select
import signal
import sys
import time
from pathlib import Path

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from treadcoach.wire.control_point import REQUEST_CONTROL, STOP, Op, Result, decode_response
from treadcoach.wire.treadmill_data import decode_treadmill_data
from treadcoach.wire.uuids import CONTROL_POINT, FITNESS_MACHINE, HEART_RATE_SERVICE, TREADMILL_DATA

SILENCE_S = 2.0
FIND_S = 2.0
CONNECT_S = 6.0
ANSWER_S = 1.0
GIVE_UP_S = 120.0
STANDING_KMH = 0.1
SERVICES = [FITNESS_MACHINE, HEART_RATE_SERVICE, "1801"]
"""What a treadmill or a sensor has; nearly every device has the last."""


class Rescue:
    """One attempt after another to stop one belt."""

    def __init__(self, address: str, report: Path, why: str, since_s: float) -> None:
        self._address = address
        self._report = report
        self._why = why
        self._since_s = since_s
        self._answers: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        self._speed_kmh: float | None = None
        self._stop_sent_s: float | None = None

    async def run(self) -> bool:
        """Try until the belt stands or two minutes are over; whether STOP was taken."""
        until = self._since_s + GIVE_UP_S
        last = ""
        while time.monotonic() < until:
            try:
                if await self._once():
                    self._tell("stopped", "the belt was told to stop and stands")
                    return True
            except (BleakError, TimeoutError, OSError, EOFError) as error:
                last = str(error) or type(error).__name__
                say(f"not yet: {last}; trying again. PULL THE SAFETY KEY.")
                await asyncio.sleep(0.3)
        self._tell("failed", f"the belt could not be stopped: {last}")
        say("the belt could not be reached. PULL THE SAFETY KEY.")
        return False

    async def _once(self) -> bool:
        held = await linked([self._address])
        device = held[0] if held else await BleakScanner.find_device_by_address(self._address, timeout=FIND_S)
        client = BleakClient(device or self._address, timeout=CONNECT_S)
        async with asyncio.timeout(CONNECT_S * 2):
            await client.connect()
        try:
            return await self._stop(client)
        finally:
            async with asyncio.timeout(CONNECT_S):
                await client.disconnect()

    async def _stop(self, client: BleakClient) -> bool:
        await client.start_notify(CONTROL_POINT, self._on_answer)
        await self._write(client, REQUEST_CONTROL)
        await self._answer(Op.REQUEST_CONTROL)
        await self._write(client, STOP)
        self._stop_sent_s = self._stop_sent_s or time.monotonic() - self._since_s
        say(f"STOP sent {self._stop_sent_s:.1f} s after the coach fell silent.")
        answered = await self._answer(Op.STOP_OR_PAUSE) == Result.SUCCESS
        self._tell("stop sent", "STOP was written")
        await client.start_notify(TREADMILL_DATA, self._on_data)
        for _ in range(40):
            await asyncio.sleep(0.5)
            if self._speed_kmh is not None and self._speed_kmh <= STANDING_KMH:
                say("the belt stands.")
                return True
            if self._speed_kmh is not None and not answered:
                await self._write(client, STOP)
                answered = await self._answer(Op.STOP_OR_PAUSE) == Result.SUCCESS
        return answered

    async def _write(self, client: BleakClient, data: bytes) -> None:
        if data not in (REQUEST_CONTROL, STOP):
            raise ValueError("the warden sends nothing but Request Control and STOP")
        async with asyncio.timeout(ANSWER_S * 3):
            await client.write_gatt_char(CONTROL_POINT, data, response=True)

    async def _answer(self, op: int) -> int | None:
        """The machine's answer to `op`; None when there is none in time (some never answer)."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    request, result = await self._answers.get()
                    if request == op:
                        return result
        except TimeoutError:
            return None

    def _on_answer(self, _characteristic: object, data: bytearray) -> None:
        answer = decode_response(bytes(data))
        if answer is not None:
            self._answers.put_nowait((answer.request_op, answer.result))

    def _on_data(self, _characteristic: object, data: bytearray) -> None:
        sample = decode_treadmill_data(bytes(data))
        if sample.speed_kmh is not None:
            self._speed_kmh = sample.speed_kmh

    def _tell(self, outcome: str, text: str) -> None:
        """For `treadcoach status`, and for the next start: a whole file or none."""
        content = {
            "unix_s": time.time(),
            "why": self._why,
            "outcome": outcome,
            "text": text,
            "stop_after_s": self._stop_sent_s,
        }
        draft = self._report.with_suffix(".tmp")
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(self._report)


async def linked(addresses: list[str]) -> list[BLEDevice]:
    """Those of them that this computer is linked to; none where the system cannot say it."""
    try:
        async with asyncio.timeout(FIND_S):
            adapter = await BleakAdapter.get()
            devices = await adapter.get_connected_devices(SERVICES)
    except (NotImplementedError, BleakError, TimeoutError, OSError, EOFError):
        return []
    return [device for device in devices if device.address in addresses]


async def free(addresses: list[str]) -> None:
    """End links that a coach has left behind, all at once."""

    async def end(device: BLEDevice) -> None:
        client = BleakClient(device, timeout=CONNECT_S)
        async with asyncio.timeout(CONNECT_S):
            await client.connect()
            await client.disconnect()

    held = await linked(addresses)
    ends = await asyncio.gather(*(end(device) for device in held), return_exceptions=True)
    for device, error in zip(held, ends, strict=True):
        if error is not None:
            say(f"{device.name or device.address} is still linked: {str(error) or type(error).__name__}")


def say(text: str) -> None:
    """To the terminal that the coach was started in."""
    try:
        sys.stderr.write(f"\r\n[warden] {text}\r\n")
        sys.stderr.flush()
    except OSError:
        # The terminal is gone with the coach; the report file remains.
        return


def wait_for_trouble() -> tuple[str | None, bool]:
    """Read heartbeats until they end: what is wrong with the belt, if anything, and whether Q was heard."""
    released = False
    while True:
        silence = SILENCE_S if released else None
        ready, _, _ = select.select([0], [], [], silence)
        if not ready:
            return f"the coach's loop has been silent for {SILENCE_S:g} s", False
        beats = os.read(0, 4096)
        if not beats:
            return ("the coach's process is gone" if released else None), False
        if b"Q" in beats:
            return None, True
        released = beats[-1:] == b"R"


def end_coach(pid: int) -> None:
    """End what is left of the coach, so that only one program speaks to the belt."""
    if os.getppid() != pid:
        return  # already gone: its number may belong to somebody else by now
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> int:
    parser = argparse.ArgumentParser(prog="treadcoach.warden")
    parser.add_argument("--address", required=True)
    parser.add_argument("--report", required=True, type=Path)
    parser.add_argument("--coach", required=True, type=int)
    parser.add_argument("--sensor", action="append", default=[], help="whose link to end as well")
    parser.add_argument("--backend", help="MODULE:FUNCTION of a bleak backend, for the simulated air")
    parser.add_argument("--air", help="where the simulated air is")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    why, all_is_well = wait_for_trouble()
    if all_is_well:
        return 0
    since_s = time.monotonic()
    if why is not None:
        say(f"{why}: stopping the belt. PULL THE SAFETY KEY if it does not stop.")
        end_coach(options.coach)

    async def rescue() -> bool:
        if options.backend:
            module, _, function = options.backend.partition(":")
            getattr(importlib.import_module(module), function)(options.air)
        done = why is None or await Rescue(options.address, options.report, why, since_s).run()
        await free([options.address, *options.sensor])
        return done

    return 0 if asyncio.run(rescue()) else 1


if __name__ == "__main__":
    sys.exit(main())
