"""The command line as a person uses it: a process, its output and its exit status."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from treadcoach.app.config import folders
from treadcoach.app.lock import OneAtATime


def treadcoach(
    *words: str, feed: str = "", home: Path | None = None, wait_s: float = 60
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "80"}
    if home is not None:
        environment["TREADCOACH_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "treadcoach", *words],
        input=feed,
        capture_output=True,
        text=True,
        timeout=wait_s,
        env=environment,
        check=False,
    )


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A demo session, run once in virtual time; its folder and what it printed."""
    home = tmp_path_factory.mktemp("demo")
    run = "run_demo(None, None, None, None, pages=False)"
    code = f"from treadcoach.cli.demo import run_demo; raise SystemExit({run})"
    environment = os.environ | {"COLUMNS": "80", "TREADCOACH_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return home, done.stdout


def test_the_demo_finds_runs_and_explains(demo_home: tuple[Path, str]) -> None:
    shown = " ".join(demo_home[1].split())
    for words in (
        "Found: Virtual Treadmill",
        "Found: Polar H10 virtual",
        "Added 5:00 of slow walking as a warm-up",
        "Warm-up done",
        "Cool-down",
        "Done. Now stretch",
        "completed",
        "see a physician before you begin",
        "treadcoach sessions show 1 --simulated",
    ):
        assert words in shown, words


def test_the_demos_log_is_listed_shown_replayed_and_exported(
    demo_home: tuple[Path, str], tmp_path: Path
) -> None:
    home, _ = demo_home
    listed = treadcoach("sessions", "list", "--simulated", home=home)
    assert "completed" in listed.stdout and listed.returncode == 0
    shown = treadcoach("sessions", "show", "--simulated", "--unit", "min/km", home=home).stdout
    assert "Minute by minute" in shown and "/km" in shown
    assert "-> start: released by a person, success" in shown
    assert "-> STOP: the session is complete" in shown
    replayed = treadcoach("sessions", "replay", "--simulated", home=home)
    assert replayed.returncode == 0 and "Every order is the same." in replayed.stdout
    printed = treadcoach("sessions", "export", "csv", "1", "--simulated", home=home)
    rows = list(csv.DictReader(io.StringIO(printed.stdout)))
    assert len(rows) > 300 and float(rows[-1]["distance_m"]) > 1000
    target = tmp_path / "out.csv"
    written = treadcoach("sessions", "export", "csv", "--simulated", "-o", str(target), home=home)
    assert written.returncode == 0 and target.read_text().count("\n") == len(rows) + 1


def test_a_simulated_session_is_no_history_of_a_person(demo_home: tuple[Path, str]) -> None:
    home, _ = demo_home
    assert "No session yet" in treadcoach("sessions", "list", home=home).stdout


def test_deleting_asks_first(demo_home: tuple[Path, str], tmp_path: Path) -> None:
    home = tmp_path / "copy"
    shutil.copytree(demo_home[0], home)
    refused = treadcoach("sessions", "delete", "1", "--simulated", home=home)
    assert refused.returncode == 2 and "--yes" in refused.stderr
    done = treadcoach("sessions", "delete", "1", "--simulated", "--yes", home=home)
    assert done.returncode == 0 and "Deleted session 1" in done.stdout
    missing = treadcoach("sessions", "show", "1", "--simulated", home=home)
    assert missing.returncode == 2 and "none yet" in missing.stderr


def test_guidance_prints_numbers_with_source_and_evidence(tmp_path: Path) -> None:
    everything = treadcoach("guidance", home=tmp_path).stdout
    for words in (
        "A1",
        "A13",
        "weekly_increase_percent = 15",
        "owner-document",
        "our-judgement",
        "How To Avoid Injury",
    ):
        assert words in everything, words
    one = treadcoach("guidance", "a4", home=tmp_path).stdout
    assert "cool_down_share" in one and "A5" not in one
    wrong = treadcoach("guidance", "Z9", home=tmp_path)
    assert wrong.returncode == 2 and "A1, A2" in wrong.stderr
    (tmp_path / "belt.yaml").write_text("weekly_increase_percent: 20")
    loose = treadcoach("guidance", home=tmp_path)
    assert loose.returncode == 2 and "belt.yaml, weekly_increase_percent" in loose.stderr


def test_decode_answers_every_line() -> None:
    lines = [
        '{"char":"2ACD","hex":"0000dc05"}',
        "nonsense",
        '{"char":"2ada","hex":"0201"}',
        '{"char":"2ACD","hex":""}',
    ]
    done = treadcoach("decode", "--jsonl", feed="\n".join(lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert answers[0] == {"ok": True, "fields": {"more_data": False, "speed_kmh": 15.0}}
    assert [answer["ok"] for answer in answers] == [True, False, True, False]
    assert answers[2]["fields"]["param"] == "stop"


def test_doctor_says_what_to_do_without_bluetooth(tmp_path: Path) -> None:
    done = treadcoach("doctor", home=tmp_path)
    assert "Bluetooth" in done.stdout and "Python" in done.stdout and "journal" in done.stdout
    if done.returncode:
        assert "treadcoach demo" in done.stdout or "treadmill" in done.stdout


def test_status_and_stop_without_a_session(tmp_path: Path) -> None:
    status = treadcoach("status", home=tmp_path)
    assert status.returncode == 1 and "No session is running" in status.stdout
    stop = treadcoach("stop", home=tmp_path)
    assert stop.returncode == 2 and "safety key" in stop.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--air", "nowhere"), "unix:PATH"),
        (("run", "--air", "unix:/nonexistent/air", "--workout", "5 min"), "5 min @ 8 km/h"),
        (("run", "--air", "unix:/nonexistent/air"), "no simulated air"),
        (("run", "--air", "off"), "a terminal"),
        (("run", "--air", "unix:/x", "--walk", "5"), "unit"),
        (("run", "--air", "unix:/x", "--warm-up", "20 min"), "5 to 10 min"),
        (("run", "--air", "unix:/x", "--age", "400"), "5 to 110"),
        (("run", "--air", "unix:/x", "--unit", "furlongs"), "km/h, mph"),
        (("run", "--air", "unix:/x", "--pulse-ceiling", "10"), "80 to 220"),
        (("demo", "--workout", "5 min @ 80 km/h"), "at most 30"),
        (("sessions", "export", "gpx"), "csv"),
        (("sessions", "show", "7"), "none yet"),
    ],
)
def test_bad_input_is_one_clear_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = treadcoach(*words, home=tmp_path)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[runner]\ncomfortable_walk = 5", "in quotes"),
        ("[runner]\ncomfortable_walk = '5 km/h'\nshoe = 1", "one of name"),
        ("[runner", "TOML"),
        ("runner = 3", "[runner] table"),
        ("[runner]\naching_back = 'yes'", "true or false"),
    ],
)
def test_a_bad_settings_file_names_the_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    done = treadcoach("sessions", "list", home=tmp_path)
    assert done.returncode == 2 and said in done.stderr and "config.toml" in done.stderr


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_second_coach_on_a_data_folder_is_refused(command: str, tmp_path: Path) -> None:
    with OneAtATime(folders(tmp_path, simulated=True)):
        second = treadcoach(command, "--air", f"unix:{tmp_path / 'air.sock'}", home=tmp_path)
    assert second.returncode == 2 and "a session is running already" in second.stderr, second.stderr
