"""`treadcoach sim`: a simulated machine in a process of its own, with a console to press."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from treadcoach.app.clock import run_paced
from treadcoach.app.config import default_air
from treadcoach.core.body import Mount
from treadcoach.core.errors import InputError
from treadcoach.core.samples import SpeedRange
from treadcoach.core.units import parse_duration
from treadcoach.formats.recording import read_recording
from treadcoach.virtual.air import Air, serve_air
from treadcoach.virtual.belt import Key, MachineModel, VirtualBelt
from treadcoach.virtual.faults import Faults
from treadcoach.virtual.imu import VirtualMovesense, VirtualOpenImu
from treadcoach.virtual.motion import Form, Replayed
from treadcoach.virtual.peripheral import VirtualPeripheral
from treadcoach.virtual.pod import VirtualPod
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.virtual.strap import STRAP_ADDRESS, VirtualStrap
from treadcoach.virtual.treadmill import TREADMILL_ADDRESS, VirtualTreadmill
from treadcoach.wire.control_point import op_name

CONNECTION_INTERVAL_S = 0.03
WORDS = {
    "start": Key.START,
    "stop": Key.STOP,
    "pause": Key.PAUSE,
    "key": Key.SAFETY_KEY,
    "key back": Key.SAFETY_KEY_BACK,
    "+": Key.FASTER,
    "-": Key.SLOWER,
    "u": Key.STEEPER,
    "d": Key.FLATTER,
}
HELP = """Type a word and Enter:
  start  stop  pause     the console's keys        +  -  u  d  speed and incline keys
  key    key back        pull, put back the safety key
  cut                    the radio drops the link   off  on   radio off and on
  strap off              the strap loses contact    strap on
  runaway  deaf  normal  a belt that runs away, one that ignores orders, a good one
  form NAME VALUE        worsen the runner's form: fatigue 1, rail 1, lean_deg -4, asymmetry 0.1,
                         cadence 0.92, bounce 1.2, shock 1.8, swivel 1.6, turned_deg 30, loose 1
  form good              good form again
  use 2                  the console of the second treadmill, where there are several
  state                  what the belt does         quit"""

MOST_INTERVAL_MS = 4000
"""The longest that Bluetooth has."""


@dataclass(frozen=True, slots=True)
class SimOptions:
    """The options of `sim` as typed."""

    air: str | None = None
    speed_up: float = 1.0
    no_incline: bool = False
    coarse: bool = False
    mph: bool = False
    console_start: bool = False
    split: bool = False
    reports_target: bool = False
    sensors: tuple[str, ...] = ("strap",)
    recording: Path | None = None
    tires_after: str | None = None
    interval_ms: float = 1000 * CONNECTION_INTERVAL_S
    treadmills: int = 1
    """The second and later ones have a plain belt, a runner and a strap each."""


def run_sim(options: SimOptions) -> int:
    where = options.air or default_air()
    if where.split(":", 1)[0] not in ("unix", "tcp") or ":" not in where:
        raise InputError("--air", where, "unix:PATH or tcp:HOST:PORT")
    if not 0 <= options.interval_ms <= MOST_INTERVAL_MS:
        raise InputError("--interval", options.interval_ms, f"0 (none) to {MOST_INTERVAL_MS} ms")
    with _announced(where, options.speed_up):
        return run_paced(_simulate(options, where), options.speed_up)


@contextmanager
def _announced(where: str, speed_up: float) -> Iterator[None]:
    """Beside a unix socket stands how fast this air's time runs, for those who join."""
    if not where.startswith("unix:"):
        yield
        return
    path = Path(where.removeprefix("unix:"))
    note = Path(f"{path}.json")
    path.unlink(missing_ok=True)
    note.write_text(json.dumps({"speed_up": speed_up, "pid": os.getpid()}), encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def build_belt(options: SimOptions) -> VirtualBelt:
    model = MachineModel(split_records=options.split, reports_target=options.reports_target)
    if options.no_incline:
        model = replace(model, incline_range=None)
    if options.coarse:
        model = replace(model, speed_range=SpeedRange(1.0, 16.0, 0.5))
    return VirtualBelt(model, Faults(takes_mph=options.mph, needs_console_start=options.console_start))


async def _simulate(options: SimOptions, where: str) -> int:
    air = Air(options.interval_ms / 1000)
    person = build_runner(options)
    mill = VirtualTreadmill(air, build_belt(options), runner=person)
    sensors = [build_sensor(text, air, person) for text in options.sensors]
    others = [_another(air, number) for number in range(2, options.treadmills + 1)]
    for peripheral in (mill, *sensors, *(part for pair in others for part in pair)):
        await peripheral.start()
    try:
        server = await serve_air(air, where)
    except OSError as error:
        raise InputError("--air", where, f"a place to listen at ({error.strerror})") from error
    names = ", ".join(sensor.name for sensor in sensors)
    print(f"Simulated treadmill and {names} on {where}. In another terminal: treadcoach run", flush=True)
    print(HELP, flush=True)
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave.set)
    console = _Console([mill, *(pair[0] for pair in others)], sensors, leave)
    reader = loop.create_task(console.read())
    await leave.wait()
    reader.cancel()
    server.close()
    for peripheral in (mill, *sensors, *(part for pair in others for part in pair)):
        await peripheral.stop()
    return 0


