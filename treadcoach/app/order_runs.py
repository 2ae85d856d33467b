"""Runs of orders that one reason brought: what the belt did, and why, in lines a person can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from treadcoach.core.units import SpeedUnit, format_speed


@dataclass(frozen=True, slots=True)
class OrderRun:
    """Orders of one kind and one reason in a row. t_s: since the session began; odd: answers but a yes."""

    t_s: float
    end_s: float
    kind: str
    value: int
    steps: int
    reason: str
    source: str
    odd: tuple[str, ...]
    answer: str | None

    def words(self, unit: SpeedUnit) -> str:
        """What it came to: 'start', 'STOP', a speed or an incline."""
        if self.kind == "stop":
            return "STOP"
        if self.kind == "start":
            return "start"
        return format_speed(self.value / 100, unit) if self.kind == "speed" else f"{self.value / 10:g} %"


def order_runs(orders: Sequence[Row[Any]], begin_s: float) -> list[OrderRun]:
    """Rows of 'orders' put together, in the order they were given."""
    out: list[OrderRun] = []
    run: list[Row[Any]] = []
    for row in [*orders, None]:
        same = row is not None and run and row.kind == run[0].kind and row.reason == run[0].reason
        if row is not None and (same or not run):
            run.append(row)
            continue
        if run:
            out.append(_run(run, begin_s))
        run = [row] if row is not None else []
    return out


def _run(rows: list[Row[Any]], begin_s: float) -> OrderRun:
    first, last = rows[0], rows[-1]
    odd = (
        sorted({str(row.result) for row in rows} - {"success"}) if first.kind not in ("stop", "start") else []
    )
    return OrderRun(
        first.t_s - begin_s,
        last.t_s - begin_s,
        first.kind,
        last.value,
        len(rows),
        first.reason,
        first.source,
        tuple(odd),
        first.result,
    )
