"""The gate: the only maker of orders that may move the belt.

It starts shut. A person opens it; doubt, a fault and every stop shut it, which voids
all orders cleared before. A wish becomes an order only inside every bound, and the way
there is a ramp of at most one step an order, counted from the last order that the machine
took. An order is never above the present ceiling, except on the way down from a belt that
is believed to run above it, and then never above that belt.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from treadcoach.core.errors import GuardError, OrderVoid
from treadcoach.core.guidance import BeltRules
from treadcoach.core.units import ckmh_floor, dpct_floor
from treadcoach.guard import hard_limits
from treadcoach.guard.limits import Bound, Grid, lowest

NEEDED_SPEED_BOUNDS = frozenset({"personal", "weekly", "freshness"})
FIXED_INCLINE_BOUNDS = frozenset({"hard", "device", "personal", "uphill"})
NEEDED_INCLINE_BOUNDS = frozenset({"personal", "uphill", "freshness"})
STEADY_CKMH = 5
FELL_CKMH = 15
PROMPT_S = 0.5
"""An answer as quick as this says that the order was carried out when it was cleared."""
MOTOR_STARTS_S, SLOW_MOTOR_DPCT_PER_S = 5.0, 2
"""Incline motors move 0.3 to 0.7 % a second, and begin within a few."""
_SEAL = object()


class OrderKind(StrEnum):
    START = "start"
    SPEED = "speed"
    INCLINE = "incline"


class ClearedOrder:
    """An order that passed the gate. Only the gate can make one, and it is good once."""

    __slots__ = ("bounds", "cleared_s", "epoch", "gate", "id", "kind", "reason", "value")

    def __init__(
        self,
        seal: object,
        gate: "Gate",
        kind: OrderKind,
        value: int,
        *,
        order_id: int,
        epoch: int,
        cleared_s: float,
        reason: str,
        bounds: tuple[Bound, ...],
    ) -> None:
        if seal is not _SEAL:
            raise GuardError("an order can only be made by the gate")
        self.gate = gate
        self.kind = kind
        self.value = value
        self.id = order_id
        self.epoch = epoch
        self.cleared_s = cleared_s
        self.reason = reason
        self.bounds = bounds

    def __repr__(self) -> str:
        return f"<{self.kind} {self.value} #{self.id}: {self.reason}>"


class Answer(StrEnum):
    """What the gate says to a wish."""

    CLEARED = "cleared"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    REFUSED = "refused"
    MUST_STOP = "must_stop"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The gate's answer to one wish: an order when cleared, all bounds, and the reason."""

    answer: Answer
    reason: str
    bounds: tuple[Bound, ...] = ()
    order: ClearedOrder | None = None


@dataclass(frozen=True, slots=True)
class BeltNow:
    """What the belt is freshly believed to do, in ckmh.

    speed: its reading. at_most: how fast it may be by now, where a reading lags behind a belt on its way up.
    is_falling: it comes down, and may be slower by now than its reading.
    """

    speed_ckmh: int
    at_most_ckmh: int
    is_falling: bool = False


@dataclass(slots=True)
class _Axis:
    """One thing that is ordered: its grid, the last order that was taken and when, and one under way."""

    grid: Grid
    last: int
    since_s: float
    cleared: ClearedOrder | None = None
    tried_s: float = -math.inf
    """When an order was last cleared, taken or not: machines want time between all of them."""
    must_order: bool = False
    """The machine goes to another speed than the last one: it is told, also where that is wanted already."""
    is_claimed: bool = True
    """The last value is what a reading or a hand says; no order of ours has been taken since."""

    def took(self, order: ClearedOrder, now_s: float) -> None:
        if self.cleared is not order:
            return
        self.cleared = None
        late = now_s - order.cleared_s > PROMPT_S
        self.last, self.since_s = order.value, now_s if late else order.cleared_s
        self.is_claimed = self.must_order = False


