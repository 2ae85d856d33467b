"""The gate's promises, each as a property over what it is asked."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.errors import GuardError
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


@given(
    grid=st.sampled_from(GRIDS),
    start=st.integers(0, 1900),
    asks=st.lists(
        st.tuples(
            st.floats(-5, 40) | st.just(float("nan")) | st.just(float("inf")),
            st.integers(-100, 2500),
            st.integers(-100, 2500),
            st.integers(-100, 2500),
            st.floats(0.01, 30),
            st.none() | st.integers(0, 2500),
        ),
        max_size=40,
    ),
)
def test_never_above_max_of_previous_order_and_ceiling(grid, start, asks) -> None:  # type: ignore[no-untyped-def]
    gate = opened(grid, start)
    now, before, since = 0.0, start or grid.low, 0.0
    for wish, personal, weekly, fresh, wait, belt in asks:
        now += wait
        ruling = gate.clear_speed(wish, "wish", bounds(personal, weekly, fresh), now, belt)
        ceiling = min(personal, weekly, fresh, grid.high, hard_limits.MAX_SPEED_CKMH)
        if ruling.order is None:
            assert ruling.answer is not Answer.CLEARED
            continue
        value = ruling.order.value
        assert value <= max(before, ceiling)
        assert math.isfinite(wish)
        assert value <= max(before, int(wish * 100 + 1e-6), grid.low)
        assert (value - grid.low) % grid.step == 0 and grid.low <= value <= grid.high
        assert now - since >= RULES.order_interval_s
        if value > before:
            assert belt is not None
            assert value <= max(before, belt + max(100, grid.step))
            assert value - before <= min(
                max(30, grid.step), RULES.ramp_up_kmh_per_s * 100 * (now - since) + 1
            )
        else:
            assert belt is not None
            start = min(before, belt)
            assert start - value <= max(30, grid.step) + grid.step or before > grid.high - grid.step
        before, since = value, now


@given(ceiling=st.integers(80, 1800), wish=st.floats(0.5, 20), start=st.integers(80, 1800))
def test_once_the_ramp_has_had_its_time_it_is_inside_the_ceiling(
    ceiling: int, wish: float, start: int
) -> None:
    grid = GRIDS[0]
    gate = opened(grid, start)
    now, last = 0.0, start
    for _ in range(200):
        now += 1.0
        ruling = gate.clear_speed(wish, "wish", bounds(weekly=ceiling), now, last)
        if ruling.order is not None:
            last = ruling.order.value
    assert last == max(
        min(grid.floor(ceiling) or 0, grid.floor(int(wish * 100 + 1e-6)) or grid.low), grid.low
    )


@given(
    start=st.integers(-30, 150),
    asks=st.lists(st.tuples(st.floats(-20, 40), st.integers(-60, 200), st.floats(0.1, 9)), max_size=30),
    step=st.sampled_from([1, 5, 10]),
)
def test_incline_moves_in_steps_inside_its_ceiling(start, asks, step) -> None:  # type: ignore[no-untyped-def]
    grid = Grid(-30, 150, step)
    gate = opened(incline=start, tilt=grid)
    now, before, since = 0.0, start, 0.0
    for wish, ceiling, wait in asks:
        now += wait
        ruling = gate.clear_incline(wish, "wish", hill(ceiling), now)
        if ruling.order is None:
            continue
        value = ruling.order.value
        assert value <= max(before, ceiling, grid.low)
        assert abs(value - before) <= max(5, step) + step
        assert (value - grid.low) % step == 0
        assert now - since >= RULES.incline_interval_s
        before, since = value, now


def test_it_starts_shut_and_doubt_shuts_it() -> None:
    gate = Gate(RULES, GRIDS[0], None)
    assert not gate.is_open
    assert gate.shut_reason == "nobody has released the belt yet"
    for ruling in (
        gate.clear_start(0.0),
        gate.clear_speed(5, "", bounds(), 0.0, 100),
        gate.clear_incline(1, "", hill(), 0.0),
    ):
        assert ruling.answer is Answer.REFUSED
        assert "nobody has released" in ruling.reason
    gate.open_by("me", 0.0, 0, 0)
    assert gate.is_open and gate.shut_reason == ""
    gate.shut("doubt")
    assert not gate.is_open
    assert gate.shut_reason == "doubt"
    assert gate.clear_speed(5, "", bounds(), 5.0, 100).reason == "the gate is shut: doubt"
    assert gate.clear_start(1.0).reason == "the gate is shut: doubt"
    assert gate.clear_incline(1, "", hill(), 9.0).reason == "the gate is shut: doubt"


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
    ruling = gate.clear_speed(5, "wish", given_bounds, 5.0, 80)
    assert ruling.answer is Answer.REFUSED
    assert ruling.reason == f"no bound was given for: {missing}"
    ruling = gate.clear_speed(5, "wish", [], 5.0, 80)
    assert ruling.reason == "no bound was given for: freshness, personal, weekly"


@pytest.mark.parametrize("missing", ["personal", "uphill", "freshness"])
def test_a_missing_incline_bound_is_not_freedom(missing: str) -> None:
    ruling = opened().clear_incline(2, "wish", [b for b in hill() if b.name != missing], 5.0)
    assert ruling.answer is Answer.REFUSED
    assert ruling.reason == f"no bound was given for: {missing}"
    assert opened().clear_incline(2, "w", [], 5.0).reason == (
        "no bound was given for: freshness, personal, uphill"
    )


@pytest.mark.parametrize("wish", [float("nan"), float("inf"), float("-inf"), -0.1])
def test_no_number_is_no_wish(wish: float) -> None:
    ruling = opened().clear_speed(wish, "wish", bounds(), 5.0, 80)
    assert ruling.answer is Answer.REFUSED and "is no speed" in ruling.reason
    if wish != -0.1:
        ruling = opened().clear_incline(wish, "wish", hill(), 5.0)
        assert ruling.answer is Answer.REFUSED and "is no incline" in ruling.reason


def test_the_binding_bound_gives_its_reason() -> None:
    gate = opened(speed=790)
    ruling = gate.clear_speed(12, "plan", bounds(weekly=800), 5.0, 790)
    assert ruling.order is not None
    assert ruling.order.value == 800
    assert ruling.reason == "plan; held back: the week"
    names = {bound.name for bound in ruling.bounds}
    assert names == {"hard", "device", "personal", "weekly", "freshness"}
    calm = opened(speed=500).clear_speed(5.2, "plan", bounds(), 5.0, 500)
    assert calm.reason == "plan"


def test_hard_and_device_bounds_are_always_there() -> None:
    fast = Grid(80, 2000, 10)
    gate = opened(fast, 1990)
    ruling = gate.clear_speed(25, "plan", bounds(9999, 9999, 9999), 5.0, 1990)
    assert ruling.order is not None and ruling.order.value == 2000
    hard = next(bound for bound in ruling.bounds if bound.name == "hard")
    assert hard == Bound("hard", 2000, "the program's own maximum")
    device = next(bound for bound in ruling.bounds if bound.name == "device")
    assert device == Bound("device", 2000, "the machine's fastest")
    tilt = opened(tilt=Grid(0, 150, 5), incline=150).clear_incline(20, "p", hill(999), 5.0)
    assert {b.name: (b.ceiling, b.reason) for b in tilt.bounds if b.name in ("hard", "device")} == {
        "hard": (150, "the program's own maximum"),
        "device": (150, "the machine's steepest"),
    }


def test_a_ceiling_below_the_slowest_speed_descends_and_then_stops() -> None:
    gate = opened(speed=110)
    first = gate.clear_speed(5, "plan", bounds(weekly=50), 1.0, 110)
    assert first.order is not None and first.order.value == 80
    last = gate.clear_speed(5, "plan", bounds(weekly=50), 2.0, 80)
    assert last.answer is Answer.MUST_STOP
    assert last.reason == "even the machine's slowest speed is too fast: the week"
    assert last.order is None


def test_the_ramp_up_exactly() -> None:
    gate = opened(speed=500)
    wait = gate.clear_speed(8, "plan", bounds(), 0.99, 500)
    assert wait.answer is Answer.WAITING and wait.reason == "orders come one at a time"
    one = gate.clear_speed(8, "plan", bounds(), 1.0, 500)
    assert one.order is not None and one.order.value == 520
    two = gate.clear_speed(8, "plan", bounds(), 2.5, 500)
    assert two.order is not None and two.order.value == 550
    three = gate.clear_speed(8, "plan", bounds(), 60.0, 500)
    assert three.order is not None and three.order.value == 580, "a long wait is no long jump"
    for _ in range(1):
        lead = gate.clear_speed(8, "plan", bounds(), 70.0, 490)
        assert lead.order is not None and lead.order.value == 590, "one km/h ahead of the belt, not more"
    stuck = gate.clear_speed(8, "plan", bounds(), 80.0, 490)
    assert stuck.answer is Answer.WAITING and stuck.reason == "on the ramp up"
    blind = gate.clear_speed(8, "plan", bounds(), 90.0, None)
    assert blind.answer is Answer.WAITING and blind.reason == "no fresh reading of the belt"


def test_the_ramp_down_exactly() -> None:
    gate = opened(speed=800)
    one = gate.clear_speed(5, "plan", bounds(), 1.0, 800)
    assert one.order is not None and one.order.value == 770
    two = gate.clear_speed(5, "plan", bounds(), 61.0, 770)
    assert two.order is not None and two.order.value == 740, "a long wait is no long jump"
    blind = gate.clear_speed(5, "plan", bounds(), 62.5, None)
    assert blind.answer is Answer.WAITING and blind.reason == "no fresh reading of the belt"
    same = gate.clear_speed(7.4, "plan", bounds(), 63.0, 740)
    assert same.answer is Answer.UNCHANGED and same.reason == "plan"
    slower = opened(speed=800).clear_speed(5, "plan", bounds(), 1.0, 600)
    assert slower.order is not None and slower.order.value == 570, "from where the belt is already"
    there = opened(speed=800).clear_speed(5, "plan", bounds(), 1.0, 300)
    assert there.order is not None and there.order.value == 500
    faster = opened(speed=800).clear_speed(5, "plan", bounds(), 1.0, 900)
    assert faster.order is not None and faster.order.value == 770
    coarse = opened(Grid(100, 1600, 50), 800)
    wait = coarse.clear_speed(5, "plan", bounds(), 1.0, 800)
    assert wait.answer is Answer.WAITING and wait.reason == "on the ramp down"
    go = coarse.clear_speed(5, "plan", bounds(), 2.0, 800)
    assert go.order is not None and go.order.value == 750


def test_a_coarse_machine_rises_one_step_when_the_ramp_allows_it() -> None:
    gate = opened(Grid(100, 1600, 50), 500)
    assert gate.clear_speed(8, "plan", bounds(), 2.4, 500).answer is Answer.WAITING
    ruling = gate.clear_speed(8, "plan", bounds(), 2.5, 500)
    assert ruling.order is not None and ruling.order.value == 550
    huge = opened(Grid(100, 1600, 100), 500)
    ruling = huge.clear_speed(8, "plan", bounds(), 5.0, 500)
    assert ruling.order is not None and ruling.order.value == 600


def test_hard_ramp_limits_hold_against_rules_that_are_too_wide() -> None:
    from dataclasses import replace

    wide = replace(
        RULES, ramp_up_kmh_per_s=9.0, ramp_down_kmh_per_s=9.0, largest_step_kmh=9.0, incline_step_percent=9.0
    )
    gate = Gate(wide, Grid(80, 2000, 10), Grid(0, 150, 5))
    gate.open_by("me", 0.0, 500, 0)
    up = gate.clear_speed(15, "plan", bounds(), 1.0, 500)
    assert up.order is not None and up.order.value == 550
    up = gate.clear_speed(15, "plan", bounds(), 11.0, 1500)
    assert up.order is not None and up.order.value == 650
    down = gate.clear_speed(1, "plan", bounds(), 12.0, 650)
    assert down.order is not None and down.order.value == 600
    down = gate.clear_speed(1, "plan", bounds(), 22.0, 600)
    assert down.order is not None and down.order.value == 500
    tilt = gate.clear_incline(15, "plan", hill(), 3.0)
    assert tilt.order is not None and tilt.order.value == 10


def test_incline_exactly() -> None:
    gate = opened()
    assert gate.clear_incline(2, "plan", hill(), 1.9).answer is Answer.WAITING
    up = gate.clear_incline(2, "plan", hill(), 2.0)
    assert up.order is not None and up.order.value == 5 and up.reason == "plan"
    assert gate.ordered_incline_dpct == 5
    same = gate.clear_incline(0.5, "plan", hill(), 9.0)
    assert same.answer is Answer.UNCHANGED
    down = gate.clear_incline(0, "plan", hill(), 9.0)
    assert down.order is not None and down.order.value == 0
    held = gate.clear_incline(9, "plan", hill(5), 20.0)
    assert held.order is not None and held.reason == "plan; held back: your maximum"
    below = opened(incline=0, tilt=Grid(0, 120, 5)).clear_incline(-3, "plan", hill(), 5.0)
    assert below.answer is Answer.UNCHANGED
    none = opened(tilt=None).clear_incline(2, "plan", hill(), 5.0)
    assert none.answer is Answer.UNCHANGED and "no incline" in none.reason
    assert opened(tilt=None).ordered_incline_dpct is None
    coarse = opened(tilt=Grid(0, 120, 20)).clear_incline(4, "plan", hill(), 5.0)
    assert coarse.answer is Answer.REFUSED and "too coarse" in coarse.reason
    between = opened(incline=3, tilt=Grid(0, 120, 10)).clear_incline(1, "plan", hill(), 5.0)
    assert between.order is not None and between.order.value == 10
    under = opened(incline=-40, tilt=Grid(0, 120, 5)).clear_incline(1, "plan", hill(), 5.0)
    assert under.answer is Answer.WAITING
    floor = opened(incline=50, tilt=Grid(10, 120, 5)).clear_incline(3, "plan", hill(0), 5.0)
    assert floor.order is not None and floor.order.value == 45


@pytest.mark.parametrize("reading", [0, 40, 79])
def test_a_reading_below_the_slowest_speed_is_no_reason_to_go_down_at_once(reading: int) -> None:
    """A machine may report 0 of a moving belt: the way down stays a ramp."""
    gate = opened(Grid(80, 1800, 10), 800)
    order = gate.clear_speed(4, "cool-down", bounds(), 1.0, reading).order
    assert order is not None and order.value >= 770


def test_a_hand_moves_the_start_of_the_ramp() -> None:
    gate = opened(speed=500)
    gate.adopt_speed(700, 4.0)
    assert gate.ordered_speed_ckmh == 700
    assert gate.clear_speed(9, "plan", bounds(), 4.5, 700).answer is Answer.WAITING
    for nonsense in (0, -5, 2001):
        gate.adopt_speed(nonsense, 9.0)
        assert gate.ordered_speed_ckmh == 700
    gate.adopt_speed(2000, 9.0)
    assert gate.ordered_speed_ckmh == 2000
    gate.adopt_speed(1, 9.0)
    assert gate.ordered_speed_ckmh == 1
    gate.adopt_incline(40, 9.0)
    assert gate.ordered_incline_dpct == 40
    assert gate.clear_incline(2, "p", hill(), 10.9).answer is Answer.WAITING
    shut = Gate(RULES, GRIDS[0], None)
    shut.adopt_speed(500, 0.0)
    shut.adopt_incline(5, 0.0)
    assert shut.ordered_speed_ckmh is None and shut.ordered_incline_dpct is None


def test_order_numbers_go_up() -> None:
    gate = opened(speed=500)
    numbers = []
    for second in range(1, 6):
        order = gate.clear_speed(8, "plan", bounds(), float(second), 500).order
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
        gate.clear_speed(8, "plan", given, 0.5, 500),
        gate.clear_speed(5, "plan", given, 0.5, 500),
        gate.clear_speed(8, "plan", given, 1.5, None),
        gate.clear_speed(8, "plan", given, 1.5, 300),
        opened(Grid(100, 1600, 50), 800).clear_speed(5, "plan", given, 1.0, 800),
        opened(speed=80).clear_speed(5, "plan", bounds(weekly=50), 1.5, 80),
        gate.clear_speed(8, "plan", given, 2.0, 500),
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
        gate.clear_incline(0, "plan", hill(), 0.5),
        gate.clear_incline(2, "plan", hill(), 0.5),
        opened(tilt=Grid(0, 120, 20)).clear_incline(4, "plan", hill(), 5.0),
        opened(incline=-40, tilt=Grid(0, 120, 5)).clear_incline(1, "plan", hill(), 5.0),
        gate.clear_incline(2, "plan", hill(), 5.0),
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
    assert opened(tilt=None).clear_incline(2, "p", hill(), 5.0).reason == (
        "this machine has no incline that can be set"
    )


def test_a_wish_at_its_ceiling_is_not_held_back() -> None:
    exact = opened(speed=800).clear_speed(8.0, "plan", bounds(weekly=800), 5.0, 800)
    assert (exact.answer, exact.reason) == (Answer.UNCHANGED, "plan")
    tilt = opened(incline=20).clear_incline(2.0, "plan", hill(20), 5.0)
    assert (tilt.answer, tilt.reason) == (Answer.UNCHANGED, "plan")


def test_a_wish_to_stand_is_the_slowest_speed() -> None:
    ruling = opened(speed=110).clear_speed(0.0, "plan", bounds(), 5.0, 110)
    assert ruling.order is not None and ruling.order.value == 80


def test_the_top_of_a_range_that_is_off_its_step() -> None:
    assert Grid(96, 643, 32).ceil(700) == 640
    assert Grid(96, 643, 32).floor(700) == 640
