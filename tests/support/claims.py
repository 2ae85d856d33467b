"""Machines, straps and hands that lie, and a witness who sees the control point's octets and the true belt.

The witness imports nothing of the guard: what an order may be is worked out here from what the person has
set and from what the belt really did.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from types import TracebackType
from typing import Any, Self

from tests.support.rig import JOGGER, RULES, Rig
from treadcoach.core.effects import Level
from treadcoach.core.phases import ENDED, Phase
from treadcoach.core.samples import InclineRange, SpeedRange, TreadmillData
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.progression import WeeklyCeiling
from treadcoach.virtual.belt import MachineModel, VirtualBelt
from treadcoach.virtual.faults import Faults
from treadcoach.wire.treadmill_data import decode_treadmill_data, encode_treadmill_data

SHORT_WARM_UP = replace(RULES, warm_up_min_s=30.0)
"""The document's rules, but for the warm-up: these sessions look at something else."""
LOOK_S = 0.5
LAG_S = 2.6
"""A reading, two seconds old at most, may be gone by."""
LEAD_KMH = 1.0
STEP_KMH = 0.3
APART_S = 0.39
ONE_STEP = 0.02

Lie = Callable[["LyingBelt", TreadmillData], "TreadmillData | None"]


def wide_week(kmh: float = 12.0, walk_kmh: float = 5.0) -> WeeklyCeiling:
    """The ceilings of somebody who ran this for forty minutes, so that another bound is looked at."""
    return WeeklyCeiling(dict.fromkeys(DURATIONS_S, kmh), walk_kmh, "test")


class LyingBelt(VirtualBelt):
    """A belt whose reports are changed by `lie` on their way out; the belt itself is true."""

    lie: Lie | None = None

    def frames(self, now_s: float) -> list[bytes]:
        out: list[bytes] = []
        for frame in super().frames(now_s):
            told: TreadmillData | None = decode_treadmill_data(frame)
            assert told is not None
            if self.lie is not None:
                told = self.lie(self, told)
            if told is not None:
                out.append(encode_treadmill_data(told))
        return out


def lying(lie: Lie, model: MachineModel | None = None, faults: Faults | None = None) -> LyingBelt:
    belt = LyingBelt(model or MachineModel(), faults or Faults())
    belt.lie = lie
    return belt


@dataclass(frozen=True, slots=True)
class Written:
    """One write to the control point, and what the belt truly did then."""

    t_s: float
    data: bytes
    belt_kmh: float
    target_kmh: float
    belt_percent: float

    @property
    def kmh(self) -> float:
        """The speed that is ordered; NaN of another order."""
        return int.from_bytes(self.data[1:3], "little") / 100 if self.data[:1] == b"\x02" else math.nan

    @property
    def percent(self) -> float:
        """The incline that is ordered; NaN of another order."""
        if self.data[:1] != b"\x03":
            return math.nan
        return int.from_bytes(self.data[1:3], "little", signed=True) / 10


@dataclass(frozen=True, slots=True)
class Seen:
    """What the belt truly did at one moment."""

    t_s: float
    phase: Phase
    kmh: float
    percent: float


