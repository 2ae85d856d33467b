"""What an inertial sensor is to the rest of the program: where its packets come from and how to read them.

A new sensor is one file that defines an InertialSource, and its name in inertial_sources.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

from treadcoach.core.samples import InertialFrame

Decoder = Callable[[bytes], InertialFrame | None]
"""One packet to its samples; None where more is to come or it holds none. May raise FrameError."""


@dataclass(frozen=True, slots=True)
class InertialSource:
    """One kind of sensor. `name` marks its packets in the journal; all else is as it says on the air."""

    name: str
    label: str
    notify_uuid: str
    control_uuid: str | None
    start: tuple[bytes, ...]
    stop: tuple[bytes, ...]
    min_mtu: int
    rate_hz: float
    full_scale_g: float | None
    gyroscope: bool
    make_decoder: Callable[[], Decoder]
    """A decoder for one connection: packets that belong together are put together in it."""
    subscribe_control: bool = True
    """Whether the control point answers by notification or indication."""
    refused: Callable[[bytes], str | None] = lambda _answer: None
    """Why a start was refused, read from an answer of the control point; None when it was not."""
