"""A pulse that can be trusted, and one that counts steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.heart import CadenceLock, HeartMonitor
from treadcoach.core.samples import HeartRate


def locked(pairs: list[tuple[int | None, float | None]], apart_s: float = 1.0) -> list[bool]:
    lock, out = CadenceLock(30.0), []
    for k, (bpm, cadence) in enumerate(pairs):
        lock.update(100.0 + k * apart_s, bpm, cadence)
        out.append(lock.is_locked)
    return out


def test_a_pulse_that_follows_the_steps_through_a_change_counts_steps() -> None:
    pairs: list[tuple[int | None, float | None]] = [(160, 160.0)] * 15 + [(168, 168.0)] * 20
    assert locked(pairs) == [False] * 30 + [True] * 5


def test_a_pulse_that_follows_every_other_step_counts_steps_too() -> None:
    pairs: list[tuple[int | None, float | None]] = [(74, 148.0)] * 15 + [(79, 158.0)] * 20
    assert locked(pairs) == [False] * 30 + [True] * 5


def test_a_pulse_near_a_steady_cadence_says_nothing() -> None:
    assert not any(locked([(160, 160.0 + k % 8 * 0.99) for k in range(120)]))
    assert not any(locked([(164, 160.0), (163, 167.9)] * 60))


def test_a_change_of_eight_steps_is_enough_and_four_beats_are_near() -> None:
    assert locked([(164, 160.0)] * 20 + [(164, 168.0)] * 20)[-1]
    assert not locked([(164, 160.0)] * 20 + [(164, 167.9)] * 20)[-1]
    assert not locked([(165, 160.0)] * 20 + [(164, 168.0)] * 20)[-1]


def test_the_change_has_to_be_of_the_last_minute() -> None:
    slow: list[tuple[int | None, float | None]] = [(round(150 + k / 10), 150 + k / 10) for k in range(200)]
    assert not any(locked(slow)), "6 steps in a minute: a heart may do that too"
    quick: list[tuple[int | None, float | None]] = [(round(150 + k / 7), 150 + k / 7) for k in range(200)]
    assert any(locked(quick))


def test_a_gap_of_either_begins_anew() -> None:
    for gap in ((None, 160.0), (160, None)):
        pairs: list[tuple[int | None, float | None]] = [(160, 160.0)] * 15 + [(168, 168.0)] * 10
        assert not any(locked([*pairs, gap, *[(168, 168.0)] * 25]))


def test_a_locked_pulse_is_let_go_when_it_has_been_apart_for_a_while() -> None:
    lock = CadenceLock(30.0)
    for k in range(40):
        lock.update(float(k), 160 if k < 15 else 170, 160.0 if k < 15 else 170.0)
    assert lock.is_locked
    lock.update(40.0, 140, 170.0)
    lock.update(41.0, 170, 170.0)
    for k in range(42, 52):
        lock.update(float(k), 140, 170.0)
        assert lock.is_locked, "apart since 42 only"
    lock.update(52.0, 140, 170.0)
    assert not lock.is_locked
    for k in range(53, 80):
        lock.update(float(k), 170, 170.0)
    assert not lock.is_locked


def test_while_nothing_is_known_a_lock_stays() -> None:
    lock = CadenceLock(30.0)
    for k in range(40):
        lock.update(float(k), 160 if k < 15 else 170, 160.0 if k < 15 else 170.0)
    for k in range(40, 100):
        lock.update(float(k), None, 170.0)
    assert lock.is_locked


@given(beats=st.lists(st.tuples(st.integers(60, 200), st.floats(60, 200), st.floats(0.5, 5)), max_size=60))
def test_a_pulse_that_was_not_near_for_long_is_never_locked(beats: list[tuple[int, float, float]]) -> None:
    lock, now = CadenceLock(30.0), 0.0
    near_since: float | None = None
    was_near_for_long = False
    for bpm, cadence, wait in beats:
        now += wait
        lock.update(now, bpm, cadence)
        is_near = abs(bpm - cadence) <= 4
        near_since = (now if near_since is None else near_since) if is_near else None
        was_near_for_long = was_near_for_long or (near_since is not None and now - near_since >= 30)
        assert not lock.is_locked or was_near_for_long


# -- trust ---------------------------------------------------------------------------------------


def test_why_a_pulse_is_not_used() -> None:
    heart = HeartMonitor(6.0, 60.0)
    assert heart.doubt(0.0) == "no pulse yet" and heart.age_s(0.0) is None and not heart.seen
    heart.update(100.0, HeartRate(150, contact=True))
    assert heart.trusted_bpm(106.0) == 150 and heart.age_s(101.0) == 1.0 and heart.seen
    assert heart.trusted_bpm(106.1) is None and heart.doubt(107.0) == "no pulse for 7 s"
    heart.update(108.0, HeartRate(150, contact=False))
    assert heart.doubt(108.0) == "the strap has no skin contact"
    for bpm, is_one in ((29, False), (30, True), (225, True), (226, False), (0, False)):
        heart.update(109.0, HeartRate(bpm))
        assert (heart.trusted_bpm(109.0) == bpm) is is_one
    assert heart.doubt(109.0) == "a pulse of 0 is not believable"


@pytest.mark.parametrize("beats", [False, True])
def test_a_pulse_that_never_changes_is_frozen_unless_its_beats_do(beats: bool) -> None:
    heart = HeartMonitor(6.0, 60.0)
    for k in range(62):
        heart.update(float(k), HeartRate(150, rr_s=(0.4 + k % 2 / 100,) if beats else (0.4,)))
        assert heart.trusted_bpm(float(k)) == (150 if beats or k <= 60 else None)
    if not beats:
        assert heart.doubt(61.0) == "the pulse has been 150 for 61 s: frozen"
        heart.update(62.0, HeartRate(151))
        assert heart.trusted_bpm(62.0) == 151


def course(*beats: int | None, apart_s: float = 1.0) -> list[int | None]:
    """What is believed of a strap that says these values; None: silence."""
    heart, believed = HeartMonitor(6.0, 60.0), []
    for second, bpm in enumerate(beats):
        if bpm is not None:
            heart.update(second * apart_s, HeartRate(bpm, contact=True))
        believed.append(heart.trusted_bpm(second * apart_s))
    return believed


def test_no_heart_slows_so_quickly() -> None:
    down = [170 - second for second in range(60)]
    assert course(*down) == down, "as after an effort"
    assert course(170, 171, 170, 149) == [170, 171, 170, 149]
    assert course(170, 171, 170, 148) == [170, 171, 170, None]
    assert course(170, 171, 170, *[130] * 30)[3:] == [None] * 19 + [130] * 11, "once it could be there"
    assert course(170, 171, 170, None, None, None, None, 145)[7] == 145, "nobody saw it slow"
    assert course(170, 110, 111, 112) == [170, 110, 111, 112], "one beat is no base"
    assert course(110, 111, 220, 112, 111) == [110, 111, 220, 112, 111]


def test_every_other_beat_is_believed_once_it_has_jumped_back() -> None:
    halved = [85 + second % 2 for second in range(200)]
    assert course(170, 171, 170, *halved)[3:] == [None] * 200
    assert course(170, 171, 170, *halved, 140, 141, 140)[-3:] == [None, None, 140], "it jumps back, and stays"
    slowly = [85 + second // 3 for second in range(200)]
    assert course(170, 171, 170, *slowly)[-1] == 151, "or comes near to where it was"
    for stray in ([170], [0], [130], [170, 171], [130, 131], [225]):
        said = course(170, 171, 170, 85, 86, *stray, *halved)
        assert said[-200:] == [None] * 200, "a beat or two are not back"
    assert course(170, 171, 170, 85, 86, *[None] * 7, 84)[-1] == 84, "after a silence it begins anew"
    switched = HeartMonitor(6.0, 60.0)
    for second, bpm in enumerate((170, 171, 170, 85)):
        switched.update(float(second), HeartRate(bpm, contact=True))
    assert switched.doubt(3.0) == "the pulse fell from 170 to 85 quicker than a heart slows"
    switched.another_source()
    switched.update(4.0, HeartRate(86, contact=True))
    assert switched.trusted_bpm(4.0) == 86
