"""Mean-maximal speed: the best speed really held for 1 to 40 minutes, and its weekly ceiling.

A curve maps a duration (s) to a speed (km/h). Time not run counts as standing, so a
session shorter than a duration still says what was done within it.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

DURATIONS_S = (60, 120, 300, 600, 1200, 2400)
BUCKET_S = 5
LOOK_AHEAD_S = 60
"""How long a speed has to be allowed on, unless less of its step is left: so that it eases early."""
SHORTEST_LOOK_AHEAD_S = 15
SLOWING_KMH_PER_S = 0.2
"""A belt is counted on to slow down so much: below the ramp's 0.3, which a grid of speeds makes slower."""
REACTION_S = 3.0
"""Until an order, the machine and a reading have brought it about."""
PRECISE_KMH = 0.01

Curve = Mapping[int, float]


def mean_maximal(speeds_kmh: Sequence[float]) -> dict[int, float]:
    """The curve of one session from its belt speeds, one a second (km/h)."""
    sums = [0.0, *accumulate(speeds_kmh)]
    total = len(speeds_kmh)
    curve = {}
    for duration in DURATIONS_S:
        if total <= duration:
            best = sums[-1]
        else:
            best = max(sums[end] - sums[end - duration] for end in range(duration, total + 1))
        curve[duration] = best / duration
    return curve


def best_of(curves: Iterable[Curve]) -> dict[int, float]:
    """Duration by duration the best of several sessions."""
    out = dict.fromkeys(DURATIONS_S, 0.0)
    for curve in curves:
        for duration in DURATIONS_S:
            out[duration] = max(out[duration], curve.get(duration, 0.0))
    return out


