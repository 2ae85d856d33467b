"""What service data says a machine is: the same as pyftms says, octet by octet."""

from itertools import product

import pytest
from bleak.backends.scanner import AdvertisementData
from pyftms import NotFitnessMachineError, get_machine_type_from_service_data

from treadcoach.wire.advert import machine_kinds
from treadcoach.wire.uuids import FITNESS_MACHINE


def _by_pyftms(data: bytes) -> str:
    heard = AdvertisementData(None, {}, {FITNESS_MACHINE: data}, [], None, -50, ())
    try:
        kinds = get_machine_type_from_service_data(heard)
    except NotFitnessMachineError:
        return ""
    return (kinds.name or str(kinds)).lower().replace("|", ", ").replace("_", " ")


@pytest.mark.parametrize("flags", [0, 1, 2, 3, 255])
def test_kinds_are_those_of_pyftms(flags: int) -> None:
    for first in range(256):
        assert ", ".join(machine_kinds(bytes((flags, first)))) == _by_pyftms(bytes((flags, first)))
    for first, second in product(range(0, 256, 3), (0, 1, 32, 64)):
        data = bytes((flags, first, second))
        assert ", ".join(machine_kinds(data)) == _by_pyftms(data), data.hex()


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x01\x00\x00"])
def test_service_data_of_another_length_says_nothing(data: bytes) -> None:
    assert machine_kinds(data) == ()
    assert _by_pyftms(data) == ""
