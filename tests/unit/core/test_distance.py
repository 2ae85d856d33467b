"""Distance from speed and counter: through counters that are coarse, missing, begin anew, or are wrong."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.distances import one_session
from treadcoach.core.distance import DistanceCounter


def walked(
    *,
    metres: float = 2000.0,
    step_m: int = 1,
    bias: float = 1.0,
    resets: tuple[int, ...] = (),
    counts: bool = True,
    period_s: float = 1.0,
    speed_kmh: float = 6.0,
) -> tuple[float, float]:
    """(true, said) of a walk; bias: the machine's speed against its counter."""
    counter, true, machine, now, at = DistanceCounter(), 0.0, 0.0, 0.0, 0
    counter.update(0.0, speed_kmh * bias, 0 if counts else None)
    while true < metres:
        now += period_s
        at += 1
        speed = speed_kmh + (at % 40) / 40
        true += speed / 3.6 * period_s
        machine = 0.0 if at in resets else machine + speed / 3.6 * period_s
        counter.update(now, speed * bias, int(machine) // step_m * step_m if counts else None)
    return true, counter.total_m


@pytest.mark.parametrize("step_m", [1, 5, 10])
@pytest.mark.parametrize("resets", [(), (300,), (200, 333, 500, 520, 700)])
@pytest.mark.parametrize("period_s", [0.25, 1.0, 2.0])
def test_steps_resets_and_paces(step_m: int, resets: tuple[int, ...], period_s: float) -> None:
    true, said = walked(step_m=step_m, resets=resets, period_s=period_s)
    assert said == pytest.approx(true, rel=0.001, abs=0.6 * step_m)


@pytest.mark.parametrize("bias", [0.95, 0.98, 1.02, 1.05])
def test_a_speed_that_is_off_follows_the_counter(bias: float) -> None:
    true, said = walked(bias=bias)
    assert said == pytest.approx(true, rel=0.001)
    true, said = walked(bias=bias, counts=False)
    assert said == pytest.approx(true * bias, rel=0.002), "without a counter there is nothing better"


def test_a_silence_is_bridged_by_the_counter() -> None:
    counter = DistanceCounter()
    for second in range(120):
        counter.update(float(second), 6.0, int(second * 6 / 3.6))
    for second in range(420, 900):  # five minutes in which nothing was heard, and the belt went on
        counter.update(float(second), 6.0, int(second * 6 / 3.6))
    assert counter.total_m == pytest.approx(899 * 6 / 3.6, abs=1.0)


def test_zero_frames_of_a_running_belt_add_nothing_and_take_nothing() -> None:
    counter, true = DistanceCounter(), 0.0
    for second in range(600):
        true += 2.0 if second else 0.0
        odd = 200 <= second < 203
        counter.update(float(second), 0.0 if odd else 7.2, 0 if odd else int(true))
    assert counter.total_m == pytest.approx(true, abs=9), "four seconds are unknown"


def test_a_counter_that_jumps_is_another_counter() -> None:
    counter = DistanceCounter()
    for second in range(300):
        counter.update(float(second), 7.2, second * 2 + (50_000 if second >= 100 else 0))
    assert counter.total_m == pytest.approx(598, abs=0.6)


@given(
    readings=st.lists(
        st.tuples(
            st.floats(0, 30, allow_nan=False),
            st.floats(0, 25, allow_nan=False),
            st.none() | st.integers(0, 0xFFFFFF),
        ),
        max_size=60,
    )
)
def test_it_never_falls_and_is_never_more_than_a_belt_can_run(
    readings: list[tuple[float, float, int | None]],
) -> None:
    counter, now, last = DistanceCounter(), 0.0, 0.0
    for elapsed, speed, count in readings:
        now += elapsed
        added = counter.update(now, speed, count)
        assert added >= 0 and counter.total_m == pytest.approx(last + added)
        last = counter.total_m
    assert counter.total_m <= 10.0 * now + 25 * len(readings)


@pytest.mark.parametrize("seed", [2, 5, 15, 22, 35, *random.Random(20261121).sample(range(1000), 5)])
def test_sessions_on_a_bad_air_agree_with_the_belt(seed: int) -> None:
    found = one_session(seed)
    assert found.error_percent <= 0.1, found
