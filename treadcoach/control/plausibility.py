"""The judge of readings: what a machine says is a claim until it is borne out.

Stands between decoding and use. A reading is believed when it is in range, when a belt can have got there
since the last one, and when the counters do not speak against it; a jump is believed only once the next
readings bear it out. What is not believed becomes no base of an order, a summary or a ceiling.
"""

import math
from collections import Counter
from dataclasses import dataclass

from treadcoach.control.incline_belief import InclineBelief
from treadcoach.core.guidance import BeltRules
from treadcoach.core.machine import Machine
from treadcoach.core.samples import InclineRange, TreadmillData
from treadcoach.guard.limits import incline_grid

STANDING_KMH = 0.1
OTHER_KIND = "it came in a frame of another kind than this machine's"
FAR_KMH = 0.5
ONE_IS_NONE = "the first of a link waits for the next"
COUNTED_ON_M = 2
"""A counter of whole metres may turn once more at the very end of a belt's way."""
MISSING_M = 30.0
SHAPE_FIELDS = ("speed_kmh", "distance_m", "incline_percent", "elapsed_s", "energy_kcal", "heart_rate_bpm")
USUAL_FRAMES, USUAL_EVERY, ESTABLISHED_FRAMES = 4, 10, 8
CHANGED_KMH = 0.15
QUICK_S = 2.6
QUICK_MOVES = 3
RECORD_S = 0.5
"""The frames of one record come together."""
GAP_S = 10.0
"""After a longer silence the last reading says nothing of what the belt can have done."""
RATIO_OVER_M = 40.0
RATIO_LOW, RATIO_HIGH = 0.8, 1.25
"""A counter may be a fifth off a machine's speed; x 2, x 10, x 0.1 and miles for kilometres are seen."""
MILES_LOW, MILES_HIGH, MILES_SPANS = 1.5, 1.72, 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """What of one Treadmill Data frame is believed. None: not in the frame, or not believed.

    doubted_kmh: a speed in range that is not believed (yet). reasons: what was not believed, in words, each
    with a key so that it is said once.
    """

    speed_kmh: float | None = None
    distance_m: int | None = None
    doubted_kmh: float | None = None
    reasons: tuple[tuple[str, str], ...] = ()


