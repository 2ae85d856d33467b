"""Our link under every fault that a machine was seen to have, on a real Bluetooth stack."""

import asyncio
import itertools
import struct
from types import TracebackType
from typing import Self

import pytest

from tests.support.rig import RULES, in_virtual_time
from treadcoach.core.errors import GuardError, LinkError, OrderVoid
from treadcoach.core.machine import Machine
from treadcoach.devices.control_channel import SPACING_S, STOP_TRIES, Abandoned, NoAnswer
from treadcoach.devices.treadmill import TreadmillLink
from treadcoach.guard.gate import BeltNow, ClearedOrder, Gate
from treadcoach.guard.limits import Bound, incline_grid, speed_grid
from treadcoach.virtual.air import Air
from treadcoach.virtual.belt import BeltState, MachineModel, VirtualBelt
from treadcoach.virtual.bleak_backend import install
from treadcoach.virtual.faults import Faults
from treadcoach.virtual.treadmill import TREADMILL_ADDRESS, VirtualTreadmill

FREE = [Bound("personal", 2000, ""), Bound("weekly", 2000, ""), Bound("freshness", 2000, "")]
HILL = [Bound("personal", 150, ""), Bound("uphill", 150, ""), Bound("freshness", 150, "")]


class LinkRig:
    """A link to one machine, and a gate of its own to make orders with."""

    def __init__(
        self,
        faults: Faults | None = None,
        model: MachineModel | None = None,
        *,
        connect: bool = True,
        mph: bool = False,
    ) -> None:
        self.belt = VirtualBelt(model or MachineModel(), faults or Faults())
        self.faults = self.belt.faults
        self.frames: list[tuple[str, bytes]] = []
        self.lost = 0
        self._connect = connect
        self._mph = mph

    async def __aenter__(self) -> Self:
        self.air = Air()
        self.radio = install(self.air)
        self.mill = VirtualTreadmill(self.air, self.belt)
        await self.mill.start()
        self.link = self.new_link()
        if self._connect:
            self.machine: Machine = await self.link.connect()
        return self

    def new_link(self) -> TreadmillLink:
        def lost() -> None:
            self.lost += 1

        return TreadmillLink(
            TREADMILL_ADDRESS,
            lambda _device, characteristic, data: self.frames.append((characteristic, data)),
            lost,
            takes_mph=self._mph,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.link.close()
        await self.mill.stop()
        await self.radio.close()

    @property
    def now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def gate(self, speed_ckmh: int = 500) -> Gate:
        gate = Gate(
            RULES, speed_grid(self.belt.model.speed_range), incline_grid(self.belt.model.incline_range)
        )
        gate.open_by("test", self.now_s - 10, speed_ckmh, 0)
        return gate

    def speed(self, kmh: float = 8.0, gate: Gate | None = None, belt_ckmh: int = 500) -> ClearedOrder:
        ruling = (gate or self.gate()).clear_speed(
            kmh, "test", FREE, self.now_s, BeltNow(belt_ckmh, belt_ckmh)
        )
        assert ruling.order is not None, ruling
        return ruling.order

    def start(self) -> ClearedOrder:
        ruling = self.gate(0).clear_start(self.now_s)
        assert ruling.order is not None
        return ruling.order

    async def running(self) -> None:
        """Take control, start, and let the belt get to its slowest speed."""
        await self.link.take_control()
        assert await self.link.drive(self.start()) == "success"
        await asyncio.sleep(self.belt.model.countdown_s + 3)

    def ops(self) -> list[str]:
        return [data.hex() for _, data in self.belt.writes]


def run(rig: LinkRig, scenario) -> None:  # type: ignore[no-untyped-def]
    async def whole() -> None:
        async with rig:
            await scenario(rig)

    in_virtual_time(whole())


# -- refusals ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name"),
    [(2, "op_code_not_supported"), (3, "invalid_parameter"), (4, "operation_failed"), (6, "rfu")],
)
def test_a_refused_order_is_told_by_name(code: int, name: str) -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.result[2] = code
        assert await rig.link.drive(rig.speed()) == name
        rig.faults.result.clear()
        assert await rig.link.drive(rig.speed()) == "success", "a refusal is no quarantine"

    run(LinkRig(), scenario)


