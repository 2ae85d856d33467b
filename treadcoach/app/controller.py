"""The controller: everything that decides, without a loop, a clock or a radio.

Fed in order with what happened (frames, intents, link changes, answers, ticks), each with
its time, it gives back what is to be done. The same inputs give the same orders, which is
what makes `sessions replay` possible.
"""

from collections.abc import Callable
from dataclasses import dataclass

from treadcoach.app.form_desk import FormDesk
from treadcoach.app.form_watch import FormSetup, FormWatch
from treadcoach.app.hand import ConsoleHand
from treadcoach.app.ordering import Ordering
from treadcoach.app.outputs import (
    Drive,
    Event,
    OrderOutcome,
    Output,
    SampleRow,
    Stop,
    TakeControl,
)
from treadcoach.app.sensors import Sensors
from treadcoach.core.belt import MOVING_KMH
from treadcoach.core.effects import Effect, Level, Say, ShutGate, StartBelt, StopBelt, Wish
from treadcoach.core.guidance import BeltRules
from treadcoach.core.intents import Intent
from treadcoach.core.machine import Machine
from treadcoach.core.phases import ENDED, ON_BELT, Phase
from treadcoach.core.plan import PlanRef
from treadcoach.core.ramp_lag import RampLag
from treadcoach.core.runner import Runner
from treadcoach.core.session import Session
from treadcoach.core.sustained import SustainedLedger
from treadcoach.core.timeline import Timeline
from treadcoach.core.units import ckmh_floor, dpct_floor, format_speed
from treadcoach.guard import hard_limits
from treadcoach.guard.gate import Answer, ClearedOrder, Gate, OrderKind, Ruling
from treadcoach.guard.limits import incline_grid, speed_grid
from treadcoach.guard.watch import AlarmKind, Watch
from treadcoach.planning.progression import WeeklyCeiling
from treadcoach.wire.machine_status import StatusOp, decode_machine_status
from treadcoach.wire.octets import FrameError

