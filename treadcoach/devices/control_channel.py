"""The control point of one link: one procedure at a time, answers matched by op code, and STOP.

STOP has its own path. It takes no lock, abandons whatever is pending, and when a write is
stuck it also goes out as a write command, which needs no confirmation. After a procedure
that was not answered the channel is quarantined: nothing but STOP leaves before a new link
(FTMS 1.0, 4.16.3: a procedure that timed out has failed, and so has the channel).
"""

import asyncio
from contextlib import suppress
from typing import Any

from bleak import BleakClient

from treadcoach.core.errors import LinkError
from treadcoach.core.units import KM_PER_MILE
from treadcoach.devices.connecting import is_cancelled_by_us
from treadcoach.guard.byte_gate import ByteGate
from treadcoach.guard.gate import ClearedOrder, OrderKind
from treadcoach.guard.hard_limits import MIN_INCLINE_APART_S, MIN_SPEED_APART_S
from treadcoach.wire.control_point import (
    REQUEST_CONTROL,
    START,
    STOP,
    Op,
    Result,
    decode_response,
    encode_target_incline,
    encode_target_speed,
    result_name,
)
from treadcoach.wire.uuids import CONTROL_POINT

CONTROL_ANSWER_S = 2.0
ORDER_ANSWER_S = 5.0
START_ANSWER_S = 12.0
WRITE_S = 3.0
STOP_ANSWER_S = 1.5
APART_S = {OrderKind.SPEED: MIN_SPEED_APART_S, OrderKind.INCLINE: MIN_INCLINE_APART_S}
STOP_TRIES = 6
QUICK_STOPS, LATER_SPACING_S = 2, 1.2
"""The second may follow a request for control; what is refused twice is not helped by haste."""
SPACING_S = 0.4
"""Machines lose commands that come closer together than this."""


class NoAnswer(LinkError):
    """The machine did not answer in time; the channel is quarantined."""


class Abandoned(LinkError):
    """A stop took the place of this procedure."""


