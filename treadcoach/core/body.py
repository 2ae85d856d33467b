"""Where a sensor is worn and what it measures: what can be said depends on it."""

from dataclasses import dataclass
from enum import StrEnum


class Mount(StrEnum):
    """Where the sensor sits. HIP stands for sacrum, lower back and waist too."""

    CHEST = "chest"
    HIP = "hip"
    POD = "pod"
    """A running speed & cadence pod: it reports cadence and keeps its samples to itself."""


class Gait(StrEnum):
    WALKING = "walking"
    RUNNING = "running"


class Tier(StrEnum):
    """How much a value can be trusted, said with every value."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    TREND = "trend"
    """Good for comparing a runner with that runner's own values only."""
    UNSEEN = "cannot be seen with this sensor"


@dataclass(frozen=True, slots=True)
class SensorKind:
    """What one sensor is. `lateral`: a third axis; `gyroscope`: angular rate too."""

    mount: Mount
    gyroscope: bool = False
    lateral: bool = True
    mount_is_stated: bool = True
    """False: told from the signals, and said so."""

    @property
    def words(self) -> str:
        if self.mount is Mount.POD:
            return "running speed & cadence pod"
        axes = "6-axis sensor" if self.gyroscope else "accelerometer"
        return f"{axes} at the {self.mount.value}"
