"""Sessions as FIT and TCX: read back by two other readers, field by field equal to the log."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fitdecode
import pytest
from defusedxml import ElementTree
from fit_tool.fit_file import FitFile

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.desk import Desk, open_desk
from treadcoach.app.exporting import export, recorded
from treadcoach.app.journaling import JournalRecorder
from treadcoach.core.errors import InputError
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.formats.fit_activity import read_fit_activity
from treadcoach.formats.fit_out import fit_file
from treadcoach.formats.recorded import Lap, Recorded, Second
from treadcoach.formats.tcx import read_tcx
from treadcoach.store import history
from treadcoach.store.journal import Journal

DAY = timedelta(days=1)
"""A session in virtual time ends after the wall's now."""
TCX = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"
WORKOUT = "1 min @ 5.5 km/h + 2 min @ 8 km/h + 1 min @ 5.5 km/h"


@pytest.fixture
def desk() -> Desk:
    return open_desk(None)


def _run(desk: Desk, script: Callable[[Any], Any], **more: Any) -> int:
    journal = Journal(desk.engine, "runner", "Virtual Treadmill", "F0", inline=True)

    async def scenario() -> int:
        async with Rig(recorder=JournalRecorder(journal), **{"workout": WORKOUT} | more) as rig:
            await script(rig)
            return rig.coach.session_id or 0

    return in_virtual_time(scenario())


async def _whole(rig: Any) -> None:
    await rig.walk()
    await rig.until(rig.task.done, 7 * 3600)


async def _paused(rig: Any) -> None:
    await rig.walk()
    await rig.at(Phase.MAIN)
    await rig.seconds(20)
    rig.ask(IntentKind.PAUSE)
    await rig.seconds(45)
    rig.ask(IntentKind.START)
    await rig.seconds(30)
    rig.belt.distance_m = 0.0  # the machine's counter begins anew
    await rig.until(rig.task.done, 3600)


async def _short(rig: Any) -> None:
    await rig.walk()
    await rig.seconds(5)
    rig.ask(IntentKind.STOP)
    await rig.until(rig.task.done, 600)


SESSIONS: dict[str, tuple[Callable[[Any], Any], dict[str, Any]]] = {
    "whole, with form": (_whole, {"wears": ("six-axis@hip",)}),
    "a pause and a counter that begins anew": (_paused, {}),
    "no strap": (_whole, {"strap": False}),
    "walking only": (_whole, {"workout": "4 min @ 5 km/h"}),
    "five seconds": (_short, {}),
}


