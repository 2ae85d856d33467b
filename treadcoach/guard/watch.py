"""The watch: compares what was ordered with what the belt says it does.

Separate from the gate on purpose: the gate bounds wishes, the watch doubts the machine.
An alarm ends commanding and stops the belt; only a person opens the gate again.
"""

from dataclasses import dataclass
from enum import StrEnum

from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import SpeedUnit, ckmh_floor, format_speed

_STANDING_CKMH = 10
_READINGS_OVER = 2
"""One odd frame is no runaway belt; two in a row are."""


class AlarmKind(StrEnum):
    NO_MOVEMENT = "no_movement"
    WRONG_DIRECTION = "wrong_direction"
    OUT_OF_BOUNDS = "out_of_bounds"
    DRIFT = "drift"
    NO_READINGS = "no_readings"
    STOP_IGNORED = "stop_ignored"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong with the belt, in words for the runner."""

    kind: AlarmKind
    text: str


class Watch:
    """Observes one belt. Feed it orders and readings; ask it on every tick."""

    def __init__(self, rules: BeltRules, unit: SpeedUnit = SpeedUnit.KMH) -> None:
        self._unit = unit
        self._rules = rules
        self._over_ckmh = ckmh_floor(rules.watch_over_kmh)
        self._drift_ckmh = ckmh_floor(rules.watch_drift_kmh)
        self._reading: int | None = None
        self._reading_s: float | None = None
        self._clear()

    def _clear(self) -> None:
        """Nothing is expected of the belt."""
        self._ordered: int | None = None
        self._ordered_s = 0.0
        self._before = 0
        self._highest_recent = 0
        self._start_s: float | None = None
        self._stop_s: float | None = None
        self._stop_from = 0
        self._fall_from: int | None = None
        self._adrift_since_s: float | None = None
        self._over_count = self._risen_count = 0
        self._reached = False

    @property
    def was_at_order(self) -> bool:
        """Whether the belt has been at the last ordered speed since it was ordered."""
        return self._reached

    def expect_start(self, now_s: float, slowest_ckmh: int) -> None:
        """A start was written; the belt should move, at about its slowest speed."""
        self._clear()
        self._start_s = now_s
        self._ordered, self._before, self._ordered_s = slowest_ckmh, 0, now_s
        self._highest_recent = slowest_ckmh

    def expect_speed(self, now_s: float, ckmh: int) -> None:
        """A speed was written."""
        if ckmh == self._ordered:
            return
        reading = self._reading or 0
        self._before = reading if self._ordered is None else self._ordered
        if ckmh > self._before or reading <= self._before + self._drift_ckmh:
            self._highest_recent = max(ckmh, self._before)
        if ckmh > self._before:
            self._fall_from = None
        elif self._fall_from is None:
            self._fall_from = max(self._before, reading)
        self._ordered, self._ordered_s = ckmh, now_s
        self._reached = False
        self._adrift_since_s = None

    def expect_stop(self, now_s: float) -> None:
        """STOP was asked for; the belt should slow down."""
        if self._stop_s is None:
            self._stop_s, self._stop_from = now_s, self._reading or 0
        self._ordered = self._start_s = None

    def expect_nothing(self) -> None:
        """Nobody commands: the belt stands, or the runner's own hand drives it."""
        self._clear()

    def adopt(self, now_s: float, ckmh: int) -> None:
        """The runner changed the speed at the console; that is what is expected now."""
        self._clear()
        self._ordered = self._before = self._highest_recent = ckmh
        self._ordered_s = now_s
        # A belt that is still on its way there is not one that was there and left it.
        self._reached = self._reading is None or abs(self._reading - ckmh) <= self._drift_ckmh

    def on_reading(self, now_s: float, ckmh: int) -> None:
        """A fresh speed of the belt, in 0.01 km/h."""
        self._reading, self._reading_s = ckmh, now_s
        if self._ordered is None:
            return
        self._over_count = self._over_count + 1 if ckmh > self._ceiling() else 0
        risen = self._fall_from is not None and ckmh > self._fall_from + self._drift_ckmh // 2
        self._risen_count = self._risen_count + 1 if risen else 0
        if ckmh > _STANDING_CKMH:
            self._start_s = None
        if abs(ckmh - self._ordered) <= self._drift_ckmh:
            self._reached = True
            self._adrift_since_s = None
            self._highest_recent = self._ordered
        elif self._adrift_since_s is None:
            self._adrift_since_s = now_s

    def check(self, now_s: float) -> Alarm | None:
        """The first thing that is wrong, or None."""
        if self._stop_s is not None:
            return self._check_stop(now_s)
        if self._ordered is None:
            return None
        heard_s = self._ordered_s if self._reading_s is None else self._reading_s
        age_s = now_s - heard_s
        if age_s > self._rules.stale_stop_s:
            return Alarm(AlarmKind.NO_READINGS, f"the machine has not reported for {age_s:.0f} s")
        if self._start_s is not None:
            if now_s - self._start_s > self._rules.watch_start_s:
                return Alarm(AlarmKind.NO_MOVEMENT, "the belt was started and does not move")
            return None
        return self._check_speed(now_s)

    def _check_speed(self, now_s: float) -> Alarm | None:
        reading, ordered = self._reading, self._ordered
        assert ordered is not None
        if reading is None:
            return None
        shown = f"ordered {self._words(ordered)}, the belt says {self._words(reading)}"
        if self._risen_count >= _READINGS_OVER:
            return Alarm(AlarmKind.WRONG_DIRECTION, f"told to slow down, the belt sped up: {shown}")
        if self._over_count >= _READINGS_OVER:
            return Alarm(AlarmKind.OUT_OF_BOUNDS, f"the belt is faster than ordered: {shown}")
        since = self._adrift_since_s
        if since is not None and now_s - max(since, self._ordered_s) > self._rules.watch_follow_s:
            return Alarm(AlarmKind.DRIFT, f"the belt does not follow: {shown}")
        return None

    def _check_stop(self, now_s: float) -> Alarm | None:
        assert self._stop_s is not None
        fresh = self._reading_s is not None and self._reading_s > self._stop_s
        if fresh and self._reading is not None and self._reading <= _STANDING_CKMH:
            return None
        waited_s = now_s - self._stop_s
        if waited_s <= self._rules.watch_stop_s:
            return None
        if not fresh:
            return Alarm(AlarmKind.STOP_IGNORED, "told to stop, and the machine says nothing")
        assert self._reading is not None
        # At 0.5 km/h per second, the slowest braking seen, less a margin.
        expected = self._stop_from - int(25 * (waited_s - self._rules.watch_stop_s))
        if self._reading >= max(expected, _STANDING_CKMH):
            shown = f"the belt still says {self._words(self._reading)}"
            return Alarm(AlarmKind.STOP_IGNORED, f"told to stop {waited_s:.0f} s ago, {shown}")
        return None

    def _words(self, ckmh: int) -> str:
        return format_speed(ckmh / 100, self._unit)

    def _ceiling(self) -> int:
        assert self._ordered is not None
        return max(self._ordered, self._highest_recent) + self._over_ckmh
