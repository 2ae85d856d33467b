"""Runs a peer's gait analysis on recordings; called by bench.form with the peers' own environment.

Reads one JSON object from standard input: {"jobs": [{"name", "file", "columns"}]} and writes
{"peer": {"version", "cpu_s", "hour_cpu_s", "events": {name: [step instants in s]},
"cadence": {name: [[t_s, spm]]}}}.
`columns` are those of up, sideways and front-back acceleration in g.
"""

import gzip
import importlib.metadata
import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
G = 9.80665
Found = tuple[list[float], list[list[float]]]


def _load(job: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    opener = gzip.open if job["file"].endswith(".gz") else open
    with opener(job["file"], "rt") as file:
        table = pd.read_csv(file)
    t_s = table["t_s"].to_numpy()
    zeros = np.zeros(len(t_s))
    axes = [zeros if column is None else table[column].to_numpy() for column in job["columns"]]
    return t_s, np.stack(axes, axis=1)


def _mobgap(detector: str) -> Callable[[np.ndarray, np.ndarray, float], Found]:
    import mobgap.initial_contacts as contacts
    from mobgap.cadence import CadFromIcDetector

    make = getattr(contacts, detector)

    def run(t_s: np.ndarray, axes: np.ndarray, rate: float) -> Found:
        data = pd.DataFrame(axes * G, columns=["acc_is", "acc_ml", "acc_pa"])
        data[["gyr_is", "gyr_ml", "gyr_pa"]] = 0.0  # not read by these, but asked for
        found = CadFromIcDetector(make()).calculate(
            data, initial_contacts=pd.DataFrame({"ic": []}), sampling_rate_hz=rate
        )
        seconds = found.cadence_per_sec_["cadence_spm"]
        pairs = [[second + 0.5, float(v)] for second, v in enumerate(seconds) if np.isfinite(v)]
        events = make().detect(data, sampling_rate_hz=rate).ic_list_["ic"].to_numpy()
        return (t_s[0] + events / rate).tolist(), pairs

    return run


def _skdh() -> Callable[[np.ndarray, np.ndarray, float], Found]:
    from skdh.gait import GaitLumbar

    def run(t_s: np.ndarray, axes: np.ndarray, rate: float) -> Found:
        order = axes[:, [0, 1, 2]]
        gait = GaitLumbar(min_bout_time=4.0)
        result = gait.predict(
            time=1.6e9 + t_s, accel=order, fs=rate, height=1.75, gait_pred=True, v_axis=0, ap_axis=2
        )
        events = np.asarray(result["IC Timestamp"], dtype=float) - 1.6e9
        # Where it finds no gait there are no columns of it.
        cadence = np.asarray(result.get("cadence", []), dtype=float)
        pairs = [[float(t), float(c)] for t, c in zip(events, cadence, strict=False) if np.isfinite(c)]
        return events.tolist(), pairs

    return run


def main() -> int:
    jobs = json.load(sys.stdin)["jobs"]
    peers = {
        f"mobgap {name.removeprefix('Icd')}": ("mobgap", _mobgap(name))
        for name in ("IcdIonescu", "IcdShinImproved", "IcdHKLeeImproved")
    }
    peers["skdh GaitLumbar"] = ("scikit-digital-health", _skdh())
    out = {}
    for label, (package, run) in peers.items():
        events: dict[str, list[float]] = {}
        cadence: dict[str, list[list[float]]] = {}
        spent, hour_s, problems = 0.0, 0.0, []
        for job in jobs:
            t_s, axes = _load(job)
            rate = round(1 / float(np.median(np.diff(t_s))), 3)
            began = time.process_time()
            try:
                events[job["name"]], cadence[job["name"]] = run(t_s, axes, rate)
            except Exception as error:  # noqa: BLE001  # whatever a peer does with running, it is reported
                problems.append(f"{job['name']}: {type(error).__name__}: {str(error)[:80]}")
                events[job["name"]], cadence[job["name"]] = [], []
            took = time.process_time() - began
            if job["name"] == "hour":
                hour_s = took
            else:
                spent += took
        out[label] = {
            "version": importlib.metadata.version(package),
            "cpu_s": spent,
            "hour_cpu_s": hour_s,
            "events": events,
            "cadence": cadence,
            "problems": problems,
        }
    json.dump(out, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
