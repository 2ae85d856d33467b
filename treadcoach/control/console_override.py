"""The runner's hand at the console: a claim of the machine until the belt's readings bear it out.

A status "target speed changed" may be an echo of our order, the momentary speed of a changing belt, a
hand, or nonsense. While it is not known which, nothing faster is ordered. A belt that goes where the status
says was set by a hand; one that goes where it was ordered was not.
"""

import math
from dataclasses import dataclass

from treadcoach.core.belt import MOVING_KMH
from treadcoach.core.units import KM_PER_MILE
from treadcoach.guard.limits import Bound, Grid

SAME_CKMH = 5
NEAR_CKMH = 15
"""A belt this near to a speed is at it: reports are rounded, and waver under each step."""
FOLLOWS_S = 4.0
"""Belts follow within 1.4 s; one that rounds its orders to coarse steps may not follow each of them."""
AHEAD_CKMH = 50
"""So far the orders may be above a belt that does not follow them."""
SETTLED_S = 3.0
"""A belt that stays off its order for as long is in a hand."""
DECIDES_S = 8.0
RACE_S = 0.7
KEYS_APART_S = 1.5
LEFT_APART_S = 4.0
"""Statuses without end do not keep the coach from ordering: doubts that follow so soon are one."""
ECHO_S = 2.0
"""A machine says within this what it made of an order."""
MILES_ECHO_S = 1.0
"""And miles sooner: later it is rather a hand that happens to have set that."""
CLAIM_LIFE_S = 6.0
"""A claim that the belt has not begun to follow by then is nobody's hand."""
READ_AFTER_S = 0.5
LEFT_BY_S = 1.5
"""A belt that a hand has set has left its order by then, and says so."""
MOVES_CKMH = 15
FELL_CKMH = 15
LEADS_CKMH = 30
OFF_CKMH = 60
"""So far a belt may be off its order by itself, and alarms nobody."""


@dataclass(slots=True)
class _Claim:
    """What a status said was set, when, and where the belt and our order were then."""

    since_s: float
    ckmh: int
    belt: int
    ordered: int
    raced: bool
    """Our own order went out in the same moment, and may have undone it."""
    is_back: bool = False
    """Set higher first, and by further keys down to where our order is: a hand wants that speed."""
    leads: bool = False
    """It was well ahead of the belt when it was said: no speed of the moment."""

    @property
    def was_undone(self) -> bool:
        """Slower than the belt on its way up: no echo says that, so our order came on top of a hand."""
        return self.raced and self.ckmh < self.belt - SAME_CKMH and self.ordered >= self.belt


