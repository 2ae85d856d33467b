"""What is said and done when the belt does not do what it should."""

from collections.abc import Callable

from treadcoach.app.belt_parts import BeltParts
from treadcoach.core.belt import MOVING_KMH, STANDING_KMH
from treadcoach.core.effects import Effect, Level
from treadcoach.core.phases import ON_BELT, Phase
from treadcoach.guard.watch import Alarm, AlarmKind

MPH_HINT = " It may take its targets in miles per hour: then start with --mph-machine."
IN_MILES = (
    "the belt covers 1.6 times what its speed comes to, so its speeds are miles per hour."
    " treadcoach cannot lead this machine"
)
LATE_STARTS = frozenset({Phase.READY, Phase.PAUSED, Phase.STRETCH_BREAK})
RESTS = frozenset({Phase.PAUSED, Phase.STRETCH_BREAK})
THEIRS = " Use the console, or the safety key."


class BeltAlarms:
    """Looks at one session's belt on every tick. Speeds in 0.01 km/h, times the one clock's seconds."""

    def __init__(
        self, parts: BeltParts, apply: Callable[[list[Effect]], None], stop_again: Callable[[str], None]
    ) -> None:
        """apply: carry out what the session says; stop_again: STOP once more."""
        self._belt = parts
        self._apply = apply
        self._stop_again = stop_again
        self._driven_below: int | None = None
        """The runner has taken the belt over at the console, and set it to this."""
        self._left_at: int | None = None
        """How fast a belt ran when nobody commanded it any more, or was set at the console since."""
        self._stood = True
        """Whether the belt was seen to stand since it was last released or moved."""
        self._was_released = False
        self._is_away = True
        """Whether there is no link."""

    # -- what happens ------------------------------------------------------------------

    def released(self) -> None:
        """A person released the belt to the coach."""
        self._driven_below = self._left_at = None
        self._stood, self._was_released = False, True

    def link_changed(self, *, up: bool) -> None:
        self._is_away = not up

    def taken_over(self, ckmh: int) -> None:
        """The runner drives it at the console, above the ceiling."""
        self._driven_below = ckmh

    def console_set(self, ckmh: int) -> None:
        """A status says that a speed was set at the console."""
        if self._left_at is not None:
            self._left_at = max(self._left_at, ckmh)
        if self._driven_below is not None:
            self._driven_below = max(self._driven_below, ckmh)

    def person_says_it_stands(self, now_s: float) -> None:
        """The word of a person, where it was asked for."""
        belt = self._belt
        # A question that was asked on a link that is gone is still open, unless the belt plainly runs.
        is_open = belt.stopping.is_asked and belt.watch.waits_for_stop and not self._plainly_runs(now_s)
        if not is_open and self._unsure(now_s) is None:
            shown = belt.sensors.speed_kmh
            if shown is None:
                away = "there is no link" if self._is_away else "the machine says nothing"
                text = (
                    f"Not yet: {away}, so treadcoach cannot see the belt. If it moves, pull the safety key."
                )
                belt.say.event("say", Level.WARNING, text)
            elif shown > STANDING_KMH:
                said = belt.words(round(shown * 100))
                text = f"Not taken: the treadmill says {said}. If it moves, pull the safety key."
                belt.say.event("say", Level.WARNING, text)
            else:
                belt.say.event("say", Level.INFO, "No need: treadcoach sees for itself that the belt stands.")
            return
        belt.stopping.person_says_it_stands(now_s)
        belt.stopping.standing.stop_done()
        belt.watch.belt_stands()
        belt.say.event("relief", Level.INFO, "a person says that the belt stands")
        belt.say.event("say", Level.INFO, "Noted: the belt has stopped. It is watched a little longer.")

    def alarm(self, text: str) -> None:
        """Stop, latch, and say it loudly."""
        self._apply(self._belt.session.on_alarm(text, self._belt.say.now_s))

    # -- on every tick -----------------------------------------------------------------

    def check_belt(self, now_s: float) -> None:
        """Before the session's own tick: what the watch says, and whether the belt stands."""
        self._check_watch(now_s)
        self._check_stands(now_s)

    def _check_stands(self, now_s: float) -> None:
        """The end of a STOP, a belt that came to rest by itself, and the question where nothing is seen."""
        belt = self._belt
        speed_kmh = belt.sensors.speed_kmh or 0.0
        if speed_kmh > STANDING_KMH:
            self._stood = False
        if speed_kmh >= MOVING_KMH and belt.session.started_in_vain and belt.session.phase in LATE_STARTS:
            belt.session.started_in_vain = False
            self.alarm("the belt has started late, by itself")
            return
        if belt.stopping.stands(now_s):
            self._stood = True
            if belt.watch.waits_for_stop:
                belt.watch.belt_stands()
                belt.stopping.standing.stop_done()
                belt.stopping.stood(now_s)
                belt.say.event("relief", Level.INFO, "the belt stands")
            if belt.session.phase in ON_BELT:
                self._apply(belt.session.belt_fell_to_zero(now_s))
            return
        may_start = belt.watch.waits_for_stop and belt.stopping.standing.start_is_out(now_s)
        if may_start and belt.stopping.is_due(now_s):
            # In a countdown STOP may be taken and forgotten: it comes again until no start can be left.
            self._stop_again("a start may still be under way: again")
        question = belt.stopping.question(self._unsure(now_s)) if belt.watch.waits_for_stop else None
        if question is not None:
            belt.say.event("say", Level.ALARM, question)

    @property
    def seen_standing(self) -> bool:
        """Whether the belt was seen to stand since it last moved, or has not been seen to move at all."""
        return self._stood

    def _unsure(self, now_s: float) -> str | None:
        if self._plainly_runs(now_s):
            return None  # nobody's word is taken against that
        judge = self._belt.sensors.judge
        return self._belt.stopping.unsure(now_s, frozen=judge.frozen, counters_stand=judge.counters_stand)

    def _plainly_runs(self, now_s: float) -> bool:
        sensors = self._belt.sensors
        return sensors.judge.counts_on(now_s) and (sensors.speed_kmh or 0.0) > STANDING_KMH

    def _check_watch(self, now_s: float) -> None:
        belt = self._belt
        if not belt.gate.is_open:
            self._watch_uncommanded(now_s)
        if belt.sensors.judge.counts_miles and belt.session.phase in ON_BELT:
            self.alarm(IN_MILES)
            return
        alarm = belt.watch.check(now_s)
        if alarm is None:
            return
        if alarm.kind is AlarmKind.STOP_IGNORED:
            self._stop_ignored(alarm, now_s)
        elif belt.session.phase is Phase.ARMED and alarm.kind is AlarmKind.NO_MOVEMENT:
            belt.watch.expect_nothing()
            self._apply(belt.session.on_start_failed("it does not move", now_s))
        elif self._driven_below is not None:
            belt.say.say_once("driven", Level.ALARM, f"{alarm.text}.{THEIRS}")
        else:
            hint = self._mph_hint(alarm.kind)
            belt.say.event("alarm", Level.ALARM, f"{alarm.text}.{hint}" if hint else alarm.text)
            self.alarm(alarm.text)

    def _watch_uncommanded(self, now_s: float) -> None:
        """A belt that runs without our orders is still looked at."""
        belt = self._belt
        speed_kmh, phase = belt.sensors.speed_kmh, belt.session.phase
        # Nothing heard on a new link says nothing of a belt that was not seen to stand before, and what a
        # silent machine said last is nothing against a person's word.
        moves = speed_kmh > STANDING_KMH if speed_kmh is not None else not self._stood
        moves = moves and not belt.stopping.is_by_word
        rests = phase in RESTS or (phase is Phase.READY and self._was_released)
        is_watched = phase in ON_BELT or (rests and moves)
        if not is_watched or belt.watch.waits_for_stop:
            self._left_at = None
            belt.watch.expect_nothing()
            return
        belt.incline.watch_uncommanded()
        ceiling = max(min(b.ceiling for b in belt.ordering.fixed_speed_bounds()), belt.grid.low)
        if self._left_at is None and speed_kmh is not None:
            self._left_at = round(speed_kmh * 100)
        # It should stay where it was, or go where the console says; and be inside every bound.
        below = min(ceiling, self._left_at or ceiling)
        belt.watch.expect_free(now_s, max(below, self._driven_below or 0))

    def _stop_ignored(self, alarm: Alarm, now_s: float) -> None:
        belt = self._belt
        if not belt.stopping.alarmed:
            text = "STOP has not reached the treadmill: there is no link" if self._is_away else alarm.text
            belt.say.event("alarm", Level.ALARM, f"{text}. PULL THE SAFETY KEY.")
        if belt.stopping.is_due(now_s):
            self._stop_again("the belt has not stopped, so STOP is sent again")
        belt.stopping.alarmed = True

    def check_incline(self, now_s: float) -> None:
        """After the session's own tick: the incline's watch, and the question where it is not known."""
        belt = self._belt
        if (question := belt.incline.question(now_s)) is not None:
            belt.say.event("say", Level.WARNING, question)
        if not belt.gate.is_open and belt.session.phase not in ON_BELT:
            return
        alarm, left_alone = belt.incline.check(now_s)
        if alarm is not None and self._driven_below is not None:
            belt.say.say_once("tilted", Level.ALARM, f"{alarm.text}.{THEIRS}")
        elif alarm is not None:
            belt.say.event("alarm", Level.ALARM, alarm.text)
            self.alarm(alarm.text)
        if left_alone is not None:
            belt.say.event("say", Level.WARNING, left_alone)
        steep = (belt.incline.believed_dpct() or 0) > belt.ordering.incline_ceiling_dpct()
        if belt.incline.is_left and steep and belt.gate.is_open:
            self.alarm("the incline cannot be lowered, and the belt is too steep")
        dpct = belt.incline.orderable_dpct()
        if dpct is not None and belt.gate.is_open and belt.gate.ordered_incline_dpct is None:
            belt.gate.adopt_incline(dpct, now_s)
            belt.incline.released(now_s)

    def _mph_hint(self, kind: AlarmKind) -> str:
        ordered, reading = self._belt.gate.ordered_speed_ckmh, self._belt.sensors.speed_kmh
        if kind not in (AlarmKind.OUT_OF_BOUNDS, AlarmKind.WRONG_DIRECTION):
            return ""
        if not ordered or reading is None or not self._belt.gate.is_open:
            return ""
        return MPH_HINT if 1.45 <= reading * 100 / ordered <= 1.75 else ""
