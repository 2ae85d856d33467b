"""Two hundred random sessions, each judged from outside; and that the judge itself is what it says."""

import ast
import logging
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bumble import hci

from tests.adversary.command import judged, quiet
from tests.adversary.evidence import Asked, Evidence, Lie, Told, Write
from tests.adversary.generate import plan_of
from tests.adversary.judge import judge
from tests.adversary.planted_faults import FAULTS, PlantedFault
from tests.adversary.session import limits_of
from tests.adversary.sharpness import ROOT

SEEDS, CHUNK = 200, 25
HERE = Path(__file__).parent
JUDGE = sorted((*HERE.glob("judge*.py"), HERE / "evidence.py", HERE / "finding.py", HERE / "knowable.py"))


@pytest.fixture(autouse=True)
def no_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As quiet as the command, and as before afterwards: other tests read logs."""
    monkeypatch.setattr(hci.HCI_Object, "format_fields", hci.HCI_Object.format_fields)
    disabled = logging.root.manager.disable
    with warnings.catch_warnings():
        quiet()
        yield
    logging.disable(disabled)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_random_sessions_keep_every_promise(first: int) -> None:
    found = [f"seed {seed}: {finding}" for seed in range(first, first + CHUNK) for finding in judged(seed)[1]]
    assert not found, "\n".join([*found, "the whole story: scripts/adversary --seed <seed>"])


FOUND = (
    20294,  # control of a ready machine asked for on a new link
    20323,  # the person's word refused on one, and links made anew without end
    20843,  # keys down to where our own order is
    22600,  # an order of ours that was carried out before it was answered, taken for a hand
    23013,  # STOP behind a request for control that hangs
    23543,  # an incline that moved on between the start and the first order of it
    30427,  # three frames of another kind that say flat
    50596,  # a key that sets less while the belt is still on its way up to what was set before
    53329,  # an order to a belt that still falls to what a hand has set
    53974,  # STOP asked for during the last try of the one before it
    70050,  # keys on a belt that is a little off its orders by itself
    81047,  # a request for control before a STOP that was asked for again
    81964,  # a machine that says each speed of the moment, and climbs by itself
    100064,  # an order to a belt that a hand has set far lower, without a word
    100550,  # frames of a kind that came once before
    102698,  # a key that the belt has followed by the next reading
    106745,  # quick keys on a quick belt
    50973,  # keys on the ramp down from a pulse far above its ceiling
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", FOUND)
def test_what_was_found_once_stays_mended(seed: int) -> None:
    assert not judged(seed)[1]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", (3, 17, 108))
def test_the_same_seed_is_the_same_session(seed: int) -> None:
    one, other = judged(seed)[0], judged(seed)[0]
    assert one.writes == other.writes
    assert one.speed.times == other.speed.times
    assert one.told == other.told


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_can_still_be_planted(fault: PlantedFault) -> None:
    for name, old, new in fault.replacements:
        assert (ROOT / name).read_text().count(old) == 1, f"{name}: {old[:60]!r}"
        assert old != new


@pytest.mark.parametrize("path", JUDGE, ids=lambda path: path.name)
def test_the_judge_shares_no_code_with_what_it_judges(path: Path) -> None:
    own = {f"tests.adversary.{other.stem}" for other in JUDGE} | {"tests.adversary"}
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            assert name in own or name.partition(".")[0] in sys.stdlib_module_names, f"{path.name}: {name}"


def _plain() -> Evidence:
    """Somebody started a belt that stands; it may be written to."""
    seen = Evidence(limits_of(plan_of(0)))
    seen.links.append((0.1, 1))
    seen.data_sent = seen.data_fed = [float(second) for second in range(1, 60)]
    seen.asked.append(Asked(5.0, "start", 0.0))
    seen.writes.append(Write(5.0, b"\x00", True, 0.0, 0.0, 1, False))
    seen.writes.append(Write(5.4, b"\x07", True, 0.0, 0.0, 1, False))
    seen.watched_until_s = 60.0
    for t, kmh in ((10.0, 0.0), (12.0, 0.8), (60.0, 0.8)):
        seen.speed.add(t, kmh)
    seen.states = [(5.4, "countdown"), (9.0, "running")]
    return seen


def _speed(t_s: float, kmh: float, target_kmh: float) -> Write:
    data = b"\x02" + round(kmh * 100).to_bytes(2, "little")
    return Write(t_s, data, True, target_kmh, 0.0, 1, True)


def _found(seen: Evidence) -> set[str]:
    return {finding.promise for finding in judge(seen)}


def test_a_session_in_order_has_no_finding() -> None:
    seen = _plain()
    seen.writes += [_speed(15.0, 1.0, 0.8), _speed(16.0, 1.2, 1.0)]
    assert _found(seen) == set()


@pytest.mark.parametrize(
    ("writes", "promise"),
    (
        ([_speed(15.0, 2.0, 0.8)], "a jump up"),
        ([_speed(15.0, 0.9, 0.8), _speed(15.5, 1.0, 0.9)], "orders too close"),
        ([_speed(15.0 + k, 1.1 + 0.3 * k, 0.8 + 0.3 * k) for k in range(6)], "ramp too steep"),
        ([_speed(15.0, 19.0, 18.8)], "speed over the ceiling"),
        ([Write(15.0, b"\x03\x9b\x00", True, 0.8, 15.0, 1, True)], "incline over the ceiling"),
        ([Write(15.0, b"\x03\x14\x00", True, 0.8, 0.0, 1, True)], "incline jumps"),
        ([Write(15.0, b"\x01", True, 0.8, 0.0, 1, True)], "an op code nobody needs"),
        ([Write(40.0, b"\x07", True, 0.8, 0.0, 1, True)], "a start by nobody"),
    ),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_of_bad_octets_is_found(writes: list[Write], promise: str) -> None:
    seen = _plain()
    seen.writes += writes
    assert promise in _found(seen)


def test_a_stop_that_never_comes_is_late_and_forgotten() -> None:
    seen = _plain()
    seen.asked.append(Asked(20.0, "stop", 0.0))
    assert {"STOP is late", "STOP is forgotten"} <= _found(seen)
    seen.writes.append(Write(20.0, b"\x08\x01", False, 0.8, 0.0, 1, True))
    assert "STOP is late" not in _found(seen)
    assert "STOP is forgotten" in _found(seen)


def _lost_control(seen: Evidence) -> None:
    """Another phone took control at 20 s, and the belt was at 0.8 km/h."""
    seen.lies.append(Lie(20.0, 23.0, "revoked", "said"))


def test_a_belt_that_nobody_commands_has_to_stay_where_it_was() -> None:
    seen = _plain()
    _lost_control(seen)
    assert _found(seen) == set()
    for t, kmh in ((60.0, 0.8), (62.0, 3.0), (90.0, 3.0)):
        seen.speed.add(t, kmh)
    seen.data_sent = seen.data_fed = [float(second) for second in range(1, 90)]
    seen.watched_until_s = 90.0
    assert _found(seen) == {"a belt runs away"}
    seen.statuses.append((60.0, b"\x05\x2c\x01", True))
    assert _found(seen) == set(), "its console said 3 km/h"


def test_stop_is_repeated_often_at_first() -> None:
    seen = _plain()
    seen.asked.append(Asked(20.0, "stop", 0.0))
    seen.told.append(Told(23.0, "alarm", "alarm", "told to stop"))
    seen.writes += [Write(20.0 + 4 * k, b"\x08\x01", False, 0.8, 0.0, 1, True) for k in range(10)]
    assert _found(seen) == set()
    del seen.writes[5:7]
    assert _found(seen) == {"STOP is forgotten"}


def test_nothing_is_started_where_even_the_slowest_is_too_fast() -> None:
    seen = _plain()
    seen.limits = replace(seen.limits, machine_low_kmh=4.5, own_kmh=4.0)
    assert "nothing is slow enough, and it is ordered" in _found(seen)


def test_a_stop_that_a_person_asks_for_may_go_to_a_ready_machine() -> None:
    seen = Evidence(limits_of(plan_of(0)), links=[(0.1, 1)], watched_until_s=30.0)
    seen.data_sent = seen.data_fed = [float(second) for second in range(1, 30)]
    seen.writes.append(Write(5.0, b"\x08\x01", True, 0.0, 0.0, 5, False))
    assert _found(seen) == {"a ready machine is touched"}
    seen.asked.append(Asked(5.0, "pause", 0.0))
    assert _found(seen) == set()
    seen.writes.append(Write(5.4, b"\x00", True, 0.0, 0.0, 1, False))
    assert "a ready machine is touched" in _found(seen)