class ConsoleOverride:
    """Says when a speed was set at the console. Speeds are in 0.01 km/h, times the one clock's seconds."""

    def __init__(self, grid: Grid) -> None:
        self._step = grid.step
        self._low = grid.low
        self._ordered_s: float | None = None
        self._claim: _Claim | None = None
        self._off_since_s: float | None = None
        self._off_low = self._off_high = 0
        self._reached = False
        self._belt_at_order: int | None = None
        self._progressed = True
        self._before: int | None = None
        self._fell = False
        self.unfollowed_times = 0
        """So often in a row the belt has not followed."""
        self._deciding_since_s = self._said_s = 0.0
        self._left_s = -math.inf

    def ordered(self, now_s: float, ckmh: int) -> None:
        """The machine took a speed of ours."""
        claim = self._claim
        if claim is not None and (abs(claim.ckmh - ckmh) <= SAME_CKMH or _is_miles(claim.ckmh, ckmh)):
            self._claim = None  # its echo came before its answer
        self._ordered_s = now_s
        self._reached = False
        self._off_since_s = None
        self._belt_at_order = self._before
        self._progressed = self._before is None

    def begin(self) -> None:
        """A belt that is released, or a new link: nothing of before counts."""
        self._forget()
        self._before, self._fell, self.unfollowed_times = None, False, 0
        self._deciding_since_s = self._said_s = 0.0
        self._left_s = -math.inf

    def _forget(self) -> None:
        self._claim = None
        self._off_since_s = None
        self._reached = False
        self._ordered_s = None
        self._belt_at_order = None
        self._progressed = True

    # -- what holds meanwhile ----------------------------------------------------------

    def bound(self, now_s: float, ordered: int) -> Bound | None:
        """While it is not known whose the speed is, and while the belt does not follow: nothing faster."""
        if self._claim is not None:
            return Bound("console", ordered, "a speed may have been set at the console")
        is_new = self._ordered_s is not None and now_s - self._ordered_s < FOLLOWS_S
        if not self._progressed and (is_new or self._fell):
            return Bound("console", ordered, "the belt has not followed the last order yet")
        if not self._progressed and self._before is not None:
            # Belts that round to coarse steps follow one order of several; more than that is not sent ahead.
            most = max(ordered, self._before + AHEAD_CKMH)
            return Bound("console", most, "the belt does not follow its orders")
        return None

    def unfollowed(self, now_s: float, ordered: int) -> int | None:
        """What the belt still does, where the last order was taken and not followed."""
        is_new = self._ordered_s is not None and now_s - self._ordered_s < FOLLOWS_S
        if self._progressed or self._fell or is_new or self._before is None:
            return None
        if ordered < self._before + AHEAD_CKMH:
            return None
        self._progressed = True
        self.unfollowed_times += 1
        return self._before

    # -- what the machine says ---------------------------------------------------------

    def claims(self, ckmh: int) -> bool:
        """Whether a status has said this speed, and it is not known yet whose it is."""
        return self._claim is not None and abs(self._claim.ckmh - ckmh) <= NEAR_CKMH

    def claims_below(self, ckmh: int) -> bool:
        """Whether the speed that a status has said is a slower one."""
        return self._claim is not None and self._claim.ckmh < ckmh - SAME_CKMH

    def is_deciding(self, now_s: float) -> bool:
        """Whether it is not known whose the speed is: for a while nothing at all is ordered."""
        return self._claim is not None and now_s - self._deciding_since_s <= DECIDES_S

    def on_status(
        self, now_s: float, said: int, ordered: int, belt: int, *, under_way: int | None = None
    ) -> None:
        """A status "target speed changed": a hand perhaps; readings decide.

        under_way: an order of ours that was not answered yet. Some machines carry it out, and say so, first.
        """
        if under_way is not None and (abs(said - under_way) <= SAME_CKMH or _is_miles(said, under_way)):
            return
        if said < self._low - SAME_CKMH:
            return  # nothing that could be set
        if abs(said - ordered) <= SAME_CKMH:
            # A late echo of our order answers no claim that waits; where none is due it is one more key.
            claim = self._claim
            is_due = self._ordered_s is not None and now_s - self._ordered_s <= ECHO_S
            if (
                claim is not None
                and not is_due
                and now_s - self._said_s <= KEYS_APART_S
                and said < claim.ckmh
            ):
                self._said_s, claim.ckmh, claim.is_back = now_s, said, True
            return
        if (
            self._ordered_s is not None
            and now_s - self._ordered_s <= MILES_ECHO_S
            and _is_miles(said, ordered)
        ):
            # No hand: the machine took our order for miles. The watch sees the belt that follows.
            return
        if self._claim is not None and abs(self._claim.ckmh - said) <= SAME_CKMH:
            return
        before = self._claim
        if before is None:
            if now_s - self._left_s > LEFT_APART_S:
                self._deciding_since_s = now_s
        elif now_s - self._said_s <= KEYS_APART_S and (said > before.ckmh) == (before.ckmh > before.ordered):
            # One more key in the same direction: the same hand, and the belt is behind all of them.
            self._said_s, before.ckmh, before.is_back = now_s, said, False
            before.leads = before.leads or said >= belt + LEADS_CKMH
            return
        self._said_s = now_s
        is_new = self._ordered_s is not None and now_s - self._ordered_s <= RACE_S
        leads = said >= belt + LEADS_CKMH
        self._claim = _Claim(now_s, said, belt, ordered, under_way is not None or is_new, leads=leads)

    def on_reading(self, now_s: float, belt: int, ordered: int) -> int | None:
        """A believed reading; the speed that a hand has set, once that is clear."""
        falls = self._before is not None and belt < self._before - SAME_CKMH
        before, self._before = self._before, belt
        start = self._belt_at_order
        self._fell = start is not None and belt <= start - FELL_CKMH
        if self._belt_at_order is not None and not falls:
            came = belt - self._belt_at_order
            if came >= SAME_CKMH:
                self.unfollowed_times = 0
            self._progressed = self._progressed or came >= SAME_CKMH or abs(belt - ordered) <= NEAR_CKMH
        if self._claim is not None:
            return self._decide(now_s, belt, ordered, before)
        return self._silent(now_s, belt, ordered)

    def _decide(self, now_s: float, belt: int, ordered: int, before: int | None) -> int | None:
        claim = self._claim
        assert claim is not None
        elapsed_s = now_s - claim.since_s
        at_order = abs(belt - ordered) <= SAME_CKMH
        at_claim = abs(belt - claim.ckmh) <= SAME_CKMH
        if at_order and not at_claim:
            if self._is_echo(claim, belt, before, elapsed_s) or elapsed_s > CLAIM_LIFE_S:
                if claim.was_undone:
                    return self._accept(claim.ckmh)
                self._claim, self._left_s = None, now_s
            return None
        rests = before is not None and abs(before - belt) <= SAME_CKMH
        if at_claim and rests and (claim.is_back or not at_order):
            return self._accept(claim.ckmh)
        if claim.ckmh < ordered - SAME_CKMH:
            towards = belt <= min(claim.belt, ordered) - MOVES_CKMH and belt >= claim.ckmh - NEAR_CKMH
        else:
            # A machine that says each speed of the moment names none that is ahead of its belt.
            most = claim.ckmh + (NEAR_CKMH if claim.leads else -NEAR_CKMH)
            towards = max(claim.belt, claim.ordered) + MOVES_CKMH <= belt <= most
        if towards and elapsed_s >= READ_AFTER_S:
            return self._accept(claim.ckmh)
        # A belt that still comes down towards it, from a hand before, has not said no.
        comes_down = before is not None and belt < before - SAME_CKMH and belt >= claim.ckmh - SAME_CKMH
        # Nor has one that still goes up, and is not past either.
        lower = min(claim.ckmh, ordered)
        goes_up = before is not None and before + SAME_CKMH < belt <= lower + SAME_CKMH
        if elapsed_s <= CLAIM_LIFE_S or comes_down or goes_up:
            return None
        is_near = belt - OFF_CKMH <= claim.ckmh < min(belt, ordered) - SAME_CKMH
        if rests and is_near and belt < claim.belt - SAME_CKMH:
            # A belt that is off both has gone down since: the slower of them is kept.
            return self._accept(claim.ckmh)
        self._claim, self._left_s = None, now_s
        return None

    def _is_echo(self, claim: _Claim, belt: int, before: int | None, elapsed_s: float) -> bool:
        """The belt is at its order: has it come there since the status, or only not left it yet?"""
        if claim.ckmh > claim.ordered:
            # On the way up to what a hand has set it passes the order too: it has to stay there.
            return before is not None and abs(before - belt) <= SAME_CKMH and elapsed_s >= LEFT_BY_S
        has_come = abs(belt - claim.belt) > SAME_CKMH
        if before is None or abs(before - belt) > SAME_CKMH:
            return False  # it passes its order on the way down: it has to rest there
        return elapsed_s >= LEFT_BY_S or (has_come and elapsed_s >= READ_AFTER_S)

    def _accept(self, ckmh: int) -> int:
        self._forget()
        self._deciding_since_s = -math.inf
        self._reached = True  # lower than that, without a word, is a hand again
        return ckmh

    def _silent(self, now_s: float, belt: int, ordered: int) -> int | None:
        """Is a belt that was at its order and has stayed slower since, without a word, in a hand?"""
        if abs(belt - ordered) <= SAME_CKMH:
            self._reached = True
        since_order_s = SETTLED_S if self._ordered_s is None else now_s - self._ordered_s
        low = belt <= ordered - max(FELL_CKMH, self._step) and belt >= MOVING_KMH * 100
        possible = self._off_since_s is not None or (
            since_order_s >= SETTLED_S and (self._reached or self._fell)
        )
        if not (possible and low):
            self._off_since_s = None
            return None
        if self._off_since_s is None:
            self._off_since_s, self._off_low, self._off_high = now_s, belt, belt
        self._off_low, self._off_high = min(self._off_low, belt), max(self._off_high, belt)
        if self._off_high - self._off_low > NEAR_CKMH:
            # Still on its way: it is told from where it comes to rest.
            self._off_since_s, self._off_low, self._off_high = now_s, belt, belt
            return None
        if now_s - self._off_since_s < SETTLED_S:
            return None
        return self._accept(belt)


def _is_miles(said: int, ordered: int) -> bool:
    return abs(said - ordered * KM_PER_MILE) <= SAME_CKMH
