"""What `run` and `demo` share: from options to a setup, a coach in its loop, and the screen."""

import asyncio
import fcntl
import shutil
import signal
import sys
import textwrap
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import IO

from treadcoach.app.coach import Coach
from treadcoach.app.config import Folders
from treadcoach.app.controller import Setup
from treadcoach.app.form_picture import past_norms
from treadcoach.app.form_watch import FormSetup
from treadcoach.app.snapshot import Snapshot
from treadcoach.app.socket import CoachSocket
from treadcoach.app.training import Training
from treadcoach.cli.exercises import line_of
from treadcoach.cli.live import LiveScreen, PlainScreen, Screen
from treadcoach.core.body import Mount
from treadcoach.core.errors import InputError, TreadcoachError
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import Phase
from treadcoach.core.plan import PlanRef
from treadcoach.core.runner import Runner
from treadcoach.core.timeline import fit
from treadcoach.core.units import SpeedUnit, format_speed
from treadcoach.core.workout import Segment, Workout
from treadcoach.guard.limits import incline_grid, speed_grid
from treadcoach.planning.allowance import Allowance
from treadcoach.planning.form_guidance import load_form_rules
from treadcoach.planning.prescription import BEFORE, around, load_prescriptions
from treadcoach.planning.progression import comfortable_walk_kmh
from treadcoach.store import history