def test_control_that_is_not_permitted_any_more_has_to_be_taken_again() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.belt.controller = None  # lost without a word
        assert await rig.link.drive(rig.speed()) == "control_not_permitted"
        with pytest.raises(LinkError, match="no control"):
            await rig.link.drive(rig.speed())
        await rig.link.take_control()
        assert await rig.link.drive(rig.speed()) == "success"

    run(LinkRig(), scenario)


def test_refused_control_is_an_error_and_nothing_can_be_driven() -> None:
    async def scenario(rig: LinkRig) -> None:
        with pytest.raises(LinkError, match="refuses control: control_not_permitted"):
            await rig.link.take_control()
        with pytest.raises(LinkError, match="no control"):
            await rig.link.drive(rig.start())
        assert rig.ops() == ["00"]

    run(LinkRig(Faults(result={0: 5})), scenario)


def test_an_att_error_is_an_error_of_the_link() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.att_error = 0x80
        with pytest.raises(NoAnswer, match="could not be written"):
            await rig.link.drive(rig.speed())

    run(LinkRig(), scenario)


# -- lost links ----------------------------------------------------------------------


def test_a_dropped_link_is_told_once_and_never_comes_back_by_itself() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        order = rig.speed()
        await rig.mill.drop_links()
        await asyncio.sleep(0.1)
        assert rig.lost == 1 and not rig.link.is_connected
        seen = len(rig.belt.writes)
        with pytest.raises(LinkError):
            await rig.link.drive(order)
        await asyncio.sleep(60)
        assert len(rig.belt.writes) == seen, "a command on a dropped link reached the machine"

    run(LinkRig(), scenario)


def test_a_link_lost_under_a_pending_order_ends_it() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.silent.add(2)
        pending = asyncio.ensure_future(rig.link.drive(rig.speed()))
        await asyncio.sleep(0.5)
        rig.mill.cut_radio()
        began = rig.now_s
        with pytest.raises(LinkError):
            await pending
        assert rig.now_s - began < 10
        assert rig.lost == 1

    run(LinkRig(), scenario)


def test_stop_with_the_machine_gone_gives_up_soon() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        await rig.mill.silence()
        began = rig.now_s
        assert await rig.link.stop(may_move=True) == "link lost"
        assert rig.now_s - began < 3

    run(LinkRig(), scenario)


def test_a_new_link_has_no_control_and_replays_nothing() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        await rig.link.drive(rig.speed(8.0))
        target = rig.belt.target_kmh
        rig.mill.cut_radio()
        await asyncio.sleep(1)
        seen = len(rig.belt.writes)
        again = rig.new_link()
        await again.connect()
        await asyncio.sleep(5)
        assert len(rig.belt.writes) == seen
        assert rig.belt.target_kmh == target, "the belt goes on: that is what the safety key is for"
        with pytest.raises(LinkError, match="no control"):
            await again.drive(rig.speed())
        assert await again.stop(may_move=True) == "success"
        await again.close()

    run(LinkRig(), scenario)


def test_connecting_to_nothing_is_bounded() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.mill.silence()
        began = rig.now_s
        with pytest.raises(LinkError):
            await rig.link.connect()
        assert rig.now_s - began < 25
        await rig.mill.advertise()
        second = rig.new_link()
        await second.connect()
        await second.close()

    run(LinkRig(connect=False), scenario)


# -- answers -------------------------------------------------------------------------


def test_no_answer_is_quarantine_and_only_stop_passes() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.silent.add(2)
        began = rig.now_s
        with pytest.raises(NoAnswer):
            await rig.link.drive(rig.speed())
        assert rig.now_s - began < 7
        assert rig.link.control.quarantined is not None
        seen = len(rig.belt.writes)
        with pytest.raises(LinkError, match="quarantined"):
            await rig.link.drive(rig.speed(4.8))
        assert len(rig.belt.writes) == seen
        assert await rig.link.stop(may_move=True) == "success"
        assert rig.belt.state is not BeltState.RUNNING

    run(LinkRig(), scenario)


