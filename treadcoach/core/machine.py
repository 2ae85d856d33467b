"""What one treadmill is and can do, as found when it was connected."""

from dataclasses import dataclass

from treadcoach.core.samples import InclineRange, SpeedRange


@dataclass(frozen=True, slots=True)
class Machine:
    """None: the machine does not say, or does not have it."""

    address: str
    name: str
    manufacturer: str | None = None
    model: str | None = None
    speed_range: SpeedRange | None = None
    incline_range: InclineRange | None = None
    can_set_speed: bool = True
    can_set_incline: bool = True
    has_control_point: bool = True
    takes_mph: bool = False
    """Set Target Speed is taken as miles per hour (told by the owner; see quirks in the docs)."""
