"""The pulse ceiling and the uphill limit, as bounds."""

from hypothesis import given
from hypothesis import strategies as st

from treadcoach.guard.pulse import BeltOrdered, PulseGovernor
from treadcoach.guard.uphill import UphillLimit
from treadcoach.planning.guidance import load_guidance

RULES = load_guidance().belt


def governor(ceiling: int | None = 150) -> PulseGovernor:
    return PulseGovernor(RULES, ceiling, 5.0)


def test_without_a_ceiling_there_is_no_bound() -> None:
    pulse = governor(None)
    pulse.update(0.0, None, "no pulse", BeltOrdered(800, 20))
    pulse.update(1.0, 220, None, BeltOrdered(800, 20))
    assert pulse.speed_bound() is None and pulse.incline_bound() is None


def test_incline_is_eased_before_speed() -> None:
    pulse = governor()
    pulse.update(0.0, 151, None, BeltOrdered(800, 20))
    held = pulse.speed_bound()
    assert held is not None and held.ceiling == 800, "nothing gets faster above the ceiling"
    bound = pulse.incline_bound()
    assert bound is not None and bound.ceiling == 15 and bound.name == "pulse"
    assert bound.reason == "pulse 151 is above your ceiling of 150"
    pulse.update(14.9, 152, None, BeltOrdered(800, 15))
    assert pulse.incline_bound().ceiling == 15, "a pulse needs time to answer"  # type: ignore[union-attr]
    pulse.update(15.0, 152, None, BeltOrdered(800, 3))
    bound = pulse.incline_bound()
    assert bound is not None and bound.ceiling == 0
    assert pulse.speed_bound().ceiling == 800  # type: ignore[union-attr]  # as above
    pulse.update(30.0, 152, None, BeltOrdered(800, 0))
    speed = pulse.speed_bound()
    assert speed is not None and speed.ceiling == 770 and "152" in speed.reason


def test_speed_is_eased_to_walking_and_not_below() -> None:
    pulse = governor()
    speed = 560
    for turn in range(10):
        pulse.update(turn * 15.0, 170, None, BeltOrdered(speed, 0))
        bound = pulse.speed_bound()
        assert bound is not None
        speed = min(speed, bound.ceiling)
    assert speed == 500
    slow = governor()
    slow.update(0.0, 170, None, BeltOrdered(300, 0))
    bound = slow.speed_bound()
    assert bound is not None and bound.ceiling == 300, "a bound never speeds a slow walk up"


def test_exactly_at_the_ceiling_nothing_rises() -> None:
    pulse = governor()
    pulse.update(0.0, 150, None, BeltOrdered(700, 20))
    bound = pulse.speed_bound()
    assert bound is not None and bound.ceiling == 700
    assert bound.reason == "pulse 150 is close to your ceiling of 150"
    pulse.update(1.0, 147, None, BeltOrdered(650, 20))
    bound = pulse.speed_bound()
    assert bound is not None and bound.ceiling == 650
    pulse.update(2.0, 147, None, BeltOrdered(690, 20))
    bound = pulse.speed_bound()
    assert bound is not None and bound.ceiling == 650, "what was held stays held"


def test_well_below_it_rises_slowly_and_then_goes() -> None:
    pulse = governor()
    pulse.update(0.0, 151, None, BeltOrdered(700, 0))
    assert pulse.speed_bound().ceiling == 670  # type: ignore[union-attr]  # set by the line above
    pulse.update(10.0, 146, None, BeltOrdered(670, 0))
    assert pulse.speed_bound().ceiling == 670  # type: ignore[union-attr]
    pulse.update(15.0, 146, None, BeltOrdered(670, 0))
    assert pulse.speed_bound().ceiling == 700  # type: ignore[union-attr]
    now = 15.0
    while pulse.speed_bound() is not None:
        now += 15
        pulse.update(now, 100, None, BeltOrdered(700, 0))
        assert now < 1000
    assert now > 300