def test_a_late_answer_never_answers_another_order() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.delay_s[2] = 6.0
        with pytest.raises(NoAnswer):
            await rig.link.drive(rig.speed())
        strays = rig.link.control.strays
        await asyncio.sleep(3)
        assert rig.link.control.strays == strays + 1

    run(LinkRig(), scenario)


def test_answers_nobody_asked_for_and_odd_ones_are_counted_and_dropped() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        for odd in (b"", b"\x80", b"\x80\x02", b"\x80\x02\x01", b"\x80\x07\x01\x00", b"\x01\x02\x03"):
            await rig.mill.send_raw(0x2AD9, odd)
        await asyncio.sleep(0.1)
        assert rig.link.control.strays == 6
        rig.faults.delay_s[2] = 0.5
        pending = asyncio.ensure_future(rig.link.drive(rig.speed()))
        await asyncio.sleep(0.2)
        await rig.mill.send_raw(0x2AD9, b"\x80\x03\x01")
        await asyncio.sleep(0.1)
        assert not pending.done(), "an answer to another op code is no answer"
        assert await pending == "success"

    run(LinkRig(), scenario)


def test_stop_behind_an_unanswered_order_is_on_the_wire_at_once() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.silent.add(2)
        pending = asyncio.ensure_future(rig.link.drive(rig.speed()))
        await asyncio.sleep(0.5)
        began = rig.now_s
        assert await rig.link.stop(may_move=True) == "success"
        assert rig.now_s - began < 0.01
        with pytest.raises(Abandoned):
            await pending

    run(LinkRig(), scenario)


def test_stop_behind_a_stuck_write_goes_out_as_a_command() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.att_stuck.add(2)
        pending = asyncio.ensure_future(rig.link.drive(rig.speed()))
        await asyncio.sleep(0.5)
        asked = rig.now_s
        stop = asyncio.ensure_future(rig.link.stop(may_move=True))
        await asyncio.sleep(0.002)
        assert rig.belt.writes[-1][1] == b"\x08\x01" and rig.belt.writes[-1][0] - asked <= 0.002
        await asyncio.gather(pending, stop, return_exceptions=True)
        assert rig.belt.state is not BeltState.RUNNING

    run(LinkRig(), scenario)


def test_stop_without_control_takes_control_and_stops() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.belt.controller = None
        assert await rig.link.stop(may_move=True) == "success"
        assert rig.ops()[-3:] == ["0801", "00", "0801"]

    run(LinkRig(), scenario)


def test_stops_at_the_same_time_all_end() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        answers = await asyncio.gather(*(rig.link.stop(may_move=True) for _ in range(5)))
        assert set(answers) == {"success"}
        seen = len(rig.belt.writes)
        await asyncio.sleep(20)
        assert len(rig.belt.writes) == seen, "no stop is sent again after an answer"

    run(LinkRig(), scenario)


def test_a_stop_that_is_asked_for_during_the_last_try_of_another_is_written() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.silent.add(8)
        first = asyncio.ensure_future(rig.link.stop(may_move=True))
        for _ in range(400):
            await asyncio.sleep(0.05)
            if rig.ops().count("0801") == STOP_TRIES:
                break
        await asyncio.sleep(SPACING_S + 0.1)
        assert not first.done()
        asked_s = rig.now_s
        second = asyncio.ensure_future(rig.link.stop(may_move=True))
        await asyncio.sleep(0.01)
        assert rig.belt.writes[-1][1] == b"\x08\x01" and rig.belt.writes[-1][0] >= asked_s
        rig.faults.silent.clear()
        assert await second == await first == "success"

    run(LinkRig(), scenario)


