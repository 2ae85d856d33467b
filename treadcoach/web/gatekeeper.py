"""What stands before every request: hosts, origins, sizes, rates, and headers. Plain ASGI, no framework.

A page of another site, a name that was bound to this address by a stranger's DNS, or a frame around
the page gets nothing. Whether somebody may start or speed up a belt is asked elsewhere (pairing.py).
"""

import json
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BODY_OCTETS = 65_536
LARGE = (("PUT", "/api/backup"),)
"""A whole journal may be larger; who sends it is paired, and it is bounded where it is read."""
MOST_A_SECOND = 40
"""Of one address. STOP is not counted: it always gets through."""
MOST_FILES_A_SECOND = 200
"""The parts of a page, by one address: a page has a dozen."""
FILES = "/static/"
MOST_STREAMS = 8
"""Live streams of one address at once; more are refused, so that one address cannot use up all of them."""
STREAM = "/api/live"
MOST_ADDRESSES = 1000
SAFE = ("GET", "HEAD", "OPTIONS")
ALWAYS = ("/api/stop",)
HEADERS = (
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none';"
     b" form-action 'self'; object-src 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)  # fmt: skip


class Gatekeeper:
    """Wraps an ASGI application. hosts: the names under which it may be asked for, without the port."""

    def __init__(self, app: App, hosts: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._clock = clock
        self._seen: dict[tuple[str, bool], deque[float]] = {}
        self._streams: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # Nothing here speaks over web sockets.
            await send({"type": "websocket.close", "code": 1008})
            return
        if (refusal := self._refusal(scope)) is not None:
            await _refuse(send, *refusal)
            return
        if (scope["method"], scope["path"]) not in LARGE:
            receive = _bounded(receive)
        if scope["path"] == STREAM:
            await self._stream(scope, receive, _with_headers(scope, send))
        else:
            await self._app(scope, receive, _with_headers(scope, send))

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = client_address(scope)
        if self._streams[address] >= MOST_STREAMS:
            await _refuse(send, 429, "Too many pages are open at this address; close one.")
            return
        self._streams[address] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._streams[address] -= 1
            if not self._streams[address]:
                del self._streams[address]

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = _headers(scope)
        host = headers.get("host", "")
        if _name_of(host) not in self._hosts:
            return 421, "This name is not one of this server's."
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin.partition("://")[2] != host:
            return 403, "Requests of other sites are refused."
        if site not in (None, "same-origin", "none") and (
            scope["method"] not in SAFE or headers.get("sec-fetch-mode") != "navigate"
        ):
            return 403, "Requests of other sites are refused."
        length = headers.get("content-length", "0")
        large = (scope["method"], scope["path"]) in LARGE
        if not length.isdecimal() or len(length) > 20 or (int(length) > MOST_BODY_OCTETS and not large):
            return 413, f"At most {MOST_BODY_OCTETS} octets."
        if scope["path"] not in ALWAYS and self._too_often(scope):
            return 429, "Too many requests; wait a second."
        return None

    def _too_often(self, scope: Scope) -> bool:
        is_file = scope["path"].startswith(FILES)
        key, now_s = (client_address(scope), is_file), self._clock()
        most = MOST_FILES_A_SECOND if is_file else MOST_A_SECOND
        if key not in self._seen and len(self._seen) >= MOST_ADDRESSES:
            self._seen.clear()
        seen = self._seen.setdefault(key, deque(maxlen=most))
        if len(seen) == most and now_s - seen[0] < 1.0:
            return True
        seen.append(now_s)
        return False


def client_address(scope: Scope) -> str:
    """The address that asks; forwarded ones are not believed."""
    client = scope.get("client")
    return client[0] if client else "unknown"


def _headers(scope: Scope) -> dict[str, str]:
    """By lower-case name. A name that comes twice is joined, and so matches nothing."""
    out: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        out[name] = f"{out[name]}, {text}" if name in out else text
    return out


def _name_of(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host.partition("]")[0].strip("[").lower()
    return host.partition(":")[0].lower()


def _bounded(receive: Receive) -> Receive:
    """Bodies that say no length, or a wrong one, end where the largest would."""
    got = 0

    async def bounded() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > MOST_BODY_OCTETS:
            return {"type": "http.disconnect"}
        return message

    return bounded


def _with_headers(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), *HEADERS]
            if scope["path"].startswith("/api/"):
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await send(message)

    return sending


async def _refuse(send: Send, status: int, text: str) -> None:
    body = json.dumps({"detail": text}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
