"""What somebody who is not at the treadmill asks for: shown there, done only by the person who is."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from treadcoach.core.intents import IntentKind

ANSWER_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. amount: km/h for speed, % for incline."""

    id: int
    kind: IntentKind
    amount: float
    source: str


class AskedDesk:
    """One open request at a time; a newer one takes its place. Nothing happens by asking."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._told: Callable[[Asked, str], None] | None = None
        self._end: asyncio.TimerHandle | None = None
        self.open: Asked | None = None

    def ask(self, kind: IntentKind, amount: float, source: str, told: Callable[[Asked, str], None]) -> Asked:
        """Show a request. told: called once, with 'confirmed', 'declined', 'expired' or 'replaced'."""
        self._close("replaced")
        self.open, self._told = Asked(next(self._numbers), kind, amount, source), told
        self._end = asyncio.get_running_loop().call_later(ANSWER_WITHIN_S, self._close, "expired")
        return self.open

    def answer(self, number: int, *, confirmed: bool) -> Asked | None:
        """A person's answer to the request of that number; None when it is not open any more."""
        asked = self.open
        if asked is None or asked.id != number:
            return None
        self._close("confirmed" if confirmed else "declined")
        return asked

    def started(self) -> None:
        """A person has started the belt: a request for that is settled."""
        if self.open is not None and self.open.kind is IntentKind.START:
            self._close("confirmed")

    def _close(self, what: str) -> None:
        asked, told = self.open, self._told
        self.open = self._told = None
        if self._end is not None:
            self._end.cancel()
            self._end = None
        if asked is not None and told is not None:
            told(asked, what)
