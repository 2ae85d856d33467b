"""Running form during a session: sensors' packets to readings, findings, cues and wishes for the belt.

Part of the controller: no loop, no clock, and no way to the belt. It asks; the session decides
and the guard bounds.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from treadcoach.app.form_sensor import FormSensor, PodSensor
from treadcoach.core.body import Mount
from treadcoach.core.form_rules import EasingMode, FormRules
from treadcoach.form.baseline import PastNorm
from treadcoach.form.cues import Action, Cue, CueBook, Ease, EndHardPart
from treadcoach.form.judge import Finding, Verdict
from treadcoach.form.reading import FormReading
from treadcoach.wire.inertial_sources import BY_NAME

FRESH_S = 5.0
SAME_WORDS_S = 10.0
TELL_APART_READINGS = 30


@dataclass(frozen=True, slots=True)
class FormSetup:
    """What the form watch needs to know before the session. mounts: stated places by sensor name."""

    rules: FormRules
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    past: tuple[tuple[PastNorm, ...], ...] = ()


@dataclass(slots=True)
class Tally:
    """What a session's form came to, by issue."""

    raised: Counter[str] = field(default_factory=Counter)
    seconds_up: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    cues: Counter[str] = field(default_factory=Counter)
    easings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FormNote:
    """A line about form: `to_runner` is said, the others are for the journal."""

    text: str
    to_runner: bool = False


