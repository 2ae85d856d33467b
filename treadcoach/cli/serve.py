"""`treadcoach serve`: pages for a tablet at the treadmill and a laptop on the sofa."""

import asyncio
import os
import signal
import socket as sockets
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from treadcoach.app.assembly import Wanted, find_air, pace_of
from treadcoach.app.clock import run_paced
from treadcoach.app.config import Folders, folders
from treadcoach.app.house import House
from treadcoach.app.house_messages import PIN, SECRET
from treadcoach.app.lock import OneAtATime
from treadcoach.app.service import SessionService
from treadcoach.cli.lines import print_wrapped
from treadcoach.core.errors import InputError
from treadcoach.store import history
from treadcoach.store.opening import open_engine
from treadcoach.web.pairing import is_this_computer, kept_secret, new_pin, pairing_url

ANY = ("0.0.0.0", "::")  # only when it is asked for, and with pairing


def serve(
    host: str,
    port: int,
    treadmill: str | None,
    straps: tuple[str, ...],
    mph_machine: bool,
    air: str | None,
    data_dir: Path | None,
) -> int:
    """Run the coach's process with the house beside it, until Ctrl-C."""
    names = names_of(host, port)
    found_air = find_air(air)
    places = folders(data_dir, simulated=found_air is not None)
    wanted = Wanted(treadmill, straps, mph_machine, found_air)
    pin = new_pin()
    with OneAtATime(places):
        engine = open_engine(places.journal)
        for number in history.close_interrupted(engine):
            print(f"Session {number} was interrupted; it is closed.")
        if found_air is not None:
            print(f"Using the simulated air at {found_air}; no real belt will move.")
        print(f"Open http://{names[0] if host in ANY else host}:{port}/ in a browser. Ctrl-C ends it.")
        if not is_this_computer(host):
            print_wrapped(f"Everybody in this network can stop the belt. To start one: PIN {pin}.")
        service = SessionService(places, engine, wanted)
        options = house_options(host, port, found_air is not None, data_dir, names, places, pin)
        if not is_this_computer(host):
            address = f"http://{names[0] if host in ANY else host}:{port}/"
            options += ["--address", address]
            print("Or with a phone in this network:")
            import segno

            segno.make(pairing_url(address, pin)).terminal(compact=True, border=2)
        print("The safety key is the emergency stop.", flush=True)
        run_paced(_serve(service, House(service, options)), pace_of(found_air))
        engine.dispose()
    return 0


def house_options(
    host: str, port: int, simulated: bool, data_dir: Path | None, names: list[str], places: Folders, pin: str
) -> list[str]:
    """What the house has to know; the secret parts of it go by the environment."""
    os.environ[PIN], os.environ[SECRET] = pin, kept_secret(places.config)
    options = ["--host", host, "--port", str(port)]
    for name in names:
        options += ["--name", name]
    if simulated:
        options.append("--simulated")
    if data_dir is not None:
        options += ["--data-dir", str(data_dir)]
    return options


def names_of(host: str, port: int) -> list[str]:
    """The names under which the pages may be asked for. Raises InputError."""
    try:
        address = ip_address(host)
    except ValueError:
        raise InputError(
            "--host", host, "an address: 127.0.0.1, 0.0.0.0, or one of this computer's"
        ) from None
    with sockets.socket(sockets.AF_INET6 if address.version == 6 else sockets.AF_INET) as trial:
        trial.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except (OSError, OverflowError) as error:
            raise InputError(
                "--host, --port", f"{host}:{port}", f"an address and a port that are free: {error}"
            ) from error
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


async def _serve(service: SessionService, house: House) -> None:
    """Until Ctrl-C or a kill: then the belt is stopped, and the program waits for it to stand."""
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end.set)
    keeping = asyncio.create_task(house.keep())
    ending = asyncio.create_task(end.wait())
    await asyncio.wait({keeping, ending}, return_when=asyncio.FIRST_COMPLETED)
    await service.leave()
    if keeping.done():
        ending.cancel()
        keeping.result()  # the pages cannot be started: said, and not only without pages
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
