"""A bleak scanner and client on Bumble, so that unmodified bleak code meets the simulated air.

`install` replaces bleak's three look-ups of the platform's backend. Written against bleak
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
from bleak.backends.adapter import BaseBleakAdapter
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

from treadcoach.virtual.air import Air
from treadcoach.virtual.central import CentralRadio, current_radio

log = logging.getLogger(__name__)

ATT_MTU = 247
"""Acceleration frames of 226 octets need at least 229."""
UNAGREED_MTU = 23
ATT_HEAD = 3
SIZE_IS_SAID_AFTER_S = 0.3
DISCONNECTS_AFTER_S = 2.1


def uuid_text(uuid: UUID) -> str:
    return str(normalize_uuid_str(uuid.to_hex_str("-").lower()))


class BumbleAdapter(BaseBleakAdapter):
    """What this process is linked to. Unlike BlueZ, a simulated radio ends with its process."""

    @classmethod
    async def get(cls, **_: Any) -> "BumbleAdapter":
        return cls()

    async def get_connected_devices(self, service_uuids: frozenset[str]) -> list[BLEDevice]:
        return [
            BLEDevice(client.address, client.name, {"address": hci.Address(client.address)})
            for client in current_radio().linked
            if any(service.uuid in service_uuids for service in client.services or ())
        ]


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
        device = await current_radio().open()
        device.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        await current_radio().scanning(+1)

    async def stop(self) -> None:
        device = await current_radio().open()
        device.remove_listener(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        await current_radio().scanning(-1)

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
        current_radio().hears(address)
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
        self._was_heard = isinstance(known, BLEDevice)
        if isinstance(known, BLEDevice):
            self._peer_address: hci.Address = known.details["address"]
            self._name = known.name or known.address
        else:
            self._peer_address = hci.Address(known)
            self._name = known
        self._wanted = services
        self._connection: Connection | None = None
        self._subscribers: dict[int, Callable[[bytes], None]] = {}
        self._size_is_said_at = 0.0

    @property
    def name(self) -> str:
        return self._name

    @property
    def connection(self) -> Connection:
        return self._linked()

    @property
    def mtu_size(self) -> int:
        """Like BlueZ's backend: whatever was agreed, nobody is told here. A characteristic says it."""
        return UNAGREED_MTU

    def _most_octets_written(self) -> int:
        """What a characteristic says of the link; like some systems, a moment after it is up."""
        if self._connection is None or asyncio.get_running_loop().time() < self._size_is_said_at:
            return UNAGREED_MTU - ATT_HEAD
        return int(self._connection.att_mtu) - ATT_HEAD

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool = False, **kwargs: Any) -> None:
        if self._connection is not None:
            raise BleakError("already connected")
        radio = current_radio()
        connection = await self._link_on(radio, kwargs.get("timeout", self._timeout))
        self._connection = connection
        self._size_is_said_at = asyncio.get_running_loop().time() + SIZE_IS_SAID_AFTER_S
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
        radio.linked.append(self)

    async def _link_on(self, radio: CentralRadio, timeout_s: float) -> Connection:
        for other in radio.linked:
            if other.address == self.address:
                return other.connection  # like BlueZ: programs share a link
        if self._was_heard and not radio.knows(self.address):
            raise BleakDeviceNotFoundError(self.address, "it was not heard for a while, and is forgotten")
        device = await radio.open()
        async with radio.connecting:
            try:
                return await device.connect(self._peer_address, timeout=timeout_s)
            except asyncio.CancelledError:
                # Given up from outside: a controller left connecting would refuse every later attempt.
                with suppress(core.BaseBumbleError):
                    await device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
                raise
            except (core.TimeoutError, TimeoutError) as error:
                raise TimeoutError(f"{self.address} did not answer") from error
            except core.BaseBumbleError as error:
                raise BleakDeviceNotFoundError(self.address, str(error)) from error

    def _on_disconnection(self, reason: int) -> None:
        if self in (radio := current_radio()).linked:
            radio.linked.remove(self)
            radio.hears(self.address)
        self._connection = None
        self._subscribers.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        """Like BlueZ, which leaves the link up for two seconds more, in case somebody else wants it."""
        if self._connection is not None:
            await asyncio.sleep(DISCONNECTS_AFTER_S)
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
                    self._most_octets_written,
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
    bleak.get_platform_adapter_backend_type = lambda: (BumbleAdapter, "bumble")  # type: ignore[attr-defined,assignment,return-value]  # same
    bleak.get_platform_scanner_backend_type = lambda: (BumbleScanner, "bumble")  # type: ignore[attr-defined,assignment,return-value]  # same
    return radio
