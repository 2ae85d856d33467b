"""`treadcoach run`: a managed session on a real treadmill, or on the simulated air."""

import json
import os
import socket as sockets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from bleak.backends.device import BLEDevice
from sqlalchemy import Engine

from treadcoach.app.clock import run_paced
from treadcoach.app.coach import Coach
from treadcoach.app.config import Folders, default_air, folders, load_runner, runner_with
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.training import Training, make_training
from treadcoach.app.warden_link import WardenLink
from treadcoach.app.workouts import find_workout, speeds_of
from treadcoach.cli.checkin import ask_check_in, print_ruling, write
from treadcoach.cli.session_runner import (
    Conductor,
    OneAtATime,
    Plan,
    SetupBuilder,
    is_terminal,
    make_screen,
    print_notes,
    print_wrapped,
)
from treadcoach.cli.sessions import print_summary
from treadcoach.core.body import Mount
from treadcoach.core.checkin import Moment
from treadcoach.core.errors import InputError, LinkError
from treadcoach.core.phases import ENDED, Phase
from treadcoach.core.runner import Runner
from treadcoach.core.units import parse_duration, parse_incline
from treadcoach.devices.scan import Found, scan
from treadcoach.devices.strap import StrapLink
from treadcoach.devices.treadmill import TreadmillLink
from treadcoach.planning.guidance import load_guidance
from treadcoach.store import history
from treadcoach.store.journal import Journal
from treadcoach.store.schema import open_engine

SCAN_S = 8.0


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
    air = find_air(options.air)
    places = folders(options.data_dir, simulated=air is not None)
    runner = runner_with(load_runner(places.config), options.runner, "options")
    if air is not None:
        runner = replace(runner, name=f"{runner.name} (simulated)")
    elif not is_terminal():
        allowed = "a terminal: a person at the treadmill has to press start and stop"
        raise InputError("terminal", "none", allowed)
    wanted = [parse_sensor(text) for text in options.straps]
    plan = Plan(
        None,
        None if options.incline is None else parse_incline(options.incline, "--incline"),
        None if options.warm_up is None else parse_duration(options.warm_up, "--warm-up"),
        options.stretch_break,
        {sensor_name(at): mount for at, (_, mount) in enumerate(wanted) if mount is not None},
    )
    rules = load_guidance(places.config).belt
    with OneAtATime(places):
        engine = open_engine(places.journal)
        for number in history.close_interrupted(engine):
            words = _warden_words(places.warden_report)
            print_wrapped(f"Session {number} was interrupted; it is closed. {words}")
        places.warden_report.unlink(missing_ok=True)
        training = make_training(engine, runner, rules, places.config)
        asking = options.questions and is_terminal()
        told = _ask(training, Moment.BEFORE) if asking else ()
        if options.today:
            plan = todays(plan, training, options)
        elif options.workout is not None:
            speeds = speeds_of(training.references(date.today()))
            workout, left_out = find_workout(options.workout, speeds, places.config, "--workout")
            plan = replace(plan, workout=workout)
            print_notes(f"left out: {line}" for line in left_out)
        builder = SetupBuilder(training, plan)
        for line in builder.advice(date.today()):
            if line not in told:
                print_wrapped(line)
        if air is not None:
            print(f"Using the simulated air at {air}; no real belt will move.")
        work = _session(options, air, places, runner, engine, builder)
        phase, recorded = run_paced(work, _pace_of(air))
        if recorded is not None:
            simulated, data_dir = air is not None, options.data_dir
            print_summary(engine, recorded, runner.unit, simulated=simulated, data_dir=data_dir)
            if asking:
                _ask(training, Moment.AFTER)
        engine.dispose()
    return 0 if phase is Phase.DONE else 1


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
    ruling = write(training, said)
    print_ruling(ruling)
    return ruling.reasons


async def _session(
    options: RunOptions,
    air: str | None,
    places: Folders,
    runner: Runner,
    engine: Engine,
    builder: SetupBuilder,
) -> tuple[Phase, int | None]:
    """Find the devices, run the coach with its warden; the phase it ended in and its number."""
    if air is not None:
        from treadcoach.virtual.bleak_backend import install

        install(air)
    print("Looking for the treadmill …")
    # On a real air the whole time is listened: the first treadmill heard may be a neighbour's.
    wanted = [parse_sensor(text)[0] for text in options.straps]
    enough = None if air is None else 1
    found = await scan(SCAN_S, enough_treadmills=enough, enough_sensors=max(len(wanted), 1))
    mill = choose(found, "treadmill", options.treadmill)
    if mill is None:
        raise LinkError("no treadmill was heard; see 'treadcoach doctor'")
    sensors = choose_sensors(found, wanted)
    print(f"Treadmill: {mill.name}; sensors: {', '.join(sensor.name for sensor in sensors) or 'none'}")
    recorder = JournalRecorder(Journal(engine, runner.name, mill.name, mill.device.address))
    warden = WardenLink(mill.device.address, places.warden_report, air)
    warden.start()
    coach = Coach(
        lambda frame, lost: TreadmillLink(mill.device, frame, lost, takes_mph=options.mph_machine),
        [_sensor_factory(sensor.device, sensor_name(at)) for at, sensor in enumerate(sensors)],
        builder,
        recorder,
        heartbeat=lambda released: warden.beat(released=released),
        on_ready=lambda setup: print_notes(setup.timeline.notes),
    )
    interactive = is_terminal()
    screen = make_screen(runner, interactive=interactive)
    conductor = Conductor(coach, screen, auto_start=not interactive, socket=places.socket)
    phase = Phase.CONNECTING
    try:
        phase = await conductor.run()
    finally:
        # A belt that was not seen to stand stays the warden's business.
        if phase in ENDED or not coach.released:
            warden.stand_down()
    return phase, coach.session_id


