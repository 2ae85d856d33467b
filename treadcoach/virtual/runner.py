"""A virtual runner: pulse that answers to work, cadence that answers to speed, and form that can fade."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from treadcoach.core.body import Mount
from treadcoach.virtual.motion import Form, Moment, Motion, Source

_WALK_TO_RUN_KMH = 6.5
_TIRING_S = 25.0
_RECOVERING_S = 20.0
_EASED_SHARE = 0.97


@dataclass(slots=True)
class VirtualRunner:
    """State of one runner; `advance` with the time, the belt's speed and its incline.

    tires_after_s: running time after which form fades at that speed; a slower belt brings it back.
    source: what sensors measure instead of the model's motion, such as a replayed recording.
    """

    resting_bpm: float = 62.0
    max_bpm: float = 188.0
    bpm_per_met: float = 9.5
    pulse_answer_s: float = 35.0
    now_s: float = 0.0
    pulse_bpm: float = 62.0
    speed_kmh: float = 0.0
    form: Form = field(default_factory=Form)
    tires_after_s: float | None = None
    source: Source | None = None
    _step_phase: float = 0.0
    _running_s: float = 0.0
    _tired_at_kmh: float | None = None
    _motion: Motion = field(default_factory=Motion)

    def advance(self, now_s: float, speed_kmh: float, incline_percent: float) -> None:
        elapsed = max(now_s - self.now_s, 0.0)
        # What was run since then was run at the cadence of then.
        self._step_phase += elapsed * self.cadence_spm / 60
        self.now_s = now_s
        self.speed_kmh = speed_kmh
        goal = self._steady_bpm(speed_kmh, incline_percent)
        self.pulse_bpm += (goal - self.pulse_bpm) * (1 - math.exp(-elapsed / self.pulse_answer_s))
        self._tire(elapsed)

    def _tire(self, elapsed: float) -> None:
        if self.tires_after_s is None:
            return
        if self.speed_kmh >= _WALK_TO_RUN_KMH:
            self._running_s += elapsed
        if self._tired_at_kmh is None and self._running_s >= self.tires_after_s:
            self._tired_at_kmh = self.speed_kmh
        tired = self._tired_at_kmh is not None and self.speed_kmh > _EASED_SHARE * self._tired_at_kmh
        if self._tired_at_kmh is not None and not tired and self.form.fatigue < 0.05:
            # Recovered: it takes as long again to tire.
            self._tired_at_kmh, self._running_s = None, 0.0
        goal, answer_s = (1.0, _TIRING_S) if tired else (0.0, _RECOVERING_S)
        self.form.fatigue += (goal - self.form.fatigue) * (1 - math.exp(-elapsed / answer_s))

    def _steady_bpm(self, speed_kmh: float, incline_percent: float) -> float:
        """ACSM's metabolic equations for walking and running, in METs, to a pulse."""
        metres_per_min = speed_kmh * 1000 / 60
        grade = max(incline_percent, 0.0) / 100
        if speed_kmh < 0.3:
            oxygen = 3.5
        elif speed_kmh < _WALK_TO_RUN_KMH:
            oxygen = 3.5 + 0.1 * metres_per_min + 1.8 * metres_per_min * grade
        else:
            oxygen = 3.5 + 0.2 * metres_per_min + 0.9 * metres_per_min * grade
        return min(self.resting_bpm + self.bpm_per_met * (oxygen / 3.5 - 1), self.max_bpm)

    @property
    def cadence_spm(self) -> float:
        """Steps per minute of both feet; 0 when standing."""
        speed = self.speed_kmh
        if speed < 0.3:
            return 0.0
        factor = self.form.cadence_factor
        if speed < _WALK_TO_RUN_KMH:
            return (70 + 9.5 * speed) * factor
        return (164 + 2.6 * (speed - _WALK_TO_RUN_KMH)) * factor

    def motion(
        self, end_s: float, rate_hz: float, count: int, mount: Mount
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """`count` samples ending at end_s at a mount: acceleration g (count, 3), rate deg/s (count, 3)."""
        if self.source is not None:
            return self.source.samples(end_s, rate_hz, count)
        back_s = np.arange(count - 1, -1, -1) / rate_hz
        steps = self._step_phase + (end_s - self.now_s - back_s) * self.cadence_spm / 60
        moment = Moment(self.speed_kmh, self.cadence_spm, self.speed_kmh >= _WALK_TO_RUN_KMH)
        return self._motion.samples(steps, moment, self.form, mount)

    def acceleration_mg(self, end_s: float, rate_hz: float, count: int) -> NDArray[np.int16]:
        """What a chest strap of ±8 G measures (x up, y right, z forward); shape (count, 3), mG."""
        acceleration, _ = self.motion(end_s, rate_hz, count, Mount.CHEST)
        return np.clip(np.rint(acceleration * 1000), -8000, 8000).astype(np.int16)
