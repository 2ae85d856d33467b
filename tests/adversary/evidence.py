"""What a session leaves for the judge: octets, the belt's true state, and what people really did.

Only the standard library is imported here and in every `judge*.py`: the judge shares no code with
what it judges. Times are seconds on the session's own clock, speeds km/h, inclines %.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

FOREVER = float("inf")


class Line:
    """A quantity that moves linearly between its points, as a real belt and a real motor do."""

    def __init__(self, value: float = 0.0) -> None:
        self.times = [0.0]
        self.values = [value]

    def add(self, t_s: float, value: float) -> None:
        if t_s <= self.times[-1]:
            self.values[-1] = value
            return
        if len(self.values) > 1 and value == self.values[-1] == self.values[-2]:
            self.times[-1] = t_s
            return
        self.times.append(t_s)
        self.values.append(value)

    def at(self, t_s: float) -> float:
        right = bisect_right(self.times, t_s)
        if right == len(self.times):
            return self.values[-1]
        if right == 0:
            return self.values[0]
        t0, t1 = self.times[right - 1], self.times[right]
        v0, v1 = self.values[right - 1], self.values[right]
        return v0 + (v1 - v0) * (t_s - t0) / (t1 - t0)

    def _over(self, from_s: float, to_s: float) -> list[float]:
        inner = self.values[bisect_right(self.times, from_s) : bisect_left(self.times, to_s)]
        return [self.at(from_s), *inner, self.at(to_s)]

    def high(self, from_s: float, to_s: float) -> float:
        return max(self._over(from_s, to_s))

    def low(self, from_s: float, to_s: float) -> float:
        return min(self._over(from_s, to_s))

    def spans(self, above: float, shortest_s: float = 0.0) -> list[tuple[float, float]]:
        """When the value was above a bound, between its points by interpolation."""
        out: list[tuple[float, float]] = []
        began: float | None = 0.0 if self.values[0] > above else None
        for i in range(1, len(self.times)):
            t0, t1, v0, v1 = self.times[i - 1], self.times[i], self.values[i - 1], self.values[i]
            if (v0 > above) != (v1 > above):
                crossed = t0 + (t1 - t0) * (above - v0) / (v1 - v0)
                if v1 > above:
                    began = crossed
                elif began is not None:
                    out.append((began, crossed))
                    began = None
        if began is not None:
            out.append((began, self.times[-1]))
        return [(a, b) for a, b in out if b - a >= shortest_s]


@dataclass(frozen=True, slots=True)
class Limits:
    """The session's plain numbers. None: there is none."""

    hard_kmh: float
    machine_low_kmh: float
    machine_high_kmh: float
    machine_step_kmh: float
    own_kmh: float
    curve: dict[int, float]
    walk_kmh: float
    hard_percent: float
    machine_low_percent: float | None
    machine_high_percent: float | None
    machine_step_percent: float | None
    own_percent: float
    aching_back: bool
    pulse_ceiling_bpm: int | None
    plan_kmh: float
    """The fastest that the plan asks for."""
    data_period_s: float
    air_s: float
    """How long octets may wait for the next connection event."""

    @property
    def ceiling_kmh(self) -> float:
        week = max(self.curve[60], self.walk_kmh)
        return min(self.hard_kmh, self.machine_high_kmh, self.own_kmh, week)

    @property
    def ceiling_percent(self) -> float:
        bounds = [self.hard_percent, self.own_percent]
        if self.machine_high_percent is not None:
            bounds.append(self.machine_high_percent)
        if self.aching_back:
            bounds.append(2.0)
        return min(bounds)

    @property
    def one_step_kmh(self) -> float:
        """0.3 km/h, or one step of a coarser machine."""
        return max(0.3, self.machine_step_kmh)

    @property
    def one_step_percent(self) -> float:
        return min(max(0.5, self.machine_step_percent or 0.0), 1.0)

    @property
    def lag_s(self) -> float:
        """How old the newest honest reading may be when an order that was made from it is written."""
        return self.data_period_s + 1.2 + 2 * self.air_s


