"""`scripts/adversary sharpness`: is each planted fault found, by which promise, at which seed?

Each fault is put into a copy of the tree; seeds run there from 0 until a promise is broken that the tree
as it is keeps for the same seed.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from os import cpu_count
from pathlib import Path
from threading import Lock

from tests.adversary.command import judged, quiet
from tests.adversary.generate import plan_of
from tests.adversary.plan import Plan
from tests.adversary.planted_faults import FAULTS, PlantedFault

MOST_SEEDS = 2000
COPIED = ("treadcoach", "tests/__init__.py", "tests/adversary", "tests/support", "protocols", "plans")
ROOT = Path(__file__).parents[2]


def can_show(among: str, plan: Plan) -> bool:
    """Whether a fault can change anything in this session: without a pulse ceiling none of the pulse does."""
    match among:
        case "pulse":
            return plan.strap and plan.runner.pulse_ceiling_bpm is not None
        case "back":
            return plan.runner.aching_back
        case "long":
            return plan.long
        case _:
            return True


def hunt(first: int, last: int, among: str) -> None:
    """Run seeds and print the promises that were broken, a line a seed; for the copy of the tree."""
    quiet()
    for seed in range(first, last):
        if not can_show(among, plan_of(seed)):
            continue
        try:
            promises = sorted({finding.promise for finding in judged(seed)[1]})
        except Exception as error:  # noqa: BLE001  # a fault that breaks the session itself is found, too
            promises = [f"the session broke: {type(error).__name__}"]
        print(f"{seed}\t{'|'.join(promises)}", flush=True)


@contextmanager
def planted(fault: PlantedFault | None) -> Iterator[Path]:
    """A copy of the tree with one fault; raises ValueError where its text does not occur exactly once."""
    with tempfile.TemporaryDirectory(prefix="treadcoach-planted-") as where:
        tree = Path(where)
        for name in COPIED:
            source, copy = ROOT / name, tree / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy)
        if fault is not None:
            for name, old, new in fault.replacements:
                text = (tree / name).read_text()
                if (times := text.count(old)) != 1:
                    raise ValueError(f"its text occurs {times} times in {name}: {old[:60]!r}")
                (tree / name).write_text(text.replace(old, new))
        yield tree


class Baseline:
    """What the tree as it is breaks, seed by seed; run only where it is asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[int, set[str]] = {}
        quiet()

    def broken(self, seed: int) -> set[str]:
        with self._lock:
            if seed not in self._known:
                self._known[seed] = {finding.promise for finding in judged(seed)[1]}
            return self._known[seed]


def search(fault: PlantedFault, baseline: Baseline, most: int) -> tuple[int | None, str]:
    """The first seed that finds a fault, and by which promises."""
    with planted(fault) as tree:
        python = str(Path(sys.executable).absolute())
        command = [python, "-m", "tests.adversary.sharpness", "--hunt", "0", str(most), fault.among]
        running = subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, text=True)
        assert running.stdout is not None
        try:
            for line in running.stdout:
                seed, _, names = line.rstrip("\n").partition("\t")
                if not names:
                    continue
                new = set(names.split("|")) - baseline.broken(int(seed))
                if new:
                    return int(seed), ", ".join(sorted(new))
            if running.wait():
                return None, f"the planted tree does not run (exit {running.returncode})"
        finally:
            running.kill()
            running.wait()
    return None, "not found"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/adversary sharpness", description=__doc__)
    parser.add_argument("--hunt", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, default=MOST_SEEDS, help="how many seeds at most for each fault")
    parser.add_argument("--skip", type=int, default=0, help="so many of the faults at first")
    parser.add_argument("--only", help="faults whose name holds this")
    parser.add_argument("--jobs", type=int, default=cpu_count() or 1)
    options = parser.parse_args(arguments)
    if options.hunt:
        first, last, among = options.hunt
        hunt(int(first), int(last), among)
        return 0
    baseline = Baseline()
    faults = [fault for fault in FAULTS[options.skip :] if not options.only or options.only in fault.name]
    began = time.monotonic()

    def one(fault: PlantedFault) -> tuple[PlantedFault, int | None, str]:
        try:
            seed, words = search(fault, baseline, options.most)
        except ValueError as error:
            return fault, None, f"not planted: {error}"
        return fault, seed, words

    missed = 0
    print("| fault | found by | first seed |\n| --- | --- | --- |", flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        for fault, seed, words in pool.map(one, faults):
            missed += seed is None
            print(f"| {fault.name} | {words} | {'–' if seed is None else seed} |", flush=True)
    took = time.monotonic() - began
    print(
        f"{len(faults)} faults, {missed} not found within {options.most} seeds; {took:.0f} s", file=sys.stderr
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
