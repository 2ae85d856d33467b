"""What is believed of a belt's readings: odd ones raise nothing, real ones count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rig import RULES
from treadcoach.core.held import RUNNING_ABOVE_KMH, believed_speeds, held_curve
from treadcoach.core.sustained import DURATIONS_S, mean_maximal

RAMP = [4 + 0.2 * k for k in range(20)]
SESSION = [4.0] * 300 + RAMP + [8.0] * 700 + RAMP[::-1] + [4.0] * 100 + [2.0, 0.0]


def counter(speeds: list[float], factor: float = 1.0) -> list[float]:
    metres, out = 0.0, []
    for speed in speeds:
        metres += speed / 3.6 * factor
        out.append(float(int(metres)))
    return out


def curve(speeds: list[float], distances: list[float]) -> dict[int, float]:
    return held_curve(believed_speeds(speeds), distances)


def test_the_limit_of_running_is_that_of_the_guidance() -> None:
    assert RULES.running_above_kmh == RUNNING_ABOVE_KMH


def test_a_real_session_keeps_its_curve() -> None:
    found, true = curve(SESSION, counter(SESSION)), mean_maximal(SESSION)
    assert found == pytest.approx(true, abs=0.05)
    assert curve([], []) == dict.fromkeys(DURATIONS_S, 0.0)


@given(
    at=st.lists(st.integers(0, 55), min_size=1, max_size=6, unique=True).map(lambda at: [20 * k for k in at]),
    odd=st.sampled_from([0.0, 14.0, 24.9, 120.0, 655.35]),
    length=st.integers(1, 3),
)
def test_odd_readings_lift_nothing(at: list[int], odd: float, length: int) -> None:
    speeds = list(SESSION)
    for second in at:
        speeds[second : second + length] = [odd] * len(speeds[second : second + length])
    found, true = curve(speeds, counter(SESSION)), mean_maximal(SESSION)
    for duration in DURATIONS_S:
        assert found[duration] <= true[duration] + 0.3
    # A frame of zero is as odd as one of 655: neither takes a session away.
    assert found[600] >= true[600] - (0.5 if length > 2 else 0.1)


@pytest.mark.parametrize("factor", [1.0, 0.1, 0.621, 2.0, 10.0])
def test_speed_beyond_the_distance_is_not_believed(factor: float) -> None:
    """A reading that stays at 16 for half a minute while the counter goes on as before, whatever its unit."""
    speeds = list(SESSION)
    speeds[600:640] = [16.0] * 40
    found, true = curve(speeds, counter(SESSION, factor)), mean_maximal(SESSION)
    # A tenth of a metre a metre makes a counter so coarse that its usual factor is known to a tenth.
    coarse = 1.12 if factor == 0.1 else 1.0
    assert found[60] <= true[60] * 1.05 * coarse + 36 / 60 + 0.1
    assert found[600] <= true[600] * 1.05 * coarse + 36 / 600 + 0.1
    assert curve(SESSION, counter(SESSION, factor))[600] >= true[600] - 0.05


def test_a_machine_without_a_counter_goes_by_its_speed() -> None:
    assert curve(SESSION, [0.0] * len(SESSION)) == pytest.approx(mean_maximal(SESSION), abs=0.05)