@dataclass(frozen=True, slots=True)
class Write:
    """Octets at the control point, and what the machine really made of them."""

    t_s: float
    data: bytes
    taken: bool
    target_kmh: float
    """Where the belt was heading before."""
    target_percent: float
    result: int | None
    running: bool
    """Whether it was running, so that it goes where it is heading."""

    @property
    def op(self) -> int:
        return self.data[0] if self.data else -1

    @property
    def kmh(self) -> float:
        return int.from_bytes(self.data[1:3], "little") / 100

    @property
    def percent(self) -> float:
        return int.from_bytes(self.data[1:3], "little", signed=True) / 10

    @property
    def words(self) -> str:
        match self.op:
            case 0:
                what = "REQUEST CONTROL"
            case 2:
                what = f"SPEED {self.kmh:.2f} km/h"
            case 3:
                what = f"INCLINE {self.percent:.1f} %"
            case 7:
                what = "START"
            case 8:
                what = "STOP"
            case _:
                what = "?"
        return what + ("" if self.taken else " (not taken)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked of the program."""

    t_s: float
    kind: str
    amount: float


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a person did at the console. Where the belt was heading before and after it."""

    t_s: float
    key: str
    before_kmh: float
    after_kmh: float
    reported: bool


@dataclass(frozen=True, slots=True)
class Lie:
    """Something that a device told or did wrongly, from when to when."""

    from_s: float
    to_s: float
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A line that people got to read."""

    t_s: float
    level: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Beat:
    """A true heart rate and what the strap said of it; None: nothing."""

    t_s: float
    true_bpm: float
    said_bpm: int | None
    contact: bool


@dataclass(slots=True)
class Evidence:
    limits: Limits
    speed: Line = field(default_factory=Line)
    incline: Line = field(default_factory=Line)
    targets: list[tuple[float, float, str]] = field(default_factory=list)
    """When the machine's own target speed changed: time, km/h, by whom (order, hand, start, machine)."""
    tilts: list[tuple[float, float, str]] = field(default_factory=list)
    """The same of its target incline, %."""
    states: list[tuple[float, str]] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    pressed: list[Pressed] = field(default_factory=list)
    links: list[tuple[float, int]] = field(default_factory=list)
    """The number of links to the machine after each change."""
    statuses: list[tuple[float, bytes, bool]] = field(default_factory=list)
    """Machine statuses that went out: time, octets, whether they were true."""
    data_sent: list[float] = field(default_factory=list)
    data_fed: list[float] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    lies: list[Lie] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    stalls: list[tuple[float, float]] = field(default_factory=list)
    most_clients: list[tuple[float, int]] = field(default_factory=list)
    ended_s: float | None = None
    """When the program's run came back; None: never, and it was ended from outside."""
    ended_in: str = ""
    error: str = ""
    watched_until_s: float = 0.0
    kept_releases: list[tuple[float, bool, str]] | None = None
    """What `knowable.releases` made of this; forgotten when the judge begins."""

    def lied(self, from_s: float, to_s: float, *kinds: str) -> bool:
        """Whether a lie of one of these kinds (all: any) reached into that time."""
        return any(
            lie.from_s <= to_s and lie.to_s >= from_s and (not kinds or lie.kind in kinds)
            for lie in self.lies
        )

    def linked_since(self, t_s: float) -> float | None:
        """Since when there has been a link at that time; None: there is none."""
        since: float | None = None
        for at, count in self.links:
            if at > t_s:
                break
            if count and since is None:
                since = at
            elif not count:
                since = None
        return since

    def state_at(self, t_s: float) -> str:
        state = "standby"
        for at, name in self.states:
            if at > t_s:
                break
            state = name
        return state

    def stall_s(self, from_s: float, to_s: float) -> float:
        """How long the computer stood still between two times; a stall is kept with its end."""
        return sum(length for at, length in self.stalls if at >= from_s and at - length <= to_s)

    def over(self, t_s: float) -> bool:
        return self.ended_s is not None and t_s >= self.ended_s
