"""Activities of watches and sites: their speed second by second, their day, and hostile ones refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fit_tool.profile.profile_type import Sport
from hypothesis import given
from hypothesis import strategies as st

from tests.support.activities import SPEEDS_KMH, START, fit_activity, tcx_activity
from tests.unit.formats.test_fit_workout import fit_file, timed
from treadcoach.core.errors import InputError
from treadcoach.core.sustained import mean_maximal
from treadcoach.formats.activity import Activity, Point, make_activity
from treadcoach.formats.fit_activity import read_fit_activity
from treadcoach.formats.tcx import read_tcx

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _fit(data: bytes, zone: str = "UTC") -> Activity:
    return read_fit_activity(data, "a.fit", NOW, ZoneInfo(zone))


def _tcx(data: bytes, zone: str = "UTC") -> Activity:
    return read_tcx(data, "a.tcx", NOW, ZoneInfo(zone))[0]


@pytest.mark.parametrize("every_s", [1, 4])
def test_a_watch_and_a_site_tell_the_same_run(every_s: int) -> None:
    for found in (_fit(fit_activity(every_s=every_s)), _tcx(tcx_activity(every_s=every_s))):
        assert found.started == START and found.sport == "running"
        assert found.distance_m == pytest.approx(sum(SPEEDS_KMH) / 3.6, rel=0.002)
        assert found.moving_s == pytest.approx(len(SPEEDS_KMH), abs=1)
        assert found.mean_heart_rate_bpm in (140, 141)
        curve = mean_maximal(found.speeds_kmh)
        assert curve[300] == pytest.approx(9.0, rel=0.005) and curve[600] == pytest.approx(9.0, rel=0.005)
        assert curve[1200] == pytest.approx((300 * 5 + 900 * 9) / 1200, rel=0.01)


def test_the_day_is_the_one_where_it_was_run() -> None:
    assert _fit(fit_activity()).day == date(2026, 11, 3)
    assert _fit(fit_activity(), "Asia/Tokyo").day == date(2026, 11, 4)
    assert _tcx(tcx_activity(), "Asia/Tokyo").day == date(2026, 11, 4)
    # What the watch says goes before what is stated now.
    assert _fit(fit_activity(offset=timedelta(hours=9)), "America/Los_Angeles").day == date(2026, 11, 4)


def test_a_pause_counts_as_standing() -> None:
    points = [Point(START + timedelta(seconds=k), 2.5 * k) for k in range(101)]
    later = START + timedelta(seconds=100 + 300)
    points += [Point(later + timedelta(seconds=k), 250 + 100 + 2.5 * k) for k in range(101)]
    found = make_activity(points, "running", "x", NOW, UTC)
    assert found.moving_s == 200 and found.distance_m == pytest.approx(500)
    assert mean_maximal(found.speeds_kmh)[120] == pytest.approx(9.0 * 100 / 120)


def test_a_jump_of_the_position_is_no_sprint() -> None:
    distances = [2.5 * k + (400 if k > 150 else 0) for k in range(301)]
    points = [Point(START + timedelta(seconds=k), d) for k, d in enumerate(distances)]
    found = make_activity(points, "running", "x", NOW, UTC)
    assert found.jumps == 1 and max(found.speeds_kmh) == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("read", "allowed"),
    [
        (lambda: _fit(fit_activity(sport=Sport.CYCLING)), "running or walking"),
        (lambda: _tcx(tcx_activity(sport="Biking")), "running or walking"),
        (lambda: _fit(fit_activity(speeds_kmh=(33.0,) * 600)), "nobody runs"),
        (lambda: _tcx(tcx_activity(speeds_kmh=(9000.0,) * 100)), "nobody runs"),
        (lambda: _fit(fit_activity(started=NOW + timedelta(days=30))), "to now"),
        (lambda: _tcx(tcx_activity(started=datetime(1995, 1, 1, tzinfo=UTC))), "to now"),
        (lambda: _fit(fit_activity(speeds_kmh=(5.0,))), "with a distance"),
        (lambda: _fit(fit_activity(speeds_kmh=())), "at least two"),
        (lambda: _fit(fit_activity(speeds_kmh=(0.0,) * 60)), "with a distance"),
        (lambda: _fit(fit_file(timed(0, 60))), "an activity"),
        (lambda: _tcx(b""), "TCX"),
        (lambda: _tcx(b"<gpx/>"), "TrainingCenterDatabase"),
        (lambda: _tcx(b"<TrainingCenterDatabase/>"), "Activity"),
        (lambda: _tcx(tcx_activity()[:-40]), "TCX"),
        (lambda: _tcx(tcx_activity().replace(b"2026-11-03T22:30:05Z", b"yesterday")), "2026-11-21"),
        (lambda: _tcx(tcx_activity().replace(b"<DistanceMeters>0.00<", b"<DistanceMeters>far<")), "number"),
        (lambda: _tcx(tcx_activity().replace(b"<DistanceMeters>0.00<", b"<DistanceMeters>nan<")), "number"),
        (lambda: _tcx(tcx_activity().replace(b">141<", b">-5<", 1)), "0 to 300"),
        (lambda: _tcx(b'<!DOCTYPE a [<!ENTITY b "c">]><TrainingCenterDatabase>&b;</TrainingCenterDatabase>'),
         "entities"),
        (lambda: _tcx(b"<a>" * 100_000), "TCX"),
    ],
)  # fmt: skip
def test_what_is_no_run_is_refused(read: Callable[[], Activity], allowed: str) -> None:
    with pytest.raises(InputError) as refused:
        read()
    assert allowed in refused.value.allowed


FIT, TCX = fit_activity(speeds_kmh=(8.0,) * 90), tcx_activity(speeds_kmh=(8.0,) * 90)


@given(st.data())
def test_broken_octets_are_refused_or_harmless(data: st.DataObject) -> None:
    whole, read = data.draw(st.sampled_from([(FIT, _fit), (TCX, _tcx)]))
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)))
    for octets in (bytes(broken), whole[:cut]):
        try:
            found = read(octets)
        except InputError:
            continue
        assert max(found.speeds_kmh) <= 25.1 and found.started <= NOW + timedelta(hours=1)