def test_incline_returns_too() -> None:
    pulse = governor()
    pulse.update(0.0, 151, None, BeltOrdered(700, 20))
    pulse.update(15.0, 120, None, BeltOrdered(700, 15))
    assert pulse.speed_bound().ceiling == 730, "speed first"  # type: ignore[union-attr]
    assert pulse.incline_bound().ceiling == 15  # type: ignore[union-attr]
    now = 15.0
    while pulse.incline_bound() is not None:
        before = pulse.incline_bound()
        assert before is not None
        now += 15
        pulse.update(now, 120, None, BeltOrdered(700, 15))
        after = pulse.incline_bound()
        assert after is None or after.ceiling in (before.ceiling, before.ceiling + 5)
        assert after == before or pulse.speed_bound() is None
        assert now < 1500
    assert pulse.speed_bound() is None
    assert now == 15.0 * (1 + 43 + 27), "43 steps of speed from 7.3 km/h, then 27 of incline"


def test_a_lost_pulse_allows_nothing_faster_and_after_a_minute_only_walking() -> None:
    pulse = governor()
    pulse.update(0.0, None, "the strap has no skin contact", BeltOrdered(800, 20))
    bound = pulse.speed_bound()
    assert bound is not None and bound.ceiling == 800
    assert bound.reason == "pulse ceiling set, but the strap has no skin contact"
    pulse.update(60.0, None, None, BeltOrdered(800, 20))
    bound = pulse.speed_bound()
    assert bound is not None and bound.ceiling == 800 and bound.reason.endswith("but no pulse")
    pulse.update(60.1, None, "gone", BeltOrdered(800, 20))
    assert pulse.speed_bound().ceiling == 500  # type: ignore[union-attr]
    pulse.update(61.0, 120, None, BeltOrdered(500, 20))
    assert pulse.speed_bound().ceiling == 500, "not by its first beat"  # type: ignore[union-attr]
    pulse.update(75.9, 120, None, BeltOrdered(500, 20))
    assert pulse.speed_bound().ceiling == 500  # type: ignore[union-attr]
    pulse.update(76.0, 120, None, BeltOrdered(500, 20))
    assert pulse.speed_bound() is None, "a pulse that is back and low lets go after a while"
    assert pulse.incline_bound() is None


def test_a_lost_pulse_on_a_slow_belt_still_allows_walking() -> None:
    pulse = governor()
    pulse.update(0.0, None, "no pulse yet", BeltOrdered(80, 0))
    assert pulse.speed_bound().ceiling == 500  # type: ignore[union-attr]


def test_an_eased_speed_is_kept_when_the_pulse_is_lost() -> None:
    pulse = governor()
    pulse.update(0.0, 151, None, BeltOrdered(700, 0))
    pulse.update(1.0, None, "gone", BeltOrdered(700, 0))
    assert pulse.speed_bound().ceiling == 670  # type: ignore[union-attr]


def test_steep_time_is_counted_and_then_the_ceiling_falls() -> None:
    uphill = UphillLimit(RULES, aching_back=False)
    assert uphill.bound().ceiling == 150 and uphill.bound().name == "uphill"
    assert uphill.bound().reason == "steep time is within its limit"
    for second in range(600):
        uphill.update(float(second), 5.0, moving=True)
    assert uphill.bound().ceiling == 150
    uphill.update(600.0, 5.0, moving=True)
    assert uphill.bound().ceiling == 40
    assert uphill.bound().reason == "10 min of steep belt are enough for the ankles"


def test_standing_or_less_steep_time_is_not_counted() -> None:
    uphill = UphillLimit(RULES, aching_back=False)
    for second in range(2000):
        uphill.update(float(second), 4.9, moving=True)
    for second in range(2000, 4000):
        uphill.update(float(second), 12.0, moving=False)
    assert uphill.bound().ceiling == 150


