"""The outside judge: it knows octets, the belt's true state and what people did, and nothing of treadcoach.

Every promise is a function in `judge_orders`, `judge_stops`, `judge_watch` or `judge_people`. Where a machine
lies so that no program could know, the promise is not demanded; `knowable` and the comments say where.
"""

from tests.adversary import judge_orders, judge_people, judge_stops, judge_watch
from tests.adversary.evidence import Evidence
from tests.adversary.finding import Finding

PROMISES = (
    *judge_orders.PROMISES,
    *judge_stops.PROMISES,
    *judge_watch.PROMISES,
    *judge_people.PROMISES,
)


def judge(seen: Evidence) -> list[Finding]:
    """Every promise that was not kept, the first time it was not, in the order of time."""
    seen.kept_releases = None
    found: dict[str, Finding] = {}
    for promise in PROMISES:
        for finding in promise(seen):
            first = found.get(finding.promise)
            if first is None or finding.t_s < first.t_s:
                found[finding.promise] = finding
    return sorted(found.values(), key=lambda finding: (finding.t_s, finding.promise))
