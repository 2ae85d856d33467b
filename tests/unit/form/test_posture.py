"""The guided standing: what counts as standing, and how a bow shows which way is forward."""

import numpy as np
import pytest

from treadcoach.core.body import Mount
from treadcoach.form import posture

RANDOM = np.random.default_rng(5)


def _still(direction: tuple[float, float, float], seconds: float = 5.0, noise: float = 0.003) -> np.ndarray:
    rows = np.tile(np.array(direction) / np.linalg.norm(direction), (int(seconds * 50), 1))
    return rows + RANDOM.normal(0, noise, rows.shape)


def _turned(degrees: float) -> tuple[float, float, float]:
    """Up, seen from a sensor (x up, z forward) that leans forward by so much."""
    angle = np.radians(degrees)
    return (float(np.cos(angle)), 0.0, float(-np.sin(angle)))


def test_a_body_that_moves_is_not_standing() -> None:
    assert posture.calibrated(_still((1, 0, 0), noise=0.1), Mount.CHEST, 0.0) is None
    assert posture.calibrated(_still((1, 0, 0), seconds=2), Mount.CHEST, 0.0) is None
    assert posture.calibrated(1.6 * _still((1, 0, 0)), Mount.CHEST, 0.0) is None


@pytest.mark.parametrize("lean", [-10.0, -3.0, 0.0, 4.0, 15.0])
@pytest.mark.parametrize("chest_slope", [0.0, 20.0, -15.0])
def test_lean_is_measured_from_the_standing(lean: float, chest_slope: float) -> None:
    standing = posture.calibrated(_still(_turned(chest_slope)), Mount.CHEST, 2.0)
    assert standing is not None
    found = standing.lean_deg(np.array(_turned(chest_slope + lean)))
    assert found == pytest.approx(lean, abs=0.6)
    assert standing.tilt_deg(np.array(_turned(chest_slope + lean))) == pytest.approx(abs(lean), abs=0.6)


def test_a_bow_shows_forward_whatever_way_the_sensor_is_put_on() -> None:
    """A sensor put on with its z axis to the back: the makers' convention would have the sign wrong."""
    standing = posture.calibrated(_still((1, 0, 0)), Mount.CHEST, 2.0)
    assert standing is not None and not standing.forward_is_measured
    bowed = (float(np.cos(0.5)), 0.0, float(np.sin(0.5)))  # forward is -z here
    measured = posture.with_bow(standing, _still(bowed))
    assert measured.forward_is_measured
    assert measured.lean_deg(np.array(bowed)) == pytest.approx(28.6, abs=1.0)


@pytest.mark.parametrize("degrees", [3.0, 85.0])
def test_a_nod_or_lying_down_is_no_bow(degrees: float) -> None:
    standing = posture.calibrated(_still((1, 0, 0)), Mount.CHEST, 2.0)
    assert standing is not None
    assert posture.with_bow(standing, _still(_turned(degrees))) is standing


def test_a_sensor_worn_flat_has_no_forward_by_convention() -> None:
    standing = posture.calibrated(_still((0, 0, 1)), Mount.CHEST, 2.0)
    assert standing is not None and standing.forward is None
    assert standing.lean_deg(np.array([0.0, 0.0, 1.0])) is None
    assert standing.tilt_deg(np.array([0.0, 1.0, 0.0])) == pytest.approx(90, abs=0.5)
