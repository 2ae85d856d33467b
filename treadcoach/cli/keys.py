"""Single key presses from a terminal, as intents."""

import asyncio
import os
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from treadcoach.core.intents import OF_THE_BODY, Intent, IntentKind

KEYS = {
    "\n": IntentKind.START,
    "\r": IntentKind.START,
    "p": IntentKind.PAUSE,
    " ": IntentKind.STOP,
    "s": IntentKind.STOP,
    "q": IntentKind.STOP,
    "+": IntentKind.FASTER,
    "=": IntentKind.FASTER,
    "-": IntentKind.SLOWER,
    "u": IntentKind.STEEPER,
    "d": IntentKind.FLATTER,
    "n": IntentKind.SKIP,
    "e": IntentKind.END_EARLY,
    "w": IntentKind.UNWELL,
    "x": IntentKind.NOT_RIGHT,
    "y": IntentKind.ACCEPT,
    "k": IntentKind.DECLINE,
    "c": IntentKind.CALIBRATE,
    "t": IntentKind.BELT_STANDS,
    **dict.fromkeys("0123456789", IntentKind.INCLINE_IS),
}
HELP = (
    "+ - speed   U D incline   N skip   E end with cool-down\n"
    "X not right   Y yes, ease off   K keep going   C learn my standing"
)


MOST_AT_ONCE = 4096
"""All of what was pasted, so that a stop at its end is seen at once."""
ESCAPE_S = 0.1
"""After an Escape: so long what comes may be the rest of an arrow key, torn by a slow line."""
LONGEST_SEQUENCE = 32
NUMBER_S, NUMBER_SIGNS = 2.0, 4
"""Digits that follow each other so soon are one number: 12, 1.5."""


class KeyReader:
    """Turns what a terminal sends into intents. In doubt it is STOP.

    Arrow and function keys send Escape and several octets, of which none is meant. But a stop key stops
    wherever it stands, and so F2 and F4, which end with Q and S, stop too: nobody knows whether such a letter
    was pressed by itself.
    """

    def __init__(self, ask: Callable[[Intent], None]) -> None:
        self._ask = ask
        self._sequence = ""
        """What has come of an escape sequence that has not ended; empty outside of one."""
        self._since_s = 0.0
        self._number, self._number_s = "", 0.0

    def feed(self, data: bytes, now_s: float) -> None:
        """What was read at that time, in whatever pieces."""
        text = data.decode("utf-8", errors="ignore").lower()
        # First of all, and once: whatever else was pressed or pasted around it.
        if (stop := next((sign for sign in text if KEYS.get(sign) is IntentKind.STOP), None)) is not None:
            self._press(stop)
        if self._sequence and now_s - self._since_s > ESCAPE_S:
            self._sequence = ""  # the Escape key alone
        for sign in text:
            if KEYS.get(sign) is IntentKind.STOP:
                self._sequence = ""
            elif self._sequence or sign == "\x1b":
                self._follow(sign, now_s)
            elif stop is None and KEYS.get(sign, sign) in (IntentKind.INCLINE_IS, "."):
                self._digit(sign, now_s)
            elif stop is None or KEYS.get(sign) in OF_THE_BODY:
                self._press(sign)  # beside a stop nothing more is done, least of all a start

    def _follow(self, sign: str, now_s: float) -> None:
        """One more sign of a sequence: Escape [ or O, parameters, and a letter or ~ that ends it."""
        if sign == "\x1b" or not self._sequence:
            self._sequence, self._since_s = sign, now_s
            return
        self._sequence += sign
        self._since_s = now_s
        opens = len(self._sequence) == 2 and sign in "[o"
        goes_on = len(self._sequence) > 2 and (sign in "0123456789;:<=>?!$" or sign == "[")
        if (not opens and not goes_on) or len(self._sequence) > LONGEST_SEQUENCE:
            self._sequence = ""

    def _press(self, sign: str) -> None:
        if (kind := KEYS.get(sign)) is not None and kind is not IntentKind.INCLINE_IS:
            self._ask(Intent(kind, "the keyboard"))

    def _digit(self, sign: str, now_s: float) -> None:
        """One more sign of an incline in %; each makes another answer, and the last one counts."""
        if now_s - self._number_s > NUMBER_S or len(self._number) >= NUMBER_SIGNS:
            self._number = ""
        self._number, self._number_s = self._number + sign, now_s
        if sign != ".":
            self._ask(Intent(IntentKind.INCLINE_IS, "the keyboard", float(self._number)))


@contextmanager
def read_keys(loop: asyncio.AbstractEventLoop, ask: Callable[[Intent], None]) -> Iterator[None]:
    """While inside, every key press becomes an intent at once."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    reader = KeyReader(ask)

    def pressed() -> None:
        data = os.read(descriptor, MOST_AT_ONCE)
        if not data:
            loop.remove_reader(descriptor)  # the terminal is gone; SIGHUP stops the belt
            return
        reader.feed(data, time.monotonic())

    loop.add_reader(descriptor, pressed)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
