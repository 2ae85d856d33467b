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
from treadcoach.app.warden_link import WardenLink
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
from treadcoach.core.errors import InputError, LinkError
from treadcoach.core.phases import ENDED, Phase
from treadcoach.core.runner import Runner
from treadcoach.core.units import parse_duration, parse_incline
from treadcoach.core.workout import parse_workout
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
    treadmill: str | None = None
    strap: str | None = None
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
    plan = Plan(
        None if options.workout is None else parse_workout(options.workout, place="--workout"),
        None if options.incline is None else parse_incline(options.incline, "--incline"),
        None if options.warm_up is None else parse_duration(options.warm_up, "--warm-up"),
        options.stretch_break,
    )
    rules = load_guidance(places.config).belt
    with OneAtATime(places):
        engine = open_engine(places.journal)
        for number in history.close_interrupted(engine):
            words = _warden_words(places.warden_report)
            print_wrapped(f"Session {number} was interrupted; it is closed. {words}")
        places.warden_report.unlink(missing_ok=True)
        builder = SetupBuilder(engine, rules, runner, plan)
        for line in builder.advice(date.today()):
            print_wrapped(line)
        if air is not None:
            print(f"Using the simulated air at {air}; no real belt will move.")
        work = _session(options, air, places, runner, engine, builder)
        phase, recorded = run_paced(work, _pace_of(air))
        if recorded is not None:
            simulated, data_dir = air is not None, options.data_dir
            print_summary(engine, recorded, runner.unit, simulated=simulated, data_dir=data_dir)
        engine.dispose()
    return 0 if phase is Phase.DONE else 1


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
    found = await scan(SCAN_S, enough_treadmills=None if air is None else 1)
    mill = choose(found, "treadmill", options.treadmill)
    if mill is None:
        raise LinkError("no treadmill was heard; see 'treadcoach doctor'")
    strap = None if options.strap == "none" else choose(found, "sensor", options.strap)
    print(f"Treadmill: {mill.name}" + (f"; strap: {strap.name}" if strap else "; no strap"))
    recorder = JournalRecorder(Journal(engine, runner.name, mill.name, mill.device.address))
    warden = WardenLink(mill.device.address, places.warden_report, air)
    warden.start()
    coach = Coach(
        lambda frame, lost: TreadmillLink(mill.device, frame, lost, takes_mph=options.mph_machine),
        [] if strap is None else [_strap_factory(strap.device)],
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


def _strap_factory(device: BLEDevice) -> Any:
    return lambda frame, lost: StrapLink(device, "strap", frame, lost)


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
