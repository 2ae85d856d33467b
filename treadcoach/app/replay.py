"""Feeds a stored session through the live entry again and compares every order."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine

from treadcoach.app.controller import Controller
from treadcoach.app.inputs import NEW_SETUP, feed
from treadcoach.app.outputs import Drive, Stop
from treadcoach.app.setup_codec import setup_from_json
from treadcoach.store import history
from treadcoach.store.rescues import WARDEN

Ordered = tuple[str, int, str]
"""Kind, value on the wire, and the reason."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replay found."""

    inputs: int
    orders: int
    differences: tuple[str, ...]
    took_s: float


def replay(engine: Engine, number: int) -> Outcome:
    """Replay one session. Raises InputError, StoreError."""
    history.get_session(engine, number)
    setup, _, _ = history.setup_of(engine, number)
    stored = sorted(
        (row.t_s, row.kind, row.value, row.reason)
        for row in history.rows_of(engine, "orders", number)
        if row.source != WARDEN
    )
    inputs = history.rows_of(engine, "inputs", number)
    parsed = setup_from_json(setup)
    controller = Controller(parsed)
    began = time.perf_counter()
    made: list[tuple[float, str, int, str]] = []
    for row in inputs:
        if row.kind == NEW_SETUP:
            controller = Controller(parsed, before=controller)
            continue
        for output in feed(controller, row.t_s, row.kind, row.name, row.payload):
            if isinstance(output, Drive):
                order = output.order
                made.append((order.cleared_s, order.kind.value, order.value, order.reason))
            elif isinstance(output, Stop):
                made.append((row.t_s, "stop", 0, output.cause))
    made.sort()
    took_s = time.perf_counter() - began
    differences = []
    for at, (then, now) in enumerate(zip(stored, made, strict=False)):
        if then[1:] != now[1:] or abs(then[0] - now[0]) > 0.05:
            differences.append(
                f"order {at + 1}: then {then[1:]} at {then[0]:.2f}, now {now[1:]} at {now[0]:.2f}"
            )
    if len(stored) != len(made):
        differences.append(f"then {len(stored)} orders, now {len(made)}")
    return Outcome(len(inputs), len(made), tuple(differences), took_s)
