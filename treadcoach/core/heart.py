"""Is this pulse worth trusting? Contact, freshness, and values that never change."""

from collections import deque

from treadcoach.core.samples import HeartRate

_BELIEVABLE_BPM = range(30, 226)
_FALLS_BPM, _FALLS_BPM_PER_S = 20, 1.0
"""No heart slows by more: a minute after the hardest effort it has come down by some forty."""
_HALVED = (0.42, 0.58)
_JUMPS_BACK = 1.5
_KEPT = 3
"""A single beat that is far too fast is no base: of so many the slowest counts."""


class HeartMonitor:
    """The newest pulse of one source, and whether it may be used."""

    def __init__(self, stale_s: float, frozen_s: float) -> None:
        self._stale_s = stale_s
        self._frozen_s = frozen_s
        self._bpm: int | None = None
        self._at_s: float | None = None
        self._changed_s: float | None = None
        self._beats: tuple[float, ...] = ()
        self._contact: bool | None = None
        self._recent: deque[tuple[float, int]] = deque(maxlen=_KEPT)
        self._fell: tuple[float, int] | None = None
        """When a fall began that no heart does, and from what."""
        self._is_halved = False
        self._returned = 0
        self._jumped_from: int | None = None
        self.seen = False

    def update(self, now_s: float, sample: HeartRate) -> None:
        self.seen = True
        alive = bool(sample.rr_s) and sample.rr_s != self._beats
        if sample.heart_rate_bpm != self._bpm or alive or self._changed_s is None:
            self._changed_s = now_s
        before = self._bpm
        if self._at_s is not None and now_s - self._at_s > self._stale_s:
            self.another_source()  # after a silence it begins anew
        self._bpm, self._at_s = sample.heart_rate_bpm, now_s
        self._beats, self._contact = sample.rr_s, sample.contact
        self._follow(now_s, before)

    def _follow(self, now_s: float, before: int | None) -> None:
        """Is this value one that a heart can have got to since the last that were believed?"""
        bpm = self._bpm
        if bpm not in _BELIEVABLE_BPM or self._contact is False:
            return
        assert bpm is not None
        if self._fell is None and len(self._recent) == _KEPT:
            at_s = self._recent[-1][0]
            lowest = min(value for _, value in self._recent)
            if bpm < lowest - _FALLS_BPM - _FALLS_BPM_PER_S * (now_s - at_s):
                self._fell, self._returned, self._jumped_from = (at_s, lowest), 0, None
                self._is_halved = _HALVED[0] <= bpm / lowest <= _HALVED[1]
        if self._fell is None:
            self._recent.append((now_s, bpm))
        elif self._is_back(now_s, bpm, before):
            self._fell = None
            self._recent.extend([(now_s, bpm)] * _KEPT)

    def _is_back(self, now_s: float, bpm: int, before: int | None) -> bool:
        """After such a fall: once a heart could be there, or some beats in a row say more again.

        One that counts every other beat may do so for ever: it has to jump back, or come near its old value.
        """
        assert self._fell is not None
        since_s, from_bpm = self._fell
        if not self._is_halved and bpm >= from_bpm - _FALLS_BPM - _FALLS_BPM_PER_S * (now_s - since_s):
            return True
        if self._jumped_from is None and before in _BELIEVABLE_BPM and bpm >= _JUMPS_BACK * (before or bpm):
            self._jumped_from = before
        has_jumped = self._jumped_from is not None and bpm >= _JUMPS_BACK * self._jumped_from
        if not has_jumped:
            self._jumped_from = None
        self._returned = self._returned + 1 if has_jumped or bpm >= from_bpm - _FALLS_BPM else 0
        return self._returned >= _KEPT

    @property
    def has_fallen(self) -> bool:
        """Whether what it says now is doubted for having fallen quicker than a heart slows."""
        return self._fell is not None

    def another_source(self) -> None:
        """What follows comes from another strap: it does not go on from what the last one said."""
        self._recent.clear()
        self._fell, self._is_halved = None, False

    def age_s(self, now_s: float) -> float | None:
        return None if self._at_s is None else now_s - self._at_s

    def doubt(self, now_s: float) -> str | None:
        """Why the pulse cannot be used now; None when it can."""
        if self._bpm is None or self._at_s is None or self._changed_s is None:
            return "no pulse yet"
        if now_s - self._at_s > self._stale_s:
            return f"no pulse for {now_s - self._at_s:.0f} s"
        if self._contact is False:
            return "the strap has no skin contact"
        if self._bpm not in _BELIEVABLE_BPM:
            return f"a pulse of {self._bpm} is not believable"
        if self._fell is not None:
            return f"the pulse fell from {self._fell[1]} to {self._bpm} quicker than a heart slows"
        if now_s - self._changed_s > self._frozen_s:
            return f"the pulse has been {self._bpm} for {now_s - self._changed_s:.0f} s: frozen"
        return None

    def trusted_bpm(self, now_s: float) -> int | None:
        return self._bpm if self.doubt(now_s) is None else None


class CadenceLock:
    """Does a pulse count steps? Some sensors do when the runner's steps shake them.

    A pulse near the cadence is common and says nothing. One that follows the cadence through a change of it,
    closer than a heart does, is no pulse.
    """

    NEAR_BPM = 4
    CHANGE_SPM = 8.0
    RELEASED_S = 10.0

    def __init__(self, locked_s: float) -> None:
        self._locked_s = locked_s
        self._seen: deque[tuple[float, float]] = deque()
        self._apart_since_s: float | None = None
        self.is_locked = False

    def update(self, now_s: float, bpm: int | None, cadence_spm: float | None) -> None:
        """Take both at once; None where one is not known."""
        if bpm is None or cadence_spm is None:
            self._seen.clear()
            return
        # Of every step, or of every other one.
        if min(abs(bpm - cadence_spm), abs(2 * bpm - cadence_spm)) > self.NEAR_BPM:
            self._seen.clear()
            self._apart_since_s = now_s if self._apart_since_s is None else self._apart_since_s
            if now_s - self._apart_since_s >= self.RELEASED_S:
                self.is_locked = False
            return
        self._apart_since_s = None
        self._seen.append((now_s, cadence_spm))
        while now_s - self._seen[0][0] > 2 * self._locked_s:
            self._seen.popleft()
        cadences = [cadence for _, cadence in self._seen]
        is_long = now_s - self._seen[0][0] >= self._locked_s
        if is_long and max(cadences) - min(cadences) >= self.CHANGE_SPM:
            self.is_locked = True