def test_a_gap_in_time_counts_for_five_seconds_at_most_and_never_backwards() -> None:
    uphill = UphillLimit(RULES, aching_back=False)
    uphill.update(0.0, 8.0, moving=True)
    for turn in range(1, 120):
        uphill.update(turn * 100.0, 8.0, moving=True)
    assert uphill.bound().ceiling == 150
    uphill.update(50.0, 8.0, moving=True)
    assert uphill.bound().ceiling == 150
    uphill.update(55.0, 8.0, moving=True)
    assert uphill.bound().ceiling == 40


def test_with_an_aching_back_there_is_no_hill() -> None:
    bound = UphillLimit(RULES, aching_back=True).bound()
    assert (bound.name, bound.ceiling) == ("uphill", 20)
    assert bound.reason == "with an aching back there is no uphill"


def test_names_and_times_later_than_zero() -> None:
    uphill = UphillLimit(RULES, aching_back=False)
    for second in range(700):
        uphill.update(100.0 + second, 9.0, moving=True)
    assert uphill.bound().name == "uphill" and uphill.bound().ceiling == 40
    pulse = governor()
    pulse.update(100.0, 160, None, BeltOrdered(700, 0))
    bound = pulse.speed_bound()
    assert bound is not None and bound.name == "pulse" and bound.ceiling == 670
    pulse.update(110.0, 160, None, BeltOrdered(670, 0))
    assert pulse.speed_bound() == bound
    lost = governor()
    lost.update(100.0, None, "gone", BeltOrdered(800, 0))
    lost.update(150.0, None, "gone", BeltOrdered(800, 0))
    assert lost.speed_bound().ceiling == 800  # type: ignore[union-attr]


def test_the_same_moment_twice_counts_once() -> None:
    uphill = UphillLimit(RULES, aching_back=False)
    for _ in range(2000):
        uphill.update(5.0, 9.0, moving=True)
    assert uphill.bound().ceiling == 150


def test_the_last_tenth_of_incline_is_eased_too() -> None:
    pulse = governor()
    pulse.update(0.0, 160, None, BeltOrdered(700, 1))
    assert pulse.incline_bound().ceiling == 0  # type: ignore[union-attr]
    assert pulse.speed_bound().ceiling == 700  # type: ignore[union-attr]


def test_easing_back_waits_its_turn() -> None:
    pulse = governor()
    pulse.update(0.0, 160, None, BeltOrdered(700, 0))
    for second in range(15, 45):
        pulse.update(float(second), 100, None, BeltOrdered(670, 0))
    assert pulse.speed_bound().ceiling == 730  # type: ignore[union-attr]


# -- far above, flapping and doubted ------------------------------------------------------------


def ceilings(pulse: PulseGovernor) -> tuple[int, int]:
    """Both bounds; where there is none, more than any belt does."""
    speed, incline = pulse.speed_bound(), pulse.incline_bound()
    return (9999 if speed is None else speed.ceiling, 9999 if incline is None else incline.ceiling)


def test_incline_alone_is_eased_for_three_easings_and_then_speed_too() -> None:
    pulse = governor()
    for second, speed, incline in ((0, 800, 95), (15, 800, 90), (30, 800, 85), (45, 770, 80), (60, 740, 75)):
        pulse.update(float(second), 155, None, BeltOrdered(800, 100))
        assert ceilings(pulse) == (speed, incline)


def test_far_above_it_walks_within_its_time_and_says_so() -> None:
    pulse = governor()
    pulse.update(100.0, 165, None, BeltOrdered(1200, 60))
    for half in range(1, 20):
        pulse.update(100.0 + half / 2, 165, None, BeltOrdered(1200, 60))
        assert ceilings(pulse)[0] >= 1170 and pulse.far_above is None
    pulse.update(110.0, 165, None, BeltOrdered(1200, 60))
    assert ceilings(pulse)[0] == 500
    assert pulse.far_above == ("Your pulse is far above your ceiling of 150: walk until it comes down.")
    pulse.update(111.0, 151, None, BeltOrdered(1200, 60))
    assert pulse.far_above is not None, "said until the pulse is down again"
    for second in range(112, 122):
        pulse.update(float(second), 150, None, BeltOrdered(1200, 60))
    assert pulse.far_above is None, "as long below as it was above"
    assert ceilings(pulse)[0] == 500


