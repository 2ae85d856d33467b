"""Does the belt stand? By two believed zero readings, else by other evidence and a person's word."""

from treadcoach.core.guidance import BeltRules

STANDING_KMH = 0.1
JITTER_S = 0.1
"""Reports that come once a second do not come to the millisecond."""
STOPPED_TRAINING = frozenset({0x01, 0x0F})
"""Training Status: idle, post-workout (FTMS 1.0, 4.10.1.2)."""


class StandingJudge:
    """Watches one belt come to rest. Feed it what is believed; times are the one clock's seconds."""

    def __init__(self, rules: BeltRules) -> None:
        self._rules = rules
        self._zero_since_s: float | None = None
        self._zero_s: float | None = None
        self._heard_s: float | None = None
        self._stop_s: float | None = None
        self._answered_s: float | None = None
        self._start_s: float | None = None
        """A START is out whose movement has not been seen yet: a countdown reads like a standing belt."""
        self._evidence: list[str] = []
        self.by_word = False
        """A person said that it stands; no reading has borne it out since."""
        self.shown_kmh: float | None = None
        """What the machine showed last, believed or not, also on a link that is gone."""

    # -- what happens ------------------------------------------------------------------

    def stop_asked(self, now_s: float) -> None:
        """STOP was asked for; a repeat changes nothing."""
        if self._stop_s is None:
            self._stop_s = now_s
            self._answered_s = None
            self._evidence = []
            self.by_word = False

    def stop_answered(self, now_s: float, *, taken: bool) -> None:
        if self._stop_s is not None and taken:
            self._answered_s = now_s if self._answered_s is None else self._answered_s

    def stop_done(self) -> None:
        """The belt stands: the next STOP is another one."""
        self._stop_s = self._answered_s = None

    def started(self) -> None:
        """A person has released the belt: nothing of before counts."""
        self._stop_s = self._answered_s = self._zero_since_s = self._zero_s = None
        self._evidence = []
        self.by_word = False

    def start_written(self, now_s: float) -> None:
        """A START leaves: until the belt moves, or the time for that is over, zeros are a countdown's."""
        self._start_s = now_s

    def link_changed(self, now_s: float) -> None:
        """Another link: what is seen has to be seen anew, and is given time for that."""
        self._zero_since_s = self._zero_s = None
        self._heard_s = now_s

    def on_reading(self, now_s: float, speed_kmh: float) -> None:
        """A believed reading."""
        self._heard_s = now_s
        self.shown_kmh = speed_kmh
        if speed_kmh > STANDING_KMH:
            self._start_s = None
            self._zero_since_s = self._zero_s = None
            return
        if self._zero_s is None or now_s - self._zero_s > self._rules.stale_stop_s:
            self._zero_since_s = now_s
        self._zero_s = now_s

    def on_doubted(self, speed_kmh: float) -> None:
        """A reading of movement that is not believed: no zero before it counts either."""
        self.shown_kmh = speed_kmh
        if speed_kmh > STANDING_KMH:
            self._zero_since_s = self._zero_s = None

    def on_stopped_status(self) -> None:
        """The machine says that it was stopped or paused."""
        self._note("it says that it was stopped")

    def on_training_status(self, code: int | None) -> None:
        if code in STOPPED_TRAINING:
            self._note("it says that the training is over")

    def _note(self, text: str) -> None:
        if self._stop_s is not None and text not in self._evidence:
            self._evidence.append(text)

    # -- what is known -----------------------------------------------------------------

    def start_is_out(self, now_s: float) -> bool:
        """Whether a START may still come to movement: there are machines that drop a STOP in a countdown."""
        return self._start_s is not None and now_s - self._start_s <= self._rules.watch_start_s

    def is_at_rest(self, now_s: float) -> bool:
        """Two fresh, believed zero readings a second apart."""
        if self._zero_s is None or self._zero_since_s is None:
            return False
        if self.start_is_out(now_s):
            return False
        is_fresh = now_s - self._zero_s <= self._rules.stale_hold_s
        return is_fresh and self._zero_s - self._zero_since_s >= self._rules.stands_apart_s - JITTER_S

    def stands(self, now_s: float) -> bool:
        """At rest, and seen so after the STOP."""
        is_after = self._stop_s is None or (self._zero_s is not None and self._zero_s > self._stop_s)
        return is_after and self.is_at_rest(now_s)

    def unsure(self, now_s: float, *, frozen: bool, counters_stand: bool) -> str | None:
        """Why a person is asked whether the belt stands; None while it can be seen or be waited for."""
        if self._stop_s is None or self.stands(now_s):
            return None
        if self._answered_s is not None:
            since_s = max(self._answered_s, self._heard_s or self._answered_s)
            if now_s - since_s >= self._rules.stands_unsure_s:
                return self._words("the machine has said nothing since", counters_stand=counters_stand)
            answered_long = now_s - self._answered_s >= self._rules.stands_unsure_s
            if frozen and answered_long:
                return self._words("the machine repeats one reading", counters_stand=counters_stand)
        if now_s - self._stop_s >= self._rules.stands_asked_s:
            return "the machine does not show a standing belt"
        return None

    def _words(self, text: str, *, counters_stand: bool) -> str:
        counted = ["its clock and distance stand still"] if counters_stand else []
        return "; ".join([text, *self._evidence, *counted])