class PlausibilityJudge:
    """Judges one machine's readings. Feed it every frame in order; `link_changed` forgets what was before."""

    def __init__(self, rules: BeltRules, machine: Machine, incline_bound_percent: float) -> None:
        """incline_bound_percent: how steep the runner's belt may ever be."""
        self._rules = rules
        reach = _incline_range(machine)
        is_known = reach is not None or not machine.can_set_incline
        self.incline = InclineBelief(rules, reach, incline_bound_percent, is_motor_known=is_known)
        self._speed = _SpeedBelief(rules)
        self._liveness = _Liveness(rules)
        self._ratio = _CounterRatio()
        self._part: tuple[float, int] | None = None
        """A distance that came without a speed: machines split a record over two frames."""
        self._shapes = _Shapes()

    @property
    def frozen(self) -> bool:
        """Whether the machine repeats one reading while its own time and distance stand still."""
        return self._liveness.frozen

    @property
    def counters_stand(self) -> bool:
        """Whether counters that used to move have stood still for as long as a frozen machine's."""
        return self._liveness.counters_stand

    def counts_on(self, now_s: float) -> bool:
        """Whether the machine's clock or distance has moved within the last seconds."""
        moved_s = self._liveness.moved_s
        return moved_s is not None and now_s - moved_s <= self._rules.stale_hold_s

    @property
    def covered_s(self) -> float | None:
        """When its distance last went on; its clock, where it has no distance. None: not seen yet."""
        return self._liveness.covered_s

    @property
    def counts_miles(self) -> bool:
        """Whether its distance goes on as if its speeds were miles an hour."""
        return self._ratio.miles >= MILES_SPANS

    @property
    def motion_is_borne_out(self) -> bool:
        """Whether something besides the speed says that the belt moves, or the speed was seen to change."""
        return self._liveness.motion_seen

    def link_changed(self) -> None:
        self._speed.forget()
        self._liveness.forget()
        self.incline.link_changed()
        self._part = None

    def on_data(self, now_s: float, sample: TreadmillData) -> Judgement:
        """Judge one frame. Times are the one clock's seconds."""
        reasons: list[tuple[str, str]] = []
        is_odd = self._shapes.is_odd(sample)
        if (doubt := self._incline(now_s, sample.incline_percent, is_odd=is_odd)) is not None:
            reasons.append(("incline", doubt))
        self._liveness.on_frame(now_s, sample)
        speed, doubted = sample.speed_kmh, None
        if speed is not None:
            # In a frame of another kind than this machine's only what hardly differs is believed.
            why = OTHER_KIND if is_odd and self._speed.is_far(speed) else self._speed.judge(now_s, speed)
            if why is None and self._liveness.frozen:
                why = "it repeats one reading, and its time and distance stand still"
            if why is None and speed <= STANDING_KMH and self._liveness.counts_on:
                why = "it says 0 while its distance counts on"
            if why is None and speed <= STANDING_KMH and is_odd:
                why = OTHER_KIND
            if why is not None:
                if why is not ONE_IS_NONE:
                    reasons.append(("speed", f"a speed of {speed:g} km/h is not believed: {why}"))
                doubted = speed if 0 <= speed <= self._rules.believable_max_kmh else None
                speed = None
        distance = self._distance(now_s, sample)
        if distance is not None and speed is not None:
            believed, why = self._ratio.judge(now_s, speed, distance)
            if why is not None:
                reasons.append(("distance", why))
            if not believed:
                distance = None
        return Judgement(speed, distance if speed is not None else None, doubted, tuple(reasons))

    def _incline(self, now_s: float, percent: float | None, *, is_odd: bool) -> str | None:
        """Why an incline is not believed. In a frame of another kind only what hardly differs is."""
        if percent is not None and not (is_odd and self.incline.is_far(percent)):
            return self.incline.on_reading(now_s, percent)
        self.incline.on_silence(now_s)
        return None if percent is None else f"an incline of {percent:g} % is not believed: {OTHER_KIND}"

    def _distance(self, now_s: float, sample: TreadmillData) -> int | None:
        """The distance of this record, also where it came in a frame just before the speed's."""
        part, self._part = self._part, None
        if sample.speed_kmh is None:
            self._part = part if sample.distance_m is None else (now_s, sample.distance_m)
            return None
        if sample.distance_m is None and part is not None and now_s - part[0] <= RECORD_S:
            return part[1]
        return sample.distance_m

    def believable_target(self, kmh: float) -> bool:
        """Whether a status names a speed that a treadmill can be set to."""
        return math.isfinite(kmh) and 0 <= kmh <= self._rules.believable_max_kmh


