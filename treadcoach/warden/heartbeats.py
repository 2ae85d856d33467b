"""The octets between the coach and its warden, and what they say of the belt.

From the coach, one a tick: `.` the belt was never released, `R` it was and may move, `S` it was and stood at
the last tick (a pause, a break); `Q` all is well, go; `Y` the belt is yours, and I live; `#12;` the
session's number in the journal.
From the warden one `!` for whatever it read: it lives. `T`: it has taken the belt over.
"""

import re
from enum import StrEnum


class Belt(StrEnum):
    """What the coach last said of the belt."""

    NEVER_RELEASED = "."
    MAY_MOVE = "R"
    STOOD = "S"


ALL_IS_WELL = b"Q"
YOURS = b"Y"
ALIVE = b"!"
TAKEN = b"T"
LONGEST_NUMBER = 20
_SESSION = re.compile(rb"#(\d{1,18});")
_UNFINISHED = re.compile(rb"#\d*$")
_WORDS = {belt.value.encode(): belt for belt in Belt}


def beat_for(*, released: bool, standing: bool) -> bytes:
    """The heartbeat of one tick."""
    belt = Belt.NEVER_RELEASED if not released else Belt.STOOD if standing else Belt.MAY_MOVE
    return belt.value.encode()


def session_octets(number: int) -> bytes:
    return b"#%d;" % number


class Heartbeats:
    """Reads them, cut anywhere. Octets that mean nothing are left out."""

    def __init__(self) -> None:
        self._rest = b""
        self.belt = Belt.NEVER_RELEASED
        self.session: int | None = None
        self.all_is_well = False
        self.is_handed_over = False

    @property
    def released(self) -> bool:
        return self.belt is not Belt.NEVER_RELEASED

    def read(self, octets: bytes) -> None:
        text = self._rest + octets
        unfinished = _UNFINISHED.search(text)
        cut = len(text) if unfinished is None else unfinished.start()
        text, self._rest = text[:cut], text[cut:][:LONGEST_NUMBER]
        for said in _SESSION.finditer(text):
            self.session = int(said[1])
        for octet in text:
            word = bytes((octet,))
            self.all_is_well |= word == ALL_IS_WELL
            self.is_handed_over |= word == YOURS
            self.belt = _WORDS.get(word, self.belt)