def test_far_above_has_to_stay_far_above() -> None:
    pulse = governor()
    for second in range(40):
        pulse.update(float(second), 164 if second % 2 else 190, None, BeltOrdered(1200, 0))
    assert pulse.far_above is None and ceilings(pulse)[0] > 500
    stray = governor()
    for second in range(20):
        stray.update(float(second), 164 if second % 9 == 8 else 190, None, BeltOrdered(1200, 0))
    assert stray.far_above is not None and ceilings(stray)[0] == 500, "a stray beat forgets nothing"
    edge = governor()
    for second in range(30):
        edge.update(float(second), 164, None, BeltOrdered(1200, 0))
    assert edge.far_above is None, "14 above is not yet far"
    slow = governor()
    for second in range(30):
        slow.update(float(second), 190, None, BeltOrdered(300, 0))
    assert ceilings(slow)[0] == 300, "a slow walk is not sped up by it"


def test_doubt_in_between_makes_far_above_no_less() -> None:
    pulse = governor()
    for second in range(16):
        bpm = None if 5 < second <= 10 else 190
        pulse.update(float(second), bpm, "gone", BeltOrdered(1200, 0))
        assert (pulse.far_above is not None) is (second >= 10), "it goes on through a doubt"
    assert ceilings(pulse)[0] == 500


def test_three_minutes_above_are_enough() -> None:
    pulse = governor()
    for second in range(181):
        pulse.update(float(second), 151, None, BeltOrdered(1800, 0))
    assert ceilings(pulse)[0] > 500
    pulse.update(181.0, 151, None, BeltOrdered(1800, 0))
    assert ceilings(pulse)[0] == 500
    dips = governor()
    for second in range(190):
        dips.update(float(second), 140 if second % 15 < 7 else 151, None, BeltOrdered(1800, 0))
    assert ceilings(dips)[0] == 500, "dips of some seconds do not begin it anew"
    calm = governor()
    for second in range(300):
        calm.update(float(second), 146 if second % 40 < 20 else 151, None, BeltOrdered(1800, 0))
    assert ceilings(calm)[0] > 1000, "a pulse that has come down for a while does"


def test_near_the_ceiling_it_does_not_count_as_having_come_down() -> None:
    pulse = governor()
    for second in range(182):
        pulse.update(float(second), 151 if second in (0, 181) else 147, None, BeltOrdered(1800, 0))
    assert ceilings(pulse)[0] == 500


def test_doubt_after_it_was_above_keeps_the_strictest() -> None:
    pulse = governor()
    pulse.update(0.0, 155, None, BeltOrdered(800, 0))
    assert ceilings(pulse) == (770, 0)
    pulse.update(1.0, None, "gone", BeltOrdered(600, 0))
    assert ceilings(pulse) == (600, 0), "nothing faster than now"
    pulse.update(2.0, None, "gone", BeltOrdered(300, 0))
    assert ceilings(pulse) == (300, 0), "not up to walking either"
    assert pulse.speed_bound().reason == "pulse ceiling set, but gone"  # type: ignore[union-attr]


def test_doubt_that_comes_and_goes_adds_up_and_is_forgotten_only_after_a_while() -> None:
    pulse, now = governor(), 0.0
    for turn in range(20):
        for _ in range(4):
            now += 1.0
            pulse.update(now, None, "gone", BeltOrdered(800, 0))
        for _ in range(10):
            now += 1.0
            pulse.update(now, 120, None, BeltOrdered(800, 0))
        assert ceilings(pulse)[0] == (800 if 4 * turn + 3 <= 60 else 500), turn
    for _ in range(4):
        now += 1.0
        pulse.update(now, 120, None, BeltOrdered(500, 0))
        assert ceilings(pulse)[0] == 500
    now += 1.0
    pulse.update(now, 120, None, BeltOrdered(500, 0))
    assert ceilings(pulse) == (500, 0), "14 s since the first beat after the doubt"
    now += 1.0
    pulse.update(now, 120, None, BeltOrdered(500, 0))
    assert ceilings(pulse) == (9999, 9999)


