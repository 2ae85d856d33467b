"""Mean-maximal speed: the best speed really held for 1 to 40 minutes, and its weekly ceiling.

A curve maps a duration (s) to a speed (km/h). Time not run counts as standing, so a
session shorter than a duration still says what was done within it.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

DURATIONS_S = (60, 120, 300, 600, 1200, 2400)
BUCKET_S = 5
LOOK_AHEAD_S = 60
"""How long a speed has to be allowed on, unless less of its step is left: so that it eases early."""
SHORTEST_LOOK_AHEAD_S = 15

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

    Keeps the belt's own speeds in 5 s buckets and says how fast it may be now, so that no
    window of the curve's durations ends above its ceiling while the runner is faster than
    `walk_kmh`. Walking at that pace is always allowed, also where it fills up a window.
    """

    def __init__(self, ceiling: Curve, walk_kmh: float) -> None:
        self._walk = walk_kmh
        self._ceiling = {d: max(ceiling[d], walk_kmh) for d in DURATIONS_S}
        self._buckets: deque[float] = deque(maxlen=DURATIONS_S[-1] // BUCKET_S)
        self._bucket_sum = self._bucket_time = 0.0
        self._ahead = LOOK_AHEAD_S // BUCKET_S
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

    def copy(self) -> "SustainedLedger":
        """The same state, to try something on."""
        other = SustainedLedger(self._ceiling, self._walk)
        other._buckets = self._buckets.copy()
        other._bucket_sum, other._bucket_time = self._bucket_sum, self._bucket_time
        other._allowed, other._binding = self._allowed, self._binding
        return other

    def holds(self, seconds: float, speed_kmh: float) -> bool:
        """Runs that long at that speed; false, with `binding_s` set, as soon as it is too much."""
        self._ahead = 1
        self._update()
        for _ in range(max(int(seconds // BUCKET_S), 1)):
            if speed_kmh > self._allowed + 0.05:
                return False
            self.add(BUCKET_S, speed_kmh)
        return True

    def look_ahead(self, seconds: float) -> None:
        """The speed is wished for this much longer; from a step's end on nothing is asked of it."""
        wanted = min(max(seconds, SHORTEST_LOOK_AHEAD_S), LOOK_AHEAD_S)
        ahead = max(int(wanted // BUCKET_S), 1)
        if ahead != self._ahead:
            self._ahead = ahead
            self._update()

    def add(self, seconds: float, speed_kmh: float) -> None:
        """Time on the belt at a speed. Standing time is added too, with speed 0."""
        while seconds > 0:
            part = min(seconds, BUCKET_S - self._bucket_time)
            self._bucket_sum += part * speed_kmh
            self._bucket_time += part
            seconds -= part
            if self._bucket_time >= BUCKET_S - 1e-9:
                self._buckets.appendleft(self._bucket_sum)
                self._bucket_sum = self._bucket_time = 0.0
                self._update()

    def _update(self) -> None:
        # sums[k] is the distance (km/h x s) of the latest k buckets.
        sums = [0.0, *accumulate(self._buckets)]
        have = len(sums) - 1
        ahead = self._ahead
        best, binding = float("inf"), DURATIONS_S[0]
        for duration in DURATIONS_S:
            buckets = duration // BUCKET_S
            budget = self._ceiling[duration] * duration
            # What is left for each window that ends between now and the end of the look-ahead.
            allowed = min(
                (budget - sums[min(max(buckets - later, 0), have)]) / (later * BUCKET_S)
                for later in range(1, ahead + 1)
            )
            if allowed < best:
                best, binding = allowed, duration
        self._allowed = max(min(best, self._ceiling[DURATIONS_S[0]]), self._walk)
        self._binding = binding
