"""Between the controller and the form watch: what form says and wishes, and a fault of it kept apart."""

import logging
from collections.abc import Callable

from treadcoach.app.form_watch import FormSetup, FormWatch
from treadcoach.app.outputs import FormRow, Output
from treadcoach.core.effects import Effect, Level
from treadcoach.core.form_rules import EasingMode
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.session import Session
from treadcoach.form.cues import Action, Cue, Ease, EndHardPart, Offer, Resume
from treadcoach.wire.octets import FrameError

log = logging.getLogger(__name__)

Tell = Callable[[str, Level, str], None]
"""A line for the journal and the screens: its kind, level and text."""


class FormDesk:
    """Cues are told, easings are passed to the session as wishes; the guard bounds what comes of them."""

    def __init__(
        self,
        setup: FormSetup | None,
        easing: EasingMode,
        session: Session,
        tell: Tell,
        apply: Callable[[list[Effect]], None],
        put: Callable[[Output], None],
    ) -> None:
        self.watch = None if setup is None else FormWatch(setup, easing)
        self._setup = setup
        self._session = session
        self._tell = tell
        self._apply = apply
        self._put = put
        self._step_at = 0
        self._read_faults: set[str] = set()

    def on_intent(self, now_s: float, intent: Intent) -> None:
        self._safely(lambda watch: self._take(watch, now_s, intent))

    def _take(self, watch: FormWatch, now_s: float, intent: Intent) -> None:
        if intent.kind is IntentKind.ACCEPT:
            action = watch.accept(now_s, intent.source)
            if action is None:
                self._tell("say", Level.INFO, "There is no offer to say yes to.")
            else:
                self._ease(action, now_s)
        elif intent.kind is IntentKind.DECLINE and watch.cues.decline(now_s):
            self._tell("say", Level.INFO, "Kept as it is.")
        elif intent.kind is IntentKind.CALIBRATE:
            self._tell("say", Level.INFO, watch.calibrate())

    def on_frame(
        self,
        now_s: float,
        device: str,
        characteristic: str,
        data: bytes,
        speed_kmh: float | None,
        incline_percent: float | None,
    ) -> None:
        """A body sensor's packet. Raises FrameError for one that says nothing."""
        self._safely(
            lambda watch: watch.on_frame(now_s, device, characteristic, data, speed_kmh, incline_percent)
        )

    def on_link(self, now_s: float, name: str, up: bool) -> None:
        self._safely(lambda watch: watch.on_link(now_s, name, up))

    def read[T](self, read: Callable[[FormWatch], T]) -> T | None:
        """Something of the form watch, for whoever shows or keeps it; None without one, or where that fails.

        It changes nothing: what is shown is no input of the session, and a replay does not have it.
        """
        if self.watch is None:
            return None
        try:
            return read(self.watch)
        except Exception as error:
            kind = type(error).__name__
            if kind not in self._read_faults:
                self._read_faults.add(kind)  # once: it is asked for at every tick
                log.exception("what is shown of running form has a fault")
            return None

    def cadence_spm(self, now_s: float) -> float | None:
        """Steps a minute by the form sensor. Where that fails, the next tick ends the form watch."""
        return self.read(lambda watch: watch.cadence_spm(now_s))

    def tick(self, now_s: float) -> None:
        actions: list[Action] = []
        hard = self._session.can_be_eased

        def look(watch: FormWatch) -> None:
            watch.cadence_spm(now_s)  # a fault of it is one of form's, as any other
            actions.extend(watch.tick(now_s, on_hard_part=hard))

        self._safely(look)
        for action in actions:
            match action:
                case Cue(text=text):
                    self._tell("say", Level.CUE, text)
                case Offer(text=text):
                    self._tell("say", Level.CUE, f"{text} Y: yes. K: keep going.")
                case Resume():
                    self._apply(self._session.end_easing())
                case _:
                    self._ease(action, now_s)
        self._safely(self._tell_cues_of_the_plan)

    def _tell_cues_of_the_plan(self, watch: FormWatch) -> None:
        if watch.cues.easings and not self._session.can_be_eased:
            watch.cues.plan_changed()
        elif self._session.progress.step_at != self._step_at:
            self._step_at = self._session.progress.step_at
            watch.cues.step_changed()

    def _ease(self, action: Ease | EndHardPart, now_s: float) -> None:
        reason = action.reason if action.accepted_by is None else f"{action.reason}, accepted by the runner"
        if isinstance(action, EndHardPart):
            self._apply(self._session.end_hard_part(reason, now_s))
        elif self._setup is not None:
            rules = self._setup.rules.cueing
            self._apply(self._session.ease(rules.ease_speed_percent, rules.ease_incline_percent, reason))

    def _safely(self, act: Callable[[FormWatch], None]) -> None:
        """Form advises: a fault in it must not stop a belt under a runner. It is said, and form ends."""
        if self.watch is None:
            return
        try:
            act(self.watch)
            self._news(self.watch)
        except FrameError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the session goes on without form, and says so
            self.watch = None
            self._apply(self._session.end_easing())
            text = f"Running form is not watched any more: a fault of ours ({type(error).__name__}: {error})."
            self._tell("say", Level.WARNING, text)

    def _news(self, watch: FormWatch) -> None:
        """What the form watch has noticed since it was last asked, into the journal."""
        notes, watch.notes = watch.notes, []
        for note in notes:
            self._tell("say" if note.to_runner else "form", Level.INFO, note.text)
        readings, watch.fresh_readings = watch.fresh_readings, []
        for device, reading in readings:
            gait = None if reading.gait is None else reading.gait.value
            values = {name: round(value, 4) for name, value in reading.values.items()}
            self._put(FormRow(reading.end_s, device, gait, reading.start_s, values, reading.doubts))
