"""The simulated air: Bumble controllers on one link, in this process or over a socket.

Every radio is a virtual controller. In one process they share an `Air`; across processes
a server gives each connecting process a controller of its own, and a process that dies
looks to the others like a radio that fell silent.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from bumble import att, controller, device, gatt_client, gatt_server, hci, host, l2cap, ll
from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.link import LocalLink
from bumble.transport.common import StreamPacketSink, StreamPacketSource

from treadcoach.virtual.packet_words import word_only_what_is_read

ACL_OCTETS = 251


# Bumble warns of late answers to abandoned requests and of links that died: here both are meant.
logging.getLogger("bumble").setLevel(logging.ERROR)


def _plain(text: str, *_: object, **__: object) -> str:
    return text


# Bumble colours every line of its debug log, also where nobody reads it: a quarter of its time.
for _module in (att, controller, device, gatt_client, gatt_server, hci, host, l2cap):
    if hasattr(_module, "color"):
        vars(_module)["color"] = _plain
word_only_what_is_read()


class AirController(Controller):
    """A virtual controller that really cancels a connection attempt.

    Bumble 0.0.236 acknowledges LE Create Connection Cancel and goes on connecting.
    """

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        cancelled = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address.address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, cancelled)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


class Air(LocalLink):
    """A link on which packets wait for the next connection event."""

    def __init__(self, connection_interval_s: float = 0.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bumble leaves it untyped
        self.connection_interval_s = connection_interval_s

    def controller(self, name: str) -> AirController:
        """A new radio on this air."""
        controller = AirController(name, link=self)
        controller.le_acl_data_packet_length = ACL_OCTETS
        return controller

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        receiver = self.find_le_controller(destination_address)
        if receiver is None:
            return
        # Bumble names the sender's random address; a central may be connected from its public one.
        connection = sender_controller.le_connections.get(destination_address)
        source = sender_controller.random_address if connection is None else connection.self_address
        loop = asyncio.get_running_loop()
        interval = self.connection_interval_s
        if interval <= 0:
            loop.call_soon(receiver.on_link_acl_data, source, transport, data)
            return
        now = loop.time()
        next_event = now + interval - now % interval
        loop.call_at(next_event, receiver.on_link_acl_data, source, transport, data)

    def cut(self, controller: Controller) -> None:
        """The radio of `controller` falls silent: every link of its ends by supervision timeout."""
        timeout = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        for connection in list(controller.le_connections.values()):
            peer = self.find_le_controller(connection.peer_address)
            if peer is not None:
                for back in list(peer.le_connections.values()):
                    if back.peer_address == connection.self_address:
                        peer.on_le_disconnected(back, timeout)
            controller.on_le_disconnected(connection, timeout)


class _RemoteRadio(asyncio.Protocol):
    """One process on the other side of the socket, with a controller of its own."""

    def __init__(self, air: Air, name: str) -> None:
        self._air = air
        self._name = name

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._source = StreamPacketSource()
        self._controller = AirController(
            self._name,
            link=self._air,
            host_source=self._source,
            host_sink=StreamPacketSink(transport),
        )
        self._controller.le_acl_data_packet_length = ACL_OCTETS

    def data_received(self, data: bytes) -> None:
        self._source.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        controller = self._controller
        controller.host = None  # nothing more to a socket that is gone
        controller.le_legacy_advertiser.stop()
        for advertising in list(controller.advertising_sets.values()):
            advertising.stop()
        for connection in list(controller.le_connections.values()):
            connection.send_ll_control_pdu(
                ll.TerminateInd(error_code=hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
            )
        asyncio.get_running_loop().call_soon(self._air.controllers.discard, controller)


async def serve_air(air: Air, where: str) -> asyncio.AbstractServer:
    """Let other processes join: where is 'unix:PATH' or 'tcp:HOST:PORT'."""
    loop = asyncio.get_running_loop()
    count = 0

    def radio() -> _RemoteRadio:
        nonlocal count
        count += 1
        return _RemoteRadio(air, f"process-{count}")

    factory: Callable[[], Any] = radio
    kind, _, rest = where.partition(":")
    if kind == "unix":
        return await loop.create_unix_server(factory, rest)
    host, _, port = rest.rpartition(":")
    return await loop.create_server(factory, host, int(port))


def transport_of(where: str) -> str:
    """The same place in Bumble's words, for the process that joins."""
    kind, _, rest = where.partition(":")
    return f"unix:{rest}" if kind == "unix" else f"tcp-client:{rest}"
