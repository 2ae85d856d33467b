"""The controller: everything that decides, without a loop, a clock or a radio.

Fed in order with what happened (frames, intents, link changes, answers, ticks), each with
its time, it gives back what is to be done. The same inputs give the same orders, which is
what makes `sessions replay` possible.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from treadcoach.app.form_desk import FormDesk
from treadcoach.app.form_watch import FormSetup, FormWatch
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
from treadcoach.control.console_override import ConsoleOverride
from treadcoach.control.incline_control import InclineControl, InclineHand
from treadcoach.control.stopping import Stopping
from treadcoach.control.takeover import Takeover
from treadcoach.core.belt import MOVING_KMH, STANDING_KMH
from treadcoach.core.effects import Effect, Level, Say, ShutGate, StartBelt, StopBelt, Wish
from treadcoach.core.guidance import BeltRules
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import ENDED, ON_BELT, Phase
from treadcoach.core.plan import PlanRef
from treadcoach.core.ramp_lag import RampLag
from treadcoach.core.runner import Runner
from treadcoach.core.session import Session
from treadcoach.core.sustained import SustainedLedger
from treadcoach.core.timeline import Timeline
from treadcoach.core.units import ckmh_floor, format_speed
from treadcoach.guard import hard_limits
from treadcoach.guard.gate import Answer, ClearedOrder, Gate, OrderKind, Ruling
from treadcoach.guard.limits import Bound, incline_grid, speed_grid
from treadcoach.guard.watch import Alarm, AlarmKind, Watch
from treadcoach.planning.progression import WeeklyCeiling
from treadcoach.wire.machine_status import StatusOp, decode_machine_status
from treadcoach.wire.octets import FrameError
from treadcoach.wire.training_status import decode_training_status

SAMPLE_EVERY_S = 1.0
STARTS_BELOW_CKMH = 200
"""Belts start at 0.8 to 1.6 km/h, whatever the slowest of their range."""
NEAR_CKMH = 10
SAID_AGAIN_S = 60.0
NOTED_AGAIN_S = 10.0
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
        steepest = setup.runner.max_incline_percent
        if setup.runner.aching_back:
            steepest = min(steepest, rules.aching_back_percent)
        self.sensors = Sensors(rules, machine, steepest)
        self.incline = InclineControl(rules, self.sensors.incline)
        self.stopping = Stopping(rules)
        self.last_ruling: Ruling | None = None
        self.last_change: str = ""
        self.was_released = False
        self._rules = rules
        self._ordering = Ordering(
            rules, setup.runner, setup.ceiling, self.gate, self.speed_grid, self.sensors, self.incline
        )
        self._out: list[Output] = []
        self._now_s = 0.0
        self._pending: ClearedOrder | None = None
        self._pending_s = 0.0
        self._readback: ClearedOrder | None = None
        self._next_sample_s = 0.0
        self._console = ConsoleOverride(self.speed_grid)
        self._takeover: Takeover | None = None
        self._hand_target: tuple[float, int] | None = None
        self._started_s: float | None = None
        self._is_started_by_console = False
        self._control_asked_again = False
        self._person_drives_below: int | None = None
        """The runner has taken the belt over at the console, and set it to this (ckmh)."""
        self._free_base: int | None = None
        """How fast an uncommanded belt ran, or was set at the console since (ckmh)."""
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
            match intent.kind:
                case IntentKind.BELT_STANDS:
                    self._person_says_it_stands(now_s)
                case IntentKind.INCLINE_IS:
                    self._event("say", Level.INFO, self.incline.answered(intent.amount))
                case IntentKind.START if (why := self._no_start_words()) is not None:
                    self._event("say", Level.WARNING, f"The belt is not released. {why}")
                case _:
                    if intent.kind in (IntentKind.STEEPER, IntentKind.FLATTER):
                        self.incline.given_back()
                    self._desk.on_intent(now_s, intent)
                    self._apply(self.session.on_intent(intent, now_s, self.sensors.belt(now_s)))

        return self._run(now_s, act)

    def on_frame(self, now_s: float, device: str, characteristic: str, data: bytes) -> list[Output]:
        """A notification. device is 'treadmill' or a sensor's name; a bad frame changes nothing."""

        def act() -> None:
            try:
                if device == "treadmill" and characteristic == "2ADA":
                    self._on_status(now_s, data)
                elif device == "treadmill" and characteristic == "2AD3":
                    self.stopping.standing.on_training_status(decode_training_status(data).code)
                elif device == "treadmill":
                    self._on_treadmill(now_s, characteristic, data)
                elif not self.sensors.on_frame(now_s, device, characteristic, data):
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
            self._pending = self._takeover = None
            self._console.forget()
            self.watch.link_changed(now_s)
            self.sensors.link_changed()
            self.stopping.standing.link_changed(now_s)
            self.incline.link_changed(now_s, up=up)
            if up:
                self._event("link", Level.INFO, "treadmill link up")
                self._apply(self.session.on_link_up(now_s, self.sensors.belt(now_s)))
            else:
                self._event("link", Level.WARNING, "treadmill link down")
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
                return
            self._taken(order, now_s)

        return self._run(now_s, act)

    def on_stop_answered(self, now_s: float, result: str) -> list[Output]:
        """The machine's answer to a STOP, or why there is none."""

        def act() -> None:
            self._event("stop", Level.INFO, f"STOP was answered: {result}")
            self.stopping.standing.stop_answered(now_s, taken=result == "success")

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
                    self._shut(reason)
                    self._event("gate", Level.INFO, f"gate shut: {reason}")
                case Say(text, level):
                    self._event("say", level, text)

    def _shut(self, reason: str) -> None:
        self.gate.shut(reason)
        self.watch.expect_nothing()
        self.incline.shut()
        self._pending = self._takeover = None

    def _stop(self, cause: str, *, again: bool = False) -> None:
        self._shut(cause)
        again = again or self.watch.waits_for_stop
        self.watch.expect_stop(self._now_s)
        self.stopping.sent(self._now_s, again=again)
        self._out.append(Stop(cause, self._may_move()))

    def _may_move(self) -> bool:
        """Whether the belt moves, or may: only then is control requested for a STOP's sake."""
        belt = self.sensors.belt(self._now_s)
        if belt.fresh(self._rules.stale_hold_s) and (belt.speed_kmh or 0.0) > STANDING_KMH:
            return True
        return self.was_released and not self.stopping.standing.is_at_rest(self._now_s)

    # -- a person releases the belt ----------------------------------------------------

    def _start(self, person: str) -> None:
        belt = self.sensors.belt(self._now_s)
        reading = belt.speed_kmh or 0.0  # fresh: the session does not release a belt that is silent
        moving = reading >= MOVING_KMH
        speed = ckmh_floor(reading) if moving else 0
        if speed > hard_limits.MAX_SPEED_CKMH:
            self._alarm(f"the belt reads {self._words(speed)}")
            return
        self.gate.open_by(person, self._now_s, speed, self.incline.orderable_dpct())
        self.was_released = True
        self.session.start_taken = False
        self._console.forget()
        self.incline.released(self._now_s)
        self.stopping.released()
        self._wish = self._person_drives_below = self._free_base = None
        self._started_s = None
        self._event("gate", Level.INFO, f"gate opened by {person}")
        self._out.append(TakeControl())
        self._is_started_by_console = moving
        self._control_asked_again = False
        if moving:
            self._take_over(speed)
            return
        self.watch.expect_nothing()
        ruling = self.gate.clear_start(self._now_s)
        if ruling.order is not None:
            # From here on, not from its answer: one that comes late must not leave a belt unwatched.
            self.watch.expect_start(self._now_s, max(self.speed_grid.low, STARTS_BELOW_CKMH))
            self._drive(ruling.order, None, person)

    def _take_over(self, ckmh: int) -> None:
        """The belt moves already: nothing is ordered before it is known where it is going."""
        self._takeover = Takeover(self._now_s, self._hand_target)
        self.watch.take_over(self._now_s, ckmh)
        self.watch.expect_free(self._now_s, max(ckmh, self._ordering.speed_ceiling_ckmh()))

    def _drive(self, order: ClearedOrder, wish: float | None, source: str) -> None:
        self._pending, self._pending_s = order, self._now_s
        self._out.append(Drive(order, wish, source))

    def _taken(self, order: ClearedOrder, now_s: float) -> None:
        """The machine took an order: only now is it the last one."""
        self.gate.took(order, now_s)
        match order.kind:
            case OrderKind.START if self.gate.is_open:
                # Its answer may come late, with the belt moving already.
                self._started_s = now_s
                self.session.start_taken = True
            case OrderKind.SPEED if self.gate.is_open:
                self._console.ordered(now_s, order.value)
                self._readback = order
                self.watch.expect_speed(now_s, order.value)
            case OrderKind.INCLINE if self.gate.is_open:
                self.incline.taken(now_s, order.value)
            case _:
                pass

    def _source(self) -> str:
        """Who asks for the speed: the plan, or the runner who changed it."""
        return "the plan" if abs(self.session.progress.scale - 1) <= 0.01 else "the runner"

    # -- what the machine says ---------------------------------------------------------

    def _on_treadmill(self, now_s: float, characteristic: str, data: bytes) -> None:
        believed = self.sensors.on_frame(now_s, "treadmill", characteristic, data)
        for key, text in self.sensors.reasons:
            words = f"The machine's reading is left out: {text}."
            self._say_once(f"reading {key}", Level.INFO, words, math.inf)
            self._note_once(f"reading {key}", text)
        if believed:
            self._on_reading(now_s)
        elif self.sensors.doubted_kmh is not None:
            self.watch.on_doubted(round(self.sensors.doubted_kmh * 100))
        if (hand := self.incline.on_reading(now_s, self._ordering.incline_ceiling_dpct())) is not None:
            self._incline_hand(hand, now_s)

    def _on_reading(self, now_s: float) -> None:
        speed = self.sensors.speed_kmh
        if speed is None:
            return
        ckmh = round(speed * 100)
        self.watch.on_reading(now_s, ckmh)
        self.stopping.standing.on_reading(now_s, speed)
        if self.stopping.moves_after_word(speed):
            self._alarm("the belt moves again")
            return
        order = self._readback
        if order is not None and abs(ckmh - order.value) <= 10:
            self._out.append(OrderOutcome(order.id, now_s, readback=speed))
            self._readback = None
        is_new = self.session.phase is Phase.ARMED and self._takeover is None and speed >= MOVING_KMH
        if is_new and self._is_started_by_console:
            self._take_over(ckmh)
        if not self.gate.is_open:
            return
        if self._takeover is not None:
            base = self._takeover.on_reading(now_s, ckmh, is_steady=self.sensors.is_steady())
            self.gate.adopt_speed(base, now_s)
            if self._takeover.is_over:
                self._takeover = None
                self.watch.adopt(now_s, base)
            return
        ordered = self.gate.ordered_speed_ckmh
        if ordered is None or self.session.phase not in ON_BELT:
            return
        set_ckmh = self._console.on_reading(now_s, ckmh, ordered)
        if set_ckmh is not None:
            self._hand(now_s, set_ckmh)

    def _hand(self, now_s: float, ckmh: int) -> None:
        ordered = self.gate.ordered_speed_ckmh
        is_slower = ordered is not None and ckmh < ordered
        belt = self.sensors.speed_kmh
        is_undone = is_slower and belt is not None and abs(round(belt * 100) - (ordered or 0)) <= NEAR_CKMH
        if not is_undone:
            # Where our own order came on top of the hand the belt is still at it: down from there.
            self.gate.adopt_speed(ckmh, now_s)
            self._pending = None
            self.watch.adopt(now_s, ckmh)
        self._event("hand", Level.INFO, f"speed set to {self._words(ckmh)} at the console")
        ceiling = self._ordering.speed_ceiling_ckmh() / 100
        self._apply(self.session.on_hand(ckmh / 100, ceiling, now_s, is_slower=is_slower))
        if self.session.hands_off:
            self._person_drives_below = ckmh

    def _on_status(self, now_s: float, data: bytes) -> None:
        status = decode_machine_status(data)
        if status.op not in (StatusOp.TARGET_SPEED, StatusOp.TARGET_INCLINE):
            self._event("status", Level.INFO, f"machine: {status.event} {status.param or ''}".strip())
        match status.op:
            case StatusOp.STOPPED_OR_PAUSED:
                self.stopping.standing.on_stopped_status()
                self._apply(self.session.on_console_stop(status.param, now_s))
            case StatusOp.SAFETY_KEY:
                self._apply(self.session.on_safety_key(now_s))
            case StatusOp.STARTED_OR_RESUMED:
                self.session.on_console_start()
                if self.session.phase is Phase.ARMED and self.session.start_was_refused:
                    # Otherwise it is an echo of our own start, and the belt is judged as started by it.
                    self._is_started_by_console = True
            case StatusOp.CONTROL_LOST | StatusOp.RESET:
                self._control_lost(f"the machine reports {status.event.replace('_', ' ')}")
            case StatusOp.TARGET_SPEED if status.speed_kmh is not None:
                self._target_changed(now_s, status.speed_kmh)
            case StatusOp.TARGET_INCLINE if status.incline_percent is not None:
                dpct = round(status.incline_percent * 10)
                if (why := self.incline.on_status(now_s, dpct, self.gate.ordered_incline_dpct)) is not None:
                    words = f"The machine's status is left out: {why}."
                    self._say_once("status incline", Level.INFO, words, math.inf)
                    self._note_once("status incline", why)

    def _target_changed(self, now_s: float, kmh: float) -> None:
        """A hand, an echo or nonsense. It is kept track of whether the gate is open or shut."""
        if not self.sensors.judge.believable_target(kmh):
            text = f"The machine's status is left out: no treadmill is set to {kmh:g} km/h."
            self._say_once("status speed", Level.INFO, text, math.inf)
            self._note_once("status speed", text)
            return
        ckmh = round(kmh * 100)
        self._hand_target = (now_s, ckmh)
        if self._takeover is not None:
            self._takeover.hand_set(now_s, ckmh)
        if self._free_base is not None:
            self._free_base = max(self._free_base, ckmh)
        if self._person_drives_below is not None:
            self._person_drives_below = max(self._person_drives_below, ckmh)
        ordered = self.gate.ordered_speed_ckmh
        if self.session.phase not in ON_BELT or not self.gate.is_open or ordered is None:
            return
        if self._takeover is None:
            reading = self.sensors.speed_kmh
            belt = ordered if reading is None else round(reading * 100)
            pending = self._pending is not None and self._pending.kind is OrderKind.SPEED
            self._console.on_status(now_s, ckmh, ordered, belt, under_way=pending)

    def _incline_hand(self, hand: InclineHand, now_s: float) -> None:
        if self.session.phase not in ON_BELT:
            return
        if not hand.above:
            was = self.gate.ordered_incline_dpct
            is_flatter = was is None or hand.percent * 10 < was
            self.gate.adopt_incline(round(hand.percent * 10), now_s)
            self._apply(self.session.on_incline_hand(hand.percent, is_flatter=is_flatter))
            return
        self._event(
            "say",
            Level.WARNING,
            f"You set {hand.percent:g} % at the console, steeper than your limit. treadcoach does not fight"
            " you and leaves the incline alone until you ask for another.",
        )

    def _no_start_words(self) -> str | None:
        """Why no start is sent and no belt taken over now, apart from what the session says."""
        speed = self.sensors.speed_kmh or 0.0
        if speed >= MOVING_KMH and not self.sensors.judge.motion_is_borne_out:
            shown = self._words(round(speed * 100))
            return f"The machine says {shown}, but its time and distance stand still. Switch it off and on."
        return self._ordering.no_speed_words()

    def _control_lost(self, reason: str) -> None:
        if self.session.phase is Phase.STOPPING:
            self._event("gate", Level.INFO, f"{reason}; the belt is being stopped all the same")
            return
        if self.session.phase is Phase.ARMED and not self._control_asked_again:
            # Some machines revoke it around each start; for this person's start it is asked for once more.
            self._control_asked_again = True
            self._event("gate", Level.WARNING, f"{reason}: control is asked for again")
            self._out.append(TakeControl())
            return
        self._shut(reason)
        self._event("gate", Level.WARNING, f"gate shut: {reason}")
        if self.session.phase in ON_BELT and not self.session.hands_off:
            self.session.hands_off = True
            text = f"{reason}: treadcoach no longer commands the belt. Press start to take it back."
            self._event("say", Level.WARNING, text[0].upper() + text[1:])
        elif self.session.phase is Phase.ARMED:
            self._apply(self.session.on_control_lost_armed(reason, self._now_s))

    def _person_says_it_stands(self, now_s: float) -> None:
        if self._unsure(now_s) is None:
            self._event("say", Level.INFO, "treadcoach sees for itself whether the belt stands.")
            return
        self.stopping.person_says_it_stands(now_s, self.sensors.speed_kmh)
        self.watch.belt_stands()
        self._event("say", Level.INFO, "Noted: the belt stands. It is watched a little longer.")

    def _unsure(self, now_s: float) -> str | None:
        judge = self.sensors.judge
        return self.stopping.unsure(now_s, frozen=judge.frozen, counters_stand=judge.counters_stand)

    def _alarm(self, text: str) -> None:
        self._apply(self.session.on_alarm(text, self._now_s))

    def _tick(self, now_s: float) -> None:
        self._check_watch(now_s)
        self._check_stands(now_s)
        belt = self.sensors.belt(now_s)
        armed = self.session.phase is Phase.ARMED
        self._desk.tick(now_s)
        self._ordering.pass_time(now_s, belt, self.cadence_spm(now_s))
        effects, wish = self.session.tick(now_s, belt, stands=self.stopping.stands(now_s))
        if armed and self.session.phase in ON_BELT and self._is_started_by_console:
            # Its own start was refused, and control perhaps with it.
            self._out.append(TakeControl())
        self._apply(effects)
        self._wish = wish
        self._check_incline(now_s)
        if self._pending is not None and now_s - self._pending_s > PENDING_LIFE_S:
            self._pending = None
        if wish is not None and self.session.phase in ON_BELT and self._pending is None:
            self._consider(wish, now_s)
        if now_s >= self._next_sample_s:
            self._next_sample_s = now_s + SAMPLE_EVERY_S - 1e-6
            self._out.append(self._sample(now_s))

    def _check_stands(self, now_s: float) -> None:
        """The end of a STOP, a belt that came to rest by itself, and the question where nothing is seen."""
        if self.stopping.stands(now_s):
            if self.watch.waits_for_stop:
                self.watch.belt_stands()
                self.stopping.standing.stop_done()
            if self.session.phase in ON_BELT:
                self._apply(self.session.belt_fell_to_zero(now_s))
            return
        if self.watch.waits_for_stop and (ask := self.stopping.question(self._unsure(now_s))) is not None:
            self._event("say", Level.ALARM, ask)

    def _check_watch(self, now_s: float) -> None:
        if not self.gate.is_open:
            self._watch_uncommanded(now_s)
        alarm = self.watch.check(now_s)
        if alarm is None:
            return
        if alarm.kind is AlarmKind.STOP_IGNORED:
            self._stop_ignored(alarm, now_s)
        elif self.session.phase is Phase.ARMED and alarm.kind is AlarmKind.NO_MOVEMENT:
            self.watch.expect_nothing()
            self._apply(self.session.on_start_failed("it does not move", now_s))
        elif self._person_drives_below is not None:
            self._say_once("driven", Level.ALARM, f"{alarm.text}. Use the console, or the safety key.")
        else:
            hint = ""
            if alarm.kind in (AlarmKind.OUT_OF_BOUNDS, AlarmKind.WRONG_DIRECTION):
                hint = self._mph_hint()
            self._event("alarm", Level.ALARM, f"{alarm.text}.{hint}" if hint else alarm.text)
            self._alarm(alarm.text)

    def _watch_uncommanded(self, now_s: float) -> None:
        """A belt that runs without our orders is still looked at."""
        moves = (self.sensors.speed_kmh or 0.0) > STANDING_KMH
        is_theirs = self.session.phase in ON_BELT or (self.session.phase is Phase.PAUSED and moves)
        if not is_theirs or self.watch.waits_for_stop:
            self._free_base = None
            self.watch.expect_nothing()
            return
        self.incline.watch_uncommanded()
        ceiling = min(bound.ceiling for bound in self._ordering.fixed_speed_bounds())
        if self._free_base is None and self.sensors.speed_kmh is not None:
            self._free_base = round(self.sensors.speed_kmh * 100)
        # Without orders it should stay where it was, or go where the console says; and inside every bound.
        below = min(max(ceiling, self.speed_grid.low), self._free_base or ceiling)
        self.watch.expect_free(now_s, max(below, self._person_drives_below or 0))

    def _stop_ignored(self, alarm: Alarm, now_s: float) -> None:
        if not self.stopping.alarmed:
            self._event("alarm", Level.ALARM, f"{alarm.text}. PULL THE SAFETY KEY.")
        if self.stopping.is_due(now_s):
            self._stop("the belt has not stopped: again", again=True)
        self.stopping.alarmed = True

    def _check_incline(self, now_s: float) -> None:
        if (question := self.incline.question(now_s)) is not None:
            self._event("say", Level.WARNING, question)
        if not self.gate.is_open and self.session.phase not in ON_BELT:
            return
        alarm, left_alone = self.incline.check(now_s)
        if alarm is not None and self._person_drives_below is not None:
            self._say_once("tilted", Level.ALARM, f"{alarm.text}. Use the console, or the safety key.")
        elif alarm is not None:
            self._event("alarm", Level.ALARM, alarm.text)
            self._alarm(alarm.text)
        if left_alone is not None:
            self._event("say", Level.WARNING, left_alone)
        dpct = self.incline.orderable_dpct()
        if dpct is not None and self.gate.is_open and self.gate.ordered_incline_dpct is None:
            self.gate.adopt_incline(dpct, now_s)
            self.incline.released(now_s)

    def _mph_hint(self) -> str:
        ordered, reading = self.gate.ordered_speed_ckmh, self.sensors.speed_kmh
        if not ordered or reading is None or not self.gate.is_open:
            return ""
        return MPH_HINT if 1.45 <= reading * 100 / ordered <= 1.75 else ""

    def _consider(self, wish: Wish, now_s: float) -> None:
        if self._takeover is not None:
            return
        if self._started_s is not None:
            if now_s - self._started_s < SETTLE_AFTER_START_S:
                return
            self._begin_from_belt(now_s)
        if (loud := self._ordering.pulse_is_far_above) is not None:
            self._say_once("pulse far", Level.ALARM, loud)
        ordered = self.gate.ordered_speed_ckmh
        console = (
            [] if ordered is None else [b for b in (self._console.bound(now_s, ordered),) if b is not None]
        )
        if (cap := self.session.console_cap_kmh) is not None:
            console.append(Bound("console", ckmh_floor(cap), f"you set {self._words(ckmh_floor(cap))}"))
        is_inside = ordered is not None and ordered <= self._ordering.speed_ceiling_ckmh()
        if is_inside and self._console.is_deciding(now_s):
            # Even a slower order would undo a hand that has set less; only a ceiling goes before that.
            return
        ruling = self._ordering.rule_speed(wish, now_s, console)
        self.last_ruling = ruling
        if ruling.answer is Answer.MUST_STOP:
            self._alarm(ruling.reason)
            return
        if ruling.answer is Answer.REFUSED:
            self._say_once("refused", Level.WARNING, f"Not ordered: {ruling.reason}.")
        if ruling.order is not None:
            self.last_change = f"{self._words(ruling.order.value)}: {ruling.reason}"
            self._drive(ruling.order, wish.speed_kmh, self._source())
            return
        ruling = self._ordering.rule_incline(wish, now_s)
        if ruling.order is not None:
            self.last_change = f"{ruling.order.value / 10:g} %: {ruling.reason}"
            source = "the runner" if self.session.progress.incline_trim else "the plan"
            self._drive(ruling.order, wish.incline_percent, source)

    def _begin_from_belt(self, now_s: float) -> None:
        """After a start orders go on from the machine's own first speed, which is not always its slowest."""
        self._started_s = None
        reading, ordered = self.sensors.speed_kmh, self.gate.ordered_speed_ckmh
        if reading is None or ordered is None:
            return
        ckmh = round(reading * 100)
        if ckmh > STARTS_BELOW_CKMH + ckmh_floor(self._rules.watch_over_kmh):
            return
        if ckmh > ordered:
            self.gate.adopt_speed(min(ckmh, max(self._ordering.speed_ceiling_ckmh(), ordered)), now_s)
        self.watch.adopt(now_s, max(ckmh, ordered))

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

    def _say_once(self, key: str, level: Level, text: str, again_s: float = SAID_AGAIN_S) -> None:
        """Not again for a while, so that a noisy machine cannot fill the journal."""
        if self._now_s - self._said.get(key, -math.inf) >= again_s:
            self._said[key] = self._now_s
            self._event("say", level, text)

    def _note_once(self, key: str, text: str) -> None:
        """Into the journal, more often than it is said."""
        if self._now_s - self._said.get(f"note {key}", -math.inf) >= NOTED_AGAIN_S:
            self._said[f"note {key}"] = self._now_s
            self._event("doubt", Level.INFO, text)

    @property
    def ended(self) -> bool:
        """Whether the session is over, and the belt need not be looked at any longer."""
        return self.session.phase in ENDED and not self.stopping.is_watched(self._now_s)

    @property
    def asks(self) -> str | None:
        """What a person is asked: 'belt_stands', 'incline_is', or nothing."""
        if self.stopping.is_asked and self.watch.waits_for_stop:
            return IntentKind.BELT_STANDS.value
        return IntentKind.INCLINE_IS.value if self.incline.is_asked else None
