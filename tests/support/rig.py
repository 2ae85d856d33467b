"""A whole session on the simulated air in virtual time: real radio, real controller, real belt model."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from datetime import date
from functools import partial
from types import TracebackType
from typing import Any, Self

from treadcoach.app.clock import run_paced
from treadcoach.app.coach import Coach
from treadcoach.app.form_watch import FormSetup
from treadcoach.app.outputs import Drive, Event, Output, Stop
from treadcoach.app.recorder import Recorder
from treadcoach.app.setup import Setup
from treadcoach.cli.sim import build_sensor
from treadcoach.core.body import Mount
from treadcoach.core.guidance import BeltRules
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import Phase
from treadcoach.core.plan import PlanRef
from treadcoach.core.runner import Runner
from treadcoach.core.timeline import fit
from treadcoach.core.workout import parse_workout
from treadcoach.devices.strap import StrapLink
from treadcoach.devices.treadmill import TreadmillLink
from treadcoach.guard.limits import speed_grid
from treadcoach.planning.form_guidance import load_form_rules
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.progression import PastSession, WeeklyCeiling, weekly_ceiling
from treadcoach.virtual.air import Air
from treadcoach.virtual.belt import MachineModel, VirtualBelt
from treadcoach.virtual.bleak_backend import CentralRadio, install
from treadcoach.virtual.faults import Faults
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.virtual.strap import STRAP_ADDRESS, VirtualStrap
from treadcoach.virtual.treadmill import TREADMILL_ADDRESS, VirtualTreadmill

RULES = load_guidance().belt
FORM_RULES = load_form_rules()
JOGGER = Runner(comfortable_walk_kmh=5.0, comfortable_jog_kmh=8.5)
WORKOUT = "1 min @ 5.5 km/h + 2 min @ 8 km/h + 1 min @ 5.5 km/h"
STOP_OCTETS = b"\x08\x01"


def in_virtual_time[T](work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop that never waits."""
    return run_paced(work, None)


class ListRecorder:
    """Keeps everything in memory; can be told to fail like a full disk."""

    def __init__(self) -> None:
        self.inputs: list[tuple[float, str, str, bytes]] = []
        self.outputs: list[Output] = []
        self.state: str | None = None
        self.broken: str | None = None
        self.gone_s: float | None = None
        self.words: list[str] = []
        self.setups: list[Mapping[str, object]] = []
        self.deaf: Exception | None = None

    def begin(self, title: str, setup: Mapping[str, object], started_unix_s: float) -> int:
        return 1

    def renew(self, setup: Mapping[str, object]) -> None:
        self.setups.append(setup)

    def input(self, t_s: float, kind: str, name: str, payload: bytes) -> None:
        self.inputs.append((t_s, kind, name, payload))

    def output(self, output: Output) -> None:
        self.outputs.append(output)

    def word(self, kind: str, said_unix_s: float) -> Future[None]:
        written: Future[None] = Future()
        if self.deaf is not None:
            written.set_exception(self.deaf)
        else:
            self.words.append(kind)
            written.set_result(None)
        return written

    async def end(self, state: str, summary: Mapping[str, object]) -> None:
        self.state = state

    def fault(self) -> str | None:
        return self.broken

    def gone_for_s(self) -> float | None:
        return self.gone_s


def make_setup(
    machine: Machine,
    *,
    runner: Runner = JOGGER,
    workout: str = WORKOUT,
    rules: BeltRules = RULES,
    history: tuple[PastSession, ...] = (),
    incline_percent: float | None = None,
    stretch_break: bool = False,
    today: date = date(2026, 11, 18),
    mounts: Mapping[str, Mount] | None = None,
    plan: PlanRef | None = None,
    ceiling: WeeklyCeiling | None = None,
) -> Setup:
    ceiling = ceiling or weekly_ceiling(history, today, runner, rules)
    timeline = fit(
        parse_workout(workout),
        rules,
        walk_kmh=ceiling.walk_kmh,
        ceiling=ceiling.curve,
        max_speed_kmh=runner.max_speed_kmh,
        slowest_kmh=speed_grid(machine.speed_range).low / 100,
        default_incline_percent=incline_percent,
        stretch_break=stretch_break,
    )
    return Setup(
        runner, rules, machine, ceiling, timeline, form=FormSetup(FORM_RULES, mounts or {}), plan=plan
    )


def _link(address: str, name: str, frame: Any, lost: Any) -> StrapLink:
    return StrapLink(address, name, frame, lost)


