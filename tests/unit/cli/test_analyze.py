"""`treadcoach analyze` as a person uses it: the JSON contract, the report, and bad files."""

import gzip
import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.support.body import Body
from treadcoach.cli.main import app, main
from treadcoach.core.body import Mount

HEAD = "t_s,ax_g,ay_g,az_g"


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["analyze", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def _json(*arguments: str) -> dict[str, Any]:
    def refuse(text: str) -> float:
        raise AssertionError(f"{text} is no JSON")

    found: dict[str, Any] = json.loads(_run(*arguments, "--json"), parse_constant=refuse)
    return found


def _recording(
    path: Path, seconds: float = 20.0, speed: float = 9.0, rate: float = 100.0, gyro: bool = False
) -> Path:
    body = Body(Mount.CHEST, gyroscope=gyro, calibrate=False)
    body.run(1, speed)
    count = int(seconds * rate)
    acceleration, turns = body.runner.motion(body.now_s + seconds, rate, count, Mount.CHEST)
    columns = [np.arange(count) / rate, *acceleration.T, *(turns.T if gyro else ())]
    head = HEAD + (",gx_dps,gy_dps,gz_dps" if gyro else "")
    np.savetxt(path, np.stack(columns, axis=1), delimiter=",", header=head, comments="", fmt="%.6f")
    return path


@pytest.mark.parametrize("seconds", [5.0, 60.0])
def test_the_contract_holds_for_short_and_long_recordings(tmp_path: Path, seconds: float) -> None:
    file = _recording(tmp_path / "run.csv", seconds)
    found = _json(str(file), "--mount", "chest", "--speed-kmh", "9", "--incline-percent", "-2.5")
    assert set(found) >= {"windows", "steps", "issues", "cannot_see"}
    windows, steps = found["windows"], found["steps"]
    assert all(w["t_start_s"] < w["t_end_s"] for w in windows)
    assert [w["t_end_s"] for w in windows] == sorted(w["t_end_s"] for w in windows)
    assert all(w["cadence_spm"] == pytest.approx(170.5, rel=0.01) for w in windows)
    assert all(w["vertical_oscillation_mm"] > 0 for w in windows)
    assert len(steps) == pytest.approx(170.5 / 60 * seconds, abs=2)
    assert all(later["t_s"] > earlier["t_s"] for earlier, later in itertools.pairwise(steps))
    assert all(150 < step["contact_ms"] < 350 for step in steps)
    assert {"B5", "B6", "B7", "B10"} <= {entry["id"] for entry in found["cannot_see"]}


def test_gzip_and_plain_are_the_same(tmp_path: Path) -> None:
    plain = _recording(tmp_path / "run.csv")
    packed = tmp_path / "run.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert _json(str(plain), "--mount", "hip") == _json(str(packed), "--mount", "hip")


def test_without_a_speed_what_needs_it_is_null(tmp_path: Path) -> None:
    window = _json(str(_recording(tmp_path / "run.csv")), "--mount", "hip")["windows"][-1]
    assert window["stride_length_m"] is None and window["contact_ms"] is None
    assert window["cadence_spm"] is not None and window["gait"] == "running"


def test_on_a_standing_belt_there_is_no_gait(tmp_path: Path) -> None:
    found = _json(str(_recording(tmp_path / "run.csv")), "--mount", "chest", "--speed-kmh", "0")
    assert all(window["cadence_spm"] is None for window in found["windows"]) and not found["steps"]


def test_nothing_found_is_still_a_whole_object(tmp_path: Path) -> None:
    file = tmp_path / "still.csv"
    file.write_text(HEAD + "\n" + "".join(f"{k / 50},1,0,0\n" for k in range(500)), encoding="utf-8")
    found = _json(str(file), "--mount", "chest")
    assert found["windows"] and found["steps"] == [] and found["issues"] == []


def test_a_gyroscope_adds_rotation(tmp_path: Path) -> None:
    found = _json(str(_recording(tmp_path / "run.csv", gyro=True)), "--mount", "chest", "--speed-kmh", "9")
    assert found["sensor"]["gyroscope"] is True
    assert found["windows"][-1]["rotation_deg"] == pytest.approx(28, abs=4)
    assert "B4" not in {entry["id"] for entry in found["cannot_see"]}


def test_two_axes_are_enough_for_cadence_and_contact(tmp_path: Path) -> None:
    file = _recording(tmp_path / "run.csv")
    rows = np.loadtxt(file, delimiter=",", skiprows=1)
    two = np.stack((rows[:, 0], np.maximum(rows[:, 1], 0), rows[:, 3]), axis=1)
    np.savetxt(file, two, delimiter=",", header="t_s,a_vertical_g,a_ap_g", comments="", fmt="%.6f")
    window = _json(str(file), "--mount", "hip", "--speed-kmh", "9")["windows"][-1]
    assert window["cadence_spm"] == pytest.approx(170.5, rel=0.01) and window["contact_ms"] is not None
    assert window["lateral_share"] is None


def test_form_that_fades_in_a_long_recording_is_an_issue_with_exercises(tmp_path: Path) -> None:
    body = Body(Mount.CHEST, calibrate=False, rate_hz=50.0)
    parts = []
    for fatigue, seconds in ((0.0, 560), (1.0, 120)):
        body.form.fatigue = fatigue
        body.runner.advance(body.now_s, 9.0, 2.0)
        body.now_s += seconds
        acceleration, _ = body.runner.motion(body.now_s, 50.0, seconds * 50, Mount.CHEST)
        parts.append(acceleration)
        body.runner.advance(body.now_s, 9.0, 2.0)
    rows = np.concatenate(parts)
    file = tmp_path / "fade.csv"
    table = np.column_stack((np.arange(len(rows)) / 50, rows))
    np.savetxt(file, table, delimiter=",", header=HEAD, comments="", fmt="%.4f")
    found = _json(str(file), "--mount", "chest", "--speed-kmh", "9", "--incline-percent", "2")
    issues = {issue["id"]: issue for issue in found["issues"]}
    assert {"B3", "B12"} <= set(issues)
    assert issues["B12"]["t_start_s"] > 560 and issues["B12"]["exercises"] and issues["B12"]["seen"]
    report = _run(str(file), "--mount", "chest", "--speed-kmh", "9", "--incline-percent", "2")
    assert "Form that fades" in report and "exercise: " in report and "no diagnosis" in report


def test_the_report_is_for_people(tmp_path: Path) -> None:
    report = _run(str(_recording(tmp_path / "run.csv")), "--mount", "chest", "--speed-kmh", "9")
    for words in ("Running", "cadence", "measured", "estimated", "trend", "cannot see", "no diagnosis"):
        assert words in report
    assert "nan" not in report.lower().replace("cannot", "")


BAD = {
    "empty": ("", "line 1"),
    "no header": ("0,1,0,0\n0.01,1,0,0\n", "line 1"),
    "header alone": (HEAD + "\n", "0 samples"),
    "one row": (HEAD + "\n0,1,0,0\n", "1 samples"),
    "a word": (HEAD + "\n0,1,0,0\n0.01,x,0,0\n", "line 3, ax_g"),
    "a hole": (HEAD + "\n0,1,0,0\n0.01,1,,0\n", "line 3, ay_g"),
    "a short row": (HEAD + "\n0,1,0,0\n0.01,1\n", "line 3"),
    "time goes back": (HEAD + "\n0,1,0,0\n0.02,1,0,0\n0.01,1,0,0\n", "line 4, t_s"),
    "time repeats": (HEAD + "\n0,1,0,0\n0.02,1,0,0\n0.02,1,0,0\n", "a time after 0.02"),
    "not a number": (HEAD + "\n0,1,0,0\n0.01,nan,0,0\n", "line 3, ax_g"),
    "infinite": (HEAD + "\n0,1,0,0\n0.01,inf,0,0\n", "line 3, ax_g"),
    "beyond any sensor": (HEAD + "\n0,1,0,0\n0.01,1e9,0,0\n", "-200 to 200"),
    "half a gyroscope": (HEAD + ",gx_dps\n0,1,0,0,0\n0.01,1,0,0,0\n", "all of gx_dps"),
    "a column twice": ("t_s,ax_g,ax_g,ay_g,az_g\n0,1,0,0,0\n", "each column once"),
    "milliseconds": (HEAD + "\n" + "".join(f"{10 * k},1,0,0\n" for k in range(50)), "times in seconds"),
    "metres per second squared": (HEAD + "\n" + "".join(f"{k / 50},9.8,0,0\n" for k in range(50)), "m/s²"),
    "milli-g": (HEAD + "\n" + "".join(f"{k / 50},100,0,0\n" for k in range(50)), "mg"),
    "too slow": (HEAD + "\n" + "".join(f"{k / 5},1,0,0\n" for k in range(50)), "25 to 500"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_the_place_and_the_reason(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content, words = BAD[name]
    file = tmp_path / "bad.csv"
    file.write_text(content, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["treadcoach", "analyze", str(file), "--mount", "chest", "--json"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    said = capsys.readouterr()
    assert words in said.err and "allowed" in said.err and said.out == ""
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\x1f\x8b\x08broken", "gzip"), (b"t_s,ax_g\xff\xfe,ay_g\n", "UTF-8"), (bytes(1000), "line 1")],
)
def test_octets_that_are_no_text_are_refused(
    content: bytes,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    monkeypatch.setattr("sys.argv", ["treadcoach", "analyze", str(file), "--mount", "chest"])
    with pytest.raises(SystemExit):
        main()
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ("--mount", "foot"),
        ("--mount", "chest", "--speed-kmh", "-1"),
        ("--mount", "chest", "--speed-kmh", "nan"),
        ("--mount", "chest", "--speed-kmh", "300"),
        ("--mount", "hip", "--incline-percent", "-99"),
    ],
)
def test_odd_options_are_refused(
    options: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["treadcoach", "analyze", str(_recording(tmp_path / "r.csv")), *options])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "allowed" in capsys.readouterr().err


def test_spaces_windows_line_ends_and_extra_columns_are_taken(tmp_path: Path) -> None:
    file = _recording(tmp_path / "run.csv")
    lines = file.read_text(encoding="utf-8").splitlines()
    odd = ["note , t_s, ax_g , ay_g,az_g"] + [f"x, {line}" for line in lines[1:]]
    file.write_text("\ufeff" + "\r\n".join(odd) + "\r\n\r\n", encoding="utf-8")
    window = _json(str(file), "--mount", "chest", "--speed-kmh", "9")["windows"][-1]
    assert math.isclose(window["cadence_spm"], 170.5, rel_tol=0.01)
