"""How sensors are named on the command line, and what is said of a wrong name."""

import pytest
from bleak.backends.device import BLEDevice

from treadcoach.app.choosing import choose_sensors
from treadcoach.app.sensor_names import parse_sensor, sensor_name
from treadcoach.cli.sim import SimOptions, build_runner, build_sensor
from treadcoach.core.body import Mount
from treadcoach.core.errors import InputError
from treadcoach.devices.scan import Found
from treadcoach.virtual.air import Air
from treadcoach.virtual.runner import VirtualRunner


def _found(name: str, address: str, rssi: int = -50) -> Found:
    return Found(BLEDevice(address, name, {}), name, "sensor", rssi)


HEARD = [_found("Polar H10 1234", "F0:00:00:00:00:01"), _found("Movesense 77", "F0:00:00:00:00:02")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Polar", ("Polar", None)),
        ("Movesense 77@hip", ("Movesense 77", Mount.HIP)),
        ("F0:00:00:00:00:01@chest", ("F0:00:00:00:00:01", Mount.CHEST)),
    ],
)
def test_a_sensor_is_named_with_its_place(text: str, expected: tuple[str, Mount | None]) -> None:
    assert parse_sensor(text) == expected


@pytest.mark.parametrize("text", ["Polar@foot", "@hip", "Polar@"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="@chest or @hip"):
        parse_sensor(text)


def test_the_nearest_is_taken_when_none_is_named_and_all_that_are_named_in_order() -> None:
    assert [f.name for f in choose_sensors(HEARD, [])] == ["Polar H10 1234"]
    assert [f.name for f in choose_sensors(HEARD, ["movesense", "polar"])] == [
        "Movesense 77",
        "Polar H10 1234",
    ]
    assert choose_sensors(HEARD, ["none"]) == [] and choose_sensors([], []) == []
    assert [sensor_name(k) for k in range(3)] == ["strap", "sensor 2", "sensor 3"]


@pytest.mark.parametrize(
    ("wanted", "words"), [(["garmin"], "Polar H10"), (["polar", "H10"], "each sensor once")]
)
def test_a_name_that_fits_none_or_one_twice_is_refused(wanted: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        choose_sensors(HEARD, wanted)


@pytest.mark.parametrize("text", ["strap@hip", "watch", "movesense@foot", ""])
def test_a_simulated_sensor_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--sensor"):
        build_sensor(text, Air(), VirtualRunner())


def test_a_simulated_runner_tires_when_told() -> None:
    assert build_runner(SimOptions(tires_after="9 min")).tires_after_s == 540
    with pytest.raises(InputError, match="--tires-after"):
        build_runner(SimOptions(tires_after="soon"))
