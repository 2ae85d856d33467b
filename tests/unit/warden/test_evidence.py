"""What a belt's readings are worth after a STOP."""

import pytest

from treadcoach.core.samples import TreadmillData
from treadcoach.warden.evidence import Evidence, Verdict


def reading(
    speed_kmh: float | None, distance_m: int | None = None, elapsed_s: int | None = None
) -> TreadmillData:
    return TreadmillData(speed_kmh=speed_kmh, distance_m=distance_m, elapsed_s=elapsed_s)


def heard(*frames: tuple[float, TreadmillData], may_have_moved: bool = False) -> Evidence:
    evidence = Evidence(0.0, may_have_moved=may_have_moved)
    for t_s, frame in frames:
        evidence.heard(t_s, frame)
    return evidence


def test_one_zero_is_nothing_and_two_a_second_apart_are_a_stand() -> None:
    evidence = heard((1.0, reading(0.0)))
    assert evidence.verdict(1.0) is Verdict.UNCLEAR
    evidence.heard(1.4, reading(0.1))
    assert evidence.verdict(1.4) is Verdict.UNCLEAR
    evidence.heard(2.0, reading(0.0))
    assert evidence.verdict(2.0) is Verdict.STANDS


def test_a_movement_between_two_zeros_undoes_the_first() -> None:
    evidence = heard((1.0, reading(0.0)), (1.5, reading(0.4)), (2.0, reading(0.0)))
    assert evidence.verdict(2.0) is Verdict.UNCLEAR
    evidence.heard(3.0, reading(0.0))
    assert evidence.verdict(3.0) is Verdict.STANDS


def test_zeros_grow_old() -> None:
    evidence = heard((1.0, reading(0.0)), (2.0, reading(0.0)))
    assert evidence.verdict(5.0) is Verdict.STANDS
    assert evidence.verdict(5.1) is Verdict.SILENT


def test_a_belt_that_just_ran_does_not_stand_sooner_than_belts_brake() -> None:
    evidence = heard((1.0, reading(12.0)), (1.1, reading(0.0)), (2.2, reading(0.0)))
    assert evidence.verdict(2.2) is Verdict.UNCLEAR
    evidence.heard(3.9, reading(0.0))
    assert evidence.verdict(3.9) is Verdict.UNCLEAR
    evidence.heard(4.0, reading(0.0))
    assert evidence.verdict(4.0) is Verdict.STANDS


def test_a_belt_of_unknown_speed_is_taken_for_a_fast_one() -> None:
    frames = [(float(t), reading(0.0)) for t in range(1, 5)]
    assert heard(*frames, may_have_moved=True).verdict(4.0) is Verdict.UNCLEAR
    assert heard(*frames, (5.0, reading(0.0)), may_have_moved=True).verdict(5.0) is Verdict.STANDS


def test_zeros_with_a_distance_that_grows_are_no_stand() -> None:
    evidence = heard(*((float(t), reading(0.0, 100 + 2 * t)) for t in range(30)))
    assert evidence.verdict(29.0) is Verdict.UNCLEAR
    assert evidence.has_moved and evidence.counts_on(29.0)


def test_a_distance_set_back_by_the_stop_is_no_movement() -> None:
    evidence = heard((1.0, reading(0.0, 400)), (2.0, reading(0.0, 0)), (3.0, reading(0.0, 0)))
    assert evidence.verdict(3.0) is Verdict.STANDS
    assert not evidence.has_moved


def test_the_distance_may_come_in_a_frame_of_its_own() -> None:
    evidence = Evidence(0.0, may_have_moved=False)
    for t in range(10):
        evidence.heard(t, reading(None, 50 + 2 * t))
        evidence.heard(t + 0.01, reading(0.0))
    assert evidence.has_moved
    for t in range(10, 14):
        evidence.heard(t, reading(None, 70))
        evidence.heard(t + 0.01, reading(0.0))
    assert evidence.verdict(13.02) is Verdict.STANDS


def test_a_cut_frame_says_nothing_of_a_stand() -> None:
    cut = TreadmillData(speed_kmh=0.0, truncated=True)
    evidence = heard((1.0, cut), (2.0, cut), (3.0, cut))
    assert evidence.verdict(3.0) is Verdict.UNCLEAR and not evidence.has_zeros
    assert heard((1.0, reading(0.0))).has_zeros


@pytest.mark.parametrize("odd", [655.35, 30.1])
def test_an_impossible_speed_neither_moves_the_belt_nor_lets_it_stand(odd: float) -> None:
    evidence = heard((1.0, reading(0.0)), (1.5, reading(odd)), (2.0, reading(odd)), (2.5, reading(0.0)))
    assert not evidence.has_moved
    assert evidence.verdict(3.0) is Verdict.UNCLEAR


def test_movement_takes_two_readings_in_a_row() -> None:
    assert not heard((1.0, reading(5.0)), (2.0, reading(0.0)), (3.0, reading(5.0))).has_moved
    assert heard((1.0, reading(5.0)), (2.0, reading(4.0))).has_moved


@pytest.mark.parametrize(
    ("frame", "frozen_after_s"),
    [(reading(8.0, 400, 90), 6), (reading(8.0, None, 90), 6), (reading(8.0, 400), 14), (reading(8.0), None)],
)
def test_a_machine_that_repeats_itself_is_frozen_where_it_should_count_on(
    frame: TreadmillData, frozen_after_s: int | None
) -> None:
    evidence = Evidence(0.0, may_have_moved=True)
    for t in range(60):
        evidence.heard(t, frame)
        is_frozen = frozen_after_s is not None and t >= frozen_after_s
        assert evidence.verdict(t) is (Verdict.FROZEN if is_frozen else Verdict.MOVES)


def test_a_belt_that_counts_on_at_an_even_speed_moves() -> None:
    evidence = heard(*((float(t), reading(8.0, 400 + 2 * t, 90 + t)) for t in range(60)), may_have_moved=True)
    assert evidence.verdict(59.0) is Verdict.MOVES


def test_what_came_over_an_old_link_proves_nothing_with_what_comes_over_a_new_one() -> None:
    evidence = heard((1.0, reading(0.0)))
    evidence.new_link()
    assert evidence.verdict(1.1) is Verdict.SILENT
    evidence.heard(2.0, reading(0.0))
    assert evidence.verdict(2.0) is Verdict.UNCLEAR


def test_slowing_is_seen_over_seconds() -> None:
    evidence = heard((1.0, reading(8.0)), (2.0, reading(7.5)))
    assert evidence.slows(2.0)
    assert not evidence.slows(9.0)
    assert not heard((1.0, reading(8.0)), (2.0, reading(7.9))).slows(2.0)
