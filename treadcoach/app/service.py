"""Sessions one after the other, asked for from outside: what `treadcoach serve` runs in the coach's process.

Idle, looking for the devices, in a session, idle again. Whoever asks gets a picture of it after every change.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Engine

from treadcoach.app.assembly import Assembly, Devices, Wanted, find_devices
from treadcoach.app.config import Folders
from treadcoach.app.desk import Desk
from treadcoach.app.setup_builder import Intended, SetupBuilder, todays
from treadcoach.app.snapshot import Snapshot
from treadcoach.app.socket import CoachSocket
from treadcoach.app.training import Training
from treadcoach.app.workouts import find_workout, speeds_of
from treadcoach.core.errors import InputError, TreadcoachError
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.phases import Phase
from treadcoach.store import history


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


class SessionService:
    """One treadmill, one runner, one session at a time."""

    def __init__(self, places: Folders, engine: Engine, wanted: Wanted) -> None:
        self._places = places
        self._engine = engine
        self._wanted = wanted
        self._assembly: Assembly | None = None
        self._task: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[ServicePicture], None]] = []
        self.picture = ServicePicture(ServiceState.IDLE, "", None, None)

    def listen(self, listener: Callable[[ServicePicture], None]) -> None:
        """Call with each new picture. Must return at once."""
        self._listeners.append(listener)

    # -- what is asked for -----------------------------------------------------------

    def prepare(self, today: bool, workout: str | None) -> None:
        """Connect for a session: today's of the plan, a workout in words or by name, or a guided walk.

        Nothing moves by this. Raises InputError or NoSessionToday, and InputError while there is one.
        """
        if self._task is not None:
            raise InputError("session", self.picture.state.value, "one at a time: end it first")
        builder = self._builder(today, workout)
        # Asked now, so that a day without a session is refused before any radio is touched.
        builder.allowance(date.today())
        self._show(ServiceState.LOOKING, "")
        self._task = asyncio.get_running_loop().create_task(self._run(builder))

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
        task = self._task
        if task is None:
            return
        self.request(Intent(IntentKind.STOP, "the end of the program"))
        await asyncio.gather(task, return_exceptions=True)

    # -- inside ----------------------------------------------------------------------

    def training(self) -> Training:
        """With the settings as they are now: each session reads them anew."""
        return Desk(self._places, self._engine, self._wanted.air is not None).training()

    def _builder(self, today: bool, workout: str | None) -> SetupBuilder:
        if today and workout is not None:
            raise InputError("session", "today's and a workout", "one of them")
        training = self.training()
        intended = Intended(None)
        if today:
            intended = todays(intended, training)
        elif workout is not None:
            speeds = speeds_of(training.references(date.today()))
            found, _ = find_workout(workout, speeds, self._places.config, "workout", files=False)
            intended = Intended(found)
        return SetupBuilder(training, intended)

    async def _run(self, builder: SetupBuilder) -> None:
        message = "The session was called off."
        try:
            devices = await find_devices(self._wanted)
            message = await self._session(devices, builder)
        except TreadcoachError as error:
            message = str(error)
        finally:
            self._task = self._assembly = None
            self._show(ServiceState.IDLE, message)

    async def _session(self, devices: Devices, builder: SetupBuilder) -> str:
        assembly = Assembly(devices, self._wanted, self._places, self._engine, builder)
        self._assembly = assembly
        socket = CoachSocket(assembly.coach, self._places.socket)
        await socket.open()
        assembly.coach.listen(lambda snapshot: self._show(ServiceState.SESSION, "", snapshot))
        phase = Phase.CONNECTING
        try:
            self._show(ServiceState.SESSION, "")
            phase = await assembly.coach.run()
        finally:
            await socket.close()
            assembly.leave(phase)
        number = assembly.coach.session_id
        if number is None:
            return "The session ended before it began."
        row = history.get_session(self._engine, number)
        return f"Session {number} ({row.title}): {row.state}."

    def _show(self, state: ServiceState, message: str, snapshot: Snapshot | None = None) -> None:
        number = None if self._assembly is None else self._assembly.coach.session_id
        self.picture = ServicePicture(state, message, number, snapshot)
        for listener in self._listeners:
            listener(self.picture)
