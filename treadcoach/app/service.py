"""Sessions one after the other, asked for from outside: what `treadcoach serve` runs in the coach's process.

Idle, looking for the devices, in a session, idle again. Whoever asks gets a picture of it after every change.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import Engine

from treadcoach.app.assembly import Assembly, Devices, Wanted, find_devices, use_air
from treadcoach.app.config import Folders
from treadcoach.app.desk import Desk
from treadcoach.app.house_messages import Heard, Preparation
from treadcoach.app.sensor_names import parse_sensor, sensor_name
from treadcoach.app.settings import known_devices
from treadcoach.app.setup_builder import Intended, SetupBuilder, todays
from treadcoach.app.snapshot import Snapshot
from treadcoach.app.socket import CoachSocket
from treadcoach.app.workouts import find_workout, speeds_of
from treadcoach.core.errors import InputError, TreadcoachError
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.units import parse_duration, parse_incline
from treadcoach.devices.scan import Found, scan
from treadcoach.store import history

LOOK_S = 5.0


class ServiceState(StrEnum):
    """idle: no session; looking: for the devices; session: from the link to the end."""

    IDLE = "idle"
    LOOKING = "looking"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class ServicePicture:
    """What anybody may know. message: the latest line about a session that did not begin, or that ended."""

    state: ServiceState
    message: str
    session_id: int | None
    snapshot: Snapshot | None
    simulated: bool = False
    heard: tuple[Heard, ...] | None = None
    """The devices of the last look; None before the first."""


class SessionService:
    """One treadmill, one runner, one session at a time."""

    def __init__(self, places: Folders, engine: Engine, wanted: Wanted) -> None:
        self._places = places
        self._engine = engine
        self._wanted = wanted
        self._assembly: Assembly | None = None
        self._task: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[ServicePicture], None]] = []
        self._looking: asyncio.Task[None] | None = None
        self._heard: tuple[Heard, ...] | None = None
        self._desk = Desk(places, engine, wanted.air is not None)
        self.picture = ServicePicture(ServiceState.IDLE, "", None, None, self._desk.simulated)

    def listen(self, listener: Callable[[ServicePicture], None]) -> None:
        """Call with each new picture. Must return at once."""
        self._listeners.append(listener)

    # -- what is asked for -----------------------------------------------------------

    def prepare(self, what: Preparation) -> None:
        """Connect for a session. Nothing moves by this.

        Raises InputError or NoSessionToday, and InputError while there is one.
        """
        if self._task is not None:
            raise InputError("session", self.picture.state.value, "one at a time: end it first")
        wanted = self._meant()
        builder = self._builder(what, wanted)
        # Asked now, so that a day without a session is refused before any radio is touched.
        builder.allowance(date.today())
        self._show(ServiceState.LOOKING, "")
        self._task = asyncio.get_running_loop().create_task(self._run(builder, wanted))

    def look(self) -> None:
        """Listen which devices are there, unless somebody does. Raises InputError during a session."""
        if self._task is not None:
            raise InputError("devices", self.picture.state.value, "no session: the radio is in use")
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    def request(self, intent: Intent) -> None:
        """A person's wish, for the session that is there. Raises InputError when there is none."""
        if self._assembly is not None:
            self._assembly.coach.request(intent)
        elif self._task is not None and intent.kind is IntentKind.STOP:
            self._task.cancel()
        elif intent.kind is not IntentKind.STOP:
            raise InputError("session", "none", "a session: prepare one first")

    async def leave(self) -> None:
        """Stop what runs, and wait until it has ended."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        task = self._task
        if task is None:
            return
        self.request(Intent(IntentKind.STOP, "the end of the program"))
        await asyncio.gather(task, return_exceptions=True)

    # -- inside ----------------------------------------------------------------------

    def _meant(self) -> Wanted:
        """The devices that are meant: as the options name them, else as the settings do."""
        wanted, known = self._wanted, known_devices(self._desk)
        return replace(
            wanted,
            treadmill=wanted.treadmill or known.treadmill,
            straps=wanted.straps or known.straps,
            takes_mph=wanted.takes_mph or known.takes_mph,
        )

    def _builder(self, what: Preparation, wanted: Wanted) -> SetupBuilder:
        if what.today and what.workout is not None:
            raise InputError("session", "today's and a workout", "one of them")
        training = self._desk.training()
        places = [mount for _, mount in map(parse_sensor, wanted.straps)]
        intended = Intended(
            None,
            None if what.incline is None else parse_incline(what.incline, "incline"),
            None if what.warm_up is None else parse_duration(what.warm_up, "warm-up"),
            what.stretch_break,
            {sensor_name(at): mount for at, mount in enumerate(places) if mount is not None},
        )
        if what.today:
            intended = todays(intended, training)
        elif what.workout is not None:
            speeds = speeds_of(training.references(date.today()))
            found, _ = find_workout(what.workout, speeds, self._places.config, "workout", files=False)
            intended = replace(intended, workout=found)
        return SetupBuilder(training, intended)

    async def _look(self) -> None:
        message = ""
        try:
            use_air(self._wanted.air)
            known = self._meant()
            names = [known.treadmill, *(parse_sensor(strap)[0] for strap in known.straps)]
            self._heard = tuple(_heard(found, names) for found in await scan(LOOK_S))
        except TreadcoachError as error:
            message = str(error)
        finally:
            self._looking = None
            if self._task is None:
                self._show(ServiceState.IDLE, message)

    async def _run(self, builder: SetupBuilder, wanted: Wanted) -> None:
        message = "The session was called off."
        try:
            if self._looking is not None:
                await asyncio.gather(self._looking, return_exceptions=True)
            devices = await find_devices(wanted)
            message = await self._session(devices, wanted, builder)
        except TreadcoachError as error:
            message = str(error)
        finally:
            self._task = self._assembly = None
            self._show(ServiceState.IDLE, message)

    async def _session(self, devices: Devices, wanted: Wanted, builder: SetupBuilder) -> str:
        assembly = Assembly(devices, wanted, self._places, self._engine, builder)
        self._assembly = assembly
        socket = CoachSocket(assembly.coach, self._places.coach_socket)
        await socket.open()
        assembly.coach.listen(lambda snapshot: self._show(ServiceState.SESSION, "", snapshot))
        try:
            self._show(ServiceState.SESSION, "")
            await assembly.run(assembly.coach.run)
        finally:
            await socket.close()
        number = assembly.coach.session_id
        if number is None:
            return "The session ended before it began."
        row = history.get_session(self._engine, number)
        return f"Session {number} ({row.title}): {row.state}."

    def _show(self, state: ServiceState, message: str, snapshot: Snapshot | None = None) -> None:
        number = None if self._assembly is None else self._assembly.coach.session_id
        self.picture = ServicePicture(state, message, number, snapshot, self._desk.simulated, self._heard)
        for listener in self._listeners:
            listener(self.picture)


def _heard(found: Found, names: Sequence[str | None]) -> Heard:
    address = found.device.address
    is_known = any(
        name is not None and (name.lower() == address.lower() or name.lower() in found.name.lower())
        for name in names
    )
    return Heard(
        name=found.name,
        address=address,
        kind=found.kind,
        rssi_dbm=found.rssi_dbm,
        offers=list(found.offers),
        known=is_known,
    )
