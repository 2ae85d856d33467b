"""A session's parts put together: the devices that are meant, the journal, the warden and the coach."""

import json
import os
import socket as sockets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from treadcoach.app.choosing import choose, choose_sensors, held_words, is_meant, sensor_factory
from treadcoach.app.coach import Coach
from treadcoach.app.config import Folders, default_air
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.sensor_names import parse_sensor, sensor_name
from treadcoach.app.setup import Setup
from treadcoach.app.setup_builder import SetupBuilder
from treadcoach.app.sleep_lock import EVEN_SIMULATED, NO_LOCK, SleepLock
from treadcoach.app.warden_link import WardenLink
from treadcoach.core.effects import Level
from treadcoach.core.errors import InputError, LinkError
from treadcoach.core.phases import ENDED, Phase
from treadcoach.devices.scan import Found, linked_treadmills, scan
from treadcoach.devices.treadmill import TreadmillLink
from treadcoach.store.journal import Journal

SCAN_S = 8.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which devices, as they were named; air: a simulated one instead of Bluetooth."""

    treadmill: str | None = None
    straps: tuple[str, ...] = ()
    takes_mph: bool = False
    air: str | None = None


@dataclass(frozen=True, slots=True)
class Devices:
    """What was heard and is meant."""

    mill: Found
    sensors: list[Found]

    @property
    def words(self) -> str:
        names = ", ".join(sensor.name for sensor in self.sensors) or "none"
        return f"Treadmill: {self.mill.name}; sensors: {names}"


def use_air(air: str | None) -> None:
    """From now on a simulated air instead of Bluetooth, if there is one."""
    if air is not None:
        # Not needed with a real radio.
        from treadcoach.virtual.bleak_backend import install  # noqa: PLC0415 - a simulated stack, for no real belt

        install(air)


async def find_devices(wanted: Wanted) -> Devices:
    """Listen for them. Raises LinkError when no treadmill is heard, InputError when it is unclear which."""
    use_air(wanted.air)
    # On a real air the whole time is listened: the first treadmill heard may be a neighbour's.
    names = [parse_sensor(text)[0] for text in wanted.straps]
    enough = None if wanted.air is None else 1
    found = await scan(SCAN_S, enough_treadmills=enough, enough_sensors=max(len(names), 1))
    if not any(is_meant(f.device.address, f.name, wanted.treadmill) for f in found if f.kind == "treadmill"):
        for held in await linked_treadmills():
            if is_meant(held.address, held.name or "", wanted.treadmill):
                raise LinkError(held_words(held.name, held.address))
    mill = choose(found, "treadmill", wanted.treadmill)
    if mill is None:
        raise LinkError("no treadmill was heard; see 'treadcoach doctor'")
    return Devices(mill, choose_sensors(found, names))


class Assembly:
    """One session, ready to run: its coach, the warden beside it, and the computer kept awake."""

    def __init__(
        self,
        devices: Devices,
        wanted: Wanted,
        places: Folders,
        engine: Engine,
        builder: SetupBuilder,
        on_ready: Callable[[Setup], None] = lambda _setup: None,
    ) -> None:
        mill = devices.mill
        name, address = mill.name, mill.device.address
        journal = Journal(
            engine, builder.runner.name, name, address, station=places.station, aside=places.aside
        )
        recorder = JournalRecorder(journal)
        sensors = tuple(sensor.device.address for sensor in devices.sensors)
        self._sleep_lock = SleepLock()
        self._needs_lock = wanted.air is None or EVEN_SIMULATED in os.environ
        self._lines: list[str] = []
        self._lock_was_lost = False
        self._on_ready = on_ready
        self._warden = WardenLink(
            address,
            places.warden_report,
            wanted.air,
            sensors=sensors,
            on_trouble=lambda text: self.coach.tell(text, Level.WARNING),
            on_relief=lambda text: self.coach.tell(text, Level.INFO),
        )
        self.coach = Coach(
            lambda frame, lost: TreadmillLink(mill.device, frame, lost, takes_mph=wanted.takes_mph),
            [sensor_factory(sensor, sensor_name(at)) for at, sensor in enumerate(devices.sensors)],
            builder,
            recorder,
            heartbeat=self._beat,
            on_ready=self._ready,
        )

    async def run(self, conduct: Callable[[], Awaitable[Phase]]) -> Phase:
        """Run the session that `conduct` runs, guarded by a warden and with the computer kept awake.

        Raises TreadcoachError when no warden can be started, and what `conduct` raises.
        """
        phase = Phase.CONNECTING
        try:
            if self._needs_lock and not await self._sleep_lock.take():
                self._lines.append(NO_LOCK)
            self._warden.start(self._sleep_lock.descriptors)
            phase = await conduct()
        finally:
            try:
                await self._leave(phase)
            finally:
                self._sleep_lock.release()
        return phase

    def _ready(self, setup: Setup) -> None:
        assert self.coach.session_id is not None
        self._warden.say_session(self.coach.session_id)
        self._on_ready(setup)

    def _beat(self, released: bool, standing: bool = False) -> None:
        if not self._lock_was_lost and self._sleep_lock.is_lost:
            self._lock_was_lost = True
            self._lines.append(NO_LOCK)
        if self._lines and self.coach.session_id is not None:
            # Below what is said when the link is there: the last line is the one that is read.
            self.coach.tell(self._lines.pop(), Level.WARNING)
        self._warden.beat(released=released, standing=standing)

    async def _leave(self, phase: Phase) -> None:
        """A belt that was not seen to stand stays the warden's business; other belts are led on from here."""
        seen = phase in ENDED and not self.coach.unconfirmed
        may_move = self.coach.released or self.coach.unconfirmed
        if seen or not may_move:
            await self._warden.stand_down()
        else:
            await self._warden.hand_over()


def find_air(option: str | None) -> str | None:
    """The simulated air to use, or None for real Bluetooth. Raises InputError."""
    if option == "off":
        return None
    if option is not None:
        kind, _, place = option.partition(":")
        host, _, port = place.rpartition(":")
        if not (kind == "unix" and place) and not (kind == "tcp" and host and port.isdecimal()):
            raise InputError("--air", option, "unix:PATH, tcp:HOST:PORT or off")
        return option
    place = default_air()
    with suppress(OSError), sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as line:
        line.connect(place.removeprefix("unix:"))
        return place
    return None


def pace_of(air: str | None) -> float:
    """A simulated air says beside its socket how fast its time runs."""
    if air is None or not air.startswith("unix:"):
        return float(os.environ.get("TREADCOACH_AIR_SPEED_UP", "1"))
    note = Path(air.removeprefix("unix:") + ".json")
    if not note.is_file():
        return 1.0
    return float(json.loads(note.read_text(encoding="utf-8"))["speed_up"])
