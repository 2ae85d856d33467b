"""The house's process: python -m treadcoach.house, started by the coach with one end of a pair of sockets."""

import argparse
import asyncio
import logging
import mimetypes
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import uvicorn

from treadcoach.app.agenda import Agenda
from treadcoach.app.asked import AskedDesk
from treadcoach.app.channel import Channel, open_channel
from treadcoach.app.desk import open_desk
from treadcoach.app.house_messages import PIN, SECRET
from treadcoach.house.files import Files
from treadcoach.house.memory import keep_small, one_arena, settle
from treadcoach.house.messages import Messages
from treadcoach.web.api import Parts, make_api
from treadcoach.web.connections import BoundedProtocol
from treadcoach.web.gatekeeper import App, Gatekeeper
from treadcoach.web.pairing import Pairing

GOODBYE_S = 4.0
TURN_S = 0.0005
"""So long a thread that builds a review keeps what answers STOP and the files of a page waiting; Python's own
5 ms come at every step of every answer."""


async def serve(options: argparse.Namespace) -> int:
    channel = await open_channel(options.channel)
    pairing = Pairing(os.environ.pop(SECRET), os.environ.pop(PIN))
    desk = open_desk(
        options.data_dir, simulated=options.simulated, runner=options.runner, treadmill=options.treadmill
    )
    if options.stands_in is not None:
        desk = replace(desk, stands_in=replace(desk.runner(), name=options.stands_in))
    agenda, asked = Agenda(desk), AskedDesk()
    messages = Messages(channel, desk, agenda, asked)
    api = make_api(Parts(channel, desk, agenda, asked, messages, options.address), pairing)
    server = uvicorn.Server(
        uvicorn.Config(
            Gatekeeper(cast(App, api), options.name),
            host=options.host,
            port=options.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
            http=BoundedProtocol,
            ws="none",
            timeout_graceful_shutdown=1,
        )
    )
    # Python's own table of file types: a computer's may call a script text, and its list is long.
    mimetypes.init(files=[])
    settle()
    sys.setswitchinterval(TURN_S)
    files = Files(channel, desk, _options_of_commands(options))
    work = (_listen(channel, server), agenda.keep(), messages.keep(), files.keep(), keep_small())
    tasks = [asyncio.create_task(part) for part in work]
    for task in tasks:
        task.add_done_callback(_say_fault)
    try:
        await server.serve()
    finally:
        for task in tasks:
            task.cancel()
        # A broker that hangs gets no longer for its goodbye.
        await asyncio.wait(tasks, timeout=GOODBYE_S)
    return 0 if server.started else 1


def _say_fault(task: asyncio.Task[None]) -> None:
    """A part that fails is said; the pages, and STOP on them, go on without it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logging.getLogger(__name__).error("a part of the house has a fault", exc_info=error)


def _options_of_commands(options: argparse.Namespace) -> list[str]:
    """Where this house's data is, for a command that it starts; of all runners."""
    out = [] if options.data_dir is None else ["--data-dir", str(options.data_dir)]
    return [*out, "--simulated"] if options.simulated else out


async def _listen(channel: Channel, server: uvicorn.Server) -> None:
    """The house ends with the coach."""
    try:
        await channel.listen()
    finally:
        server.should_exit = True


def main() -> int:
    one_arena()
    parser = argparse.ArgumentParser(prog="python -m treadcoach.house", description=__doc__)
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--treadmill", default="", help="In a practice: which one.")
    parser.add_argument("--runner", help="In a practice: who is at it.")
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--stands-in", help="The runner's name, when it is not the settings' own.")
    parser.add_argument("--address", default="", help="Where other devices find the pages.")
    parser.add_argument("--name", action="append", required=True, help="A name under which it may be asked.")
    with asyncio.Runner() as runner:
        status = runner.run(serve(parser.parse_args()))
        # A thread that still waits for a broker would hold up the end for as long as it likes.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
