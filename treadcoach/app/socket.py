"""The coach's local socket: other terminals, and later pages and messages, talk to it here."""

import asyncio
import json
import socket as sockets
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from treadcoach.app.coach import Coach
from treadcoach.app.messages import (
    MAX_LINE,
    AskStatus,
    Done,
    Follow,
    Refused,
    Reply,
    SnapshotReply,
    Wish,
    reply_adapter,
    request_adapter,
)
from treadcoach.app.snapshot import Snapshot
from treadcoach.core.errors import LinkError
from treadcoach.core.intents import REMOTE, Intent

IDLE_S = 30.0
MOST_CLIENTS = 32


class CoachSocket:
    """Serves one coach. Only the owner's account can open it."""

    def __init__(self, coach: Coach, path: Path) -> None:
        self._coach = coach
        self._path = path
        self._server: asyncio.AbstractServer | None = None
        self._followers: set[asyncio.Queue[Snapshot]] = set()
        self._clients = 0
        coach.listen(self._publish)

    async def open(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MAX_LINE)
        self._path.chmod(0o600)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    def _publish(self, snapshot: Snapshot) -> None:
        for queue in self._followers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(snapshot)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            if self._clients > MOST_CLIENTS:
                await _send(writer, Refused(reason=f"at most {MOST_CLIENTS} at once"))
                return
            while True:
                async with asyncio.timeout(IDLE_S):
                    line = await reader.readline()
                if not line:
                    return
                await self._answer(line, writer)
        except TimeoutError:
            return
        except (ConnectionError, ValueError):
            # Hung up, or a line longer than any message: nothing to answer.
            return
        finally:
            self._clients -= 1
            writer.close()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            request = request_adapter.validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "message"
            await _send(writer, Refused(reason=f"{place}: {first['msg']}"))
            return
        match request:
            case AskStatus():
                latest = self._coach.latest
                shown = None if latest is None else latest.as_dict()
                await _send(writer, SnapshotReply(snapshot=shown))
            case Wish(kind=kind, source=source):
                if kind not in REMOTE:
                    reason = f"{kind}: only a person at the treadmill can do that; here: stop, pause, unwell"
                    await _send(writer, Refused(reason=reason))
                    return
                self._coach.request(Intent(kind, source))
                await _send(writer, Done())
            case Follow():
                await self._follow(writer)

    async def _follow(self, writer: asyncio.StreamWriter) -> None:
        queue: asyncio.Queue[Snapshot] = asyncio.Queue(maxsize=2)
        self._followers.add(queue)
        try:
            while True:
                snapshot = await queue.get()
                await _send(writer, SnapshotReply(snapshot=snapshot.as_dict()))
        finally:
            self._followers.discard(queue)


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(reply.model_dump_json().encode() + b"\n")
    await writer.drain()


def ask(path: Path, request: dict[str, Any], wait_s: float = 3.0) -> Reply:
    """Ask a running coach, from another process. Raises LinkError when there is none."""
    try:
        with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as line:
            line.settimeout(wait_s)
            line.connect(str(path))
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer = answers.readline()
    except (FileNotFoundError, ConnectionError) as error:
        raise LinkError("no session is running") from error
    except TimeoutError as error:
        raise LinkError(f"the session did not answer within {wait_s:g} s") from error
    if not answer:
        raise LinkError("the session hung up")
    return reply_adapter.validate_json(answer)
