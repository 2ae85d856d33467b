"""The newest of everything measured, each reading with its age."""

from treadcoach.core.belt import BeltView
from treadcoach.core.cadence import steps_a_minute
from treadcoach.core.distance import DistanceCounter
from treadcoach.core.guidance import BeltRules
from treadcoach.core.heart import HeartMonitor
from treadcoach.core.samples import HeartRate
from treadcoach.wire.heart_rate import decode_heart_rate
from treadcoach.wire.running_speed import decode_running_speed
from treadcoach.wire.treadmill_data import decode_treadmill_data

CADENCE_STALE_S = 4.0


class Sensors:
    """Decodes notifications and keeps what they say. The strap's pulse goes before the machine's."""

    def __init__(self, rules: BeltRules) -> None:
        self._rules = rules
        self._distance = DistanceCounter()
        self._speed_s: float | None = None
        self._counter_m: int | None = None
        self._cadence: tuple[float, float] | None = None
        self._strap = HeartMonitor(rules.pulse_stale_s, rules.pulse_frozen_s)
        self._machine_heart = HeartMonitor(rules.pulse_stale_s, rules.pulse_frozen_s)
        self._pulse_device: str | None = None
        self._pulse_s = -1e9
        self.speed_kmh: float | None = None
        self.incline_percent: float | None = None

    @property
    def heart(self) -> HeartMonitor:
        return self._strap if self._strap.seen else self._machine_heart

    def link_changed(self) -> None:
        """What the belt did before is no reading of what it does now."""
        self.speed_kmh = None
        self._speed_s = None

    def on_frame(self, now_s: float, device: str, characteristic: str, data: bytes) -> bool:
        """Take one notification; true when it was a reading of the belt's speed. Raises FrameError."""
        if device == "treadmill" and characteristic == "2ACD":
            return self._on_treadmill(now_s, data)
        if characteristic == "2A37":
            heart = decode_heart_rate(data)
            if self._is_the_pulse(now_s, device):
                self._strap.update(now_s, heart)
        elif characteristic == "2A53":
            cadence = steps_a_minute(decode_running_speed(data).cadence_rpm, self.speed_kmh)
            self._cadence = None if cadence is None else (now_s, cadence)
        return False

    def _is_the_pulse(self, now_s: float, device: str) -> bool:
        """With several straps one is listened to, until it has been silent for a while."""
        if self._pulse_device != device and now_s - self._pulse_s <= self._rules.pulse_stale_s:
            return False
        self._pulse_device, self._pulse_s = device, now_s
        return True

    def _on_treadmill(self, now_s: float, data: bytes) -> bool:
        sample = decode_treadmill_data(data)
        if sample.incline_percent is not None:
            self.incline_percent = sample.incline_percent
        if sample.distance_m is not None:
            self._counter_m = sample.distance_m
        if sample.heart_rate_bpm:
            self._machine_heart.update(now_s, HeartRate(sample.heart_rate_bpm))
        if sample.speed_kmh is None:
            return False
        self.speed_kmh, self._speed_s = sample.speed_kmh, now_s
        self._distance.update(now_s, sample.speed_kmh, self._counter_m)
        self._counter_m = None  # it says how far the belt was then: of no use with a later speed
        return True

    def belt(self, now_s: float) -> BeltView:
        age = None if self._speed_s is None else now_s - self._speed_s
        return BeltView(self.speed_kmh, self.incline_percent, age, self._distance.total_m)

    def cadence_spm(self, now_s: float) -> float | None:
        if self._cadence is None or now_s - self._cadence[0] > CADENCE_STALE_S:
            return None
        return self._cadence[1]