FIRST_MAIN_S = 15 * 60.0
AUTO_START_S = 8.0
"""Long enough for a sensor to learn the standing."""
AUTO_YES_S = 5.0
COARSE_STEP_CKMH = 30
LEAVE_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run, before the machine is known."""

    workout: Workout | None
    incline_percent: float | None = None
    warm_up_s: float | None = None
    stretch_break: bool = False
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    """Where each sensor sits, by its name in this session, as far as it was stated."""
    ref: PlanRef | None = None
    """The session of a plan that this is, if it is one."""


def guided_first_session(walk_kmh: float) -> Workout:
    """Walking only, for finding a comfortable speed with the + and - keys."""
    return Workout("A comfortable walk", (Segment(walk_kmh, duration_s=FIRST_MAIN_S),))


class SetupBuilder:
    """Builds a session's setup once the machine is known, from history, check-ins and the guidance.

    newcomer: as if nothing had been run or said before, for the demo's runner, who is a new one each time.
    """

    def __init__(self, training: Training, plan: Plan, *, newcomer: bool = False) -> None:
        self._training = training
        self._rules = training.rules
        self._plan = plan
        self._newcomer = newcomer
        low, high = self._rules.warm_up_min_s, self._rules.warm_up_max_s
        if plan.warm_up_s is not None and not low <= plan.warm_up_s <= high:
            allowed = f"{low / 60:g} to {high / 60:g} min"
            raise InputError("--warm-up", f"{plan.warm_up_s / 60:g} min", allowed)

    def allowance(self, today: date) -> Allowance:
        """What today allows. Raises NoSessionToday on a day without a session."""
        return self._training.allowance(today, newcomer=self._newcomer)

    def advice(self, today: date) -> list[str]:
        """What is said before the first step: what the day takes away, a physician, no hurry."""
        lines = list(self.allowance(today).notes)
        if self._newcomer or not self._training.past(today):
            limit, age = int(self._rules.physician_from_age), self._training.runner.age_years
            if age is None:
                who = f"if you are over {limit} or have pre-existing problems, see"
            elif age > limit:
                who = f"you are over {limit}: see"
            else:
                who = "if you have pre-existing problems, see"
            lines.append(
                f"First session: {who} a physician before you begin a programme."
                " Start slow; build up gradually."
            )
        return lines

    def __call__(self, machine: Machine) -> Setup:
        allowance = self.allowance(date.today())
        runner, ceiling, engine = allowance.runner, allowance.ceiling, self._training.engine
        walk = comfortable_walk_kmh(runner, self._rules)
        workout = self._plan.workout or guided_first_session(walk)
        slowest = speed_grid(machine.speed_range if machine.can_set_speed else None).low / 100
        timeline = fit(
            workout,
            self._rules,
            walk_kmh=walk,
            ceiling=ceiling.curve,
            max_speed_kmh=runner.max_speed_kmh,
            slowest_kmh=slowest,
            default_incline_percent=self._plan.incline_percent,
            warm_up_s=self._plan.warm_up_s,
            stretch_break=self._plan.stretch_break,
            unit=runner.unit,
        )
        notes = (*timeline.notes, *machine_notes(machine, runner.unit))
        timeline = replace(timeline, notes=notes)
        ramp = history.learned_ramp(engine, machine.address)
        ramp = ramp or (1 / self._rules.ramp_up_kmh_per_s, 1 / self._rules.ramp_down_kmh_per_s)
        past = tuple(past_norms(s) for s in history.past_summaries(engine, runner.name))
        form = FormSetup(load_form_rules(), self._plan.mounts, tuple(norms for norms in past if norms))
        return Setup(runner, self._rules, machine, ceiling, timeline, ramp, form, self._plan.ref)


def machine_notes(machine: Machine, unit: SpeedUnit) -> list[str]:
    """What this machine cannot do as the guidance would have it, said before the start."""
    notes = []
    if not machine.has_control_point:
        notes.append("This machine cannot be controlled over the air: treadcoach only watches and records.")
    if not machine.can_set_speed:
        notes.append("This machine says that its speed cannot be set over the air.")
    if machine.speed_range is None:
        slow = format_speed(6.0, unit)
        notes.append(f"This machine does not say its speed range: nothing above {slow} is ordered.")
    elif speed_grid(machine.speed_range).step > COARSE_STEP_CKMH:
        step = f"{speed_grid(machine.speed_range).step / 100:g} km/h"
        notes.append(f"This machine moves in steps of {step}: speeds are rounded down to them.")
    if not machine.can_set_incline or incline_grid(machine.incline_range) is None:
        notes.append("This machine has no incline that can be set: the 2 % of the guidance cannot be kept.")
    return notes


class OneAtATime:
    """The lock of a data folder: one coach commands one belt."""

    def __init__(self, folders: Folders) -> None:
        self._path = folders.lock
        self._file: IO[str] | None = None

    def __enter__(self) -> "OneAtATime":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise TreadcoachError(
                "a session is running already; see it with 'treadcoach status', end it with 'treadcoach stop'"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def print_wrapped(text: str, indent: str = "") -> None:
    """A line for people, broken between words where the terminal ends."""
    width = min(shutil.get_terminal_size().columns, 100)
    print(textwrap.fill(text, width, subsequent_indent=indent))


def print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        print_wrapped(f"- {note}", "  ")


def make_screen(runner: Runner, *, interactive: bool) -> Screen:
    before = around(load_prescriptions(), BEFORE, aching_back=runner.aching_back)
    stretches = [line_of(exercise) for exercise in before]
    if interactive:
        return LiveScreen(runner.unit, stretches=stretches)
    return PlainScreen(runner.unit, stretches)


def is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


class Conductor:
    """Runs one coach with keys, signals, the socket and a screen around it."""

    def __init__(self, coach: Coach, screen: Screen, *, auto_start: bool, socket: Path) -> None:
        self._coach = coach
        self._screen = screen
        self._auto_start = auto_start
        self._socket = CoachSocket(coach, socket)
        self._ready_since_s: float | None = None
        self._interrupts = 0
        self._offered_s: float | None = None
        coach.listen(screen.show)
        coach.listen_events(screen.tell)
        if auto_start:
            coach.listen(lambda snapshot: self._press_start(snapshot.phase, snapshot.t_s))
            coach.listen(self._say_yes)

    def _press_start(self, phase: Phase, now_s: float) -> None:
        """Without a terminal, on the simulated air: the simulated person presses start."""
        if phase not in (Phase.READY, Phase.STRETCH_BREAK):
            self._ready_since_s = None
        elif self._ready_since_s is None:
            self._ready_since_s = now_s
        elif now_s - self._ready_since_s >= AUTO_START_S:
            self._ready_since_s = None
            self._coach.request(Intent(IntentKind.START, "the simulated runner"))

    def _say_yes(self, snapshot: Snapshot) -> None:
        """The simulated person takes an offer after a few seconds' thought."""
        offer = None if snapshot.form is None else snapshot.form["offer"]
        if offer is None:
            self._offered_s = None
        elif self._offered_s is None:
            self._offered_s = snapshot.t_s
        elif snapshot.t_s - self._offered_s >= AUTO_YES_S:
            self._offered_s = None
            self._coach.request(Intent(IntentKind.ACCEPT, "the simulated runner"))

    def _interrupt(self) -> None:
        """Ctrl-C, a closed terminal or a kill: STOP, then leave. A second one only waits."""
        self._interrupts += 1
        if self._interrupts == 1:
            self._coach.request(Intent(IntentKind.STOP, "Ctrl-C"))
        else:
            self._screen.line("The belt is being stopped; the program leaves when it stands.")

    async def run(self) -> Phase:
        loop = asyncio.get_running_loop()
        for number in LEAVE_SIGNALS:
            loop.add_signal_handler(number, self._interrupt)
        await self._socket.open()
        with ExitStack() as stack:
            stack.enter_context(self._screen)
            stack.enter_context(self._screen.keys(loop, self._coach.request))
            try:
                return await self._coach.run()
            finally:
                await self._socket.close()
                for number in LEAVE_SIGNALS:
                    # The belt is out of our hands; only the summary is left to print.
                    loop.remove_signal_handler(number)
                    signal.signal(number, signal.SIG_IGN)
