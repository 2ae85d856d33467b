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
    """Rows of 'orders' put together by kind, in the order in which each run begins.

    Speed and incline move at the same time: a step of one does not end a run of the other.
    """
    runs: list[list[Row[Any]]] = []
    open_runs: dict[str, list[Row[Any]]] = {}
    for row in orders:
        run = open_runs.get(row.kind)
        if row.kind in ("start", "stop"):
            open_runs.clear()  # what follows is a run of its own
        if run is not None and run[0].reason == row.reason and open_runs:
            run.append(row)
            continue
        open_runs[row.kind] = [row]
        runs.append(open_runs[row.kind])
    return [_run(run, begin_s) for run in runs]


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