def test_what_was_eased_does_not_go_with_the_doubt() -> None:
    pulse = governor()
    pulse.update(0.0, 155, None, BeltOrdered(800, 0))
    pulse.update(1.0, None, "gone", BeltOrdered(770, 0))
    for second in range(2, 17):
        pulse.update(float(second), 100, None, BeltOrdered(770, 0))
        assert ceilings(pulse)[0] == 770
    pulse.update(17.0, 100, None, BeltOrdered(770, 0))
    assert ceilings(pulse)[0] == 800, "step by step"
    held = governor()
    held.update(0.0, None, "gone", BeltOrdered(800, 0))
    held.update(1.0, 148, None, BeltOrdered(800, 0))
    for second in range(2, 17):
        held.update(float(second), 100, None, BeltOrdered(800, 0))
    assert ceilings(held)[0] == 830, "held by a pulse near its ceiling too: not by doubt alone"


def test_the_bound_goes_at_the_top_and_the_incline_follows() -> None:
    pulse = governor()
    pulse.update(0.0, 150, None, BeltOrdered(1960, 140))
    pulse.update(15.0, 100, None, BeltOrdered(1960, 140))
    assert ceilings(pulse) == (1990, 140)
    pulse.update(30.0, 100, None, BeltOrdered(1960, 140))
    assert ceilings(pulse) == (9999, 140)
    pulse.update(44.9, 100, None, BeltOrdered(1960, 140))
    assert ceilings(pulse) == (9999, 140)
    pulse.update(45.0, 100, None, BeltOrdered(1960, 140))
    assert ceilings(pulse) == (9999, 145)
    pulse.update(60.0, 100, None, BeltOrdered(1960, 140))
    assert ceilings(pulse) == (9999, 9999)
    pulse.update(75.0, 100, None, BeltOrdered(1960, 140))
    assert ceilings(pulse) == (9999, 9999)


def test_a_belt_that_goes_downhill_is_not_held_up_by_doubt() -> None:
    pulse = governor()
    pulse.update(0.0, None, "gone", BeltOrdered(800, -20))
    assert ceilings(pulse) == (800, 0)


def test_a_while_without_doubt_forgets_all_of_it() -> None:
    pulse = governor()
    pulse.update(0.0, None, "gone", BeltOrdered(800, 0))
    pulse.update(30.0, None, "gone", BeltOrdered(800, 0))
    for second in range(31, 47):
        pulse.update(float(second), 120, None, BeltOrdered(800, 0))
    assert ceilings(pulse) == (9999, 9999)
    for second in range(47, 107):
        pulse.update(float(second), None, "gone", BeltOrdered(800, 0))
        assert ceilings(pulse)[0] == 800
    pulse.update(107.0, None, "gone", BeltOrdered(800, 0))
    assert ceilings(pulse)[0] == 500


def test_a_pulse_that_has_come_down_for_its_while_begins_its_three_minutes_anew() -> None:
    pulse = governor()
    pulse.update(0.0, 151, None, BeltOrdered(1800, 0))
    pulse.update(15.0, 100, None, BeltOrdered(1800, 0))
    for second in range(16, 197):
        pulse.update(float(second), 151, None, BeltOrdered(1800, 0))
        assert ceilings(pulse)[0] > 500
    pulse.update(197.0, 151, None, BeltOrdered(1800, 0))
    assert ceilings(pulse)[0] == 500


