"""A moving belt is handed over: from where, and when orders may begin."""

from hypothesis import given
from hypothesis import strategies as st

from treadcoach.control.takeover import Takeover

CEILING = 1200


def test_a_steady_belt_is_taken_over_at_its_speed() -> None:
    takeover = Takeover(100.0, None, CEILING, 300)
    assert not takeover.is_over
    assert takeover.on_reading(101.0, 500, is_steady=False) == 500 and not takeover.is_over
    assert takeover.on_reading(102.0, 520, is_steady=True) == 520 and takeover.is_over


def test_a_belt_that_goes_to_what_a_hand_has_set_is_waited_for() -> None:
    takeover = Takeover(100.0, (95.0, 300), CEILING, 300)
    for now, ckmh in ((101.0, 900), (102.0, 900), (104.0, 500)):
        assert takeover.on_reading(now, ckmh, is_steady=now < 104) == 300
        assert not takeover.is_over
    assert takeover.on_reading(105.0, 316, is_steady=False) == 300 and not takeover.is_over
    assert takeover.on_reading(105.5, 315, is_steady=False) == 300 and not takeover.is_over
    assert takeover.on_reading(106.0, 300, is_steady=True) == 300 and takeover.is_over


def test_a_hand_that_set_faster_gives_no_base_above_the_reading() -> None:
    takeover = Takeover(100.0, (95.0, 900), CEILING, 300)
    assert takeover.on_reading(101.0, 500, is_steady=True) == 500 and not takeover.is_over
    assert takeover.on_reading(104.0, 885, is_steady=True) == 885 and takeover.is_over


def test_a_hand_of_long_ago_or_that_the_belt_does_not_heed_is_none() -> None:
    old = Takeover(100.0, (69.9, 300), CEILING, 300)
    assert old.on_reading(101.0, 500, is_steady=True) == 500 and old.is_over
    recent = Takeover(100.0, (70.0, 300), CEILING, 300)
    assert recent.on_reading(101.0, 500, is_steady=True) == 300 and not recent.is_over
    unheeded = Takeover(100.0, (95.0, 300), CEILING, 300)
    assert unheeded.on_reading(105.0, 500, is_steady=True) == 300 and not unheeded.is_over
    assert unheeded.on_reading(105.1, 500, is_steady=False) == 300 and not unheeded.is_over
    assert unheeded.on_reading(106.0, 500, is_steady=True) == 500 and unheeded.is_over


def test_a_hand_meanwhile_counts_from_its_own_moment() -> None:
    takeover = Takeover(100.0, None, CEILING, 300)
    takeover.hand_set(104.0, 300)
    assert takeover.on_reading(108.9, 500, is_steady=True) == 300 and not takeover.is_over
    assert takeover.on_reading(109.1, 500, is_steady=True) == 500 and takeover.is_over


def test_it_does_not_last_for_ever() -> None:
    takeover = Takeover(100.0, (95.0, 300), CEILING, 300)
    assert takeover.on_reading(130.0, 500, is_steady=False) == 300 and not takeover.is_over
    assert takeover.on_reading(130.1, 490, is_steady=False) == 300 and takeover.is_over


def test_a_hand_at_nothing_is_no_order_of_nothing() -> None:
    assert Takeover(100.0, (99.0, 0), CEILING, 300).on_reading(101.0, 500, is_steady=False) == 1


def test_a_belt_on_its_way_past_the_ceiling_is_told_to_stay_where_it_is() -> None:
    takeover = Takeover(100.0, (95.0, 1201), CEILING, 300)
    assert takeover.on_reading(101.0, 1200, is_steady=False) == 1200
    assert takeover.is_over and takeover.must_order
    inside = Takeover(100.0, (95.0, 1200), CEILING, 300)
    assert inside.on_reading(101.0, 900, is_steady=False) == 900
    assert not inside.is_over and not inside.must_order
    above = Takeover(100.0, (95.0, 1300), CEILING, 300)
    assert above.on_reading(101.0, 1201, is_steady=False) == 1201
    assert above.is_over and above.must_order, "past it already, and on its way further up"
    assert above.on_reading(101.5, 1290, is_steady=False) == 1290 and not above.must_order, "it is there"
    assert above.on_reading(102.0, 1190, is_steady=False) == 1190 and not above.must_order, "it falls"
    assert above.on_reading(103.0, 1199, is_steady=False) == 1199 and above.must_order
    late = Takeover(100.0, None, CEILING, 300)
    late.hand_set(101.0, 1300)
    assert late.on_reading(102.0, 900, is_steady=False) == 900 and late.must_order
    late.hand_set(103.0, 800)
    late.on_reading(103.5, 900, is_steady=False)
    assert not late.must_order and not late.is_over


@given(
    hand=st.none() | st.tuples(st.floats(0, 100), st.integers(0, 2500)),
    readings=st.lists(st.tuples(st.floats(0.1, 5), st.integers(1, 2500), st.booleans()), max_size=30),
)
def test_orders_never_begin_above_what_the_belt_does(
    hand: tuple[float, int] | None, readings: list[tuple[float, int, bool]]
) -> None:
    takeover, now = Takeover(100.0, hand, CEILING, 300), 100.0
    for wait, ckmh, is_steady in readings:
        now += wait
        base = takeover.on_reading(now, ckmh, is_steady=is_steady)
        assert 0 < base <= ckmh
        assert base == ckmh or (hand is not None and base == max(hand[1], 1))
        assert takeover.is_over or now - 100 <= 30
        assert not takeover.must_order or (hand is not None and hand[1] > CEILING)
