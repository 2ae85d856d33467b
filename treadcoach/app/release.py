"""The start of a prepared session: what the day allows is asked again before the belt is released.

Between preparing and pressing start lie a check-in, a changed limit, an aching back, or midnight. The store
is asked by a thread and within a deadline: the belt's loop goes on, and a store that hangs starts no belt.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from treadcoach.app.coach import Coach
from treadcoach.app.setup import Setup
from treadcoach.app.setup_codec import setup_to_json
from treadcoach.core.effects import Level
from treadcoach.core.errors import StoreError, TreadcoachError
from treadcoach.core.intents import OF_THE_BODY, Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import Phase

ASK_WITHIN_S = 3.0
"""By the wall's clock, however fast a simulated air's time runs."""
READING_WITHIN_S = 3.0
"""After a new setup: until the belt has reported to it."""
READING_EVERY_S = 0.1

CALLS_OFF = frozenset({IntentKind.STOP, IntentKind.PAUSE, *OF_THE_BODY})

Renew = Callable[[Machine], Setup]
"""Makes the setup anew from everything that counts now. Raises TreadcoachError on a day without a session."""
Outcome = asyncio.Future[str | None]
"""Done when it is known whether a wish was granted: None, or why not."""


class Release:
    """Wishes for a coach go through here: about a start the store is asked first, all else passes at once."""

    def __init__(self, coach: Coach, renew: Renew) -> None:
        self._coach = coach
        self._renew = renew
        self._asking: Outcome | None = None

    def request(self, intent: Intent) -> Outcome | None:
        """A person's wish. None: it was handed on; else it is being asked what the day allows."""
        if intent.kind is IntentKind.START and self._coach.phase is Phase.READY:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.get_running_loop().create_task(self._ask(intent))
            return self._asking
        if intent.kind in CALLS_OFF and self._asking is not None:
            self._asking.cancel()  # nothing starts a belt after somebody has thought better of it
        self._coach.request(intent)
        return None

    async def _ask(self, intent: Intent) -> str | None:
        refused = None
        try:
            refused = await self._make_new()
        except TreadcoachError as error:
            refused = str(error)
        except Exception as error:  # noqa: BLE001  # in doubt no belt is started
            refused = f"treadcoach has a fault ({type(error).__name__}: {error})"
        if refused is None and self._coach.phase is not Phase.READY:
            refused = f"A start means nothing while {self._coach.phase.words}."
        if refused is not None:
            self._coach.say(Level.WARNING, f"Not started: {refused}")
            return refused
        self._coach.request(intent)
        return None

    async def _make_new(self) -> str | None:
        """Why the belt is not released, or None."""
        before = self._coach.setup
        if before is None:
            return "the treadmill is not connected"
        setup = await in_time(lambda: self._renew(before.machine), ASK_WITHIN_S)
        if setup_to_json(setup) == setup_to_json(before):
            return None
        if self._coach.released:
            return "what today allows has changed. End this session and prepare another one."
        await in_time(lambda: self._coach.keep_setup(setup), ASK_WITHIN_S)
        self._coach.replace_setup(setup)
        waited_s = 0.0
        while not self._coach.has_reading and waited_s < READING_WITHIN_S:
            await asyncio.sleep(READING_EVERY_S)
            waited_s += READING_EVERY_S
        return None


async def in_time[T](work: Callable[[], T], within_s: float) -> T:
    """Done by a thread of its own, which nobody waits for when it hangs: StoreError then."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # None only where T has it

    def tell(result: T | None, error: BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile, and whoever asked with it
            loop.call_soon_threadsafe(settle, result, error)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # whatever it is, whoever asked is told
            tell(None, error)
        else:
            tell(result, None)

    late = StoreError(f"the store does not answer within {within_s:g} s")
    timer = threading.Timer(within_s, tell, (None, late))
    timer.daemon = True
    timer.start()
    threading.Thread(target=run, name="asking", daemon=True).start()
    try:
        return await done
    finally:
        timer.cancel()
