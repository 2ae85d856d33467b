"""Orders down that the machine does not take: a belt that cannot be slowed has to be stopped."""

from treadcoach.core.guidance import BeltRules
from treadcoach.guard.gate import OrderKind

GAP_S = 6.0
"""Orders that are wanted come every one or two seconds; after a longer break they are others."""
NOT_THE_MACHINES = ("void", "failed", "no link", "control_not_permitted")
"""What came of an order without the machine having refused its value; each has its own consequences."""


class Refusals:
    """For how long orders down have been refused. Times are the one clock's seconds."""

    def __init__(self, rules: BeltRules) -> None:
        self._patience_s = rules.watch_follow_s
        self._seen: dict[OrderKind, tuple[float, float]] = {}

    def refused(self, now_s: float, kind: OrderKind, result: str) -> bool:
        """One more order down was not taken; whether this has gone on for too long."""
        if result.startswith(NOT_THE_MACHINES):
            return False
        first_s, last_s = self._seen.get(kind, (now_s, now_s))
        if now_s - last_s > GAP_S:
            first_s = now_s
        self._seen[kind] = (first_s, now_s)
        return now_s - first_s >= self._patience_s

    def taken(self, kind: OrderKind) -> None:
        self._seen.pop(kind, None)

    def forget(self) -> None:
        """The gate is shut: orders of before say nothing of those that follow."""
        self._seen.clear()
