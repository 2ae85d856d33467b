"""From when to when a form issue was up, from a session's log."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_LINE = re.compile(r"(B\d+) (.*?)(: over)?(?=: | \(|$)")
OVER = ": over ("


@dataclass(frozen=True, slots=True)
class IssueSpan:
    """One issue. Seconds since the session began."""

    id: str
    name: str
    start_s: float
    end_s: float


def issue_spans(events: Iterable[Any], begin_s: float, end_s: float) -> list[IssueSpan]:
    """Spans in the order they began, from rows of 'events'; what was never over lasts to end_s.

    Two sensors may see one issue: it is up while either does.
    """
    out: list[IssueSpan] = []
    up: dict[str, tuple[str, float, int]] = {}
    for row in events:
        found = _LINE.match(row.text) if row.kind == "form" else None
        if found is None:
            continue
        key, name, t_s = found[1], found[2], row.t_s - begin_s
        since = up.get(key)
        if OVER not in row.text:
            up[key] = (name, t_s, 1) if since is None else (since[0], since[1], since[2] + 1)
        elif since is not None and since[2] > 1:
            up[key] = (since[0], since[1], since[2] - 1)
        elif since is not None:
            out.append(IssueSpan(key, since[0], since[1], t_s))
            del up[key]
    out += [IssueSpan(key, name, start_s, end_s) for key, (name, start_s, _) in up.items()]
    return sorted(out, key=lambda span: span.start_s)
