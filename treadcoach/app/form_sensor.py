"""One body sensor's way from packets to verdicts: clock, stream, calibration, judge."""

from collections.abc import Sequence
from dataclasses import replace

from treadcoach.core.body import Gait, Mount, SensorKind
from treadcoach.core.cadence import steps_a_minute
from treadcoach.core.form_rules import FormRules
from treadcoach.form import posture
from treadcoach.form.baseline import PastNorm
from treadcoach.form.contact import contact_s
from treadcoach.form.doubts import LOOSE, MOVED
from treadcoach.form.judge import Judge, Verdict
from treadcoach.form.reading import FormReading
from treadcoach.form.sensor_clock import SensorClock
from treadcoach.form.stream import FormStream, Surroundings
from treadcoach.wire.inertial import Decoder, InertialSource
from treadcoach.wire.running_speed import decode_running_speed

DECIDE_MOUNT_S = 3.0
BOW_PATIENCE_S = 15.0
STANDING_PATIENCE_S = 120.0
_MOST_KEPT = 4000
RUNNING_ABOVE_SPM = 140.0

Result = tuple[FormReading, Verdict]


class Medians:
    """The middle of every metric by gait, of a whole session."""

    def __init__(self) -> None:
        self._values: dict[tuple[Gait, str], list[float]] = {}

    def add(self, reading: FormReading) -> None:
        if reading.gait is None:
            return
        for name, value in reading.values.items():
            kept = self._values.setdefault((reading.gait, name), [])
            if len(kept) < 4 * _MOST_KEPT:
                kept.append(value)

    def by_gait(self) -> dict[str, dict[str, float]]:
        out: dict[str, dict[str, float]] = {}
        for (gait, name), values in self._values.items():
            out.setdefault(gait.value, {})[name] = round(sorted(values)[len(values) // 2], 3)
        return out


class FormSensor:
    """An inertial sensor. Its stream begins when it is known where it sits."""

    def __init__(
        self,
        name: str,
        source: InertialSource,
        stated: Mount | None,
        rules: FormRules,
        past: Sequence[Sequence[PastNorm]],
    ) -> None:
        self.name = name
        self.kind: SensorKind | None = None
        self.judge: Judge | None = None
        self.latest: FormReading | None = None
        self.last_s: float | None = None
        self.told_apart = False
        self.shocks_seen = 0
        self._shock_sum = 0.0
        self._source = source
        self._stated = stated
        self._rules = rules
        self._past = past
        self._clock = SensorClock(source.rate_hz)
        self._decode: Decoder = source.make_decoder()
        self._stream: FormStream | None = None
        self._first_s: float | None = None
        self._around = Surroundings()
        self._calibrating_since_s: float | None = None
        self._wants_calibration = True
        self._bow_until_s: float | None = None
        self._notes: list[str] = []
        self._medians = Medians()
        self._said_loose = False

    @property
    def standing_is_learned(self) -> bool:
        return self._stream is not None and self._stream.standing is not None

    @property
    def typical_shock_g(self) -> float:
        return self._shock_sum / max(self.shocks_seen, 1)

    def is_fresh(self, now_s: float, within_s: float) -> bool:
        return self.last_s is not None and now_s - self.last_s <= within_s

    def take_notes(self) -> list[str]:
        notes, self._notes = self._notes, []
        return notes

    def medians(self) -> dict[str, dict[str, float]]:
        return self._medians.by_gait()

    def begin_calibration(self) -> None:
        self._wants_calibration = True
        self._calibrating_since_s = None
        self._bow_until_s = None

    def lost(self) -> None:
        """The link is gone. A sensor that comes back may sit elsewhere: its standing is void."""
        self._decode = self._source.make_decoder()
        if self._stream is not None:
            self._stream.finish()
            if self._stream.standing is not None:
                self._notes.append(
                    f"{self.name} was lost: if it was moved, press C when the belt stands"
                    " to learn your standing again."
                )

    def on_frame(
        self,
        now_s: float,
        data: bytes,
        speed_kmh: float | None,
        incline_percent: float | None,
        *,
        gives_pulse: bool,
    ) -> list[Result]:
        """One packet. Raises FrameError for one that cannot be read."""
        frame = self._decode(data)
        if frame is None:
            return []
        placed = self._clock.place(now_s, frame)
        if placed is None:
            return []
        self.last_s = now_s
        self._around.speed_kmh, self._around.incline_percent = speed_kmh, incline_percent
        if self._stream is None and not self._decide(now_s, gives_pulse):
            return []
        assert self._stream is not None and self.judge is not None
        results = []
        for reading in self._stream.add(*placed):
            verdict = self.judge.update(reading)
            self._note_reading(reading)
            results.append((reading, verdict))
        self._calibrate(now_s, speed_kmh)
        return results

    def _decide(self, now_s: float, gives_pulse: bool) -> bool:
        """Where the sensor sits: as stated; a pulse is measured at the chest; else the hip is assumed."""
        if self._first_s is None:
            self._first_s = now_s
        if self._stated is None and not gives_pulse and now_s - self._first_s < DECIDE_MOUNT_S:
            return False
        mount = self._stated or (Mount.CHEST if gives_pulse else Mount.HIP)
        kind = SensorKind(mount, self._source.gyroscope, mount_is_stated=self._stated is not None)
        self._begin(kind)
        if self._stated is None:
            how = (
                "it measures a pulse"
                if gives_pulse
                else "nobody said otherwise; state it with @chest or @hip"
            )
            self._notes.append(f"{self.name} is taken to sit at the {mount.value}: {how}.")
        return True

    def _begin(self, kind: SensorKind) -> None:
        self.kind = kind
        self.judge = Judge(self._rules, kind, self._past)
        self._stream = FormStream(kind, self._around, full_scale_g=self._source.full_scale_g)

    def remount_as(self, mount: Mount) -> None:
        """Told apart by the signals: what was judged with the other place in mind is void."""
        if self.kind is not None:
            self._begin(replace(self.kind, mount=mount))

    def _note_reading(self, reading: FormReading) -> None:
        assert self._stream is not None and self.judge is not None
        self.latest = reading
        self._medians.add(reading)
        shock = reading.value("shock_g")
        if shock is not None:
            self.shocks_seen += 1
            self._shock_sum += shock
        if MOVED in reading.doubts:
            if self._stream.standing is not None:
                self._notes.append(
                    f"{self.name} has moved on the body: lean is not measured any more."
                    " Press C when the belt stands to learn your standing again."
                )
            self._stream.remounted()
            self.judge.remounted()
        if LOOSE in reading.doubts and not self._said_loose:
            self._said_loose = True
            self._notes.append(f"{self.name} sits loosely: tighten it, or its values mean little.")

    def _calibrate(self, now_s: float, speed_kmh: float | None) -> None:
        """The guided standing: still and upright on a standing belt, then a bow if the runner makes one."""
        stream, kind = self._stream, self.kind
        if stream is None or kind is None or speed_kmh is None or speed_kmh >= 0.3:
            self._calibrating_since_s = None
            return
        rows = stream.cells[:, :3]
        if self._wants_calibration:
            if self._calibrating_since_s is None:
                self._calibrating_since_s = now_s
                self._notes.append(
                    "Stand upright and still for five seconds: the sensor learns your standing."
                )
            elif now_s - self._calibrating_since_s > STANDING_PATIENCE_S:
                self._calibrating_since_s = now_s
            standing = posture.calibrated(rows, kind.mount, self._around.incline_percent)
            if standing is not None and now_s - self._calibrating_since_s >= posture.STANDING_S:
                stream.standing = standing
                self._wants_calibration = False
                self._bow_until_s = now_s + BOW_PATIENCE_S
                self._notes.append(
                    "Standing is learned. If you like, bow forward from the hips and hold it for five"
                    " seconds: then forward is measured too."
                )
        elif self._bow_until_s is not None and stream.standing is not None:
            bowed = posture.with_bow(stream.standing, rows)
            if bowed is not stream.standing:
                stream.standing = bowed
                self._bow_until_s = None
                self._notes.append("Forward is learned.")
            elif now_s > self._bow_until_s:
                self._bow_until_s = None


class PodSensor:
    """A running speed & cadence pod: cadence, and what follows from it with the belt's speed."""

    def __init__(self, name: str, rules: FormRules, past: Sequence[Sequence[PastNorm]]) -> None:
        self.name = name
        self.kind: SensorKind | None = SensorKind(Mount.POD)
        self.judge: Judge | None = Judge(rules, SensorKind(Mount.POD), past)
        self.latest: FormReading | None = None
        self.last_s: float | None = None
        self._medians = Medians()

    def is_fresh(self, now_s: float, within_s: float) -> bool:
        return self.last_s is not None and now_s - self.last_s <= within_s

    def lost(self) -> None:
        self.latest = None

    def medians(self) -> dict[str, dict[str, float]]:
        return self._medians.by_gait()

    def on_frame(
        self, now_s: float, data: bytes, speed_kmh: float | None, incline_percent: float | None
    ) -> list[Result]:
        """One measurement. Raises FrameError."""
        sample = decode_running_speed(data)
        cadence = steps_a_minute(sample.cadence_rpm, speed_kmh)
        start_s = now_s - 1.0 if self.last_s is None else max(self.last_s, now_s - 3.0)
        self.last_s = now_s
        moving = cadence is not None and (speed_kmh is None or speed_kmh >= 0.3)
        if not moving or cadence is None:
            reading = FormReading(start_s, now_s, speed_kmh=speed_kmh, incline_percent=incline_percent)
        else:
            reading = self._reading(start_s, now_s, cadence, speed_kmh, incline_percent)
        self.latest = reading
        self._medians.add(reading)
        assert self.judge is not None
        return [(reading, self.judge.update(reading))]

    def _reading(
        self, start_s: float, now_s: float, cadence: float, speed: float | None, incline: float | None
    ) -> FormReading:
        gait = Gait.RUNNING if cadence >= RUNNING_ABOVE_SPM else Gait.WALKING
        step_s = 60 / cadence
        values = {"cadence_spm": cadence, "step_time_ms": 1000 * step_s, "stride_time_ms": 2000 * step_s}
        if speed is not None:
            values["stride_length_m"] = speed / 3.6 * 2 * step_s
        contact = contact_s(gait, speed, step_s, None if incline is None else incline / 100)
        if contact is not None:
            values["contact_ms"] = 1000 * contact
        return FormReading(start_s, now_s, gait, values, speed_kmh=speed, incline_percent=incline)