class Rig:
    """`async with Rig(...) as rig`: a coach connected to a virtual treadmill and strap."""

    mill_type: type[VirtualTreadmill] | None = None
    strap_type: type[VirtualStrap] = VirtualStrap
    person_type: type[VirtualRunner] | None = None

    def __init__(
        self,
        *,
        model: MachineModel | None = None,
        faults: Faults | None = None,
        interval_s: float = 0.0,
        strap: bool = True,
        acceleration: bool = False,
        wears: tuple[str, ...] = (),
        recorder: Recorder | None = None,
        takes_mph: bool = False,
        belt: VirtualBelt | None = None,
        mill: type[VirtualTreadmill] | None = None,
        **setup: Any,
    ) -> None:
        self.belt = belt or VirtualBelt(model or MachineModel(), faults or Faults())
        self._mill_type = mill
        self.faults = self.belt.faults
        self.recorder: Any = recorder or ListRecorder()
        self.events: list[Event] = []
        self.drives: list[Drive] = []
        self.beats: list[float] = []
        self._interval_s = interval_s
        self._with_strap = strap
        self._acceleration = acceleration
        self._wears = wears
        self.worn: dict[str, Any] = {}
        self._takes_mph = takes_mph
        self._setup = setup

    async def __aenter__(self) -> Self:
        self.air = Air(self._interval_s)
        self.radio: CentralRadio = install(self.air)
        self.person = (self.person_type or VirtualRunner)()
        mill_type = self._mill_type or self.mill_type or VirtualTreadmill
        self.mill = mill_type(self.air, self.belt, runner=self.person)
        await self.mill.start()
        sensors: list[Any] = []
        if self._with_strap:
            self.strap = self.strap_type(self.air, self.person)
            await self.strap.start()
            sensors.append(
                lambda frame, lost: StrapLink(
                    STRAP_ADDRESS, "strap", frame, lost, acceleration=self._acceleration
                )
            )
        for text in self._wears:
            # Named by what it is, so that a test can say where it sits.
            name = text.partition("@")[0]
            peripheral = build_sensor(text, self.air, self.person)
            await peripheral.start()
            self.worn[name] = peripheral
            sensors.append(partial(_link, peripheral.address, name))
        self.coach = Coach(
            lambda frame, lost: TreadmillLink(TREADMILL_ADDRESS, frame, lost, takes_mph=self._takes_mph),
            sensors,
            lambda machine: make_setup(machine, **self._setup),
            self.recorder,
            heartbeat=lambda _released, _standing: self.beats.append(asyncio.get_running_loop().time()),
        )
        self.coach.listen_events(self.events.append)
        self.task = asyncio.get_running_loop().create_task(self.coach.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.task.done():
            self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.mill.stop()
        if self._with_strap:
            await self.strap.stop()
        for peripheral in self.worn.values():
            await peripheral.stop()
        await self.radio.close()
        if kind is None and not self.task.cancelled() and (failed := self.task.exception()):
            raise failed

    @property
    def now_s(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def controller(self) -> Any:
        return self.coach._controller

    @property
    def phase(self) -> Phase:
        return self.coach.phase

    def ask(self, kind: IntentKind, amount: float = 0.0, source: str = "test") -> None:
        self.coach.request(Intent(kind, source, amount))

    async def until(self, true: Callable[[], bool], limit_s: float = 3600.0, what: str = "") -> None:
        end = self.now_s + limit_s
        while not true():
            if self.now_s > end:
                raise AssertionError(f"not within {limit_s} s: {what or true}; {self.story()[-8:]}")
            await asyncio.sleep(0.1)

    async def at(self, phase: Phase, limit_s: float = 3600.0) -> None:
        await self.until(lambda: self.phase is phase, limit_s, f"phase {phase}, is {self.phase}")

    async def seconds(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def start(self) -> None:
        """Wait until ready with a reading, and press start."""
        await self.at(Phase.READY, 60)
        await self.until(lambda: self.controller.sensors.speed_kmh is not None, 30)
        self.ask(IntentKind.START)

    async def walk(self) -> None:
        """Start, and wait until the belt is at its warm-up speed."""
        await self.start()
        await self.at(Phase.WARM_UP, 90)
        await self.until(lambda: self.belt.speed_kmh > 3.5, 120)

    async def to_phase(self, phase: Phase) -> None:
        """Bring a fresh rig into a phase by the way a person would."""
        if phase is Phase.CONNECTING:
            return
        await self.at(Phase.READY, 60)
        if phase is Phase.READY:
            return
        await self.start()
        if phase is Phase.ARMED:
            assert self.phase is Phase.ARMED
            return
        if phase is Phase.PAUSED:
            await self.walk_on()
            self.ask(IntentKind.PAUSE)
        elif phase is Phase.LINK_LOST:
            await self.walk_on()
            await self.mill.silence()
        elif phase is Phase.STOPPING:
            await self.walk_on()
            self.ask(IntentKind.STOP)
        elif phase is Phase.COOL_DOWN:
            await self.walk_on()
            self.ask(IntentKind.END_EARLY)
        await self.at(phase)

    async def walk_on(self) -> None:
        await self.at(Phase.WARM_UP, 90)
        await self.until(lambda: self.belt.speed_kmh > 3.5, 120)

    def writes(self, op: int | None = None) -> list[tuple[float, bytes]]:
        """What reached the control point, all or of one op code."""
        return [(t, data) for t, data in self.belt.writes if op is None or data[:1] == bytes((op,))]

    def stops(self) -> list[float]:
        return [t for t, data in self.belt.writes if data == STOP_OCTETS]

    def said(self, words: str) -> bool:
        return any(words.lower() in event.text.lower() for event in self.events)

    def story(self) -> list[str]:
        return [f"{event.t_s:.1f} {event.kind} {event.text}" for event in self.events]


__all__ = ["JOGGER", "RULES", "ListRecorder", "Rig", "Stop", "in_virtual_time", "make_setup"]
