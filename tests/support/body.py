"""A virtual runner's sensor fed straight into a form stream, without a radio between."""

from dataclasses import dataclass, field

import numpy as np

from treadcoach.core.body import Mount, SensorKind
from treadcoach.form import posture
from treadcoach.form.judge import Judge
from treadcoach.form.reading import FormReading
from treadcoach.form.stream import FormStream, Surroundings
from treadcoach.virtual.motion import Form
from treadcoach.virtual.runner import VirtualRunner


@dataclass
class Body:
    """A runner with one sensor; `run` passes time and gives the readings."""

    mount: Mount = Mount.CHEST
    gyroscope: bool = False
    rate_hz: float = 104.0
    runner: VirtualRunner = field(default_factory=VirtualRunner)
    judge: Judge | None = None
    calibrate: bool = True

    def __post_init__(self) -> None:
        self.now_s = 0.0
        self.around = Surroundings(0.0, 2.0)
        self.stream = FormStream(SensorKind(self.mount, self.gyroscope), self.around)
        self.raised: list[str] = []
        self.cleared: list[str] = []
        self.drop_from_s: float | None = None
        self.drop_to_s = 0.0
        if self.calibrate:
            self.run(6.0, 0.0)
            self.stream.standing = posture.calibrated(self.stream.cells[:, :3], self.mount, 2.0)
            assert self.stream.standing is not None

    @property
    def form(self) -> Form:
        return self.runner.form

    def run(self, seconds: float, speed_kmh: float, incline_percent: float = 2.0) -> list[FormReading]:
        """Pass time on a belt of that speed."""
        self.around.speed_kmh, self.around.incline_percent = speed_kmh, incline_percent
        readings = []
        for _ in range(round(seconds * 5)):
            count = round(self.rate_hz / 5)
            self.now_s += count / self.rate_hz
            self.runner.advance(self.now_s, speed_kmh, incline_percent)
            acceleration, rate = self.runner.motion(self.now_s, self.rate_hz, count, self.mount)
            t_s = self.now_s - np.arange(count - 1, -1, -1) / self.rate_hz
            if self.drop_from_s is not None and self.drop_from_s <= self.now_s < self.drop_to_s:
                continue
            rows = np.concatenate((acceleration, rate), axis=1) if self.gyroscope else acceleration
            for reading in self.stream.add(t_s, rows):
                readings.append(reading)
                if self.judge is not None:
                    verdict = self.judge.update(reading)
                    self.raised += [finding.issue.id for finding in verdict.raised]
                    self.cleared += [issue.id for issue in verdict.cleared]
        return readings