class Claims(Rig):
    """A rig with a witness. On leaving, every order of the session is judged by what was true."""

    def __init__(self, *, judged: bool = True, strap: bool = False, **options: Any) -> None:
        options.setdefault("rules", SHORT_WARM_UP)
        super().__init__(strap=strap, **options)
        self.runner = options.get("runner", JOGGER)
        self._week: WeeklyCeiling | None = options.get("ceiling")
        self._judged = judged
        self.written: list[Written] = []
        self.track: list[Seen] = []
        self.belt.on_write = self._note

    def _note(self, now_s: float, data: bytes) -> None:
        belt = self.belt
        self.written.append(
            Written(now_s, bytes(data), belt.speed_kmh, belt.target_kmh, belt.incline_percent)
        )

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._looking = asyncio.get_running_loop().create_task(self._look())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._looking.cancel()
        await asyncio.wait([self._looking])
        await super().__aexit__(kind, error, trace)
        if kind is None and self._judged and (found := self.findings()):
            raise AssertionError("\n".join(found[:5]))

    async def _look(self) -> None:
        while True:
            self.see()
            await asyncio.sleep(LOOK_S)

    def see(self) -> Seen:
        """The belt as it truly is now."""
        self.belt.advance(self.now_s)
        seen = Seen(self.now_s, self.phase, self.belt.speed_kmh, self.belt.incline_percent)
        self.track.append(seen)
        return seen

    # -- what was true, and what was ordered -----------------------------------------

    def kmh(self) -> float:
        return self.see().kmh

    def fastest(self, since_s: float, until_s: float = math.inf) -> float:
        return max((s.kmh for s in self.track if since_s <= s.t_s <= until_s), default=0.0)

    def steepest(self, since_s: float = 0.0) -> float:
        return max((s.percent for s in self.track if s.t_s >= since_s), default=0.0)

    def speeds(self, since_s: float = 0.0) -> list[Written]:
        return [w for w in self.written if not math.isnan(w.kmh) and w.t_s >= since_s]

    def inclines(self, since_s: float = 0.0) -> list[Written]:
        return [w for w in self.written if not math.isnan(w.percent) and w.t_s >= since_s]

    def raising(self, since_s: float) -> list[Written]:
        """Orders that make the belt faster than it was told to be, or is."""
        return [w for w in self.speeds(since_s) if w.kmh > max(w.target_kmh, w.belt_kmh) + ONE_STEP]

    def stops_since(self, since_s: float) -> list[float]:
        return [t for t in self.stops() if t >= since_s]

    def loud(self, since_s: float = 0.0) -> list[str]:
        """What was said as an alarm."""
        return [e.text for e in self.events if e.level is Level.ALARM and e.t_s >= since_s]

    def warned(self, words: str, since_s: float = 0.0) -> bool:
        """Whether a warning or an alarm has these words."""
        loud = (Level.WARNING, Level.ALARM)
        return any(
            words.lower() in e.text.lower() for e in self.events if e.level in loud and e.t_s >= since_s
        )

    # -- the witness -------------------------------------------------------------------

    def most_kmh(self) -> float:
        """The fastest that may be ordered: by the machine, the person and the week."""
        week_kmh = 20.0 if self._week is None else self._week.curve[60]
        own_kmh: float = self.runner.max_speed_kmh
        return min(20.0, self.belt.model.speed_range.max_speed_kmh, own_kmh, week_kmh)

    def most_percent(self) -> float:
        limit: float = min(15.0, self.runner.max_incline_percent)
        return min(limit, RULES.aching_back_percent) if self.runner.aching_back else limit

    def findings(self) -> list[str]:
        """What must not be, whatever was said to the program."""
        return [*self._speed_findings(), *self._incline_findings(), *self._stop_findings()]

    def _was_kmh(self, written: Written) -> float:
        """The fastest that the belt was in the last moments before a write."""
        recent = [s.kmh for s in self.track if written.t_s - LAG_S <= s.t_s <= written.t_s]
        return max([written.belt_kmh, *recent])

    def _speed_findings(self) -> list[str]:
        found: list[str] = []
        step = max(STEP_KMH, self.belt.model.speed_range.speed_step_kmh)
        for w in self.speeds():
            where = f"at {w.t_s:.1f} s: {w.kmh} km/h, the belt at {w.belt_kmh:.2f}"
            if w.kmh > self.most_kmh() + 0.001 and w.kmh > self._was_kmh(w) + 0.05:
                found.append(f"above every bound {where}")
            slowest = max(self.belt.model.speed_range.min_speed_kmh, 1.0)
            ahead = max(self._was_kmh(w), slowest, w.target_kmh if w.target_kmh <= self.most_kmh() else 0.0)
            if w.kmh > ahead + LEAD_KMH + step + 0.05:
                found.append(f"a jump {where}")
        return found

    def _incline_findings(self) -> list[str]:
        found: list[str] = []
        for w in self.inclines():
            where = f"at {w.t_s:.1f} s: {w.percent} %, the belt at {w.belt_percent:.2f}"
            if w.percent > self.most_percent() + 0.001 and w.percent > w.belt_percent + 0.05:
                found.append(f"steeper than any bound {where}")
        return found

    def _stop_findings(self) -> list[str]:
        stops = self.stops()
        return [f"STOPs at {a:.2f} and {b:.2f} s" for a, b in pairwise(stops) if b - a < APART_S]

    # -- where a session is brought to --------------------------------------------------

    async def to_main(self, kmh: float | None = None) -> float:
        """Start and go on into the main set (and to about this speed on its ramp); the time."""
        await self.start()
        await self.at(Phase.MAIN, 900)
        if kmh is not None:
            await self.until(lambda: self.kmh() > kmh - 0.25, 400, f"the belt at {kmh} km/h")
        return self.now_s

    async def settled(self, kmh: float) -> float:
        """In the main set, at its speed for a while; the time."""
        await self.to_main(kmh)
        await self.seconds(12)
        return self.now_s

    async def status(self, data: bytes) -> None:
        """A Fitness Machine Status that nothing real stands behind."""
        await self.mill.send_raw(0x2ADA, data)

    async def ended(self, limit_s: float = 900.0) -> None:
        await self.until(self.task.done, limit_s, "the end of the session")

    @property
    def is_over(self) -> bool:
        return self.phase in ENDED

    def beat(
        self,
        bpm: Callable[[int], int | None],
        contact: Callable[[int], bool | None] = lambda _n: True,
        every_s: float = 1.0,
    ) -> None:
        """A strap: bpm of the n-th second (None: silence), and its contact (None: it cannot say)."""

        async def run() -> None:
            n = 0
            while True:
                await asyncio.sleep(every_s)
                n += 1
                value, touches = bpm(n), contact(n)
                if value is None or self.controller is None:
                    continue
                flags = 0x00 if touches is None else 0x06 if touches else 0x04
                self.coach._feed("frame", "strap/2A37", bytes((flags, min(value, 255))))

        self._beating = asyncio.get_running_loop().create_task(run())
        self.task.add_done_callback(lambda _task: self._beating.cancel())


def speed_status(kmh: float) -> bytes:
    return b"\x05" + round(kmh * 100).to_bytes(2, "little")


def incline_status(percent: float) -> bytes:
    return b"\x06" + round(percent * 10).to_bytes(2, "little", signed=True)


FINE = InclineRange(0.0, 15.0, 0.5)
WHOLE_STEPS = InclineRange(-3.0, 15.0, 1.0)
COARSE_SPEED = SpeedRange(1.0, 16.0, 0.5)
FROM_ZERO = SpeedRange(0.0, 18.0, 0.1)

MACHINES = {
    "usual": MachineModel(incline_range=FINE),
    "coarse": MachineModel(speed_range=COARSE_SPEED, incline_range=FINE),
    "grid from 0": MachineModel(speed_range=FROM_ZERO, starts_at_kmh=1.0, incline_range=FINE),
    "split records": MachineModel(split_records=True, incline_range=FINE),
    "a report every 2 s": MachineModel(data_period_s=2.0, incline_range=FINE),
    "reports its target": MachineModel(reports_target=True, incline_range=FINE),
    "no distance": MachineModel(sends_distance=False, incline_range=FINE),
    "whole steps from -3": MachineModel(incline_range=WHOLE_STEPS),
}
"""Kinds of machines that a claim has to be met on; none of them lies by itself."""
