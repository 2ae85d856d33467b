"""One attempt after another to stop one belt, and what was seen of it.

There are machines whose belt starts when control is requested. So it is requested only where the belt may
move: never after a pause (the coach said that the belt stood), unless it is seen to move. Silence is no
reason there: the belt stood half a second before the coach died, and nobody commands it since.
Over a link that the coach left, which may still have control, STOP goes first, and control is requested when
it is refused or not answered. Over a new link nobody has control (it ends with the link), and a STOP that is
refused only costs time until the next one may follow: there control is requested first, where it may be.

Nothing that a machine says or does ends the wait, but two readings of a belt that stands.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, repeat
from pathlib import Path

from bleak import BleakClient

from treadcoach.warden.evidence import Evidence, Verdict
from treadcoach.warden.links import CONNECT_S, find
from treadcoach.warden.report import Outcome, Report, Scribe, SentStop
from treadcoach.warden.voice import Voice
from treadcoach.wire.control_point import REQUEST_CONTROL, STOP, Op, Result, decode_response, result_name
from treadcoach.wire.treadmill_data import decode_treadmill_data
from treadcoach.wire.uuids import CONTROL_POINT, TREADMILL_DATA

GIVE_UP_S = 120.0
ANSWER_S = 1.0
CONTROL_ANSWER_S = 0.5
"""There are machines that never answer the request and obey afterwards."""
WRITE_S = 3.0
STOPS_APART_S = 0.4
LOOK_EVERY_S = 0.1
STOPS_AGAIN_S = (1.0, 1.0, 2.0, 3.0, 5.0)
"""After a STOP that was not taken, or a belt that goes on; the last one from then on."""
ANSWERED_AGAIN_S = (2.5, 3.0, 5.0, 8.0, 10.0)
"""After a STOP that was taken: a belt needs a while to slow down."""
LINKS_AGAIN_S = (0.3, 0.5, 1.0, 2.0, 3.0)
DOUBT_AFTER_S = 6.0
CRY_EVERY_S = 10.0
PULL = "PULL THE SAFETY KEY"
NOT_WRITTEN = "not confirmed"
NO_ANSWER = "no answer"


def _again(seconds: tuple[float, ...]) -> Iterator[float]:
    return chain(seconds, repeat(seconds[-1]))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and with which belt.

    since_s: the loop's clock when it was noticed; stood: the coach last said that the belt stood;
    silence_s: how long nothing had been heard by then; session: its number in the journal.
    """

    address: str
    why: str
    since_s: float
    stood: bool = False
    silence_s: float = 0.0
    session: int | None = None


@dataclass(slots=True)
class _Sent:
    """A STOP on its way, or answered."""

    at_s: float
    answer: str = NOT_WRITTEN


@dataclass(slots=True)
class _Rates:
    """Of what is done again and again: when next."""

    taken: Iterator[float] = field(default_factory=lambda: _again(ANSWERED_AGAIN_S))
    not_taken: Iterator[float] = field(default_factory=lambda: _again(STOPS_AGAIN_S))
    links: Iterator[float] = field(default_factory=lambda: _again(LINKS_AGAIN_S))