def todays(plan: Plan, training: Training, options: RunOptions) -> Plan:
    """The plan's session of today as what is to be run. Raises InputError when there is none."""
    if options.workout is not None:
        raise InputError("--today", "with --workout", "one of them")
    found = training.today(date.today())
    if found is None:
        schedule = training.schedule(date.today(), 14)
        following = schedule.sessions[0].day.isoformat() if schedule.sessions else "none in sight"
        reason = schedule.stopped or f"the next session of the plan: {following}"
        raise InputError("--today", "no session today", reason)
    _, resolved, ref = found
    return replace(plan, workout=resolved.workout, ref=ref)


def _sensor_factory(device: BLEDevice, name: str) -> Any:
    return lambda frame, lost: StrapLink(device, name, frame, lost)


def sensor_name(at: int) -> str:
    """What a session calls its sensors: the first is the strap."""
    return "strap" if at == 0 else f"sensor {at + 1}"


def parse_sensor(text: str) -> tuple[str, Mount | None]:
    """NAME, NAME@chest or NAME@hip. Raises InputError."""
    name, sign, place = text.rpartition("@")
    if not sign:
        return text, None
    if place not in (Mount.CHEST.value, Mount.HIP.value) or not name:
        raise InputError("--strap", text, "a name or address, with @chest or @hip where it is worn")
    return name, Mount(place)


def choose_sensors(found: list[Found], wanted: list[str]) -> list[Found]:
    """The sensors meant, in order; the strongest one when none is named. Raises InputError."""
    if wanted == ["none"]:
        return []
    if not wanted:
        nearest = choose(found, "sensor", None)
        return [] if nearest is None else [nearest]
    chosen = [sensor for name in wanted if (sensor := choose(found, "sensor", name)) is not None]
    if len({sensor.device.address for sensor in chosen}) != len(chosen):
        raise InputError("--strap", ", ".join(wanted), "each sensor once")
    return chosen


def choose(found: list[Found], kind: str, wanted: str | None) -> Found | None:
    """The device meant by an address or a part of a name. Raises InputError when that is unclear."""
    fitting = [f for f in found if f.kind == kind]
    if wanted is None:
        sure = [f for f in fitting if f.sure] or fitting
        if kind == "treadmill" and len(sure) > 1:
            names = ", ".join(f"{f.name} ({f.device.address})" for f in sure)
            raise InputError("--treadmill", "not given", f"one of {names}")
        return sure[0] if sure else None
    chosen = [
        f for f in fitting if f.device.address.lower() == wanted.lower() or wanted.lower() in f.name.lower()
    ]
    if len(chosen) != 1:
        names = ", ".join(f"{f.name} ({f.device.address})" for f in fitting) or "none was heard"
        raise InputError(f"--{'treadmill' if kind == 'treadmill' else 'strap'}", wanted, names)
    return chosen[0]


def find_air(option: str | None) -> str | None:
    """The simulated air to use, or None for real Bluetooth. Raises InputError."""
    if option == "off":
        return None
    if option is not None:
        if option.split(":", 1)[0] not in ("unix", "tcp") or ":" not in option:
            raise InputError("--air", option, "unix:PATH, tcp:HOST:PORT or off")
        return option
    place = default_air()
    with suppress(OSError), sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as line:
        line.connect(place.removeprefix("unix:"))
        return place
    return None


def _pace_of(air: str | None) -> float:
    """A simulated air says beside its socket how fast its time runs."""
    if air is None or not air.startswith("unix:"):
        return float(os.environ.get("TREADCOACH_AIR_SPEED_UP", "1"))
    note = Path(air.removeprefix("unix:") + ".json")
    if not note.is_file():
        return 1.0
    return float(json.loads(note.read_text(encoding="utf-8"))["speed_up"])


def _warden_words(report: Path) -> str:
    if not report.is_file():
        return ""
    said = json.loads(report.read_text(encoding="utf-8"))
    return f"The warden said: {said['why']}; {said['text']}."
