"""A warden alone with a machine whose coach is gone: what it sends, what it believes, what it reports."""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from bleak import BleakClient

from tests.support.rig import in_virtual_time
from treadcoach.core.samples import TreadmillData
from treadcoach.virtual.air import Air
from treadcoach.virtual.belt import BeltState, Reply, VirtualBelt
from treadcoach.virtual.bleak_backend import BumbleClient, install
from treadcoach.virtual.treadmill import TREADMILL_ADDRESS, VirtualTreadmill
from treadcoach.warden import rescue as rescues
from treadcoach.warden.report import Outcome, Report, read_report
from treadcoach.warden.rescue import GIVE_UP_S, PULL, STOPS_APART_S, Rescue, Trouble
from treadcoach.warden.voice import Voice
from treadcoach.wire.control_point import REQUEST_CONTROL, STOP, Op, Result
from treadcoach.wire.treadmill_data import encode_treadmill_data

INTERVAL_S = 0.03


class Lines(Voice):
    """Keeps what is said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


class Stage:
    """A treadmill that runs, or stands, and nobody who leads it."""

    def __init__(self, belt: VirtualBelt, folder: Path, speed_kmh: float, left_link: str) -> None:
        self.belt = belt
        self.left_link = left_link
        self.path = folder / "warden.json"
        self.voice = Lines()
        self.speed_kmh = speed_kmh
        self.took_s = 0.0

    async def rescued(self, stood: bool, meanwhile: Callable[["Stage"], Awaitable[None]] | None) -> bool:
        air = Air(INTERVAL_S)
        radio = install(air)
        self.mill = VirtualTreadmill(air, self.belt)
        await self.mill.start()
        if self.speed_kmh:
            self.belt.state = BeltState.RUNNING
            self.belt.speed_kmh = self.belt.target_kmh = self.speed_kmh
        if self.left_link:
            left = BleakClient(TREADMILL_ADDRESS)
            await left.connect()
            if self.left_link == "with control":
                self.belt.controller = self.mill.connections[0]
        began_s = asyncio.get_running_loop().time()
        trouble = Trouble(TREADMILL_ADDRESS, "a test", began_s, stood, session=7)
        other = None if meanwhile is None else asyncio.create_task(_started(meanwhile(self)))
        try:
            return await Rescue(trouble, self.path, self.voice).run()
        finally:
            self.took_s = asyncio.get_running_loop().time() - began_s
            self.belt.advance(self.mill.now_s)
            if other is not None:
                other.cancel()
                await asyncio.gather(other, return_exceptions=True)
            await self.mill.stop()
            await radio.close()

    @property
    def report(self) -> Report:
        report = read_report(self.path)
        assert report is not None
        return report

    @property
    def words(self) -> str:
        return " ".join(self.voice.said)

    def times(self, octets: bytes) -> list[float]:
        return [t for t, data in self.belt.writes if data == octets]

    def check(self) -> None:
        """What holds for every rescue: bounded, apart, nothing else sent, and no stand that is none."""
        stops = self.times(STOP)
        assert len(stops) + len(self.times(REQUEST_CONTROL)) == len(self.belt.writes)
        assert len(stops) <= 40
        assert all(later - earlier >= STOPS_APART_S - 1e-6 for earlier, later in pairwise(stops))
        if self.path.exists() and self.report.outcome is Outcome.STOPPED:
            assert self.belt.speed_kmh == 0
        assert ("the belt stands." in self.voice.said) <= (self.belt.speed_kmh == 0)


async def _started(work: Awaitable[None]) -> None:
    await work


def stage(
    folder: Path,
    *,
    belt: VirtualBelt | None = None,
    speed_kmh: float = 8.0,
    stood: bool = False,
    left_link: str = "",
    meanwhile: Callable[[Stage], Awaitable[None]] | None = None,
) -> tuple[bool, Stage]:
    on = Stage(belt or VirtualBelt(), folder, speed_kmh, left_link)
    done = in_virtual_time(on.rescued(stood, meanwhile))
    on.check()
    return done, on


async def _stopped(on: Stage) -> None:
    while not on.times(STOP):  # noqa: ASYNC110  # in virtual time it costs nothing
        await asyncio.sleep(0.01)


# -- a good machine ----------------------------------------------------------------------


def test_over_a_new_link_control_is_requested_and_one_stop_is_enough(tmp_path: Path) -> None:
    done, on = stage(tmp_path)
    assert done
    assert [data for _, data in on.belt.writes] == [REQUEST_CONTROL, STOP], "a belt that slows is left to it"
    report = on.report
    assert report.outcome is Outcome.STOPPED and report.session == 7 and report.address == TREADMILL_ADDRESS
    assert [stop.answer for stop in report.stops] == ["success"] and report.is_last


def test_over_a_link_that_was_left_with_control_stop_goes_alone(tmp_path: Path) -> None:
    done, on = stage(tmp_path, left_link="with control")
    assert done
    assert [data for _, data in on.belt.writes] == [STOP]


def test_over_a_link_that_was_left_control_is_requested_when_stop_is_refused(tmp_path: Path) -> None:
    done, on = stage(tmp_path, left_link="without control")
    assert done
    assert [data for _, data in on.belt.writes] == [STOP, REQUEST_CONTROL, STOP]
    assert [stop.answer for stop in on.report.stops] == ["control_not_permitted", "success"]
    assert on.times(STOP)[1] - on.times(STOP)[0] < STOPS_APART_S + 0.1


# -- what is believed --------------------------------------------------------------------


def test_a_belt_that_answers_and_runs_on_is_never_reported_to_stand(tmp_path: Path) -> None:
    belt = VirtualBelt()
    belt.faults.answered_but_ignored = {Op.STOP_OR_PAUSE}
    done, on = stage(tmp_path, belt=belt)
    assert not done and on.report.outcome is Outcome.MOVING
    assert "still says 8.0 km/h" in on.report.text and "stands" not in on.report.text
    assert abs(on.took_s - GIVE_UP_S) < 5
    assert on.times(REQUEST_CONTROL), "a machine may answer so and want control all the same"
    assert len(on.times(STOP)) >= 20, "it is told again and again"
    assert PULL in on.words and sum(PULL in line for line in on.voice.said) <= GIVE_UP_S / 10 + 2


def test_a_belt_that_obeys_late_is_seen_to_stand(tmp_path: Path) -> None:
    belt = VirtualBelt()
    belt.faults.answered_but_ignored = {Op.STOP_OR_PAUSE}

    async def relent(on: Stage) -> None:
        await asyncio.sleep(60)
        on.belt.faults.answered_but_ignored.clear()

    done, on = stage(tmp_path, belt=belt, meanwhile=relent)
    assert done and on.report.outcome is Outcome.STOPPED and 60 < on.took_s < 90


@pytest.mark.parametrize("kind", ["silent", "frozen"])
@pytest.mark.parametrize("obeys", [True, False])
def test_a_machine_that_says_nothing_after_stop_is_not_reported_to_stand(
    tmp_path: Path, kind: str, obeys: bool
) -> None:
    belt = VirtualBelt()
    if not obeys:
        belt.faults.answered_but_ignored = {Op.STOP_OR_PAUSE}
    same = encode_treadmill_data(TreadmillData(speed_kmh=8.0, distance_m=400, elapsed_s=90))

    async def hush(on: Stage) -> None:
        on.belt.faults.no_data = True
        while kind == "frozen":
            await on.mill.send_raw(0x2ACD, same)
            await asyncio.sleep(1.0)

    done, on = stage(tmp_path, belt=belt, meanwhile=hush)
    assert not done and on.report.outcome is Outcome.UNCONFIRMED
    assert on.report.text == "STOP was answered; the machine says nothing since: look at the belt"
    assert on.words.count("look at the belt") <= 3
    assert len(on.times(STOP)) <= 25 and abs(on.took_s - GIVE_UP_S) < 5


def test_a_machine_without_treadmill_data_is_told_all_the_same(tmp_path: Path) -> None:
    belt = VirtualBelt()
    belt.faults.omit = {0x2ACD}
    done, on = stage(tmp_path, belt=belt)
    assert not done and on.report.outcome is Outcome.UNCONFIRMED
    assert on.belt.speed_kmh == 0


@pytest.mark.parametrize("zeros", [1, 2])
def test_zero_frames_of_a_moving_belt_are_nothing(tmp_path: Path, zeros: int) -> None:
    belt = VirtualBelt()
    belt.faults.answered_but_ignored = {Op.STOP_OR_PAUSE}

    async def glitch(on: Stage) -> None:
        await _stopped(on)
        await asyncio.sleep(5)
        while True:
            for _ in range(zeros):
                await on.mill.send_raw(0x2ACD, bytes(4))
                await asyncio.sleep(0.2)
            await asyncio.sleep(7)

    done, on = stage(tmp_path, belt=belt, meanwhile=glitch)
    assert not done and on.report.outcome is not Outcome.STOPPED


def test_zeros_with_a_distance_that_grows_are_believed_to_be_no_stand(tmp_path: Path) -> None:
    belt = VirtualBelt()
    belt.faults.answered_but_ignored = {Op.STOP_OR_PAUSE}
    belt.faults.no_data = True

    async def lie(on: Stage) -> None:
        metres = 100
        while True:
            metres += 2
            frame = TreadmillData(speed_kmh=0.0, distance_m=metres, elapsed_s=metres // 2)
            await on.mill.send_raw(0x2ACD, encode_treadmill_data(frame))
            await asyncio.sleep(1)

    done, on = stage(tmp_path, belt=belt, meanwhile=lie)
    assert not done and on.report.outcome is Outcome.UNCONFIRMED
    assert len(on.times(STOP)) > 10


# -- what ends no wait -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "fault"),
    [
        (Op.REQUEST_CONTROL, "silent"), (Op.STOP_OR_PAUSE, "silent"),
        (Op.REQUEST_CONTROL, Result.CONTROL_NOT_PERMITTED),
        (Op.REQUEST_CONTROL, Result.OP_CODE_NOT_SUPPORTED),
        (Op.STOP_OR_PAUSE, Result.OPERATION_FAILED), (Op.STOP_OR_PAUSE, Result.CONTROL_NOT_PERMITTED),
    ],
)  # fmt: skip
def test_no_failed_procedure_ends_the_wait(tmp_path: Path, op: int, fault: str | Result) -> None:
    belt = VirtualBelt()
    if isinstance(fault, Result):
        belt.faults.result[op] = fault
    else:
        belt.faults.silent = {op}

    async def mend(on: Stage) -> None:
        await asyncio.sleep(40)
        on.belt.faults.silent.clear()
        on.belt.faults.result.clear()

    done, on = stage(tmp_path, belt=belt, meanwhile=mend)
    assert done and 40 < on.took_s < 80


def test_statuses_a_lost_link_and_frames_of_nonsense_end_no_wait(tmp_path: Path) -> None:
    belt = VirtualBelt()
    belt.faults.answered_but_ignored = {Op.STOP_OR_PAUSE}

    async def disturb(on: Stage) -> None:
        await _stopped(on)
        for at in range(20):
            await asyncio.sleep(2)
            for status in (b"\xff", b"\x01", b"\x02\x01", b"\x03", b"", b"\x04"):
                await on.mill.send_raw(0x2ADA, status)
            for frame in (b"", b"\x00", bytes(2), b"\xff" * 20, b"\x01"):
                await on.mill.send_raw(0x2ACD, frame)
                await on.mill.send_raw(0x2AD9, frame)
            if at % 5 == 4:
                on.mill.cut_radio()
        on.belt.faults.answered_but_ignored.clear()

    done, on = stage(tmp_path, belt=belt, meanwhile=disturb)
    assert done and on.took_s > 40 and on.report.outcome is Outcome.STOPPED


def test_an_exception_of_a_decoder_ends_no_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decode = rescues.decode_treadmill_data
    count = 0

    def sometimes(data: bytes) -> TreadmillData:
        nonlocal count
        count += 1
        if count % 3 == 1:
            raise ZeroDivisionError("a frame that nobody thought of")
        return decode(data)

    monkeypatch.setattr(rescues, "decode_treadmill_data", sometimes)
    done, on = stage(tmp_path)
    assert done and count > 5 and on.report.outcome is Outcome.STOPPED


@pytest.mark.parametrize(
    "error", [KeyError("odd"), OSError(errno.EIO, "bus"), RuntimeError("x"), asyncio.CancelledError()]
)
def test_whatever_a_radio_raises_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    connect = BumbleClient.connect
    fails = 5

    async def failing(self: BumbleClient, *args: object, **kwargs: object) -> None:
        nonlocal fails
        fails -= 1
        if fails >= 0:
            raise error
        await connect(self, *args, **kwargs)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(BumbleClient, "connect", failing)
    done, on = stage(tmp_path)
    assert done and "not yet" in on.words


def test_a_link_that_does_not_end_well_undoes_no_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck(self: BumbleClient) -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(BumbleClient, "disconnect", stuck)
    done, on = stage(tmp_path)
    assert done and on.report.outcome is Outcome.STOPPED and PULL not in on.words


def test_a_full_disk_stops_no_rescue_and_is_no_alarm(tmp_path: Path) -> None:
    (tmp_path / "warden.tmp").mkdir()
    done, on = stage(tmp_path)
    assert done and on.belt.speed_kmh == 0
    assert PULL not in on.words and on.words.count("no report of this is left") == 1


def test_a_machine_out_of_reach_is_reported_so(tmp_path: Path) -> None:
    async def off(on: Stage) -> None:
        await on.mill.silence()

    done, on = stage(tmp_path, meanwhile=off)
    assert not done and on.report.outcome is Outcome.FAILED and on.report.stops == ()
    assert PULL in on.voice.said[-1]


# -- a belt that stood -------------------------------------------------------------------


@dataclass
class StartsByRequest(VirtualBelt):
    """There are machines whose belt starts when control is requested."""

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        if data == REQUEST_CONTROL and self.state is BeltState.STANDBY:
            self._begin()
        return super().write(data, client, now_s)


@pytest.mark.parametrize("left_link", ["", "without control"])
@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("reports", [True, False])
def test_a_belt_that_stood_is_not_started_by_a_request(
    tmp_path: Path, answers: bool, reports: bool, left_link: str
) -> None:
    belt = StartsByRequest()
    belt.faults.no_data = not reports
    if not answers:
        belt.faults.silent = {Op.STOP_OR_PAUSE}
    done, on = stage(tmp_path, belt=belt, speed_kmh=0.0, stood=True, left_link=left_link)
    assert not on.times(REQUEST_CONTROL) and on.times(STOP)
    assert on.belt.true_distance_m == 0
    assert done is reports
    assert on.report.outcome is (Outcome.STOPPED if reports else Outcome.UNCONFIRMED)
    assert PULL not in on.words


def test_a_belt_that_stood_and_is_seen_to_move_is_stopped_with_control(tmp_path: Path) -> None:
    done, on = stage(tmp_path, speed_kmh=5.0, stood=True)
    assert done and on.times(REQUEST_CONTROL) and on.belt.speed_kmh == 0
    first = on.times(REQUEST_CONTROL)[0]
    assert first - on.times(STOP)[0] >= 1.0, "first it is looked at"


def test_a_belt_that_reads_zero_is_not_asked_for_control_while_it_is_looked_at(tmp_path: Path) -> None:
    """Released, and standing all the same: what is asked at once is asked once, and not again over zeros."""
    belt = VirtualBelt()
    belt.faults.result[Op.STOP_OR_PAUSE] = Result.CONTROL_NOT_PERMITTED
    done, on = stage(tmp_path, belt=belt, speed_kmh=0.0)
    assert done and len(on.times(REQUEST_CONTROL)) == 1
