"""The journal's writer: one thread, one transaction a fraction of a second, nothing waits for it."""

import json
import queue
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, bindparam
from sqlalchemy.exc import SQLAlchemyError

from treadcoach.core.errors import StoreError
from treadcoach.store import schema
from treadcoach.store.summary import session_figures

COMMIT_EVERY_S = 0.25
"""Killed at any moment, at most this and one commit are lost."""
MOST_WAITING = 200_000
INLINE_ROWS = 1000
_UPDATE = "update"
Row = tuple[Table, str, dict[str, Any]]


class Journal:
    """Writes one session. Rows are queued at once and committed by the writer thread.

    With `inline` there is no thread: rows are committed by the caller, a thousand at a time.
    That is for virtual time, where a loop that never waits would starve the thread.
    """

    def __init__(
        self, engine: Engine, runner: str, machine: str, address: str, *, inline: bool = False
    ) -> None:
        self._inline: list[Row] | None = [] if inline else None
        self._engine = engine
        self._runner = runner
        self._machine = machine
        self._address = address
        self._queue: queue.SimpleQueue[Row | None] = queue.SimpleQueue()
        self._seq = {"inputs": 0, "events": 0, "samples": 0, "orders": 0, "form": 0}
        self._fault: str | None = None
        self._thread: threading.Thread | None = None
        self.session_id: int | None = None

    def begin(self, title: str, setup: Mapping[str, object], started_unix_s: float, start_s: float) -> int:
        """Open a session; its number. Raises StoreError."""
        day = datetime.fromtimestamp(started_unix_s).astimezone().date().isoformat()
        try:
            with self._engine.begin() as connection:
                result = connection.execute(
                    schema.sessions.insert().values(
                        runner=self._runner,
                        title=title,
                        machine=self._machine,
                        address=self._address,
                        started_unix_s=started_unix_s,
                        day=day,
                        state="running",
                    )
                )
                key = result.inserted_primary_key
                assert key is not None
                number = int(key[0])
                connection.execute(
                    schema.setups.insert().values(session_id=number, start_s=start_s, setup=json.dumps(setup))
                )
        except SQLAlchemyError as error:
            raise StoreError(f"a session cannot be opened in the journal: {error}") from error
        self.session_id = number
        if self._inline is None:
            self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
            self._thread.start()
        return number

    def add(self, table: Table, t_s: float, values: Mapping[str, Any]) -> None:
        """Queue one row. `orders` rows bring their own `seq`: the order's number."""
        row = {"session_id": self.session_id, "t_s": t_s, **values}
        if "seq" not in row:
            self._seq[table.name] += 1
            row["seq"] = self._seq[table.name]
        self._put((table, "insert", row))

    def update_order(self, order_id: int, values: Mapping[str, Any]) -> None:
        """Queue what became of an order."""
        key = {"b_session": self.session_id, "b_seq": order_id}
        self._put((schema.orders, _UPDATE, {**key, **values}))

    def _put(self, row: Row) -> None:
        if self._inline is None:
            self._queue.put(row)
            return
        self._inline.append(row)
        if len(self._inline) >= INLINE_ROWS:
            self._commit(self._inline)
            self._inline = []

    def fault(self) -> str | None:
        if self._fault is None and self._queue.qsize() > MOST_WAITING:
            self._fault = f"more than {MOST_WAITING} rows wait to be written"
        return self._fault

    def flush(self) -> None:
        """Wait until everything queued so far is on disk (for the end, and for tests)."""
        if self._inline:
            self._commit(self._inline)
            self._inline = []
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(timeout=30)
            self._thread = None

    def end(self, state: str, summary: Mapping[str, object]) -> None:
        """Write what is left, then the figures of the session. Raises StoreError."""
        self.flush()
        if self.session_id is None:
            return
        close_session(self._engine, self.session_id, state, summary)

    def _write(self) -> None:
        stop = False
        while not stop:
            batch: list[Row] = []
            first = self._queue.get()
            until = time.monotonic() + COMMIT_EVERY_S
            item: Row | None = first
            while True:
                if item is None:
                    stop = True
                    break
                batch.append(item)
                try:
                    item = self._queue.get(timeout=max(until - time.monotonic(), 0.0))
                except queue.Empty:
                    break
                if len(batch) >= 5000:
                    batch.append(item) if item is not None else None
                    stop = item is None
                    break
            if self._fault is None and batch:
                self._commit(batch)

    def _commit(self, batch: list[Row]) -> None:
        try:
            with self._engine.begin() as connection:
                at = 0
                while at < len(batch):
                    table, what, first = batch[at]
                    end = at
                    while (
                        end < len(batch)
                        and batch[end][0] is table
                        and batch[end][1] == what
                        and (batch[end][2].keys() == first.keys())
                    ):
                        end += 1
                    rows = [row for _, _, row in batch[at:end]]
                    if what == _UPDATE:
                        statement = (
                            table.update()
                            .where(table.c.session_id == bindparam("b_session"))
                            .where(table.c.seq == bindparam("b_seq"))
                        )
                        values: dict[str, Any] = {
                            name: bindparam(name) for name in first if not name.startswith("b_")
                        }
                        connection.execute(statement.values(values), rows)
                    else:
                        connection.execute(table.insert(), rows)
                    at = end
        except SQLAlchemyError as error:
            self._fault = str(getattr(error, "orig", error))


def close_session(engine: Engine, session_id: int, state: str, summary: Mapping[str, object]) -> None:
    """Compute a session's figures from its samples and close it. Raises StoreError."""
    try:
        with engine.begin() as connection:
            figures = session_figures(connection, session_id)
            connection.execute(
                schema.sessions.update()
                .where(schema.sessions.c.id == session_id)
                .values(state=state, **figures)
            )
            connection.execute(
                schema.setups.update()
                .where(schema.setups.c.session_id == session_id)
                .values(summary=json.dumps(summary))
            )
    except SQLAlchemyError as error:
        raise StoreError(f"session {session_id} cannot be closed: {error}") from error
