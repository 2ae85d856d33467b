"""A bleak scanner and client on Bumble, so that unmodified bleak code meets the simulated air.

`install` replaces bleak's two look-ups of the platform's backend. Written against bleak
3.1 and Bumble 0.0.236; behaves like the BlueZ backend where that matters: a lost link turns
into BleakError, an error of a notification callback is logged and goes no further.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import bleak
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)
from bleak.uuids import normalize_uuid_str
from bumble import att, core, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.host import Host
from bumble.transport import open_transport
from bumble.transport.common import AsyncPipeSink

from treadcoach.virtual.air import Air, AirController, transport_of

log = logging.getLogger(__name__)

ATT_MTU = 247
"""Acceleration frames of 226 octets need at least 229."""
CENTRAL_ADDRESS = "C0:FF:EE:00:00:01"


def uuid_text(uuid: UUID) -> str:
    return str(normalize_uuid_str(uuid.to_hex_str("-").lower()))


class CentralRadio:
    """This process's one central adapter: on an air in this process, or one behind a socket."""

    current: "CentralRadio | None" = None

    def __init__(self, air: Air | str, address: str = CENTRAL_ADDRESS) -> None:
        self._air = air
        self._address = hci.Address(address)
        self._device: Device | None = None
        self._transport: Any = None
        self._opening = asyncio.Lock()
        self.connecting = asyncio.Lock()
        self._scans = 0
        self.controller: AirController | None = None

    def serves(self, air: Air | str) -> bool:
        """Whether this is the radio of that air, and nobody has hung up at its other end."""
        return self._air == air and (self._transport is None or not self._transport.source.terminated.done())

    async def open(self) -> Device:
        async with self._opening:
            if self._device is None:
                self._device = await self._power_on()
            return self._device

    async def _power_on(self) -> Device:
        if isinstance(self._air, Air):
            self.controller = self._air.controller("central")
            host = Host(self.controller, AsyncPipeSink(self.controller))
            device = Device(name="central", address=self._address, host=host)
        else:
            try:
                self._transport = await open_transport(transport_of(self._air))
            except OSError as error:
                raise BleakError(f"no simulated air at {self._air}: {error}") from error
            device = Device.with_hci("central", self._address, self._transport.source, self._transport.sink)
        await device.power_on()
        return device

    async def close(self) -> None:
        if self._device is not None:
            await self._device.power_off()
            self._device = None
        if self._transport is not None:
            await self._transport.close()
            self._transport = None

    async def scanning(self, change: int) -> None:
        """Count scanners; the radio scans while there is one."""
        device = await self.open()
        self._scans += change
        if self._scans == 1 and change == 1:
            await device.start_scanning(active=True)
        elif self._scans == 0:
            await device.stop_scanning()


def _radio() -> CentralRadio:
    if CentralRadio.current is None:
        raise BleakError("the simulated air is not set up")
    return CentralRadio.current


