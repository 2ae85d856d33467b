"""Many treadmills in one process, each with a runner, a strap, a coach and a journal in one store."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from tests.support.rig import make_setup
from treadcoach.app.coach import Coach
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.outputs import Output
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.devices.strap import StrapLink
from treadcoach.devices.treadmill import TreadmillLink
from treadcoach.store import history
from treadcoach.store.journal import Journal
from treadcoach.virtual.air import Air
from treadcoach.virtual.belt import VirtualBelt
from treadcoach.virtual.bleak_backend import install
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.virtual.strap import VirtualStrap
from treadcoach.virtual.treadmill import VirtualTreadmill

READY_S = 20.0
WORKOUT = "2 min @ 5.5 km/h + 2 min @ 7 km/h + 4 min @ 6 km/h"


class CountingRecorder(JournalRecorder):
    """Writes a journal, and counts what it was given."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self.given: dict[str, int] = {"inputs": 0, "events": 0}

    def input(self, t_s: float, kind: str, name: str, payload: bytes) -> None:
        self.given["inputs"] += 1
        super().input(t_s, kind, name, payload)

    def output(self, output: Output) -> None:
        if type(output).__name__ == "Event":
            self.given["events"] += 1
        super().output(output)


@dataclass(slots=True)
class Lane:
    """One treadmill of the fleet and what became of it."""

    runner: str
    belt: VirtualBelt
    coach: Coach
    recorder: CountingRecorder
    task: asyncio.Task[Any] | None = None


@dataclass(slots=True)
class Fleet:
    """What a run leaves: the lanes, and how late every tick was (s)."""

    lanes: list[Lane] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)


async def run_fleet(
    count: int,
    seconds: float,
    engine: Engine,
    aside: Path,
    *,
    inline: bool,
    meanwhile: Callable[[Fleet], Awaitable[None]] | None = None,
) -> Fleet:
    """Run so many sessions at once for so long, then stop them all, and wait for belts and journals."""
    air = Air(0.03)
    radio = install(air)
    fleet, peripherals = Fleet(), []
    for number in range(count):
        person = VirtualRunner()
        mill_at, strap_at = f"F0:7E:AD:00:01:{number:02X}", f"F0:A0:10:00:01:{number:02X}"
        mill = VirtualTreadmill(air, VirtualBelt(), runner=person, address=mill_at)
        strap = VirtualStrap(air, person, address=strap_at)
        await mill.start()
        await strap.start()
        peripherals += [mill, strap]
        name = f"runner-{number:02d}"
        journal = Journal(
            engine, name, "mill", mill_at, station=f"here/{number}", aside=aside / name, inline=inline
        )
        recorder = CountingRecorder(journal)

        def treadmill(frame: Any, lost: Any, address: str = mill_at) -> TreadmillLink:
            return TreadmillLink(address, frame, lost)

        def sensor(frame: Any, lost: Any, address: str = strap_at) -> StrapLink:
            return StrapLink(address, "strap", frame, lost, acceleration=False)

        coach = Coach(treadmill, [sensor], lambda machine: make_setup(machine, workout=WORKOUT), recorder)
        fleet.lanes.append(Lane(name, mill.belt, coach, recorder))
    for lane in fleet.lanes:
        lane.task = asyncio.ensure_future(lane.coach.run())
    await asyncio.sleep(READY_S)
    for lane in fleet.lanes:
        assert lane.coach.latest is not None and lane.coach.latest.speed_kmh is not None, lane.runner
        lane.coach.request(Intent(IntentKind.START, "the fleet"))
        lane.coach.tick_lateness_s.clear()
    if meanwhile is not None:
        await meanwhile(fleet)
    await asyncio.sleep(seconds)
    fleet.late_s = [late for lane in fleet.lanes for late in lane.coach.tick_lateness_s]
    for lane in fleet.lanes:
        lane.coach.request(Intent(IntentKind.STOP, "the fleet"))
    done = await asyncio.gather(*(lane.task for lane in fleet.lanes if lane.task), return_exceptions=True)
    for peripheral in peripherals:
        await peripheral.stop()
    await radio.close()
    if failed := [found for found in done if isinstance(found, BaseException)]:
        raise failed[0]
    return fleet


def check(fleet: Fleet, engine: Engine) -> Mapping[str, int]:
    """Nothing lost, nothing mixed up, and every order within every bound it names. Raises AssertionError."""
    counts = {"sessions": 0, "inputs": 0, "orders": 0, "bounds": 0}
    for lane in fleet.lanes:
        (row,) = history.list_sessions(engine, runner=lane.runner)
        assert row.state == "stopped" and row.belt_time_s > 60, (lane.runner, row)
        assert abs(row.distance_m - lane.belt.true_distance_m) <= 0.001 * lane.belt.true_distance_m + 1
        for table, given in lane.recorder.given.items():
            found = history.rows_of(engine, table, row.id)
            assert len(found) == given, (lane.runner, table)
            assert [entry.seq for entry in found] == list(range(1, given + 1)), "in order, and none twice"
        counts["inputs"] += lane.recorder.given["inputs"]
        for order in history.rows_of(engine, "orders", row.id):
            counts["orders"] += 1
            for bound in json.loads(order.bounds):
                counts["bounds"] += 1
                if order.kind == "speed":
                    assert order.value <= bound["ceiling"], (lane.runner, order)
        counts["sessions"] += 1
    return counts
