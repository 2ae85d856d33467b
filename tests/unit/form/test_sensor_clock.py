"""Stamps to times: true rates, missing and repeated packets, clocks that are set."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.samples import InertialFrame
from treadcoach.form.sensor_clock import SensorClock


def _frame(stamp_s: float, count: int = 36) -> InertialFrame:
    return InertialFrame(stamp_s, ((0.0, 0.0, 1.0),) * count)


def test_the_rate_is_what_the_stamps_say() -> None:
    clock = SensorClock(200.0)
    for k in range(400):
        clock.place(k * 36 / 203.6, _frame(1e9 + k * 36 / 203.6))
    assert clock.rate_hz == pytest.approx(203.6, rel=0.002)


def test_times_rise_without_a_break_over_good_packets() -> None:
    clock = SensorClock(200.0)
    times: list[float] = []
    for k in range(1, 40):
        placed = clock.place(50 + k * 0.18, _frame(7 + k * 0.18))
        assert placed is not None
        times += placed[0].tolist()
    assert len(times) == 39 * 36
    assert all(0.003 < b - a < 0.007 for a, b in itertools.pairwise(times))


def test_a_missing_packet_leaves_a_hole() -> None:
    clock = SensorClock(200.0)
    clock.place(0.18, _frame(0.18))
    clock.place(0.36, _frame(0.36))
    placed = clock.place(0.72, _frame(0.72))
    assert placed is not None
    assert placed[0][0] == pytest.approx(0.72 - 35 / 200, abs=0.002)


def test_a_repeat_is_dropped() -> None:
    clock = SensorClock(200.0)
    assert clock.place(1.0, _frame(0.5)) is not None
    assert clock.place(1.1, _frame(0.5)) is None
    assert clock.place(1.2, InertialFrame(0.6, ())) is None


def test_a_clock_that_is_set_back_goes_on_in_our_time() -> None:
    clock = SensorClock(200.0)
    for k in range(1, 20):
        clock.place(100 + k * 0.18, _frame(600e6 + k * 0.18))
    before = clock.place(100 + 20 * 0.18, _frame(600e6 + 20 * 0.18))
    after = clock.place(100 + 21 * 0.18, _frame(3.0))
    assert before is not None and after is not None
    assert clock.resets == 1
    assert 0 < after[0][0] - before[0][-1] < 0.02
    jump = clock.place(100 + 22 * 0.18, _frame(5000.0))
    assert jump is not None and clock.resets == 2 and jump[0][-1] == pytest.approx(100 + 22 * 0.18, abs=0.2)


def test_a_link_that_was_gone_for_a_while_is_no_clock_that_was_set() -> None:
    clock = SensorClock(200.0)
    clock.place(10.0, _frame(1.0))
    placed = clock.place(70.0, _frame(61.0))
    assert placed is not None and clock.resets == 0
    assert placed[0][-1] == pytest.approx(70.0)


@given(
    st.lists(
        st.tuples(st.floats(0.0, 3.0), st.floats(-1e6, 1e10), st.integers(0, 50)), min_size=1, max_size=60
    )
)
def test_whatever_the_stamps_say_times_only_rise(story: list[tuple[float, float, int]]) -> None:
    clock = SensorClock(104.0)
    now, last = 0.0, float("-inf")
    for wait, stamp, count in story:
        now += wait
        placed = clock.place(now, _frame(stamp, count))
        if placed is None:
            continue
        times, rows = placed
        assert len(times) == len(rows)
        assert times[0] > last
        last = times[-1]


def test_a_clock_that_runs_away_slowly_is_brought_back() -> None:
    """Twice as fast as ours: no single packet jumps, but no sample ends up far from its arrival."""
    clock = SensorClock(200.0)
    for k in range(1, 400):
        now = 0.18 * k
        placed = clock.place(now, _frame(2 * now))
        assert placed is None or abs(placed[0][-1] - now) < 3.2
    assert clock.resets > 3