def _another(air: Air, number: int) -> tuple[VirtualTreadmill, VirtualStrap]:
    """A further treadmill of a practice, with somebody on it."""
    person = VirtualRunner()
    model = replace(MachineModel(), name=f"{MachineModel().name} {number}")
    mill_address = f"{TREADMILL_ADDRESS[:-2]}{number:02X}"
    strap_address = f"{STRAP_ADDRESS[:-2]}{0x80 + number:02X}"
    mill = VirtualTreadmill(air, VirtualBelt(model), runner=person, address=mill_address)
    return mill, VirtualStrap(air, person, address=strap_address)


def build_runner(options: SimOptions) -> VirtualRunner:
    """The runner that wears the sensors. Raises InputError."""
    person = VirtualRunner()
    if options.tires_after is not None:
        person.tires_after_s = parse_duration(options.tires_after, "--tires-after")
    if options.recording is not None:
        recording = read_recording(options.recording)
        person.source = Replayed(recording.t_s, recording.rows)
    return person


def build_sensor(text: str, air: Air, person: VirtualRunner) -> VirtualPeripheral:
    """One simulated sensor by its name, with @chest or @hip. Raises InputError."""
    name, _, place = text.partition("@")
    if place not in ("", Mount.CHEST.value, Mount.HIP.value):
        raise InputError("--sensor", text, "strap, movesense, six-axis or pod, with @chest or @hip")
    match name:
        case "strap" if place != "hip":
            return VirtualStrap(air, person)
        case "movesense":
            return VirtualMovesense(air, person, Mount(place or "chest"))
        case "six-axis":
            return VirtualOpenImu(air, person, Mount(place or "hip"))
        case "pod":
            return VirtualPod(air, person)
    raise InputError("--sensor", text, "strap (at the chest), movesense, six-axis or pod")


class _Console:
    """Words from standard input press keys; what reaches the control point is printed."""

    def __init__(
        self, mills: list[VirtualTreadmill], sensors: list[VirtualPeripheral], leave: asyncio.Event
    ) -> None:
        self._mills = mills
        self._mill = mills[0]
        for number, mill in enumerate(mills, 1):
            mill.belt.on_write = partial(self._report, "" if number == 1 else f" {number}")
        self._sensors = sensors
        self._leave = leave

    async def read(self) -> None:
        stream = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), sys.stdin)
        while line := await stream.readline():
            await self._obey(line.decode(errors="replace").strip().lower())

    async def _obey(self, word: str) -> None:
        mill, faults = self._mill, self._mill.belt.faults
        if word in WORDS:
            mill.press(WORDS[word])
        elif word.startswith("use ") and word[4:] in map(str, range(1, len(self._mills) + 1)):
            self._mill = self._mills[int(word[4:]) - 1]
        elif word == "cut":
            mill.cut_radio()
        elif word == "off":
            await mill.silence()
        elif word == "on":
            await mill.advertise()
        elif word in ("strap off", "strap on"):
            for strap in self._sensors:
                if isinstance(strap, VirtualStrap):
                    strap.contact = word == "strap on"
        elif word.startswith("form "):
            self._form(word.removeprefix("form ").split())
        elif word == "runaway":
            faults.runaway_to_kmh = 18.0
        elif word == "deaf":
            faults.answered_but_ignored |= {0x02, 0x08}
        elif word == "normal":
            faults.runaway_to_kmh = None
            faults.answered_but_ignored.clear()
        elif word == "quit":
            self._leave.set()
        elif word == "help":
            print(HELP, flush=True)
        elif word not in ("", "state"):
            print(f"'{word}' is not known here; type help", flush=True)
            return
        self._print_state()

    def _form(self, words: list[str]) -> None:
        person = self._mill.runner
        if person is None:
            return
        if words == ["good"]:
            person.form = Form()
            return
        try:
            name, value = words
            person.form.worsen(name, float(value))
        except (ValueError, InputError) as error:
            print(f"form: {error}", flush=True)

    def _print_state(self) -> None:
        belt = self._mill.belt
        belt.advance(self._mill.now_s)
        print(
            f"[{self._mill.now_s:9.2f}] {belt.state}: {belt.speed_kmh:.2f} km/h"
            f" (target {belt.target_kmh:.2f}), {belt.incline_percent:.1f} %, {belt.distance_m:.0f} m",
            flush=True,
        )

    def _report(self, which: str, at_s: float, data: bytes) -> None:
        """Print a write to the control point as it comes."""
        name = op_name(data[0]) if data else "empty"
        print(f"[{at_s:9.2f}] control point{which}: {data.hex()} {name}", flush=True)