class _SpeedBelief:
    """Range, and what a belt can do in the time since the last believed reading."""

    def __init__(self, rules: BeltRules) -> None:
        self._rules = rules
        self.forget()

    def forget(self) -> None:
        self._last: tuple[float, float] | None = None
        self._claim: tuple[float, float, float] | None = None
        """Since when a jump is claimed, and the latest reading of it: (since_s, at_s, kmh)."""

    def is_far(self, kmh: float) -> bool:
        """Whether it is another speed than the last that was believed."""
        return self._last is not None and abs(kmh - self._last[1]) > FAR_KMH

    def judge(self, now_s: float, kmh: float) -> str | None:
        """None when it is believed, else why not."""
        rules = self._rules
        if not math.isfinite(kmh) or not 0 <= kmh <= rules.believable_max_kmh:
            return "no treadmill runs at that"
        if (
            self._last is not None
            and now_s - self._last[0] <= GAP_S
            and self._reaches(self._last, now_s, kmh)
        ):
            self._believe(now_s, kmh)
            return None
        claim = self._claim
        if claim is None or now_s - claim[1] > GAP_S or not self._reaches((claim[1], claim[2]), now_s, kmh):
            self._claim = (now_s, now_s, kmh)
        elif now_s - claim[0] >= rules.borne_out_s:
            self._believe(now_s, kmh)
            return None
        else:
            self._claim = (claim[0], now_s, kmh)
        if self._last is None:
            return ONE_IS_NONE
        return f"no belt gets there from {self._last[1]:g} km/h that quickly"

    def _believe(self, now_s: float, kmh: float) -> None:
        self._last, self._claim = (now_s, kmh), None

    def _reaches(self, before: tuple[float, float], now_s: float, kmh: float) -> bool:
        at_s, from_kmh = before
        elapsed_s = max(now_s - at_s, 0.0)
        up = self._rules.believable_margin_kmh + self._rules.believable_up_kmh_per_s * elapsed_s
        down = self._rules.believable_margin_kmh + self._rules.believable_down_kmh_per_s * elapsed_s
        return from_kmh - down <= kmh <= from_kmh + up


class _Liveness:
    """Do the machine's own time and distance go on? Only what has been seen to move can be said to stand."""

    def __init__(self, rules: BeltRules) -> None:
        self._rules = rules
        self.forget()

    def forget(self) -> None:
        self._speed_kmh: float | None = None
        self._elapsed = _Count()
        self._distance = _Count()
        self._stood_since_s: float | None = None
        self._last_s: float | None = None
        self._missing_m = 0.0
        self._moved = False
        self.moved_s: float | None = None
        self.covered_s: float | None = None
        self._zero_count_m: int | None = None
        self.frozen = self.counts_on = self.counters_stand = self.motion_seen = False

    def on_frame(self, now_s: float, sample: TreadmillData) -> None:
        by_clock = self._elapsed.on_value(now_s, sample.elapsed_s)
        by_way = self._distance.on_value(now_s, sample.distance_m)
        # The counters may come in a frame of their own, before the speed's.
        self._moved = self._moved or by_clock or by_way
        if by_way or (by_clock and self._distance.value is None):
            self.covered_s = now_s
        speed = sample.speed_kmh
        if speed is None:
            return
        moved, self._moved = self._moved, False
        if moved:
            self.moved_s = now_s
        elapsed_s = 0.0 if self._last_s is None else now_s - self._last_s
        same = speed == self._speed_kmh
        has_counters = self._elapsed.value is not None or self._distance.value is not None
        self.motion_seen = self.motion_seen or moved or not has_counters or self._has_changed(speed)
        self._last_s, self._speed_kmh = now_s, speed
        self._count_at_zero(speed)
        is_live = self._elapsed.is_live or self._distance.moves > 0
        if moved or not is_live or self._stood_since_s is None or (not same and speed > STANDING_KMH):
            self._stood_since_s, self._missing_m = now_s, 0.0
        self._missing_m += speed / 3.6 * elapsed_s if same else 0.0
        self.counters_stand = is_live and now_s - self._stood_since_s >= self._rules.frozen_reading_s
        # A coarse counter moves rarely: without a clock beside it, it has to miss a lot.
        is_late = self._elapsed.is_live or self._missing_m > max(MISSING_M, 2 * self._distance.step)
        self.frozen = speed > STANDING_KMH and self.counters_stand and is_late

    def _has_changed(self, speed_kmh: float) -> bool:
        return self._speed_kmh is not None and abs(speed_kmh - self._speed_kmh) > CHANGED_KMH

    def _count_at_zero(self, speed_kmh: float) -> None:
        count = self._distance.value
        if speed_kmh > STANDING_KMH:
            self._zero_count_m = None
        elif self._zero_count_m is None or (count is not None and count < self._zero_count_m):
            self._zero_count_m = count
        first = self._zero_count_m
        # A counter of tens turns by ten at the end of a belt's way, too.
        further = max(COUNTED_ON_M, self._distance.step + 1)
        self.counts_on = first is not None and count is not None and count >= first + further


