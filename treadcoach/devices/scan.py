"""Finds treadmills and sensors, and reads what a treadmill can do. Nothing here commands a belt."""

import asyncio
from dataclasses import dataclass, field

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from treadcoach.core.errors import LinkError
from treadcoach.wire import uuids
from treadcoach.wire.advert import machine_kinds, may_be_treadmill, printable
from treadcoach.wire.features import decode_incline_range, decode_speed_range
from treadcoach.wire.octets import FrameError

DESCRIBE_S = 15.0

_SENSOR_SERVICES = {
    uuids.HEART_RATE_SERVICE: "heart rate",
    uuids.RUNNING_SPEED_SERVICE: "running speed & cadence",
    uuids.POLAR_PMD_SERVICE: "acceleration",
    uuids.MOVESENSE_SERVICE: "acceleration and gyroscope (Movesense)",
    uuids.OPEN_IMU_SERVICE: "acceleration and gyroscope",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One device that was heard. kind is 'treadmill', 'sensor' or 'machine' (another kind)."""

    device: BLEDevice
    name: str
    kind: str
    rssi_dbm: int
    offers: tuple[str, ...] = ()
    sure: bool = True
    """False: taken for a treadmill by its name or service alone."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a treadmill says it can do, in words; `problems` is what it got wrong."""

    features: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    ranges: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


async def scan(
    seconds: float, *, enough_treadmills: int | None = None, enough_sensors: int = 1
) -> list[Found]:
    """Listen for `seconds`; treadmills first, then sensors. Raises LinkError without Bluetooth.

    With enough_treadmills it returns as soon as so many treadmills, and enough sensors, are heard.
    """
    heard: dict[str, Found] = {}
    complete = asyncio.Event()

    def hear(device: BLEDevice, advertisement: AdvertisementData) -> None:
        found = classify(device, advertisement)
        if found is None:
            return
        heard[device.address] = found
        kinds = [entry.kind for entry in heard.values()]
        if enough_treadmills is not None and (
            kinds.count("treadmill") >= enough_treadmills and kinds.count("sensor") >= enough_sensors
        ):
            complete.set()

    try:
        async with BleakScanner(hear):
            try:
                async with asyncio.timeout(seconds):
                    await complete.wait()
            except TimeoutError:
                pass
    except (BleakError, OSError) as error:
        raise LinkError(f"Bluetooth cannot be used: {error}. 'treadcoach doctor' says more") from error
    order = {"treadmill": 0, "sensor": 1, "machine": 2}
    return sorted(heard.values(), key=lambda f: (order[f.kind], -f.rssi_dbm))


async def linked_treadmills() -> list[BLEDevice]:
    """Those that this computer is linked to already: they do not advertise, so that no scan hears them.

    BlueZ keeps a link when the program that made it is killed. Empty where the system cannot say it.
    """
    try:
        adapter = await BleakAdapter.get()
        return list(await adapter.get_connected_devices([uuids.FITNESS_MACHINE]))
    except NotImplementedError:
        return []
    except (BleakError, OSError) as error:
        raise LinkError(f"Bluetooth cannot be used: {error}. 'treadcoach doctor' says more") from error


def classify(device: BLEDevice, advertisement: AdvertisementData) -> Found | None:
    """What an advertisement is of, or None when it is of no interest."""
    name = printable(advertisement.local_name or device.name or "") or device.address
    services = list(advertisement.service_uuids)
    kinds = machine_kinds(advertisement.service_data.get(uuids.FITNESS_MACHINE, b""))
    if kinds:
        kind = "treadmill" if "treadmill" in kinds else "machine"
        return Found(device, name, kind, advertisement.rssi, (", ".join(kinds),))
    if may_be_treadmill(name, services, dict(advertisement.service_data)):
        return Found(device, name, "treadmill", advertisement.rssi, ("perhaps a treadmill",), sure=False)
    offers = tuple(label for uuid, label in _SENSOR_SERVICES.items() if uuid in services)
    if not offers:
        return None
    if name.startswith("Polar") and "acceleration" not in offers:
        offers += ("acceleration (Polar)",)
    return Found(device, name, "sensor", advertisement.rssi, offers)


async def describe(device: BLEDevice) -> Abilities:
    """Connect to a treadmill, read what it can do with pyftms, and leave. Raises LinkError."""
    try:
        async with asyncio.timeout(DESCRIBE_S):
            async with BleakClient(device, timeout=DESCRIBE_S) as client:
                return await _abilities(client)
    except (BleakError, TimeoutError, OSError, EOFError) as error:
        raise LinkError(f"{device.name or device.address}: {str(error) or 'no answer'}") from error


async def _abilities(client: BleakClient) -> Abilities:
    # Only who asks for abilities needs it: without it the coach's process is 4 MB smaller.
    from pyftms import MachineType  # noqa: PLC0415
    from pyftms.client.properties.features import read_features  # noqa: PLC0415

    problems: list[str] = []
    try:
        features, settings, ranges = await read_features(client, MachineType.TREADMILL)
        return Abilities(
            _flag_names(features),
            _flag_names(settings),
            {name: _range_text(name, r.min_value, r.max_value, r.step) for name, r in ranges.items()},
        )
    except (BleakError, TimeoutError, OSError):
        raise
    except Exception as error:  # noqa: BLE001  # pyftms raises bare errors for odd machines; they are read by our own codec
        problems.append(f"the feature list is odd ({type(error).__name__}: {error})")
    shown: dict[str, str] = {}
    for uuid, name in ((uuids.SPEED_RANGE, "target_speed"), (uuids.INCLINE_RANGE, "target_inclination")):
        if client.services.get_characteristic(uuid) is None:
            continue
        data = bytes(await client.read_gatt_char(uuid))
        try:
            if uuid == uuids.SPEED_RANGE:
                speed = decode_speed_range(data)
                shown[name] = _range_text(
                    name, speed.min_speed_kmh, speed.max_speed_kmh, speed.speed_step_kmh
                )
            else:
                tilt = decode_incline_range(data)
                shown[name] = _range_text(
                    name, tilt.min_incline_percent, tilt.max_incline_percent, tilt.incline_step_percent
                )
        except FrameError as error:
            problems.append(str(error))
    return Abilities(ranges=shown, problems=tuple(problems))


def _flag_names(flags: object) -> tuple[str, ...]:
    name = getattr(flags, "name", None) or ""
    return tuple(part.lower().replace("_", " ") for part in name.split("|") if part)


def _range_text(name: str, low: float, high: float, step: float) -> str:
    unit = {"target_speed": "km/h", "target_inclination": "%"}.get(name, "")
    return f"{low:g} to {high:g} {unit}, step {step:g}"
