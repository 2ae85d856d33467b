"""Running form against mobgap and scikit-digital-health on the same recordings, in one run.

The peers (half a gigabyte) live in an environment of their own that only this bench makes.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import table
from tests.support.recordings import cadence_errors, matched, read, steps_of
from tests.support.recordings import table as read_table
from treadcoach.core.body import Mount, SensorKind
from treadcoach.form.reading import FormReading, Step
from treadcoach.form.stream import FormStream, Surroundings
from treadcoach.formats.recording import read_recording

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PEERS = ("mobgap==1.2.0", "scikit-digital-health==0.17.18")
ACTIVITIES = {"walk_4kmh": (4.0, 0.0), "walk_4kmh_15deg": (4.0, 26.8), "run_8kmh": (8.0, 0.0)}
TORSO = ["ax_g", "ay_g", "az_g"]
SACRUM = ["a_vertical_g", None, "a_ap_g"]
HOUR_RATE_HZ = 200.0


def form_against_peers() -> None:
    """Cadence, steps and CPU time of ours and theirs."""
    if not DATA.is_dir():
        print("The recordings are not beside this checkout: nothing to compare on.")
        return
    jobs = _jobs()
    results = {"treadcoach (1 s chunks)": _ours(jobs)} | _theirs(jobs)
    rows = []
    for name, result in results.items():
        rows.append([name, *(_cadence(result, activity) for activity in ACTIVITIES), _steps(result)])
    table(["", *(f"cadence {a}" for a in ACTIVITIES), "steps running"], rows)
    print("cadence: mean absolute error in % of 120 reference windows, and how many were answered;")
    print("steps: F1 against 233 force-plate contacts of running, within 0.1 s (median lag taken out).")
    _hour(results)


def _jobs() -> list[dict[str, Any]]:
    jobs = []
    for activity in ACTIVITIES:
        for person in ("p1", "p2", "p3", "p4"):
            name = f"{person}_{activity}.csv.gz"
            jobs.append({"name": name, "file": str(DATA / "torso_treadmill" / name), "columns": TORSO})
    for trial in read_table(DATA / "sacral_runner" / "trials.csv"):
        file = str(DATA / "sacral_runner" / trial["file"])
        jobs.append({"name": trial["trial"], "file": file, "columns": SACRUM})
    return jobs


def _conditions() -> dict[str, tuple[float, float]]:
    found = {f"{p}_{a}.csv.gz": ACTIVITIES[a] for p in ("p1", "p2", "p3", "p4") for a in ACTIVITIES}
    for trial in read_table(DATA / "sacral_runner" / "trials.csv"):
        found[trial["trial"]] = (float(trial["speed_kmh"]), float(trial["slope_percent"]))
    return found


def _ours(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    readings: dict[str, list[FormReading]] = {}
    conditions = _conditions()
    for job in jobs:
        speed, incline = conditions[job["name"]]
        recording = read_recording(Path(job["file"]))
        mount = Mount.CHEST if job["columns"] == TORSO else Mount.HIP
        chunk = round(recording.rate_hz)
        # A gyroscope's column is not used: the peers do not use it either.
        readings[job["name"]] = read(recording, mount, speed, incline, chunk, gyroscope=False)
    return {"readings": readings}


def _theirs(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    python = _peer_python()
    if python is None:
        return {}
    hour = ROOT / ".tools" / "hour.csv"
    _write_hour(hour)
    asked = {"jobs": [*jobs, {"name": "hour", "file": str(hour), "columns": TORSO}]}
    done = subprocess.run(
        [str(python), str(ROOT / "bench" / "peer_gait.py")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"The peers did not run: {done.stderr.strip().splitlines()[-1:]}")
        return {}
    found: dict[str, Any] = json.loads(done.stdout)
    for name, peer in found.items():
        for problem in peer["problems"]:
            print(f"{name}: {problem}")
    return {f"{name} {peer['version']}": peer for name, peer in found.items()}


def _peer_python() -> Path | None:
    """The peers' environment, made once; None where it cannot be."""
    venv = ROOT / ".tools" / "peers"
    python = venv / "bin" / "python"
    uv = os.environ.get("UV", "uv")
    if not python.exists():
        print("Installing the peers for this comparison (about 600 MB, once) ...", flush=True)
        try:
            subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(venv)], check=True)
            subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *PEERS], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"The peers cannot be installed here ({error}).")
            return None
    return python


def _as_readings(pairs: list[list[float]]) -> list[FormReading]:
    return [FormReading(t - 0.5, t + 0.5, None, {"cadence_spm": spm}) for t, spm in pairs]


def _cadence(result: dict[str, Any], activity: str) -> str:
    references = read_table(DATA / "torso_treadmill" / "reference_cadence.csv")
    errors, silent = [], 0
    for person in ("p1", "p2", "p3", "p4"):
        name = f"{person}_{activity}.csv.gz"
        own = result.get("readings")
        readings = own[name] if own else _as_readings(result["cadence"][name])
        found, none = cadence_errors(readings, [r for r in references if r["recording"] == name])
        errors += found
        silent += none
    total = len(errors) + silent
    return f"{np.mean(errors):.2f} % ({100 * len(errors) / total:.0f} %)" if errors else "none"


def _steps(result: dict[str, Any]) -> str:
    contacts = read_table(DATA / "sacral_runner" / "contacts.csv")
    scores = []
    for trial in sorted({c["trial"] for c in contacts}):
        own = result.get("readings")
        steps = steps_of(own[trial]) if own else [Step(t, None) for t in result["events"][trial]]
        part = [c for c in contacts if c["trial"] == trial]
        scores.append(matched(steps, part)[0] if steps else 0.0)
    return f"{np.mean(scores):.3f}"


def _hour_rows() -> tuple[np.ndarray, np.ndarray]:
    """A real run, over and over for an hour, at a strap's rate."""
    recording = read_recording(DATA / "torso_treadmill" / "p1_run_8kmh.csv.gz")
    t_s = np.arange(0, 3600, 1 / HOUR_RATE_HZ)
    at = t_s % float(recording.t_s[-1])
    return t_s, np.stack([np.interp(at, recording.t_s, recording.rows[:, k]) for k in range(3)], axis=1)


def _write_hour(path: Path) -> None:
    t_s, rows = _hour_rows()
    path.parent.mkdir(exist_ok=True)
    head = "t_s," + ",".join(TORSO)
    np.savetxt(path, np.column_stack((t_s, rows)), delimiter=",", header=head, comments="", fmt="%.5f")


def _hour(results: dict[str, Any]) -> None:
    t_s, rows = _hour_rows()
    spent = []
    for _ in range(3):
        stream = FormStream(SensorKind(Mount.CHEST), Surroundings(8.0, 0.0))
        size = round(HOUR_RATE_HZ)
        began = time.process_time()
        for at in range(0, len(t_s), size):
            stream.add(t_s[at : at + size], rows[at : at + size])
        spent.append(time.process_time() - began)
    ours = min(spent)
    print()
    lines = [["treadcoach, live path, 1 s chunks", f"{ours:.2f} s", "1"]]
    for name, peer in results.items():
        if "hour_cpu_s" in peer:
            lines.append([name, f"{peer['hour_cpu_s']:.2f} s", f"{peer['hour_cpu_s'] / ours:.1f}"])
    table(["CPU for an hour of three axes at 200 Hz", "seconds", "times ours"], lines)