class FormWatch:
    """All sensors of one session."""

    def __init__(self, setup: FormSetup, easing: EasingMode) -> None:
        self.setup = setup
        self.cues = CueBook(setup.rules.cueing, easing)
        self.last_cue: Cue | None = None
        self.last_cue_s: float | None = None
        self.sensors: dict[str, FormSensor] = {}
        self.pods: dict[str, PodSensor] = {}
        self.notes: list[FormNote] = []
        self.fresh_readings: list[tuple[str, FormReading]] = []
        self._pulse_devices: set[str] = set()
        self.tally = Tally()
        self._told: dict[str, float] = {}
        self._last_tick_s: float | None = None

    # -- what comes in --------------------------------------------------------------------

    def on_frame(
        self,
        now_s: float,
        device: str,
        characteristic: str,
        data: bytes,
        speed_kmh: float | None,
        incline_percent: float | None,
    ) -> None:
        """One notification of a body sensor. Raises FrameError for one that says nothing."""
        if characteristic == "2A37":
            self._pulse_devices.add(device)
            return
        if characteristic == "2A53":
            if device in self.sensors:
                return  # the same sensor gives its samples, which say more
            pod = self.pods.setdefault(device, PodSensor(device, self.setup.rules, self.setup.past))
            self._take(device, pod.on_frame(now_s, data, speed_kmh, incline_percent))
            return
        source = BY_NAME.get(characteristic)
        if source is None:
            return
        sensor = self.sensors.get(device)
        if sensor is None:
            stated = self.setup.mounts.get(device)
            sensor = FormSensor(device, source, stated, self.setup.rules, self.setup.past)
            self.sensors[device] = sensor
            self.pods.pop(device, None)
        pulse = device in self._pulse_devices
        self._take(device, sensor.on_frame(now_s, data, speed_kmh, incline_percent, gives_pulse=pulse))
        self._tell_runner(now_s, sensor.take_notes())

    def on_link(self, now_s: float, name: str, up: bool) -> None:
        """A sensor came or went: what it said is over, what it learned stays."""
        if not up and name in self.sensors:
            self.sensors[name].lost()
            self._tell_runner(now_s, self.sensors[name].take_notes())
        if not up and name in self.pods:
            self.pods[name].lost()

    def calibrate(self) -> str:
        """Begin the guided standing calibration; what to say to the runner."""
        if not self.sensors:
            return "There is no sensor whose standing could be learned."
        for sensor in self.sensors.values():
            sensor.begin_calibration()
        return (
            "Stand upright and still for five seconds, then, if you like, bow forward from the hips"
            " and hold that for five."
        )

    def _tell_runner(self, now_s: float, texts: list[str]) -> None:
        """Said once when several sensors have the same to say."""
        for text in texts:
            if now_s - self._told.get(text, -1e9) >= SAME_WORDS_S:
                self._told[text] = now_s
                self.notes.append(FormNote(text, to_runner=True))

    def _take(self, device: str, results: Sequence[tuple[FormReading, Verdict]]) -> None:
        for reading, verdict in results:
            self.fresh_readings.append((device, reading))
            for finding in verdict.raised:
                seen = "; ".join(finding.seen)
                self.tally.raised[finding.issue.id] += 1
                self.notes.append(FormNote(f"{finding.issue.id} {finding.issue.name}: {seen} ({device})"))
            for issue in verdict.cleared:
                self.notes.append(FormNote(f"{issue.id} {issue.name}: over ({device})"))

    # -- time -----------------------------------------------------------------------------

    def tick(self, now_s: float, *, on_hard_part: bool) -> list[Action]:
        """What is to be said and wished now."""
        elapsed = 0.0 if self._last_tick_s is None else min(max(now_s - self._last_tick_s, 0.0), 2.0)
        self._last_tick_s = now_s
        self._tell_apart()
        findings = self.findings(now_s)
        for finding in findings:
            self.tally.seconds_up[finding.issue.id] += elapsed
        actions = self.cues.update(now_s, findings, on_hard_part=on_hard_part)
        for action in actions:
            if isinstance(action, Cue):
                self.last_cue, self.last_cue_s = action, now_s
                self.tally.cues[action.issue.id] += 1
            elif isinstance(action, Ease | EndHardPart):
                self.tally.easings.append(action.reason)
        return actions

    def accept(self, now_s: float, person: str) -> Ease | EndHardPart | None:
        """The runner takes the offer that is open."""
        action = self.cues.accept(now_s, person)
        if action is not None:
            self.tally.easings.append(action.reason)
        return action

    def findings(self, now_s: float) -> list[Finding]:
        """Issues that are up now, each once, by sensors that still report."""
        out: dict[str, Finding] = {}
        for part in self.parts:
            if part.judge is None or not part.is_fresh(now_s, FRESH_S):
                continue
            for finding in part.judge.findings:
                out.setdefault(finding.issue.id, finding)
        return sorted(out.values(), key=lambda finding: finding.since_s)

    def _tell_apart(self) -> None:
        """Two sensors of which nobody said where they sit: the shock is larger at the hip."""
        unsure = [s for s in self.sensors.values() if s.kind is not None and not s.kind.mount_is_stated]
        unsure = [s for s in unsure if s.name not in self._pulse_devices]
        if len(unsure) != 2 or any(s.shocks_seen < TELL_APART_READINGS or s.told_apart for s in unsure):
            return
        upper, lower = sorted(unsure, key=lambda sensor: sensor.typical_shock_g)
        for sensor, mount in ((upper, Mount.CHEST), (lower, Mount.HIP)):
            sensor.told_apart = True
            if sensor.kind is not None and sensor.kind.mount is not mount:
                sensor.remount_as(mount)
            self.notes.append(FormNote(f"{sensor.name} is taken to sit at the {mount.value}, by its shocks"))

    # -- what is shown --------------------------------------------------------------------

    def cadence_spm(self, now_s: float) -> float | None:
        """The newest cadence of an inertial sensor, else of a pod."""
        for part in self.parts:
            reading = part.latest
            if reading is not None and part.is_fresh(now_s, FRESH_S):
                found = reading.value("cadence_spm")
                if found is not None:
                    return found
        return None

    @property
    def parts(self) -> list[FormSensor | PodSensor]:
        return [*self.sensors.values(), *self.pods.values()]

    def cannot_see(self) -> list[dict[str, str]]:
        """Issues that none of the sensors can see, and why; all of them when there is no sensor."""
        judges = [part.judge for part in self.parts if part.judge]
        if not judges:
            return [
                {"id": issue.id, "name": issue.name, "why": "No form sensor is connected."}
                for issue in self.setup.rules.issues
            ]
        reasons = [{issue.id: why for issue, why in judge.unseen} for judge in judges]
        return [
            {"id": issue.id, "name": issue.name, "why": reasons[0][issue.id]}
            for issue in self.setup.rules.issues
            if all(issue.id in unseen for unseen in reasons)
        ]
