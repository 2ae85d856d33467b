"""`treadcoach serve`: pages for a tablet at the treadmill and a laptop on the sofa, one house a treadmill."""

import asyncio
import signal
import socket as sockets
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy import Engine

from treadcoach.app.assembly import Wanted, find_air, pace_of
from treadcoach.app.clock import run_paced
from treadcoach.app.config import Folders, folders
from treadcoach.app.config_file import CONFIG
from treadcoach.app.house import House
from treadcoach.app.house_messages import PIN, SECRET
from treadcoach.app.lock import OneAtATime
from treadcoach.app.practice import load_places
from treadcoach.app.service import SessionService
from treadcoach.app.station import Seated, Station
from treadcoach.app.storing import open_store, put_in_order
from treadcoach.cli.lines import print_wrapped
from treadcoach.core.errors import InputError, TreadcoachError
from treadcoach.web.pairing import is_this_computer, kept_secret, new_pin, pairing_url

ANY = ("0.0.0.0", "::")  # only when it is asked for, and with pairing
LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """As they were typed. In a practice treadmills, straps and ports are config.toml's."""

    host: str
    port: int
    treadmill: str | None
    straps: tuple[str, ...]
    mph_machine: bool
    air: str | None
    data_dir: Path | None


def serve(options: ServeOptions) -> int:
    """Run the coach's process with a house for each treadmill beside it, until Ctrl-C."""
    air = find_air(options.air)
    places = folders(options.data_dir, simulated=air is not None)
    seats = _seats(options, places, air)
    for port, _ in seats:
        names_of(options.host, port)  # said before anything is opened
    with ExitStack() as locks:
        for _, seated in seats:
            locks.enter_context(OneAtATime(seated.places))
        engine = open_store(places)
        for _, seated in seats:
            for line in put_in_order(seated.places, engine):
                print_wrapped(line)
        if air is not None:
            print(f"Using the simulated air at {air}; no real belt will move.")
        run_paced(_Serving(options, air, engine, places).run(seats), pace_of(air))
        engine.dispose()
    return 0


def _seats(options: ServeOptions, places: Folders, air: str | None) -> list[tuple[int, Seated]]:
    """Each port with who is there. Raises InputError."""
    practice = load_places(places.house_config)
    if not practice:
        wanted = Wanted(options.treadmill, options.straps, options.mph_machine, air)
        return [(options.port, Seated(places, wanted))]
    if options.treadmill or options.straps or options.mph_machine:
        raise InputError("--treadmill, --strap", "given", f"[[treadmills]] in {CONFIG}: there are several")
    return [
        (
            place.port,
            Seated(
                folders(
                    options.data_dir, simulated=air is not None, runner=place.runner, treadmill=place.name
                ),
                Wanted(place.treadmill, place.straps, place.takes_mph, air),
            ),
        )
        for place in practice
    ]


class _Serving:
    """The stations, from the first house to the last belt that stands."""

    def __init__(self, options: ServeOptions, air: str | None, engine: Engine, places: Folders) -> None:
        self._options = options
        self._air = air
        self._engine = engine
        self._places = places
        self._stations: dict[str, Station] = {}

    async def run(self, seats: list[tuple[int, Seated]]) -> None:
        """Until Ctrl-C or a kill: then the belts are stopped, and the program waits for them to stand."""
        end = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end.set)
        for port, seated in seats:
            station = Station(seated, self._engine, self._house_maker(port))
            self._stations[seated.places.treadmill] = station
            station.open()
        print("The safety key is the emergency stop.", flush=True)
        watching = asyncio.create_task(self._watch(end))
        await end.wait()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        # First every belt, then every page.
        await asyncio.gather(*(station.service.leave() for station in self._stations.values()))
        failed = [station.failed for station in self._stations.values()]
        await asyncio.gather(*(station.close() for station in self._stations.values()))
        for error in failed:
            if error is not None:
                raise error  # the pages cannot be started: said, and not only without pages

    async def _watch(self, end: asyncio.Event) -> None:
        """Whether a house cannot be started, and whether another runner is to sit down."""
        path = self._places.house_config / CONFIG
        seen = _changed_s(path)
        waiting = False
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if any(station.failed is not None for station in self._stations.values()):
                end.set()
            now = _changed_s(path)
            if now != seen or waiting:
                seen = now
                waiting = await self._reseat()

    async def _reseat(self) -> bool:
        """Seat who config.toml has at a treadmill now. Whether somebody has to wait for a session's end."""
        try:
            seats = _seats(self._options, self._places, self._air)
        except TreadcoachError as error:
            print_wrapped(f"Left as it is: {error}")
            return False
        waits = False
        for _, seated in seats:
            station = self._stations.get(seated.places.treadmill)
            if station is None or station.seated.places == seated.places:
                continue
            if not await station.seat(seated):
                waits = True
        return waits

    def _house_maker(self, port: int) -> "HouseMaker":
        return HouseMaker(self._options, port, self._air is not None)