class Gate:
    """Clears orders for one machine. Times are the one clock's seconds."""

    def __init__(self, rules: BeltRules, speed: Grid, incline: Grid | None) -> None:
        self._rules = rules
        self._speed_grid = speed
        self._incline_grid = incline
        self._speed: _Axis | None = None
        self._incline: _Axis | None = None
        self._epoch = 0
        self._open = False
        self._start_until_s: float | None = None
        self._ids = count(1)
        self._redeemed: set[int] = set()
        self.shut_reason = "nobody has released the belt yet"

    @property
    def is_open(self) -> bool:
        return self._open

    @property
    def ordered_speed_ckmh(self) -> int | None:
        return self._speed.last if self._speed else None

    @property
    def ordered_incline_dpct(self) -> int | None:
        return self._incline.last if self._incline else None

    def open_by(self, person: str, now_s: float, belt_speed_ckmh: int, belt_incline_dpct: int | None) -> None:
        """A person releases the belt. Orders start from what the belt is believed to do now, not from a wish.

        An incline that is not known (None) is not ordered. Raises GuardError without a person, or with a
        belt that is faster than the hard limit.
        """
        if not person:
            raise GuardError("the gate is opened by a person, and none is named")
        if not 0 <= belt_speed_ckmh <= hard_limits.MAX_SPEED_CKMH:
            raise GuardError(f"the belt reads {belt_speed_ckmh / 100} km/h: out of bounds")
        self.shut("opened anew")
        self._open = True
        self.shut_reason = ""
        start = belt_speed_ckmh or self._speed_grid.low
        self._speed = _Axis(self._speed_grid, start, now_s)
        self._incline = None
        if self._incline_grid is not None and belt_incline_dpct is not None:
            self._incline = _Axis(self._incline_grid, belt_incline_dpct, now_s)
        self._start_until_s = now_s + hard_limits.START_LIFE_S if belt_speed_ckmh == 0 else None

    def shut(self, reason: str) -> None:
        """Doubt, a fault or a stop: no order passes, and those under way are void."""
        self._open = False
        self._epoch += 1
        self._start_until_s = None
        self._redeemed.clear()
        self.shut_reason = reason
        for axis in (self._speed, self._incline):
            if axis is not None:
                axis.cleared = None

    def took(self, order: ClearedOrder, now_s: float) -> None:
        """The machine answered that it took this order: the ramp goes on from there, and from no other."""
        for axis in (self._speed, self._incline):
            if axis is not None and order.epoch == self._epoch:
                axis.took(order, now_s)

    def void_speed(self) -> None:
        """A speed may just have been set at the console: an order that is not written yet would undo it."""
        order = None if self._speed is None else self._speed.cleared
        if self._speed is not None and order is not None and order.id not in self._redeemed:
            self._speed.cleared = None

    def clear_start(self, now_s: float) -> Ruling:
        """The one start that a person's release is good for."""
        if not self._open:
            return Ruling(Answer.REFUSED, f"the gate is shut: {self.shut_reason}")
        if self._start_until_s is None or now_s > self._start_until_s:
            return Ruling(Answer.REFUSED, "a start needs a person's release just before it")
        self._start_until_s = None
        return self._cleared(None, OrderKind.START, self._speed_grid.low, "released by a person", (), now_s)

    def clear_speed(
        self,
        wish_kmh: float,
        reason: str,
        bounds: Sequence[Bound],
        now_s: float,
        belt: BeltNow | None,
    ) -> Ruling:
        """Bring a wished speed inside every bound and one step along the ramp.

        belt is what the belt is freshly believed to do; with None (stale or missing) the speed is held.
        """
        axis = self._speed
        if not self._open or axis is None:
            return Ruling(Answer.REFUSED, f"the gate is shut: {self.shut_reason}")
        if not math.isfinite(wish_kmh) or wish_kmh < 0:
            return Ruling(Answer.REFUSED, f"a speed of {wish_kmh} is no speed")
        if missing := NEEDED_SPEED_BOUNDS - {bound.name for bound in bounds}:
            return Ruling(Answer.REFUSED, f"no bound was given for: {', '.join(sorted(missing))}")
        all_bounds = (
            Bound("hard", hard_limits.MAX_SPEED_CKMH, "the program's own maximum"),
            Bound("device", axis.grid.high, "the machine's fastest"),
            *bounds,
        )
        binding = lowest(all_bounds)
        inside = axis.grid.floor(binding.ceiling)
        if inside is None:
            if axis.last <= axis.grid.low:
                why = f"even the machine's slowest speed is too fast: {binding.reason}"
                return Ruling(Answer.MUST_STOP, why, all_bounds)
            inside = axis.grid.low
        wished = axis.grid.floor(max(ckmh_floor(wish_kmh), axis.grid.low)) or axis.grid.low
        if wished > inside:
            reason = f"{reason}; held back: {binding.reason}"
        target = min(wished, inside)
        if target == axis.last and not axis.must_order:
            return Ruling(Answer.UNCHANGED, reason, all_bounds)
        waited_s = now_s - axis.since_s
        if now_s - max(axis.since_s, axis.tried_s) < self._rules.order_interval_s:
            return Ruling(Answer.WAITING, "orders come one at a time", all_bounds)
        if belt is None:
            # Not even slower: a belt that a hand has slowed further would be sped up by it.
            return Ruling(Answer.WAITING, "no fresh reading of the belt", all_bounds)
        is_above = belt.speed_ckmh > axis.last and axis.last <= inside
        if axis.must_order and (target >= axis.last or is_above):
            # First of all it is told to stay where it was taken over; slower begins there.
            step: int | None = min(axis.last, inside)
        elif target > axis.last:
            step = self._step_up(axis, target, waited_s, belt)
        else:
            step = self._step_down(axis, target, inside, waited_s, belt)
        if step is None:
            way = "up" if target > axis.last else "down"
            return Ruling(Answer.WAITING, f"on the ramp {way}", all_bounds)
        return self._cleared(axis, OrderKind.SPEED, step, reason, all_bounds, now_s)

    def _largest_step(self, axis: _Axis) -> int:
        wanted = max(ckmh_floor(self._rules.largest_step_kmh), axis.grid.step)
        return min(wanted, hard_limits.MAX_STEP_CKMH)

    def _step_up(self, axis: _Axis, target: int, waited_s: float, belt: BeltNow) -> int | None:
        rate = min(self._rules.ramp_up_kmh_per_s, hard_limits.MAX_RAMP_UP_KMH_PER_S)
        reach = axis.last + min(ckmh_floor(rate * waited_s), self._largest_step(axis))
        if belt.speed_ckmh < axis.last and belt.at_most_ckmh <= belt.speed_ckmh + STEADY_CKMH:
            # At rest below its order, by a hand or by coarse steps of its own: a step from there.
            reach = min(reach, max(belt.speed_ckmh + self._largest_step(axis), axis.last + axis.grid.step))
        lead = max(ckmh_floor(self._rules.lead_kmh), axis.grid.step)
        step = axis.grid.floor(min(target, reach, max(belt.speed_ckmh + lead, axis.last)))
        if belt.speed_ckmh > axis.last + max(ckmh_floor(self._rules.watch_drift_kmh), axis.grid.step):
            return None  # still on its way down to what was set
        return None if step is None or step <= axis.last else step

    def _step_down(self, axis: _Axis, target: int, inside: int, waited_s: float, belt: BeltNow) -> int | None:
        """One step down, from the last order or from a belt that is slower than it.

        A belt that is slower already than where it should go is not sped up by an order that is meant to slow
        it down: a hand may have it, or it stands.
        """
        rate = min(self._rules.ramp_down_kmh_per_s, hard_limits.MAX_RAMP_DOWN_KMH_PER_S)
        if belt.speed_ckmh < axis.grid.low:
            return None  # it comes to stand, or says so: a speed that is ordered now might start it again
        start = min(axis.last, belt.at_most_ckmh)
        if belt.is_falling and belt.speed_ckmh < axis.last - FELL_CKMH and belt.speed_ckmh <= inside:
            return None  # it falls by itself, or by a hand: an order might hold it where it should not stay
        if target > start:
            # Only a last order above the ceiling must not stay the last, once the belt has come to rest.
            step = axis.grid.floor(start) if axis.last > inside and not belt.is_falling else None
            return None if step is None or step >= axis.last else step
        reach = start - min(ckmh_floor(rate * waited_s), self._largest_step(axis))
        # As on the way up: an order never runs further ahead of the belt's own reading than the lead.
        lead = max(ckmh_floor(self._rules.lead_kmh), axis.grid.step)
        step = max(target, axis.grid.ceil(max(reach, belt.speed_ckmh - lead)))
        if step > belt.speed_ckmh and belt.at_most_ckmh > belt.speed_ckmh:
            # On its way up to the last order: let go on where that is inside, held where it is now where not.
            if axis.last <= inside:
                return None
            step = max(axis.grid.floor(belt.speed_ckmh) or axis.grid.low, axis.grid.low)
        if step > inside:
            # Above the ceiling only on the way down from a belt that runs there: never above that belt.
            step = max(min(step, axis.grid.floor(max(belt.speed_ckmh, inside)) or inside), inside)
        # A coarse grid may have no value yet between the ramp and a belt that is slower than its last order.
        return None if step >= axis.last or step > start else step

    def clear_incline(
        self,
        wish_percent: float,
        reason: str,
        bounds: Sequence[Bound],
        now_s: float,
        belt_incline_dpct: int | None,
    ) -> Ruling:
        """Bring a wished incline inside every bound, one step of the motor at a time.

        belt_incline_dpct is what is believed of the incline; with None nothing is ordered.
        """
        axis = self._incline
        if not self._open:
            return Ruling(Answer.REFUSED, f"the gate is shut: {self.shut_reason}")
        if self._incline_grid is None:
            return Ruling(Answer.UNCHANGED, "this machine has no incline that can be set")
        if axis is None:
            return Ruling(Answer.UNCHANGED, "the incline is not known: it is left alone")
        if not math.isfinite(wish_percent):
            return Ruling(Answer.REFUSED, f"an incline of {wish_percent} is no incline")
        if missing := NEEDED_INCLINE_BOUNDS - {bound.name for bound in bounds}:
            return Ruling(Answer.REFUSED, f"no bound was given for: {', '.join(sorted(missing))}")
        all_bounds = (
            Bound("hard", hard_limits.MAX_INCLINE_DPCT, "the program's own maximum"),
            Bound("device", axis.grid.high, "the machine's steepest"),
            *bounds,
        )
        binding = lowest(all_bounds)
        wished = max(dpct_floor(wish_percent), axis.grid.low)
        if wished > binding.ceiling:
            reason = f"{reason}; held back: {binding.reason}"
        lowered = axis.grid.floor(min(wished, binding.ceiling))
        target = axis.grid.low if lowered is None else lowered
        if target == axis.last:
            return Ruling(Answer.UNCHANGED, reason, all_bounds)
        if target > binding.ceiling and target > axis.last:
            return Ruling(Answer.WAITING, "even the machine's flattest is above the limit", all_bounds)
        if now_s - max(axis.since_s, axis.tried_s) < self._rules.incline_interval_s:
            return Ruling(Answer.WAITING, "the incline moves in steps", all_bounds)
        if belt_incline_dpct is None:
            return Ruling(Answer.WAITING, "the incline is not known: it is left alone", all_bounds)
        largest = min(
            max(dpct_floor(self._rules.incline_step_percent), axis.grid.step),
            hard_limits.MAX_INCLINE_STEP_DPCT,
        )
        if axis.grid.step > largest:
            return Ruling(Answer.REFUSED, "this machine's incline step is too coarse", all_bounds)
        if target > axis.last:
            # Before an order of ours was taken the motor may still be on its way to somewhere else.
            ahead = largest if axis.is_claimed else 2 * largest
            reach = min(axis.last + largest, belt_incline_dpct + ahead)
            if axis.is_claimed and axis.last < 0:
                # Only said to be below flat: to flat at once, or a flat belt would be tilted down by it.
                reach = max(reach, axis.grid.ceil(0))
            step = axis.grid.floor(min(target, reach))
            if step is None or step <= axis.last:
                # A start between two values of the grid: the next one up is within a step.
                return Ruling(Answer.WAITING, "the incline moves in steps", all_bounds)
        else:
            step = max(target, axis.grid.ceil(axis.last - largest))
            # On the way down not above where the motor is.
            at_motor = axis.grid.floor(belt_incline_dpct)
            step = max(target, min(step, axis.grid.low if at_motor is None else at_motor))
            ahead, behind = belt_incline_dpct + largest, belt_incline_dpct - 2 * largest
            if step > belt_incline_dpct and self._has_come_to_rest(axis, belt_incline_dpct, now_s):
                return Ruling(Answer.WAITING, "the belt is flatter than that already", all_bounds)
            is_inside = axis.last <= binding.ceiling  # above it, down it goes from wherever the motor is
            if is_inside and not axis.is_claimed and not behind <= step <= ahead:
                return Ruling(Answer.WAITING, "the motor is not where it was ordered", all_bounds)
            fixed = min(bound.ceiling for bound in all_bounds if bound.name in FIXED_INCLINE_BOUNDS)
            if step > fixed and axis.is_claimed:
                # Only said to be so steep: straight to the limit, or a flat belt would be tilted by it.
                below = axis.grid.floor(fixed)
                step = max(target, axis.grid.low if below is None else below)
            elif step > binding.ceiling:
                # Above the ceiling only on the way down from there: never above what the motor is at.
                below = axis.grid.floor(belt_incline_dpct)
                step = max(target, min(step, axis.grid.low if below is None else below))
        return self._cleared(axis, OrderKind.INCLINE, step, reason, all_bounds, now_s)

    @staticmethod
    def _has_come_to_rest(axis: _Axis, belt_incline_dpct: int, now_s: float) -> bool:
        """Whether even a slow motor would be at its last order by now: it is where somebody has put it."""
        away_s = abs(axis.last - belt_incline_dpct) / SLOW_MOTOR_DPCT_PER_S
        return now_s - axis.since_s > MOTOR_STARTS_S + away_s

    def adopt_speed(self, belt_speed_ckmh: int, now_s: float, *, must_order: bool = False) -> None:
        """The belt was set at the console, or taken over on its way: the ramp goes on from there.

        must_order: it is going elsewhere, and has to be told to stay there.
        """
        if self._speed is not None and 0 < belt_speed_ckmh <= hard_limits.MAX_SPEED_CKMH:
            on_grid = self._speed_grid.floor(belt_speed_ckmh) if must_order else belt_speed_ckmh
            self._speed = _Axis(self._speed_grid, on_grid or self._speed_grid.low, now_s)
            self._speed.must_order = must_order

    def adopt_incline(self, belt_incline_dpct: int, now_s: float) -> None:
        """The incline was set at the console, or has become known: the steps go on from there."""
        if self._incline_grid is not None:
            self._incline = _Axis(self._incline_grid, belt_incline_dpct, now_s)

    @property
    def incline_is_claimed(self) -> bool:
        """Whether the incline to go on from is what the machine says, and no order of ours yet."""
        return self._incline is not None and self._incline.is_claimed

    def redeem(self, order: ClearedOrder, now_s: float) -> None:
        """Just before the wire: is this order still good? Raises OrderVoid or GuardError."""
        if order.gate is not self:
            raise GuardError(f"{order!r} was cleared by another gate")
        if not self._open or order.epoch != self._epoch:
            raise OrderVoid(f"{order!r} is void: the gate was shut after it was cleared")
        axis = {OrderKind.SPEED: self._speed, OrderKind.INCLINE: self._incline}.get(order.kind)
        if axis is not None and axis.cleared is not order and order.id not in self._redeemed:
            raise OrderVoid(f"{order!r} is void: the belt was set at the console meanwhile")
        if order.id in self._redeemed:
            raise GuardError(f"{order!r} was used before")
        start = order.kind is OrderKind.START
        life_s = hard_limits.START_LIFE_S if start else hard_limits.ORDER_LIFE_S
        if not 0 <= now_s - order.cleared_s <= life_s:
            raise OrderVoid(f"{order!r} is too old")
        self._redeemed.add(order.id)

    def _cleared(
        self,
        axis: _Axis | None,
        kind: OrderKind,
        value: int,
        reason: str,
        bounds: tuple[Bound, ...],
        now_s: float,
    ) -> Ruling:
        order = ClearedOrder(
            _SEAL,
            self,
            kind,
            value,
            order_id=next(self._ids),
            epoch=self._epoch,
            cleared_s=now_s,
            reason=reason,
            bounds=bounds,
        )
        if axis is not None:
            axis.cleared, axis.tried_s = order, now_s
        return Ruling(Answer.CLEARED, reason, bounds, order)