def _decoded(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """Every message as fitdecode reads it, with the file's checksums checked."""
    found: dict[str, list[dict[str, Any]]] = {}
    with fitdecode.FitReader(io.BytesIO(data), check_crc=fitdecode.CrcCheck.RAISE) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage):
                fields = {field.name: field.value for field in frame.fields}
                found.setdefault(frame.name, []).append(fields)
    return found


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_is_in_the_file_as_it_is_in_the_log(desk: Desk, name: str) -> None:
    script, more = SESSIONS[name]
    number = _run(desk, script, **more)
    data = export(desk, number, "fit")
    found, row = _decoded(data), history.get_session(desk.engine, number)
    samples = {round(s.t_s - history.setup_of(desk.engine, number)[2]): s
               for s in history.rows_of(desk.engine, "samples", number)}  # fmt: skip
    records = found["record"]
    assert len(records) == len(samples)
    for (t_s, sample), record in zip(sorted(samples.items()), records, strict=True):
        assert record["timestamp"] == datetime.fromtimestamp(int(row.started_unix_s) + t_s, UTC)
        assert record["distance"] == pytest.approx(sample.distance_m, abs=0.006)
        for field, value, error in (
            ("enhanced_speed", sample.speed_kmh and sample.speed_kmh / 3.6, 0.001),
            ("grade", sample.incline_percent, 0.01),
            ("heart_rate", sample.heart_rate_bpm, 0),
            ("target_speed", sample.wished_kmh and sample.wished_kmh / 3.6, 0.001),
        ):
            if value is None:
                assert record.get(field) is None, (t_s, field)
            else:
                assert record[field] == pytest.approx(value, abs=error + 1e-9), (t_s, field)
        if sample.cadence_spm is not None:
            shown = 2 * (record["cadence"] + record["fractional_cadence"])
            assert shown == pytest.approx(sample.cadence_spm, abs=0.02)
    [session] = found["session"]
    assert session["sub_sport"] == "treadmill"
    assert session["total_distance"] == pytest.approx(row.distance_m, rel=0.001, abs=0.01)
    laps = sum(lap["total_distance"] for lap in found["lap"])
    assert laps == pytest.approx(row.distance_m, rel=0.001, abs=0.1)
    assert session["total_timer_time"] == pytest.approx(row.belt_time_s, abs=3)
    assert found["activity"][0]["num_sessions"] == 1 and session["num_laps"] == len(found["lap"])
    timers = [event["event_type"] for event in found.get("event", ())]
    assert timers == ["start", "stop_all"] * (len(timers) // 2)
    if name.startswith("a pause"):
        assert len(timers) == 4
    if name.startswith("whole"):
        assert session["sport"] == "running" or session["sport"] == "walking"
        assert any(record.get("stance_time") for record in records)
        assert any(record.get("vertical_oscillation") for record in records)
        beats = [rr for hrv in found["hrv"] for rr in hrv["time"] if rr is not None]
        assert len(beats) > 200 and all(0.3 < rr < 1.5 for rr in beats)
    if name == "no strap":
        assert "hrv" not in found
    if name in ("walking only", "five seconds"):
        assert session["sport"] == "walking"
    # The other library reads it as well, without an error.
    assert FitFile.from_bytes(data).to_rows()


def test_the_files_are_history_again(desk: Desk) -> None:
    """Our own importer reads what we write: the same distance, the same day."""
    number = _run(desk, _whole)
    row = history.get_session(desk.engine, number)
    back = read_fit_activity(export(desk, number, "fit"), "x.fit", datetime.now(UTC) + DAY, None)
    assert back.distance_m == pytest.approx(row.distance_m, rel=0.001)
    points = ElementTree.fromstring(export(desk, number, "tcx")).iter(f"{TCX}Trackpoint")
    last = [point.findtext(f"{TCX}DistanceMeters") for point in points][-1]
    assert float(last or 0) == pytest.approx(row.distance_m, rel=0.001)
    [tcx] = read_tcx(export(desk, number, "tcx"), "x.tcx", datetime.now(UTC) + DAY, None)
    assert tcx.distance_m == pytest.approx(row.distance_m, rel=0.001)
    lines = list(csv.DictReader(io.StringIO(export(desk, number, "csv").decode())))
    assert float(lines[-1]["distance_m"]) == pytest.approx(row.distance_m, rel=0.001)


def test_six_hours_fit_into_a_file() -> None:
    """Made of its parts: every second there, distances monotone."""
    start = datetime(2026, 11, 3, 7, 0, tzinfo=UTC)
    seconds = [Second(float(t), t * 1.5, 5.4, 2.0, 120, 110.0) for t in range(0, 6 * 3600, 4)]
    end = seconds[-1].t_s
    laps = [Lap("walk", 0.0, end)]
    found = _decoded(fit_file(Recorded("long", start, "mill", False, seconds, laps, [(0.0, end)])))
    assert len(found["record"]) == len(seconds)
    distances = [record["distance"] for record in found["record"]]
    assert distances == sorted(distances) and distances[-1] == pytest.approx(end * 1.5, abs=0.01)


def test_what_cannot_be_exported_is_said(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="csv, fit, tcx"):
        export(desk, 1, "gpx")
    with pytest.raises(InputError, match="session"):
        export(desk, 99, "fit")
    number = Journal(desk.engine, "runner", "mill", "F0", inline=True).begin("empty", {}, 1.79e9, 0.0)
    with pytest.raises(InputError, match="nothing was recorded"):
        recorded(desk, number)
