"""The coach: the loop that feeds the controller and carries out what it says.

It alone holds the links. A stop does not wait for a tick or a queue: the intent is fed
and STOP is on its way before `request` returns.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, NamedTuple, Protocol

from treadcoach.app import snapshot as snapshots
from treadcoach.app.clock import SleepMeter
from treadcoach.app.controller import Controller
from treadcoach.app.form_picture import summary as form_summary
from treadcoach.app.inputs import NEW_SETUP, feed, intent_payload
from treadcoach.app.outputs import Drive, Event, Output, Stop, TakeControl
from treadcoach.app.recorder import Recorder
from treadcoach.app.setup import Setup
from treadcoach.app.setup_codec import setup_to_json
from treadcoach.core.effects import Level
from treadcoach.core.errors import GuardError, InputError, LinkError, OrderVoid
from treadcoach.core.intents import OF_THE_BODY, Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import ENDED, Phase
from treadcoach.guard.gate import ClearedOrder, OrderKind

log = logging.getLogger(__name__)

TICK_S = 0.5
KEPT_LATENESSES = 7200
"""Of an hour: what is kept does not grow with a session."""
RECONNECT_S = (0.5, 1.0, 2.0, 3.0, 5.0)
DROP_APART_S, LONGEST_DROP_APART_S = 5.0, 60.0
"""A link on which STOP is not taken is given up at once; where new ones do not help, ever less often."""
FAULT_STOP_EVERY_S = 1.0
SLEPT_S = 1.0
LEAVE_S, RECORD_S = 40.0, 60.0
"""So long may links take to end, with all the tries of a STOP before, and the journal."""
STOP_OUT_S = 5.0
"""How long a coach that leaves waits for the answer to a STOP that is on its way."""
STOP_UNCONFIRMED_S = 120.0
"""How long the program stays to stop a belt that it cannot reach."""

KEPT_WITHIN_S = 2.0
NOT_KEPT = (
    "The belt is being stopped; but what you said of your body could not be written down."
    " Say it again in a check-in: treadcoach checkin"
)


class Treadmill(Protocol):
    """The treadmill's link, as the coach uses it. Only cleared orders and STOP go out."""

    control: Any

    @property
    def is_connected(self) -> bool: ...
    async def connect(self) -> Machine: ...
    async def reconnect(self, *, owes_stop: Callable[[], bool], may_move: bool) -> None: ...
    async def take_control(self) -> None: ...
    async def drive(self, order: ClearedOrder) -> str: ...
    async def stop(self, *, may_move: bool) -> str: ...
    async def close(self) -> None: ...


class Sensor(Protocol):
    """A body sensor's link."""

    name: str
    notes: list[str]
    """What the sensor refused, for the runner to read."""

    async def connect(self) -> list[str]: ...
    async def close(self) -> None: ...


FrameCallback = Callable[[str, str, bytes], None]
TreadmillFactory = Callable[[FrameCallback, Callable[[], None]], Treadmill]
SensorFactory = Callable[[FrameCallback, Callable[[], None]], Sensor]


class Closing(NamedTuple):
    """How a session ended. advice: of the body, where the runner said something of it."""

    is_done: bool
    is_unconfirmed: bool
    cause: str
    advice: str | None


