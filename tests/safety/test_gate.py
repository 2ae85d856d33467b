"""The gate's promises, each as a property over what it is asked."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.errors import GuardError, OrderVoid
from treadcoach.core.samples import InclineRange, SpeedRange
from treadcoach.guard import hard_limits
from treadcoach.guard.gate import Answer, BeltNow, Gate, Ruling
from treadcoach.guard.limits import Bound, Grid, incline_grid, lowest, speed_grid
from treadcoach.planning.guidance import load_guidance

RULES = load_guidance().belt
GRIDS = [Grid(80, 1800, 10), Grid(100, 1600, 50), Grid(96, 643, 32), Grid(50, 2000, 1)]

TILT = Grid(0, 120, 5)


def bounds(personal: int = 2000, weekly: int = 2000, fresh: int = 2000) -> list[Bound]:
    return [
        Bound("personal", personal, "your maximum"),
        Bound("weekly", weekly, "the week"),
        Bound("freshness", fresh, "readings"),
    ]


def hill(ceiling: int = 150) -> list[Bound]:
    return [
        Bound("personal", ceiling, "your maximum"),
        Bound("uphill", 150, "hill"),
        Bound("freshness", 150, "readings"),
    ]


def opened(grid: Grid = GRIDS[0], speed: int = 0, incline: int = 0, tilt: Grid | None = TILT) -> Gate:
    gate = Gate(RULES, grid, tilt)
    gate.open_by("person", 0.0, speed, incline)
    return gate


def speed_order(
    gate: Gate,
    wish: float,
    reason: str,
    given: Sequence[Bound],
    now: float,
    belt: int | None,
    at_most: int | None = None,
) -> Ruling:
    """A wish at a machine that takes every order at once. at_most: where it is more than the reading."""
    seen = None if belt is None else BeltNow(belt, belt if at_most is None else at_most)
    ruling = gate.clear_speed(wish, reason, given, now, seen)
    if ruling.order is not None:
        gate.took(ruling.order, now)
    return ruling


def incline_order(
    gate: Gate, wish: float, reason: str, given: Sequence[Bound], now: float, *belt: int | None
) -> Ruling:
    """The same for an incline; the motor is believed to be at `belt`, or where it was last ordered to be."""
    at = belt[0] if belt else gate.ordered_incline_dpct
    ruling = gate.clear_incline(wish, reason, given, now, at)
    if ruling.order is not None:
        gate.took(ruling.order, now)
    return ruling


ASKS = st.lists(
    st.tuples(
        st.floats(-5, 40) | st.just(float("nan")) | st.just(float("inf")),
        st.integers(-100, 2500),
        st.integers(-100, 2500),
        st.integers(-100, 2500),
        st.floats(0.01, 30),
        st.none() | st.tuples(st.integers(0, 2500), st.integers(0, 300)),
        st.sampled_from(["taken", "taken", "refused", "late"]),
    ),
    max_size=40,
)


@given(grid=st.sampled_from(GRIDS), start=st.integers(0, 1900), asks=ASKS)
def test_no_speed_order_leaves_its_bounds_or_the_ramp(grid, start, asks) -> None:  # type: ignore[no-untyped-def]
    """Ceiling, ramp and base, whether the machine takes the orders, refuses them or is slow."""
    gate = opened(grid, start)
    now, before, since = 0.0, start or grid.low, 0.0
    largest = max(30, grid.step)
    for wish, personal, weekly, fresh, wait, belt, answer in asks:
        now += wait
        seen = None if belt is None else BeltNow(belt[0], belt[0] + belt[1])
        ruling = gate.clear_speed(wish, "wish", bounds(personal, weekly, fresh), now, seen)
        ceiling = min(personal, weekly, fresh, grid.high, hard_limits.MAX_SPEED_CKMH)
        assert gate.ordered_speed_ckmh == before, "an order is the last one only when it was taken"
        if ruling.order is None:
            assert ruling.answer is not Answer.CLEARED
            continue
        value = ruling.order.value
        assert seen is not None, "a belt that is not seen is not ordered"
        assert value != before
        assert math.isfinite(wish)
        assert (value - grid.low) % grid.step == 0 and grid.low <= value <= grid.high
        assert now - since >= RULES.order_interval_s
        wished = max(int(wish * 100 + 1e-6), grid.low)
        if value > before:
            assert value <= min(ceiling, wished)
            assert value <= max(before, seen.speed_ckmh + max(100, grid.step))
            assert value - before <= min(largest, RULES.ramp_up_kmh_per_s * 100 * (now - since) + 1)
        else:
            slowest = max(ceiling, grid.low)
            assert value <= slowest or value <= seen.speed_ckmh, "above the ceiling only below the belt"
            target = grid.floor(min(slowest, wished)) or grid.low
            if seen.speed_ckmh >= grid.low:
                assert value <= seen.at_most_ckmh, "on the way down never faster than the belt"
            # The ramp goes on from the slower of the last order and the belt.
            is_seen = seen.speed_ckmh >= grid.low
            base = min(before, seen.speed_ckmh) if is_seen else before
            is_ramp = base - value <= largest + grid.step or before > grid.high - grid.step
            assert is_ramp or (not is_seen and value == (grid.floor(ceiling) or grid.low))
            assert value >= min(target, grid.floor(base) or grid.low)
        if answer == "refused":
            continue
        taken_s = now if answer == "taken" else now + 1.5
        gate.took(ruling.order, taken_s)
        now, before, since = taken_s, value, taken_s
        assert gate.ordered_speed_ckmh == value


@given(
    grid=st.sampled_from(GRIDS),
    start=st.integers(80, 1800),
    wait=st.floats(1.0, 3.0),
    ceiling=st.integers(0, 2000),
    wish=st.floats(0, 20),
    reading=st.integers(0, 2000),
    rise=st.integers(0, 200),
)
def test_a_slower_order_never_speeds_a_belt_up_that_is_seen(grid, start, wait, ceiling, wish, reading, rise):  # type: ignore[no-untyped-def]
    gate = opened(grid, start)
    order = gate.clear_speed(wish, "w", bounds(weekly=ceiling), wait, BeltNow(reading, reading + rise)).order
    if order is None or order.value >= start:
        return
    if order.value > max(ceiling, grid.low):
        assert order.value <= reading
    if reading >= grid.low:
        assert order.value <= reading + rise


@given(ceiling=st.integers(80, 1800), wish=st.floats(0.5, 20), start=st.integers(80, 1800))
def test_once_the_ramp_has_had_its_time_it_is_inside_the_ceiling(
    ceiling: int, wish: float, start: int
) -> None:
    grid = GRIDS[0]
    gate = opened(grid, start)
    now, last = 0.0, start
    for _ in range(200):
        now += 1.0
        ruling = speed_order(gate, wish, "wish", bounds(weekly=ceiling), now, last)
        if ruling.order is not None:
            last = ruling.order.value
    assert last == max(
        min(grid.floor(ceiling) or 0, grid.floor(int(wish * 100 + 1e-6)) or grid.low), grid.low
    )


@given(
    start=st.integers(-30, 150),
    asks=st.lists(
        st.tuples(
            st.floats(-20, 40),
            st.integers(-60, 200),
            st.floats(0.1, 9),
            st.none() | st.integers(-40, 160),
            st.booleans(),
        ),
        max_size=30,
    ),
    step=st.sampled_from([1, 5, 10]),
)
def test_no_incline_order_leaves_its_bounds_or_its_steps(start, asks, step) -> None:  # type: ignore[no-untyped-def]
    grid = Grid(-30, 150, step)
    gate = opened(incline=start, tilt=grid)
    now, before, since, is_claimed = 0.0, start, 0.0, True
    for wish, ceiling, wait, motor, taken in asks:
        now += wait
        ruling = gate.clear_incline(wish, "wish", hill(ceiling), now, motor)
        assert gate.ordered_incline_dpct == before, "an order is the last one only when it was taken"
        if ruling.order is None:
            continue
        value = ruling.order.value
        assert motor is not None, "a motor that is not seen is not ordered"
        assert (value - grid.low) % step == 0
        assert now - since >= RULES.incline_interval_s
        if value > before:
            assert value <= ceiling
            # Only said to be below flat: to flat at once, or a flat belt would be tilted down.
            is_to_flat = is_claimed and before < 0 and value <= grid.ceil(0)
            assert value - before <= max(5, step) or is_to_flat
        else:
            slowest = max(ceiling, grid.low)
            assert value <= slowest or value <= motor, "above the ceiling only below the motor"
            assert before - value <= max(5, step) + step or value >= min(slowest, motor) - step
        if taken:
            gate.took(ruling.order, now)
            before, since, is_claimed = value, now, False


def test_it_starts_shut_and_doubt_shuts_it() -> None:
    gate = Gate(RULES, GRIDS[0], None)
    assert not gate.is_open
    assert gate.shut_reason == "nobody has released the belt yet"
    for ruling in (
        gate.clear_start(0.0),
        speed_order(gate, 5, "", bounds(), 0.0, 100),
        incline_order(gate, 1, "", hill(), 0.0),
    ):
        assert ruling.answer is Answer.REFUSED
        assert "nobody has released" in ruling.reason
    gate.open_by("me", 0.0, 0, 0)
    assert gate.is_open and gate.shut_reason == ""
    gate.shut("doubt")
    assert not gate.is_open
    assert gate.shut_reason == "doubt"
    assert speed_order(gate, 5, "", bounds(), 5.0, 100).reason == "the gate is shut: doubt"
    assert gate.clear_start(1.0).reason == "the gate is shut: doubt"
    assert incline_order(gate, 1, "", hill(), 9.0).reason == "the gate is shut: doubt"


def test_only_a_named_person_opens_it_and_not_onto_a_belt_out_of_bounds() -> None:
    gate = Gate(RULES, GRIDS[0], None)
    with pytest.raises(GuardError, match="a person"):
        gate.open_by("", 0.0, 0, 0)
    for speed in (-1, 2001):
        with pytest.raises(GuardError, match="out of bounds"):
            gate.open_by("me", 0.0, speed, 0)
    assert not gate.is_open
    gate.open_by("me", 0.0, 2000, 0)
    assert gate.ordered_speed_ckmh == 2000


def test_a_release_is_good_for_one_start_and_not_for_long() -> None:
    gate = opened()
    ruling = gate.clear_start(20.0)
    assert ruling.order is not None and ruling.order.value == 80
    assert gate.clear_start(20.0).answer is Answer.REFUSED
    gate = opened()
    late = gate.clear_start(20.1)
    assert late.answer is Answer.REFUSED and "just before it" in late.reason
    moving = opened(speed=300)
    assert moving.clear_start(0.1).answer is Answer.REFUSED, "a moving belt needs no start"


@pytest.mark.parametrize("missing", ["personal", "weekly", "freshness"])
def test_a_missing_bound_is_not_freedom(missing: str) -> None:
    gate = opened()
    given_bounds = [bound for bound in bounds() if bound.name != missing]
    ruling = speed_order(gate, 5, "wish", given_bounds, 5.0, 80)
    assert ruling.answer is Answer.REFUSED
    assert ruling.reason == f"no bound was given for: {missing}"
    ruling = speed_order(gate, 5, "wish", [], 5.0, 80)
    assert ruling.reason == "no bound was given for: freshness, personal, weekly"


@pytest.mark.parametrize("missing", ["personal", "uphill", "freshness"])
def test_a_missing_incline_bound_is_not_freedom(missing: str) -> None:
    ruling = incline_order(opened(), 2, "wish", [b for b in hill() if b.name != missing], 5.0)
    assert ruling.answer is Answer.REFUSED
    assert ruling.reason == f"no bound was given for: {missing}"
    assert incline_order(opened(), 2, "w", [], 5.0).reason == (
        "no bound was given for: freshness, personal, uphill"
    )


@pytest.mark.parametrize("wish", [float("nan"), float("inf"), float("-inf"), -0.1])
def test_no_number_is_no_wish(wish: float) -> None:
    ruling = speed_order(opened(), wish, "wish", bounds(), 5.0, 80)
    assert ruling.answer is Answer.REFUSED and "is no speed" in ruling.reason
    if wish != -0.1:
        ruling = incline_order(opened(), wish, "wish", hill(), 5.0)
        assert ruling.answer is Answer.REFUSED and "is no incline" in ruling.reason


def test_the_binding_bound_gives_its_reason() -> None:
    gate = opened(speed=790)
    ruling = speed_order(gate, 12, "plan", bounds(weekly=800), 5.0, 790)
    assert ruling.order is not None
    assert ruling.order.value == 800
    assert ruling.reason == "plan; held back: the week"
    names = {bound.name for bound in ruling.bounds}
    assert names == {"hard", "device", "personal", "weekly", "freshness"}
    calm = speed_order(opened(speed=500), 5.2, "plan", bounds(), 5.0, 500)
    assert calm.reason == "plan"


def test_hard_and_device_bounds_are_always_there() -> None:
    fast = Grid(80, 2000, 10)
    gate = opened(fast, 1990)
    ruling = speed_order(gate, 25, "plan", bounds(9999, 9999, 9999), 5.0, 1990)
    assert ruling.order is not None and ruling.order.value == 2000
    hard = next(bound for bound in ruling.bounds if bound.name == "hard")
    assert hard == Bound("hard", 2000, "the program's own maximum")
    device = next(bound for bound in ruling.bounds if bound.name == "device")
    assert device == Bound("device", 2000, "the machine's fastest")
    tilt = incline_order(opened(tilt=Grid(0, 150, 5), incline=150), 20, "p", hill(999), 5.0)
    assert {b.name: (b.ceiling, b.reason) for b in tilt.bounds if b.name in ("hard", "device")} == {
        "hard": (150, "the program's own maximum"),
        "device": (150, "the machine's steepest"),
    }


def test_a_ceiling_below_the_slowest_speed_descends_and_then_stops() -> None:
    gate = opened(speed=110)
    first = speed_order(gate, 5, "plan", bounds(weekly=50), 1.0, 110)
    assert first.order is not None and first.order.value == 80
    last = speed_order(gate, 5, "plan", bounds(weekly=50), 2.0, 80)
    assert last.answer is Answer.MUST_STOP
    assert last.reason == "even the machine's slowest speed is too fast: the week"
    assert last.order is None


def test_the_ramp_up_exactly() -> None:
    gate = opened(speed=500)
    wait = speed_order(gate, 8, "plan", bounds(), 0.99, 500)
    assert wait.answer is Answer.WAITING and wait.reason == "orders come one at a time"
    one = speed_order(gate, 8, "plan", bounds(), 1.0, 500)
    assert one.order is not None and one.order.value == 520
    two = speed_order(gate, 8, "plan", bounds(), 2.5, 520)
    assert two.order is not None and two.order.value == 550
    three = speed_order(gate, 8, "plan", bounds(), 60.0, 550)
    assert three.order is not None and three.order.value == 580, "a long wait is no long jump"
    for _ in range(1):
        lead = speed_order(gate, 8, "plan", bounds(), 70.0, 490)
        assert lead.order is not None and lead.order.value == 590, "one km/h ahead of the belt, not more"
    stuck = speed_order(gate, 8, "plan", bounds(), 80.0, 490)
    assert stuck.answer is Answer.WAITING and stuck.reason == "on the ramp up"
    blind = speed_order(gate, 8, "plan", bounds(), 90.0, None)
    assert blind.answer is Answer.WAITING and blind.reason == "no fresh reading of the belt"


def test_a_belt_that_rests_below_its_order_is_sped_up_from_where_it_is() -> None:
    """A hand, or coarse steps of its own: the next order is a step from there, not from the last order."""
    gate = opened(speed=500)
    order = speed_order(gate, 8, "plan", bounds(), 60.0, 490).order
    assert order is not None and order.value == 520
    gate = opened(speed=600)
    order = speed_order(gate, 8, "plan", bounds(), 60.0, 520, 525).order
    assert order is not None and order.value == 610, "one step of the machine above the last"
    rising = speed_order(opened(speed=600), 8, "plan", bounds(), 60.0, 520, 526).order
    assert rising is not None and rising.value == 620, "that one is on its way, and the lead binds"


def test_a_belt_that_is_still_on_its_way_down_is_not_sped_up() -> None:
    for belt, value in ((560, 530), (561, None)):
        order = speed_order(opened(speed=500), 8, "plan", bounds(), 5.0, belt).order
        assert (None if order is None else order.value) == value
    coarse = opened(Grid(100, 1600, 80), 500)
    assert speed_order(coarse, 8, "plan", bounds(), 5.0, 580).order is not None
    coarse = opened(Grid(100, 1600, 80), 500)
    assert speed_order(coarse, 8, "plan", bounds(), 5.0, 581).order is None


def test_a_belt_that_still_falls_by_itself_is_not_held_at_what_it_said_last() -> None:
    held = bounds(personal=700)
    for falling, value in ((True, None), (False, 340)):
        seen = BeltNow(344, 344, falling)
        order = opened(speed=800).clear_speed(8, "plan", held, 60.0, seen).order
        assert (None if order is None else order.value) == value
    for belt, value in ((785, 760), (784, 760), (701, 700)):
        order = opened(speed=800).clear_speed(8, "plan", held, 60.0, BeltNow(belt, belt, True)).order
        assert order is not None and order.value == value, "above the ceiling it is led down all the same"
    for belt, value in ((785, 760), (784, None), (600, None)):
        order = opened(speed=800).clear_speed(5, "plan", bounds(), 60.0, BeltNow(belt, belt, True)).order
        assert (None if order is None else order.value) == value, "it falls by itself"


def test_an_order_that_was_not_taken_leaves_the_ramp_where_it_was_and_its_time() -> None:
    gate, belt = opened(speed=500), BeltNow(500, 500)
    first = gate.clear_speed(8, "plan", bounds(), 1.0, belt).order
    assert first is not None and first.value == 520
    assert gate.ordered_speed_ckmh == 500
    assert gate.clear_speed(8, "plan", bounds(), 1.9, belt).answer is Answer.WAITING, "orders are apart"
    second = gate.clear_speed(8, "plan", bounds(), 2.0, belt).order
    assert second is not None and second.value == 530, "two seconds of ramp from the same base"
    gate.took(first, 2.1)
    assert gate.ordered_speed_ckmh == 500, "the one before it says nothing any more"
    gate.took(second, 2.5)
    assert gate.ordered_speed_ckmh == 530
    assert gate.clear_speed(8, "plan", bounds(), 3.0, BeltNow(530, 530)).order is not None, "prompt"
    late = gate.clear_speed(8, "plan", bounds(), 4.0, BeltNow(530, 530)).order
    assert late is not None
    gate.took(late, 6.0)
    assert gate.clear_speed(9, "plan", bounds(), 6.9, BeltNow(560, 560)).answer is Answer.WAITING
    assert gate.clear_speed(9, "plan", bounds(), 7.0, BeltNow(560, 560)).order is not None
    gate.took(late, 9.0)
    assert gate.ordered_speed_ckmh == late.value
    third = gate.clear_speed(9, "plan", bounds(), 9.0, BeltNow(560, 560)).order
    assert third is not None
    gate.shut("a stop")
    gate.took(third, 9.1)
    assert gate.ordered_speed_ckmh == late.value, "an order of before a stop moves no base"
    gate.open_by("me", 10.0, 300, 0)
    gate.took(third, 10.1)
    assert gate.ordered_speed_ckmh == 300


def test_a_hand_makes_an_order_under_way_void_as_a_base() -> None:
    gate = opened(speed=500)
    order = gate.clear_speed(8, "plan", bounds(), 5.0, BeltNow(500, 500)).order
    tilt = gate.clear_incline(2, "plan", hill(), 5.0, 0).order
    assert order is not None and tilt is not None
    gate.adopt_speed(400, 5.1)
    gate.adopt_incline(30, 5.1)
    gate.took(order, 5.2)
    gate.took(tilt, 5.2)
    assert (gate.ordered_speed_ckmh, gate.ordered_incline_dpct) == (400, 30)


def test_an_incline_order_that_was_not_taken() -> None:
    gate = opened()
    first = gate.clear_incline(2, "plan", hill(), 5.0, 0).order
    assert first is not None and gate.ordered_incline_dpct == 0
    assert gate.clear_incline(2, "plan", hill(), 6.9, 0).answer is Answer.WAITING
    second = gate.clear_incline(2, "plan", hill(), 7.0, 0).order
    assert second is not None and second.value == 5
    gate.took(second, 7.1)
    assert gate.ordered_incline_dpct == 5


def test_what_is_not_known_of_the_incline_is_not_ordered() -> None:
    gate = Gate(RULES, GRIDS[0], TILT)
    gate.open_by("me", 0.0, 0, None)
    assert gate.ordered_incline_dpct is None
    unknown = gate.clear_incline(2, "plan", hill(), 5.0, 20)
    assert (unknown.answer, unknown.reason) == (
        Answer.UNCHANGED,
        "the incline is not known: it is left alone",
    )
    lost = opened().clear_incline(2, "plan", hill(), 5.0, None)
    assert (lost.answer, lost.reason) == (Answer.WAITING, "the incline is not known: it is left alone")
    assert {bound.name for bound in lost.bounds} == {"hard", "device", *NEEDED_INCLINE}
    above = opened(incline=0, tilt=Grid(10, 120, 5)).clear_incline(2, "plan", hill(5), 5.0, 0)
    assert (above.answer, above.reason) == (
        Answer.WAITING,
        "even the machine's flattest is above the limit",
    )
    assert {bound.name for bound in above.bounds} == {"hard", "device", *NEEDED_INCLINE}
    gate.adopt_incline(20, 6.0)
    assert gate.ordered_incline_dpct == 20


def test_the_ramp_down_exactly() -> None:
    gate = opened(speed=800)
    one = speed_order(gate, 5, "plan", bounds(), 1.0, 800)
    assert one.order is not None and one.order.value == 770
    two = speed_order(gate, 5, "plan", bounds(), 61.0, 770)
    assert two.order is not None and two.order.value == 740, "a long wait is no long jump"
    blind = speed_order(gate, 5, "plan", bounds(), 62.5, None)
    assert blind.answer is Answer.WAITING and blind.reason == "no fresh reading of the belt"
    same = speed_order(gate, 7.4, "plan", bounds(), 63.0, 740)
    assert same.answer is Answer.UNCHANGED and same.reason == "plan"
    slower = speed_order(opened(speed=800), 5, "plan", bounds(), 1.0, 600)
    assert slower.order is not None and slower.order.value == 570, "from where the belt is already"
    there = speed_order(opened(speed=800), 5, "plan", bounds(), 1.0, 500)
    assert there.order is not None and there.order.value == 500
    below = speed_order(opened(speed=800), 5, "plan", bounds(), 1.0, 300)
    assert below.answer is Answer.WAITING, "a belt that is slower already is not sped up on the way down"
    rising = speed_order(opened(speed=800), 5, "plan", bounds(), 1.0, 450, 520)
    assert rising.answer is Answer.WAITING, "on its way up to the last order it is let go on"
    held = speed_order(opened(speed=800), 5, "plan", bounds(weekly=700), 1.0, 450, 520)
    assert held.order is not None and held.order.value == 450, "but not above a ceiling"
    over = speed_order(opened(speed=800), 5, "plan", bounds(weekly=700), 1.0, 300)
    assert over.order is not None and over.order.value == 300, "an order above the ceiling does not stay"
    for belt, value in ((860, 770), (890, 790), (900, None)):
        lead = speed_order(opened(speed=800), 5, "plan", bounds(), 1.0, belt).order
        assert (None if lead is None else lead.value) == value, "one km/h ahead of the belt, not more"
    coarse = opened(Grid(100, 1600, 50), 800)
    wait = speed_order(coarse, 5, "plan", bounds(), 1.0, 800)
    assert wait.answer is Answer.WAITING and wait.reason == "on the ramp down"
    go = speed_order(coarse, 5, "plan", bounds(), 2.0, 800)
    assert go.order is not None and go.order.value == 750


def test_a_coarse_machine_rises_one_step_when_the_ramp_allows_it() -> None:
    gate = opened(Grid(100, 1600, 50), 500)
    assert speed_order(gate, 8, "plan", bounds(), 2.4, 500).answer is Answer.WAITING
    ruling = speed_order(gate, 8, "plan", bounds(), 2.5, 500)
    assert ruling.order is not None and ruling.order.value == 550
    huge = opened(Grid(100, 1600, 100), 500)
    ruling = speed_order(huge, 8, "plan", bounds(), 5.0, 500)
    assert ruling.order is not None and ruling.order.value == 600


def test_hard_ramp_limits_hold_against_rules_that_are_too_wide() -> None:
    from dataclasses import replace

    wide = replace(
        RULES, ramp_up_kmh_per_s=9.0, ramp_down_kmh_per_s=9.0, largest_step_kmh=9.0, incline_step_percent=9.0
    )
    gate = Gate(wide, Grid(80, 2000, 10), Grid(0, 150, 5))
    gate.open_by("me", 0.0, 500, 0)
    up = speed_order(gate, 15, "plan", bounds(), 1.0, 500)
    assert up.order is not None and up.order.value == 550
    up = speed_order(gate, 15, "plan", bounds(), 11.0, 550)
    assert up.order is not None and up.order.value == 650
    down = speed_order(gate, 1, "plan", bounds(), 12.0, 650)
    assert down.order is not None and down.order.value == 600
    down = speed_order(gate, 1, "plan", bounds(), 22.0, 600)
    assert down.order is not None and down.order.value == 500
    tilt = incline_order(gate, 15, "plan", hill(), 3.0)
    assert tilt.order is not None and tilt.order.value == 10


def test_incline_exactly() -> None:
    gate = opened()
    assert incline_order(gate, 2, "plan", hill(), 1.9).answer is Answer.WAITING
    up = incline_order(gate, 2, "plan", hill(), 2.0)
    assert up.order is not None and up.order.value == 5 and up.reason == "plan"
    assert gate.ordered_incline_dpct == 5
    same = incline_order(gate, 0.5, "plan", hill(), 9.0)
    assert same.answer is Answer.UNCHANGED
    down = incline_order(gate, 0, "plan", hill(), 9.0)
    assert down.order is not None and down.order.value == 0
    held = incline_order(gate, 9, "plan", hill(5), 20.0)
    assert held.order is not None and held.reason == "plan; held back: your maximum"
    below = incline_order(opened(incline=0, tilt=Grid(0, 120, 5)), -3, "plan", hill(), 5.0)
    assert below.answer is Answer.UNCHANGED
    none = incline_order(opened(tilt=None), 2, "plan", hill(), 5.0)
    assert none.answer is Answer.UNCHANGED and "no incline" in none.reason
    assert opened(tilt=None).ordered_incline_dpct is None
    coarse = incline_order(opened(tilt=Grid(0, 120, 20)), 4, "plan", hill(), 5.0)
    assert coarse.answer is Answer.REFUSED and "too coarse" in coarse.reason
    between = incline_order(opened(incline=3, tilt=Grid(0, 120, 10)), 1, "plan", hill(), 5.0)
    assert between.order is not None and between.order.value == 10
    under = incline_order(opened(incline=-40, tilt=Grid(0, 120, 5)), 1, "plan", hill(), 5.0)
    assert under.order is not None and under.order.value == 0, "only said to be below flat: to flat"
    floor = incline_order(opened(incline=50, tilt=Grid(10, 120, 5)), 3, "plan", hill(0), 5.0)
    assert floor.order is not None and floor.order.value == 10


def test_an_incline_above_its_ceiling_is_never_raised_on_the_way_down() -> None:
    """The last order may be above the motor: the next one is not, between two values of the grid either."""
    for step, motor, low, ceiling, expected in (
        (5, 43, 0, 20, 40),
        (10, 41, 0, 20, 40),
        (5, 8, 0, 20, 20),  # inside already: not sent flatter than asked
        (5, -10, 10, 0, 10),
        (5, 60, 0, 20, 50),
    ):
        grid = Grid(low, 120, step)
        gate = opened(incline=50, tilt=grid)
        assert incline_order(gate, 6, "plan", hill(), 5.0).order is not None
        order = gate.clear_incline(6, "plan", hill(ceiling), 10.0, motor).order
        assert order is not None and order.value == expected


def test_an_incline_waits_for_a_motor_that_is_not_where_it_was_ordered() -> None:
    """Somebody has set it without a word, or it moves by itself: no order jumps meanwhile."""
    for motor, wish, expected in (
        (20, 1.0, 15),
        (0, 1.5, None),
        (38, 0.0, None),
        (25, 0.0, 15),
        (10, 0.0, 10),
    ):
        gate = opened(incline=15)
        assert incline_order(gate, 2, "plan", hill(), 5.0).order is not None
        order = gate.clear_incline(wish, "plan", hill(), 10.0, motor).order
        assert (None if order is None else order.value) == expected, (motor, wish)


def test_an_incline_that_is_only_said_goes_straight_to_its_ceiling() -> None:
    """A flat belt that is said to be steep would be tilted by an order on the way down from there."""
    gate = opened(incline=60)
    order = incline_order(gate, 0, "plan", hill(22), 5.0).order
    assert order is not None and order.value == 20, "to the ceiling, and not past it"
    after = incline_order(gate, 0, "plan", hill(22), 10.0).order
    assert after is not None and after.value == 15, "in steps from there"
    low = opened(incline=60, tilt=Grid(10, 120, 5)).clear_incline(0, "plan", hill(0), 5.0, 60).order
    assert low is not None and low.value == 10
    inside = opened(incline=60).clear_incline(0, "plan", hill(), 5.0, 60).order
    assert inside is not None and inside.value == 55


def test_an_incline_that_is_only_said_to_be_below_flat_goes_to_flat_at_once() -> None:
    gate = opened(incline=-30, tilt=Grid(-30, 120, 4))
    order = incline_order(gate, 2, "plan", hill(), 5.0).order
    assert order is not None and order.value == 2, "the first of the grid that is not below"
    after = incline_order(gate, 2, "plan", hill(), 10.0).order
    assert after is not None and after.value == 6
    lower = opened(incline=-30, tilt=Grid(-30, 120, 4))
    order = incline_order(lower, -2, "plan", hill(), 5.0).order
    assert order is not None and order.value == -22, "not past what is wished"
    ours = opened(incline=-26, tilt=Grid(-30, 120, 4))
    assert incline_order(ours, -3, "plan", hill(), 5.0).order is not None
    order = incline_order(ours, 2, "plan", hill(), 10.0, -30).order
    assert order is not None and order.value == -26, "in steps from what we ordered ourselves"


def test_an_incline_order_runs_two_steps_ahead_of_the_motor_and_no_more() -> None:
    gate = opened()
    orders = [incline_order(gate, 8, "plan", hill(), 3.0 * n, 0).order for n in range(1, 6)]
    assert [None if order is None else order.value for order in orders] == [5, 10, None, None, None]
    assert incline_order(gate, 8, "plan", hill(), 20.0, 5).order is not None


@pytest.mark.parametrize("reading", [0, 40, 79])
def test_a_belt_that_says_that_it_hardly_moves_is_ordered_nothing_on_the_way_down(reading: int) -> None:
    """It comes to stand, and the next step of a ramp from 8 km/h would start it again at 7.7."""
    gate = opened(Grid(80, 1800, 10), 800)
    assert speed_order(gate, 4, "cool-down", bounds(), 60.0, reading).answer is Answer.WAITING
    assert speed_order(gate, 4, "cool-down", bounds(personal=600), 60.0, reading).answer is Answer.WAITING
    order = speed_order(gate, 4, "cool-down", bounds(), 60.0, 700).order
    assert order is not None and order.value == 670


def test_a_hand_moves_the_start_of_the_ramp() -> None:
    gate = opened(speed=500)
    gate.adopt_speed(700, 4.0)
    assert gate.ordered_speed_ckmh == 700
    assert speed_order(gate, 9, "plan", bounds(), 4.5, 700).answer is Answer.WAITING
    for nonsense in (0, -5, 2001):
        gate.adopt_speed(nonsense, 9.0)
        assert gate.ordered_speed_ckmh == 700
    gate.adopt_speed(2000, 9.0)
    assert gate.ordered_speed_ckmh == 2000
    gate.adopt_speed(1, 9.0)
    assert gate.ordered_speed_ckmh == 1
    gate.adopt_incline(40, 9.0)
    assert gate.ordered_incline_dpct == 40
    assert incline_order(gate, 2, "p", hill(), 10.9).answer is Answer.WAITING
    shut = Gate(RULES, GRIDS[0], None)
    shut.adopt_speed(500, 0.0)
    shut.adopt_incline(5, 0.0)
    assert shut.ordered_speed_ckmh is None and shut.ordered_incline_dpct is None


def test_a_belt_that_is_going_elsewhere_is_told_to_stay_where_it_is() -> None:
    gate = opened(speed=500)
    gate.adopt_speed(707, 4.0, must_order=True)
    assert gate.ordered_speed_ckmh == 700
    assert gate.clear_speed(9, "plan", bounds(), 4.5, BeltNow(707, 707)).answer is Answer.WAITING
    order = speed_order(gate, 9, "plan", bounds(), 5.0, 707).order
    assert order is not None and order.value == 700, "also where that is the last already"
    after = speed_order(gate, 7, "plan", bounds(), 6.0, 700)
    assert after.answer is Answer.UNCHANGED, "once"
    same = opened(speed=700)
    same.adopt_speed(700, 4.0, must_order=True)
    order = speed_order(same, 7, "plan", bounds(), 5.0, 700).order
    assert order is not None and order.value == 700
    lower = opened(speed=700)
    lower.adopt_speed(700, 4.0, must_order=True)
    order = speed_order(lower, 5, "plan", bounds(), 5.0, 700).order
    assert order is not None and order.value == 670
    above = opened(speed=700)
    above.adopt_speed(640, 4.0, must_order=True)
    order = speed_order(above, 5, "plan", bounds(), 5.0, 702).order
    assert order is not None and order.value == 640, "first to where it was taken over"
    over = opened(speed=900)
    over.adopt_speed(900, 4.0, must_order=True)
    order = speed_order(over, 5, "plan", bounds(personal=700), 5.0, 905).order
    assert order is not None and order.value == 870, "above the ceiling by the ramp all the same"
    slow = opened(speed=500)
    slow.adopt_speed(79, 4.0, must_order=True)
    assert slow.ordered_speed_ckmh == 80
    hand = opened(speed=500)
    hand.adopt_speed(707, 4.0)
    assert hand.ordered_speed_ckmh == 707
    assert speed_order(hand, 7.07, "plan", bounds(), 6.0, 707).order is not None


def test_order_numbers_go_up() -> None:
    gate = opened(speed=500)
    numbers = []
    for second in range(1, 6):
        order = speed_order(gate, 8, "plan", bounds(), float(second), 500).order
        if order is not None:
            numbers.append(order.id)
            assert order.cleared_s == second
            assert "speed" in repr(order)
    assert numbers == sorted(set(numbers)) and numbers[0] == 1


@given(
    value=st.integers(-500, 3000), low=st.integers(0, 300), step=st.integers(1, 100), count=st.integers(0, 60)
)
def test_grid_floor_and_ceil(value: int, low: int, step: int, count: int) -> None:
    grid = Grid(low, low + count * step, step)
    floor, ceil = grid.floor(value), grid.ceil(value)
    assert (floor is None) == (value < low)
    if floor is not None:
        assert floor <= value and (floor - low) % step == 0 and low <= floor <= grid.high
        assert floor == grid.high or value - floor < step
    assert (ceil - low) % step == 0 and low <= ceil <= grid.high
    assert ceil >= value or ceil == grid.high
    assert ceil == low or ceil - value < step


def test_speed_ranges_that_make_no_sense_leave_walking() -> None:
    walking = Grid(100, 600, 10)
    assert speed_grid(None) == walking
    for odd in (
        SpeedRange(0, 0, 0.1),
        SpeedRange(6, 3, 0.1),
        SpeedRange(5.01, 20, 0.1),
        SpeedRange(0.5, 20, 1.01),
        SpeedRange(float("nan"), 20, 0.1),
        SpeedRange(1, float("inf"), 0.1),
    ):
        assert speed_grid(odd) == walking, odd
    assert speed_grid(SpeedRange(0.8, 25, 0.1)) == Grid(80, 2000, 10)
    assert speed_grid(SpeedRange(0, 6, 0)) == Grid(10, 600, 1)
    assert speed_grid(SpeedRange(5, 5, 1)) == Grid(500, 500, 100)
    assert speed_grid(SpeedRange(0.96, 6.43, 0.32)) == Grid(96, 643, 32)


def test_incline_ranges() -> None:
    assert incline_grid(None) is None
    assert incline_grid(InclineRange(0, 0, 0)) is None
    assert incline_grid(InclineRange(5, 3, 1)) is None
    assert incline_grid(InclineRange(0, 12, 0)) == Grid(0, 120, 1)
    assert incline_grid(InclineRange(-10, 40, 0.3)) == Grid(-49, 150, 3)
    assert incline_grid(InclineRange(-5, 15, 0.5)) == Grid(-50, 150, 5)
    assert incline_grid(InclineRange(-3, 15, 1)) == Grid(-30, 150, 10)


def test_the_lowest_bound_binds_and_none_is_an_error() -> None:
    low, high = Bound("a", 1, ""), Bound("b", 2, "")
    assert lowest([high, low]) is low
    with pytest.raises(ValueError):
        lowest([])


def test_every_answer_past_the_first_checks_carries_all_bounds() -> None:
    gate = opened(speed=500)
    given = bounds()
    rulings = [
        speed_order(gate, 8, "plan", given, 0.5, 500),
        speed_order(gate, 5, "plan", given, 0.5, 500),
        speed_order(gate, 8, "plan", given, 1.5, None),
        speed_order(gate, 8, "plan", given, 1.5, 300),
        speed_order(opened(Grid(100, 1600, 50), 800), 5, "plan", given, 1.0, 800),
        speed_order(opened(speed=80), 5, "plan", bounds(weekly=50), 1.5, 80),
        speed_order(gate, 8, "plan", given, 2.0, 500),
    ]
    answers = [ruling.answer for ruling in rulings]
    assert answers == [
        Answer.WAITING,
        Answer.UNCHANGED,
        Answer.WAITING,
        Answer.WAITING,
        Answer.WAITING,
        Answer.MUST_STOP,
        Answer.CLEARED,
    ]
    for ruling in rulings:
        assert {bound.name for bound in ruling.bounds} == {"hard", "device", *NEEDED_SPEED}
    order = rulings[-1].order
    assert order is not None and order.bounds == rulings[-1].bounds and order.reason == "plan"


NEEDED_SPEED = ("personal", "weekly", "freshness")
NEEDED_INCLINE = ("personal", "uphill", "freshness")


def test_every_incline_answer_carries_all_bounds_and_its_reason() -> None:
    gate = opened()
    rulings = [
        incline_order(gate, 0, "plan", hill(), 0.5),
        incline_order(gate, 2, "plan", hill(), 0.5),
        incline_order(opened(tilt=Grid(0, 120, 20)), 4, "plan", hill(), 5.0),
        incline_order(opened(incline=20), 4, "plan", hill(), 5.0, 5),
        incline_order(gate, 2, "plan", hill(), 5.0),
    ]
    assert [(ruling.answer, ruling.reason) for ruling in rulings] == [
        (Answer.UNCHANGED, "plan"),
        (Answer.WAITING, "the incline moves in steps"),
        (Answer.REFUSED, "this machine's incline step is too coarse"),
        (Answer.WAITING, "the incline moves in steps"),
        (Answer.CLEARED, "plan"),
    ]
    for ruling in rulings:
        assert {bound.name for bound in ruling.bounds} == {"hard", "device", *NEEDED_INCLINE}
    order = rulings[-1].order
    assert order is not None and order.bounds == rulings[-1].bounds and order.reason == "plan"


def test_words_at_the_edges() -> None:
    gate = Gate(RULES, GRIDS[0], None)
    with pytest.raises(GuardError) as no_person:
        gate.open_by("", 0.0, 0, 0)
    assert str(no_person.value) == "the gate is opened by a person, and none is named"
    with pytest.raises(GuardError) as too_fast:
        gate.open_by("me", 0.0, 2050, 0)
    assert str(too_fast.value) == "the belt reads 20.5 km/h: out of bounds"
    gate.open_by("me", 0.0, 0, 0)
    start = gate.clear_start(1.0)
    assert start.reason == "released by a person" and start.bounds == ()
    assert gate.clear_start(1.0).reason == "a start needs a person's release just before it"
    assert incline_order(opened(tilt=None), 2, "p", hill(), 5.0).reason == (
        "this machine has no incline that can be set"
    )


def test_a_wish_at_its_ceiling_is_not_held_back() -> None:
    exact = speed_order(opened(speed=800), 8.0, "plan", bounds(weekly=800), 5.0, 800)
    assert (exact.answer, exact.reason) == (Answer.UNCHANGED, "plan")
    tilt = incline_order(opened(incline=20), 2.0, "plan", hill(20), 5.0)
    assert (tilt.answer, tilt.reason) == (Answer.UNCHANGED, "plan")


def test_a_wish_to_stand_is_the_slowest_speed() -> None:
    ruling = speed_order(opened(speed=110), 0.0, "plan", bounds(), 5.0, 110)
    assert ruling.order is not None and ruling.order.value == 80


def test_the_top_of_a_range_that_is_off_its_step() -> None:
    assert Grid(96, 643, 32).ceil(700) == 640
    assert Grid(96, 643, 32).floor(700) == 640


def test_before_an_order_of_ours_a_motor_may_be_on_its_way_elsewhere() -> None:
    claimed = incline_order(opened(incline=20), 4, "plan", hill(), 5.0, 16)
    assert claimed.answer is Answer.WAITING
    gate = opened(incline=15)
    assert incline_order(gate, 4, "plan", hill(), 5.0, 15).order is not None
    ours = incline_order(gate, 4, "plan", hill(), 10.0, 16).order
    assert ours is not None and ours.value == 25


def test_the_slowest_speed_is_a_speed_to_go_by() -> None:
    stands = speed_order(opened(speed=800), 5, "plan", bounds(), 1.0, 80)
    assert stands.answer is Answer.WAITING
    rising = speed_order(opened(speed=300), 2, "plan", bounds(), 1.0, 80, 330)
    assert rising.answer is Answer.WAITING


def test_a_speed_that_may_just_have_been_set_voids_an_order_that_is_not_written() -> None:
    gate, belt = opened(speed=500), BeltNow(500, 500)
    gate.void_speed()
    first = gate.clear_speed(8, "plan", bounds(), 1.0, belt).order
    assert first is not None
    gate.void_speed()
    with pytest.raises(OrderVoid, match="the belt was set at the console meanwhile"):
        gate.redeem(first, 1.1)
    gate.took(first, 1.2)
    assert gate.ordered_speed_ckmh == 500
    second = gate.clear_speed(8, "plan", bounds(), 3.0, belt).order
    assert second is not None
    gate.redeem(second, 3.1)
    gate.void_speed()
    gate.took(second, 3.2)
    assert gate.ordered_speed_ckmh == second.value, "what is on the wire is taken or not, and counts then"
    with pytest.raises(GuardError, match="was used before"):
        gate.redeem(second, 3.3)
    other = opened(speed=500).clear_speed(8, "plan", bounds(), 1.0, belt).order
    assert other is not None
    with pytest.raises(GuardError, match="another gate"):
        gate.redeem(other, 1.1)
    shut = opened(speed=500)
    third = shut.clear_speed(8, "plan", bounds(), 1.0, belt).order
    assert third is not None
    shut.shut("a stop")
    with pytest.raises(OrderVoid, match="the gate was shut"):
        shut.redeem(third, 1.1)
    Gate(RULES, GRIDS[0], None).void_speed()


def test_an_incline_that_somebody_has_lowered_is_not_raised_by_an_order_down() -> None:
    """The motor was ordered to 4 %, and rests at 1 %: what should be 3 % is there already."""

    def asked(now_s: float, motor: int = 10, ceiling: int = 150) -> Ruling:
        gate = opened(speed=500, incline=35)
        taken = gate.clear_incline(4.0, "plan", hill(), 2.0, 35).order
        assert taken is not None
        gate.took(taken, 2.0)
        return gate.clear_incline(3.0, "plan", hill(ceiling), now_s, motor)

    # Five seconds to begin, and fifteen for 3 % at the pace of a slow motor.
    rests = asked(22.01)
    assert (rests.answer, rests.reason) == (Answer.WAITING, "the belt is flatter than that already")
    assert [bound.name for bound in rests.bounds][:2] == ["hard", "device"] and rests.order is None
    assert asked(22.01, ceiling=30).answer is Answer.WAITING, "also where a ceiling asks for it"
    late = asked(22.0)
    assert (late.answer, late.reason) == (Answer.WAITING, "the motor is not where it was ordered")
    assert late.bounds == rests.bounds and late.order is None
    coming = asked(22.0, ceiling=30).order
    assert coming is not None and coming.value == 30, "one that may still be on its way is held back"
    there = asked(60.0, motor=35).order
    assert there is not None and there.value == 35


@pytest.mark.parametrize(("motor", "value"), [(24, None), (25, 30), (45, 35), (46, None)])
@pytest.mark.parametrize("ceiling", [150, 40])
def test_a_motor_far_from_its_order_is_waited_for(motor: int, value: int | None, ceiling: int) -> None:
    gate = opened(speed=500, incline=35)
    taken = gate.clear_incline(4.0, "plan", hill(), 2.0, 35).order
    assert taken is not None
    gate.took(taken, 2.0)
    order = gate.clear_incline(3.0, "plan", hill(ceiling), 4.0, motor).order
    assert (None if order is None else order.value) == value


def test_the_way_down_at_its_edges() -> None:
    low = Grid(80, 1800, 10)
    slowest = speed_order(opened(low, 800), 0.8, "plan", bounds(), 60.0, 80).order
    assert slowest is not None and slowest.value == 80, "at the slowest speed it still moves"
    falling = BeltNow(700, 700, True)
    at_ceiling = opened(low, 800).clear_speed(8, "plan", bounds(personal=700), 60.0, falling)
    assert at_ceiling.answer is Answer.WAITING, "as fast as it may be, and falling"
    kept = speed_order(opened(low, 700), 6.5, "plan", bounds(personal=700), 60.0, 600)
    assert kept.answer is Answer.WAITING, "its last order is inside: a slower belt is left alone"
    rising = speed_order(opened(low, 700), 4, "plan", bounds(), 60.0, 700, 720).order
    assert rising is not None and rising.value == 670
    behind = speed_order(opened(low, 700), 4, "plan", bounds(personal=700), 60.0, 650, 690)
    assert behind.answer is Answer.WAITING, "on its way up to an order that is inside"


def test_an_order_from_before_a_gate_was_opened_anew_is_void() -> None:
    gate = opened(speed=500)
    order = gate.clear_speed(8, "plan", bounds(), 1.0, BeltNow(500, 500)).order
    assert order is not None
    gate.shut("a stop")
    gate.open_by("person", 1.1, 500, 0)
    with pytest.raises(OrderVoid, match="the gate was shut after it was cleared"):
        gate.redeem(order, 1.2)
