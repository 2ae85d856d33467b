"""Runs the parts that are named, or all, and prints one table each. Nothing here is a test."""

import argparse
import logging
import os
import platform
import sys
import time
from collections.abc import Callable

from bench import distances, form, house, lives, processes, radio, store, web

PARTS: dict[str, Callable[[], None]] = {
    "stop": radio.stop_latency,
    "tick": radio.tick_lateness,
    "hour": radio.virtual_hour,
    "fleet": radio.fleet,
    "store": store.store_and_history,
    "start": processes.start_and_memory,
    "command": processes.stop_command,
    "kill": processes.kills,
    "tap": web.stop_from_a_page,
    "pages": web.pages_and_the_loop,
    "paint": web.first_paint_and_review,
    "broker": house.broker_and_the_loop,
    "export": house.export_speed,
    "practice": house.practice_on_postgres,
    "form": form.form_against_peers,
    "planner": lives.planner_alone,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; all when left out")
    parser.add_argument("--lives", type=int, help="Live so many simulated half-years.")
    parser.add_argument("--distances", type=int, help="Walk so many sessions on a bad air.")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="Processes for the lives.")
    parser.add_argument("--kind", choices=lives.KINDS, help="Lives of this kind alone.")
    parser.add_argument("--first", type=int, default=0, help="The seed of the first life of a kind.")
    options = parser.parse_args()
    chosen = options.part or ([] if options.lives or options.distances else list(PARTS))
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"not a part: {', '.join(sorted(unknown))}; allowed: {', '.join(PARTS)}")
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    logging.getLogger("treadcoach").setLevel(logging.CRITICAL)
    print(f"Python {platform.python_version()}, {platform.machine()}, {time.strftime('%Y-%m-%d')}")
    for part in chosen:
        print(f"\n== {part}")
        PARTS[part]()
    if options.lives:
        print("\n== lives")
        lives.simulated_lives(options.lives, options.workers, options.kind, options.first)
    if options.distances:
        print("\n== distances")
        distances.simulated_sessions(options.distances, options.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
