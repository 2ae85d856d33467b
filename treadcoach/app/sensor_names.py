"""What sensors are called: by who chooses them, and inside a session."""

from treadcoach.core.body import Mount
from treadcoach.core.errors import InputError


def sensor_name(at: int) -> str:
    """What a session calls its sensors: the first is the strap."""
    return "strap" if at == 0 else f"sensor {at + 1}"


def parse_sensor(text: str) -> tuple[str, Mount | None]:
    """NAME, NAME@chest or NAME@hip. Raises InputError."""
    name, sign, place = text.rpartition("@")
    if not sign:
        return text, None
    if place not in (Mount.CHEST.value, Mount.HIP.value) or not name:
        raise InputError("--strap", text, "a name or address, with @chest or @hip where it is worn")
    return name, Mount(place)
