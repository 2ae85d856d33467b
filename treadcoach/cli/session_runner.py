"""What `run` and `demo` share: from options to a setup, a coach in its loop, and the screen."""

import asyncio
import signal
import sys
from contextlib import ExitStack

from treadcoach.app.coach import Coach
from treadcoach.app.config import Folders
from treadcoach.app.release import Release, Renew
from treadcoach.app.snapshot import Snapshot
from treadcoach.app.socket import CoachSocket
from treadcoach.cli.exercises import line_of
from treadcoach.cli.live import LiveScreen, PlainScreen, Screen
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.phases import Phase
from treadcoach.core.runner import Runner
from treadcoach.planning.prescription import BEFORE, around, load_prescriptions

AUTO_START_S = 8.0
"""Long enough for a sensor to learn the standing."""
AUTO_YES_S = 5.0
LEAVE_SIGNALS = {
    signal.SIGINT: "Ctrl-C",
    signal.SIGTERM: "a signal to end",
    signal.SIGHUP: "a terminal that was closed",
}


def make_screen(runner: Runner, *, interactive: bool) -> Screen:
    before = around(load_prescriptions(), BEFORE, aching_back=runner.aching_back)
    stretches = [line_of(exercise) for exercise in before]
    if interactive:
        return LiveScreen(runner.unit, stretches=stretches)
    return PlainScreen(runner.unit, stretches)


def is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


class Conductor:
    """Runs one coach with keys, signals, the socket and a screen around it."""

    def __init__(
        self,
        coach: Coach,
        screen: Screen,
        *,
        auto_start: bool,
        places: Folders,
        renew: Renew | None = None,
    ) -> None:
        """renew: asked again at the start; None for a runner about whom nothing can change meanwhile."""
        self._coach = coach
        self._release = None if renew is None else Release(coach, renew)
        self._screen = screen
        self._auto_start = auto_start
        self._socket = CoachSocket(coach, places.coach_socket, places, self._request)
        self._ready_since_s: float | None = None
        self._interrupts = 0
        self._offered_s: float | None = None
        coach.listen(screen.show)
        coach.listen_events(screen.tell)
        if auto_start:
            coach.listen(lambda snapshot: self._press_start(snapshot.phase, snapshot.t_s))
            coach.listen(self._say_yes)

    def _press_start(self, phase: Phase, now_s: float) -> None:
        """Without a terminal, on the simulated air: the simulated person presses start."""
        if phase not in (Phase.READY, Phase.STRETCH_BREAK):
            self._ready_since_s = None
        elif self._ready_since_s is None:
            self._ready_since_s = now_s
        elif now_s - self._ready_since_s >= AUTO_START_S:
            self._ready_since_s = None
            self._request(Intent(IntentKind.START, "the simulated runner"))

    def _say_yes(self, snapshot: Snapshot) -> None:
        """The simulated person takes an offer after a few seconds' thought."""
        offer = None if snapshot.form is None else snapshot.form["offer"]
        if offer is None:
            self._offered_s = None
        elif self._offered_s is None:
            self._offered_s = snapshot.t_s
        elif snapshot.t_s - self._offered_s >= AUTO_YES_S:
            self._offered_s = None
            self._request(Intent(IntentKind.ACCEPT, "the simulated runner"))

    def _request(self, intent: Intent) -> None:
        if self._release is None:
            self._coach.request(intent)
        else:
            self._release.request(intent)

    def _interrupt(self, source: str) -> None:
        """Ctrl-C, a closed terminal or a kill: STOP, then leave. A second one only waits."""
        self._interrupts += 1
        if self._interrupts == 1:
            self._request(Intent(IntentKind.STOP, source))
        else:
            self._screen.line("The belt is being stopped; the program leaves when it stands.")

    async def run(self) -> Phase:
        loop = asyncio.get_running_loop()
        for number, source in LEAVE_SIGNALS.items():
            loop.add_signal_handler(number, self._interrupt, source)
        await self._socket.open()
        with ExitStack() as stack:
            stack.enter_context(self._screen)
            stack.enter_context(self._screen.keys(loop, self._request))
            try:
                return await self._coach.run()
            finally:
                await self._socket.close()
                for number in LEAVE_SIGNALS:
                    # The belt is out of our hands; only the summary is left to print.
                    loop.remove_signal_handler(number)
                    signal.signal(number, signal.SIG_IGN)
