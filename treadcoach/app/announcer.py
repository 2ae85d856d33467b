"""What one input leads to: outputs in order, and lines for people that do not come twice."""

import math

from treadcoach.app.outputs import Event, Output
from treadcoach.core.effects import Level

SAID_AGAIN_S = 60.0
NOTED_AGAIN_S = 10.0


class Announcer:
    """Collects the outputs of one input. Times are the one clock's seconds."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.out: list[Output] = []
        self._said: dict[str, float] = {}

    def begin(self, now_s: float) -> None:
        """A new input: what it leads to is collected anew."""
        self.now_s, self.out = now_s, []

    def put(self, output: Output) -> None:
        self.out.append(output)

    def event(self, kind: str, level: Level, text: str) -> None:
        self.out.append(Event(self.now_s, kind, level, text))

    def say_once(self, key: str, level: Level, text: str, again_s: float = SAID_AGAIN_S) -> None:
        """Not again for a while, so that a noisy machine cannot fill the screen."""
        if self.now_s - self._said.get(key, -math.inf) >= again_s:
            self._said[key] = self.now_s
            self.event("say", level, text)

    def doubt(self, key: str, words: str) -> None:
        """Something that is not believed: said once a session, and noted in the journal now and then."""
        self.say_once(key, Level.INFO, words, math.inf)
        if self.now_s - self._said.get(f"note {key}", -math.inf) >= NOTED_AGAIN_S:
            self._said[f"note {key}"] = self.now_s
            self.event("doubt", Level.INFO, words)
