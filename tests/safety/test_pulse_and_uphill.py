"""The pulse ceiling and the uphill limit, as bounds."""

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
