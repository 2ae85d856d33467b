"""The house's process: python -m treadcoach.web, started by the coach with one end of a pair of sockets."""

import argparse
import asyncio
import os
import sys
from typing import cast

import uvicorn

from treadcoach.web.api import make_api
from treadcoach.web.channel import Channel, open_channel
from treadcoach.web.gatekeeper import App, Gatekeeper
from treadcoach.web.pairing import Pairing

PIN, SECRET = "TREADCOACH_PIN", "TREADCOACH_SECRET"
"""In the environment, so that no list of processes shows them."""


async def serve(options: argparse.Namespace) -> int:
    channel = await open_channel(options.channel)
    api = make_api(channel, Pairing(os.environ.pop(SECRET), os.environ.pop(PIN)))
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
            limit_concurrency=200,
            timeout_graceful_shutdown=1,
        )
    )
    listening = asyncio.create_task(_listen(channel, server))
    try:
        await server.serve()
    finally:
        listening.cancel()
    return 0 if server.started else 1


async def _listen(channel: Channel, server: uvicorn.Server) -> None:
    """The house ends with the coach."""
    try:
        await channel.listen()
    finally:
        server.should_exit = True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m treadcoach.web", description=__doc__)
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", action="append", required=True, help="A name under which it may be asked.")
    return asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
