"""How many connections an address may hold: so that one that opens hundreds keeps nobody else from STOP."""

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_OF_ONE = 64
"""A browser holds six, shared by its tabs: ten browsers behind one address."""
MOST_IN_ALL = 400

_open: Counter[str] = Counter()


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP, with connections counted by address. One too many is closed before a byte is read."""

    _address: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        peer: Any = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else "unknown"
        if _open[address] >= MOST_OF_ONE or _open.total() >= MOST_IN_ALL:
            transport.abort()
            return
        _open[address] += 1
        self._address = address
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._address is None:
            return  # it was never let in
        _open[self._address] -= 1
        if not _open[self._address]:
            del _open[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._address is not None:
            super().data_received(data)

    def eof_received(self) -> None:
        if self._address is not None:
            super().eof_received()
