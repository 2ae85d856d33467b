"""From a STOP to a belt that stands: repeats, evidence, and the question to a person where there is none."""

from treadcoach.control.standing import StandingJudge
from treadcoach.core.guidance import BeltRules

REPEATS = ((10, 1.0), (30, 3.0))
"""So many STOPs this far apart; then REPEAT_LATE_S."""
REPEAT_LATE_S = 10.0
SAME_KMH = 0.15
MOVING_KMH = 0.3


class Stopping:
    """One session's STOPs. Times are the one clock's seconds."""

    def __init__(self, rules: BeltRules) -> None:
        self._rules = rules
        self.standing = StandingJudge(rules)
        self._sent = 0
        self._sent_s: float | None = None
        self._asked = False
        self._word_s: float | None = None
        self._word_kmh: float | None = None
        self._stood_s: float | None = None
        self.alarmed = False

    def sent(self, now_s: float, *, again: bool) -> None:
        """STOP leaves now. again: by ourselves, because the belt does not stop."""
        if not again:
            self._sent, self.alarmed, self._asked, self._word_s = 0, False, False, None
            self.standing.stop_asked(now_s)
        if self._sent_s is None or now_s - self._sent_s >= REPEATS[0][1] - 0.1:
            self._sent += 1  # a person who presses often makes the repeats no rarer
        self._sent_s = now_s

    def released(self) -> None:
        """A person has released the belt."""
        self.standing.started()
        self._asked, self._word_s = False, None

    def is_due(self, now_s: float) -> bool:
        """Whether STOP has to leave again: at once in the beginning, then ever less often."""
        apart_s = next((apart_s for count, apart_s in REPEATS if self._sent <= count), REPEAT_LATE_S)
        return self._sent_s is None or now_s - self._sent_s >= apart_s - 1e-6

    # -- the person's word -------------------------------------------------------------

    def unsure(self, now_s: float, *, frozen: bool, counters_stand: bool) -> str | None:
        """Why a person's word is needed; None while the belt can be seen, or that word was given."""
        if self._word_s is not None:
            return None
        return self.standing.unsure(now_s, frozen=frozen, counters_stand=counters_stand)

    def question(self, unsure: str | None) -> str | None:
        """Asked once a stop; None when it is not the time, or was asked."""
        if unsure is None or self._asked:
            return None
        self._asked = True
        return (
            f"Has the belt stopped? It was told to, but {unsure}."
            " Look at it: if it has stopped, say so; if it moves, pull the safety key."
        )

    @property
    def is_asked(self) -> bool:
        return self._asked and self._word_s is None

    def person_says_it_stands(self, now_s: float) -> None:
        self._word_s, self._word_kmh = now_s, self.standing.shown_kmh
        self.standing.by_word = True

    def moves_after_word(self, shown_kmh: float, covered_s: float | None) -> bool:
        """Whether a believed reading shows movement, after a person said that the belt stands.

        covered_s: when the machine's distance (its clock, where it has none) last went on.
        """
        if self._word_s is None or shown_kmh < MOVING_KMH:
            return False
        if covered_s is not None and covered_s > self._word_s:
            return True
        return self._word_kmh is None or abs(shown_kmh - self._word_kmh) > SAME_KMH

    @property
    def is_by_word(self) -> bool:
        """Whether a person said that the belt stands."""
        return self._word_s is not None

    def stood(self, now_s: float) -> None:
        """The belt was seen to stand."""
        self._stood_s = now_s

    def is_watched(self, now_s: float) -> bool:
        """Two zeros, or a person's word: the belt is looked at a little longer, after a word for longer."""
        if self._word_s is not None:
            return now_s - self._word_s < self._rules.watched_after_s
        return self._stood_s is not None and now_s - self._stood_s < self._rules.watched_stood_s

    def stands(self, now_s: float) -> bool:
        """Seen, or said by a person."""
        return self._word_s is not None or self.standing.stands(now_s)
