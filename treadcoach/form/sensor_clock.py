"""From packets with a stamp of the sensor's own clock to sample times on the one clock."""

import numpy as np

from treadcoach.core.samples import InertialFrame
from treadcoach.form.cells import Array

JUMP_S = 1.5
"""A stamp that moved otherwise than the arrival by more than this: the sensor's clock was set."""
FAR_S = 3.0
"""Further from its arrival no sample is placed, however slowly a clock has run away."""
_RATE_TOLERANCE = 0.25
_SMOOTHING = 0.1


class SensorClock:
    """One sensor's packets in, times and rows out. The rate is taken from the stamps, not from a name."""

    def __init__(self, rate_hz: float) -> None:
        self.period_s = 1 / rate_hz
        self.resets = 0
        self._stamp_s: float | None = None
        self._arrival_s = 0.0
        self._offset_s = 0.0
        self._last_s: float | None = None

    @property
    def rate_hz(self) -> float:
        return 1 / self.period_s

    def place(self, now_s: float, frame: InertialFrame) -> tuple[Array, Array] | None:
        """Times (n,) on the one clock and rows (n, 3 or 6); None for a packet that is a repeat.

        now_s is the arrival. The samples of a packet are spread evenly from the packet before when
        none is missing between, else back from its stamp.
        """
        count = len(frame.acceleration_g)
        stamp = frame.sensor_time_s
        if not count:
            return None
        before = self._stamp_s
        if before is not None and stamp == before:
            return None
        moved = None if before is None else stamp - before
        arrived = now_s - self._arrival_s
        ahead = stamp + self._offset_s - now_s
        if moved is None or moved < 0 or abs(moved - arrived) > JUMP_S or abs(ahead) > FAR_S:
            if before is not None:
                self.resets += 1
            self._offset_s = now_s - stamp
            spacing = self.period_s
        else:
            spacing = moved / count
            if abs(spacing / self.period_s - 1) <= _RATE_TOLERANCE:
                self.period_s += _SMOOTHING * (spacing - self.period_s)
            else:
                spacing = self.period_s  # packets are missing between
        self._stamp_s, self._arrival_s = stamp, now_s
        back = np.arange(count - 1, -1, -1, dtype=np.float64)
        times: Array = stamp + self._offset_s - spacing * back
        if self._last_s is not None:
            # A clock that was set may begin within what is known already.
            times = times[times > self._last_s]
        if not len(times):
            return None
        self._last_s = float(times[-1])
        rows: Array = np.array(frame.acceleration_g, dtype=np.float64)
        if frame.rate_dps is not None:
            rows = np.concatenate((rows, np.array(frame.rate_dps)), axis=1)
        return times, rows[count - len(times) :]