class Rescue:
    """Stops one belt. Times are the running loop's."""

    def __init__(self, trouble: Trouble, report: Path, voice: Voice | None = None) -> None:
        self._trouble = trouble
        self._voice = voice or Voice()
        self._answers: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        self._lost = asyncio.Event()
        self._rates = _Rates()
        self._stops: list[_Sent] = []
        self._evidence: Evidence | None = None
        self._verdict = Verdict.SILENT
        self._holds_link = False
        self._last_error = "it was not heard"
        self._cried_s: float | None = None
        self._scribe = Scribe(report, self._not_written)
        self._report = Report(
            time.time(),
            time.time(),
            trouble.why,
            Outcome.FAILED,
            "the belt could not be reached yet",
            address=trouble.address,
            session=trouble.session,
            silence_s=trouble.silence_s,
        )

    async def run(self) -> bool:
        """Try until the belt is seen to stand or two minutes are over; whether it was."""
        try:
            return await self._try()
        finally:
            self._scribe.close()

    async def _try(self) -> bool:
        until = self._trouble.since_s + GIVE_UP_S
        while (left_s := until - self._now_s) > 0:
            try:
                async with asyncio.timeout(left_s):
                    await self._attempt()
                return True
            except asyncio.CancelledError:
                # A Bluetooth stack cancels what waits on a link that is lost; nobody else ends a rescue.
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                self._last_error = "the link was lost"
            except Exception as error:  # noqa: BLE001  # whatever it is, this belt is not known to stand yet
                if self._now_s >= until:
                    break
                self._last_error = str(error) or type(error).__name__
            self._cry(f"not yet: {self._last_error}; trying again")
            await asyncio.sleep(next(self._rates.links))
        outcome, text = self._doubt()
        self._tell(outcome, text, is_last=True)
        self._say(f"{text}." if outcome is Outcome.UNCONFIRMED else f"{text}. {self._urge}.")
        return False

    # -- one link ----------------------------------------------------------------------

    async def _attempt(self) -> None:
        """Until the belt is seen to stand. Raises whatever a radio raises."""
        self._lost.clear()
        device, self._holds_link = await find(self._trouble.address)
        client = BleakClient(
            device or self._trouble.address, disconnected_callback=self._on_lost, timeout=CONNECT_S
        )
        async with asyncio.timeout(CONNECT_S * 2):
            await client.connect()
        try:
            await self._stop(client)
        finally:
            await self._part(client)

    async def _stop(self, client: BleakClient) -> None:
        self._answers = asyncio.Queue()
        self._verdict = Verdict.SILENT
        if self._evidence is not None:
            self._evidence.new_link()
        # A machine that answers nothing can still be told to stop.
        await self._subscribe(client, CONTROL_POINT)
        await self._send_stop(client)
        await self._subscribe(client, TREADMILL_DATA)
        due_s = self._next_stop_s()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._look():
                return
            if self._lost.is_set():
                raise ConnectionError("the link was lost")
            is_waited_for = self._may_stand and self._evidence is not None and self._evidence.has_zeros
            if self._now_s >= due_s and not self._slows and not is_waited_for:
                await self._send_stop(client)
                due_s = self._next_stop_s()

    async def _subscribe(self, client: BleakClient, uuid: str) -> None:
        try:
            async with asyncio.timeout(WRITE_S):
                await client.start_notify(uuid, partial(self._receive, uuid))
        except Exception as error:
            if not client.is_connected:
                raise
            self._last_error = str(error) or type(error).__name__

    async def _part(self, client: BleakClient) -> None:
        """A link that does not end well changes nothing about the belt."""
        try:
            async with asyncio.timeout(CONNECT_S):
                await client.disconnect()
        except Exception as error:  # noqa: BLE001  # as above; `free` ends what is left
            self._last_error = str(error) or type(error).__name__

    # -- STOP --------------------------------------------------------------------------

    async def _send_stop(self, client: BleakClient) -> None:
        # A belt that goes on after a STOP, taken or not, may go on for want of control as well.
        stop_first = self._holds_link and self._verdict is not Verdict.MOVES
        if stop_first and await self._write_stop(client):
            return
        if self._may_request_control():
            await self._write(client, REQUEST_CONTROL)
            await self._answer(Op.REQUEST_CONTROL, CONTROL_ANSWER_S)
        elif stop_first:
            return
        await self._write_stop(client)

    def _may_request_control(self) -> bool:
        """Not where the belt stands: at some machines it would start by that."""
        if self._may_stand:
            return False
        return not self._trouble.stood or (self._evidence is not None and self._evidence.has_moved)

    @property
    def _may_stand(self) -> bool:
        """Whether it says that it stands, though not for long enough to be believed."""
        evidence = self._evidence
        return (
            evidence is not None and self._verdict is Verdict.UNCLEAR and not evidence.counts_on(self._now_s)
        )

    async def _write_stop(self, client: BleakClient) -> bool:
        """Whether the machine says that it took it."""
        if self._stops:
            await asyncio.sleep(max(self._stops[-1].at_s + STOPS_APART_S - self._now_s, 0.0))
        sent = _Sent(self._now_s)
        self._stops.append(sent)
        if self._evidence is None:
            self._evidence = Evidence(sent.at_s, may_have_moved=not self._trouble.stood)
        try:
            await self._write(client, STOP)
        finally:
            sent.at_s = self._now_s  # by now it was on the wire, if ever: the next one is so much later
        sent.answer = NO_ANSWER
        if self._report.stop_after_s is None:
            after_s = self._now_s - self._trouble.since_s
            self._report = replace(self._report, stop_after_s=after_s)
            self._say(f"STOP sent {after_s:.2f} s after the coach fell silent.")
            self._tell(Outcome.STOP_SENT, "STOP was written")
        result = await self._answer(Op.STOP_OR_PAUSE)
        if result is not None:
            sent.answer = result_name(result)
        return result == Result.SUCCESS

    def _next_stop_s(self) -> float:
        taken = self._stops[-1].answer == "success" and self._verdict is not Verdict.MOVES
        return self._now_s + next(self._rates.taken if taken else self._rates.not_taken)

    async def _write(self, client: BleakClient, data: bytes) -> None:
        if data not in (REQUEST_CONTROL, STOP):
            raise ValueError("the warden sends nothing but Request Control and STOP")
        async with asyncio.timeout(WRITE_S):
            await client.write_gatt_char(CONTROL_POINT, data, response=True)

    async def _answer(self, op: int, within_s: float = ANSWER_S) -> int | None:
        """The machine's answer to `op`; None when there is none in time (some never answer)."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    request, result = await self._answers.get()
                    if request == op:
                        return result
        except TimeoutError:
            return None

    # -- what is heard and seen ----------------------------------------------------------

    def _receive(self, uuid: str, _characteristic: object, data: bytearray) -> None:
        """A notification. One that cannot be read says nothing, and ends nothing."""
        try:
            if uuid == CONTROL_POINT:
                answer = decode_response(bytes(data))
                if answer is not None:
                    self._answers.put_nowait((answer.request_op, answer.result))
            elif self._evidence is not None:
                self._evidence.heard(self._now_s, decode_treadmill_data(bytes(data)))
        except Exception as error:  # noqa: BLE001  # an exception in here would be the radio's to handle
            self._last_error = f"a frame that cannot be read: {error}"

    def _on_lost(self, _client: BleakClient) -> None:
        self._lost.set()

    @property
    def _slows(self) -> bool:
        return self._evidence is not None and self._evidence.slows(self._now_s)

    def _look(self) -> bool:
        """Whether the belt is seen to stand. What is known else is told when it changes."""
        assert self._evidence is not None
        self._verdict = self._evidence.verdict(self._now_s)
        if self._verdict is Verdict.STANDS:
            self._say("the belt stands.")
            self._tell(Outcome.STOPPED, "the belt was told to stop and stands", is_last=True)
            return True
        if self._slows or self._now_s - self._stops[0].at_s < DOUBT_AFTER_S:
            return False
        if self._verdict is Verdict.UNCLEAR:
            return False  # zeros that may become a belt that stands
        outcome, text = self._doubt()
        if outcome is Outcome.MOVING:
            self._cry(text)
        elif outcome is not self._report.outcome:
            self._say(f"{text}.")
        if (outcome, len(self._stops)) != (self._report.outcome, len(self._report.stops)):
            self._tell(outcome, text)
        return False

    def _doubt(self) -> tuple[Outcome, str]:
        """What is known of a belt that was not seen to stand, in words."""
        if not self._stops or all(stop.answer == NOT_WRITTEN for stop in self._stops):
            return Outcome.FAILED, f"the belt could not be stopped: {self._last_error}"
        answers = {stop.answer for stop in self._stops}
        told = (
            "STOP was answered"
            if "success" in answers
            else "STOP was sent and not answered"
            if answers <= {NO_ANSWER, NOT_WRITTEN}
            else f"STOP was refused ({self._stops[-1].answer.replace('_', ' ')})"
        )
        assert self._evidence is not None
        verdict, speed = self._evidence.verdict(self._now_s), self._evidence.speed_kmh
        if verdict is Verdict.MOVES:
            times = "once" if len(self._stops) == 1 else f"{len(self._stops)} times"
            return Outcome.MOVING, f"the belt was told to stop {times} and still says {speed:.1f} km/h"
        if verdict is Verdict.UNCLEAR:
            return Outcome.UNCONFIRMED, f"{told}; what the machine says of its belt is not clear: look at it"
        return Outcome.UNCONFIRMED, f"{told}; the machine says nothing since: look at the belt"

    # -- what is said --------------------------------------------------------------------

    def _tell(self, outcome: Outcome, text: str, *, is_last: bool = False) -> None:
        """Leave word in the report."""
        self._report = replace(
            self._report,
            unix_s=time.time(),
            outcome=outcome,
            text=text,
            stops=tuple(SentStop(stop.at_s - self._trouble.since_s, stop.answer) for stop in self._stops),
            speed_kmh=None if self._evidence is None else self._evidence.speed_kmh,
            is_last=is_last,
        )
        self._scribe.write(self._report)

    def _not_written(self, error: OSError) -> None:
        """A disk that is full changes nothing about the belt."""
        self._say(f"no report of this is left: {error.strerror or error}.")

    def _cry(self, text: str) -> None:
        if self._cried_s is None or self._now_s - self._cried_s >= CRY_EVERY_S:
            self._cried_s = self._now_s
            self._say(f"{text}. {self._urge}.")

    @property
    def _urge(self) -> str:
        has_moved = self._evidence is not None and self._evidence.has_moved
        return "Look at the belt" if self._trouble.stood and not has_moved else PULL

    def _say(self, text: str) -> None:
        self._voice.say(text)

    @property
    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()
