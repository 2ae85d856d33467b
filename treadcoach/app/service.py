"""Sessions one after the other, asked for from outside: what `treadcoach serve` runs in the coach's process.

Idle, looking for the devices, in a session, idle again. Whoever asks gets a picture of it after every change.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import Engine

from treadcoach.app.assembly import Assembly, Devices, Wanted, find_devices, use_air
from treadcoach.app.coach import KEPT_WITHIN_S, NOT_KEPT, Closing
from treadcoach.app.config import Folders
from treadcoach.app.desk import Desk
from treadcoach.app.house_messages import Heard, Preparation
from treadcoach.app.release import ASK_WITHIN_S, Outcome, Release, in_time
from treadcoach.app.sensor_names import parse_sensor, sensor_name
from treadcoach.app.settings import known_devices
from treadcoach.app.setup import Setup
from treadcoach.app.setup_builder import Intended, SetupBuilder, todays
from treadcoach.app.snapshot import Snapshot
from treadcoach.app.socket import CoachSocket
from treadcoach.app.storing import carry_name, know_the_runner, take_in_kept
from treadcoach.app.workouts import find_workout, speeds_of
from treadcoach.core.errors import InputError, LinkError, StoreError, TreadcoachError
from treadcoach.core.intents import OF_THE_BODY, Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.units import parse_duration, parse_incline
from treadcoach.devices.scan import Found, scan
from treadcoach.store import words

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

    def __init__(
        self, places: Folders, engine: Engine, wanted: Wanted, today: Callable[[], date] = date.today
    ) -> None:
        self._today = today
        self._places = places
        self._engine = engine
        self._wanted = wanted
        self._assembly: Assembly | None = None
        self._release: Release | None = None
        self._runner = ""
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

    def prepare(self, what: Preparation) -> Outcome:
        """Connect for a session. Nothing moves by this. Raises InputError while there is one.

        What comes back says whether the day and the settings allow one: None, or why not.
        """
        if self._task is not None:
            raise InputError("session", self.picture.state.value, "one at a time: end it first")
        loop = asyncio.get_running_loop()
        allowed: Outcome = loop.create_future()
        self._show(ServiceState.LOOKING, "")
        self._task = loop.create_task(self._run(what, allowed))
        return allowed

    def look(self) -> None:
        """Listen which devices are there, unless somebody does. Raises InputError during a session."""
        if self._task is not None:
            raise InputError("devices", self.picture.state.value, "no session: the radio is in use")
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    def request(self, intent: Intent) -> Outcome | None:
        """A person's wish, for the session that is there. Raises InputError or LinkError when there is none.

        What comes back, if anything, ends when it is known whether it was granted: with None, or why not.
        """
        if self._assembly is not None and self._release is not None:
            asked = self._release.request(intent)
            if intent.kind in OF_THE_BODY:
                return asyncio.get_running_loop().create_task(self._assembly.coach.words_kept())
            return asked
        if self._task is not None and intent.kind in (IntentKind.STOP, *OF_THE_BODY):
            self._task.cancel()
            if intent.kind in OF_THE_BODY:
                return asyncio.get_running_loop().create_task(self._keep_word(intent.kind))
        elif intent.kind is IntentKind.STOP:
            raise LinkError("No session is running. If a belt runs: use its console, or pull the safety key.")
        else:
            raise InputError("session", "none", "a session: prepare one first")
        return None

    async def _keep_word(self, kind: IntentKind) -> str | None:
        """Said while the devices are looked for: there is no journal yet."""
        word = words.Word(self._runner or self._desk.runner().name, kind.value, time.time())
        try:
            await in_time(lambda: words.keep(self._places.aside, word), KEPT_WITHIN_S)
        except StoreError as error:
            return f"{NOT_KEPT} ({error})."
        return None

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
            intended = todays(intended, training, self._today())
        elif what.workout is not None:
            speeds = speeds_of(training.references(self._today()))
            found, _ = find_workout(what.workout, speeds, self._places.config, "workout", files=False)
            intended = replace(intended, workout=found)
        return SetupBuilder(training, intended, today=self._today)

    def _renewed(self, what: Preparation, wanted: Wanted, machine: Machine) -> Setup:
        """The setup by everything that counts now: settings, check-ins, the day. In a thread's time."""
        carry_name(self._places, self._engine)
        return self._builder(what, wanted)(machine)

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

    def _allowed(self, what: Preparation) -> tuple[SetupBuilder, Wanted, list[str]]:
        """Whether there may be one, before any radio is touched; in a thread. Raises TreadcoachError."""
        # No session runs: what the one before could not write is there before the day is asked about.
        said = take_in_kept(self._places, self._engine) + know_the_runner(self._places, self._engine)
        wanted = self._meant()
        builder = self._builder(what, wanted)
        builder.allowance(self._today())
        return builder, wanted, said

    async def _run(self, what: Preparation, allowed: Outcome) -> None:
        message = "The session was called off."
        try:
            try:
                builder, wanted, said = await in_time(lambda: self._allowed(what), ASK_WITHIN_S)
            except TreadcoachError as error:
                message = ""  # whoever asked is told
                allowed.set_result(str(error))
                return
            allowed.set_result(None)
            self._runner = builder.runner.name
            self._show(ServiceState.LOOKING, " ".join(said))
            if self._looking is not None:
                await asyncio.gather(self._looking, return_exceptions=True)
            devices = await find_devices(wanted)
            message = await self._session(devices, wanted, builder, what)
        except TreadcoachError as error:
            message = str(error)
        finally:
            allowed.cancel()  # unless it is known
            self._task = self._assembly = self._release = None
            self._show(ServiceState.IDLE, message)

    async def _session(
        self, devices: Devices, wanted: Wanted, builder: SetupBuilder, what: Preparation
    ) -> str:
        assembly = Assembly(devices, wanted, self._places, self._engine, builder)
        self._assembly = assembly
        self._release = Release(assembly.coach, lambda machine: self._renewed(what, wanted, machine))
        socket = CoachSocket(assembly.coach, self._places.coach_socket, self._places, self._release.request)
        assembly.coach.listen(lambda snapshot: self._show(ServiceState.SESSION, "", snapshot))
        try:
            await socket.open()
            self._show(ServiceState.SESSION, "")
            await assembly.run(assembly.coach.run)
        finally:
            await socket.close()
        number = assembly.coach.session_id
        if number is None:
            return "The session ended before it began."
        return _ended(number, assembly.coach.closing)

    def _show(self, state: ServiceState, message: str, snapshot: Snapshot | None = None) -> None:
        number = None if self._assembly is None else self._assembly.coach.session_id
        self.picture = ServicePicture(state, message, number, snapshot, self._desk.simulated, self._heard)
        for listener in self._listeners:
            listener(self.picture)


def _ended(number: int, closing: Closing) -> str:
    """What a page shows when the session is over: advice first, then why it ended."""
    words = f"Session {number} is done." if closing.is_done else f"Session {number} is over: {closing.cause}."
    if closing.is_unconfirmed:
        words = f"Nobody has seen the belt stop. If it moves: pull the safety key. {words}"
    return words if closing.advice is None else f"{closing.advice} {words}"


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