class ControlChannel:
    """Writes to one machine's control point. Everything passes the byte gate."""

    def __init__(self, client: BleakClient, *, takes_mph: bool = False) -> None:
        self._client = client
        self._takes_mph = takes_mph
        self._gate = ByteGate()
        self._one_at_a_time = asyncio.Lock()
        self._waiting: tuple[int, asyncio.Future[int]] | None = None
        self._stop_answers: set[asyncio.Future[int]] = set()
        self._writing = False
        self._procedure: asyncio.Task[int] | None = None
        self._last_write_s = self._last_stop_s = -SPACING_S
        self._driven_s: dict[OrderKind, float] = {}
        self._sending: asyncio.Task[str] | None = None
        self._stop_again = asyncio.Event()
        self._under_way: set[asyncio.Task[str | None]] = set()
        self._stop_may_move = True
        self._stop_stuck = False
        self._stops = 0
        self._no_stop = asyncio.Event()
        self._no_stop.set()
        self.is_being_made = False
        """Requests of the link's own are under way: STOP does not wait for one that hangs."""
        self.in_control = False
        self.quarantined: str | None = None
        self.strays = 0

    def on_indication(self, data: bytes) -> None:
        """An answer of the machine; one that nobody waits for is counted and dropped."""
        answer = decode_response(data)
        if answer is None:
            self.strays += 1
            return
        if answer.request_op == Op.STOP_OR_PAUSE and self._stop_answers:
            for waiting in self._stop_answers:
                if not waiting.done():
                    waiting.set_result(answer.result)
            return
        if self._waiting is None or self._waiting[0] != answer.request_op:
            self.strays += 1
            return
        if not self._waiting[1].done():
            self._waiting[1].set_result(answer.result)

    def on_control_lost(self) -> None:
        self.in_control = False

    async def take_control(self) -> None:
        """Request control unless this link has it. Raises LinkError when it is refused.

        A machine is known that never answers this request but obeys afterwards: silence is
        taken as a maybe. It cannot be mistaken for another procedure's answer.
        """
        if self.in_control:
            return
        try:
            result = await self._carry_out(REQUEST_CONTROL, CONTROL_ANSWER_S, quarantine=False)
        except NoAnswer:
            self.in_control = True
            return
        if result != Result.SUCCESS:
            raise LinkError(f"the machine refuses control: {result_name(result)}")
        self.in_control = True

    async def drive(self, order: ClearedOrder) -> str:
        """Write a cleared order; the machine's answer by name. Raises LinkError, GuardError."""
        async with self._one_at_a_time:
            if not self.in_control:
                raise LinkError("the link has no control of the machine")
            await self._space()
            await self._keep_apart(order.kind)
            self._gate.expect(order, asyncio.get_running_loop().time())
            limit = START_ANSWER_S if order.kind is OrderKind.START else ORDER_ANSWER_S
            result = await self._locked(self._encode(order), limit, quarantine=True)
        if result == Result.CONTROL_NOT_PERMITTED:
            self.in_control = False
        return result_name(result)

    async def _keep_apart(self, kind: OrderKind) -> None:
        apart_s = APART_S.get(kind)
        if apart_s is None:
            return
        wait_s = self._driven_s.get(kind, -apart_s) + apart_s - asyncio.get_running_loop().time()
        await asyncio.sleep(max(wait_s, 0.0))
        self._driven_s[kind] = asyncio.get_running_loop().time()

    def _encode(self, order: ClearedOrder) -> bytes:
        match order.kind:
            case OrderKind.START:
                return START
            case OrderKind.INCLINE:
                return encode_target_incline(order.value)
            case OrderKind.SPEED:
                # Rounded down on the way to miles, so that the belt is never faster than ordered.
                value = int(order.value / KM_PER_MILE) if self._takes_mph else order.value
                return encode_target_speed(value)

    async def stop(self, *, may_move: bool) -> str:
        """STOP, now. Returns the machine's answer by name, or why there is none.

        Never raises for the radio's sake: the watch sees whether the belt slows. Control is requested for
        it only where the belt moves or may move: there are machines that start their belt by that.
        """
        self._gate.withdraw()
        self._stop_may_move = self._stop_may_move or may_move
        self._stop_stuck = self._stop_stuck or self._writing or self.is_being_made
        self._abandon()
        self._stops += 1
        self._no_stop.clear()
        try:
            if self._sending is None or self._sending.done():
                self._stop_may_move = may_move
                self._sending = asyncio.get_running_loop().create_task(self._send_stop())
            else:
                # One goes out at a time, and this one at once if its turn has come.
                self._stop_again.set()
            return await asyncio.shield(self._sending)
        finally:
            self._stops -= 1
            if not self._stops:
                self._no_stop.set()

    async def _send_stop(self) -> str:
        last, tries, hangs = "no answer", 0, False
        while tries < STOP_TRIES or self._stop_again.is_set():
            # One that is asked for during the last try of another has tries of its own.
            tries = tries + 1 if tries < STOP_TRIES else 1
            if not self._client.is_connected:
                return "link lost"
            if tries > 1 or asyncio.get_running_loop().time() < self._last_stop_s + SPACING_S:
                await self._stop_turn(SPACING_S if tries <= QUICK_STOPS else LATER_SPACING_S)
            else:
                self._stop_again.clear()  # this is the one
            self._last_stop_s = asyncio.get_running_loop().time()
            # Behind a write that hangs only a command passes; every other try is confirmed again.
            as_command = hangs or self.is_being_made or (self._stop_stuck and tries % 2 == 1)
            result, failed = await self._one_stop(as_command=as_command)
            hangs = False
            # After the last try there is nothing left to ask for control for.
            may_ask = self._stop_may_move and tries < STOP_TRIES
            if result is None:
                last = failed or "no answer"
                is_asked_again = self._stop_again.is_set()
                if may_ask and not self.in_control and not self._stop_stuck and not is_asked_again:
                    # It may be waiting for somebody in control. A STOP that a person asks for does not.
                    hangs = not await self._request_for_stop()
            elif result == Result.CONTROL_NOT_PERMITTED and self._stop_may_move:
                last = result_name(result)
                if may_ask:
                    hangs = not await self._request_for_stop()
            else:
                self._stop_stuck = False
                return result_name(result)
        return last

    async def _one_stop(self, *, as_command: bool) -> tuple[int | None, str | None]:
        """Write STOP once and wait for its answer: the result, or None and what went wrong."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[int] = loop.create_future()
        self._stop_answers.add(answer)
        again = loop.create_task(self._stop_again.wait())
        write = loop.create_task(self._write(STOP, response=not as_command))
        self._under_way.add(write)
        write.add_done_callback(self._under_way.discard)
        until_s = loop.time() + WRITE_S
        waiting: set[asyncio.Future[Any]] = {write, answer, again}
        try:
            while not (answer.done() or again.done()) and loop.time() < until_s:
                if write in waiting and write.done():
                    waiting.discard(write)
                    if write.result() is not None:
                        break  # it did not go out: no answer to wait for
                    until_s = loop.time() + STOP_ANSWER_S
                await asyncio.wait(
                    waiting, timeout=until_s - loop.time(), return_when=asyncio.FIRST_COMPLETED
                )
            failed = write.result() if write.done() else "the write was not confirmed"
            self._stop_stuck = self._stop_stuck or failed is not None
            return (answer.result() if answer.done() else None), failed
        finally:
            again.cancel()
            # Not confirmed by now: the next STOP neither waits for it nor meets it on the wire.
            write.cancel()
            self._stop_answers.discard(answer)

    async def _request_for_stop(self) -> bool:
        """Control, for a STOP that was refused. Whether its write was confirmed by then."""
        self.in_control = False
        write = asyncio.get_running_loop().create_task(self._write(REQUEST_CONTROL, response=True))
        self._under_way.add(write)
        write.add_done_callback(self._under_way.discard)
        await asyncio.wait({write}, timeout=SPACING_S)
        return write.done()

    async def _stop_turn(self, apart_s: float) -> None:
        """Machines lose commands that come too close: two STOPs are never closer than SPACING_S.

        One that is asked for meanwhile goes out as soon as that allows.
        """
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._last_stop_s + apart_s):
                await self._stop_again.wait()
        wait_s = self._last_stop_s + SPACING_S - loop.time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        self._stop_again.clear()
        self._last_stop_s = loop.time()

    async def close(self) -> None:
        """The link is gone: nothing more is written."""
        left = [task for task in (self._sending, *self._under_way) if task is not None and not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    def _abandon(self) -> None:
        """Nobody waits for a pending procedure any more; a late answer to it is a stray."""
        if self._waiting is not None and not self._waiting[1].done():
            self._waiting[1].set_exception(Abandoned("a stop took its place"))
        if self._procedure is not None and not self._procedure.done():
            self._procedure.cancel()

    async def _carry_out(self, data: bytes, limit_s: float, *, quarantine: bool) -> int:
        async with self._one_at_a_time:
            await self._space()
            return await self._locked(data, limit_s, quarantine=quarantine)

    async def _locked(self, data: bytes, limit_s: float, *, quarantine: bool) -> int:
        """One procedure, with the lock held. A task of its own, so that a stop can end it."""
        if self.quarantined is not None:
            raise LinkError(f"the control channel is quarantined: {self.quarantined}")
        if self._stops:
            raise Abandoned("a stop is under way")
        task = asyncio.get_running_loop().create_task(self._procedure_of(data, limit_s))
        self._procedure = task
        try:
            return await task
        except NoAnswer as error:
            if quarantine:
                self.quarantined = str(error)
            raise
        except asyncio.CancelledError:
            if task.cancelled() and not is_cancelled_by_us():
                raise Abandoned("a stop took its place") from None
            task.cancel()
            raise
        finally:
            self._procedure = None

    async def _procedure_of(self, data: bytes, limit_s: float) -> int:
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting = (data[0], answer)
        try:
            failed = await self._write(data, response=True)
            if failed is not None:
                raise NoAnswer(f"op {data[0]:#04x} could not be written: {failed}")
            try:
                async with asyncio.timeout(limit_s):
                    return await answer
            except TimeoutError:
                raise NoAnswer(f"op {data[0]:#04x} was not answered in {limit_s:g} s") from None
        finally:
            self._waiting = None
            if not answer.done():
                answer.cancel()
            elif not answer.cancelled():
                answer.exception()

    async def _write(self, data: bytes, *, response: bool) -> str | None:
        """One write, past the byte gate. Returns what went wrong, None when it was confirmed."""
        checked = self._gate.check(data)
        self._writing = self._writing or response
        try:
            async with asyncio.timeout(WRITE_S):
                await self._client.write_gatt_char(CONTROL_POINT, checked, response=response)
            return None
        except TimeoutError:
            return "the write was not confirmed"
        except asyncio.CancelledError:
            if is_cancelled_by_us():
                raise
            return "the link was lost"  # a Bluetooth stack cancels what waits on one
        except Exception as error:  # noqa: BLE001  # whatever a Bluetooth stack raises, it was not written
            return str(error) or type(error).__name__
        finally:
            self._last_write_s = asyncio.get_running_loop().time()
            if response:
                self._writing = False

    async def _space(self) -> None:
        """Wait for a stop that is under way to be answered, and for the machine to be ready."""
        await self._no_stop.wait()  # bounded: a stop ends after STOP_TRIES
        wait = self._last_write_s + SPACING_S - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)