def test_a_stop_that_is_asked_for_again_goes_before_a_request_for_control() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.silent.add(8)
        rig.link.control.on_control_lost()
        first = asyncio.ensure_future(rig.link.stop(may_move=True))
        await asyncio.sleep(0.6)
        before = len(rig.belt.writes)
        second = asyncio.ensure_future(rig.link.stop(may_move=True))
        await asyncio.sleep(0.01)
        assert [data for _, data in rig.belt.writes[before:]] == [b"\x08\x01"]
        rig.faults.silent.clear()
        assert await second == await first == "success"

    run(LinkRig(), scenario)


def test_an_order_that_waited_behind_a_stop_is_void() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        gate = rig.gate()
        order = rig.speed(gate=gate)
        gate.shut("a stop")
        with pytest.raises(OrderVoid):
            await rig.link.drive(order)
        assert "02" not in [op[:2] for op in rig.ops()]

    run(LinkRig(), scenario)


def test_orders_go_one_at_a_time_and_not_too_close() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.delay_s[2] = 0.1
        results = await asyncio.gather(*(rig.link.drive(rig.speed(5.1 + n / 10)) for n in range(2)))
        assert results == ["success"] * 2
        times = [t for t, data in rig.belt.writes if data[0] == 2]
        assert all(b - a >= 1.0 - 1e-6 for a, b in itertools.pairwise(times))

    run(LinkRig(), scenario)


def test_a_cancelled_order_leaves_the_link_usable() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        rig.faults.delay_s[2] = 1.0
        pending = asyncio.ensure_future(rig.link.drive(rig.speed()))
        await asyncio.sleep(0.5)
        pending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pending
        await asyncio.sleep(2)
        assert await rig.link.drive(rig.speed()) == "success"

    run(LinkRig(), scenario)


def test_an_order_before_connecting_is_an_error() -> None:
    async def scenario(rig: LinkRig) -> None:
        with pytest.raises(LinkError):
            await rig.link.drive(rig.start())
        assert await rig.link.stop(may_move=True) == "link lost"

    run(LinkRig(connect=False), scenario)


# -- machines that are put together oddly ---------------------------------------------


@pytest.mark.parametrize("missing", [0x2AD4, 0x2AD5, 0x2AD3, 0x2ADA, 0x2ACC])
def test_a_machine_without_this_can_still_be_driven(missing: int) -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        assert await rig.link.drive(rig.speed()) == "success"

    run(LinkRig(Faults(omit={missing})), scenario)


def test_a_machine_without_control_point_says_so() -> None:
    async def scenario(rig: LinkRig) -> None:
        assert not rig.machine.has_control_point
        with pytest.raises(LinkError, match="no control point"):
            await rig.link.take_control()

    run(LinkRig(Faults(omit={0x2AD9})), scenario)


def test_a_machine_that_cannot_be_watched_is_refused_and_no_link_stays() -> None:
    async def scenario(rig: LinkRig) -> None:
        with pytest.raises(LinkError, match="cannot be watched"):
            await rig.link.connect()
        await asyncio.sleep(0.5)
        assert rig.mill.connections == []

    run(LinkRig(Faults(omit={0x2ACD}), connect=False), scenario)


@pytest.mark.parametrize("value", [b"", b"\x00", b"\x04\x01", b"\x00\x20", b"\x01\x01\xff\xfe"])
def test_odd_training_status_does_not_matter(value: bytes) -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()

    run(LinkRig(Faults(training_status=value)), scenario)


@pytest.mark.parametrize(
    "value", [struct.pack("<II", 1 << 20, 3), bytes(4), b"\x01", struct.pack("<II", 0, 3), bytes(12)]
)
def test_odd_features_do_not_matter(value: bytes) -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        assert await rig.link.drive(rig.speed()) == "success"

    run(LinkRig(Faults(features=value)), scenario)


@pytest.mark.parametrize("value", [b"", b"\x01\x02", bytes(6), b"\xff" * 6])
def test_odd_ranges_leave_walking(value: bytes) -> None:
    async def scenario(rig: LinkRig) -> None:
        grid = speed_grid(rig.machine.speed_range)
        assert grid.high <= 600

    # An empty value is sent as one octet: a real stack reads "nothing" the same way.
    run(LinkRig(Faults(speed_range=value or b"\x00")), scenario)


