"""Half-years of simulated runners through planner, session and guard; and the planner alone."""

import random
import statistics
import time
from collections import Counter
from datetime import date, timedelta
from multiprocessing import Pool

from tests.support.lives import CHECKINS, KINDS, PLANS, RULES, WEEKS, Outcome, live
from treadcoach.core.checkin import CheckIn, Moment
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.planner import Done, PlanState, decide
from treadcoach.planning.progression import PastSession

YEARS = 5
DECISIONS = 100
COLUMNS = (
    "kind", "lives", "sessions", "hours on the belt", "5 min, first to last week", "refused", "days stopped",
    "by the console's keys", "rules broken",
)  # fmt: skip


def simulated_lives(lives: int, workers: int, kind: str | None, first: int) -> None:
    """A table of what became of them. Of all kinds in turn, or of one; seeds from `first` on."""
    began = time.perf_counter()
    kinds = KINDS if kind is None else (kind,)
    of = [(kinds[at % len(kinds)], first + at // len(kinds)) for at in range(lives)]
    with Pool(workers) as pool:
        outcomes = list(pool.imap_unordered(live, of))
    took = time.perf_counter() - began
    print(f"{lives} lives of {WEEKS} weeks, {workers} processes, {took / 60:.1f} min")
    print_table(outcomes)
    for outcome in outcomes:
        for rule in outcome.broken:
            print(f"BROKEN {outcome.kind} {outcome.seed}: {rule}")


def print_table(outcomes: list[Outcome]) -> None:
    """One row a kind, and one for all."""
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    for kind in (*KINDS, None):
        chosen = [outcome for outcome in outcomes if kind in (None, outcome.kind)]
        if chosen:
            _print_row(kind or "all", chosen)


def _print_row(kind: str, outcomes: list[Outcome]) -> None:
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.counts)
    firsts = [outcome.best_5_min_kmh[0] for outcome in outcomes if outcome.best_5_min_kmh]
    lasts = [outcome.best_5_min_kmh[-1] for outcome in outcomes if outcome.best_5_min_kmh]
    pace = f"{statistics.median(firsts):.1f} to {statistics.median(lasts):.1f} km/h" if firsts else "–"
    hours = sum(outcome.belt_s for outcome in outcomes) / 3600
    by_hand = sum(count for name, count in counts.items() if name.endswith("by the console's keys"))
    broken = sum(len(outcome.broken) for outcome in outcomes)
    amounts = [f"{counts[name]:,}" for name in ("sessions", "sessions refused", "days stopped")]
    cells = (kind, len(outcomes), amounts[0], f"{hours:,.0f}", pace, *amounts[1:], by_hand, broken)
    print(f"| {' | '.join(str(cell) for cell in cells)} |")


def planner_alone() -> None:
    """Decisions with five years of history, two check-ins on most days, and a plan as old."""
    chance = random.Random(5)
    start = date(2021, 11, 22)
    days = [start + timedelta(days=at) for at in range(365 * YEARS)]
    ran = [day for day in days if chance.random() < 0.6]
    past = [PastSession(day, {d: chance.uniform(4, 9) for d in DURATIONS_S}, 1800.0) for day in ran]
    said = [
        CheckIn(day, moment, chance.choice((0, 0, 0, 1, 3, 4)), chance.choice((None, 4, 6, 9)))
        for day in days
        for moment in Moment
        if chance.random() < 0.6
    ]
    plan = PLANS["steady-10-km"]
    done = tuple(Done((chance.randrange(len(plan.weeks)), chance.randrange(3)), day) for day in ran)
    state = PlanState(plan, start, frozenset({0, 2, 4, 5}), done)
    took = []
    for _ in range(DECISIONS):
        began = time.perf_counter()
        decide(state, past, said, days[-1] + timedelta(days=1), RULES, CHECKINS)
        took.append((time.perf_counter() - began) * 1e3)
    quantiles = statistics.quantiles(took, n=20)
    print(
        f"{len(past)} sessions, {len(said)} check-ins, {DECISIONS} decisions:"
        f" p50 {statistics.median(took):.1f} ms, p95 {quantiles[-1]:.1f} ms, max {max(took):.1f} ms"
    )