@dataclass(frozen=True, slots=True)
class HouseMaker:
    """Makes the house of a treadmill for whoever is seated, with a PIN of their own, and says where it is."""

    options: ServeOptions
    port: int
    simulated: bool

    def __call__(self, places: Folders, service: SessionService) -> House:
        host, names = self.options.host, names_of(self.options.host, self.port, taken=True)
        address = f"http://{names[0] if host in ANY else host}:{self.port}/"
        who = f"{places.treadmill} ({places.config.name}): " if places.treadmill else ""
        pin = new_pin()
        words = house_options(host, self.port, self.simulated, self.options.data_dir, names)
        if places.treadmill:
            words += ["--treadmill", places.treadmill, "--runner", places.config.name]
        print(f"{who}Open {address} in a browser. Ctrl-C ends it.")
        if not is_this_computer(host):
            words += ["--address", address]
            print_wrapped(f"{who}Everybody in this network can stop the belt. To start one: PIN {pin}.")
            print("Or with a phone in this network:")
            import segno

            segno.make(pairing_url(address, pin)).terminal(compact=True, border=2)
        return House(service, words, house_secrets(places, pin))


def house_options(
    host: str, port: int, simulated: bool, data_dir: Path | None, names: list[str]
) -> list[str]:
    """What the house has to know and everybody may see."""
    options = ["--host", host, "--port", str(port)]
    for name in names:
        options += ["--name", name]
    if simulated:
        options.append("--simulated")
    if data_dir is not None:
        options += ["--data-dir", str(data_dir)]
    return options


def house_secrets(places: Folders, pin: str) -> Mapping[str, str]:
    """The secret part of it: it goes by the environment."""
    return {PIN: pin, SECRET: kept_secret(places.config)}


def _changed_s(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def names_of(host: str, port: int, *, taken: bool = False) -> list[str]:
    """The names under which the pages may be asked for. Raises InputError.

    taken: the port may be a house's own already.
    """
    try:
        address = ip_address(host)
    except ValueError:
        raise InputError(
            "--host", host, "an address: 127.0.0.1, 0.0.0.0, or one of this computer's"
        ) from None
    if not taken:
        _must_be_free(host, port, address.version)
    local = ["localhost", "127.0.0.1", "::1"]
    if address.is_loopback:
        return local
    own = sockets.gethostname().lower()
    found = [own, f"{own.partition('.')[0]}.local", *local]
    if host not in ANY:
        return [host, *found]
    with suppress(OSError):
        found += [str(entry[4][0]) for entry in sockets.getaddrinfo(own, None)]
    with suppress(OSError), sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM) as outward:
        # No octet is sent by this: it only asks which address would be used.
        outward.connect(("192.0.2.1", 9))
        found.insert(0, outward.getsockname()[0])
    return list(dict.fromkeys(found))


def _must_be_free(host: str, port: int, version: int) -> None:
    with sockets.socket(sockets.AF_INET6 if version == 6 else sockets.AF_INET) as trial:
        trial.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except (OSError, OverflowError) as error:
            raise InputError(
                "--host, --port", f"{host}:{port}", f"an address and a port that are free: {error}"
            ) from error