class SustainedLedger:
    """What this session has run so far against the week's ceiling curve.

    Keeps the belt's own speeds in 5 s buckets and says how fast it may be now, so that no window of the
    curve's durations ends above its ceiling, wherever it begins: not while the speed is held, not on the
    ramp down after it, and not by walking at `walk_kmh` from then on, which is always allowed.
    """

    def __init__(self, ceiling: Curve, walk_kmh: float, slowing_kmh_per_s: float = SLOWING_KMH_PER_S) -> None:
        self._walk = walk_kmh
        self._ceiling = {d: max(ceiling[d], walk_kmh) for d in DURATIONS_S}
        self._slowing = slowing_kmh_per_s
        self._over: deque[float] = deque(maxlen=DURATIONS_S[-1] // BUCKET_S)
        """What each bucket had more than walking, the latest first (km/h x s); less is below 0."""
        self._part = self._part_s = 0.0
        self._now_kmh = 0.0
        self._hold_s = float(LOOK_AHEAD_S)
        self._left_s = float(DURATIONS_S[-1])
        self._allowed = self._ceiling[DURATIONS_S[0]]
        self._binding = DURATIONS_S[0]

    @property
    def allowed_kmh(self) -> float:
        """How fast the belt may be now."""
        return self._allowed

    @property
    def binding_s(self) -> int:
        """The duration of the curve that binds now."""
        return self._binding

    def ceiling_kmh(self, duration_s: int) -> float:
        return self._ceiling[duration_s]

    def look_ahead(self, seconds: float, session_s: float = DURATIONS_S[-1]) -> None:
        """The speed is wished for this much longer, and the belt may run for at most `session_s` yet.

        From a step's end on nothing is asked of it but to come down to walking.
        """
        wanted = min(max(seconds, SHORTEST_LOOK_AHEAD_S), LOOK_AHEAD_S) // BUCKET_S * BUCKET_S
        self._left_s = session_s
        if wanted != self._hold_s:
            self._hold_s = wanted
            self._update()

    def add(self, seconds: float, speed_kmh: float) -> None:
        """Time on the belt at a speed. Standing time is added too, with speed 0."""
        self._now_kmh = speed_kmh
        while seconds > 0:
            part = min(seconds, BUCKET_S - self._part_s)
            self._part += part * (speed_kmh - self._walk)
            self._part_s += part
            seconds -= part
            if self._part_s >= BUCKET_S - 1e-9:
                self._over.appendleft(self._part)
                self._part = self._part_s = 0.0
                self._update()

    def fastest_kmh(self, seconds: float, session_s: float) -> tuple[float, int]:
        """The fastest speed that may be held that long from now on, and the duration that binds it.

        session_s: until the session's end, `seconds` included.
        """
        return self._fastest(seconds, session_s, from_kmh=0.0)

    def _update(self) -> None:
        self._allowed, self._binding = self._fastest(self._hold_s, self._left_s, from_kmh=self._now_kmh)

    def _fastest(self, hold_s: float, session_s: float, from_kmh: float) -> tuple[float, int]:
        ways = _Ways(hold_s, from_kmh - self._walk, self._slowing)
        top = min(self._ceiling[d] for d in DURATIONS_S if d == DURATIONS_S[0] or d <= hold_s) - self._walk
        binding = max(d for d in DURATIONS_S if self._ceiling[d] <= top + self._walk + 1e-9)
        left, of = self._left(ways.buckets(top), math.ceil(session_s / BUCKET_S))
        if (over := ways.first_above(top, left, self._part_s)) is None:
            return self._walk + top, binding
        low, high = 0.0, top
        while high - low > PRECISE_KMH:
            middle = (low + high) / 2
            found = ways.first_above(middle, left, self._part_s)
            if found is None:
                low = middle
            else:
                high, over = middle, found
        return self._walk + low, of[over]

    def _left(self, buckets: int, session: int) -> tuple[list[float], list[int]]:
        """What may be run over walking until each coming bucket's end (km/h x s), and whose window it is.

        The last value stands for all that come after so many buckets, until the session's end.
        """
        sums = [0.0, *accumulate(self._over)]
        have = len(sums) - 1
        left = [float("inf")] * (buckets + 1)
        of = [DURATIONS_S[0]] * (buckets + 1)
        standing = self._walk * BUCKET_S
        for duration in DURATIONS_S:
            whole = duration // BUCKET_S
            budget = (self._ceiling[duration] - self._walk) * duration - self._part
            for at in range(min(buckets, whole)):
                back = whole - at - 1
                # Before the session there was nothing: as if standing.
                ran = sums[back] if back <= have else sums[have] - standing * (back - have)
                if budget - ran < left[at]:
                    left[at], of[at] = budget - ran, duration
            if (longest := whole - buckets - 1) < 0:
                continue
            shortest = max(whole - session, 0)
            if shortest <= have:
                ran = max(sums[shortest : longest + 1], default=-math.inf)
            else:
                ran = sums[have] - standing * (shortest - have)
            if budget - ran < left[buckets]:
                left[buckets], of[buckets] = budget - ran, duration
        return left, of


class _Ways:
    """What a speed costs: it is held for a time, then the belt comes down to walking. All over walking."""

    def __init__(self, hold_s: float, from_kmh: float, slowing_kmh_per_s: float) -> None:
        self._until_s = max(hold_s, BUCKET_S) + REACTION_S
        self._from = max(from_kmh, 0.0)
        self._slowing = slowing_kmh_per_s

    def buckets(self, top_kmh: float) -> int:
        """After so many buckets any speed up to this one is back at walking."""
        last = max(
            self._until_s + top_kmh / self._slowing,
            REACTION_S + self._from / self._slowing,
        )
        return min(math.ceil(last / BUCKET_S) + 1, DURATIONS_S[-1] // BUCKET_S)

    def first_above(self, kmh: float, left: Sequence[float], since_s: float) -> int | None:
        """The bucket at whose end a speed has cost more than is left; since_s of the first one are over."""
        spent, at_s, before = 0.0, 0.0, max(kmh, self._from)
        for number, most in enumerate(left):
            end_s = BUCKET_S * (number + 1) - since_s
            after = self._at(end_s, kmh)
            spent += (before + after) / 2 * (end_s - at_s)
            if spent > most:
                return number
            at_s, before = end_s, after
        return None

    def _at(self, at_s: float, kmh: float) -> float:
        """The most that the belt can be over walking by then."""
        held = kmh - self._slowing * max(at_s - self._until_s, 0.0)
        coming_down = self._from - self._slowing * max(at_s - REACTION_S, 0.0)
        return max(held, coming_down, 0.0)
