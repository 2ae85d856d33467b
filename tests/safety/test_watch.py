"""The watch: what the belt says against what was ordered."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.units import SpeedUnit
from treadcoach.guard.watch import AlarmKind, Watch
from treadcoach.planning.guidance import load_guidance

RULES = load_guidance().belt


def at(watch: Watch, now: float, reading: int | None = None) -> AlarmKind | None:
    if reading is not None:
        watch.on_reading(now, reading)
    alarm = watch.check(now)
    return None if alarm is None else alarm.kind


def moving(speed: int = 500) -> Watch:
    """A watch on a belt that is at an ordered speed since second 10."""
    watch = Watch(RULES)
    watch.expect_start(0.0, 80)
    watch.on_reading(5.0, 80)
    watch.expect_speed(6.0, speed)
    watch.on_reading(10.0, speed)
    return watch


def test_nothing_is_expected_of_a_belt_that_nobody_ordered() -> None:
    watch = Watch(RULES)
    assert at(watch, 1.0, 900) is None
    assert at(watch, 1000.0) is None


def test_no_movement_after_a_start() -> None:
    watch = Watch(RULES)
    watch.expect_start(0.0, 80)
    assert at(watch, 14.0, 0) is None
    assert at(watch, 15.0, 10) is None, "10 is standing, not moving"
    alarm = (watch.on_reading(15.1, 0), watch.check(15.1))[1]
    assert alarm is not None and alarm.kind is AlarmKind.NO_MOVEMENT
    assert alarm.text == "the belt was started and does not move"


def test_movement_in_time_is_well() -> None:
    watch = Watch(RULES)
    watch.expect_start(0.0, 80)
    assert at(watch, 4.0, 11) is None
    assert at(watch, 16.0, 80) is None


def test_no_readings() -> None:
    watch = moving()
    assert at(watch, 18.0) is None
    alarm = watch.check(18.1)
    assert alarm is not None and alarm.kind is AlarmKind.NO_READINGS
    assert alarm.text == "the machine has not reported for 8 s"
    never = Watch(RULES)
    never.expect_start(0.0, 80)
    assert at(never, 8.0) is None
    assert at(never, 8.1) is AlarmKind.NO_READINGS


def test_out_of_bounds_needs_two_readings_over_the_order() -> None:
    watch = moving()
    assert at(watch, 11.0, 580) is None, "0.8 km/h over is still inside"
    assert at(watch, 12.0, 580) is None
    assert at(watch, 13.0, 581) is None, "one odd frame"
    assert at(watch, 14.0, 500) is None
    assert at(watch, 15.0, 581) is None
    assert at(watch, 16.0, 581) is AlarmKind.OUT_OF_BOUNDS
    alarm = watch.check(16.0)
    assert alarm is not None
    assert alarm.text == "the belt is faster than ordered: ordered 5.0 km/h, the belt says 5.8 km/h"


def test_a_belt_that_lags_behind_a_falling_ramp_is_not_out_of_bounds() -> None:
    watch = moving(800)
    now, order, belt = 10.0, 800, 800.0
    while order > 500:
        now += 1
        order -= 30
        watch.expect_speed(now, order)
        belt = max(belt - 28, order)
        assert at(watch, now + 0.5, round(belt)) is None


def test_the_same_order_again_changes_nothing() -> None:
    watch, alarms = moving(), []
    for second in range(11, 40):
        watch.expect_speed(float(second), 500)
        alarms.append(at(watch, float(second), 300))
    assert alarms.index(AlarmKind.DRIFT) == 21, "20 s after the first reading that was off, again or not"


def test_wrong_direction() -> None:
    watch = moving(500)
    watch.expect_speed(11.0, 470)
    assert at(watch, 12.0, 530) is None
    assert at(watch, 12.5, 531) is None, "one odd frame"
    assert at(watch, 13.0, 530) is None
    watch.expect_speed(13.5, 440)
    assert at(watch, 14.0, 531) is None
    alarm = (watch.on_reading(14.5, 531), watch.check(14.5))[1]
    assert alarm is not None and alarm.kind is AlarmKind.WRONG_DIRECTION
    assert alarm.text.startswith("told to slow down, the belt sped up: ordered 4.4 km/h")


def test_a_belt_still_on_its_way_up_is_not_running_the_wrong_way() -> None:
    watch = moving(500)
    watch.expect_speed(11.0, 600)
    watch.on_reading(12.0, 520)
    watch.expect_speed(13.0, 580)
    assert at(watch, 14.0, 580) is None
    assert at(watch, 15.0, 630) is None
    assert at(watch, 16.0, 630) is None, "no higher than it had been ordered, and a little"
    assert at(watch, 17.0, 631) is None
    assert at(watch, 18.0, 631) is AlarmKind.WRONG_DIRECTION
    again = moving(500)
    again.expect_speed(11.0, 470)
    again.expect_speed(12.0, 600)
    assert at(again, 13.0, 600) is None
    assert at(again, 14.0, 600) is None, "up is the right way again"


def test_faster_after_an_order_to_speed_up_is_the_right_direction() -> None:
    watch = moving(500)
    watch.expect_speed(11.0, 530)
    assert at(watch, 12.0, 540) is None


def test_drift_is_an_alarm_after_its_patience() -> None:
    watch = moving(500)
    assert at(watch, 11.0, 439) is None
    for second in range(12, 32):
        assert at(watch, float(second), 439) is None
    assert at(watch, 31.1, 439) is AlarmKind.DRIFT
    alarm = watch.check(31.1)
    assert alarm is not None and alarm.text.startswith("the belt does not follow: ordered 5.0")


def test_a_reading_at_the_order_ends_the_drift() -> None:
    watch = moving(500)
    for second in range(11, 31):
        at(watch, float(second), 439)
    assert at(watch, 31.0, 440) is None, "0.6 km/h off is followed"
    for second in range(32, 52):
        assert at(watch, float(second), 439) is None
    assert at(watch, 52.1, 439) is AlarmKind.DRIFT


def test_the_patience_counts_from_the_latest_order() -> None:
    watch = moving(500)
    watch.on_reading(11.0, 400)
    watch.expect_speed(20.0, 520)
    for second in range(21, 40):
        assert at(watch, float(second), 400) is None
    assert at(watch, 40.0, 400) is None
    assert at(watch, 41.1, 400) is AlarmKind.DRIFT


def test_a_belt_that_ignores_stop() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    assert at(watch, 23.0, 800) is None
    alarm = (watch.on_reading(23.1, 800), watch.check(23.1))[1]
    assert alarm is not None and alarm.kind is AlarmKind.STOP_IGNORED
    assert alarm.text == "told to stop 3 s ago, the belt still says 8.0 km/h"
    assert watch.check(23.1) is not None


def test_a_belt_that_brakes_slowly_is_believed() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    speed = 800.0
    for half in range(1, 60):
        speed = max(speed - 25, 0)
        assert at(watch, 20 + half / 2, round(speed)) is None


def test_a_belt_that_hardly_brakes_is_not() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    kinds = {at(watch, 20.0 + second, 800 - 10 * second) for second in range(1, 15)}
    assert AlarmKind.STOP_IGNORED in kinds


def test_a_silent_machine_after_stop() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    assert at(watch, 23.0) is None
    alarm = watch.check(23.1)
    assert alarm is not None and alarm.text == "the machine was told to stop and has not reported since"
    watch.on_reading(20.0, 0)
    assert watch.check(23.1) is not None, "a reading of the moment of the stop is not one after it"


def test_a_standing_belt_has_stopped_and_one_that_moves_again_has_not() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    assert at(watch, 30.0, 10) is None
    assert watch.waits_for_stop, "whether it stands is not for one reading to say"
    assert at(watch, 38.0) is None
    assert at(watch, 38.1) is AlarmKind.STOP_IGNORED, "a silent machine does not show that it still stands"
    assert at(watch, 40.0, 10) is None
    assert at(watch, 60.0, 11) is AlarmKind.STOP_IGNORED
    watch.belt_stands()
    assert not watch.waits_for_stop
    assert at(watch, 99.0) is None


def test_a_second_stop_does_not_give_new_patience() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    watch.expect_stop(22.9)
    assert at(watch, 23.1, 800) is AlarmKind.STOP_IGNORED


def test_stop_before_any_reading() -> None:
    watch = Watch(RULES)
    watch.expect_stop(5.0)
    assert at(watch, 8.0, 11) is None
    assert at(watch, 8.1, 11) is AlarmKind.STOP_IGNORED


def test_a_start_after_a_stop_begins_anew() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    watch.on_reading(30.0, 0)
    watch.expect_start(40.0, 80)
    assert at(watch, 45.0, 80) is None
    assert at(watch, 47.0, 80) is None
    watch.expect_nothing()
    assert at(watch, 500.0, 1500) is None


def test_a_hand_is_the_new_order() -> None:
    watch = moving(500)
    watch.adopt(20.0, 700)
    assert at(watch, 21.0, 700) is None
    watch.adopt(21.5, 690)
    watch.adopt(21.5, 760)
    watch.adopt(21.5, 761)
    watch.adopt(21.5, 700)
    assert at(watch, 22.0, 780) is None
    assert at(watch, 23.0, 781) is None
    assert at(watch, 24.0, 781) is AlarmKind.OUT_OF_BOUNDS


def test_tightened_rules_are_used() -> None:
    watch = Watch(replace(RULES, watch_over_kmh=0.2))
    watch.adopt(0.0, 500)
    at(watch, 1.0, 521)
    assert at(watch, 2.0, 521) is AlarmKind.OUT_OF_BOUNDS


@given(readings=st.lists(st.integers(0, 2500), min_size=2, max_size=30), order=st.integers(80, 1200))
def test_two_readings_over_the_order_are_always_seen(readings: list[int], order: int) -> None:
    watch = Watch(RULES)
    watch.adopt(0.0, order)
    highest = order
    over = 0
    for second, reading in enumerate(readings, 1):
        over = over + 1 if reading > highest + 80 else 0
        watch.on_reading(float(second), reading)
        alarm = watch.check(float(second))
        if over >= 2:
            assert alarm is not None and alarm.kind is AlarmKind.OUT_OF_BOUNDS
            return
        if alarm is not None:
            assert alarm.kind is AlarmKind.DRIFT
            return


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_every_alarm_has_words(kind: AlarmKind) -> None:
    assert kind.value.replace("_", " ")


def test_words_carry_exact_figures() -> None:
    watch = Watch(RULES)
    watch.adopt(0.0, 2000)
    watch.on_reading(1.0, 2345)
    watch.on_reading(2.0, 2345)
    alarm = watch.check(2.0)
    assert alarm is not None
    assert alarm.text == "the belt is faster than ordered: ordered 20.0 km/h, the belt says 23.4 km/h"


def test_the_first_order_of_a_moving_belt_takes_its_reading_as_what_was_before() -> None:
    watch = Watch(RULES)
    watch.on_reading(0.0, 900)
    watch.expect_speed(1.0, 600)
    assert at(watch, 2.0, 900) is None
    assert at(watch, 3.0, 900) is None, "it lags behind a fall: it was at 9"
    assert at(watch, 4.0, 931) is None
    assert at(watch, 5.0, 931) is AlarmKind.WRONG_DIRECTION


def test_the_first_order_of_a_standing_belt() -> None:
    watch = Watch(RULES)
    watch.expect_speed(1.0, 100)
    assert at(watch, 2.0, 180) is None
    assert at(watch, 3.0, 180) is None
    assert at(watch, 4.0, 181) is None
    assert at(watch, 5.0, 181) is AlarmKind.OUT_OF_BOUNDS


def test_a_belt_that_never_caught_up_is_judged_by_what_it_was_at() -> None:
    """Falling orders lower the ceiling only as far as the belt follows."""
    watch = moving(500)
    watch.expect_speed(11.0, 470)
    watch.expect_speed(12.0, 440)
    watch.expect_speed(13.0, 410)
    watch.expect_speed(14.0, 380)
    assert at(watch, 14.5, 500) is None
    assert at(watch, 15.5, 500) is None
    assert at(watch, 16.5, 380) is None
    assert at(watch, 17.5, 461) is None
    assert at(watch, 18.5, 461) is AlarmKind.OUT_OF_BOUNDS


def test_started_later_than_zero() -> None:
    watch = Watch(RULES)
    watch.expect_start(100.0, 80)
    assert at(watch, 101.0, 0) is None
    assert at(watch, 115.0, 0) is None
    assert at(watch, 115.2, 0) is AlarmKind.NO_MOVEMENT


def test_the_braking_that_is_asked_for_exactly() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    # 4 s of grace over: 0.25 km/h a second below the speed at the stop.
    assert at(watch, 27.0, 699) is None
    assert at(watch, 27.0, 700) is AlarmKind.STOP_IGNORED
    assert at(watch, 60.0, 10) is None
    assert at(watch, 60.0, 11) is AlarmKind.STOP_IGNORED
    silent = moving(800)
    silent.expect_stop(20.0)
    alarm = silent.check(30.0)
    assert alarm is not None and alarm.kind is AlarmKind.STOP_IGNORED


def test_words_follow_the_units_that_the_runner_chose() -> None:
    watch = Watch(RULES, SpeedUnit.MPH)
    watch.adopt(0.0, 1000)
    watch.on_reading(1.0, 1500)
    watch.on_reading(2.0, 1500)
    alarm = watch.check(2.0)
    assert alarm is not None and alarm.text.endswith("ordered 6.2 mph, the belt says 9.3 mph")
    watch.expect_stop(3.0)
    watch.on_reading(7.0, 1500)
    alarm = watch.check(7.0)
    assert alarm is not None and alarm.text.endswith("the belt still says 9.3 mph")


# -- a belt that nobody commands ---------------------------------------------------------------


def free(below: int = 800) -> Watch:
    watch = Watch(RULES)
    watch.on_reading(9.0, 500)
    watch.expect_free(10.0, below)
    return watch


def test_a_belt_that_nobody_commands_has_to_report() -> None:
    watch = free()
    assert at(watch, 17.0) is None
    alarm = watch.check(17.1)
    assert alarm is not None and alarm.kind is AlarmKind.NO_READINGS
    assert alarm.text == "the machine has not reported for 8 s"
    watch.on_reading(20.0, 500)
    watch.expect_free(25.0, 800)
    assert at(watch, 28.0) is None
    assert at(watch, 28.1) is AlarmKind.NO_READINGS, "to be told again gives no new patience"
    never = Watch(RULES)
    never.expect_free(10.0, 800)
    assert at(never, 18.0) is None
    assert at(never, 18.1) is AlarmKind.NO_READINGS


def test_a_belt_that_nobody_commands_is_no_faster_than_any_bound() -> None:
    watch = free(800)
    assert at(watch, 11.0, 880) is None
    assert at(watch, 12.0, 880) is None
    assert at(watch, 13.0, 881) is None
    assert at(watch, 14.0, 880) is None
    assert at(watch, 15.0, 881) is None
    alarm = (watch.on_reading(16.0, 881), watch.check(16.0))[1]
    assert alarm is not None and alarm.kind is AlarmKind.OUT_OF_BOUNDS
    assert alarm.text == "nobody commands the belt, and it runs at 8.8 km/h"
    watch.expect_free(17.0, 900)
    assert at(watch, 17.0, 881) is None, "its bound is the newest"
    watch.expect_nothing()
    assert at(watch, 18.0, 2000) is None
    assert at(watch, 19.0, 2000) is None


def test_free_forgets_what_was_ordered_before() -> None:
    watch = moving(500)
    assert at(watch, 11.0, 700) is None
    watch.expect_free(12.0, 800)
    for second in range(12, 60):
        assert at(watch, float(second), 300) is None
    watch.expect_speed(60.0, 330)
    assert at(watch, 61.0, 330) is None


def test_readings_in_doubt_count_against_every_bound() -> None:
    watch = free(800)
    watch.on_doubted(881)
    assert watch.check(11.0) is None
    watch.on_doubted(1900)
    alarm = watch.check(11.0)
    assert alarm is not None and alarm.text == "nobody commands the belt, and it runs at 19.0 km/h"
    assert at(watch, 12.0, 500) is None
    watch.on_doubted(881)
    watch.on_doubted(880)
    watch.on_doubted(881)
    assert watch.check(13.0) is None
    ordered = moving(500)
    ordered.on_doubted(581)
    ordered.on_doubted(580)
    ordered.on_doubted(581)
    assert ordered.check(11.0) is None
    ordered.on_doubted(1581)
    alarm = ordered.check(11.0)
    assert alarm is not None and alarm.kind is AlarmKind.OUT_OF_BOUNDS
    assert alarm.text == "the belt is faster than ordered: ordered 5.0 km/h, the belt says 15.8 km/h"
    assert at(ordered, 12.0, 500) is None
    mixed = moving(500)
    mixed.on_doubted(1581)
    assert at(mixed, 11.0, 581) is AlarmKind.OUT_OF_BOUNDS, "one of each are two"
    idle = Watch(RULES)
    idle.on_doubted(2500)
    idle.on_doubted(2500)
    idle.expect_free(1.0, 800)
    assert idle.check(1.0) is None


def test_readings_in_doubt_are_no_sign_of_life() -> None:
    watch = moving(500)
    for _ in range(20):
        watch.on_doubted(500)
    assert at(watch, 18.1) is AlarmKind.NO_READINGS


# -- what ends the wait for a STOP, and what does not --------------------------------------------


def test_nothing_but_a_standing_belt_or_a_person_ends_the_wait_for_a_stop() -> None:
    for happens in (
        lambda watch: watch.expect_nothing(),
        lambda watch: watch.expect_free(21.0, 800),
        lambda watch: watch.adopt(21.0, 500),
        lambda watch: watch.expect_speed(21.0, 500),
        lambda watch: watch.link_changed(21.0),
        lambda watch: watch.on_doubted(0),
        lambda watch: watch.on_reading(21.0, 0),
    ):
        watch = moving(800)
        watch.expect_stop(20.0)
        happens(watch)
        assert watch.waits_for_stop
        watch.on_reading(30.0, 800)
        assert at(watch, 31.0, 800) is AlarmKind.STOP_IGNORED
    for ends in (
        lambda watch: watch.belt_stands(),
        lambda watch: watch.expect_start(21.0, 80),
        lambda watch: watch.take_over(21.0, 800),
    ):
        watch = moving(800)
        watch.expect_stop(20.0)
        ends(watch)
        assert not watch.waits_for_stop
        assert at(watch, 24.0, 800) is not AlarmKind.STOP_IGNORED


def test_a_take_over_adopts_the_speed() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    watch.take_over(21.0, 600)
    assert at(watch, 22.0, 600) is None
    assert at(watch, 23.0, 681) is None
    assert at(watch, 24.0, 681) is AlarmKind.OUT_OF_BOUNDS


def test_a_new_link_is_given_time_to_report() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    assert at(watch, 23.1) is AlarmKind.STOP_IGNORED
    watch.link_changed(60.0)
    assert at(watch, 63.0) is None
    assert at(watch, 63.1) is AlarmKind.STOP_IGNORED
    assert at(watch, 64.0, 0) is None
    assert at(watch, 65.0, 50) is AlarmKind.STOP_IGNORED


# -- a belt on its way ---------------------------------------------------------------------------


def test_a_belt_that_still_comes_nearer_is_not_adrift() -> None:
    watch = moving(500)
    watch.expect_speed(11.0, 1000)
    speed = 500
    for second in range(12, 60):
        speed = min(speed + 6, 939)
        assert at(watch, float(second), speed) is None, "6 a second: slow, but it follows"
    stuck = moving(500)
    stuck.expect_speed(11.0, 1000)
    kinds = [at(stuck, float(second), 500 + (second - 11) // 2) for second in range(12, 40)]
    assert AlarmKind.DRIFT in kinds, "a hair nearer is not on its way"


@pytest.mark.parametrize("wavers", [0, 2, 3, 6, 10])
def test_a_reading_that_wavers_is_not_on_its_way(wavers: int) -> None:
    stuck = moving(1000)
    stuck.expect_speed(11.0, 700)
    kinds = [at(stuck, float(second), 1000 + wavers * (-1) ** second) for second in range(12, 40)]
    assert kinds.index(AlarmKind.DRIFT) <= 22, "20 s after it was ordered, a reading more or less"
    braking = moving(1000)
    braking.expect_stop(11.0)
    said = [
        at(braking, float(second), max(1000 - 200 * (second - 11), 300) + wavers * (-1) ** second)
        for second in range(12, 30)
    ]
    assert said.index(AlarmKind.STOP_IGNORED) <= 9, "it brakes no further: soon seen, whatever it wavers"


def test_a_belt_that_falls_away_by_itself_is_told_from_where_it_rests() -> None:
    watch = moving(500)
    speed = 500
    for second in range(11, 41):
        speed -= 10
        assert at(watch, float(second), speed) is None
    for second in range(41, 61):
        assert at(watch, float(second), speed - 5 * (second % 2)) is None
    assert at(watch, 61.5, speed) is AlarmKind.DRIFT


@given(
    happenings=st.lists(
        st.tuples(
            st.sampled_from(["reading", "doubted", "nothing", "free", "adopt", "speed", "link", "stop"]),
            st.integers(200, 2500),
            st.floats(0.1, 5),
        ),
        max_size=30,
    )
)
def test_a_belt_that_ignores_a_stop_is_always_told(happenings: list[tuple[str, int, float]]) -> None:
    watch, now = moving(800), 20.0
    watch.expect_stop(now)
    linked_s = now
    for what, ckmh, wait in happenings:
        now += wait
        match what:
            case "reading":
                watch.on_reading(now, max(ckmh, 800))
            case "doubted":
                watch.on_doubted(ckmh)
            case "nothing":
                watch.expect_nothing()
            case "free":
                watch.expect_free(now, ckmh)
            case "adopt":
                watch.adopt(now, ckmh)
            case "speed":
                watch.expect_speed(now, ckmh)
            case "link":
                watch.link_changed(now)
                linked_s = now
            case _:
                watch.expect_stop(now)
        alarm = watch.check(now)
        if now - linked_s > RULES.watch_stop_s:
            assert alarm is not None and alarm.kind is AlarmKind.STOP_IGNORED


def test_a_hand_that_sets_slower_gives_the_belt_time_to_come_down() -> None:
    watch = moving(800)
    watch.adopt(20.0, 500)
    for second, speed in enumerate((800, 780, 740, 700, 650, 600, 560), 21):
        assert at(watch, float(second), speed) is None
    wrong = moving(800)
    wrong.adopt(20.0, 500)
    assert at(wrong, 21.0, 830) is None
    assert at(wrong, 22.0, 830) is None
    assert at(wrong, 23.0, 831) is None
    assert at(wrong, 24.0, 831) is AlarmKind.WRONG_DIRECTION


def test_a_faster_speed_that_the_console_claims_is_no_runaway_for_a_while() -> None:
    watch = moving(500)
    watch.claimed(15.0, 700)
    for second, speed in ((11, 560), (12, 620), (13, 780), (14, 780), (15, 780)):
        assert at(watch, float(second), speed) is None
    assert at(watch, 15.1, 780) is None
    assert at(watch, 15.2, 780) is AlarmKind.OUT_OF_BOUNDS, "until then, and no longer"
    over = moving(500)
    over.claimed(15.0, 700)
    assert at(over, 11.0, 781) is None
    assert at(over, 12.0, 781) is AlarmKind.OUT_OF_BOUNDS, "and no faster than it claims"
    low = moving(500)
    low.claimed(15.0, 300)
    assert at(low, 11.0, 580) is None
    assert at(low, 12.0, 580) is None
    assert at(low, 13.0, 581) is None
    assert at(low, 14.0, 581) is AlarmKind.OUT_OF_BOUNDS
    gone = moving(500)
    gone.claimed(15.0, 700)
    gone.adopt(11.0, 500)
    assert at(gone, 12.0, 600) is None
    assert at(gone, 13.0, 600) is AlarmKind.OUT_OF_BOUNDS, "a new order is judged by itself"


def test_idle_is_a_belt_of_which_nothing_is_expected() -> None:
    watch = Watch(RULES)
    assert watch.is_idle
    for expect in (
        lambda watch: watch.expect_start(0.0, 80),
        lambda watch: watch.expect_speed(0.0, 500),
        lambda watch: watch.expect_stop(0.0),
        lambda watch: watch.expect_free(0.0, 800),
    ):
        watch = Watch(RULES)
        expect(watch)
        assert not watch.is_idle
    watch.expect_nothing()
    assert watch.is_idle


def test_a_belt_that_has_settled_after_a_stop_has_not_stopped() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    speed = 800
    for second in range(21, 25):
        speed -= 150
        assert at(watch, float(second), speed) is None
    for second in (25.0, 26.0, 27.0):
        assert at(watch, second, speed) is None, "slower than it has to be by now"
    assert at(watch, 27.1, speed) is AlarmKind.STOP_IGNORED, "but it does not go on"
    assert at(watch, 28.0, speed - 5) is AlarmKind.STOP_IGNORED
    assert at(watch, 29.0, speed - 11) is None


def test_a_machine_that_falls_silent_after_its_stop_says_nothing() -> None:
    watch = moving(800)
    watch.expect_stop(20.0)
    assert at(watch, 21.0, 700) is None
    alarm = watch.check(29.1)
    assert alarm is not None and alarm.text == "the machine was told to stop and has not reported since"


def test_a_start_whose_belt_is_fast_at_once_is_told_before_its_first_reading_is_believed() -> None:
    watch = Watch(RULES)
    watch.expect_start(0.0, 100)
    watch.on_doubted(1000)
    assert watch.check(1.0) is None, "one odd frame"
    watch.on_doubted(1000)
    alarm = watch.check(2.0)
    assert alarm is not None and alarm.kind is AlarmKind.OUT_OF_BOUNDS
    assert alarm.text == "the belt was started and says 10.0 km/h at once"
    slow = Watch(RULES)
    slow.expect_start(0.0, 100)
    for second in range(3):
        slow.on_doubted(180)
        assert slow.check(float(second)) is None


def test_a_belt_that_comes_nearer_in_small_steps_is_given_time() -> None:
    """Each fifth of a km/h nearer, or a hair further down than ever, begins the twenty seconds anew."""
    nearer = moving(500)
    nearer.expect_speed(11.0, 1000)
    speeds = {12: 520, 30: 541, 48: 562}
    seen = [at(nearer, float(t), max(v for s, v in speeds.items() if s <= t)) for t in range(12, 66)]
    assert seen == [None] * len(seen)
    assert at(nearer, 69.0, 562) is AlarmKind.DRIFT
    less = moving(500)
    less.expect_speed(11.0, 1000)
    steps = {12: 520, 30: 540, 48: 560}
    seen = [at(less, float(t), max(v for s, v in steps.items() if s <= t)) for t in range(12, 66)]
    assert AlarmKind.DRIFT in seen, "exactly a fifth is not more"


def test_a_belt_that_falls_further_off_is_not_nearer_by_coming_back() -> None:
    watch = moving(500)
    assert at(watch, 12.0, 300) is None
    assert at(watch, 13.0, 250) is None
    assert [at(watch, float(t), 275) for t in range(14, 33)] == [None] * 19
    assert at(watch, 33.5, 275) is AlarmKind.DRIFT, "20 s after it fell: it is no nearer than it was"
    still = moving(500)
    assert at(still, 12.0, 300) is None
    assert [at(still, float(t), 295) for t in range(20, 32)] == [None] * 12
    assert at(still, 32.5, 295) is AlarmKind.DRIFT, "as much as a reading wavers"


def test_a_silence_that_has_begun_goes_on_through_a_loss_of_control_exactly() -> None:
    def silent(linked_s: float, free_s: float) -> Watch:
        watch = moving(500)
        watch.link_changed(linked_s)
        watch.on_reading(20.0, 500)
        watch.expect_free(free_s, 800)
        return watch

    assert at(silent(20.0, 22.0), 28.0) is None
    assert at(silent(20.0, 22.0), 28.1) is AlarmKind.NO_READINGS, "heard in the moment of the link"
    assert at(silent(20.1, 22.0), 28.1) is None, "on another link it is given time"
    assert at(silent(19.0, 28.0), 28.1) is AlarmKind.NO_READINGS
    assert at(silent(19.0, 28.1), 28.2) is None, "a longer one was another's"
