"""The journal's writer: one thread, one transaction a fraction of a second, nothing waits for it.

A Postgres that is gone is waited for: rows stay in memory, and the belt goes on being led, for PATIENCE_S.
What is left when the session ends goes into a file, and from there into the store when it is back.
"""

import json
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from treadcoach.core.errors import StoreError, StoreGone
from treadcoach.store import schema, spool, words
from treadcoach.store.spool import INSERT, UPDATE, Row
from treadcoach.store.summary import session_figures

COMMIT_EVERY_S = 0.25
"""Killed at any moment, at most this and one commit are lost."""
MOST_WAITING = 200_000
MOST_AT_ONCE = 5000
INLINE_ROWS = 1000
PATIENCE_S = 600.0
"""So long a session goes on while its store is gone; then it is a fault, and the belt is stopped."""
RETRY_S = 1.0
AT_THE_END_S = 20.0
"""So long the end of a session waits for a store that is gone."""


class Journal:
    """Writes one session. Rows are queued at once and committed by the writer thread.

    With `inline` there is no thread: rows are committed by the caller, a thousand at a time.
    That is for virtual time, where a loop that never waits would starve the thread.
    station: the coach that runs the session. aside: the folder for what a store that is gone did not take.
    """

    def __init__(
        self,
        engine: Engine,
        runner: str,
        machine: str,
        address: str,
        *,
        station: str = "",
        aside: Path | None = None,
        inline: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inline: list[Row] | None = [] if inline else None
        self._engine = engine
        self._runner = runner
        self._machine = machine
        self._address = address
        self._station = station
        self._aside = aside
        self._clock = clock
        self._queue: queue.SimpleQueue[Row | None] = queue.SimpleQueue()
        self._seq = {"inputs": 0, "events": 0, "samples": 0, "orders": 0, "form": 0}
        self._fault: str | None = None
        self._gone_since: float | None = None
        self._hurry_until: float | None = None
        self._left: list[Row] = []
        self._thread: threading.Thread | None = None
        self._began_unix_s: float | None = None
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
                        station=self._station,
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
        self._began_unix_s = started_unix_s
        if self._inline is None:
            self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
            self._thread.start()
        return number

    @property
    def is_inline(self) -> bool:
        """Whether it writes where it is called, without a thread: in virtual time."""
        return self._inline is not None

    def renew(self, setup: Mapping[str, object]) -> None:
        """Another setup of the session, before its belt is released. Raises StoreError."""
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    schema.setups.update()
                    .where(schema.setups.c.session_id == self.session_id)
                    .values(setup=json.dumps(setup))
                )
        except SQLAlchemyError as error:
            raise StoreError(f"the session's setup cannot be written: {error}") from error

    def add(self, table: Table, t_s: float, values: Mapping[str, Any]) -> None:
        """Queue one row. `orders` rows bring their own `seq`: the order's number."""
        row = {"session_id": self.session_id, "t_s": t_s, **values}
        if "seq" not in row:
            self._seq[table.name] += 1
            row["seq"] = self._seq[table.name]
        self._put((table, INSERT, row))

    def update_order(self, order_id: int, values: Mapping[str, Any]) -> None:
        """Queue what became of an order."""
        key = {"b_session": self.session_id, "b_seq": order_id}
        self._put((schema.orders, UPDATE, {**key, **values}))

    def word(self, kind: str, said_unix_s: float) -> Future[None]:
        """Something said of the body, on disk at once, by a thread of its own; StoreError when it cannot be.

        It is in the journal too; but rows are written in batches, and a store may be gone.
        """
        written: Future[None] = Future()
        if self._aside is None:
            written.set_result(None)  # kept nowhere but in the journal: a test's, or a bench's
            return written
        said = words.Word(self._runner, kind, said_unix_s, self.session_id, self._began_unix_s)
        args = (written, self._aside, said)
        if self._inline is None:
            threading.Thread(target=_keep, args=args, name="word", daemon=True).start()
        else:
            _keep(*args)
        return written

    def _put(self, row: Row) -> None:
        if self._inline is None:
            self._queue.put(row)
            return
        self._inline.append(row)
        if len(self._inline) % INLINE_ROWS == 0 and self._commit(self._inline):
            self._inline = []

    def fault(self) -> str | None:
        """Why nothing can be written any more; None while it can, or while it is waited for."""
        waiting = self._queue.qsize() + len(self._inline or ())
        if self._fault is None and waiting > MOST_WAITING:
            self._fault = f"more than {MOST_WAITING} rows wait to be written"
        if self._fault is None and (gone_s := self.gone_for_s()) is not None and gone_s > PATIENCE_S:
            self._fault = f"the store has been gone for {PATIENCE_S / 60:.0f} min"
        return self._fault

    def gone_for_s(self) -> float | None:
        """Since when the store is gone, as far as rows had to wait for it; None: it is there."""
        since = self._gone_since
        return None if since is None else self._clock() - since

    def flush(self) -> None:
        """Wait until everything queued so far is on disk (for the end, and for tests)."""
        if self._inline is not None:
            until = time.monotonic() + AT_THE_END_S
            while self._inline and not self._commit(self._inline):
                if time.monotonic() > until or self._fault is not None:
                    self._left, self._inline = self._inline, []
                    return
                time.sleep(RETRY_S)
            self._inline = []
        if self._thread is not None and self._thread.is_alive():
            self._hurry_until = time.monotonic() + AT_THE_END_S
            self._queue.put(None)
            self._thread.join(timeout=AT_THE_END_S + 30)
            self._thread = None

    def end(self, state: str, summary: Mapping[str, object]) -> None:
        """Write what is left, then the figures of the session. Raises StoreError.

        With a store that is gone both go into a file of the folder for it.
        """
        self.flush()
        if self.session_id is None:
            return
        try:
            if not self._left:
                close_session(self._engine, self.session_id, state, summary)
                self._forget_words(summary)
                return
        except StoreError:
            if self._aside is None:
                raise
        if self._aside is not None:
            closing = {"state": state, "summary": dict(summary)}
            path = spool.put_aside(self._aside, self.session_id, self._left, closing)
            raise StoreError(
                f"the store is gone: session {self.session_id} is kept in {path}, to be taken in"
            )
        raise StoreError(f"the store is gone: {len(self._left)} rows of session {self.session_id} are lost")

    def _forget_words(self, summary: Mapping[str, object]) -> None:
        if self._aside is None or self.session_id is None or summary.get("felt") is None:
            return
        # What cannot be removed now is taken in by the next start: twice changes nothing.
        with suppress(StoreError):
            words.forget(self._aside, self.session_id)

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
                if len(batch) >= MOST_AT_ONCE:
                    batch.append(item) if item is not None else None
                    stop = item is None
                    break
            if self._fault is None and batch:
                self._commit_patiently(batch)

    def _commit_patiently(self, batch: list[Row]) -> None:
        """In the writer's thread: until it is written, or the session has ended and waited enough."""
        if self._left:
            self._left += batch  # the order stays: nothing overtakes what waits
            return
        while not self._commit(batch) and self._fault is None:
            hurry = self._hurry_until
            if hurry is not None and time.monotonic() > hurry:
                self._left = batch
                return
            time.sleep(RETRY_S)

    def _commit(self, batch: list[Row]) -> bool:
        """Whether it is written. A store that went may have taken it all the same: nothing is doubled."""
        try:
            with self._engine.begin() as connection:
                spool.write_rows(connection, batch, again=self._gone_since is not None)
        except (StoreGone, PoolTimeout):
            self._gone_since = self._clock() if self._gone_since is None else self._gone_since
            return False
        except SQLAlchemyError as error:
            # A full disk, say: it does not empty by waiting.
            self._fault = str(getattr(error, "orig", error))
            return False
        self._gone_since = None
        return True


def _keep(written: Future[None], folder: Path, word: words.Word) -> None:
    try:
        words.keep(folder, word)
    except BaseException as error:  # noqa: BLE001  # whoever waits for it is told
        written.set_exception(error)
    else:
        written.set_result(None)


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