class _Shapes:
    """Which fields this machine's frames have. One that suddenly has others is no report to stand on.

    Others are usual where every tenth frame has them, or once so many in a row do.
    """

    def __init__(self) -> None:
        self._seen: Counter[frozenset[str]] = Counter()
        self._rows: dict[bool, tuple[frozenset[str], int]] = {}
        """Of frames with a speed and of those without one: machines split their records."""

    def is_odd(self, sample: TreadmillData) -> bool:
        shape = frozenset(name for name in SHAPE_FIELDS if getattr(sample, name) is not None)
        self._seen[shape] += 1
        has_speed = sample.speed_kmh is not None
        before, length = self._rows.get(has_speed, (shape, 0))
        length = length + 1 if shape == before else 1
        self._rows[has_speed] = (shape, length)
        is_rare = self._seen[shape] * USUAL_EVERY < self._seen.total() and length < USUAL_FRAMES
        is_new = self._seen[shape] < USUAL_FRAMES
        return (is_rare or is_new) and max(self._seen.values()) >= ESTABLISHED_FRAMES


class _Count:
    """One of the machine's own counters, and whether it is one that goes on by itself."""

    def __init__(self) -> None:
        self.value: int | None = None
        self.moves = 0
        self.step = 0
        """The smallest that it was seen to move on by; 0 before it moved."""
        self._moved_s = -math.inf
        self._quick = 0

    @property
    def is_live(self) -> bool:
        """A clock that counts seconds; one that counts minutes stands still most of the time."""
        return self._quick >= QUICK_MOVES

    def on_value(self, now_s: float, value: int | None) -> bool:
        """Take a value; whether it moved."""
        if value is None:
            return False
        before, self.value = self.value, value
        if before is None or before == value:
            return False
        self.moves += 1
        if value > before:
            self.step = min(self.step or value - before, value - before)
        if self._quick < QUICK_MOVES:
            self._quick = self._quick + 1 if now_s - self._moved_s <= QUICK_S else 0
        self._moved_s = now_s
        return True


class _CounterRatio:
    """Does the distance counter run with the speed? One that is a steady factor off is not gone by."""

    def __init__(self) -> None:
        self._last: tuple[float, float, int] | None = None
        self._by_speed_m = self._by_count_m = 0.0
        self._agrees: bool | None = None
        self.miles = 0
        """Over so many spans in a row it counted 1.6 times what the speed came to."""

    def judge(self, now_s: float, kmh: float, count_m: int) -> tuple[bool, str | None]:
        """Whether to go by the counter, and why not, when that has just been found."""
        last, self._last = self._last, (now_s, kmh, count_m)
        if last is not None and 0 <= now_s - last[0] <= GAP_S and count_m >= last[2]:
            self._by_speed_m += (last[1] + kmh) / 2 / 3.6 * (now_s - last[0])
            self._by_count_m += count_m - last[2]
        elif last is not None:
            self._by_speed_m = self._by_count_m = 0.0
        if self._by_speed_m < RATIO_OVER_M and self._by_count_m < 10 * RATIO_OVER_M:
            return self._agrees is not False, None
        ratio = self._by_count_m / max(self._by_speed_m, 1e-9)
        self.miles = self.miles + 1 if MILES_LOW <= ratio <= MILES_HIGH else 0
        before, self._agrees = self._agrees, RATIO_LOW <= ratio <= RATIO_HIGH
        self._by_speed_m = self._by_count_m = 0.0
        if self._agrees or before is False:
            return self._agrees, None
        return False, f"its distance counts {ratio:.2g} times what its speed comes to: the speed is gone by"


def _incline_range(machine: Machine) -> InclineRange | None:
    """What its motor reaches; None for a machine without one."""
    return machine.incline_range if incline_grid(machine.incline_range) is not None else None
