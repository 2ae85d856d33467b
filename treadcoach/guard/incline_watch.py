"""The watch over the incline: what the motor is seen to do against what was ordered and what is allowed."""

from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import dpct_floor
from treadcoach.guard.watch import Alarm, AlarmKind

READINGS_OVER = 2
"""One odd report is no runaway motor; two in a row are."""


class InclineWatch:
    """Observes one motor. Inclines are in 0.1 %; times are the one clock's seconds."""

    def __init__(self, rules: BeltRules) -> None:
        self._rules = rules
        self._over = dpct_floor(rules.watch_incline_percent)
        self._reading: int | None = None
        self.release()

    def release(self) -> None:
        """Nothing is expected: nobody orders the incline, or a hand has set it."""
        self._ordered: int | None = None
        self._ordered_s = 0.0
        self._start: int | None = None
        self._steepest_ok: int | None = None
        self._over_count = self._wrong_count = 0
        self._adrift_since_s: float | None = None
        self._is_free = False

    def expect_free(self) -> None:
        """Nobody commands the belt: it should stay as steep as it is, and inside its bound."""
        if not self._is_free:
            # Where it is, or is on its way to by our last order or by a hand that was told.
            known = [v for v in (self._reading, self._ordered, self._steepest_ok) if v is not None]
            self.release()
            self._is_free, self._steepest_ok = True, max(known, default=None)

    def begin(self, now_s: float, dpct: int | None) -> None:
        """A person released the belt at this incline (None: not known)."""
        self.release()
        self._ordered, self._ordered_s, self._start = dpct, now_s, dpct
        self._steepest_ok = dpct

    def expect(self, now_s: float, dpct: int) -> None:
        """The machine took an order for this incline."""
        before = self._ordered
        was_lowered = before is not None and self._start is not None and before < self._start
        if not (was_lowered and before is not None and dpct < before):
            # On the way down by several orders the wrong way is told from where the first of them found it.
            self._start = self._reading if self._reading is not None else before
        self._ordered, self._ordered_s = dpct, now_s
        self._adrift_since_s = None
        if self._reading is not None and self._reading > dpct:
            self._steepest_ok = self._reading  # and less with each reading, on the way down

    def on_reading(self, now_s: float, dpct: int, ceiling: int) -> None:
        """A believed report, and how steep the belt may be at present."""
        self._reading = dpct
        ordered = self._ordered
        if self._is_free:
            allowed = ceiling if self._steepest_ok is None else self._steepest_ok
            self._over_count = self._over_count + 1 if dpct > allowed + self._over else 0
        if ordered is None:
            return
        if self._steepest_ok is not None:
            self._steepest_ok = None if dpct <= ceiling else min(self._steepest_ok, dpct)
        allowed = max(ceiling, ordered, self._steepest_ok or ceiling)
        self._over_count = self._over_count + 1 if dpct > allowed + self._over else 0
        start = ordered if self._start is None else self._start
        risen = dpct > max(ordered, start) + self._over
        self._wrong_count = self._wrong_count + 1 if risen else 0
        if abs(dpct - ordered) <= self._over:
            self._adrift_since_s = None
            # It has come down so far: from here on it is judged by that.
            self._start = min(start, max(dpct, ordered))
        elif self._adrift_since_s is None:
            self._adrift_since_s = now_s

    def check(self) -> Alarm | None:
        """A belt that tilts past its bound, or steeper than it was told: it is stopped for that."""
        reading, ordered = self._reading, self._ordered
        if reading is not None and self._is_free and self._over_count >= READINGS_OVER:
            return Alarm(AlarmKind.INCLINE, f"nobody commands the belt, and it tilts to {reading / 10:g} %")
        if reading is None or ordered is None:
            return None
        shown = f"ordered {ordered / 10:g} %, the belt says {reading / 10:g} %"
        if self._over_count >= READINGS_OVER:
            return Alarm(AlarmKind.INCLINE, f"the belt is steeper than it may be: {shown}")
        if self._wrong_count >= READINGS_OVER:
            return Alarm(AlarmKind.INCLINE, f"the belt is steeper than it was told: {shown}")
        return None

    def is_adrift(self, now_s: float) -> bool:
        """Whether the motor has not followed its order for long; it is left alone then."""
        since = self._adrift_since_s
        return since is not None and now_s - max(since, self._ordered_s) > self._rules.watch_follow_s
