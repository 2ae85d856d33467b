"""Starts, refusals and stalls: an order counts when it was taken, and a start that runs away is stopped."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.support.claims import MACHINES, Claims, LyingBelt, lying, wide_week
from tests.support.rig import in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ON_BELT, Phase
from treadcoach.core.samples import TreadmillData
from treadcoach.virtual.belt import BeltState, MachineModel, Reply, VirtualBelt
from treadcoach.virtual.faults import Faults
from treadcoach.wire.control_point import Op, Result
from treadcoach.wire.machine_status import StatusOp

STEP_KMH = 0.31


class Echo(VirtualBelt):
    """Says with a status what it was told; some machines do for every order."""

    ops: dict[int, StatusOp]

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        reply = super().write(data, client, now_s)
        if reply is not None and data[0] in self.ops and reply.data[2] == Result.SUCCESS:
            self._status(self.ops[data[0]])
        return reply


def echoing(model: MachineModel, faults: Faults, start: StatusOp | None) -> Echo:
    """Says this status with every start."""
    belt = Echo(model, faults)
    belt.ops = {} if start is None else {Op.START_OR_RESUME: start}
    return belt


# -- a start that brings an old speed back ----------------------------------------------


@pytest.mark.parametrize(
    ("old_kmh", "echo"),
    [
        *((10.0, echo) for echo in ("", "04", "01", "02", "ff")),
        (4.0, "04"),
        (16.0, "04"),
        (16.0, "ff"),
        (6.0, "01"),
    ],
)
def test_a_start_that_resumes_an_old_speed_is_stopped(old_kmh: float, echo: str) -> None:
    """UREVO's machines echo our START as status 04: that makes the old speed nobody's wish."""

    async def session() -> None:
        status = StatusOp(int(echo, 16)) if echo else None
        belt = echoing(MachineModel(), Faults(restores_target=True), status)
        belt.target_kmh = old_kmh
        async with Claims(belt=belt, ceiling=wide_week()) as rig:
            await rig.start()
            await rig.seconds(30)
            assert rig.fastest(0) <= 4.0, "it is stopped on its way, not followed"
            assert rig.speeds() == [] or max(w.kmh for w in rig.speeds()) <= 4.0

    in_virtual_time(session())


@pytest.mark.parametrize(
    ("delay_s", "old_kmh"), [(2.0, 8.0), (7.0, 4.0), (11.0, 8.0), (14.0, 4.0), (25.0, 8.0)]
)
@pytest.mark.parametrize("target", [False, True], ids=["", "reports its target"])
def test_a_late_answer_to_the_start_leaves_no_belt_unwatched(
    delay_s: float, old_kmh: float, target: bool
) -> None:
    async def session() -> None:
        belt = VirtualBelt(MachineModel(reports_target=target), Faults(restores_target=True))
        belt.target_kmh = old_kmh
        belt.faults.delay_s = {Op.START_OR_RESUME: delay_s}
        async with Claims(belt=belt, ceiling=wide_week()) as rig:
            await rig.start()
            await rig.seconds(40)
            assert rig.fastest(0) <= 4.05 and rig.stops() and rig.kmh() == 0.0

    in_virtual_time(session())


@pytest.mark.parametrize(
    ("delay_s", "machine"), [(3.0, "usual"), (8.0, "coarse"), (11.0, "a report every 2 s")]
)
def test_a_late_answer_to_a_good_start_is_no_fault(delay_s: float, machine: str) -> None:
    async def session() -> None:
        async with Claims(model=MACHINES[machine], faults=Faults(delay_s={7: delay_s})) as rig:
            await rig.start()
            await rig.seconds(60)
            assert rig.phase in ON_BELT and rig.kmh() > 3.0 and not rig.stops() and not rig.loud()

    in_virtual_time(session())


@pytest.mark.parametrize("moment", ["pause", "new link"])
def test_a_resume_at_the_old_speed_is_stopped_too(moment: str) -> None:
    async def session() -> None:
        belt = echoing(MachineModel(), Faults(restores_target=True), StatusOp.STARTED_OR_RESUMED)
        async with Claims(belt=belt, workout="20 min @ 9 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(9.0)
            rig.ask(IntentKind.PAUSE)
            await rig.until(lambda: rig.kmh() == 0.0, 60)
            await rig.seconds(4)
            if moment == "new link":
                rig.mill.cut_radio()
                await rig.until(lambda: rig.coach._reconnecting, 5)
                await rig.until(lambda: not rig.coach._reconnecting, 60)
                await rig.seconds(3)
            since_s = rig.now_s
            rig.ask(IntentKind.START)
            await rig.seconds(12)
            assert rig.fastest(since_s) <= 4.0, "stopped, or ordered down from where it was met"
            assert rig.stops_since(since_s) or rig.belt.target_kmh <= 4.0

    in_virtual_time(session())


def test_a_restart_from_a_grid_of_zero_is_no_alarm() -> None:
    """A range from 0 with a first speed of 1.0."""

    async def session() -> None:
        async with Claims(model=MACHINES["grid from 0"]) as rig:
            await rig.walk()
            await rig.seconds(20)
            assert rig.phase in ON_BELT and not rig.stops() and not rig.loud()

    in_virtual_time(session())


class TakesAlways(LyingBelt):
    """Takes a speed while it stands, and runs at once."""

    def _set_speed(self, kmh: float) -> Result:
        if self.state is not BeltState.RUNNING:
            self.state = BeltState.RUNNING
        return super()._set_speed(kmh)


@pytest.mark.parametrize("said_kmh", [5.0, 14.0])
@pytest.mark.parametrize("counters", ["at 0", "at old values", "clock only"])
def test_a_standing_belt_that_claims_to_move_is_not_taken_over(said_kmh: float, counters: str) -> None:
    """Its reading is frozen at the speed of a session before: no order may come from that."""

    async def session() -> None:
        def lie(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
            if belt.elapsed_s > 0:
                return told
            old = {"at 0": (0, 0), "at old values": (1234, 600), "clock only": (None, 600)}[counters]
            return replace(told, speed_kmh=said_kmh, distance_m=old[0], elapsed_s=old[1])

        belt = TakesAlways(MachineModel(), Faults())
        belt.lie = lie
        async with Claims(belt=belt, workout="10 min @ 6 km/h", ceiling=wide_week()) as rig:
            await rig.start()
            await rig.seconds(25)
            first = rig.speeds()[:1]
            assert all(w.kmh <= 1.5 for w in first) and rig.fastest(0.0) <= 4.0

    in_virtual_time(session())


# -- orders that were not taken ------------------------------------------------------------


Fault = Callable[[Claims, bool], None]


def refuses(rig: Claims, on: bool) -> None:
    rig.faults.result = {2: 4} if on else {}


def invalid(rig: Claims, on: bool) -> None:
    rig.faults.result = {2: 3} if on else {}


def ignores(rig: Claims, on: bool) -> None:
    rig.faults.answered_but_ignored = {2} if on else set()


def answers_late(rig: Claims, on: bool) -> None:
    rig.faults.delay_s = {2: 3.5} if on else {}


NOT_TAKEN: dict[str, Fault] = {
    "refused": refuses, "invalid": invalid, "ignored": ignores, "answered late": answers_late,
}  # fmt: skip


def steps_of(rig: Claims, since_s: float) -> list[float]:
    """What each order asks beyond the fastest that the belt was at or was told before."""
    return [abs(w.kmh - w.target_kmh) for w in rig.speeds(since_s)]


@pytest.mark.parametrize("fault", NOT_TAKEN)
@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize(("for_s", "machine"), [(15.0, "usual"), (6.0, "coarse")])
def test_what_was_not_taken_moves_no_base(fault: str, way: str, for_s: float, machine: str) -> None:
    """The order that is taken at last is one step from what the belt was really told."""

    async def session() -> None:
        async with Claims(model=MACHINES[machine], workout="10 min @ 10 km/h", ceiling=wide_week()) as rig:
            if way == "up":
                await rig.to_main(6.0)
            else:
                await rig.settled(10.0)
                rig.ask(IntentKind.SLOWER, 6.0)
                await rig.seconds(1.2)
            NOT_TAKEN[fault](rig, True)
            await rig.seconds(for_s)
            NOT_TAKEN[fault](rig, False)
            since_s = rig.now_s
            await rig.seconds(20)
            step = max(STEP_KMH, rig.belt.model.speed_range.speed_step_kmh + 0.01)
            # What the machine says it took, and ignored, is only seen by the belt: one lead of it at most.
            most = 1.0 + step if fault == "ignored" else step
            assert all(gap <= most for gap in steps_of(rig, since_s)[:1])
            assert all(gap <= step for gap in steps_of(rig, since_s)[1:])

    in_virtual_time(session())


@pytest.mark.parametrize(("stalls", "stall_s"), [(1, 30.0), (3, 3.0), (6, 1.5)])
@pytest.mark.parametrize("where", ["between clearing and writing", "anywhere"])
def test_a_stall_of_the_computer_makes_no_jump(stalls: int, stall_s: float, where: str) -> None:
    async def session() -> None:
        async with Claims(workout="10 min @ 10 km/h", ceiling=wide_week()) as rig:
            await rig.to_main(6.0)
            loop: Any = asyncio.get_running_loop()
            since_s = rig.now_s
            left = stalls
            if where == "anywhere":
                for _ in range(stalls):
                    loop._paced.skipped_s += stall_s
                    await rig.seconds(2.3)
            else:
                gate = rig.controller.gate
                made = gate._cleared

                def late(*args: Any) -> Any:
                    nonlocal left
                    out = made(*args)
                    if left:
                        left -= 1
                        loop._paced.skipped_s += stall_s
                    return out

                gate._cleared = late
            await rig.seconds(20)
            assert all(gap <= STEP_KMH for gap in steps_of(rig, since_s))
            rates = [(b.kmh - a.kmh) / (b.t_s - a.t_s) for a, b in pairwise(rig.speeds(since_s))]
            assert all(rate <= 0.31 for rate in rates)

    in_virtual_time(session())


# -- one lost answer ---------------------------------------------------------------------


@pytest.mark.parametrize("op", [2, 3])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("done", [False, True], ids=["not done", "done all the same"])
def test_one_lost_answer_costs_one_link_and_no_client(op: int, times: int, done: bool) -> None:
    async def session() -> None:
        belt = VirtualBelt(MachineModel())
        if done:
            belt = lying(lambda _b, told: told)
            plain = belt.write

            def write(data: bytes, client: object, now_s: float) -> Reply | None:
                reply = plain(data, client, now_s)
                return None if data[0] in lost else reply

            belt.write = write  # type: ignore[method-assign]  # a machine whose answers are lost
        lost: set[int] = set()
        async with Claims(belt=belt, workout="20 min @ 6 km/h, 3 %") as rig:
            await rig.walk()
            await rig.seconds(20)
            for _ in range(times):
                if done:
                    lost.add(op)
                else:
                    rig.faults.silent.add(op)
                rig.ask(IntentKind.SLOWER if op == 2 else IntentKind.STEEPER, 1.0)
                await rig.until(lambda: rig.coach._reconnecting, 30)
                lost.clear()
                rig.faults.silent.clear()
                await rig.until(lambda: not rig.coach._reconnecting, 60)
                await rig.seconds(12)
                assert len(rig.radio.linked) == 1 and len(rig.mill.connections) == 1
                fed = [
                    x for x in rig.recorder.inputs
                    if x[1] == "frame" and x[2].endswith("2ACD") and x[0] > rig.now_s - 10
                ]  # fmt: skip
                assert len(fed) <= 11, "each frame counts once"
                rig.ask(IntentKind.START)
                await rig.seconds(25)
            downs = [e for e in rig.events if e.kind == "link" and "down" in e.text]
            assert len(downs) == times
            await rig.mill.send_raw(0x2ACD, b"\0\0\xff\xff")
            await rig.seconds(3)
            assert rig.phase in ON_BELT and not rig.stops(), "one odd frame is one odd frame"

    in_virtual_time(session())


@pytest.mark.parametrize(
    "frame",
    [b"\0\0\xff\xff", b"\0\0\xd0\x07", b"\0\0\0\0", b"\0", b"", b"\0\0"],
    ids=lambda d: d.hex() or "empty",
)
def test_one_odd_frame_stops_nothing(frame: bytes) -> None:
    async def session() -> None:
        async with Claims(workout="20 min @ 6 km/h") as rig:
            since_s = await rig.settled(6.0)
            for _ in range(4):
                await rig.mill.send_raw(0x2ACD, frame)
                await rig.seconds(5)
            assert rig.phase is Phase.MAIN and not rig.stops()
            assert all(abs(w.kmh - 6.0) <= 0.05 for w in rig.speeds(since_s))

    in_virtual_time(session())
