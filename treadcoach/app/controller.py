"""The controller: everything that decides, without a loop, a clock or a radio.

Fed in order with what happened (frames, intents, link changes, answers, ticks), each with
its time, it gives back what is to be done. The same inputs give the same orders, which is
what makes `sessions replay` possible.
"""

from collections.abc import Callable

from treadcoach.app.belt_alarms import BeltAlarms
from treadcoach.app.belt_parts import STARTS_BELOW_CKMH, make_parts
from treadcoach.app.console_desk import ConsoleDesk
from treadcoach.app.form_desk import FormDesk
from treadcoach.app.form_watch import FormWatch
from treadcoach.app.outputs import Drive, OrderOutcome, Output, SampleRow, Stop, TakeControl
from treadcoach.app.setup import Setup
from treadcoach.control.refusals import Refusals
from treadcoach.core.belt import MOVING_KMH, STANDING_KMH
from treadcoach.core.effects import Effect, Level, Say, ShutGate, StartBelt, StopBelt, Wish
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.phases import ENDED, ON_BELT, Phase
from treadcoach.core.units import ckmh_floor
from treadcoach.guard import hard_limits
from treadcoach.guard.gate import Answer, ClearedOrder, OrderKind, Ruling
from treadcoach.wire.octets import FrameError
from treadcoach.wire.training_status import decode_training_status

SAMPLE_EVERY_S = 1.0
PENDING_LIFE_S = 40.0
SETTLE_AFTER_START_S = 8.0
"""Some machines lose speeds that are written sooner after a start."""


