"""The watch over the incline: past its bound, the wrong way, adrift, and with nobody commanding."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.guard.incline_watch import InclineWatch
from treadcoach.guard.watch import AlarmKind
from treadcoach.planning.guidance import load_guidance

RULES = replace(load_guidance().belt, watch_incline_percent=1.5, watch_follow_s=20.0)


def commanded(dpct: int = 20) -> InclineWatch:
    watch = InclineWatch(RULES)
    watch.on_reading(0.0, dpct, 100)
    watch.begin(0.0, dpct)
    return watch


def test_nothing_is_expected_before_a_release() -> None:
    watch = InclineWatch(RULES)
    for second in range(5):
        watch.on_reading(float(second), 150, 20)
        assert watch.check() is None
    assert not watch.is_adrift(1000.0)
    unknown = InclineWatch(RULES)
    unknown.begin(0.0, None)
    unknown.on_reading(1.0, 150, 20)
    unknown.on_reading(2.0, 150, 20)
    assert unknown.check() is None
    unread = InclineWatch(RULES)
    unread.begin(0.0, 20)
    assert unread.check() is None and not unread.is_adrift(1000.0)


def test_a_belt_that_tilts_past_its_bound() -> None:
    watch = InclineWatch(RULES)
    watch.begin(0.0, 20)
    watch.expect(0.0, 20)
    watch.expect(0.5, 100)
    for now, dpct in ((1.0, 115), (2.0, 115), (3.0, 116), (4.0, 115), (5.0, 116)):
        watch.on_reading(now, dpct, 80)
        assert watch.check() is None, "1.5 % over is still inside, and one odd report is none"
    watch.on_reading(6.0, 116, 80)
    alarm = watch.check()
    assert alarm is not None and alarm.kind is AlarmKind.INCLINE
    assert alarm.text == "the belt is steeper than it may be: ordered 10 %, the belt says 11.6 %"


def test_a_belt_that_tilts_further_than_it_was_told() -> None:
    watch = commanded(20)
    for now, dpct in ((1.0, 35), (2.0, 35), (3.0, 36), (4.0, 35), (5.0, 36)):
        watch.on_reading(now, dpct, 100)
        assert watch.check() is None
    watch.on_reading(6.0, 36, 100)
    alarm = watch.check()
    assert alarm is not None and alarm.kind is AlarmKind.INCLINE
    assert alarm.text == "the belt is steeper than it was told: ordered 2 %, the belt says 3.6 %"


def test_a_motor_that_does_not_move_is_not_too_steep_for_an_order_below_zero() -> None:
    watch = commanded(0)
    for k in range(1, 7):
        watch.expect(2.0 * k, -5 * k)
        for now in (2.0 * k + 1, 2.0 * k + 2):
            watch.on_reading(now, 15, 100)
            assert watch.check() is None
    watch.on_reading(20.0, 16, 100)
    watch.on_reading(21.0, 16, 100)
    assert watch.check() is not None


def test_a_motor_that_has_come_down_is_judged_by_where_it_came_to() -> None:
    watch = commanded(100)
    for k in range(1, 17):
        watch.expect(2.0 * k, 100 - 5 * k)
        watch.on_reading(2.0 * k + 1, 100 - 5 * k, 100)
        assert watch.check() is None
    watch.on_reading(40.0, 40, 100)
    watch.on_reading(41.0, 60, 100)
    assert watch.check() is not None, "it was at 2 %"


def test_an_incline_that_was_handed_over_steep_may_come_down_in_its_time() -> None:
    watch = commanded(90)
    for second in range(1, 5):
        watch.on_reading(float(second), 90, 20)
        assert watch.check() is None, "it was so steep when it was handed over"
    watch.expect(4.0, 85)
    for second, dpct in ((5, 85), (6, 60), (7, 20), (8, 20)):
        watch.on_reading(float(second), dpct, 20)
        assert watch.check() is None
    watch.expect(8.0, 20)
    watch.on_reading(9.0, 36, 20)
    watch.on_reading(10.0, 36, 20)
    assert watch.check() is not None, "once it was inside, that is over"


def test_what_was_ordered_may_be_there_although_the_ceiling_fell() -> None:
    watch = commanded(50)
    watch.expect(1.0, 80)
    watch.on_reading(2.0, 50, 100)
    for second in range(3, 6):
        watch.on_reading(float(second), 80, 40)
        assert watch.check() is None
    watch.expect(6.0, 40)
    watch.on_reading(7.0, 56, 40)
    watch.on_reading(8.0, 56, 40)
    assert watch.check() is None, "on its way down"
    watch.on_reading(9.0, 40, 40)
    watch.on_reading(10.0, 56, 40)
    watch.on_reading(11.0, 56, 40)
    alarm = watch.check()
    assert alarm is not None and alarm.text.startswith("the belt is steeper than it may be")


def test_the_wrong_way() -> None:
    watch = commanded(50)
    watch.expect(1.0, 45)
    for now, dpct in ((2.0, 65), (3.0, 66), (4.0, 65), (5.0, 66)):
        watch.on_reading(now, dpct, 100)
        assert watch.check() is None
    watch.on_reading(6.0, 66, 100)
    alarm = watch.check()
    assert alarm is not None and alarm.kind is AlarmKind.INCLINE
    assert alarm.text == "the belt is steeper than it was told: ordered 4.5 %, the belt says 6.6 %"


def test_the_wrong_way_is_told_from_where_the_first_of_several_orders_found_it() -> None:
    """Orders come every two seconds: a motor that goes up meanwhile must not be its own excuse."""
    watch, dpct, order, alarmed = commanded(50), 50, 50, None
    for second in range(1, 20):
        dpct += 6
        watch.on_reading(float(second), dpct, 150)
        if alarmed is None and watch.check() is not None:
            alarmed = dpct
        if second % 2 == 0:
            order -= 5
            watch.expect(float(second), order)
    assert alarmed == 62 + 24, "two reports more than 1.5 % over the 6.2 % of the first order"


def test_up_after_down_is_the_right_way_again() -> None:
    watch = commanded(50)
    watch.expect(1.0, 45)
    watch.on_reading(2.0, 45, 100)
    watch.expect(3.0, 80)
    for second, dpct in enumerate((60, 70, 80, 80), 4):
        watch.on_reading(float(second), dpct, 100)
        assert watch.check() is None
    watch.expect(9.0, 75)
    for second, dpct in enumerate((80, 95, 95), 10):
        watch.on_reading(float(second), dpct, 100)
        assert watch.check() is None, "within 1.5 % of where it turned"
    watch.on_reading(13.0, 96, 100)
    watch.on_reading(14.0, 96, 100)
    assert watch.check() is not None


def test_an_order_before_any_reading_goes_on_from_the_one_before() -> None:
    watch = InclineWatch(RULES)
    watch.begin(0.0, 50)
    watch.expect(1.0, 40)
    watch.on_reading(2.0, 65, 100)
    watch.on_reading(3.0, 65, 100)
    assert watch.check() is None
    watch.on_reading(4.0, 66, 100)
    watch.on_reading(5.0, 66, 100)
    alarm = watch.check()
    assert alarm is not None and alarm.text.startswith("the belt is steeper than it was told")


def test_a_motor_that_does_not_follow_is_adrift() -> None:
    watch = commanded(20)
    watch.expect(1.0, 60)
    for second in range(2, 30):
        watch.on_reading(float(second), 44, 100)
        assert watch.is_adrift(float(second)) is (second > 22)
        assert watch.check() is None
    watch.on_reading(30.0, 45, 100)
    assert not watch.is_adrift(30.0), "1.5 % off is there"
    watch.on_reading(31.0, 44, 100)
    assert not watch.is_adrift(51.0)
    assert watch.is_adrift(51.1)
    watch.expect(52.0, 80)
    assert not watch.is_adrift(52.0)
    watch.on_reading(53.0, 44, 100)
    assert not watch.is_adrift(73.0)
    assert watch.is_adrift(73.1)
    watch.release()
    assert not watch.is_adrift(1000.0)


def test_the_patience_counts_from_the_order() -> None:
    watch = commanded(20)
    watch.on_reading(1.0, 60, 100)
    watch.expect(10.0, 20)
    watch.on_reading(10.5, 60, 100)
    assert not watch.is_adrift(30.5)
    assert watch.is_adrift(30.6)


def test_a_hand_or_a_new_release_begins_anew() -> None:
    watch = commanded(20)
    watch.on_reading(1.0, 116, 100)
    watch.begin(1.5, 120)
    watch.on_reading(2.0, 120, 100)
    watch.on_reading(3.0, 120, 100)
    assert watch.check() is None
    watch.release()
    watch.on_reading(4.0, 150, 100)
    watch.on_reading(5.0, 150, 100)
    assert watch.check() is None


def test_a_belt_that_nobody_commands_does_not_tilt_by_itself() -> None:
    watch = InclineWatch(RULES)
    watch.on_reading(0.0, 30, 20)
    watch.expect_free()
    watch.on_reading(1.0, 45, 20)
    watch.on_reading(2.0, 45, 20)
    assert watch.check() is None
    watch.on_reading(3.0, 46, 20)
    watch.expect_free()
    assert watch.check() is None
    watch.on_reading(4.0, 46, 20)
    alarm = watch.check()
    assert alarm is not None and alarm.kind is AlarmKind.INCLINE
    assert alarm.text == "nobody commands the belt, and it tilts to 4.6 %"
    watch.begin(5.0, 46)
    assert watch.check() is None
    unseen = InclineWatch(RULES)
    unseen.expect_free()
    assert unseen.check() is None
    unseen.on_reading(1.0, 36, 20)
    unseen.on_reading(2.0, 35, 20)
    assert unseen.check() is None
    unseen.on_reading(3.0, 36, 20)
    unseen.on_reading(4.0, 36, 20)
    assert unseen.check() is not None


def test_a_bound_far_above_is_no_leave_to_rise_by_itself() -> None:
    ordered = commanded(20)
    ordered.expect(1.0, 40)
    ordered.on_reading(2.0, 20, 100)
    ordered.expect_free()
    ordered.on_reading(3.0, 40, 100)
    ordered.on_reading(4.0, 40, 100)
    assert ordered.check() is None, "it is on its way to the last order"
    for watch in (commanded(20), ordered):
        watch.expect_free()
        watch.on_reading(5.0, 80, 100)
        watch.on_reading(6.0, 80, 100)
        alarm = watch.check()
        assert alarm is not None and alarm.kind is AlarmKind.INCLINE


def test_free_begins_from_where_the_motor_is_then() -> None:
    watch = commanded(20)
    watch.expect(1.0, 60)
    watch.on_reading(2.0, 116, 100)
    watch.expect_free()
    assert watch.check() is None, "what was counted before was of orders"
    watch.on_reading(3.0, 116, 20)
    watch.on_reading(4.0, 116, 20)
    assert watch.check() is None
    assert not watch.is_adrift(1000.0)


@given(
    readings=st.lists(st.integers(-50, 160), min_size=2, max_size=30),
    ceiling=st.integers(0, 120),
    start=st.integers(0, 120),
)
def test_two_reports_past_every_bound_are_always_seen(readings: list[int], ceiling: int, start: int) -> None:
    watch = InclineWatch(RULES)
    watch.begin(0.0, start)
    over = 0
    for second, dpct in enumerate(readings, 1):
        watch.on_reading(float(second), dpct, ceiling)
        over = over + 1 if dpct > max(ceiling, start) + 15 else 0
        alarm = watch.check()
        if over >= 2:
            assert alarm is not None
            return
        assert alarm is None or dpct > start + 15


@pytest.mark.parametrize("over", [0.5, 3.0])
def test_its_rule_is_used(over: float) -> None:
    watch = InclineWatch(replace(RULES, watch_incline_percent=over))
    watch.begin(0.0, 20)
    for second in (1, 2):
        watch.on_reading(float(second), 41, 20)
    assert (watch.check() is not None) is (over == 0.5)


def test_one_report_right_after_a_release_is_one() -> None:
    for begin in (lambda watch: watch.begin(0.0, 20), lambda watch: watch.expect_free()):
        watch = InclineWatch(RULES)
        begin(watch)
        watch.on_reading(1.0, 150, 20)
        assert watch.check() is None
        watch.on_reading(2.0, 150, 20)
        assert watch.check() is not None


def test_a_motor_that_is_stuck_where_it_was_handed_over_is_no_alarm_but_adrift() -> None:
    watch = commanded(90)
    for k in range(1, 15):
        watch.expect(2.0 * k, max(90 - 5 * k, 20))
        watch.on_reading(2.0 * k + 1, 90, 20)
        assert watch.check() is None
    watch.on_reading(50.0, 90, 20)
    assert watch.is_adrift(50.0)


def test_what_is_said_is_the_first_that_is_wrong() -> None:
    watch = commanded(20)
    watch.on_reading(1.0, 38, 25)
    watch.on_reading(2.0, 38, 25)
    alarm = watch.check()
    assert alarm is not None and alarm.text.startswith("the belt is steeper than it was told")


def test_an_order_on_a_motor_that_was_not_known() -> None:
    watch = InclineWatch(RULES)
    watch.begin(0.0, None)
    watch.expect(1.0, 40)
    watch.on_reading(2.0, 55, 100)
    watch.on_reading(3.0, 55, 100)
    assert watch.check() is None
    watch.on_reading(4.0, 56, 100)
    watch.on_reading(5.0, 56, 100)
    assert watch.check() is not None
