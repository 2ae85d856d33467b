"""The watch: compares what was ordered with what the belt says it does.

Separate from the gate on purpose: the gate bounds wishes, the watch doubts the machine.
An alarm ends commanding and stops the belt; only a person opens the gate again.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import SpeedUnit, ckmh_floor, format_speed

_STANDING_CKMH = 10
_STEADY_CKMH = 5
_NEARER_CKMH = 20
"""A belt that comes nearer to its order by less in all that time does not follow it."""
_READINGS_OVER = 2
"""One odd frame is no runaway belt; two in a row are."""


class AlarmKind(StrEnum):
    INCLINE = "incline"
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
        self._stop_s: float | None = None
        self._stop_from = 0
        self._free_below: int | None = None
        self._linked_s = self._fell_s = 0.0
        self._lowest: int | None = None
        """The slowest reading since STOP was asked for, and when the belt last fell below it by more than
        readings waver."""
        self._claim: tuple[float, int] | None = None
        self._clear()

    def _clear(self) -> None:
        """No speed is expected. A STOP that is waited for stays: only a belt that stands ends it."""
        self._ordered: int | None = None
        self._ordered_s = 0.0
        self._before = 0
        self._highest_recent = 0
        self._start_s: float | None = None
        self._free_below = None
        self._fall_from: int | None = None
        self._adrift_since_s: float | None = None
        self._best: tuple[float, int] | None = None
        """The nearest to its order that an adrift belt has come, and the slowest."""
        self._over_count = self._risen_count = 0
        self._claim = None
        self._doubted: int | None = None

    @property
    def waits_for_stop(self) -> bool:
        """Whether STOP was asked for and the belt has not been seen to stand since."""
        return self._stop_s is not None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is expected of the belt."""
        return self._ordered is None and self._stop_s is None and self._free_below is None

    def expect_start(self, now_s: float, slowest_ckmh: int) -> None:
        """A person released the belt and a start was written; it should move, at about its slowest speed."""
        self._clear()
        self._stop_s = None
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
        self._adrift_since_s = None

    def expect_stop(self, now_s: float) -> None:
        """STOP was asked for; the belt should slow down."""
        if self._stop_s is None:
            self._stop_s, self._stop_from, self._lowest = now_s, self._reading or 0, self._reading
        self._ordered = self._start_s = None

    def expect_nothing(self) -> None:
        """Nobody commands: the belt stands, or the runner's hand drives it. A STOP is still waited for."""
        self._clear()

    def link_changed(self, now_s: float) -> None:
        """A new link, or none: what the machine says counts from here."""
        self._linked_s = now_s
        self._clear()

    def belt_stands(self) -> None:
        """The belt was seen to stand, or a person says so: the STOP has done its work."""
        self._stop_s = None

    def expect_free(self, now_s: float, below_ckmh: int) -> None:
        """The belt runs and nobody commands it: it should report, and be no faster than any bound allows."""
        if self._free_below is None:
            self._clear()
            # A silence that has begun goes on through a loss of control; a new link is given time.
            heard_s = self._reading_s or 0.0
            is_recent = heard_s >= self._linked_s and now_s - heard_s <= self._rules.stale_stop_s
            self._ordered_s = heard_s if is_recent else now_s
        self._free_below = below_ckmh

    def take_over(self, now_s: float, ckmh: int) -> None:
        """A person hands a moving belt to the coach: no STOP of before is waited for any more."""
        self._stop_s = None
        self.adopt(now_s, ckmh)

    def adopt(self, now_s: float, ckmh: int) -> None:
        """The speed was changed at the console; that is what is expected now, and the way there."""
        reading = self._reading
        self._clear()
        self._ordered = self._before = ckmh
        self._highest_recent = ckmh if reading is None else max(ckmh, reading)
        self._fall_from = reading if reading is not None and reading > ckmh + self._drift_ckmh else None
        self._ordered_s = now_s

    def on_reading(self, now_s: float, ckmh: int) -> None:
        """A fresh speed of the belt, in 0.01 km/h."""
        comes = self._is_on_its_way(ckmh)
        if self._lowest is None or ckmh < self._lowest - _STEADY_CKMH:
            self._fell_s, self._lowest = now_s, ckmh
        self._reading, self._reading_s, self._doubted = ckmh, now_s, None
        if self._free_below is not None:
            self._over_count = self._over_count + 1 if ckmh > self._free_below + self._over_ckmh else 0
        if self._ordered is None:
            return
        self._over_count = self._over_count + 1 if ckmh > self._ceiling() else 0
        risen = self._fall_from is not None and ckmh > self._fall_from + self._drift_ckmh // 2
        self._risen_count = self._risen_count + 1 if risen else 0
        if ckmh > _STANDING_CKMH:
            self._start_s = None
        if abs(ckmh - self._ordered) <= self._drift_ckmh:
            self._adrift_since_s = None
            self._highest_recent = self._ordered
        elif self._adrift_since_s is None or comes:
            distance, lowest = self._best if comes and self._best is not None else (math.inf, ckmh)
            self._best = (min(distance, abs(ckmh - self._ordered)), min(lowest, ckmh))
            self._adrift_since_s = now_s

    def _is_on_its_way(self, ckmh: int) -> bool:
        """Whether the belt comes nearer to its order than it was yet, or falls further: where it rests is
        known only later. A reading that wavers does neither.
        """
        if self._best is None or self._ordered is None:
            return False
        distance, lowest = self._best
        return abs(ckmh - self._ordered) < distance - _NEARER_CKMH or ckmh < lowest - _STEADY_CKMH

    def claimed(self, until_s: float, ckmh: int) -> None:
        """A console says that this faster speed was set: until then a belt on its way there is no runaway."""
        self._claim = (until_s, ckmh)

    def on_doubted(self, ckmh: int) -> None:
        """A reading that is not believed is no base of anything, but two above every bound are an alarm."""
        if self._free_below is not None:
            bound = self._free_below + self._over_ckmh
        elif self._ordered is not None:
            bound = self._ceiling()
        else:
            return
        self._over_count = self._over_count + 1 if ckmh > bound else 0
        if self._over_count:
            self._doubted = ckmh

    def check(self, now_s: float) -> Alarm | None:
        """The first thing that is wrong, or None."""
        if self._stop_s is not None:
            return self._check_stop(now_s)
        if self._free_below is not None:
            return self._check_free(now_s)
        if self._ordered is None:
            return None
        heard_s = self._ordered_s if self._reading_s is None else self._reading_s
        age_s = now_s - heard_s
        if age_s > self._rules.stale_stop_s:
            return Alarm(AlarmKind.NO_READINGS, f"the machine has not reported for {age_s:.0f} s")
        if self._start_s is not None:
            if self._over_count >= _READINGS_OVER:
                shown = self._words(self._said())
                return Alarm(AlarmKind.OUT_OF_BOUNDS, f"the belt was started and says {shown} at once")
            if now_s - self._start_s > self._rules.watch_start_s:
                return Alarm(AlarmKind.NO_MOVEMENT, "the belt was started and does not move")
            return None
        return self._check_speed(now_s)

    def _check_free(self, now_s: float) -> Alarm | None:
        heard_s = max(self._ordered_s, self._reading_s or 0.0)
        age_s = now_s - heard_s
        if age_s > self._rules.stale_stop_s:
            return Alarm(AlarmKind.NO_READINGS, f"the machine has not reported for {age_s:.0f} s")
        if self._over_count >= _READINGS_OVER:
            shown = self._words(self._said())
            return Alarm(AlarmKind.OUT_OF_BOUNDS, f"nobody commands the belt, and it runs at {shown}")
        return None

    def _check_speed(self, now_s: float) -> Alarm | None:
        reading, ordered = self._reading, self._ordered
        assert ordered is not None
        if reading is None:
            return None
        since = self._adrift_since_s
        if self._risen_count >= _READINGS_OVER:
            kind, why = AlarmKind.WRONG_DIRECTION, "told to slow down, the belt sped up"
        elif self._over_count >= _READINGS_OVER:
            kind, why = AlarmKind.OUT_OF_BOUNDS, "the belt is faster than ordered"
        elif since is not None and now_s - max(since, self._ordered_s) > self._rules.watch_follow_s:
            kind, why = AlarmKind.DRIFT, "the belt does not follow"
        else:
            return None
        shown = f"ordered {self._words(ordered)}, the belt says {self._words(self._said())}"
        return Alarm(kind, f"{why}: {shown}")

    def _check_stop(self, now_s: float) -> Alarm | None:
        assert self._stop_s is not None
        fresh = self._reading_s is not None and self._reading_s > self._stop_s
        age_s = now_s - max(self._reading_s or self._stop_s, self._linked_s)
        is_zero = self._reading is not None and self._reading <= _STANDING_CKMH
        if fresh and is_zero and age_s <= self._rules.stale_stop_s:
            return None
        waited_s = now_s - self._stop_s
        if now_s - max(self._stop_s, self._linked_s) <= self._rules.watch_stop_s:
            return None
        if not fresh or age_s > self._rules.stale_stop_s:
            return Alarm(AlarmKind.STOP_IGNORED, "the machine was told to stop and has not reported since")
        assert self._reading is not None
        # At 0.5 km/h per second, the slowest braking seen, less a margin.
        expected = self._stop_from - int(25 * (waited_s - self._rules.watch_stop_s))
        has_settled = now_s - max(self._fell_s, self._stop_s) > self._rules.watch_stop_s
        if self._reading >= max(expected, _STANDING_CKMH) or has_settled:
            shown = f"the belt still says {self._words(self._reading)}"
            return Alarm(AlarmKind.STOP_IGNORED, f"told to stop {waited_s:.0f} s ago, {shown}")
        return None

    def _said(self) -> int:
        """The latest speed that counts against a bound, believed or not."""
        return self._doubted if self._doubted is not None else self._reading or 0

    def _words(self, ckmh: int) -> str:
        return format_speed(ckmh / 100, self._unit)

    def _ceiling(self) -> int:
        assert self._ordered is not None
        claimed = (
            self._claim[1] if self._claim is not None and (self._reading_s or 0.0) <= self._claim[0] else 0
        )
        return max(self._ordered, self._highest_recent, claimed) + self._over_ckmh
