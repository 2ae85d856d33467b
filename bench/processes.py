"""Measured on processes: `--help`, memory of `run`, and kills with the warden's answer."""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.figures import spread_ms
from tests.scenario.test_processes import WORKOUT, Process, Sim, check_journal
from treadcoach.warden.report import read_report

KILLS = int(os.environ.get("TREADCOACH_KILLS", "50"))
SEED = 20_261_120


def start_and_memory() -> None:
    times = []
    for _ in range(15):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "treadcoach", "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    print(spread_ms("treadcoach --help", times))
    with tempfile.TemporaryDirectory() as folder:
        sim = _sim(Path(folder), speed_up=1)
        run = Process(Path(folder) / "run.log", "run", "--workout", WORKOUT)
        run.wait_for("The belt moves")
        time.sleep(10)  # let it settle
        whole = psutil.Process(run.popen.pid)
        before = whole.cpu_times()
        time.sleep(10)  # what it takes over ten seconds
        after = whole.cpu_times()
        used = after.user + after.system - before.user - before.system
        warden = whole.children()[0]
        memory_mb = whole.memory_info().rss / 1e6
        print(f"{'resident memory of run':<46} {memory_mb:6.0f} MB, {used / 10:.1%} of a core")
        print(f"{'resident memory of its warden':<46} {warden.memory_info().rss / 1e6:6.0f} MB")
        run.popen.send_signal(signal.SIGINT)
        run.popen.wait(timeout=30)
        run.end()
        sim.end()


def stop_command() -> None:
    """What the installed `treadcoach pause`, and the `stop` at the end, take of a processor."""
    command = Path(sys.executable).parent / "treadcoach"
    with tempfile.TemporaryDirectory() as folder:
        sim = _sim(Path(folder), speed_up=1)
        run = Process(Path(folder) / "run.log", "run", "--workout", WORKOUT)
        run.wait_for("The belt moves")
        cpu, wall = [], []
        for kind in ["pause"] * 19 + ["stop"]:
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run([command, kind], check=True, stdout=subprocess.DEVNULL, cwd="/")
            wall.append(time.perf_counter() - began)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        run.popen.wait(timeout=30)
        run.end()
        sim.end()
    print(f"{'CPU time of treadcoach stop, at least':<46} {min(cpu) * 1e3:6.0f} ms")
    print(spread_ms("CPU time of treadcoach stop", cpu))
    print(spread_ms("from the key to 'stop was sent'", wall))


def _sim(folder: Path, speed_up: int) -> Sim:
    os.environ["TREADCOACH_HOME"] = os.environ["XDG_RUNTIME_DIR"] = str(folder)
    sim = Sim(folder / "sim.log", "sim", "--speed-up", str(speed_up))
    sim.wait_for("treadcoach run")
    return sim


def kills() -> None:
    """Kill -9, and freezes, at random moments: time to STOP on the wire, and what the journal lost."""
    rng = random.Random(SEED)
    for name, how, count in (
        ("killed", signal.SIGKILL, KILLS),
        ("frozen", signal.SIGSTOP, max(KILLS // 10, 1)),
    ):
        stops, taken, lost = [], [], []
        for number in range(count):
            with tempfile.TemporaryDirectory() as folder:
                place = Path(folder)
                sim = _sim(place, speed_up=20)
                run = Process(place / "run.log", "run", "--workout", WORKOUT, "--jog", "8 km/h")
                run.wait_for("Released.")
                time.sleep(rng.uniform(0.0, 18.0))  # the random moment
                if run.popen.poll() is not None:
                    print(f"  {name} {number}: the session was over already")
                else:
                    at = time.time()
                    run.popen.send_signal(how)
                    run.wait_for("STOP sent", 20)
                    found = re.findall(r"STOP sent ([0-9.]+) s", run.text())
                    silence = 2.0 if how is signal.SIGSTOP else 0.0
                    stops.append(float(found[0]) + silence)
                    run.wait_for("the belt stands", 20)
                    time.sleep(0.1)  # its report is written beside it
                    report = read_report(place / "simulated" / "warden.json")
                    assert report is not None
                    taken += [silence + stop.after_s for stop in report.stops if stop.answer == "success"][:1]
                    lost.append(check_journal(place, at))
                run.end()
                sim.end()
        if stops:
            print(spread_ms(f"{name}: to STOP at the control point", stops))
            print(spread_ms(f"{name}: to a STOP that the machine took", taken))
            print(spread_ms(f"{name}: not in the journal", lost))