SAMPLE_EVERY_S = 1.0
STOP_RETRY_S = 1.0
PENDING_LIFE_S = 40.0
SETTLE_AFTER_START_S = 8.0
"""Some machines lose speeds that are written sooner after a start."""
MPH_HINT = " It may take its targets in miles per hour: see 'speed_unit' in the documentation."


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that was decided before the session; stored with it, so that it can be replayed."""

    runner: Runner
    rules: BeltRules
    machine: Machine
    ceiling: WeeklyCeiling
    timeline: Timeline
    ramp_s_per_kmh: tuple[float, float] = (6.0, 5.0)
    form: FormSetup | None = None
    plan: PlanRef | None = None


class Controller:
    """One session on one machine."""

    def __init__(self, setup: Setup) -> None:
        rules, machine = setup.rules, setup.machine
        self.setup = setup
        ledger = SustainedLedger(setup.ceiling.curve, setup.ceiling.walk_kmh)
        ramp = RampLag(*setup.ramp_s_per_kmh)
        self.session = Session(setup.timeline, rules, ledger, ramp, setup.runner.unit)
        self.speed_grid = speed_grid(machine.speed_range if machine.can_set_speed else None)
        incline = incline_grid(machine.incline_range) if machine.can_set_incline else None
        self.gate = Gate(rules, self.speed_grid, incline)
        self.watch = Watch(rules, setup.runner.unit)
        self.sensors = Sensors(rules)
        self.last_ruling: Ruling | None = None
        self.last_change: str = ""
        self.was_released = False
        self._rules = rules
        self._ordering = Ordering(
            rules, setup.runner, setup.ceiling, self.gate, self.speed_grid, self.sensors
        )
        self._out: list[Output] = []
        self._now_s = 0.0
        self._pending: ClearedOrder | None = None
        self._pending_s = 0.0
        self._readback: ClearedOrder | None = None
        self._next_sample_s = 0.0
        self._last_stop_s: float | None = None
        self._stop_alarmed = False
        self._console = ConsoleHand(rules, self.speed_grid)
        self._started_s: float | None = None
        self._console_started = False
        self._wish: Wish | None = None
        self._desk = FormDesk(
            setup.form, setup.runner.form_easing, self.session, self._event, self._apply, self._put
        )
        self._said: dict[str, float] = {}

    @property
    def form(self) -> FormWatch | None:
        """The form watch; None without form rules, or after a fault of its own."""
        return self._desk.watch

    # -- inputs --------------------------------------------------------------------

    def on_intent(self, now_s: float, intent: Intent) -> list[Output]:
        def act() -> None:
            self._event("intent", Level.INFO, f"{intent.kind} by {intent.source}")
            self._desk.on_intent(now_s, intent)
            self._apply(self.session.on_intent(intent, now_s, self.sensors.belt(now_s)))

        return self._run(now_s, act)

    def on_frame(self, now_s: float, device: str, characteristic: str, data: bytes) -> list[Output]:
        """A notification. device is 'treadmill' or a sensor's name; a bad frame changes nothing."""

        def act() -> None:
            try:
                if device == "treadmill" and characteristic == "2ADA":
                    self._on_status(now_s, data)
                elif self.sensors.on_frame(now_s, device, characteristic, data):
                    self._on_reading(now_s)
                elif device != "treadmill":
                    belt = self.sensors.belt(now_s)
                    fresh = belt.fresh(self._rules.stale_hold_s)
                    speed = belt.speed_kmh if fresh else None
                    self._desk.on_frame(now_s, device, characteristic, data, speed, belt.incline_percent)
            except FrameError as error:
                self._say_once("frame", Level.INFO, f"{device} sent a frame that says nothing: {error}")

        return self._run(now_s, act)

    def on_link(self, now_s: float, up: bool) -> list[Output]:
        """The link to the treadmill is there, or gone."""

        def act() -> None:
            self._pending = None
            self.sensors.link_changed()
            if up:
                self._event("link", Level.INFO, "treadmill link up")
                self._apply(self.session.on_link_up(now_s, self.sensors.belt(now_s)))
            else:
                self._event("link", Level.WARNING, "treadmill link down")
                if self.session.phase is not Phase.STOPPING:
                    self.watch.expect_nothing()
                self._apply(self.session.on_link_down(now_s))

        return self._run(now_s, act)

    def on_sensor_link(self, now_s: float, name: str, up: bool) -> list[Output]:
        """A strap or pod came or went; the belt is not touched by it."""

        def act() -> None:
            self._event("link", Level.INFO, f"{name} {'connected' if up else 'lost'}")
            self._desk.on_link(now_s, name, up)

        return self._run(now_s, act)

    def on_result(self, now_s: float, order_id: int, result: str) -> list[Output]:
        """The machine's answer to an order: 'success', or what it said instead."""

        def act() -> None:
            order, self._pending = self._pending, None
            self._out.append(OrderOutcome(order_id, now_s, result=result))
            if order is None or order.id != order_id:
                return
            if result != "success":
                self._event("order", Level.WARNING, f"{order.kind} was answered: {result}")
                if order.kind is OrderKind.START:
                    self._apply(self.session.on_start_failed(result, now_s))
            elif order.kind is OrderKind.START and self.session.phase is Phase.ARMED:
                self.watch.expect_start(now_s, self.speed_grid.low)
                self._started_s = now_s

        return self._run(now_s, act)

    def on_control_lost(self, now_s: float, reason: str) -> list[Output]:
        """The machine took control away, or never gave it."""
        return self._run(now_s, lambda: self._control_lost(reason))

    def on_fault(self, now_s: float, text: str) -> list[Output]:
        """A fault of ours (an exception, a broken journal): the belt is stopped."""
        return self._run(now_s, lambda: self._alarm(f"treadcoach has a fault ({text})"))

    def on_tick(self, now_s: float) -> list[Output]:
        return self._run(now_s, lambda: self._tick(now_s))

    # -- inside --------------------------------------------------------------------

    def _run(self, now_s: float, act: Callable[[], None]) -> list[Output]:
        self._now_s = now_s
        self._out = []
        act()
        return self._out

    def _apply(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case StopBelt(cause):
                    self._stop(cause)
                case StartBelt(person):
                    self._start(person)
                case ShutGate(reason):
                    self.gate.shut(reason)
                    self.watch.expect_nothing()
                    self._event("gate", Level.INFO, f"gate shut: {reason}")
                case Say(text, level):
                    self._event("say", level, text)

    def _stop(self, cause: str) -> None:
        self.gate.shut(cause)
        self._pending = None
        self.watch.expect_stop(self._now_s)
        self._last_stop_s = self._now_s
        self._stop_alarmed = False
        self._out.append(Stop(cause))

    def _start(self, person: str) -> None:
        belt = self.sensors.belt(self._now_s)
        reading = belt.speed_kmh or 0.0  # fresh: the session does not release a belt that is silent
        moving = reading >= MOVING_KMH
        speed = ckmh_floor(reading) if moving else 0
        if speed > hard_limits.MAX_SPEED_CKMH:
            self._alarm(f"the belt reads {self._words(speed)}")
            return
        self.gate.open_by(person, self._now_s, speed, dpct_floor(belt.incline_percent or 0.0))
        self.was_released = True
        self._console.forget()
        self._wish = None
        self._event("gate", Level.INFO, f"gate opened by {person}")
        self._out.append(TakeControl())
        self._console_started = moving
        if moving:
            self.watch.adopt(self._now_s, speed)
            return
        self.watch.expect_nothing()
        ruling = self.gate.clear_start(self._now_s)
        if ruling.order is not None:
            self._drive(ruling.order, None, person)

    def _drive(self, order: ClearedOrder, wish: float | None, source: str) -> None:
        self._pending, self._pending_s = order, self._now_s
        self._out.append(Drive(order, wish, source))

    def _source(self) -> str:
        """Who asks for the speed: the plan, or the runner who changed it."""
        return "the plan" if abs(self.session.progress.scale - 1) <= 0.01 else "the runner"

    def _on_reading(self, now_s: float) -> None:
        speed = self.sensors.speed_kmh
        if speed is None:
            return
        ckmh = round(speed * 100)
        self.watch.on_reading(now_s, ckmh)
        order = self._readback
        if order is not None and abs(ckmh - order.value) <= 10:
            self._out.append(OrderOutcome(order.id, now_s, readback=speed))
            self._readback = None
        if self.session.phase is Phase.ARMED and self._console_started and speed >= MOVING_KMH:
            self.gate.adopt_speed(ckmh, now_s)
            self.watch.adopt(now_s, ckmh)
        self._silent_hand(now_s, ckmh)

    def _silent_hand(self, now_s: float, ckmh: int) -> None:
        ordered = self.gate.ordered_speed_ckmh
        if ordered is None or not self.gate.is_open or self.session.phase not in ON_BELT:
            self._console.forget()
        elif (claimed := self._console.claimed(now_s, ckmh)) is not None:
            self._hand(now_s, claimed)
        elif self._console.in_reading(now_s, ckmh, ordered, was_at_order=self.watch.was_at_order):
            self._hand(now_s, ckmh)

    def _hand(self, now_s: float, ckmh: int) -> None:
        self.gate.adopt_speed(ckmh, now_s)
        self.watch.adopt(now_s, ckmh)
        self._event("hand", Level.INFO, f"speed set to {self._words(ckmh)} at the console")
        ceiling = min(bound.ceiling for bound in self._ordering.fixed_speed_bounds()) / 100
        self._apply(self.session.on_hand(ckmh / 100, ceiling, now_s))

    def _on_status(self, now_s: float, data: bytes) -> None:
        status = decode_machine_status(data)
        if status.op not in (StatusOp.TARGET_SPEED, StatusOp.TARGET_INCLINE):
            self._event("status", Level.INFO, f"machine: {status.event} {status.param or ''}".strip())
        match status.op:
            case StatusOp.STOPPED_OR_PAUSED:
                self._apply(self.session.on_console_stop(status.param, now_s))
            case StatusOp.SAFETY_KEY:
                self._apply(self.session.on_safety_key(now_s))
            case StatusOp.STARTED_OR_RESUMED:
                self.session.on_console_start()
                if self.session.phase is Phase.ARMED and self._pending is None:
                    self._console_started = True
                elif self.session.phase not in ON_BELT and self.session.phase is not Phase.STOPPING:
                    # The runner started the belt at the console: it is theirs until they release it.
                    self.watch.expect_nothing()
            case StatusOp.CONTROL_LOST | StatusOp.RESET:
                self._control_lost(f"the machine reports {status.event.replace('_', ' ')}")
            case StatusOp.TARGET_SPEED if status.speed_kmh is not None:
                self._target_changed(now_s, round(status.speed_kmh * 100))
            case StatusOp.TARGET_INCLINE if status.incline_percent is not None:
                self._incline_changed(now_s, round(status.incline_percent * 10))

    def _target_changed(self, now_s: float, ckmh: int) -> None:
        ordered = self.gate.ordered_speed_ckmh
        if self.session.phase not in ON_BELT or not self.gate.is_open or ordered is None:
            return
        reading = self.sensors.speed_kmh
        belt = ordered if reading is None else round(reading * 100)
        belt_s = now_s - (self.sensors.belt(now_s).age_s or 0.0)
        if self._console.in_status(now_s, ckmh, ordered, belt, belt_s):
            self._hand(now_s, ckmh)

    def _incline_changed(self, now_s: float, dpct: int) -> None:
        ordered = self.gate.ordered_incline_dpct
        if self.session.phase not in ON_BELT or not self.gate.is_open or ordered is None:
            return
        if abs(dpct - ordered) <= hard_limits.MAX_INCLINE_STEP_DPCT:
            return
        self.gate.adopt_incline(dpct, now_s)
        self._apply(self.session.on_incline_hand(dpct / 10))

    def _control_lost(self, reason: str) -> None:
        self.gate.shut(reason)
        self.watch.expect_nothing()
        self._pending = None
        self._event("gate", Level.WARNING, f"gate shut: {reason}")
        if self.session.phase in ON_BELT and not self.session.hands_off:
            self.session.hands_off = True
            text = f"{reason}: treadcoach no longer commands the belt. Press start to take it back."
            self._event("say", Level.WARNING, text[0].upper() + text[1:])
        elif self.session.phase is Phase.ARMED:
            self._apply(self.session.on_start_failed(reason, self._now_s))

    def _alarm(self, text: str) -> None:
        self._apply(self.session.on_alarm(text, self._now_s))

    def _tick(self, now_s: float) -> None:
        self._check_watch(now_s)
        belt = self.sensors.belt(now_s)
        armed = self.session.phase is Phase.ARMED
        self._desk.tick(now_s)
        effects, wish = self.session.tick(now_s, belt)
        if armed and self.session.phase in ON_BELT and self._console_started:
            # Its own start was refused, and control perhaps with it.
            self._out.append(TakeControl())
        self._apply(effects)
        self._wish = wish
        self._ordering.pass_time(now_s, belt)
        if self._pending is not None and now_s - self._pending_s > PENDING_LIFE_S:
            self._pending = None
        if wish is not None and self.session.phase in ON_BELT and self._pending is None:
            self._consider(wish, now_s)
        if now_s >= self._next_sample_s:
            self._next_sample_s = now_s + SAMPLE_EVERY_S - 1e-6
            self._out.append(self._sample(now_s))

    def _check_watch(self, now_s: float) -> None:
        alarm = self.watch.check(now_s)
        if alarm is None:
            return
        if alarm.kind is AlarmKind.STOP_IGNORED:
            if not self._stop_alarmed:
                self._event("alarm", Level.ALARM, f"{alarm.text}. PULL THE SAFETY KEY.")
            if self._last_stop_s is None or now_s - self._last_stop_s >= STOP_RETRY_S:
                self._last_stop_s = now_s
                self._out.append(Stop("the belt has not stopped: again"))
            self._stop_alarmed = True
        elif self.session.phase is Phase.ARMED and alarm.kind is AlarmKind.NO_MOVEMENT:
            self.watch.expect_nothing()
            self._apply(self.session.on_start_failed("it does not move", now_s))
        else:
            hint = ""
            if alarm.kind in (AlarmKind.OUT_OF_BOUNDS, AlarmKind.WRONG_DIRECTION):
                hint = self._mph_hint()
            self._event("alarm", Level.ALARM, alarm.text + hint)
            self._alarm(alarm.text)

    def _mph_hint(self) -> str:
        ordered, reading = self.gate.ordered_speed_ckmh, self.sensors.speed_kmh
        if not ordered or reading is None:
            return ""
        return MPH_HINT if 1.45 <= reading * 100 / ordered <= 1.75 else ""

    def _consider(self, wish: Wish, now_s: float) -> None:
        if self._started_s is not None and now_s - self._started_s < SETTLE_AFTER_START_S:
            return
        ordered = self.gate.ordered_speed_ckmh
        if self._console.is_claiming and ordered is not None and wish.speed_kmh * 100 > ordered:
            return
        ruling = self._ordering.rule_speed(wish, now_s)
        self.last_ruling = ruling
        if ruling.answer is Answer.MUST_STOP:
            self._alarm(ruling.reason)
            return
        if ruling.answer is Answer.REFUSED:
            self._say_once("refused", Level.WARNING, f"Not ordered: {ruling.reason}.")
        if ruling.order is not None:
            self._console.ordered(now_s)
            self._readback = ruling.order
            self.watch.expect_speed(now_s, ruling.order.value)
            self.last_change = f"{self._words(ruling.order.value)}: {ruling.reason}"
            self._drive(ruling.order, wish.speed_kmh, self._source())
            return
        ruling = self._ordering.rule_incline(wish, now_s)
        if ruling.order is not None:
            self.last_change = f"{ruling.order.value / 10:g} %: {ruling.reason}"
            source = "the runner" if self.session.progress.incline_trim else "the plan"
            self._drive(ruling.order, wish.incline_percent, source)

    def _sample(self, now_s: float) -> SampleRow:
        belt = self.sensors.belt(now_s)
        fresh = belt.fresh(self._rules.stale_hold_s)
        ordered, incline = self.gate.ordered_speed_ckmh, self.gate.ordered_incline_dpct
        return SampleRow(
            t_s=now_s,
            phase=self.session.phase,
            speed_kmh=belt.speed_kmh if fresh else None,
            incline_percent=belt.incline_percent if fresh else None,
            distance_m=belt.distance_m,
            wished_kmh=None if self._wish is None else self._wish.speed_kmh,
            ordered_kmh=None if ordered is None or not self.gate.is_open else ordered / 100,
            ordered_percent=None if incline is None or not self.gate.is_open else incline / 10,
            heart_rate_bpm=self.sensors.heart.trusted_bpm(now_s),
            cadence_spm=self.cadence_spm(now_s),
        )

    def cadence_spm(self, now_s: float) -> float | None:
        """By the form sensor where there is one, else as the pod says it."""
        by_form = None if self.form is None else self.form.cadence_spm(now_s)
        return by_form or self.sensors.cadence_spm(now_s)

    def _words(self, ckmh: int) -> str:
        return format_speed(ckmh / 100, self.setup.runner.unit)

    def _put(self, output: Output) -> None:
        self._out.append(output)

    def _event(self, kind: str, level: Level, text: str) -> None:
        self._out.append(Event(self._now_s, kind, level, text))

    def _say_once(self, key: str, level: Level, text: str) -> None:
        """At most once in 10 s, so that a noisy machine cannot fill the journal."""
        if self._now_s - self._said.get(key, -1e9) >= 10.0:
            self._said[key] = self._now_s
            self._event("say", level, text)

    @property
    def ended(self) -> bool:
        return self.session.phase in ENDED