class Controller:
    """One session on one machine."""

    def __init__(self, setup: Setup, before: "Controller | None" = None) -> None:
        """before: who went by another setup until now; what people said and set stays said and set."""
        self.setup = setup
        parts = self._parts = make_parts(setup)
        self.session, self.gate, self.watch = parts.session, parts.gate, parts.watch
        self.sensors, self.incline, self.stopping = parts.sensors, parts.incline, parts.stopping
        self.speed_grid = parts.grid
        self.last_ruling: Ruling | None = None
        self.last_change: str = ""
        self.was_released = False
        self._rules = setup.rules
        self._ordering, self._say = parts.ordering, parts.say
        self._alarms = BeltAlarms(parts, self._apply, lambda cause: self._stop(cause, again=True))
        self._console = ConsoleDesk(parts, self._alarms, self._apply, self._control_lost)
        self._form = FormDesk(
            setup.form, setup.runner.form_easing, self.session, self._event, self._apply, self._say.put
        )
        self._refusals = Refusals(setup.rules)
        self._pending: ClearedOrder | None = None
        self._pending_s = 0.0
        self._readback: ClearedOrder | None = None
        self._next_sample_s = 0.0
        self._started_s: float | None = None
        self._control_asked_again = False
        self._wish: Wish | None = None
        self._pulse_was_far = False
        if before is not None:
            self.incline.carry_on(before.incline)
            self._console.carry_on(before._console)

    @property
    def form(self) -> FormWatch | None:
        """The form watch; None without form rules, or after a fault of its own."""
        return self._form.watch

    def read_form[T](self, read: Callable[[FormWatch], T]) -> T | None:
        """Something of the form watch; None without one, or where that has just failed."""
        return self._form.read(read)

    @property
    def ended(self) -> bool:
        """Whether the session is over, and the belt need not be looked at any longer."""
        return self.session.phase in ENDED and not self.stopping.is_watched(self._say.now_s)

    @property
    def asks(self) -> str | None:
        """What a person is asked: 'belt_stands', 'incline_is', or nothing."""
        if self.stopping.is_asked and self.watch.waits_for_stop:
            return IntentKind.BELT_STANDS.value
        return IntentKind.INCLINE_IS.value if self.incline.is_asked else None

    # -- inputs --------------------------------------------------------------------

    def on_intent(self, now_s: float, intent: Intent) -> list[Output]:
        def act() -> None:
            self._event("intent", Level.INFO, f"{intent.kind} by {intent.source}")
            match intent.kind:
                case IntentKind.BELT_STANDS:
                    self._alarms.person_says_it_stands(now_s)
                case IntentKind.INCLINE_IS:
                    words = self.incline.answered(intent.amount)
                    is_steep = self.incline.too_steep_words() is not None
                    self._event("say", Level.WARNING if is_steep else Level.INFO, words)
                case IntentKind.START if (why := self._no_start_words()) is not None:
                    self._event("say", Level.WARNING, f"The belt is not released. {why}")
                case _:
                    if intent.kind in (IntentKind.STEEPER, IntentKind.FLATTER):
                        self._take_incline_back(now_s)
                    self._form.on_intent(now_s, intent)
                    self._apply(self.session.on_intent(intent, now_s, self.sensors.belt(now_s)))

        return self._run(now_s, act)

    def on_frame(self, now_s: float, device: str, characteristic: str, data: bytes) -> list[Output]:
        """A notification. device is 'treadmill' or a sensor's name; a bad frame changes nothing."""

        def act() -> None:
            try:
                if device == "treadmill" and characteristic == "2ADA":
                    pending = self._pending
                    is_speed = pending is not None and pending.kind is OrderKind.SPEED
                    value = pending.value if pending is not None and is_speed else None
                    self._console.on_status(now_s, data, order_under_way=value)
                elif device == "treadmill" and characteristic == "2AD3":
                    self.stopping.standing.on_training_status(decode_training_status(data).code)
                elif device == "treadmill":
                    self._on_treadmill(now_s, characteristic, data)
                elif not self.sensors.on_frame(now_s, device, characteristic, data):
                    belt = self.sensors.belt(now_s)
                    fresh = belt.fresh(self._rules.stale_hold_s)
                    speed = belt.speed_kmh if fresh else None
                    self._form.on_frame(now_s, device, characteristic, data, speed, belt.incline_percent)
            except FrameError as error:
                self._say.say_once("frame", Level.INFO, f"{device} sent a frame that says nothing: {error}")

        return self._run(now_s, act)

    def on_link(self, now_s: float, up: bool) -> list[Output]:
        """The link to the treadmill is there, or gone."""

        def act() -> None:
            self._pending = None
            self._alarms.link_changed(up=up)
            self._console.link_changed()
            self.watch.link_changed(now_s)
            self.sensors.link_changed()
            self.stopping.standing.link_changed(now_s)
            self.incline.link_changed(now_s, up=up)
            if up:
                self._event("link", Level.INFO, "treadmill link up")
                if self.session.phase in (Phase.LINK_LOST, Phase.STOPPING):
                    self._event("relief", Level.INFO, "the link is back")
                    self.stopping.alarmed = False  # what is still so is said again
                self._apply(self.session.on_link_up(now_s, self.sensors.belt(now_s)))
            else:
                if self.session.phase in ENDED and not (self.session.unconfirmed or self.stopping.is_by_word):
                    self.watch.belt_stands()  # it was seen to: that nobody hears of it any more is no alarm
                self._event("link", Level.WARNING, "treadmill link down")
                self._apply(self.session.on_link_down(now_s))

        return self._run(now_s, act)

    def on_sensor_link(self, now_s: float, name: str, up: bool) -> list[Output]:
        """A strap or pod came or went; the belt is not touched by it."""

        def act() -> None:
            self._event("link", Level.INFO, f"{name} {'connected' if up else 'lost'}")
            self._form.on_link(now_s, name, up)

        return self._run(now_s, act)

    def on_result(self, now_s: float, order_id: int, result: str) -> list[Output]:
        """The machine's answer to an order: 'success', or what it said instead."""

        def act() -> None:
            self._say.put(OrderOutcome(order_id, now_s, result=result))
            order = self._pending
            if order is None or order.id != order_id:
                return  # an answer to one that is void: the one under way still waits for its own
            self._pending = None
            if result != "success":
                self._event("order", Level.WARNING, f"{order.kind} was answered: {result}")
                if order.kind is OrderKind.START:
                    self._apply(self.session.on_start_failed(result, now_s))
                elif self._is_down(order) and self._refusals.refused(now_s, order.kind, result):
                    self._does_not_take(order.kind, now_s)
                return
            self._taken(order, now_s)

        return self._run(now_s, act)

    def _is_down(self, order: ClearedOrder) -> bool:
        is_speed = order.kind is OrderKind.SPEED
        before = self.gate.ordered_speed_ckmh if is_speed else self.gate.ordered_incline_dpct
        return before is not None and order.value < before

    def _does_not_take(self, kind: OrderKind, now_s: float) -> None:
        """The machine refuses every order down: a belt that is too fast or too steep by that is stopped."""
        self._refusals.forget()
        if kind is OrderKind.SPEED:
            self._alarms.alarm("the machine refuses to slow down")
        elif (self.incline.believed_dpct() or 0) > self._ordering.incline_ceiling_dpct():
            self._alarms.alarm("the machine refuses to go flatter, and the belt is too steep")
        else:
            self.incline.leave_alone()
            text = "The machine refuses to go flatter. treadcoach leaves the incline alone from now on."
            self._event("say", Level.WARNING, text)

    def on_stop_answered(self, now_s: float, result: str) -> list[Output]:
        """The machine's answer to a STOP, or why there is none."""

        def act() -> None:
            self._event("stop", Level.INFO, f"STOP was answered: {result}")
            self.stopping.standing.stop_answered(now_s, taken=result == "success")
            if result == "success" and self.gate.is_open and self.session.phase in ON_BELT:
                # One of before, which the person's start came after, has reached the belt all the same.
                self._apply(self.session.belt_was_stopped(now_s))

        return self._run(now_s, act)

    def on_control_lost(self, now_s: float, reason: str) -> list[Output]:
        """The machine took control away, or never gave it."""
        return self._run(now_s, lambda: self._control_lost(reason))

    def on_given_up(self, now_s: float) -> list[Output]:
        """Without a link for too long: the session is left with a belt that nobody has seen to stand."""
        return self._run(now_s, lambda: self._apply(self.session.leave_unconfirmed()))

    def on_fault(self, now_s: float, text: str) -> list[Output]:
        """A fault of ours (an exception, a broken journal): the belt is stopped."""
        return self._run(now_s, lambda: self._alarms.alarm(f"treadcoach has a fault ({text})"))

    def on_tick(self, now_s: float) -> list[Output]:
        return self._run(now_s, lambda: self._tick(now_s))

    # -- inside --------------------------------------------------------------------

    def _run(self, now_s: float, act: Callable[[], None]) -> list[Output]:
        self._say.begin(now_s)
        act()
        return self._say.out

    def _event(self, kind: str, level: Level, text: str) -> None:
        self._say.event(kind, level, text)

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
        self._console.shut()
        self._refusals.forget()
        self._pending = None

    def _stop(self, cause: str, *, again: bool = False) -> None:
        self._shut(cause)
        again = again or self.watch.waits_for_stop
        now_s = self._say.now_s
        self.watch.expect_stop(now_s)
        self.stopping.sent(now_s, again=again)
        self._say.put(Stop(cause, self.may_move(now_s)))

    def may_move(self, now_s: float) -> bool:
        """Whether the belt moves, or may: only then is control requested for a STOP's sake."""
        belt = self.sensors.belt(now_s)
        if belt.fresh(self._rules.stale_hold_s) and (belt.speed_kmh or 0.0) > STANDING_KMH:
            return True
        # What moved when it was last heard may still do so.
        return not self._alarms.seen_standing or (
            self.was_released and not self.stopping.standing.is_at_rest(now_s)
        )

    # -- a person releases the belt ----------------------------------------------------

    def _no_start_words(self) -> str | None:
        """Why no start is sent and no belt taken over now, apart from what the session says."""
        speed = self.sensors.speed_kmh or 0.0
        if speed >= MOVING_KMH and not self.sensors.judge.motion_is_borne_out:
            shown = self._parts.words(round(speed * 100))
            return f"The machine says {shown}, but its time and distance stand still. Switch it off and on."
        return self.incline.too_steep_words() or self._ordering.no_speed_words()

    def _start(self, person: str) -> None:
        now_s = self._say.now_s
        reading = self.sensors.belt(now_s).speed_kmh or 0.0  # fresh: a silent belt is not released
        moving = reading >= MOVING_KMH
        speed = ckmh_floor(reading) if moving else 0
        if speed > hard_limits.MAX_SPEED_CKMH:
            self._alarms.alarm(f"the belt reads {self._parts.words(speed)}")
            return
        self.gate.open_by(person, now_s, speed, self.incline.orderable_dpct())
        self.was_released = True
        self.session.start_taken = self._control_asked_again = False
        self._console.released(moving=moving)
        self.incline.released(now_s)
        self.stopping.released()
        self._alarms.released()
        self._wish = self._started_s = None
        self._event("gate", Level.INFO, f"gate opened by {person}")
        self._event("relief", Level.INFO, "a person has released the belt")
        self._say.put(TakeControl())
        if moving:
            self._console.take_over(now_s, speed)
            return
        self.watch.expect_nothing()
        ruling = self.gate.clear_start(now_s)
        if ruling.order is not None:
            # From here on, not from its answer: one that comes late must not leave a belt unwatched.
            self.stopping.standing.start_written(now_s)
            self.watch.expect_start(now_s, max(self.speed_grid.low, STARTS_BELOW_CKMH))
            self._drive(ruling.order, None, person)

    def _drive(self, order: ClearedOrder, wish: float | None, source: str) -> None:
        self._pending, self._pending_s = order, self._say.now_s
        self._say.put(Drive(order, wish, source))

    def _taken(self, order: ClearedOrder, now_s: float) -> None:
        """The machine took an order: only now is it the last one."""
        self.gate.took(order, now_s)
        self._refusals.taken(order.kind)
        if not self.gate.is_open:
            return
        match order.kind:
            case OrderKind.START:
                # Its answer may come late, with the belt moving already.
                self._started_s = now_s
                self.session.start_taken = True
            case OrderKind.SPEED:
                self._console.ordered(now_s, order.value)
                self._readback = order
                self.watch.expect_speed(now_s, order.value)
            case OrderKind.INCLINE:
                self.incline.taken(now_s, order.value)

    def _control_lost(self, reason: str) -> None:
        phase = self.session.phase
        if phase is Phase.STOPPING:
            self._event("gate", Level.INFO, f"{reason}; the belt is being stopped all the same")
            return
        if phase is Phase.ARMED and not self._control_asked_again:
            # Some machines revoke it around each start; for this person's start it is asked for once more.
            self._control_asked_again = True
            self._event("gate", Level.WARNING, f"{reason}: control is asked for again")
            self._say.put(TakeControl())
            return
        self._shut(reason)
        self._event("gate", Level.WARNING, f"gate shut: {reason}")
        if phase in ON_BELT and not self.session.hands_off:
            self.session.hands_off = True
            text = f"{reason}: treadcoach no longer commands the belt. Press start to take it back."
            self._event("say", Level.WARNING, text[0].upper() + text[1:])
        elif phase is Phase.ARMED:
            self._apply(self.session.on_control_lost_armed(reason, self._say.now_s))

    # -- what the machine says ---------------------------------------------------------

    def _on_treadmill(self, now_s: float, characteristic: str, data: bytes) -> None:
        believed = self.sensors.on_frame(now_s, "treadmill", characteristic, data)
        for key, text in self.sensors.reasons:
            self._say.doubt(f"reading {key}", f"Ignored a reading of the machine: {text}.")
        if believed:
            self._on_reading(now_s)
        elif characteristic == "2ACD" and (doubted_kmh := self.sensors.doubted_kmh) is not None:
            ckmh = round(doubted_kmh * 100)
            self.stopping.standing.on_doubted(doubted_kmh)
            if not self._console.explains(ckmh):
                self.watch.on_doubted(ckmh)
        self._console.on_incline(now_s)

    def _on_reading(self, now_s: float) -> None:
        speed = self.sensors.speed_kmh
        if speed is None:
            return
        ckmh = round(speed * 100)
        self.watch.on_reading(now_s, ckmh)
        self.stopping.standing.on_reading(now_s, speed)
        moves = self.session.phase in ENDED and speed >= MOVING_KMH and not self.stopping.is_by_word
        if moves or self.stopping.moves_after_word(speed, self.sensors.judge.covered_s):
            self.session.unconfirmed = True
            self._alarms.alarm("the belt moves again")
            return
        order = self._readback
        if order is not None and abs(ckmh - order.value) <= 10:
            self._say.put(OrderOutcome(order.id, now_s, readback=speed))
            self._readback = None
        if self._console.on_reading(now_s, ckmh):
            self._pending = None

    # -- on every tick -----------------------------------------------------------------

    def _tick(self, now_s: float) -> None:
        self._alarms.check_belt(now_s)
        belt = self.sensors.belt(now_s)
        armed = self.session.phase is Phase.ARMED
        self._form.tick(now_s)
        self._ordering.pass_time(now_s, belt, self.cadence_spm(now_s))
        moves = (self.sensors.speed_kmh or 0.0) >= MOVING_KMH
        is_on_belt = self.session.phase in ON_BELT or (
            moves and self.session.phase in (Phase.PAUSED, Phase.READY)
        )
        loud = self._ordering.pulse_is_far_above
        if loud is not None and is_on_belt:
            theirs = "" if self.gate.is_open else " Slow down at the console."
            self._say.say_once("pulse far", Level.ALARM, f"{loud}{theirs}")
            self._pulse_was_far = True
        elif self._pulse_was_far and loud is None:
            self._pulse_was_far = False
            self._event("relief", Level.INFO, "the pulse is no longer far above its ceiling")
        effects, wish = self.session.tick(now_s, belt, stands=self.stopping.stands(now_s))
        if armed and self.session.phase in ON_BELT and self._console.started_belt:
            # Its own start was refused, and control perhaps with it.
            self._say.put(TakeControl())
        self._apply(effects)
        if self.gate.is_open and self.session.phase in ON_BELT and self.watch.is_idle:
            # However it came to move: a belt that is commanded is watched.
            self._console.take_over(now_s, round((self.sensors.speed_kmh or 0.0) * 100))
        self._wish = wish
        self._alarms.check_incline(now_s)
        if self._pending is not None and now_s - self._pending_s > PENDING_LIFE_S:
            self._pending = None
        if wish is not None and self.session.phase in ON_BELT and self._pending is None:
            self._consider(wish, now_s)
        if now_s >= self._next_sample_s:
            self._next_sample_s = now_s + SAMPLE_EVERY_S - 1e-6
            self._say.put(self._sample(now_s))

    def _consider(self, wish: Wish, now_s: float) -> None:
        if self._console.is_taking_over:
            return
        if self._started_s is not None:
            settled_s = now_s - self._started_s - SETTLE_AFTER_START_S
            if settled_s < 0 or (self.sensors.doubted_kmh is not None and settled_s < SETTLE_AFTER_START_S):
                return  # where the newest reading is in doubt the next may be better
            self._begin_from_belt(now_s)
        self._console.forget_unfollowed(now_s)
        ordered = self.gate.ordered_speed_ckmh
        is_inside = ordered is not None and ordered <= self._ordering.speed_ceiling_ckmh()
        if not is_inside:
            self._console.go_on_from_claim(now_s)
            ordered = self.gate.ordered_speed_ckmh
        is_lower = ordered is not None and self._console.claims_below(ordered)
        if (is_inside or is_lower) and self._console.is_deciding(now_s):
            # Even a slower order would undo a hand that has set less; only a ceiling goes before that,
            # and only where the belt is not said to go lower.
            return
        ruling = self._ordering.rule_speed(wish, now_s, self._console.bounds(now_s, ordered))
        self.last_ruling = ruling
        if ruling.answer is Answer.MUST_STOP:
            self._alarms.alarm(ruling.reason)
            return
        if ruling.answer is Answer.REFUSED:
            self._say.say_once("refused", Level.WARNING, f"Not ordered: {ruling.reason}.")
        if ruling.order is not None:
            self.last_change = f"{self._parts.words(ruling.order.value)}: {ruling.reason}"
            is_plan = abs(self.session.progress.scale - 1) <= 0.01
            self._drive(ruling.order, wish.speed_kmh, "the plan" if is_plan else "the runner")
            return
        self._follow_incline(now_s)
        ruling = self._ordering.rule_incline(wish, now_s)
        if ruling.order is not None:
            self.last_change = f"{ruling.order.value / 10:g} %: {ruling.reason}"
            source = "the runner" if self.session.progress.incline_trim else "the plan"
            self._drive(ruling.order, wish.incline_percent, source)

    def _follow_incline(self, now_s: float) -> None:
        """Before an order of ours was taken the motor may be on its way, by a hand that nobody told of."""
        dpct, base = self.incline.orderable_dpct(), self.gate.ordered_incline_dpct
        if dpct is None or base is None or not self.gate.incline_is_claimed:
            return
        if abs(dpct - base) > 1:
            self.gate.adopt_incline(dpct, now_s)

    def _take_incline_back(self, now_s: float) -> None:
        """The runner asks for an incline that a hand had: orders go on from where the motor is now."""
        if not self.incline.is_theirs:
            return
        self.incline.given_back(now_s)
        dpct = self.incline.orderable_dpct()
        if dpct is not None and self.gate.is_open:
            self.gate.adopt_incline(dpct, now_s)

    def _begin_from_belt(self, now_s: float) -> None:
        """After a start orders go on from the machine's own first speed, which is not always its slowest."""
        self._started_s = None
        reading, ordered = self.sensors.speed_kmh, self.gate.ordered_speed_ckmh
        if reading is None or ordered is None or self.sensors.doubted_kmh is not None:
            return
        ckmh = round(reading * 100)
        if ckmh > STARTS_BELOW_CKMH + ckmh_floor(self._rules.watch_over_kmh):
            return
        if ckmh > ordered and not self.sensors.is_falling():
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
        by_form = self._form.cadence_spm(now_s)
        return by_form or self.sensors.cadence_spm(now_s)