class BumbleScanner(BaseBleakScanner):
    """bleak's scanner on the simulated air."""

    def __init__(
        self,
        detection_callback: Any = None,
        service_uuids: list[str] | None = None,
        scanning_mode: str = "active",
        **_: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        device = await _radio().open()
        device.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        await _radio().scanning(+1)

    async def stop(self) -> None:
        device = await _radio().open()
        device.remove_listener(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        await _radio().scanning(-1)

    def _on_advertisement(self, heard: Advertisement) -> None:
        data = heard.data
        kinds = AdvertisingData
        name: Any = data.get(kinds.COMPLETE_LOCAL_NAME) or data.get(kinds.SHORTENED_LOCAL_NAME)
        uuid_lists: list[Any] = []
        for kind in (
            kinds.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
            kinds.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
            kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
            kinds.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
        ):
            uuid_lists += data.get_all(kind)
        uuids = [uuid_text(uuid) for listed in uuid_lists for uuid in listed]
        service_data: dict[str, bytes] = {}
        for kind in (kinds.SERVICE_DATA_16_BIT_UUID, kinds.SERVICE_DATA_128_BIT_UUID):
            entries: list[Any] = data.get_all(kind)
            service_data |= {uuid_text(uuid): bytes(content) for uuid, content in entries}
        if not self.is_allowed_uuid(uuids):
            return
        advertisement = AdvertisementData(
            local_name=name,
            manufacturer_data={},
            service_data=service_data,
            service_uuids=uuids,
            tx_power=None,
            rssi=heard.rssi,
            platform_data=(heard,),
        )
        address = heard.address.to_string(with_type_qualifier=False)
        device = self.create_or_update_device(
            address, address, name, {"address": heard.address}, advertisement
        )
        self.call_detection_callbacks(device, advertisement)


class BumbleClient(BaseBleakClient):
    """bleak's client on the simulated air."""

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        services: set[str] | None = None,
        *,
        disconnected_callback: Callable[[], None] | None = None,
        timeout: float = 30.0,
        **_: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        known = address_or_ble_device
        if isinstance(known, BLEDevice):
            self._peer_address: hci.Address = known.details["address"]
            self._name = known.name or known.address
        else:
            self._peer_address = hci.Address(known)
            self._name = known
        self._wanted = services
        self._connection: Connection | None = None
        self._subscribers: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def mtu_size(self) -> int:
        return 23 if self._connection is None else int(self._connection.att_mtu)

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool = False, **kwargs: Any) -> None:
        if self._connection is not None:
            raise BleakError("already connected")
        radio = _radio()
        device = await radio.open()
        async with radio.connecting:
            try:
                connection = await device.connect(
                    self._peer_address, timeout=kwargs.get("timeout", self._timeout)
                )
            except asyncio.CancelledError:
                # Given up from outside: a controller left connecting would refuse every later attempt.
                with suppress(core.BaseBumbleError):
                    await device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
                raise
            except (core.TimeoutError, TimeoutError) as error:
                raise TimeoutError(f"{self.address} did not answer") from error
            except core.BaseBumbleError as error:
                raise BleakDeviceNotFoundError(self.address, str(error)) from error
        self._connection = connection
        connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)
        peer = Peer(connection)
        try:
            await peer.request_mtu(ATT_MTU)
            self.services = await self._discover(peer)
        except (core.BaseBumbleError, att.ATT_Error) as error:
            await self.disconnect()
            raise BleakError(f"service discovery failed: {error!r}") from error
        except asyncio.CancelledError as error:
            await self.disconnect()
            if _cancelled_from_outside():
                raise
            raise BleakError("the link was lost during service discovery") from error

    def _on_disconnection(self, reason: int) -> None:
        self._connection = None
        self._subscribers.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self._connection is not None:
            try:
                await self._connection.disconnect()
            except core.BaseBumbleError as error:
                log.debug("disconnecting %s: %r", self.address, error)

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        await self._linked().pair()

    async def unpair(self) -> None:
        raise BleakError("the simulated air keeps no bonds")

    def _linked(self) -> Connection:
        if self._connection is None:
            raise BleakError("not connected")
        return self._connection

    async def _discover(self, peer: Peer) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        await peer.discover_services()
        for service in peer.services:
            if self._wanted and uuid_text(service.uuid) not in self._wanted:
                continue
            mine = BleakGATTService(service, service.handle, uuid_text(service.uuid))
            found.add_service(mine)
            for item in await peer.discover_characteristics(service=service):
                characteristic = BleakGATTCharacteristic(
                    item,
                    item.handle,
                    uuid_text(item.uuid),
                    list(gatt_char_props_to_strs(item.properties)),
                    lambda: self.mtu_size - 3,
                    mine,
                )
                found.add_characteristic(characteristic)
                for extra in await peer.discover_descriptors(item):
                    found.add_descriptor(
                        BleakGATTDescriptor(extra, extra.handle, uuid_text(extra.type), characteristic)
                    )
        return found

    async def _carry_out(self, operation: Coroutine[Any, Any, Any]) -> Any:
        """Run one ATT operation with bleak's errors in place of Bumble's."""
        if self._connection is None:
            operation.close()
            raise BleakError("not connected")
        try:
            return await operation
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(BleakGATTProtocolErrorCode(error.error_code)) from error
        except core.BaseBumbleError as error:
            raise BleakError(repr(error)) from error
        except asyncio.CancelledError as error:
            # Bumble cancels a pending request when the link is lost.
            if _cancelled_from_outside():
                raise
            raise BleakError("the link was lost") from error

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        return bytearray(await self._carry_out(characteristic.obj.read_value()))

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_: Any) -> bytearray:
        return bytearray(await self._carry_out(descriptor.obj.read_value()))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: Any, response: bool
    ) -> None:
        await self._carry_out(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        await self._carry_out(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self,
        characteristic: BleakGATTCharacteristic,
        callback: Callable[[bytearray], None],
        **_: Any,
    ) -> None:
        def deliver(value: bytes) -> None:
            try:
                callback(bytearray(value))
            except Exception:  # like BlueZ's backend: logged, so that one bad frame ends nothing
                log.exception("a notification callback failed")

        self._subscribers[characteristic.handle] = deliver
        await self._carry_out(characteristic.obj.subscribe(deliver))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        subscriber = self._subscribers.pop(characteristic.handle, None)
        if subscriber is not None:
            await self._carry_out(characteristic.obj.unsubscribe(subscriber))


def _cancelled_from_outside() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def install(air: Air | str) -> CentralRadio:
    """From now on plain `BleakScanner` and `BleakClient` of this process use this air.

    A process has one adapter: sessions at several treadmills share it, and links that are there stay.
    """
    if CentralRadio.current is not None and isinstance(air, str) and CentralRadio.current.serves(air):
        return CentralRadio.current
    radio = CentralRadio(air)
    CentralRadio.current = radio
    bleak.get_platform_client_backend_type = lambda: (BumbleClient, "bumble")  # type: ignore[attr-defined,assignment,return-value]  # the look-up bleak itself makes
    bleak.get_platform_scanner_backend_type = lambda: (BumbleScanner, "bumble")  # type: ignore[attr-defined,assignment,return-value]  # same
    return radio
