"""A heart that may beat faster than the model says, and a strap that may not say so."""

import asyncio
import math

from tests.adversary.evidence import Beat, Evidence
from treadcoach.core.samples import HeartRate
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.virtual.strap import VirtualStrap
from treadcoach.wire.heart_rate import encode_heart_rate

_ANSWER_BPM_PER_S = 2.5


class Heart(VirtualRunner):
    """The model's pulse plus what a warm room, a cold or a bad day adds."""

    def __init__(self) -> None:
        super().__init__()
        self.extra_goal_bpm = 0.0
        self.extra_bpm = 0.0

    def advance(self, now_s: float, speed_kmh: float, incline_percent: float) -> None:
        most = max(now_s - self.now_s, 0.0) * _ANSWER_BPM_PER_S
        super().advance(now_s, speed_kmh, incline_percent)
        self.extra_bpm += max(-most, min(most, self.extra_goal_bpm - self.extra_bpm))

    @property
    def true_bpm(self) -> float:
        return min(self.pulse_bpm + self.extra_bpm, 205.0)


class LyingStrap(VirtualStrap):
    """Contact that flaps, gaps, a frozen value, noise, a pulse that is the cadence."""

    runner: Heart
    evidence: Evidence | None = None

    def configure(self, evidence: Evidence, *, cadence_every: int) -> None:
        self.evidence = evidence
        self.no_contact_in: tuple[int, int] | None = None
        """So many seconds without contact in every so many."""
        self.gap_in: tuple[int, int] | None = None
        self.locked = False
        self.noise_bpm = 0.0
        self.cadence_every = cadence_every

    async def _report(self) -> None:
        due, number = self.now_s, 0
        while True:
            due += 1.0
            await asyncio.sleep(max(0.0, due - self.now_s))
            number += 1
            if self.evidence is None:
                continue
            runner = self.runner
            true = runner.true_bpm
            contact = self.contact
            if self.no_contact_in is not None and number % self.no_contact_in[1] < self.no_contact_in[0]:
                contact = False
            silent = self.gap_in is not None and number % self.gap_in[1] < self.gap_in[0]
            breath = 1.5 * math.sin(2 * math.pi * self.now_s / 9.0)
            bpm = round(true + breath + self.noise_bpm * math.sin(number * 2.399))
            if self.locked and runner.cadence_spm:
                bpm = round(runner.cadence_spm)
            bpm = max(25, min(self.frozen_bpm or bpm, 230))
            sent = bool(self.connections) and not silent
            self.evidence.beats.append(Beat(self.now_s, true, bpm if sent else None, contact))
            if not sent:
                continue
            beats = () if self.frozen_bpm else (60 / max(true + breath, 30.0),)
            await self.notify(self._heart, encode_heart_rate(HeartRate(bpm, contact=contact, rr_s=beats)))
            if number % self.cadence_every == 0:
                await self._send_cadence()

    async def _send_cadence(self) -> None:
        from treadcoach.core.samples import RunningSpeed
        from treadcoach.wire.running_speed import encode_running_speed

        cadence = self.runner.cadence_spm
        said = RunningSpeed(self.runner.speed_kmh, round(cadence / 2), running=cadence > 140)
        await self.notify(self._running, encode_running_speed(said))
