"""`scripts/adversary`: runs seeds on all cores and prints every promise that was not kept."""

import argparse
import logging
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count

from bumble import hci

from tests.adversary.evidence import Evidence
from tests.adversary.finding import Finding
from tests.adversary.generate import plan_of
from tests.adversary.judge import judge
from tests.adversary.session import run

AROUND_S = 6.0
CHUNK = 8


def quiet() -> None:
    """Nobody reads the logs of thousands of sessions, and writing them is a quarter of their time."""
    logging.disable(logging.CRITICAL)
    # Bumble words every packet for a log that is switched off: a tenth of the time.
    hci.HCI_Object.format_fields = staticmethod(lambda *_fields, **_more: "")  # type: ignore[method-assign]
    warnings.simplefilter("ignore")


def judged(seed: int) -> tuple[Evidence, list[Finding]]:
    seen = run(plan_of(seed))
    return seen, judge(seen)


def around(seen: Evidence, t_s: float, before_s: float = AROUND_S, after_s: float = 2.0) -> list[str]:
    """What was written, asked, pressed and told around a time, with the belt's true state."""
    lines: list[tuple[float, str]] = []

    def line(at: float, text: str) -> None:
        if t_s - before_s <= at <= t_s + after_s:
            state = f"[{seen.speed.at(at):5.2f} km/h {seen.incline.at(at):4.1f} % {seen.state_at(at)}]"
            lines.append((at, f"{at:8.2f} {state} {text}"))

    for write in seen.writes:
        line(
            write.t_s,
            f"octets {write.data.hex()} {write.words}; was heading for {write.target_kmh:.2f} km/h"
            f" {write.target_percent:.1f} %; answer {write.result}",
        )
    for ask in seen.asked:
        line(ask.t_s, f"asked {ask.kind} {ask.amount:g}")
    for press in seen.pressed:
        line(press.t_s, f"console {press.key}: {press.before_kmh:.2f} -> {press.after_kmh:.2f} km/h")
    for at, count in seen.links:
        line(at, f"links: {count}")
    for at, octets, true in seen.statuses:
        line(at, f"status {octets.hex()}{'' if true else ' (false)'}")
    for told in seen.told:
        if told.kind != "order":
            line(told.t_s, f"told {told.level} {told.kind}: {told.text[:120]}")
    for lie in seen.lies:
        line(lie.from_s, f"lie {lie.kind} {lie.detail} until {lie.to_s:.1f}")
    for at, length in seen.stalls:
        line(at, f"the computer stood still for {length:g} s")
    if seen.limits.pulse_ceiling_bpm is not None:
        for beat in seen.beats[::5]:
            line(beat.t_s, f"pulse {beat.true_bpm:.0f}, said {beat.said_bpm}, contact {beat.contact}")
    for at, kmh, who in seen.targets:
        if who != "order":
            line(at, f"target {kmh:.2f} km/h by {who}")
    for at, percent, who in seen.tilts:
        if who != "order":
            line(at, f"target {percent:.1f} % by {who}")
    return [text for _at, text in sorted(lines, key=lambda pair: pair[0])]


def story(seed: int) -> int:
    plan = plan_of(seed)
    print("\n".join(plan.story()))
    seen, findings = judged(seed)
    print("\n".join(around(seen, 0.0, 1.0, 1e9)))
    print(f"ended at {seen.ended_s} in {seen.ended_in}; belt {seen.speed.at(seen.watched_until_s):.2f} km/h")
    for finding in findings:
        print(f"FINDING {finding}")
    return 1 if findings else 0


Look = tuple[int, str, list[Finding], list[list[str]], str]
"""Seed, theme, findings, what was around each, and a fault of the adversary itself."""


def look(seed: int, brief: bool = False) -> Look:
    try:
        seen, findings = judged(seed)
    except Exception:  # noqa: BLE001  # a fault of the adversary itself is told with its seed
        return seed, "?", [], [], traceback.format_exc()
    lines = [] if brief else [around(seen, finding.t_s) for finding in findings]
    return seed, plan_of(seed).theme, findings, lines, ""


def looks(seeds: range, jobs: int, brief: bool) -> Iterator[Look]:
    if jobs == 1:
        quiet()
        yield from (look(seed, brief) for seed in seeds)
        return
    with ProcessPoolExecutor(jobs, initializer=quiet) as pool:
        yield from pool.map(look, seeds, [brief] * len(seeds), chunksize=CHUNK)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/adversary", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=200, help="how many seeds")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="one seed, with the whole story")
    parser.add_argument("--jobs", type=int, default=cpu_count() or 1)
    parser.add_argument("--brief", action="store_true", help="a line for each finding, no more")
    options = parser.parse_args(arguments)
    quiet()
    if options.seed is not None:
        return story(options.seed)
    began = time.monotonic()
    promises: Counter[str] = Counter()
    firsts: dict[str, int] = {}
    bad = broken = 0
    seeds = range(options.first, options.first + options.count)
    for seed, theme, findings, lines, error in looks(seeds, options.jobs, options.brief):
        if error:
            broken += 1
            print(f"seed {seed}: THE ADVERSARY ITSELF FAILED\n{error}", flush=True)
        bad += bool(findings)
        for i, finding in enumerate(findings):
            promises[finding.promise] += 1
            firsts.setdefault(finding.promise, seed)
            print(f"seed {seed} ({theme}): {finding}", flush=True)
            if lines:
                print("\n".join("    " + text for text in lines[i]), flush=True)
    took = time.monotonic() - began
    for promise, count in promises.most_common():
        print(f"{count:6d}  {promise} (first seed {firsts[promise]})")
    rate = len(seeds) / max(took, 1e-9)
    print(
        f"{len(seeds)} sessions from seed {options.first}, {bad} with findings,"
        f" {sum(promises.values())} findings, {broken} not run; {took:.0f} s, {rate:.1f} sessions/s"
    )
    return 1 if bad or broken else 0


if __name__ == "__main__":
    sys.exit(main())
