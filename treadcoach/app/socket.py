"""The coach's local socket: other terminals, and later pages and messages, talk to it here."""

import asyncio
import json
import socket as sockets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from treadcoach.app import reaching
from treadcoach.app.coach import Coach
from treadcoach.app.config import Folders
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
from treadcoach.core.intents import OF_THE_BODY, REMOTE, Intent
from treadcoach.core.phases import ENDED

IDLE_S = 30.0
MOST_FOLLOWERS = 16
MOST_CLIENTS = 48
"""So many are let in without asking anybody to go."""
SILENT_S = 1.0
"""Who has said nothing for so long makes room for somebody new, who may want to stop the belt."""
MOST_AT_ALL = 256


@dataclass(slots=True, eq=False)
class _Client:
    """Somebody at the other end."""

    writer: asyncio.StreamWriter
    heard_s: float
    follows: bool = False


class CoachSocket:
    """Serves one coach. Only the owner's account can open it.

    places: the data folder in which it is announced, and where else it may be when it cannot be at `path`.
    """

    def __init__(
        self,
        coach: Coach,
        path: Path,
        places: Folders | None = None,
        request: Callable[[Intent], object] | None = None,
    ) -> None:
        """request: who takes wishes instead of the coach, because it may be asking about a start."""
        self._coach = coach
        self._request = request or coach.request
        self._path = path
        self._places = places
        self._server: asyncio.AbstractServer | None = None
        self._followers: set[asyncio.Queue[Snapshot]] = set()
        self._clients: set[_Client] = set()
        coach.listen(self._publish)

    async def open(self) -> None:
        """Raises LinkError where no socket can be made: a session that nobody can stop is none."""
        line = self._bind()
        self._server = await asyncio.start_server(self._serve, sock=line, limit=MAX_LINE)
        if self._places is not None:
            try:
                reaching.announce(self._places.data, self._path)
            except OSError as error:
                await self.close()
                raise _unreachable(self._places.data / reaching.NOTE, error) from error

    def _bind(self) -> sockets.socket:
        try:
            return _bound(self._path)
        except OSError as error:
            if self._places is None:
                raise _unreachable(self._path, error) from error
        self._path = self._places.runtime_socket
        try:
            return _bound(self._path)
        except OSError as error:
            raise _unreachable(self._path, error) from error

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        # What cannot be taken away (a disk that became read-only) is known for dead: nobody answers there.
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        if self._places is not None:
            with suppress(OSError):
                reaching.withdraw(self._places.data)

    def _publish(self, snapshot: Snapshot) -> None:
        for queue in self._followers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(snapshot)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(writer, _now_s())
        self._clients.add(client)
        try:
            if not self._make_room():
                await _send(writer, Refused(reason=f"at most {MOST_AT_ALL} at once"))
                return
            while True:
                async with asyncio.timeout(IDLE_S):
                    line = await reader.readline()
                if not line:
                    return
                client.heard_s = _now_s()
                await self._answer(line, client)
        except TimeoutError:
            return
        except (ConnectionError, ValueError):
            # Hung up, or a line longer than any message: nothing to answer.
            return
        finally:
            self._clients.discard(client)
            writer.close()

    def _make_room(self) -> bool:
        """Let somebody new in at the cost of who has been silent longest. Followers are few, and stay."""
        silent = [c for c in self._clients if not c.follows and _now_s() - c.heard_s >= SILENT_S]
        too_many = max(len(self._clients) - MOST_CLIENTS, 0)
        for client in sorted(silent, key=lambda c: c.heard_s)[:too_many]:
            self._clients.discard(client)
            client.writer.transport.abort()
        return len(self._clients) <= MOST_AT_ALL

    async def _answer(self, line: bytes, client: _Client) -> None:
        writer = client.writer
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
                self._request(Intent(kind, source))
                lost = await self._coach.words_kept() if kind in OF_THE_BODY else None
                linked = self._coach.link_up or self._coach.phase in ENDED
                await _send(writer, Done(linked=linked) if lost is None else Refused(reason=lost))
            case Follow():
                if len(self._followers) >= MOST_FOLLOWERS:
                    await _send(writer, Refused(reason=f"at most {MOST_FOLLOWERS} follow at once"))
                    return
                client.follows = True
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


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _bound(path: Path) -> sockets.socket:
    """A socket that the owner's account alone can open, before anybody can. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    line = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
    try:
        with reaching.short_path(path) as short:
            line.bind(short)
        path.chmod(0o600)
    except OSError:
        line.close()
        raise
    return line


def _unreachable(path: Path, error: OSError) -> LinkError:
    return LinkError(f"{path}: no other terminal could stop this session ({error.strerror or error})")


def ask(data: Path, request: dict[str, Any], wait_s: float = reaching.ANSWER_WITHIN_S) -> Reply:
    """Ask the coach of a data folder, from another process. Raises LinkError when there is none."""
    try:
        with reaching.connect(data, wait_s) as line:
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer = answers.readline()
    except reaching.NoSession as none:
        raise LinkError(str(none)) from none
    except (TimeoutError, BlockingIOError) as error:
        raise LinkError(f"the session did not answer within {wait_s:g} s") from error
    except OSError as error:
        raise LinkError(f"the session cannot be reached: {error.strerror or error}") from error
    if not answer:
        raise LinkError("the session hung up")
    return reply_adapter.validate_json(answer)
