"""The session: phases, progress through the timeline, and what is wished of the belt.

Pure: it is told of intents, link and belt, and answers with effects and a wish.
"""

import math
from dataclasses import replace

from treadcoach.core.advice import SEE_PHYSICIAN, rest_words
from treadcoach.core.belt import MOVING_KMH, STANDING_KMH, BeltView
from treadcoach.core.effects import Effect, Level, Say, ShutGate, StartBelt, StopBelt, Wish
from treadcoach.core.guidance import BeltRules
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.phases import ENDED, ON_BELT, Phase, Trigger, next_phase
from treadcoach.core.progress import Progress
from treadcoach.core.ramp_lag import RampLag
from treadcoach.core.sustained import SustainedLedger
from treadcoach.core.timeline import Timeline
from treadcoach.core.units import SpeedUnit, format_duration, format_speed

LONGEST_PAUSE_S = 20 * 60.0
RELINK_PATIENCE_S = 30.0
LINK_SAID_AGAIN_S = 60.0
CONSOLE_PATIENCE_S = 60.0
BRAKING_S = 30.0
"""A belt that was stopped is not taken over while it brakes; a belt from 15 km/h needs this long."""


class Session:
    """One session on one belt. Times are the one clock's seconds."""

    def __init__(
        self,
        timeline: Timeline,
        rules: BeltRules,
        ledger: SustainedLedger,
        ramp: RampLag,
        unit: SpeedUnit = SpeedUnit.KMH,
        *,
        max_speed_kmh: float = math.inf,
        max_incline_percent: float = math.inf,
    ) -> None:
        """max_speed_kmh, max_incline_percent: the person's own; a wish past them is not stored up."""
        self._max_speed_kmh = max_speed_kmh
        self._max_percent = max_incline_percent
        self.timeline = timeline
        self.progress = Progress(timeline, rules, ramp)
        self.phase = Phase.CONNECTING
        self.hands_off = False
        self.closing_advice: str | None = None
        self.felt: IntentKind | None = None
        """Feeling unwell or not right, as the runner said; the days after know of it."""
        self.ramp = ramp
        self._rules = rules
        self._ledger = ledger
        self._unit = unit
        self._resume_to = Phase.WARM_UP
        self._fall_back = Phase.READY
        self._since_s = 0.0
        self._last_s: float | None = None
        self._last_m = 0.0
        self._finishing = False
        self._stand_phase: Phase | None = None
        self._stop_cause = ""
        self._console_hint_given = False
        self._stopping_until_s = 0.0
        self._wished_kmh: float | None = None
        self.console_cap_kmh: float | None = None
        """A slower speed that was set at the console: kept until the runner says otherwise."""
        self.console_cap_percent: float | None = None
        """A flatter belt that was set at the console: kept likewise."""
        self.owed_stop: str | None = None
        """A STOP that was asked for and whose belt has not been seen to stand; its cause."""
        self.start_taken = False
        """The machine answered that it took our start."""
        self.started_in_vain = False
        """A START of ours came to nothing that could be seen: a belt that moves now moves by it."""
        self.unconfirmed = False
        """The session ended without the belt having been seen to stand."""
        self._stopping_since_s: float | None = None
        self._counted: tuple[float, float] | None = None
        self._was_carrying = False
        self._link_said_s = 0.0
        self._ready_moves = False
        self._unled_s = 0.0
        """For how long the belt has been seen to move in a pause, over all links; nobody took it back."""

    @property
    def stop_cause(self) -> str:
        return self._stop_cause

    @property
    def start_was_refused(self) -> bool:
        """Whether the person was told to press Start at the console."""
        return self.phase is Phase.ARMED and self._console_hint_given

    def left_s(self) -> float:
        """Time to the end of the session, about."""
        return 0.0 if self.phase in ENDED else self.progress.left_s()

    # -- what people want --------------------------------------------------------

    def on_intent(self, intent: Intent, now_s: float, belt: BeltView) -> list[Effect]:
        """A person's wish. STOP and feeling unwell act in every phase."""
        amount = abs(intent.amount) if math.isfinite(intent.amount) else 0.0
        match intent.kind:
            case IntentKind.STOP:
                return self.stop(f"stop by {intent.source}", now_s)
            case IntentKind.UNWELL:
                self.closing_advice, self.felt = SEE_PHYSICIAN, intent.kind
                return [*self.stop("feeling unwell", now_s), Say(SEE_PHYSICIAN, Level.ALARM)]
            case IntentKind.NOT_RIGHT:
                words = self.closing_advice = rest_words(self._rules)
                self.felt = self.felt or intent.kind
                return [*self.stop("the body does not feel right", now_s), Say(words, Level.WARNING)]
            case IntentKind.PAUSE:
                return self._pause(f"pause by {intent.source}", now_s)
            case IntentKind.START:
                return self._start(intent.source, now_s, belt)
            case IntentKind.SKIP:
                return self._skip(now_s)
            case IntentKind.END_EARLY:
                return self._end_early(now_s)
            case IntentKind.ACCEPT | IntentKind.DECLINE | IntentKind.CALIBRATE:
                return []  # about form: the controller's form watch answers, and calls `ease` if need be
            case IntentKind.BELT_STANDS | IntentKind.INCLINE_IS:
                return []  # the controller knows whether it asked
            case IntentKind.FASTER | IntentKind.SLOWER:
                sign = 1 if intent.kind is IntentKind.FASTER else -1
                return self._change_speed(sign * (amount or 0.2))
            case IntentKind.STEEPER | IntentKind.FLATTER:
                sign = 1 if intent.kind is IntentKind.STEEPER else -1
                return self._change_incline(sign * (amount or 0.5))

    def stop(self, cause: str, now_s: float) -> list[Effect]:
        """From every phase, ahead of the table: STOP goes out, the session is latched.

        One that has ended stays as it ended: STOP goes out to a belt that was seen to stand.
        """
        if self.phase in ENDED:
            self.owed_stop = cause
            return [StopBelt(cause), Say("The session is over. STOP is sent again all the same.")]
        self.owed_stop = cause
        if self.phase is not Phase.STOPPING:
            self._stand_phase = Phase.STOPPED
            self._stop_cause = cause
            self._since_s = self._stopping_since_s = now_s
        elif self._finishing:
            self._stand_phase = Phase.STOPPED
            self._stop_cause = cause
        self._finishing = False
        self.phase = Phase.STOPPING
        return [StopBelt(cause), Say(f"Stopping the belt: {cause}.", Level.WARNING)]

    def _start(self, person: str, now_s: float, belt: BeltView) -> list[Effect]:
        if not belt.fresh(self._rules.stale_hold_s):
            return [Say("The belt does not report yet; it is not released. Try again in a moment.")]
        if self.phase in ON_BELT and self.hands_off:
            self.hands_off = False
            self.progress.scale = 1.0
            self.console_cap_kmh = self.console_cap_percent = None
            return [StartBelt(person), Say("Speed and incline are coached again.")]
        if self.phase in ON_BELT and self.console_cap_kmh is not None:
            self.console_cap_kmh = None
            self.progress.scale = 1.0
            return [Say("The plan's own speed again, along the ramp.")]
        if now_s < self._stopping_until_s and (belt.speed_kmh or 0.0) > STANDING_KMH:
            return [Say("The belt is still stopping. Press start when it stands.")]
        if self.phase not in (Phase.READY, Phase.PAUSED, Phase.STRETCH_BREAK):
            return [Say(f"Start does nothing in the phase: {self.phase.words}.")]
        self._fall_back = self.phase
        self._unled_s = 0.0
        self._step_to(Trigger.PERSON_STARTS, now_s)
        self._console_hint_given = False
        self.hands_off = False
        self.owed_stop = None
        self.console_cap_kmh = self.console_cap_percent = None
        self.started_in_vain = False
        if (belt.speed_kmh or 0.0) >= MOVING_KMH:
            return [StartBelt(person), Say("Released. treadcoach takes over once the belt runs steadily.")]
        return [
            StartBelt(person),
            Say("Released. The belt will start; stand on the side rails until it moves."),
        ]

    def _pause(self, cause: str, now_s: float) -> list[Effect]:
        if self.phase in (Phase.LINK_LOST, Phase.CONNECTING):
            self.owed_stop = cause
            return [Say("The link is away: the belt is stopped as soon as it is back.", Level.WARNING)]
        if self.phase not in ON_BELT and self.phase is not Phase.ARMED:
            if self.phase in (Phase.STRETCH_BREAK, Phase.PAUSED, Phase.READY):
                self.owed_stop = cause
                return [StopBelt(cause)]
            return []
        self._to_pause(cause, now_s)
        return [StopBelt(cause), Say("Paused. The belt stops; press start to go on.")]

    def _to_pause(self, cause: str, now_s: float) -> None:
        if self.phase in ON_BELT:
            self._resume_to = self.phase
        self._step_to(Trigger.PAUSE, now_s)
        self._stopping_until_s = now_s + BRAKING_S
        self.owed_stop = cause
        self.ramp.forget_current()

    def belt_fell_to_zero(self, now_s: float) -> list[Effect]:
        """The belt came to rest and nobody asked for it: a pause, that a person can end."""
        return self._paused_by("the belt stopped by itself", "The belt has stopped by itself", now_s)

    def belt_was_stopped(self, now_s: float) -> list[Effect]:
        """A STOP from before the person's start has reached the belt after it."""
        return self._paused_by("an earlier STOP came late", "An earlier STOP has stopped the belt", now_s)

    def _paused_by(self, cause: str, words: str, now_s: float) -> list[Effect]:
        if self.phase not in ON_BELT:
            return []
        self._to_pause(cause, now_s)
        text = f"{words}: paused. Press start to go on, or stop to end."
        return [ShutGate(cause), StopBelt(cause), Say(text, Level.WARNING)]

    def _skip(self, now_s: float) -> list[Effect]:
        if self.phase not in (Phase.WARM_UP, Phase.MAIN):
            return [Say("There is nothing to skip here; the cool-down is kept.")]
        step = self.progress.step
        if step is not None and step.phase is Phase.WARM_UP:
            short = self._rules.warm_up_min_s - self.progress.belt_time_s
            if short > 0:
                return [Say(f"The warm-up is kept: {format_duration(short)} of walking to go.")]
        return [Say("Skipped."), *self._advance(now_s)]

    def _end_early(self, now_s: float) -> list[Effect]:
        if self.phase not in (Phase.WARM_UP, Phase.MAIN):
            return [
                Say("The session is ending already." if self.phase is Phase.COOL_DOWN else "Nothing to end.")
            ]
        return [Say("Ending early, with the cool-down."), *self._begin_cool_down(now_s)]

    # -- easing for form -----------------------------------------------------------

    @property
    def can_be_eased(self) -> bool:
        """In the main set and coached: only then is there something to make easier."""
        return self.phase is Phase.MAIN and not self.hands_off

    def ease(self, speed_percent: float, incline_percent: float, reason: str) -> list[Effect]:
        """One step slower, or flatter where the belt is steep. A wish like any other: the guard bounds it."""
        if not self.can_be_eased:
            return []
        flatter = self.progress.ease(speed_percent, incline_percent, reason)
        what = "flatter" if flatter else "a little slower"
        return [Say(f"The belt goes {what}: {reason}. The plan resumes when your form is back.", Level.CUE)]

    def end_easing(self) -> list[Effect]:
        """Form is back: the plan's own speed and incline again, along the ramp."""
        if not self.progress.easing.active:
            return []
        self.progress.easing.clear()
        return [Say("Your form is back: the plan resumes.", Level.CUE)] if self.can_be_eased else []

    def end_hard_part(self, reason: str, now_s: float) -> list[Effect]:
        """Leave the hard part early: to the next easier step, or into the cool-down."""
        if not self.can_be_eased:
            return []
        self.progress.easing.clear()
        says: list[Effect] = [Say(f"The hard part ends here: {reason}.", Level.CUE)]
        if self.progress.skip_to_easier():
            shown = format_speed(self.progress.target_kmh(), self._unit)
            return [*says, Say(f"Next: {shown}.", Level.CUE)]
        return [*says, *self._begin_cool_down(now_s)]

    def _change_speed(self, by_kmh: float) -> list[Effect]:
        if self.phase not in ON_BELT or self.hands_off:
            return [Say("The speed can be changed while the belt is coached.")]
        if self.phase is Phase.COOL_DOWN and by_kmh > 0 and self.progress.scale >= 1.0:
            return [Say("The cool-down does not go faster.")]
        cap = self.console_cap_kmh
        if cap is not None and by_kmh > 0 and cap < self.progress.target_kmh():
            # The runner says otherwise, by this much: the plan's own speed is a start away.
            self.console_cap_kmh = cap + by_kmh
            shown = format_speed(min(self.console_cap_kmh, self.progress.target_kmh()), self._unit)
            return [Say(f"Your change: up to {shown}. Press start for the plan's own speed.")]
        if cap is not None and by_kmh < 0:
            self.console_cap_kmh = cap = max(min(cap, self.progress.target_kmh()) + by_kmh, 0.5)
        target = self.progress.target_kmh()
        week = self._ledger.ceiling_kmh(60)
        limit = min(week, self._max_speed_kmh)
        start = target
        if by_kmh < 0:
            # From what is wished of the belt now: a ceiling may hold it below what the step asks for.
            start = min(target, self._max_speed_kmh, self._wished_kmh or target)
        wanted = max(min(start + by_kmh, max(limit, start)), 0.5)
        if wanted == target:
            what = "this week's ceiling" if limit == week else "your own maximum"
            return [Say(f"{format_speed(limit, self._unit)} is {what}.")]
        self.progress.scale *= wanted / target
        shown = format_speed(self.progress.target_kmh(), self._unit)
        return [Say(f"Your change: {shown}; later steps change with it.")]

    def _change_incline(self, by_percent: float) -> list[Effect]:
        if self.phase not in ON_BELT or self.hands_off:
            return [Say("The incline can be changed while the belt is coached.")]
        self.console_cap_percent = None
        most = max(self._max_percent, 0.0)
        now_percent = min(self.progress.incline_percent(), most)
        wanted = min(now_percent + by_percent, max(most, now_percent))
        self.progress.incline_trim += wanted - self.progress.incline_percent()
        shown = self.progress.incline_percent()
        flat = (
            " A very flat belt is hard on feet, legs and knees."
            if shown < self._rules.flat_below_percent
            else ""
        )
        return [Say(f"Your change: incline {shown:g} %.{flat}")]

    # -- what the link and the machine report --------------------------------------

    def on_link_up(self, now_s: float, belt: BeltView) -> list[Effect]:
        if self.phase is Phase.CONNECTING:
            self._step_to(Trigger.LINK_UP, now_s)
            if self.owed_stop is not None:
                return [
                    StopBelt(self.owed_stop),
                    Say("The link is back: the belt is told to stop again."),
                ]
            return [Say("Connected. Press start when you stand on the side rails, safety key clipped on.")]
        if self.phase is Phase.LINK_LOST:
            self._step_to(Trigger.LINK_UP, now_s)
            self._stopping_until_s = 0.0
            if self.owed_stop is not None:
                self._stopping_until_s = now_s + BRAKING_S
                return [
                    ShutGate("a stop was asked for before the link was lost or while it was away"),
                    StopBelt(self.owed_stop),
                    Say("The link is back, and the belt is stopped as you asked.", Level.WARNING),
                ]
            return [
                ShutGate("the link was lost; a person has to release the belt again"),
                Say(
                    "The link is back. Press start to hand the belt back to the coach, or stop.",
                    Level.WARNING,
                ),
            ]
        if self.phase is Phase.STOPPING:
            return [StopBelt(self._stop_cause)]
        if self.phase in ENDED and self.owed_stop is not None:
            return [StopBelt(self.owed_stop)]
        return []

    def on_link_down(self, now_s: float) -> list[Effect]:
        self._last_s = None
        self.ramp.forget_current()
        lost: list[Effect] = [ShutGate("the link to the treadmill is lost")]
        if self.phase in ON_BELT:
            self._resume_to = self.phase
        if self.phase in (Phase.CONNECTING, *ENDED):
            return lost
        if self.phase is Phase.STOPPING:
            warning = "The link is lost before the belt was seen to stand. Pull the safety key."
            return [*lost, Say(warning, Level.ALARM)]
        if self.phase is not Phase.LINK_LOST:
            carrying = self.phase not in (Phase.READY, Phase.STRETCH_BREAK)
            self._was_carrying, self._link_said_s = carrying, now_s
            self._step_to(Trigger.LINK_DOWN, now_s)
            if carrying:
                text = (
                    "The link to the treadmill is lost: treadcoach cannot stop the belt."
                    " Use the console or pull the safety key. Reconnecting."
                )
                return [*lost, Say(text, Level.ALARM)]
        return lost

    def on_start_failed(self, reason: str, now_s: float) -> list[Effect]:
        """The machine refused or ignored the start."""
        if self.phase is not Phase.ARMED:
            return []
        if self.start_taken and not self._console_hint_given:
            # It said that it starts, and no movement is seen: a belt that hides its movement is stopped.
            text = (
                f"The machine took the start, but {reason}: it is told to stop again."
                " If the belt moves, use its console or pull the safety key. Press start to try again."
            )
            return self._give_up_start(now_s, text)
        self._console_hint_given = True
        self._since_s = now_s
        return [
            Say(
                f"The machine did not start by itself ({reason}). Press Start on its console;"
                " treadcoach takes over when the belt moves.",
                Level.WARNING,
            )
        ]

    def on_control_lost_armed(self, reason: str, now_s: float) -> list[Effect]:
        """The machine does not let us in while it was to start: whatever it does now is stopped."""
        if self.phase is not Phase.ARMED:
            return []
        return self._give_up_start(now_s, f"The belt is stopped: {reason}. Press start to try again.")

    def on_console_stop(self, param: str | None, now_s: float) -> list[Effect]:
        """Stop or pause pressed on the machine.

        Some machines report their Start key this way, so where that key is waited for it is no stop.
        """
        if self.phase is Phase.ARMED and not self._console_hint_given:
            self._step_to(Trigger.START_FAILED, now_s, self._fall_back)
            self.owed_stop = "stopped at the console"
            return [
                ShutGate("stopped at the console"),
                StopBelt("stopped at the console"),
                Say("Stopped at the console before the belt moved.", Level.WARNING),
            ]
        if self.phase in ON_BELT:
            self._to_pause("stopped at the console", now_s)
            return [
                ShutGate("stopped at the console"),
                StopBelt("stopped at the console"),
                Say("Stopped at the console. Press start to go on, or stop to end.", Level.WARNING),
            ]
        self._stopping_until_s = now_s + BRAKING_S
        return []

    def on_console_start(self) -> None:
        """Start pressed on the machine: the belt moves because the runner wants it to."""
        self.started_in_vain = False
        self._stopping_until_s = 0.0

    def on_safety_key(self, now_s: float) -> list[Effect]:
        return self.stop("the safety key was pulled", now_s)

    def on_hand(self, speed_kmh: float, ceiling_kmh: float, now_s: float, *, is_slower: bool) -> list[Effect]:
        """The runner changed the speed at the console: slower is kept, too fast is let go.

        is_slower: than the belt was ordered, which on a ramp is not what the step asks for.
        """
        if self.phase not in ON_BELT:
            return []
        self.ramp.forget_current()
        shown = format_speed(speed_kmh, self._unit)
        if speed_kmh > ceiling_kmh + 0.05:
            self.hands_off = True
            limit = format_speed(ceiling_kmh, self._unit)
            return [
                ShutGate("the runner drives at the console, above the ceiling"),
                Say(
                    f"You set {shown} at the console, above the ceiling of {limit}. treadcoach does not"
                    " fight you and no longer commands the belt. Press start to hand it back.",
                    Level.WARNING,
                ),
            ]
        target = self.progress.target_kmh()
        slower = is_slower or speed_kmh < target - 0.01
        scale = max(speed_kmh / (target / self.progress.scale), 0.05)
        self.progress.scale = min(scale, self.progress.scale) if is_slower else scale
        self.console_cap_kmh = speed_kmh if slower else None
        if slower:
            return [Say(f"You set {shown} at the console: nothing faster until you ask for it.")]
        return [Say(f"You set {shown} at the console; later steps change with it.")]

    def on_incline_hand(self, percent: float, *, is_flatter: bool) -> list[Effect]:
        """The runner changed the incline at the console: it is kept, flatter also in later steps."""
        if self.phase not in ON_BELT and self.phase is not Phase.ARMED:
            return []
        self.console_cap_percent = percent if is_flatter else None
        self.progress.incline_trim += percent - self.progress.incline_percent()
        return [Say(f"You set {percent:g} % at the console; it is kept.")]

    def on_alarm(self, text: str, now_s: float) -> list[Effect]:
        """The watch, or a fault of ours: stop, latch, say it loudly."""
        if self.phase in ENDED:
            self.phase = Phase.STOPPING  # it moves again: how it ended is not how it ends
            self._stand_phase, self._stop_cause, self.owed_stop = Phase.STOPPED, text, text
            self._since_s = self._stopping_since_s = now_s
        return [
            Say(f"{text}. Pull the safety key if the belt does not stop.", Level.ALARM),
            *self.stop(text, now_s),
        ]

    # -- time --------------------------------------------------------------------

    def tick(self, now_s: float, belt: BeltView, *, stands: bool) -> tuple[list[Effect], Wish | None]:
        """Advance to now. stands: the belt was seen to stand, or a person said so.

        The wish is None when nothing is to be commanded.
        """
        elapsed, moved = self._elapsed(now_s, belt)
        effects: list[Effect] = []
        fresh = belt.fresh(self._rules.stale_hold_s)
        speed = belt.speed_kmh if fresh and belt.speed_kmh is not None else None
        if speed is not None:
            self._count(now_s, speed)
        if stands:
            self._stopping_until_s = 0.0
            self.owed_stop = None
        match self.phase:
            case Phase.READY:
                effects += self._tick_ready(speed)
            case Phase.ARMED:
                effects += self._tick_armed(now_s, speed)
            case Phase.WARM_UP | Phase.MAIN | Phase.COOL_DOWN:
                if speed is not None and speed > STANDING_KMH:
                    self.progress.add(elapsed, moved)
                    self.ramp.on_reading(now_s, speed)
                effects += self._tick_on_belt(now_s)
            case Phase.PAUSED | Phase.STRETCH_BREAK:
                effects += self._tick_paused(now_s, elapsed, speed)
            case Phase.LINK_LOST:
                effects += self._tick_link_lost(now_s)
            case Phase.STOPPING:
                effects += self._belt_stands(now_s) if stands else self._tick_stopping(now_s)
            case _:
                pass
        return effects, self._wish(now_s, speed)

    def _count(self, now_s: float, speed_kmh: float) -> None:
        """Time for the week's curve; what nobody saw counts at the faster of both its ends."""
        if self._counted is not None:
            at_s, before_kmh = self._counted
            unseen = now_s - at_s > 2.0
            self._ledger.add(max(now_s - at_s, 0.0), max(speed_kmh, before_kmh) if unseen else speed_kmh)
        self._counted = (now_s, speed_kmh)

    def _elapsed(self, now_s: float, belt: BeltView) -> tuple[float, float]:
        elapsed = 0.0 if self._last_s is None else min(max(now_s - self._last_s, 0.0), 2.0)
        moved = max(belt.distance_m - self._last_m, 0.0)
        self._last_s, self._last_m = now_s, belt.distance_m
        return elapsed, moved

    def _tick_ready(self, speed: float | None) -> list[Effect]:
        if speed is None:
            return []
        was_moving, self._ready_moves = self._ready_moves, speed >= MOVING_KMH
        if was_moving or not self._ready_moves:
            return []
        shown = format_speed(speed, self._unit)
        text = (
            f"The belt runs already, at {shown}, and not by this session. STOP stops it; start takes it over."
        )
        return [Say(text, Level.WARNING)]

    def _tick_armed(self, now_s: float, speed: float | None) -> list[Effect]:
        if speed is not None and speed >= MOVING_KMH:
            self._step_to(Trigger.BELT_MOVES, now_s, self._resume_to)
            return [Say(f"The belt moves: {self.phase.words}.")]
        patience = CONSOLE_PATIENCE_S if self._console_hint_given else self._rules.watch_start_s
        if now_s - self._since_s > patience:
            if not self._console_hint_given:
                return self.on_start_failed("it does not move", now_s)
            return self._give_up_start(now_s, "The belt did not start. Press start to try again.")
        return []

    def _give_up_start(self, now_s: float, text: str) -> list[Effect]:
        cause = self.owed_stop = "the belt did not start"
        self.started_in_vain = True
        self._step_to(Trigger.START_FAILED, now_s, self._fall_back)
        self._stopping_until_s = now_s + BRAKING_S
        return [StopBelt(cause), Say(text, Level.WARNING)]

    def _tick_stopping(self, now_s: float) -> list[Effect]:
        since_s = self._since_s if self._stopping_since_s is None else self._stopping_since_s
        if now_s - since_s <= self._rules.stop_patience_s:
            return []
        self._step_to(Trigger.GIVEN_UP, now_s)
        return self.leave_unconfirmed()

    def leave_unconfirmed(self) -> list[Effect]:
        """The session ends, and nobody has seen the belt stand."""
        self.unconfirmed = True
        text = (
            "treadcoach could not confirm that the belt has stopped, and ends this session."
            " If it moves, use the console or pull the safety key."
        )
        return [Say(text, Level.ALARM)]

    def _tick_on_belt(self, now_s: float) -> list[Effect]:
        progress = self.progress
        if progress.cool_down_s is not None:
            return self._finish(now_s) if progress.cool_down_is_over() and not self.hands_off else []
        if progress.step is None:
            return self._begin_cool_down(now_s)
        return self._advance(now_s) if progress.step_is_over() else []

    def _tick_link_lost(self, now_s: float) -> list[Effect]:
        if now_s - self._since_s > LONGEST_PAUSE_S:
            return self.stop("the link did not come back", now_s)
        if now_s - self._link_said_s < LINK_SAID_AGAIN_S or not self._was_carrying:
            return []
        self._link_said_s = now_s
        return [Say("Still no link: if the belt moves, use its console or pull the safety key.", Level.ALARM)]

    def _tick_paused(self, now_s: float, elapsed_s: float, speed: float | None) -> list[Effect]:
        waited = now_s - self._since_s
        if speed is not None:
            # A link that comes and goes begins no new time.
            self._unled_s = self._unled_s + elapsed_s if speed >= MOVING_KMH else 0.0
        if self._unled_s > RELINK_PATIENCE_S and waited < LONGEST_PAUSE_S:
            return self.stop("nobody took the moving belt back", now_s)
        if waited > LONGEST_PAUSE_S:
            return self.stop("the pause lasted too long", now_s)
        return []

    def _advance(self, now_s: float) -> list[Effect]:
        """To the next step, over a break or into the cool-down where it is time."""
        done, follows = self.progress.step, self.progress.next_step
        self.progress.next()
        if follows is None:
            return self._begin_cool_down(now_s)
        says: list[Effect] = []
        if done is not None and done.phase is Phase.WARM_UP and follows.phase is Phase.MAIN:
            self.progress.scale = 1.0
            if self.timeline.stretch_break and not self.hands_off:
                self._resume_to = Phase.MAIN
                self._stopping_until_s = now_s + BRAKING_S
                self._step_to(Trigger.WARM_UP_OVER, now_s, Phase.STRETCH_BREAK)
                self.owed_stop = "stretch break"
                return [
                    StopBelt("stretch break"),
                    Say("Warm-up done. The belt stops: stretch, then press start.", Level.CUE),
                ]
            self._step_to(Trigger.WARM_UP_OVER, now_s, Phase.MAIN)
            says.append(Say("Warm-up done: the main set begins.", Level.CUE))
        name = f" ({follows.label})" if follows.label else ""
        says.append(Say(f"Next: {format_speed(self.progress.scaled(follows), self._unit)}{name}.", Level.CUE))
        return says

    def _begin_cool_down(self, now_s: float) -> list[Effect]:
        length = self.progress.begin_cool_down()
        self._step_to(Trigger.MAIN_OVER, now_s)
        return [Say(f"Cool-down: {format_duration(length)} slower.", Level.CUE)]

    def _finish(self, now_s: float) -> list[Effect]:
        self._step_to(Trigger.COOL_DOWN_OVER, now_s)
        self._finishing = True
        self._stopping_since_s = now_s
        self.owed_stop = "the session is complete"
        self._stand_phase = Phase.DONE
        self._stop_cause = "the session is complete"
        return [StopBelt(self._stop_cause), Say("The cool-down is done; the belt stops.", Level.CUE)]

    def _belt_stands(self, now_s: float) -> list[Effect]:
        self._step_to(Trigger.BELT_STANDS, now_s, self._stand_phase or Phase.STOPPED)
        self.unconfirmed = False
        if self.phase is Phase.DONE:
            return [Say("Done. Now stretch hips, legs and lower back.", Level.CUE)]
        return [Say("The belt stands. This session is over.", Level.INFO)]

    # -- the wish ------------------------------------------------------------------

    def _wish(self, now_s: float, belt_kmh: float | None) -> Wish | None:
        if self.phase not in ON_BELT or self.hands_off:
            return None
        wish = self.progress.wish()
        if self.console_cap_kmh is not None and wish.speed_kmh > self.console_cap_kmh:
            shown = format_speed(self.console_cap_kmh, self._unit)
            wish = replace(wish, speed_kmh=self.console_cap_kmh, reason=f"you set {shown} at the console")
        if self.console_cap_percent is not None and wish.incline_percent > self.console_cap_percent:
            wish = replace(wish, incline_percent=self.console_cap_percent)
        self._ledger.look_ahead(self.progress.step_left_s(), self.progress.longest_left_s())
        allowed = self._ledger.allowed_kmh
        if wish.speed_kmh > allowed:
            minutes = self._ledger.binding_s // 60
            reason = f"{wish.reason}; held to this week's ceiling for {minutes} min"
            wish = replace(wish, speed_kmh=allowed, reason=reason)
        if belt_kmh is not None and (
            self._wished_kmh is None or abs(wish.speed_kmh - self._wished_kmh) > 0.05
        ):
            self.ramp.wished(now_s, belt_kmh, wish.speed_kmh)
        self._wished_kmh = wish.speed_kmh
        return wish

    def _step_to(self, trigger: Trigger, now_s: float, wanted: Phase | None = None) -> None:
        self.phase = next_phase(self.phase, trigger, wanted)
        self._since_s = now_s
