"""A virtual runner: pulse that answers to work, cadence and bounce that answer to speed."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_G_MG = 1000.0
_WALK_TO_RUN_KMH = 6.5


@dataclass(slots=True)
class VirtualRunner:
    """State of one runner; `advance` with the time, the belt's speed and its incline."""

    resting_bpm: float = 62.0
    max_bpm: float = 188.0
    bpm_per_met: float = 9.5
    pulse_answer_s: float = 35.0
    now_s: float = 0.0
    pulse_bpm: float = 62.0
    speed_kmh: float = 0.0
    _step_phase: float = 0.0

    def advance(self, now_s: float, speed_kmh: float, incline_percent: float) -> None:
        elapsed = max(now_s - self.now_s, 0.0)
        self.now_s = now_s
        self.speed_kmh = speed_kmh
        goal = self._steady_bpm(speed_kmh, incline_percent)
        self.pulse_bpm += (goal - self.pulse_bpm) * (1 - math.exp(-elapsed / self.pulse_answer_s))
        self._step_phase = (self._step_phase + elapsed * self.cadence_spm / 60) % 1.0

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
        if speed < _WALK_TO_RUN_KMH:
            return 70 + 9.5 * speed
        return 148 + 2.6 * (speed - _WALK_TO_RUN_KMH) + 6

    @property
    def bounce_mg(self) -> float:
        """Peak of the vertical acceleration at the chest, in mG around 1 g."""
        speed = self.speed_kmh
        if speed < 0.3:
            return 0.0
        return 120 + 25 * speed if speed < _WALK_TO_RUN_KMH else 900 + 55 * speed

    def acceleration_mg(self, end_s: float, rate_hz: float, count: int) -> NDArray[np.int16]:
        """`count` samples (x up, y left, z forward) ending at end_s; shape (count, 3), mG."""
        back_s = np.arange(count - 1, -1, -1) / rate_hz
        phase = self._step_phase + (end_s - self.now_s - back_s) * self.cadence_spm / 60
        turn = 2 * np.pi * phase
        up = _G_MG + self.bounce_mg * (0.8 * np.cos(turn) + 0.2 * np.cos(2 * turn + 0.4))
        left = 0.25 * self.bounce_mg * np.cos(turn / 2)
        forward = 0.3 * self.bounce_mg * np.sin(turn + 0.7)
        samples = np.stack((up, left, forward), axis=1)
        return np.clip(np.rint(samples), -8000, 8000).astype(np.int16)
