"""The controller on a belt model without a radio between: thousands of sessions a minute.

Checks every octet that would leave for the control point against bounds worked out here,
from the outside, without asking the gate: from what was asked, what the machine showed and
answered, and what the belt truly does.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.support.rig import make_setup
from treadcoach.app.controller import Controller
from treadcoach.app.outputs import Drive, Event, Output, Stop
from treadcoach.core.errors import OrderVoid
from treadcoach.core.guidance import BeltRules
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import ENDED, ON_BELT, Phase
from treadcoach.core.runner import Runner
from treadcoach.guard.byte_gate import ByteGate
from treadcoach.guard.gate import ClearedOrder, OrderKind
from treadcoach.virtual.belt import BeltState, Key, MachineModel, VirtualBelt
from treadcoach.wire.control_point import (
    REQUEST_CONTROL,
    START,
    STOP,
    decode_response,
    encode_target_incline,
    encode_target_speed,
    result_name,
)
from treadcoach.wire.heart_rate import decode_heart_rate
from treadcoach.wire.octets import FrameError
from treadcoach.wire.treadmill_data import decode_treadmill_data

TICK_S = 0.5
ANSWER_S = {OrderKind.START: 12.0, OrderKind.SPEED: 5.0, OrderKind.INCLINE: 5.0}
STOP_ANSWER_S = 9.0
HAND_S = 15.0
AHEAD_CKMH = 50
"""So far orders may be above a belt that does not follow each of them."""
"""So long after a hand, or nonsense that may pass for one, the controller may go on from elsewhere."""
STEEP_SLACK_S = 30.0


@dataclass
class Direct:
    """One session; `pass_time` runs it. `violations` stays empty or a test fails."""

    model: MachineModel = field(default_factory=MachineModel)
    runner: Runner = field(default_factory=lambda: Runner(comfortable_walk_kmh=5.0, comfortable_jog_kmh=8.5))
    workout: str = "2 min @ 5.5 km/h + 2 min @ 8 km/h"
    setup: dict[str, object] = field(default_factory=dict)
    tick_s: float = TICK_S

    def __post_init__(self) -> None:
        self.now_s = 100.0
        self.belt = VirtualBelt(self.model, now_s=self.now_s)
        self.machine = Machine(
            "F0:00", "direct", speed_range=self.model.speed_range, incline_range=self.model.incline_range
        )
        self.plan = make_setup(self.machine, runner=self.runner, workout=self.workout, **self.setup)  # type: ignore[arg-type]
        self.controller = Controller(self.plan)
        self.byte_gate = ByteGate()
        self.linked = False
        self.events: list[str] = []
        self.violations: list[str] = []
        self.stops: list[float] = []
        self.speed_orders: list[tuple[float, int]] = []
        self.incline_orders: list[tuple[float, int]] = []
        self.released = False
        self.speed_before: int | None = None
        """The last speed that the machine said it took since a person's release."""
        self.speed_before_s = 0.0
        self.incline_before: int | None = None
        self.incline_before_s = 0.0
        self.steep_s = 0.0
        self._next_tick_s = self.now_s
        self._next_frame_s = self.now_s
        self._hand_until_s = 0.0
        self._hand_ckmh = 0
        self._since_hand_ckmh = 0  # the last order that was taken since then
        self._shown: deque[tuple[float, int]] = deque(maxlen=40)
        self._shown_incline: deque[tuple[float, int]] = deque(maxlen=40)
        self._nonsense_until_s = 0.0
        self._pulse_above_s: float | None = None
        self._other_pulse_s = -100.0
        self._written_s = -100.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._pending: ClearedOrder | None = None
        self._quarantined = False
        self._ended = False
        self._said_it_stands = False
        self.client = object()

    # -- what a scenario does ---------------------------------------------------------

    def link(self, up: bool) -> None:
        if up == self.linked:
            return
        self.linked = up
        self._shown.clear()
        self._shown_incline.clear()
        self._quarantined = False
        if not up:
            self.belt.disconnected(self.client, self.now_s)
            self.released = False
            self._abandon("the link is lost")
        self._do(self.controller.on_link(self.now_s, up))

    def ask(self, kind: IntentKind, amount: float = 0.0) -> None:
        if kind is IntentKind.START:
            self.released = True
            if self.controller.session.phase not in ON_BELT:
                self.speed_before = self.incline_before = None
        self._said_it_stands = self._said_it_stands or kind is IntentKind.BELT_STANDS
        self._do(self.controller.on_intent(self.now_s, Intent(kind, "person", amount)))

    def press(self, key: Key) -> None:
        before = self.belt.target_kmh, self.belt.target_percent
        self.belt.press(key, self.now_s)
        if (self.belt.target_kmh, self.belt.target_percent) != before:
            self.hand_seen()
        self._statuses()

    def set_by_hand(self, kmh: float) -> None:
        """The console's shortcut to a speed."""
        self.belt.set_by_hand(kmh, self.now_s)
        self.hand_seen()
        self._statuses()

    def hand_seen(self) -> None:
        """The belt is in a hand, or something passes for one: orders may go on from what it set."""
        self._hand_until_s = self.now_s + HAND_S
        self._hand_ckmh = max(self._hand_ckmh, round(self.belt.target_kmh * 100))
        self._since_hand_ckmh = 0
        self.speed_before = self.incline_before = None

    def nonsense(self) -> None:
        """A frame that the machine did not send: what is believed may not be what the belt does."""
        self._nonsense_until_s = self.now_s + 12.0
        self.hand_seen()

    def frame(self, characteristic: str, data: bytes, device: str = "treadmill") -> None:
        self._note(characteristic, data, device)
        self._do(self.controller.on_frame(self.now_s, device, characteristic, data))

    def _note(self, characteristic: str, data: bytes, device: str) -> None:
        """What the judge hears, too."""
        try:
            if (device, characteristic) == ("treadmill", "2ACD"):
                sample = decode_treadmill_data(data)
                if sample.speed_kmh is not None:
                    self._shown.append((self.now_s, round(sample.speed_kmh * 100)))
                if sample.incline_percent is not None:
                    self._shown_incline.append((self.now_s, round(sample.incline_percent * 10)))
            elif characteristic == "2A37" and device != "strap":
                self._other_pulse_s = self.now_s
            elif characteristic == "2A37":
                heart = decode_heart_rate(data)
                is_pulse = heart.contact is not False and 30 <= heart.heart_rate_bpm <= 225
                ceiling = self.runner.pulse_ceiling_bpm
                is_above = is_pulse and ceiling is not None and heart.heart_rate_bpm > ceiling
                self._pulse_above_s = self.now_s if is_above else None
        except FrameError:
            return

    def pass_time(self, seconds: float) -> None:
        end = self.now_s + seconds
        while True:
            answer_s = self._due[0][0] if self._due else end + 1
            due = min(self._next_tick_s, self._next_frame_s, answer_s)
            if due > end:
                break
            self.now_s = due
            if due == answer_s:
                heapq.heappop(self._due)[2]()
                continue
            if due == self._next_frame_s:
                self._next_frame_s += self.model.data_period_s
                self.belt.advance(due)
                if self.belt.incline_percent >= self.plan.rules.steep_percent and self.belt.speed_kmh > 0.3:
                    self.steep_s += self.model.data_period_s
                if self.linked and not self.belt.faults.no_data:
                    for data in self.belt.frames(due):
                        self.frame("2ACD", data)
                    self._statuses()
            if due == self._next_tick_s:
                self._next_tick_s += self.tick_s
                self._do(self.controller.on_tick(due))
        self.now_s = end
        self.belt.advance(end)

    def run_to(self, phase: Phase, limit_s: float = 7200.0) -> None:
        end = self.now_s + limit_s
        while self.controller.session.phase is not phase:
            assert self.now_s < end, (phase, self.controller.session.phase, self.events[-6:])
            self.pass_time(1.0)

    def begin(self) -> None:
        """Connect, wait for a reading, release the belt."""
        self.link(True)
        self.pass_time(2.0)
        self.ask(IntentKind.START)

    # -- what happens to outputs ------------------------------------------------------

    def _statuses(self) -> None:
        for status in self.belt.take_statuses():
            if status[:1] in (b"\x05", b"\x06"):
                self.hand_seen()
            if self.linked:
                self.frame("2ADA", status)

    def _do(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Event(text=text):
                    self.events.append(text)
                case Stop(may_move=may_move):
                    self._stop(may_move)
                case Drive(order=order):
                    self._drive(order)
                case _:
                    pass
        self._statuses()
        self._judge_end()

    def _stop(self, may_move: bool) -> None:
        self.stops.append(self.now_s)
        self.byte_gate.withdraw()
        self.released = False
        self._abandon("a stop took its place")
        if not self.linked:
            return
        answer, delay_s = self._write(self.byte_gate.check(STOP))
        if answer == "control_not_permitted" and may_move:
            self.belt.write(self.byte_gate.check(REQUEST_CONTROL), self.client, self.now_s)
            answer, delay_s = self._write(self.byte_gate.check(STOP))
        self._later(
            STOP_ANSWER_S if answer is None else delay_s,
            lambda: self._do(self.controller.on_stop_answered(self.now_s, answer or "no answer")),
        )

    def _later(self, delay_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now_s + delay_s, next(self._numbers), act))

    def _abandon(self, why: str) -> None:
        """Nobody waits for the pending order any more; a late answer to it is a stray."""
        order, self._pending = self._pending, None
        if order is not None:
            self._later(
                0.0, lambda: self._do(self.controller.on_result(self.now_s, order.id, f"failed: {why}"))
            )

    def _drive(self, order: ClearedOrder) -> None:
        refused = "no link" if not self.linked else "failed: quarantined" if self._quarantined else None
        if refused is not None:
            self._do(self.controller.on_result(self.now_s, order.id, refused))
            return
        try:
            self.byte_gate.expect(order, self.now_s)
        except OrderVoid as error:
            self._do(self.controller.on_result(self.now_s, order.id, f"void: {error}"))
            return
        if order.kind is OrderKind.START:
            data = START
        elif order.kind is OrderKind.SPEED:
            data = encode_target_speed(order.value)
        else:
            data = encode_target_incline(order.value)
        self._judge(order.kind, order.value)
        self.belt.write(REQUEST_CONTROL, self.client, self.now_s)
        answer, delay_s = self._write(self.byte_gate.check(data))
        self._pending = order
        if answer is None or delay_s > ANSWER_S[order.kind]:
            self._later(ANSWER_S[order.kind], lambda: self._answered(order, None))
        elif delay_s:
            self._later(delay_s, lambda: self._answered(order, answer))
        else:
            self._answered(order, answer)

    def _answered(self, order: ClearedOrder, answer: str | None) -> None:
        if self._pending is not order:
            return
        self._pending = None
        if answer == "success":
            self._taken(order.kind, order.value)
        if answer is None:
            self._quarantined = True
        self._do(self.controller.on_result(self.now_s, order.id, answer or "failed: it was not answered"))

    def _write(self, data: bytes) -> tuple[str | None, float]:
        reply = self.belt.write(data, self.client, self.now_s)
        if reply is None:
            return None, 0.0
        response = decode_response(reply.data)
        assert response is not None
        return result_name(response.result), reply.delay_s

    # -- the outside judge ------------------------------------------------------------

    def ceiling_ckmh(self) -> int:
        """Every fixed ceiling of speed, worked out here."""
        return min(
            2000,
            round(self.model.speed_range.max_speed_kmh * 100),
            int(self.runner.max_speed_kmh * 100 + 1e-6),
            int(self.plan.ceiling.curve[60] * 100 + 1e-6),
        )

    def _taken(self, kind: OrderKind, value: int) -> None:
        in_a_hand = self.now_s < self._hand_until_s
        if kind is OrderKind.SPEED:
            self._since_hand_ckmh = value
            self.speed_before, self.speed_before_s = (None if in_a_hand else value), self.now_s
        elif kind is OrderKind.INCLINE:
            self.incline_before, self.incline_before_s = (None if in_a_hand else value), self.now_s

    def _judge(self, kind: OrderKind, value: int) -> None:
        if not self.released:
            self._wrong(f"{kind} {value} without a person's release")
        if kind is OrderKind.START:
            return  # a person's: the channel itself keeps it apart from what was written before
        if self.now_s - self._written_s < 0.4 - 1e-6:
            self._wrong(f"{kind} {value} {self.now_s - self._written_s:.2f} s after the order before it")
        self._written_s = self.now_s
        if kind is OrderKind.SPEED:
            self.speed_orders.append((self.now_s, value))
            self._judge_speed(value, self.plan.rules)
        elif kind is OrderKind.INCLINE:
            self.incline_orders.append((self.now_s, value))
            self._judge_incline(value, self.plan.rules)

    def _wrong(self, text: str) -> None:
        self.violations.append(f"{self.now_s:.1f} {text}")

    def _judge_speed(self, value: int, rules: BeltRules) -> None:
        low = round(self.model.speed_range.min_speed_kmh * 100)
        step = max(round(self.model.speed_range.speed_step_kmh * 100), 1)
        shown = [
            ckmh for at_s, ckmh in self._shown if self.now_s - at_s <= rules.stale_hold_s and ckmh <= 2500
        ]
        if (value - low) % step:
            self._wrong(f"{value} is off the machine's grid")
        if not shown:
            self._wrong(f"{value} for a belt that is not seen")
            return
        if self.now_s - self.speed_before_s < rules.order_interval_s - 1e-6:
            self._wrong(f"{value} only {self.now_s - self.speed_before_s:.2f} s after the last")
        before, largest, highest = self.speed_before, max(30, step), max(shown)
        is_down = before is None or value < before
        if value > self.ceiling_ckmh() and not (is_down and value <= highest):
            self._wrong(f"{value} is above {self.ceiling_ckmh()}, the belt is at {highest}")
        if before is None:
            # A hand, or a start: the ramp goes on from where the belt is, or is going.
            base = max(low, highest, self._hand_ckmh, self._since_hand_ckmh)
            if value > base + max(largest, AHEAD_CKMH) + step:
                self._wrong(f"{value} is a step up from {base}")
            return
        if value > before:
            waited_s = self.now_s - self.speed_before_s
            if value > before + min(largest, rules.ramp_up_kmh_per_s * 100 * waited_s + 1):
                self._wrong(f"{value} is a step up from {before} in {waited_s:.1f} s")
            if value > highest + max(100, step):
                self._wrong(f"{value} runs ahead of the belt at {highest}")
            if self._is_pulse_above(rules):
                self._wrong(f"{value} is faster than {before} with a pulse above its ceiling")
            return
        if self.now_s < self._nonsense_until_s or shown[-1] < low:
            return
        age_s = self.now_s - self._shown[-1][0]
        gains = self.model.acceleration_kmh_per_s * 100 * (age_s + 1.0)
        fastest = max(round(self.belt.speed_kmh * 100), shown[-1]) + gains + 2
        if value > fastest:
            self._wrong(f"{value} is on the way down from {before}, and above the belt's {fastest:.0f}")
        if min(before, shown[-1]) - value > largest + step:
            self._wrong(f"{value} is a step down from {min(before, shown[-1])}")

    def _is_pulse_above(self, rules: BeltRules) -> bool:
        """Whether the newest beat of the only strap is above the ceiling, and known for a tick."""
        at_s = self._pulse_above_s
        if at_s is None or self.now_s - self._other_pulse_s < 2 * rules.pulse_stale_s + 1:
            return False
        return self.tick_s < self.now_s - at_s <= rules.pulse_stale_s

    def incline_ceiling_dpct(self) -> int:
        """Every ceiling of the incline, worked out here."""
        reach = self.model.incline_range
        ceiling = min(150, round((reach.max_incline_percent if reach else 0) * 10))
        ceiling = min(ceiling, int(self.runner.max_incline_percent * 10 + 1e-6))
        if self.runner.aching_back:
            return min(ceiling, 20)
        steep = self.steep_s > self.plan.rules.steep_limit_s + STEEP_SLACK_S
        return min(ceiling, 40) if steep else ceiling

    def _judge_incline(self, value: int, rules: BeltRules) -> None:
        if self.model.incline_range is None:
            self._wrong(f"incline {value} on a machine without one")
            return
        step = max(round(self.model.incline_range.incline_step_percent * 10), 1)
        shown = [dpct for _, dpct in self._shown_incline]
        if not shown:
            self._wrong(f"incline {value} is ordered without one being known")
            return
        if self.now_s - self.incline_before_s < rules.incline_interval_s - 1e-6:
            self._wrong(f"incline {value} only {self.now_s - self.incline_before_s:.2f} s after the last")
        before, largest, ceiling = self.incline_before, max(5, step), self.incline_ceiling_dpct()
        motor = max(shown[-1], round(self.belt.incline_percent * 10))
        is_down = before is None or value < before
        low = round(self.model.incline_range.min_incline_percent * 10)
        if value > max(ceiling, low) and not (is_down and value <= motor):
            self._wrong(f"incline {value} above {ceiling}, the motor is at {motor}")
        if before is not None and value > before + largest:
            self._wrong(f"incline {value} is a step up from {before}")
        if before is not None and value < before and min(before, motor) - value > largest + step:
            self._wrong(f"incline {value} is a step down from {min(before, motor)}")
        if before is not None and value > before and self._is_pulse_above(rules):
            self._wrong(f"incline {value} is steeper than {before} with a pulse above its ceiling")

    def _judge_end(self) -> None:
        """A session ends with a belt that stands, or says that it was not seen to."""
        session = self.controller.session
        if self._ended or session.phase not in ENDED:
            return
        self._ended = True
        is_blind = self.belt.faults.zero_frames or self.now_s < self._nonsense_until_s or self._said_it_stands
        if self.belt.speed_kmh > 0.3 and not session.unconfirmed and not is_blind:
            self._wrong(f"the session ended with a belt at {self.belt.speed_kmh:.1f} km/h")


__all__ = ["BeltState", "Direct"]
