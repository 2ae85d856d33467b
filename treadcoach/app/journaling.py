"""Turns the controller's outputs into rows of the journal."""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import asdict

from treadcoach.app.outputs import Drive, Event, FormRow, OrderOutcome, Output, SampleRow, Stop
from treadcoach.store import schema
from treadcoach.store.journal import Journal


class JournalRecorder:
    """The coach's recorder on the store's journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._stops = 0

    def begin(self, title: str, setup: Mapping[str, object], started_unix_s: float) -> int:
        start_s = asyncio.get_running_loop().time()
        return self._journal.begin(title, setup, started_unix_s, start_s)

    def renew(self, setup: Mapping[str, object]) -> None:
        self._journal.renew(setup)

    def input(self, t_s: float, kind: str, name: str, payload: bytes) -> None:
        row = {"kind": kind, "name": name, "payload": payload}
        self._journal.add(schema.inputs, t_s, row)

    def output(self, output: Output) -> None:
        match output:
            case Drive(order, wish, source):
                row = {
                    "seq": order.id,
                    "kind": order.kind.value,
                    "value": order.value,
                    "source": source,
                    "wish": wish,
                    "reason": order.reason,
                    "bounds": json.dumps([asdict(bound) for bound in order.bounds]),
                }
                self._journal.add(schema.orders, order.cleared_s, row)
            case Stop(cause):
                self._stops += 1
                # Negative numbers: a stop needs no clearing and is never confused with an order.
                row = {
                    "seq": -self._stops,
                    "kind": "stop",
                    "value": 0,
                    "source": "the session",
                    "reason": cause,
                    "bounds": "[]",
                }
                now_s = asyncio.get_running_loop().time()
                self._journal.add(schema.orders, now_s, row)
            case OrderOutcome(order_id, t_s, result, readback):
                if result is not None:
                    self._journal.update_order(order_id, {"result": result, "result_s": t_s})
                else:
                    self._journal.update_order(order_id, {"readback_kmh": readback, "readback_s": t_s})
            case Event():
                row = {"kind": output.kind, "level": output.level.value, "text": output.text}
                self._journal.add(schema.events, output.t_s, row)
            case SampleRow():
                values = asdict(output)
                t_s = values.pop("t_s")
                self._journal.add(schema.samples, t_s, values | {"phase": output.phase.value})
            case FormRow():
                row = {
                    "sensor": output.sensor,
                    "gait": output.gait,
                    "start_s": output.start_s,
                    "metrics": json.dumps(dict(output.values)),
                    "doubts": json.dumps(output.doubts),
                }
                self._journal.add(schema.form, output.t_s, row)
            case _:
                pass

    def word(self, kind: str, said_unix_s: float) -> Future[None]:
        return self._journal.word(kind, said_unix_s)

    async def end(self, state: str, summary: Mapping[str, object]) -> None:
        if self._journal.is_inline:
            self._journal.end(state, summary)
        else:
            # Other belts may be led by this loop, and this one's warden wants its heartbeats.
            await asyncio.to_thread(self._journal.end, state, summary)

    def fault(self) -> str | None:
        return self._journal.fault()

    def gone_for_s(self) -> float | None:
        return self._journal.gone_for_s()


class NullRecorder:
    """Records nothing; for benches that measure the rest, and for replay."""

    def begin(self, title: str, setup: Mapping[str, object], started_unix_s: float) -> int:
        return 0

    def renew(self, setup: Mapping[str, object]) -> None:
        """Not kept."""

    def input(self, t_s: float, kind: str, name: str, payload: bytes) -> None:
        """Not kept."""

    def output(self, output: Output) -> None:
        """Not kept."""

    def word(self, kind: str, said_unix_s: float) -> Future[None]:
        done: Future[None] = Future()
        done.set_result(None)
        return done

    async def end(self, state: str, summary: Mapping[str, object]) -> None:
        """Not kept."""

    def fault(self) -> str | None:
        return None

    def gone_for_s(self) -> float | None:
        return None
