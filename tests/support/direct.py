"""The controller on a belt model without a radio between: thousands of sessions a minute.

Checks every octet that would leave for the control point against bounds worked out here,
from the outside, without asking the gate.
"""

from dataclasses import dataclass, field

from tests.support.rig import make_setup
from treadcoach.app.controller import Controller
from treadcoach.app.outputs import Drive, Event, Output, Stop
from treadcoach.core.errors import OrderVoid
from treadcoach.core.guidance import BeltRules
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import Phase
from treadcoach.core.runner import Runner
from treadcoach.guard.byte_gate import ByteGate
from treadcoach.guard.gate import OrderKind
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

TICK_S = 0.5


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
        self.released = False
        self.speed_before: int | None = None
        self.speed_before_s = 0.0
        self.incline_before: int | None = None
        self.incline_before_s = 0.0
        self._next_tick_s = self.now_s
        self._next_frame_s = self.now_s
        self._seen_hand = False
        self.client = object()

    # -- what a scenario does ---------------------------------------------------------

    def link(self, up: bool) -> None:
        if up == self.linked:
            return
        self.linked = up
        if not up:
            self.belt.disconnected(self.client, self.now_s)
        self._do(self.controller.on_link(self.now_s, up))

    def ask(self, kind: IntentKind, amount: float = 0.0) -> None:
        if kind is IntentKind.START and self.controller.session.phase in (
            Phase.READY,
            Phase.PAUSED,
            Phase.STRETCH_BREAK,
        ):
            self.released = True
            self.speed_before = None
        self._do(self.controller.on_intent(self.now_s, Intent(kind, "person", amount)))

    def press(self, key: Key) -> None:
        before = self.belt.target_kmh
        self.belt.press(key, self.now_s)
        if self.belt.target_kmh != before:
            self._seen_hand = True
        self._statuses()

    def frame(self, characteristic: str, data: bytes, device: str = "treadmill") -> None:
        self._do(self.controller.on_frame(self.now_s, device, characteristic, data))

    def pass_time(self, seconds: float) -> None:
        end = self.now_s + seconds
        while True:
            due = min(self._next_tick_s, self._next_frame_s)
            if due > end:
                break
            self.now_s = due
            if due == self._next_frame_s:
                self._next_frame_s += self.model.data_period_s
                self.belt.advance(due)
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
            if self.linked:
                self.frame("2ADA", status)

    def _do(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Event(text=text):
                    self.events.append(text)
                case Stop():
                    self.stops.append(self.now_s)
                    self.byte_gate.withdraw()
                    self.released = False
                    if self.linked:
                        self._write(self.byte_gate.check(STOP))
                case Drive(order=order):
                    self._drive(order)
                case _:
                    pass
        self._statuses()

    def _drive(self, order: object) -> None:
        from treadcoach.guard.gate import ClearedOrder

        assert isinstance(order, ClearedOrder)
        if not self.linked:
            self._do(self.controller.on_result(self.now_s, order.id, "no link"))
            return
        try:
            self.byte_gate.expect(order, self.now_s)
        except OrderVoid:
            return
        if order.kind is OrderKind.START:
            data = START
        elif order.kind is OrderKind.SPEED:
            data = encode_target_speed(order.value)
        else:
            data = encode_target_incline(order.value)
        self._judge(order.kind, order.value)
        self.belt.write(REQUEST_CONTROL, self.client, self.now_s)
        answer = self._write(self.byte_gate.check(data))
        if answer is not None:
            self._do(self.controller.on_result(self.now_s, order.id, answer))

    def _write(self, data: bytes) -> str | None:
        reply = self.belt.write(data, self.client, self.now_s)
        if reply is None:
            return None
        response = decode_response(reply.data)
        assert response is not None
        return result_name(response.result)

    # -- the outside judge ------------------------------------------------------------

    def ceiling_ckmh(self) -> int:
        """Every fixed ceiling of speed, worked out here."""
        return min(
            2000,
            round(self.model.speed_range.max_speed_kmh * 100),
            int(self.runner.max_speed_kmh * 100 + 1e-6),
            int(self.plan.ceiling.curve[60] * 100 + 1e-6),
        )

    def _judge(self, kind: OrderKind, value: int) -> None:
        rules: BeltRules = self.plan.rules
        if not self.released:
            self.violations.append(f"{kind} {value} without a person's release")
        if kind is OrderKind.INCLINE:
            self._judge_incline(value, rules)
            return
        if kind is not OrderKind.SPEED:
            return
        self.speed_orders.append((self.now_s, value))
        low = round(self.model.speed_range.min_speed_kmh * 100)
        step = max(round(self.model.speed_range.speed_step_kmh * 100), 1)
        if self._seen_hand:
            self.speed_before = None  # a hand moved the belt: the ramp goes on from there
        before = self.speed_before
        if before is None:
            told = self.controller.sensors.speed_kmh or 0.0
            before = max(round(max(self.belt.speed_kmh, self.belt.target_kmh, told) * 100), low)
            self._seen_hand = False
        # On its way down from a hand's speed a coarse machine is met at the next value of its grid.
        met = low + -(-(before - low) // step) * step if self.speed_before is None else before
        if value > max(met, self.ceiling_ckmh()):
            self.violations.append(f"{value} is above max({before}, {self.ceiling_ckmh()})")
        if (value - low) % step:
            self.violations.append(f"{value} is off the machine's grid")
        # On the way down a belt that is slower already may be met where it is.
        reading = round((self.controller.sensors.speed_kmh or 0.0) * 100)
        start = min(before, reading) if value <= before and reading >= low else before
        if abs(value - start) > max(30, step) + step and value < before and self.speed_before is not None:
            self.violations.append(f"a step down from {start} to {value}")
        if value > before + max(30, step) + step and self.speed_before is not None:
            self.violations.append(f"a step from {before} to {value}")
        waited = self.now_s - self.speed_before_s
        if self.speed_before is not None and waited < rules.order_interval_s - 1e-6:
            self.violations.append(f"{value} only {waited} s after {before}")
        self.speed_before, self.speed_before_s = value, self.now_s

    def _judge_incline(self, value: int, rules: BeltRules) -> None:
        before = self.incline_before
        top = round((self.model.incline_range.max_incline_percent if self.model.incline_range else 0) * 10)
        ceiling = min(150, top, int(self.runner.max_incline_percent * 10 + 1e-6))
        if self.runner.aching_back:
            ceiling = min(ceiling, 20)
        actual = round(max(self.belt.incline_percent, self.belt.target_percent) * 10)
        if value > max(before or 0, actual, ceiling):
            self.violations.append(f"incline {value} above {ceiling}")
        if before is not None and self.now_s - self.incline_before_s < rules.incline_interval_s - 1e-6:
            self.violations.append(f"incline {value} too soon after {before}")
        self.incline_before, self.incline_before_s = value, self.now_s


__all__ = ["BeltState", "Direct"]
