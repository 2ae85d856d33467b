"""The newest of everything measured and believed, each reading with its age."""

from collections import deque

from treadcoach.control.incline_belief import InclineBelief
from treadcoach.control.plausibility import PlausibilityJudge
from treadcoach.core.belt import BeltView
from treadcoach.core.cadence import steps_a_minute
from treadcoach.core.distance import DistanceCounter
from treadcoach.core.guidance import BeltRules
from treadcoach.core.heart import CadenceLock, HeartMonitor
from treadcoach.core.machine import Machine
from treadcoach.core.samples import HeartRate
from treadcoach.wire.heart_rate import decode_heart_rate
from treadcoach.wire.running_speed import decode_running_speed
from treadcoach.wire.treadmill_data import decode_treadmill_data

CADENCE_STALE_S = 4.0
KEPT_S = 6.0
STEADY_OVER_S = 0.8
STEADY_KMH = 0.1
LAG_S = 1.0
"""A reading says what the belt did up to so long before it came."""


class Sensors:
    """Decodes notifications and keeps what is believed of them. A strap's pulse goes before the machine's."""

    def __init__(self, rules: BeltRules, machine: Machine, incline_bound_percent: float) -> None:
        self._rules = rules
        self.judge = PlausibilityJudge(rules, machine, incline_bound_percent)
        self.doubted_kmh: float | None = None
        """A speed of the latest frame that was in range and not believed."""
        self.reasons: tuple[tuple[str, str], ...] = ()
        """What of the latest frame was not believed: a key, and words."""
        self._recent: deque[tuple[float, float]] = deque()
        self._lock = CadenceLock(rules.pulse_locked_s)
        self._distance = DistanceCounter()
        self._speed_s: float | None = None
        self._counter_m: int | None = None
        self._cadence: tuple[float, float] | None = None
        self._strap = HeartMonitor(rules.pulse_stale_s, rules.pulse_frozen_s)
        self._machine_heart = HeartMonitor(rules.pulse_stale_s, rules.pulse_frozen_s)
        self._others: dict[str, HeartMonitor] = {}
        """Straps beside the one that is listened to: where they say more, that is gone by."""
        self._pulse_device: str | None = None
        self._pulse_s = -1e9
        self.speed_kmh: float | None = None
        self.frame_s: float | None = None
        """When the latest frame of Treadmill Data came, believed or not."""

    @property
    def incline(self) -> InclineBelief:
        return self.judge.incline

    @property
    def heart(self) -> HeartMonitor:
        return self._strap if self._strap.seen else self._machine_heart

    def link_changed(self) -> None:
        """What the belt did before is no reading of what it does now."""
        self.speed_kmh = self.doubted_kmh = None
        self._speed_s = self.frame_s = None
        self._recent.clear()
        self.judge.link_changed()

    def on_frame(self, now_s: float, device: str, characteristic: str, data: bytes) -> bool:
        """Take one notification; whether it was a believed reading of the belt's speed. Raises FrameError."""
        self.reasons = ()
        if device == "treadmill" and characteristic == "2ACD":
            return self._on_treadmill(now_s, data)
        if characteristic == "2A37":
            heart = decode_heart_rate(data)
            if self._is_the_pulse(now_s, device):
                self._strap.update(now_s, heart)
            else:
                new = HeartMonitor(self._rules.pulse_stale_s, self._rules.pulse_frozen_s)
                self._others.setdefault(device, new).update(now_s, heart)
        elif characteristic == "2A53":
            cadence = steps_a_minute(decode_running_speed(data).cadence_rpm, self.speed_kmh)
            self._cadence = None if cadence is None else (now_s, cadence)
        return False

    def _is_the_pulse(self, now_s: float, device: str) -> bool:
        """With several straps one is listened to, until it has been silent for a while."""
        if self._pulse_device != device and now_s - self._pulse_s <= self._rules.pulse_stale_s:
            return False
        if self._pulse_device != device:
            self._strap.another_source()
        self._pulse_device, self._pulse_s = device, now_s
        return True

    def _on_treadmill(self, now_s: float, data: bytes) -> bool:
        sample = decode_treadmill_data(data)
        judged = self.judge.on_data(now_s, sample)
        self.frame_s, self.reasons, self.doubted_kmh = now_s, judged.reasons, judged.doubted_kmh
        if judged.distance_m is not None:
            self._counter_m = judged.distance_m
        if sample.heart_rate_bpm:
            self._machine_heart.update(now_s, HeartRate(sample.heart_rate_bpm))
        if judged.speed_kmh is None:
            return False
        self.speed_kmh, self._speed_s = judged.speed_kmh, now_s
        self._recent.append((now_s, judged.speed_kmh))
        while now_s - self._recent[0][0] > KEPT_S:
            self._recent.popleft()
        self._distance.update(now_s, judged.speed_kmh, self._counter_m)
        self._counter_m = None  # it says how far the belt was then: of no use with a later speed
        return True

    def is_falling(self) -> bool:
        """Whether the last reading is below the one before: a belt that comes down from somewhere."""
        return len(self._recent) > 1 and self._recent[-1][1] < self._recent[-2][1] - STEADY_KMH

    def is_steady(self) -> bool:
        """Whether the belt's last readings, a second apart, are of one speed."""
        if not self._recent:
            return False
        at_s, kmh = self._recent[-1]
        for then_s, then_kmh in reversed(self._recent):
            if abs(then_kmh - kmh) > STEADY_KMH:
                return False
            if at_s - then_s >= STEADY_OVER_S:
                return True
        return False

    def at_most_kmh(self, now_s: float) -> float | None:
        """How fast the belt may be by now: its reading, and what it gains on its way up until the next."""
        if self.speed_kmh is None or self._speed_s is None or not self._recent:
            return None
        rise = 0.0
        for then_s, then_kmh in reversed(self._recent):
            elapsed_s = self._speed_s - then_s
            if elapsed_s >= STEADY_OVER_S:
                rise = max((self.speed_kmh - then_kmh) / elapsed_s, 0.0)
                break
        return self.speed_kmh + rise * (now_s - self._speed_s + LAG_S)

    def pulse(self, now_s: float, cadence_spm: float | None) -> tuple[int | None, str | None]:
        """The pulse that may be used (per min), or None and why not."""
        bpm, doubt = self.heart.trusted_bpm(now_s), self.heart.doubt(now_s)
        others = [o for strap in self._others.values() if (o := strap.trusted_bpm(now_s)) is not None]
        if bpm is not None:
            bpm = max([bpm, *others])
        elif others and self.heart.has_fallen:
            bpm, doubt = max(others), None  # the other strap still knows
        self._lock.update(now_s, bpm, cadence_spm)
        if bpm is not None and self._lock.is_locked:
            return None, f"a pulse of {bpm} follows your steps"
        return bpm, doubt

    def belt(self, now_s: float) -> BeltView:
        age = None if self._speed_s is None else now_s - self._speed_s
        return BeltView(self.speed_kmh, self.incline.percent, age, self._distance.total_m)

    def cadence_spm(self, now_s: float) -> float | None:
        if self._cadence is None or now_s - self._cadence[0] > CADENCE_STALE_S:
            return None
        return self._cadence[1]
