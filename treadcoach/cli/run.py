"""`treadcoach run`: a managed session on a real treadmill, or on the simulated air."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from treadcoach.app.assembly import Assembly, Wanted, find_air, find_devices, pace_of
from treadcoach.app.clock import run_paced
from treadcoach.app.config import Folders, folders, load_runner, runner_with
from treadcoach.app.decisions import check_in
from treadcoach.app.lock import OneAtATime
from treadcoach.app.release import Renew
from treadcoach.app.sensor_names import parse_sensor, sensor_name
from treadcoach.app.setup import Setup
from treadcoach.app.setup_builder import Intended, SetupBuilder, todays
from treadcoach.app.storing import carry_name, know_the_runner, open_store, put_in_order
from treadcoach.app.training import Training, make_training
from treadcoach.app.workouts import find_workout, speeds_of
from treadcoach.cli.checkin import ask_check_in, print_ruling
from treadcoach.cli.lines import print_notes, print_wrapped
from treadcoach.cli.session_runner import Conductor, is_terminal, make_screen
from treadcoach.cli.sessions import hand_on, print_summary
from treadcoach.core.checkin import Moment
from treadcoach.core.errors import InputError
from treadcoach.core.machine import Machine
from treadcoach.core.phases import Phase
from treadcoach.core.runner import Runner
from treadcoach.core.units import parse_duration, parse_incline
from treadcoach.planning.guidance import load_guidance


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of `run` as typed; `runner` holds those about the person."""

    workout: str | None = None
    today: bool = False
    questions: bool = True
    treadmill: str | None = None
    straps: tuple[str, ...] = ()
    incline: str | None = None
    warm_up: str | None = None
    stretch_break: bool = False
    mph_machine: bool = False
    air: str | None = None
    data_dir: Path | None = None
    runner: dict[str, Any] = field(default_factory=dict)


def run_session(options: RunOptions) -> int:
    """Run one session to its end; the exit status."""
    if options.today and options.workout is not None:
        raise InputError("--today", "with --workout", "one of them")
    air = find_air(options.air)
    places = folders(options.data_dir, simulated=air is not None)
    if air is None and not is_terminal():
        allowed = "a terminal: a person at the treadmill has to press start and stop"
        raise InputError("terminal", "none", allowed)
    runner = _runner(options, places)  # what cannot be read is said before anything is opened
    with OneAtATime(places):
        engine = open_store(places)
        for line in put_in_order(places, engine):
            print_wrapped(line)
        for line in know_the_runner(places, engine):
            print_wrapped(line)
        training = _training(options, places, engine)
        asking = options.questions and is_terminal()
        told = _ask(training, Moment.BEFORE) if asking else ()
        builder, left_out = _builder(options, places, training)
        print_notes(f"left out: {line}" for line in left_out)
        for line in builder.advice(date.today()):
            if line not in told:
                print_wrapped(line)
        if air is not None:
            print(f"Using the simulated air at {air}; no real belt will move.")
        devices = Wanted(options.treadmill, options.straps, options.mph_machine, air)

        def renew(machine: Machine) -> Setup:
            carry_name(places, engine)
            return _builder(options, places, _training(options, places, engine))[0](machine)

        session = _session(devices, places, engine, builder, renew)
        phase, recorded = run_paced(session, pace_of(air))
        if recorded is not None:
            simulated, data_dir = air is not None, options.data_dir
            print_summary(engine, recorded, runner.unit, simulated=simulated, data_dir=data_dir)
            if asking:
                _ask(training, Moment.AFTER)
        engine.dispose()
    if recorded is not None:
        # The belt stands; what could not be handed on is tried again after the next session, or by serve.
        hand_on(options.data_dir, air is not None)
    return 0 if phase is Phase.DONE else 1


def _runner(options: RunOptions, places: Folders) -> Runner:
    runner = runner_with(load_runner(places.config), options.runner, "options")
    return replace(runner, name=f"{runner.name} (simulated)") if places.simulated else runner


def _training(options: RunOptions, places: Folders, engine: Engine) -> Training:
    rules = load_guidance(places.config).belt
    return make_training(engine, _runner(options, places), rules, places.config)


def _builder(options: RunOptions, places: Folders, training: Training) -> tuple[SetupBuilder, list[str]]:
    """By the settings and the day of now; and what of a workout's file was left out."""
    wanted = [parse_sensor(text) for text in options.straps]
    intended = Intended(
        None,
        None if options.incline is None else parse_incline(options.incline, "--incline"),
        None if options.warm_up is None else parse_duration(options.warm_up, "--warm-up"),
        options.stretch_break,
        {sensor_name(at): mount for at, (_, mount) in enumerate(wanted) if mount is not None},
    )
    left_out: list[str] = []
    if options.today:
        intended = todays(intended, training, date.today())
    elif options.workout is not None:
        speeds = speeds_of(training.references(date.today()))
        workout, left_out = find_workout(options.workout, speeds, places.config, "--workout")
        intended = replace(intended, workout=workout)
    return SetupBuilder(training, intended), left_out


def _ask(training: Training, moment: Moment) -> tuple[str, ...]:
    """How body and back feel; before a session once a day. Ctrl-C and a closed input skip the questions.

    Returns the reasons that were said.
    """
    today = date.today()
    if moment is Moment.BEFORE and any(
        said.day == today and said.moment is moment for said in training.check_ins()
    ):
        return ()
    try:
        said = ask_check_in(today, moment, input)
    except (EOFError, KeyboardInterrupt):
        print()
        return ()
    if said is None:
        return ()
    ruling = check_in(training, said)
    print_ruling(ruling)
    return ruling.reasons


async def _session(
    wanted: Wanted, places: Folders, engine: Engine, builder: SetupBuilder, renew: Renew
) -> tuple[Phase, int | None]:
    """Find the devices, run the coach with its warden; the phase it ended in and its number."""
    print("Looking for the treadmill …")
    devices = await find_devices(wanted)
    print(devices.words)
    assembly = Assembly(
        devices, wanted, places, engine, builder, lambda setup: print_notes(setup.timeline.notes)
    )
    interactive = is_terminal()
    screen = make_screen(builder.runner, interactive=interactive)
    conductor = Conductor(assembly.coach, screen, auto_start=not interactive, places=places, renew=renew)
    phase = await assembly.run(conductor.run)
    return phase, assembly.coach.session_id
