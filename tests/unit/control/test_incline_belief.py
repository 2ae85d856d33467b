"""What is believed of an incline: range, motion, answers to orders, and a person's word."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.control.incline_belief import InclineBelief, InclineTrust
from treadcoach.core.samples import InclineRange
from treadcoach.planning.guidance import load_guidance

RULES = replace(load_guidance().belt, stale_hold_s=3.0, stale_stop_s=8.0, watch_follow_s=20.0)
REACH = InclineRange(0.0, 12.0, 0.5)


def new(reach: InclineRange | None = REACH, bound: float = 10.0) -> InclineBelief:
    return InclineBelief(RULES, reach, bound)


def at(percent: float, until_s: float = 5.0, bound: float = 10.0) -> InclineBelief:
    """A belief in a machine that has reported this for some seconds."""
    belief = new(bound=bound)
    for second in range(int(until_s) + 1):
        assert belief.on_reading(float(second), percent) is None
    return belief


def test_a_machine_without_a_motor_is_flat() -> None:
    belief = new(None)
    assert belief.on_reading(0.0, 7.0) is None
    assert (belief.trust, belief.percent) == (InclineTrust.FLAT, 0.0)
    assert not belief.can_be_ordered() and not belief.is_possible(0.0) and not belief.stated(0.0)
    assert belief.worst_percent(5.0) == 0.0


def test_what_is_not_reported_is_not_known_and_counts_as_the_steepest() -> None:
    belief = new()
    assert (belief.trust, belief.percent) == (InclineTrust.UNKNOWN, None)
    assert not belief.can_be_ordered()
    assert belief.worst_percent(None) == 12.0
    assert belief.worst_percent(13.0) == 13.0
    assert new(InclineRange(0.0, 80.0, 1.0)).worst_percent(None) == 25.0
    assert belief.doubted_words() == "This machine does not say how steep its belt is."


def test_a_report_that_never_moved_is_a_claim() -> None:
    belief = at(3.0)
    assert (belief.trust, belief.percent) == (InclineTrust.CLAIMED, 3.0)
    assert belief.can_be_ordered()
    assert belief.worst_percent(None) == 3.0
    assert belief.worst_percent(4.5) == 4.5, "or what was ordered"
    assert at(0.0).worst_percent(None) == 0.0
    assert belief.doubted_words() == "This machine says that its belt is at 3 %, which may not be so."


def test_a_constant_above_the_bound_is_not_believed() -> None:
    assert at(10.25, bound=10.0).trust is InclineTrust.CLAIMED
    above = at(10.26, bound=10.0)
    assert (above.trust, above.percent) == (InclineTrust.UNKNOWN, None)
    assert not above.can_be_ordered()
    assert above.worst_percent(None) == 12.0
    assert above.doubted_words().startswith("This machine says that its belt is at 10.26 %")


def test_a_motor_that_is_seen_to_move_is_borne_out() -> None:
    belief = at(10.0, bound=2.0)
    assert belief.trust is InclineTrust.UNKNOWN
    assert belief.on_reading(6.0, 9.5) is None
    assert (belief.trust, belief.percent) == (InclineTrust.BORNE_OUT, 9.5), "above the bound too, then"
    assert belief.worst_percent(11.0) == 9.5
    assert belief.can_be_ordered()


def test_a_report_that_wavers_is_no_motor_that_moves() -> None:
    belief = new()
    for second in range(100):
        belief.on_reading(float(second), 3.0 + 0.1 * (second % 3))
    assert belief.trust is InclineTrust.CLAIMED
    slow = new()
    for second in range(4):
        assert slow.trust is not InclineTrust.BORNE_OUT
        slow.on_reading(float(second), 3.0 + 0.1 * second)
    assert slow.trust is InclineTrust.BORNE_OUT, "0.3 % in all is motion, also by tenths"
    down = new()
    for second in range(4):
        down.on_reading(float(second), 3.0 - 0.1 * second)
    assert down.trust is InclineTrust.BORNE_OUT


def test_a_person_who_looks_at_the_belt_knows_better_than_its_range() -> None:
    belief = new()
    assert belief.stated(16.0) and belief.percent == 16.0 and belief.too_steep_percent == 16.0
    for nonsense in (25.5, -10.5, math.nan, math.inf):
        assert not new().stated(nonsense)


def test_a_motor_that_was_seen_to_move_may_go_past_its_range() -> None:
    climbing = at(3.0)
    for second in range(1, 30):
        assert climbing.on_reading(5.0 + second, 3.0 + 0.5 * second) is None
    assert climbing.percent == 17.5, "past the 12 % that its machine states, as a motor does"
    assert climbing.on_reading(36.0, 26.0) is not None, "no treadmill is that steep"
    jump = at(3.0)
    assert jump.on_reading(6.0, 4.0) is None
    assert jump.on_reading(7.0, 16.0) is not None and jump.percent == 4.0
    still = at(12.0, bound=15.0)
    assert still.on_reading(6.0, 13.3) is not None, "one that was not seen to move is believed in its range"


@pytest.mark.parametrize("percent", [-1.11, 13.11, 100.0, -100.0, math.nan, math.inf])
def test_an_incline_that_the_motor_cannot_have_is_not_believed(percent: float) -> None:
    belief = at(3.0)
    why = belief.on_reading(6.0, percent)
    assert why == f"an incline of {percent:g} % is not believed: this machine goes from 0 to 12 %"
    assert belief.percent == 3.0, "one such report is no end of what was known"
    assert belief.doubted_words().startswith("This machine says that its belt is at " + f"{percent:g} %")
    assert not belief.is_possible(percent)
    belief.on_reading(8.0, percent)
    assert belief.percent == 3.0
    belief.on_reading(8.1, percent)
    assert belief.percent is None, "but for ever it is not known by it"
    assert belief.on_reading(9.0, 11.0) is None
    assert belief.trust is InclineTrust.CLAIMED or belief.trust is InclineTrust.UNKNOWN


def test_the_edges_of_the_range() -> None:
    for percent in (-1.1, 13.1):
        assert new().on_reading(0.0, percent) is None and new().is_possible(percent)
    wide = new(InclineRange(-40.0, 90.0, 1.0))
    for percent, possible in ((-11.1, True), (-11.2, False), (26.1, True), (26.2, False)):
        assert wide.is_possible(percent) is possible


def test_after_a_report_out_of_range_the_next_has_to_be_a_motion_from_the_last() -> None:
    belief = at(3.0)
    belief.on_reading(6.0, 99.0)
    assert (
        belief.on_reading(7.0, 11.0) == "an incline of 11 % is not believed: no motor gets there that quickly"
    )
    assert belief.percent == 3.0


@pytest.mark.parametrize("elapsed_s", [0.0, 1.0, 4.0])
def test_a_motion_at_its_edge(elapsed_s: float) -> None:
    for sign in (1, -1):
        reach = 0.5 + 1.5 * elapsed_s
        belief = at(6.5, bound=12.0)
        assert belief.on_reading(5.0 + elapsed_s, 6.5 + sign * reach) is None
        belief = at(6.5, bound=12.0)
        percent = 6.5 + sign * (reach + 0.01)
        if belief.is_possible(percent):
            why = belief.on_reading(5.0 + elapsed_s, percent)
            assert why == f"an incline of {percent:g} % is not believed: no motor gets there that quickly"
            assert belief.percent == 6.5 and belief.doubted == percent


def test_a_jump_that_stays_is_believed_after_all_as_a_claim() -> None:
    belief = at(1.0)
    belief.on_reading(6.0, 2.0)
    assert belief.trust is InclineTrust.BORNE_OUT
    assert belief.on_reading(6.1, 9.0) is not None
    for now in (6.5, 7.0, 7.5, 8.0):
        assert belief.on_reading(now, 9.25) is not None, "about the same, not for long enough"
    assert belief.percent == 2.0
    assert belief.on_reading(9.1, 9.0) is None
    assert (belief.trust, belief.percent) == (InclineTrust.CLAIMED, 9.0), "it was not seen to move there"
    assert belief.doubted is None
    belief.on_reading(10.0, 9.2)
    assert belief.trust is InclineTrust.CLAIMED
    belief.on_reading(11.0, 9.3)
    assert belief.trust is InclineTrust.BORNE_OUT


def test_a_jump_counts_from_its_own_first_report() -> None:
    belief = at(1.0)
    for now, percent in ((5.5, 8.0), (6.0, 11.0), (6.5, 8.0), (7.0, 11.0), (7.5, 8.0), (8.0, 11.0)):
        assert belief.on_reading(now, percent) is not None, "no two in a row are the same"
    assert belief.percent == 1.0
    again = at(1.0)
    again.on_reading(5.5, 9.0)
    again.on_reading(6.0, 1.0)
    assert again.on_reading(8.6, 9.0) is not None, "it was back in between"


def test_a_report_that_does_not_answer_to_orders_is_left_out() -> None:
    belief = at(3.0)
    belief.on_order(10.0, 3.5)
    assert belief.on_reading(30.0, 3.0) is None
    why = belief.on_reading(30.1, 3.0)
    assert why == "an incline of 3 % is not believed: it does not answer to what is ordered"
    assert (belief.trust, belief.percent) == (InclineTrust.UNKNOWN, None)
    assert belief.doubted == 3.0
    assert belief.on_reading(31.0, 3.0) is not None
    belief.link_changed()
    assert belief.on_reading(40.0, 3.0) is None and belief.trust is InclineTrust.CLAIMED


def test_a_report_that_wavers_does_not_answer_either() -> None:
    belief = at(3.0)
    belief.on_order(10.0, 6.0)
    said = [belief.on_reading(10.0 + k, 3.0 + 0.1 * (k % 2)) for k in range(22)]
    assert said[20] is None and said[21] is not None


def test_orders_in_a_row_give_no_new_patience() -> None:
    belief = at(3.0)
    said = []
    for k in range(30):
        now = 10.0 + k
        if k % 2 == 0:
            belief.on_order(now, min(3.5 + k / 4, 9.0))
        said.append(belief.on_reading(now, 3.0))
    assert said[20] is None and said[21] is not None
    assert belief.percent is None


def test_an_order_after_one_that_was_carried_out_has_its_own_patience() -> None:
    belief = at(3.0)
    belief.on_order(10.0, 3.0)
    belief.on_order(25.0, 3.5)
    assert belief.on_reading(31.0, 3.0) is None, "the first asked for nothing"
    assert belief.on_reading(45.0, 3.0) is None
    assert belief.on_reading(45.1, 3.0) is not None
    near = at(3.0)
    near.on_order(10.0, 3.25)
    assert near.on_reading(60.0, 3.0) is None, "so near is there"
    moved = at(3.0)
    moved.on_order(10.0, 3.5)
    moved.on_reading(12.0, 3.5)
    moved.on_order(20.0, 4.0)
    assert moved.on_reading(60.0, 3.5) is None and moved.trust is InclineTrust.BORNE_OUT
    blind = new()
    blind.on_order(0.0, 3.0)
    assert blind.on_reading(30.0, 1.0) is None, "where it was at the order is not known"


def test_a_person_says_how_steep_it_is() -> None:
    belief = new()
    assert belief.stated(4.0)
    assert (belief.trust, belief.percent) == (InclineTrust.STATED, 4.0)
    assert not belief.can_be_ordered(), "what cannot be seen is not ordered"
    assert belief.worst_percent(6.0) == 4.0
    assert not belief.stated(50.0) and belief.percent == 4.0
    assert belief.on_reading(1.0, 2.0) is None
    assert (belief.trust, belief.percent) == (InclineTrust.CLAIMED, 2.0), "a report that can be goes before"
    belief.link_changed()
    assert belief.percent == 4.0
    belief.on_order(2.0, 3.0)
    assert belief.percent is None, "an order makes an end of it"


def test_what_is_not_reported_any_more_is_forgotten() -> None:
    belief = at(3.0)
    belief.on_silence(13.0)
    assert belief.percent == 3.0
    belief.on_silence(13.1)
    assert belief.percent is None
    belief.on_silence(14.0)
    assert belief.on_reading(15.0, 9.0) is None, "and the next report is a first one"
    borne = at(3.0)
    borne.on_reading(6.0, 3.2)
    borne.on_silence(20.0)
    borne.on_reading(21.0, 3.4)
    assert borne.trust is InclineTrust.CLAIMED, "what moved unseen was not seen to move"


@given(
    reports=st.lists(
        st.tuples(st.floats(0, 12), st.sampled_from([0.0, 1.0, 5.0, 12.0, 25.5, 99.0]) | st.floats(-50, 120)),
        max_size=40,
    ),
    bound=st.floats(0, 15),
)
def test_nothing_out_of_range_is_believed_and_no_claim_above_the_bound(
    reports: list[tuple[float, float]], bound: float
) -> None:
    belief, now = new(bound=bound), 0.0
    for wait, percent in reports:
        now += wait
        belief.on_reading(now, percent)
        believed = belief.percent
        assert believed is None or -1.1 <= believed <= 13.1 or belief.trust is InclineTrust.BORNE_OUT
        assert believed is None or -10.0 <= believed <= 25.0
        if belief.trust is InclineTrust.CLAIMED:
            assert believed is not None and believed <= bound + 0.25
        assert belief.can_be_ordered() is (believed is not None)
        assert belief.worst_percent(None) >= (12.0 if believed is None else believed)


def test_a_motor_that_nobody_knows_of_is_asked_about_after_three_tilts() -> None:
    belief = InclineBelief(RULES, None, 10.0, is_motor_known=False)
    for percent in (0.9, -0.9, 30.0, 1.0, -1.0):
        assert belief.on_reading(0.0, percent) is None
    assert (belief.trust, belief.percent) == (InclineTrust.FLAT, 0.0), "two that count"
    belief.on_reading(1.0, 4.0)
    assert (belief.trust, belief.percent) == (InclineTrust.UNKNOWN, None)
    assert belief.worst_percent(None) == 4.0 and belief.worst_percent(6.0) == 6.0
    belief.on_reading(2.0, 0.2)
    assert belief.worst_percent(None) == 4.0
    assert belief.stated(6.0) and belief.percent == 6.0
    other = InclineBelief(RULES, None, 10.0, is_motor_known=False)
    other.carry_on(belief)
    assert (other.trust, other.percent, other.doubted) == (InclineTrust.STATED, 6.0, 4.0)


def test_what_a_person_may_say_has_its_edges() -> None:
    for percent in (-10.0, 25.0):
        assert new().stated(percent)
    for percent in (-10.01, 25.01):
        assert not new().stated(percent)


def test_how_a_motor_walks_out_exactly() -> None:
    def out(percent: float, seconds: float = 1.0) -> bool:
        belief = at(12.0, bound=15.0)
        belief.on_reading(6.0, 13.0)
        assert belief.trust is InclineTrust.BORNE_OUT
        return belief.on_reading(6.0 + seconds, percent) is None

    assert out(14.75) and not out(14.76)
    assert out(16.25, 2.0) and not out(16.26, 2.0)
    lowest = at(0.0)
    lowest.on_reading(6.0, -1.0)
    assert lowest.on_reading(7.0, -2.75) is None and lowest.on_reading(8.0, -4.51) is not None
    assert at(3.0).is_far(3.26) and not at(3.0).is_far(3.25) and not new().is_far(9.0)


def test_a_motor_may_walk_as_far_as_any_treadmill_goes() -> None:
    up, down = at(3.0), at(3.0)
    for second in range(1, 45):
        assert up.on_reading(5.0 + second, 3.0 + 0.5 * second) is None
        if 3.0 - 0.5 * second >= -10.0:
            assert down.on_reading(5.0 + second, 3.0 - 0.5 * second) is None
    assert up.percent == 25.0 and down.percent == -10.0
    wavers = at(3.0)
    assert wavers.on_reading(6.0, 3.25) is None and wavers.trust is InclineTrust.CLAIMED
    assert wavers.on_reading(7.0, 3.26) is None and wavers.trust is InclineTrust.BORNE_OUT
