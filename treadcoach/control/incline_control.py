"""Who sets the incline, and what is seen of it: the coach, a hand at the console, or nobody who is known."""

from dataclasses import dataclass

from treadcoach.control.incline_belief import InclineBelief, InclineTrust
from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import dpct_floor
from treadcoach.guard.incline_watch import InclineWatch
from treadcoach.guard.watch import Alarm

SAME_DPCT = 2
HAND_MOVES_S = 8.0
"""A motor that does not begin to go where a status says is not there by a hand."""
UNREPORTED_S = 5.0
"""A machine that has not said its incline by then does not say it."""


@dataclass(frozen=True, slots=True)
class InclineHand:
    """A hand has set the incline, in %. above: steeper than it may be."""

    percent: float
    above: bool


class InclineControl:
    """The incline of one session. In 0.1 %; times are the one clock's seconds."""

    def __init__(self, rules: BeltRules, belief: InclineBelief) -> None:
        self._belief = belief
        self.watch = InclineWatch(rules)
        self._claim: tuple[float, int, int] | None = None
        self._up_since_s: float | None = None
        self.is_theirs = False
        """A hand, or doubt, has the incline: it is not ordered until the runner asks for that."""
        self.is_left = False
        """The motor did not do what it was told: too steep for too long has to be a STOP."""
        self._asked = False
        self._ordered: int | None = None
        self._there = 0

    # -- what happens ------------------------------------------------------------------

    def released(self, now_s: float) -> None:
        """A person handed the belt over: the incline is the coach's again, where it can be seen.

        What was just set at the console is still looked for: the motor may be on its way there.
        """
        if self._claim is not None and now_s - self._claim[0] > HAND_MOVES_S:
            self._claim = None
        self.is_theirs = self.is_left = False
        self.watch.begin(now_s, self.believed_dpct())

    def given_back(self, now_s: float) -> None:
        """The runner asks for an incline: it is the coach's again, from where the motor is now."""
        self.is_theirs = self.is_left = False
        self.watch.begin(now_s, self.believed_dpct())

    def leave_alone(self) -> None:
        """The motor does not do what it is told: the incline is not ordered until the runner asks for it."""
        self.is_theirs = self.is_left = True
        self.watch.expect_free()

    def carry_on(self, before: "InclineControl") -> None:
        """What a person has said of this belt was said, also where the session goes by a new setup."""
        self._asked = before._asked
        self._belief.carry_on(before._belief)

    def shut(self) -> None:
        """The gate is shut: nothing is ordered, and nothing expected."""
        self.watch.release()

    def link_changed(self, now_s: float, *, up: bool) -> None:
        self._up_since_s = now_s if up else None
        self._claim = self._ordered = None
        self.watch.release()

    def watch_uncommanded(self) -> None:
        """The belt runs without our orders: its incline is looked at all the same."""
        if self._claim is None and not self.is_theirs:
            self.watch.expect_free()

    def taken(self, now_s: float, dpct: int) -> None:
        """The machine took an order of ours."""
        self._ordered = dpct
        if self._claim is not None and abs(self._claim[1] - dpct) <= SAME_DPCT:
            self._claim = None  # its echo came before its answer
        self._belief.on_order(now_s, dpct / 10)
        self.watch.expect(now_s, dpct)

    def on_status(self, now_s: float, dpct: int, ordered: int | None) -> str | None:
        """A status "target incline changed": perhaps a hand. Why it is not believed, or None."""
        if not self._belief.is_possible(dpct / 10):
            return f"an incline of {dpct / 10:g} % is not believed: this machine does not go there"
        if ordered is not None and abs(dpct - ordered) <= SAME_DPCT:
            self._claim = None
            return None
        now_dpct = self.believed_dpct()
        is_known = self._claim is not None and abs(self._claim[1] - dpct) <= SAME_DPCT
        if now_dpct is not None and not is_known:
            self._claim, self._there = (now_s, dpct, now_dpct), 0
            self.watch.release()
        return None

    def on_reading(self, now_s: float, ceiling: int) -> InclineHand | None:
        """After a frame: what the motor does, and a hand that has turned out to be one."""
        dpct = self.believed_dpct()
        if dpct is None or self._belief.trust is InclineTrust.FLAT:
            return None
        claim = self._claim
        if claim is None:
            self.watch.on_reading(now_s, dpct, ceiling)
            return None
        since_s, said, start = claim
        way = said - start
        # Set back before the motor had left for our order: it rests where the status said.
        is_there = abs(dpct - said) <= SAME_DPCT and self._ordered is not None
        is_there = is_there and abs(said - (self._ordered or 0)) > SAME_DPCT
        self._there = self._there + 1 if is_there else 0
        # What our own order explains bears out nothing: only what goes past it.
        ours = self._ordered if self._ordered is not None and (self._ordered - start) * way > 0 else start
        if (
            self._there >= 2
            or (way > 0 and dpct - max(start, ours) >= SAME_DPCT)
            or (way < 0 and min(start, ours) - dpct >= SAME_DPCT)
        ):
            self._claim = None
            above = said > ceiling + SAME_DPCT
            self.is_theirs = above
            if not above:
                self.watch.begin(now_s, max(said, dpct))
            return InclineHand(said / 10, above)
        if now_s - since_s > HAND_MOVES_S:
            self._claim = None
            # From where it was, or was said to go: a motor that climbs meanwhile is seen to.
            self.watch.begin(now_s, min(dpct, max(start, said)))
        return None

    # -- what is known -----------------------------------------------------------------

    def believed_dpct(self) -> int | None:
        percent = self._belief.percent
        return None if percent is None else dpct_floor(percent)

    def orderable_dpct(self) -> int | None:
        """What orders may start from; None: nothing is ordered."""
        if self.is_theirs or self._claim is not None or not self._belief.can_be_ordered():
            return None
        return self.believed_dpct()

    def check(self, now_s: float) -> tuple[Alarm | None, str | None]:
        """An alarm that stops the belt, and a line for the runner when the motor is left alone from now."""
        alarm = self.watch.check()
        if alarm is None and not self.is_theirs and self.watch.is_adrift(now_s):
            self.leave_alone()
            return None, "The incline does not follow. treadcoach leaves it alone from now on."
        return alarm, None

    def question(self, now_s: float) -> str | None:
        """Asked once, when the incline is not known; None when there is nothing to ask."""
        if self._asked or self._up_since_s is None or now_s - self._up_since_s < UNREPORTED_S:
            return None
        if self._belief.trust is not InclineTrust.UNKNOWN:
            return None
        self._asked = True
        doubted = self._belief.doubted_words()
        return (
            f"{doubted} treadcoach leaves the incline alone. How steep is the belt?"
            " Enter it here; to change it, use the console."
        )

    @property
    def is_asked(self) -> bool:
        """Whether a person's word is waited for."""
        is_open = self._belief.trust is InclineTrust.UNKNOWN or self._belief.too_steep_percent is not None
        return self._asked and is_open

    def too_steep_words(self) -> str | None:
        """Why nobody should run: a person says that the belt is steeper than it may be."""
        percent = self._belief.too_steep_percent
        if percent is None:
            return None
        return (
            f"The belt is at {percent:g} %, and your limit is {self._belief.bound_percent:g} %:"
            " lower it at the console, then enter it again."
        )

    def answered(self, percent: float) -> str:
        """A person says how steep the belt is; what to say to that."""
        if self._belief.trust is InclineTrust.FLAT:
            return "This machine has no incline that could be set."
        if self._belief.trust is not InclineTrust.UNKNOWN and not self._asked:
            return "The machine says its incline itself."
        if not self._belief.stated(percent):
            return f"This machine cannot be set to {percent:g} %."
        if (words := self.too_steep_words()) is not None:
            return words
        return f"Noted: the belt is at {percent:g} %. Tell treadcoach when you change it."