def test_answers_as_notifications() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        assert await rig.link.drive(rig.speed()) == "success"

    run(LinkRig(Faults(notify_replies=True)), scenario)


def test_a_request_for_control_that_is_never_answered() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.link.take_control()
        rig.belt.controller = rig.mill.connections[0]  # it did take the request, without a word
        assert rig.link.control.quarantined is None
        assert await rig.link.drive(rig.start()) == "success"

    run(LinkRig(Faults(silent={0})), scenario)


# -- notifications -------------------------------------------------------------------


def test_every_notification_arrives_also_repeats_and_zeros() -> None:
    async def scenario(rig: LinkRig) -> None:
        rig.frames.clear()
        await asyncio.sleep(10.2)
        data = [octets for name, octets in rig.frames if name == "2ACD"]
        assert len(data) == 10 and len(set(data)) == 1, "a standing belt is a heartbeat too"
        rig.faults.zero_frames = True
        rig.frames.clear()
        await asyncio.sleep(5.2)
        assert [octets for _, octets in rig.frames] == [bytes(4)] * 5

    run(LinkRig(), scenario)


def test_a_failing_callback_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(rig: LinkRig) -> None:
        calls = []

        def fail(device: str, characteristic: str, data: bytes) -> None:
            calls.append(characteristic)
            raise RuntimeError("a user's callback fails")

        rig.link._on_frame = fail
        await rig.running()
        assert len(calls) > 3
        assert await rig.link.drive(rig.speed()) == "success"

    run(LinkRig(), scenario)
    assert "notification callback failed" in caplog.text


@pytest.mark.parametrize("code", [0xFF, 0x01])
def test_lost_control_and_reset_end_control(code: int) -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        await rig.mill.send_raw(0x2ADA, bytes((code,)))
        await asyncio.sleep(0.1)
        with pytest.raises(LinkError, match="no control"):
            await rig.link.drive(rig.speed())

    run(LinkRig(), scenario)


# -- the octets ----------------------------------------------------------------------


def test_every_speed_of_the_grid_is_written_exactly() -> None:
    from treadcoach.core.units import ckmh_floor
    from treadcoach.wire.control_point import encode_target_speed

    for k in range(2001):
        assert ckmh_floor(k / 100) == k
        assert encode_target_speed(k)[1:] == k.to_bytes(2, "little")


def test_every_incline_of_the_grid_is_written_exactly() -> None:
    from treadcoach.core.units import dpct_floor
    from treadcoach.wire.control_point import encode_target_incline

    for k in range(-50, 151):
        assert dpct_floor(k / 10) == k
        assert int.from_bytes(encode_target_incline(k)[1:], "little", signed=True) == k


def test_an_incline_is_driven() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        ruling = rig.gate().clear_incline(2.0, "test", HILL, rig.now_s, 0)
        assert ruling.order is not None
        assert await rig.link.drive(ruling.order) == "success"
        assert rig.ops()[-1] == "030500"

    run(LinkRig(), scenario)


def test_a_machine_that_takes_miles_gets_a_smaller_number() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        order = rig.speed(5.3)
        assert await rig.link.drive(order) == "success"
        await asyncio.sleep(15)
        assert rig.belt.speed_kmh <= order.value / 100
        assert rig.belt.speed_kmh > order.value / 100 - 0.05

    run(LinkRig(Faults(takes_mph=True), mph=True), scenario)


def test_octets_that_were_not_cleared_do_not_leave() -> None:
    async def scenario(rig: LinkRig) -> None:
        await rig.running()
        for data in (b"\x02\xc4\x09", b"\x07", b"\x01", b"\x03\x96\x00", b"\x0d\x01\x00"):
            with pytest.raises(GuardError):
                await rig.link.control._write(data, response=True)
        assert rig.ops() == ["00", "07"]

    run(LinkRig(), scenario)
