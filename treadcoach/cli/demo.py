"""`treadcoach demo`: a whole session in one process on the simulated air."""

import asyncio
import socket as sockets
import webbrowser
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import Any

from treadcoach.app.clock import run_paced
from treadcoach.app.coach import Coach
from treadcoach.app.config import Folders, folders, runner_with
from treadcoach.app.house import House
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.lock import OneAtATime
from treadcoach.app.one_session import OneSession
from treadcoach.app.setup_builder import Intended, SetupBuilder
from treadcoach.app.storing import open_store, put_in_order
from treadcoach.app.training import make_training
from treadcoach.cli.lines import print_notes, print_wrapped
from treadcoach.cli.serve import house_options, house_secrets, names_of
from treadcoach.cli.session_runner import Conductor, is_terminal, make_screen
from treadcoach.cli.sessions import print_summary
from treadcoach.core.errors import LinkError
from treadcoach.core.phases import Phase
from treadcoach.core.runner import Runner
from treadcoach.core.units import parse_speed
from treadcoach.core.workout import parse_workout
from treadcoach.devices.scan import scan
from treadcoach.devices.strap import StrapLink
from treadcoach.devices.treadmill import TreadmillLink
from treadcoach.planning.guidance import load_guidance
from treadcoach.store.journal import Journal
from treadcoach.virtual.air import Air
from treadcoach.virtual.belt import VirtualBelt
from treadcoach.virtual.bleak_backend import install
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.virtual.strap import VirtualStrap
from treadcoach.virtual.treadmill import VirtualTreadmill
from treadcoach.web.pairing import new_pin

HOST, PORT = "127.0.0.1", 8765
CONNECTION_INTERVAL_S = 0.03
SCAN_S = 5.0
FADE_WORKOUT = "20 min @ 7.2 km/h"
FADES_AFTER_S = 560.0
"""After the minutes from which the runner's own values are learned."""
WORKOUT = "3 min @ 5.5 km/h + 2 x (90 s @ 8 km/h + 90 s @ 5.5 km/h)"


def run_demo(
    speed_up: float | None,
    workout: str | None,
    unit: str | None,
    data_dir: Path | None,
    *,
    fade: bool = False,
    pages: bool = True,
) -> int:
    """Run the demo to its end; the exit status.

    speed_up: None runs in virtual time, as fast as it can. pages: also on a page, opened for who looks on.
    """
    places = folders(data_dir, simulated=True)
    jog = "9 km/h" if fade else "8.5 km/h"
    stated = {"comfortable_walk": "5 km/h", "comfortable_jog": jog, "name": "demo"}
    runner = runner_with(Runner(), stated | ({"unit": unit} if unit else {}), "--unit")
    title = "Demo: form fades" if fade else "Demo"
    speeds = {"walk": 5.0, "jog": parse_speed(jog)}
    intended = Intended(
        parse_workout(workout or (FADE_WORKOUT if fade else WORKOUT), title, "--workout", speeds)
    )
    rules = load_guidance(places.config).belt
    with OneAtATime(places):
        engine = open_store(places)
        put_in_order(places, engine)
        training = make_training(engine, runner, rules, places.config)
        builder = SetupBuilder(training, intended, newcomer=True)
        pace = "in virtual time" if speed_up is None else f"{speed_up:g} times as fast as real time"
        print(f"A simulated treadmill, runner and strap, {pace}.")
        for line in builder.advice(date.today()):
            print_wrapped(line)

        shown = OneSession()

        async def conducted() -> tuple[Phase, int | None]:
            air = Air(CONNECTION_INTERVAL_S)
            install(air)
            person = VirtualRunner(tires_after_s=FADES_AFTER_S if fade else None)
            await VirtualTreadmill(air, VirtualBelt(), runner=person).start()
            await VirtualStrap(air, person).start()
            found = await scan(SCAN_S, enough_treadmills=1)
            for device in found:
                print_wrapped(f"Found: {device.name} ({device.device.address}), {', '.join(device.offers)}")
            mill = next((f.device for f in found if f.kind == "treadmill"), None)
            strap = next((f.device for f in found if f.kind == "sensor"), None)
            if mill is None or strap is None:
                raise LinkError("the simulated air is silent")
            name, aside = mill.name or "", places.aside
            journal = Journal(engine, runner.name, name, mill.address, station=places.station, aside=aside)
            recorder = JournalRecorder(journal)
            coach = Coach(
                lambda frame, lost: TreadmillLink(mill, frame, lost),
                [lambda frame, lost: StrapLink(strap, "strap", frame, lost)],
                builder,
                recorder,
                on_ready=lambda setup: print_notes(setup.timeline.notes),
            )
            shown.follow(coach)
            screen = make_screen(runner, interactive=is_terminal())
            conductor = Conductor(coach, screen, auto_start=True, places=places)
            return await conductor.run(), coach.session_id

        work = conducted()
        if pages:
            work = _on_a_page(work, shown, runner.name, places, data_dir)
        phase, number = run_paced(work, speed_up)
        if number is not None:
            print_summary(engine, number, runner.unit, simulated=True, data_dir=data_dir)
        engine.dispose()
    return 0 if phase is Phase.DONE else 1


async def _on_a_page[T](
    work: Coroutine[Any, Any, T], shown: OneSession, runner: str, places: Folders, data_dir: Path | None
) -> T:
    """Do the work with a house beside it, whose pages stay until somebody who looks on has seen enough."""
    port = _free_port()
    options = house_options(HOST, port, True, data_dir, names_of(HOST, port))
    house = House(shown, [*options, "--stands-in", runner], house_secrets(places, new_pin()))
    keeping = asyncio.create_task(house.keep())
    url = f"http://{HOST}:{port}/live"
    print(f"The session on a page: {url}", flush=True)
    if is_terminal():
        webbrowser.open(url)
    try:
        done = await work
        shown.ended("The demo's session has ended; it can be reviewed under Sessions.")
        if is_terminal():
            await asyncio.to_thread(input, "The pages stay until you press Enter. ")
        return done
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


def _free_port() -> int:
    """The pages' own port, or another one where that is taken."""
    for port in (PORT, 0):
        with sockets.socket() as trial:
            trial.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
            try:
                trial.bind((HOST, port))
            except OSError:
                continue
            free: int = trial.getsockname()[1]
            return free
    raise LinkError("no free port for the pages")