class Coach:
    """One session: connects, runs to its end, leaves everything in the journal."""

    def __init__(
        self,
        treadmill: TreadmillFactory,
        sensors: list[SensorFactory],
        build_setup: Callable[[Machine], Setup],
        recorder: Recorder,
        *,
        heartbeat: Callable[[bool, bool], None] = lambda _released, _standing: None,
        on_ready: Callable[[Setup], None] = lambda _setup: None,
        slept_s: Callable[[], float] | None = None,
    ) -> None:
        self._make_treadmill = treadmill
        self._make_sensors = sensors
        self._build_setup = build_setup
        self._recorder = recorder
        self._heartbeat = heartbeat
        self._slept_s = slept_s or SleepMeter().slept_s
        self._on_ready = on_ready
        self._controller: Controller | None = None
        self._link: Treadmill | None = None
        self._sensor_links: dict[str, Sensor] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stops: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[snapshots.Snapshot], None]] = []
        self._event_listeners: list[Callable[[Event], None]] = []
        self._says: deque[tuple[str, str]] = deque(maxlen=6)
        self._alarm: str | None = None
        self._show_faults: set[str] = set()
        self._drop_apart_s, self._next_drop_s = DROP_APART_S, -math.inf
        self._making: Treadmill | None = None
        self._reconnecting = False
        self._no_link_why = ""
        self._link_number = 0
        self._store_is_gone = False
        self._leaving = False
        self._away_since_s: float | None = None
        self._fault_s: float | None = None
        self._ended_in: Phase | None = None
        self._sensors_up: set[str] = set()
        self._words: list[asyncio.Future[None]] = []
        self.session_id: int | None = None
        self._latest: snapshots.Snapshot | None = None
        self.tick_lateness_s: deque[float] = deque(maxlen=KEPT_LATENESSES)

    # -- what people use -------------------------------------------------------------

    @property
    def latest(self) -> snapshots.Snapshot | None:
        """The picture of the last tick, made when somebody looks; None before the first link."""
        if self._latest is None and self._controller is not None:
            now_s = asyncio.get_running_loop().time()
            says = tuple(self._says)
            self._latest = snapshots.take(self._controller, now_s, says, self._alarm, self.link_up)
        return self._latest

    def listen(self, listener: Callable[[snapshots.Snapshot], None]) -> None:
        """Call with each tick's snapshot. Must return at once."""
        self._listeners.append(listener)

    def listen_events(self, listener: Callable[[Event], None]) -> None:
        """Call with each line for people. Must return at once."""
        self._event_listeners.append(listener)

    def tell(self, text: str, level: Level) -> None:
        """A line for the runner and the journal of a session that has begun, from what stands beside it."""
        self._carry_out([Event(asyncio.get_running_loop().time(), "say", level, text)])

    @property
    def link_up(self) -> bool:
        return self._link is not None and self._link.is_connected and not self._reconnecting

    @property
    def unconfirmed(self) -> bool:
        """Whether the session ended without the belt having been seen to stand."""
        return self._controller is not None and self._controller.session.unconfirmed

    @property
    def closing(self) -> Closing:
        """How the session ended, for people."""
        if self._controller is None:
            return Closing(False, False, "it did not begin", None)
        session = self._controller.session
        cause = session.stop_cause or "it was left"
        is_done = self._ended_in is Phase.DONE
        return Closing(is_done, session.unconfirmed, cause, session.closing_advice)

    def request(self, intent: Intent) -> None:
        """A person's wish, at once. Before the controller exists only leaving is possible."""
        if self._controller is None:
            if intent.kind == "stop" or intent.kind in OF_THE_BODY:
                self._leaving = True
        else:
            self._feed("intent", intent.kind.value, intent_payload(intent))
        self._keep_word(intent)  # when STOP is on its way

    @property
    def released(self) -> bool:
        """Whether a person has released the belt in this session, and it has not ended."""
        return self._controller is not None and self._controller.was_released

    def _standing(self) -> bool:
        """Whether the belt is believed to stand now: who stops it for us then looks before acting."""
        if self._controller is None:
            return False
        return self._controller.stopping.standing.is_at_rest(asyncio.get_running_loop().time())

    @property
    def phase(self) -> Phase:
        return Phase.CONNECTING if self._controller is None else self._controller.session.phase

    # -- the run ---------------------------------------------------------------------

    async def run(self) -> Phase:
        """From connecting to the end of the session; the phase it ended in. Raises LinkError."""
        loop = asyncio.get_running_loop()
        try:
            machine = await self._first_link()
            setup = self._build_setup(machine)
            self._controller = Controller(setup)
            self.session_id = self._recorder.begin(setup.timeline.name, setup_to_json(setup), time.time())
            self._on_ready(setup)
            self._feed("link", "up", b"")
            if self._leaving:
                # Asked for before there was a link: a stop is a stop.
                self.request(Intent(IntentKind.STOP, "a stop before the link was up"))
            for make in self._make_sensors:
                self._spawn(self._keep_sensor(make))
            due = loop.time()
            while not self._over(loop.time()):
                due += TICK_S
                await asyncio.sleep(max(0.0, due - loop.time()))
                late = loop.time() - due
                self.tick_lateness_s.append(late)
                if late > 2 * TICK_S:
                    due = loop.time()
                self._tick()
            # Links take seconds to end. A STOP in that time is sent, and makes no other end of this session.
            self._ended_in = self.phase
        finally:
            await self._leave()
        return self._ended_in

    def _tick(self) -> None:
        assert self._controller is not None
        if (fault := self._recorder.fault()) is not None and self.phase not in (Phase.STOPPING, *ENDED):
            self._feed("fault", "", f"the journal cannot be written: {fault}".encode())
        self._say_of_store()
        if (slept_s := self._slept_s()) > SLEPT_S and self.released:
            self._feed(
                "fault", "", f"the computer slept for {slept_s:.0f} s, and nobody saw the belt".encode()
            )
        self._feed("tick", "", b"")
        self._heartbeat(self.released, self._standing())
        self._latest = None
        for listener in self._listeners:
            self._show(partial(self._show_latest, listener))

    def _show_latest(self, listener: Callable[[snapshots.Snapshot], None]) -> None:
        if (snapshot := self.latest) is not None:
            listener(snapshot)

    def _say_of_store(self) -> None:
        """The belt goes on being led while its store is away for a while; people are told once."""
        is_gone = self._recorder.gone_for_s() is not None
        if is_gone == self._store_is_gone:
            return
        self._store_is_gone = is_gone
        text = (
            "The database cannot be reached: this session is kept here until it is back."
            if is_gone
            else "The database is back; nothing was lost."
        )
        self._carry_out([Event(asyncio.get_running_loop().time(), "say", Level.WARNING, text)])

    def _over(self, now_s: float) -> bool:
        assert self._controller is not None
        if self._controller.ended:
            return True
        if self._leaving and self.phase in (Phase.CONNECTING, Phase.READY):
            return True
        is_away = self._link is None or not self._link.is_connected or self._reconnecting
        if self.phase is not Phase.STOPPING or not is_away:
            self._away_since_s = None
            return False
        if self._away_since_s is None:
            self._away_since_s = now_s
        if now_s - self._away_since_s <= STOP_UNCONFIRMED_S:
            return False
        self._feed("given_up", "", b"")
        return True

    async def _leave(self) -> None:
        """Stop whatever may still move, close the links, close the journal."""
        self._leaving = True
        # A link takes seconds to end; a warden that hears nothing for so long takes the coach for hung.
        await self._while_beating(self._end_all(), LEAVE_S)
        if self._controller is not None:
            closing = self._recorder.end(self._state(), self._summary(self._controller))
            # A belt that was seen to stand, and whose link is gone, needs no warden any more.
            seen = self._ended_in in ENDED and not self.unconfirmed
            await self._while_beating(closing, RECORD_S, released=self.released and not seen)

    async def _while_beating(
        self, work: Coroutine[None, None, None], most_s: float, *, released: bool | None = None
    ) -> None:
        beating = asyncio.get_running_loop().create_task(self._beat(most_s, released))
        try:
            await work
        finally:
            beating.cancel()
            await asyncio.wait([beating])
        if not beating.cancelled() and (error := beating.exception()) is not None:
            raise error

    async def _beat(self, most_s: float, released: bool | None) -> None:
        """For as long as leaving may take, and no longer: one that hangs is the warden's business."""
        for _ in range(round(most_s / TICK_S)):
            self._heartbeat(self.released if released is None else released, self._standing())
            await asyncio.sleep(TICK_S)

    async def _end_all(self) -> None:
        for task in self._tasks - self._stops:
            task.cancel()
        if self._stops:
            # Its first octet may not be out yet: the end of a session never takes a STOP back.
            await asyncio.wait(self._stops, timeout=STOP_OUT_S)
        for task in self._stops:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._link is not None:
            controller = self._controller
            if controller is not None and not controller.ended and self._link.is_connected:
                controller.gate.shut("the coach leaves")
                was_idle = self.phase in (Phase.CONNECTING, Phase.READY)
                is_owed = controller.watch.waits_for_stop or (self.released and not self._standing())
                if not was_idle or is_owed:
                    await self._link.stop(may_move=self.released and not self._standing())
        closing = [sensor.close() for sensor in self._sensor_links.values()]
        if self._link is not None:
            closing.append(self._link.close())
        await asyncio.gather(*closing)

    def _state(self) -> str:
        ended_in = self._ended_in or self.phase
        return {Phase.DONE: "completed", Phase.STOPPED: "stopped"}.get(ended_in, "interrupted")

    def _summary(self, controller: Controller) -> Mapping[str, object]:
        session = controller.session
        return {
            "ended_phase": (self._ended_in or session.phase).value,
            "stop_cause": session.stop_cause,
            "unconfirmed": session.unconfirmed,
            "closing_advice": session.closing_advice,
            "felt": session.felt,
            "cool_down_s": session.progress.cool_down_s,
            "ramp_s_per_kmh": list(session.ramp.seconds_per_kmh),
            "ramps_learned": session.ramp.learned,
            "notes": list(controller.setup.timeline.notes),
            "form": controller.read_form(form_summary),
        }

    # -- feeding and carrying out ------------------------------------------------------

    def _feed(self, kind: str, name: str, payload: bytes) -> None:
        """The one way into the controller. A fault of ours stops the belt."""
        controller = self._controller
        if controller is None:
            return
        now_s = asyncio.get_running_loop().time()
        try:
            self._recorder.input(now_s, kind, name, payload)
            self._carry_out(feed(controller, now_s, kind, name, payload))
        except Exception as error:  # noqa: BLE001  # whatever it is, the belt is stopped
            self._fault_stop(controller, now_s, kind, f"{type(error).__name__}: {error}")

    def _fault_stop(self, controller: Controller, now_s: float, kind: str, why: str) -> None:
        """STOP without asking the controller, which has just failed; then tell it, if it can listen.

        A fault that comes with every frame sends one STOP a second, not a storm of them.
        """
        controller.gate.shut(f"a fault: {why}")
        if self._fault_s is not None and now_s - self._fault_s < FAULT_STOP_EVERY_S:
            return
        self._fault_s = now_s
        self._spawn_stop(self.released and not self._standing())
        self._tell(Event(now_s, "fault", Level.ALARM, f"treadcoach has a fault: {kind}: {why}"))
        if kind != "fault":
            self._feed("fault", "", f"{kind}: {why}".encode())

    def _carry_out(self, outputs: list[Output]) -> None:
        # First on its way to the wire, then told and written down.
        for output in outputs:
            match output:
                case Stop():
                    self._spawn_stop(output.may_move)
                case TakeControl():
                    # The warden knows of it before the machine: a belt that stood is about to move.
                    self._heartbeat(self.released, False)
                case _:
                    pass
        for output in outputs:
            match output:
                case Drive(order):
                    self._spawn(self._send_order(order))
                case TakeControl():
                    self._spawn(self._take_control())
                case Event():
                    self._tell(output)
                case _:
                    pass
            self._recorder.output(output)

    def _tell(self, event: Event) -> None:
        if event.kind == "say":
            self._says.append((event.level.value, event.text))
        if event.level is Level.ALARM:
            self._alarm = event.text
        elif event.kind == "relief":
            # What was said loudly of the body stays.
            session = None if self._controller is None else self._controller.session
            is_unwell = session is not None and session.felt is IntentKind.UNWELL
            self._alarm = session.closing_advice if session is not None and is_unwell else None
        for listener in self._event_listeners:
            self._show(partial(listener, event))

    def _show(self, show: Callable[[], None]) -> None:
        """A fault in what is shown must not end what is led: it is said once, and shown again."""
        try:
            show()
        except Exception as error:
            # Once for each kind, and before it is told: whoever it is told to may be who fails.
            kind = type(error).__name__
            if kind not in self._show_faults:
                log.exception("what is shown has a fault")
                self._show_faults.add(kind)
                why = f"{kind}: {error}"
                now_s = asyncio.get_running_loop().time()
                text = f"What is shown of this session has a fault ({why}); the session goes on."
                self._carry_out([Event(now_s, "say", Level.WARNING, text)])

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _spawn_stop(self, may_move: bool) -> None:
        task = self._spawn(self._send_stop(may_move))
        self._stops.add(task)
        task.add_done_callback(self._stops.discard)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() and task in self._stops and not self._leaving:
            self._feed("stop_answered", "", b"no answer")  # a Bluetooth stack cancels what waits on a link
        if not task.cancelled() and (error := task.exception()) is not None and not self._leaving:
            self._feed("fault", "", f"{type(error).__name__}: {error}".encode())

    async def _send_stop(self, may_move: bool) -> None:
        # A link that is being made takes a STOP as soon as it is there; the old one is gone.
        link = self._link if self._making is None else self._making
        if link is None:
            return
        answer = await link.stop(may_move=may_move)
        self._feed("stop_answered", "", answer.encode())
        is_well = answer in ("success", "link lost", "operation_failed")
        if not is_well and (may_move or answer == "no answer") and link is self._link:
            # The channel is of no use any more: a new link is the only way left to stop.
            now_s = asyncio.get_running_loop().time()
            if now_s < self._next_drop_s:
                return  # the last ones have not helped: STOP is repeated on this one
            self._drop_apart_s = min(2 * self._drop_apart_s, LONGEST_DROP_APART_S)
            self._next_drop_s = now_s + self._drop_apart_s
            await self._drop(link, f"STOP was answered: {answer}")
        elif answer == "success":
            self._drop_apart_s, self._next_drop_s = DROP_APART_S, -math.inf

    async def _send_order(self, order: ClearedOrder) -> None:
        link = self._link
        if link is None:
            self._feed("result", str(order.id), b"no link")
            return
        try:
            result = await link.drive(order)
        except OrderVoid as error:
            result = f"void: {error}"
        except GuardError as error:
            self._feed("fault", "", str(error).encode())
            return
        except LinkError as error:
            result = f"failed: {error}"
        self._feed("result", str(order.id), result.encode())
        lost_control = link.is_connected and not link.control.in_control
        if lost_control and order.kind is not OrderKind.START:
            self._feed("control_lost", "", b"the machine does not permit control")
        if link.control.quarantined is not None:
            await self._drop(link, link.control.quarantined)

    async def _take_control(self) -> None:
        link = self._link
        if link is None:
            return
        try:
            await link.take_control()
        except LinkError as error:
            self._feed("control_lost", "", str(error).encode())

    # -- links -------------------------------------------------------------------------

    async def _first_link(self) -> Machine:
        link = self._new_link()
        machine = await link.connect()
        self._link = link
        return machine

    def _new_link(self) -> Treadmill:
        """A new link. What an older one still has to say is not heard any more."""
        self._link_number += 1
        number = self._link_number

        def on_frame(device: str, characteristic: str, data: bytes) -> None:
            if number == self._link_number:
                self._on_frame(device, characteristic, data)

        def on_lost() -> None:
            if number == self._link_number:
                self._on_lost()

        return self._make_treadmill(on_frame, on_lost)

    def _on_frame(self, device: str, characteristic: str, data: bytes) -> None:
        self._feed("frame", f"{device}/{characteristic}", data)

    def _on_lost(self) -> None:
        if self._leaving or self._reconnecting:
            return
        self._reconnecting = True
        self._feed("link", "down", b"")
        self._spawn(self._reconnect())

    async def _drop(self, link: Treadmill, why: str) -> None:
        """Give up the link of now, whose channel is of no use; a new one is made."""
        if link is not self._link or self._reconnecting or self._leaving:
            return
        now_s = asyncio.get_running_loop().time()
        self._tell(Event(now_s, "link", Level.WARNING, f"a new link is needed: {why}"))
        self._on_lost()
        await link.close()

    async def _reconnect(self) -> None:
        attempt = 0
        old = self._link
        while not self._leaving:
            await asyncio.sleep(RECONNECT_S[min(attempt, len(RECONNECT_S) - 1)])
            if old is not None:
                await old.close()
                old = None
            attempt += 1
            link = self._making = self._new_link()
            try:
                # One that is lost again while it is made raises as well: nothing tells of it later.
                await link.reconnect(owes_stop=self._owes_stop, may_move=self._may_move())
            except LinkError as error:
                self._say_no_link(str(error))
                continue
            finally:
                self._making = None
            self._link = link
            self._reconnecting = False
            self._feed("link", "up", b"")
            return

    def _say_no_link(self, why: str) -> None:
        """Why there is no new link yet, into the journal; once, until it is something else."""
        if why != self._no_link_why:
            self._no_link_why = why
            now_s = asyncio.get_running_loop().time()
            self._carry_out([Event(now_s, "link", Level.INFO, f"no new link yet: {why}")])

    def _owes_stop(self) -> bool:
        """Whether a STOP was asked for and the belt was not seen to stand."""
        session = None if self._controller is None else self._controller.session
        return session is not None and (session.owed_stop is not None or session.phase is Phase.STOPPING)

    def _may_move(self) -> bool:
        """Whether the belt moves, or may, as far as is known without a link."""
        return self._controller is None or self._controller.may_move(asyncio.get_running_loop().time())

    async def _keep_sensor(self, make: SensorFactory) -> None:
        """Connect to a sensor for as long as the session lasts; its loss never touches the belt."""
        while not self._leaving:
            lost = asyncio.Event()
            sensor = make(self._on_frame, lost.set)
            try:
                await sensor.connect()
            except LinkError:
                await asyncio.sleep(RECONNECT_S[-1])
                continue
            self._sensor_links[sensor.name] = sensor
            self._sensors_up.add(sensor.name)
            self._feed("sensor", sensor.name, b"up")
            for note in sensor.notes:
                self._tell(Event(asyncio.get_running_loop().time(), "say", Level.WARNING, note))
            await lost.wait()
            self._sensors_up.discard(sensor.name)
            self._feed("sensor", sensor.name, b"down")
            await asyncio.sleep(RECONNECT_S[0])

    # -- what the runner says of the body ----------------------------------------------

    def _keep_word(self, intent: Intent) -> None:
        """On disk at once, by a thread; nothing waits for it but who answers the person (`words_kept`)."""
        if intent.kind not in OF_THE_BODY:
            return
        try:
            written = self._recorder.word(intent.kind.value, time.time())
        except Exception as error:  # noqa: BLE001  # whatever it is, the belt is being stopped all the same
            written = Future()
            written.set_exception(error)
        kept = asyncio.wrap_future(written)
        self._words.append(kept)
        kept.add_done_callback(self._word_done)

    def _word_done(self, kept: asyncio.Future[None]) -> None:
        if not kept.cancelled() and (error := kept.exception()) is not None:
            text = f"{NOT_KEPT} ({error})."
            self._carry_out([Event(asyncio.get_running_loop().time(), "say", Level.ALARM, text)])

    async def words_kept(self) -> str | None:
        """Wait until what was said is on disk, a few seconds at most; None, or why it is not."""
        if not self._words:
            return None
        done, waits = await asyncio.wait(self._words, timeout=KEPT_WITHIN_S)
        lost = [kept for kept in done if kept.cancelled() or kept.exception() is not None]
        self._words = [kept for kept in self._words if not kept.done()]
        return f"{NOT_KEPT}." if lost or waits else None

    # -- a setup that changed before the belt was released -------------------------------

    @property
    def setup(self) -> Setup | None:
        """What the session goes by; None before the treadmill is linked."""
        return None if self._controller is None else self._controller.setup

    @property
    def has_reading(self) -> bool:
        """Whether the belt has reported to the controller of now."""
        return self._controller is not None and self._controller.sensors.speed_kmh is not None

    def say(self, level: Level, text: str) -> None:
        """A line for people, on the screen and in the journal."""
        self._carry_out([Event(asyncio.get_running_loop().time(), "say", level, text)])

    def keep_setup(self, setup: Setup) -> None:
        """Into the journal, before the session goes by it; takes its time. Raises StoreError."""
        self._recorder.renew(setup_to_json(setup))

    def replace_setup(self, setup: Setup) -> None:
        """Go by another setup from now on, which `keep_setup` has written down.

        Raises InputError unless the session is ready and nobody has released the belt in it: there is no
        order yet, so a controller that begins anew with the link and the sensors of now knows everything.
        """
        if self._controller is None or self._controller.was_released or self.phase is not Phase.READY:
            raise InputError("setup", self.phase.words, "a session that is ready and was never released")
        if self._controller.watch.waits_for_stop:
            raise InputError("setup", "the belt is being stopped", "a belt that has stopped: try again then")
        now_s = asyncio.get_running_loop().time()
        self._recorder.input(now_s, NEW_SETUP, "", b"")
        self._controller = Controller(setup, before=self._controller)
        self.say(Level.WARNING, "Today's limits have changed; this session now uses the new ones.")
        self._on_ready(setup)
        self._feed("link", "up", b"")
        for name in sorted(self._sensors_up):
            self._feed("sensor", name, b"up")
