"""Which of the devices that were heard are meant."""

from typing import Any

from treadcoach.core.errors import InputError
from treadcoach.devices.scan import Found
from treadcoach.devices.strap import StrapLink


def held_words(name: str | None, address: str) -> str:
    """Why a treadmill that this computer is linked to is not heard and not taken."""
    return (
        f"{name or address} is linked to this computer already, by another program or by one that was killed:"
        " end that program, switch the treadmill off and on, or on Linux type"
        f" 'bluetoothctl disconnect {address}'"
    )


def is_meant(address: str, name: str, wanted: str | None) -> bool:
    """Whether an address or a part of a name means this device; without one every device is meant."""
    return wanted is None or address.lower() == wanted.lower() or wanted.lower() in name.lower()


def sensor_factory(found: Found, name: str) -> Any:
    """What the coach calls to get a sensor's link."""
    return lambda frame, lost: StrapLink(found.device, name, frame, lost)


def choose_sensors(found: list[Found], wanted: list[str]) -> list[Found]:
    """The sensors meant, in order; the strongest one when none is named. Raises InputError."""
    if wanted == ["none"]:
        return []
    if not wanted:
        nearest = choose(found, "sensor", None)
        return [] if nearest is None else [nearest]
    chosen = [sensor for name in wanted if (sensor := choose(found, "sensor", name)) is not None]
    if len({sensor.device.address for sensor in chosen}) != len(chosen):
        raise InputError("--strap", ", ".join(wanted), "each sensor once")
    return chosen


def choose(found: list[Found], kind: str, wanted: str | None) -> Found | None:
    """The device meant by an address or a part of a name. Raises InputError when that is unclear."""
    fitting = [f for f in found if f.kind == kind]
    if wanted is None:
        sure = [f for f in fitting if f.sure] or fitting
        if kind == "treadmill" and len(sure) > 1:
            names = ", ".join(f"{f.name} ({f.device.address})" for f in sure)
            raise InputError("--treadmill", "not given", f"one of {names}")
        return sure[0] if sure else None
    chosen = [f for f in fitting if is_meant(f.device.address, f.name, wanted)]
    if len(chosen) != 1:
        names = ", ".join(f"{f.name} ({f.device.address})" for f in fitting) or "none was heard"
        raise InputError(f"--{'treadmill' if kind == 'treadmill' else 'strap'}", wanted, names)
    return chosen[0]
