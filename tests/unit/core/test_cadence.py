"""One foot or both: the belt's speed decides what a pod's number means."""

import pytest

from treadcoach.core.cadence import steps_a_minute


@pytest.mark.parametrize(
    ("rpm", "speed_kmh", "steps"),
    [
        (54, 4.0, 108.0),
        (108, 4.0, 108.0),
        (85, 9.0, 170.0),
        (170, 9.0, 170.0),
        (110, 16.0, 220.0),
        (85, None, 170.0),
        (170, None, 170.0),
        (0, 9.0, None),
        (20, 12.0, None),
        (255, 4.0, None),
        (60, 0.0, 120.0),
    ],
)
def test_what_a_pod_means(rpm: int, speed_kmh: float | None, steps: float | None) -> None:
    assert steps_a_minute(rpm, speed_kmh) == steps


def test_a_speed_that_no_belt_has_is_no_reason_to_fail() -> None:
    assert steps_a_minute(85, 655.35) == 170.0
