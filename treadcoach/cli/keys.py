"""Single key presses from a terminal, as intents."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from treadcoach.core.intents import Intent, IntentKind

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
}
HELP = (
    "Enter start   Space/S STOP   P pause   + - speed   U D incline\n"
    "N skip   E end with cool-down   W feeling unwell   X not right\n"
    "Y yes, ease off   K keep going   C learn my standing"
)


@contextmanager
def read_keys(loop: asyncio.AbstractEventLoop, ask: Callable[[Intent], None]) -> Iterator[None]:
    """While inside, every key press becomes an intent at once."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)

    def pressed() -> None:
        text = os.read(descriptor, 64).decode("utf-8", errors="ignore")
        if text.startswith("\x1b"):
            return  # an arrow or function key: several octets, none of them meant
        for sign in text.lower():
            if (kind := KEYS.get(sign)) is not None:
                ask(Intent(kind, "the keyboard"))

    loop.add_reader(descriptor, pressed)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
