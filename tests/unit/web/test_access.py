"""Who drives when several look on, live streams by address, and connections by address."""

import asyncio
from typing import Any

import pytest
from fastapi import HTTPException, Request, Response

from treadcoach.web import connections
from treadcoach.web.access import SEAT, Access
from treadcoach.web.connections import MOST_OF_ONE, BoundedProtocol
from treadcoach.web.gatekeeper import MOST_STREAMS, Gatekeeper, Message, Scope
from treadcoach.web.pairing import Pairing


def _request(seat: str, address: str = "192.168.1.3", agent: str = "Mobile") -> Request:
    headers = [(b"cookie", f"{SEAT}={seat}".encode()), (b"user-agent", agent.encode())]
    return Request({"type": "http", "headers": headers, "client": (address, 1)})


def test_one_drives_until_another_takes_over() -> None:
    access = Access(Pairing("s" * 64, "123456"))
    tablet, phone = _request("tablet"), _request("phone", "192.168.1.4")
    access.must_drive(tablet)  # an empty seat is taken
    with pytest.raises(HTTPException, match="409"):
        access.must_drive(phone)
    assert access.driver(phone) == {"name": "a phone at 192.168.1.3", "is_you": False}
    access.take(phone)
    access.must_drive(phone)
    with pytest.raises(HTTPException, match="Take over first"):
        access.must_drive(tablet)
    access.leave()
    assert access.driver(tablet) is None


def test_a_seat_is_given_once() -> None:
    access = Access(Pairing("s" * 64, "123456"))
    response = Response()
    access.give_seat(_request(""), response)
    assert SEAT in response.headers["set-cookie"] and "HttpOnly" in response.headers["set-cookie"]
    again = Response()
    access.give_seat(_request("x" * 22), again)
    assert "set-cookie" not in again.headers


def test_live_streams_of_one_address_are_bounded_and_freed() -> None:
    """And one that is refused costs the others nothing."""
    ends = asyncio.Event()

    async def app(_scope: Scope, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await ends.wait()

    async def run() -> None:
        gate = Gatekeeper(app, ["localhost"])

        async def open_one(address: str) -> int:
            said: list[Message] = []

            async def send(message: Message) -> None:
                said.append(message)

            async def receive() -> Message:
                return {"type": "http.request"}

            scope = {"type": "http", "method": "GET", "path": "/api/live", "client": (address, 1),
                     "headers": [(b"host", b"localhost")]}  # fmt: skip
            tasks.append(asyncio.create_task(gate(scope, receive, send)))
            await asyncio.sleep(0)
            return int(said[0]["status"])

        tasks: list[asyncio.Task[None]] = []
        got = [await open_one("10.0.0.1") for _ in range(MOST_STREAMS + 3)]
        assert got == [200] * MOST_STREAMS + [429] * 3
        assert await open_one("10.0.0.2") == 200
        ends.set()
        await asyncio.gather(*tasks)
        assert await open_one("10.0.0.1") == 200
        await asyncio.gather(*tasks)

    asyncio.run(run())


class _Transport(asyncio.Transport):
    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 5), "sockname": ("127.0.0.1", 80)})
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_connections_of_one_address_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedProtocol.__bases__[0], "__init__", lambda *_: None)
    monkeypatch.setattr(BoundedProtocol.__bases__[0], "connection_made", lambda *_: None)
    monkeypatch.setattr(BoundedProtocol.__bases__[0], "connection_lost", lambda *_: None)
    monkeypatch.setattr(connections, "_open", type(connections._open)())

    def one(address: str) -> tuple[Any, _Transport]:
        protocol, transport = BoundedProtocol(None, None, None), _Transport(address)  # type: ignore[arg-type]  # not used
        protocol.connection_made(transport)
        return protocol, transport

    made = [one("10.0.0.1") for _ in range(MOST_OF_ONE + 5)]
    assert [t.aborted for _, t in made] == [False] * MOST_OF_ONE + [True] * 5
    assert not one("10.0.0.2")[1].aborted
    for protocol, _ in made:
        protocol.connection_lost(None)
    assert not one("10.0.0.1")[1].aborted
