"""Sessions on a bad air: how far the coach's distance is off the belt's."""

import time
from multiprocessing import Pool

from tests.support.distances import Walked, one_session

MOST_PERCENT = 0.1


def simulated_sessions(count: int, workers: int) -> None:
    """Walk so many sessions, each by its own seed; what is past the aim is named with its seed."""
    began = time.perf_counter()
    with Pool(workers) as pool:
        found: list[Walked] = list(pool.imap_unordered(one_session, range(count), chunksize=5))
    took = time.perf_counter() - began
    errors = sorted(one.error_percent for one in found)
    happened = {
        name: sum(getattr(one, name) for one in found) for name in ("pauses", "resets", "cuts", "silences")
    }
    km = sum(one.true_m for one in found) / 1000
    print(f"{count} sessions, {km:,.0f} km, {took / 60:.1f} min;", end=" ")
    print(", ".join(f"{number:,} {name}" for name, number in happened.items()))
    at = {share: errors[min(int(share * count), count - 1)] for share in (0.5, 0.95, 0.99)}
    print(f"error p50 {at[0.5]:.3f} %, p95 {at[0.95]:.3f} %, p99 {at[0.99]:.3f} %, max {errors[-1]:.3f} %")
    past = [one for one in found if one.error_percent > MOST_PERCENT]
    print(f"{len(past)} past {MOST_PERCENT} %")
    for one in past:
        print(f"  {one}")