def test_an_incline_that_a_pulse_had_eased_does_not_go_with_a_doubt() -> None:
    pulse = governor()
    pulse.update(0.0, 150, None, BeltOrdered(1990, 100))
    pulse.update(15.0, 100, None, BeltOrdered(1990, 100))
    assert ceilings(pulse) == (9999, 100)
    pulse.update(16.0, None, "gone", BeltOrdered(800, 100))
    for second in range(17, 33):
        pulse.update(float(second), 100, None, BeltOrdered(800, 100))
    assert ceilings(pulse) == (830, 100)


def test_with_no_time_given_the_first_beat_far_above_is_enough() -> None:
    from dataclasses import replace

    pulse = PulseGovernor(replace(RULES, pulse_far_s=0.0), 150, 5.0)
    pulse.update(0.0, 165, None, BeltOrdered(800, 0))
    assert ceilings(pulse)[0] == 500


def test_doubt_of_one_moment_lasts_no_time() -> None:
    pulse = governor()
    for now in (10.0, *[5.0] * 100):
        pulse.update(now, None, "gone", BeltOrdered(800, 0))
    assert ceilings(pulse)[0] == 800


BEATS = st.lists(
    st.tuples(
        st.none() | st.sampled_from([60, 146, 147, 150, 151, 164, 165, 200]) | st.integers(30, 225),
        st.sampled_from([0.5, 1.0, 1.0, 5.0, 16.0, 61.0]),
        st.integers(80, 2000),
        st.integers(0, 150),
    ),
    max_size=80,
)


@given(beats=BEATS)
def test_above_near_or_in_doubt_nothing_rises_ever(
    beats: list[tuple[int | None, float, int, int]],
) -> None:
    pulse, now, far_since = governor(), 0.0, None
    last_doubt_s, is_doubted = -100.0, False
    for bpm, wait, speed, incline in beats:
        now += wait
        before = ceilings(pulse)
        pulse.update(now, bpm, None if bpm is not None else "gone", BeltOrdered(speed, incline))
        after = ceilings(pulse)
        if bpm is None or bpm > 146:
            assert after[0] <= before[0] and after[1] <= before[1]
        if bpm is not None and bpm > 146:
            assert after[0] <= speed and after[1] <= incline, "nothing faster or steeper than now"
        if bpm is None:
            last_doubt_s, is_doubted = now, True
            assert after[0] <= max(speed, 500)
        elif after > before and is_doubted:
            assert now - last_doubt_s >= 15, "out of doubt only after a while without any"
        far_since = None if bpm is None or bpm < 165 else now if far_since is None else far_since
        if far_since is not None and now - far_since >= RULES.pulse_far_s:
            assert after[0] <= 500 and pulse.far_above is not None
        rises = after[0] - before[0]
        assert rises <= 30 or after[0] == 9999


@given(beats=BEATS)
def test_without_a_ceiling_no_pulse_bounds_anything(
    beats: list[tuple[int | None, float, int, int]],
) -> None:
    pulse, now = governor(None), 0.0
    for bpm, wait, speed, incline in beats:
        now += wait
        pulse.update(now, bpm, None if bpm is not None else "gone", BeltOrdered(speed, incline))
        assert ceilings(pulse) == (9999, 9999) and pulse.far_above is None


def test_far_above_is_said_until_the_pulse_is_below_for_as_long() -> None:
    def after(*beats: tuple[int, int]) -> PulseGovernor:
        pulse, now_s = governor(), 0.0
        for seconds, bpm in beats:
            for _ in range(seconds):
                pulse.update(now_s, bpm, None, BeltOrdered(800, 0))
                now_s += 1.0
        return pulse

    assert after((11, 170)).far_above is not None
    assert after((11, 170), (60, 155)).far_above is not None, "above the ceiling it is not over"
    assert after((11, 170), (2, 140)).far_above is not None, "two seconds below are not"
    assert after((11, 170), (60, 155), (1, 150)).far_above is None
    assert after((100, 170), (19, 140)).far_above is not None
    assert after((100, 170), (21, 140)).far_above is None, "twenty seconds are the most that is remembered"
