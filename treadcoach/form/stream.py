"""The one implementation for live, replay and files: inertial samples in, a reading a second out.

Causal: a reading uses nothing after its end. The seconds are counted from the first sample
of a stretch, so the readings do not depend on how the samples were cut into chunks.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from treadcoach.core.body import Gait, Mount, SensorKind
from treadcoach.form import posture
from treadcoach.form.cells import CELL_RATE_HZ, LONGEST_GAP_S, Array, CellGrid
from treadcoach.form.contact import contact_s
from treadcoach.form.doubts import CLIPPED, MountDoubts, middle
from treadcoach.form.reading import FormReading, Step
from treadcoach.form.rotation import Orientation
from treadcoach.form.steps import margin_cells, smoothed, step_peaks
from treadcoach.form.stride import STILL_G, Stride, autocorrelations, find_stride, gait_of, stride_range_s
from treadcoach.form.vertical import oscillation_at_sensor_mm, oscillation_of_mass_mm

WINDOW_S = 5
SHORTEST_WINDOW_S = 2.5
_WINDOW = WINDOW_S * CELL_RATE_HZ
_SHORTEST = int(SHORTEST_WINDOW_S * CELL_RATE_HZ)
_FORGET_STRIDE_S = 3.0
PEAK_LEAD_S = 0.027
"""The trunk's peak comes this long before the middle of contact (12 to 43 ms, steeper is less)."""
_FEWEST_FOR_ASYMMETRY = 12
_MOST_FOR_ASYMMETRY = 24
_CLIPPED_SAMPLES = 3


@dataclass(slots=True)
class Surroundings:
    """What else is known while the samples are read. None: not known; speed 0: the belt stands."""

    speed_kmh: float | None = None
    incline_percent: float | None = None


class FormStream:
    """Readings of one sensor. `add` samples in any chunks; `finish` at the end of a recording."""

    def __init__(
        self,
        kind: SensorKind,
        surroundings: Surroundings | None = None,
        *,
        standing: posture.Standing | None = None,
        full_scale_g: float | None = None,
    ) -> None:
        self.kind = kind
        self.around = surroundings or Surroundings()
        self.standing = standing
        self.full_scale_g = full_scale_g
        self._columns = 6 if kind.gyroscope else 3
        self._last_s: float | None = None
        self._mounting = MountDoubts()
        self._begin(0.0)
        self._started = False

    def _begin(self, start_s: float) -> None:
        """A new stretch: nothing from before the gap goes into it."""
        self._grid = CellGrid(start_s, self._columns)
        self._cells = np.empty((0, self._columns))
        self._seconds = 0
        self._stride_s: float | None = None
        self._stride_end_s = -1e9
        self._step_end_s = -1e9
        self._recent: list[float] = []
        self._shocks: list[float] = []
        self._clipped = 0
        self._peak_g = 0.0
        self._orientation = Orientation() if self.kind.gyroscope else None
        self._started = True

    @property
    def cells(self) -> Array:
        """The newest cells, (n, 3 or 6): for a calibration."""
        return self._cells

    def remounted(self) -> None:
        """The sensor was taken off or has slipped: what was learned of its direction is void."""
        self.standing = None
        self._mounting.forget()

    def add(self, t_s: Array, rows: Array) -> list[FormReading]:
        """Samples in order: t_s (n,) s, rows (n, 3) g or (n, 6) g and deg/s. Readings that are due.

        Times that do not rise are left out: a recording's reader refuses them, a radio repeats them.
        """
        if not len(t_s):
            return []
        clean = math.isfinite(rows.sum()) and bool((t_s[1:] > t_s[:-1]).all())
        if not clean or (self._last_s is not None and not t_s[0] > self._last_s):
            t_s, rows = _rising(t_s, rows, self._last_s)
            if not len(t_s):
                return []
        out: list[FormReading] = []
        if not self._started or self._last_s is None:
            self._begin(float(t_s[0]))
            jumps: list[int] = []
        else:
            gap = float(t_s[0]) - self._last_s > LONGEST_GAP_S
            jumps = [0] if gap else []
        if float(t_s[-1] - t_s[0]) > LONGEST_GAP_S:
            jumps += (np.flatnonzero(t_s[1:] - t_s[:-1] > LONGEST_GAP_S) + 1).tolist()
        at = 0
        for jump in [*jumps, len(t_s)]:
            if jump > at:
                out += self._stretch(t_s[at:jump], rows[at:jump])
            if jump < len(t_s):
                out += self.finish()
                self._begin(float(t_s[jump]))
            at = jump
        self._last_s = float(t_s[-1])
        return out

    def finish(self) -> list[FormReading]:
        """The stretch is over: read what follows the last whole second, and the steps still open."""
        if not len(self._cells):
            return []
        end_s = self._grid.start_s + self._grid.cells / CELL_RATE_HZ
        reading = self._read(end_s, final=True)
        self._started = False
        return [reading] if reading.end_s > reading.start_s else []

    def _stretch(self, t_s: Array, rows: Array) -> list[FormReading]:
        """Samples without a gap, second by second."""
        out = []
        at = 0
        while at < len(t_s):
            boundary_s = self._grid.start_s + self._seconds + 1
            to = at + int(np.searchsorted(t_s[at:], boundary_s, side="right"))
            if to >= len(t_s):
                self._note_peaks(rows[at:])
                self._take(t_s[at:], rows[at:])
                break
            # The sample that crosses the boundary completes the second's last cell; what follows it
            # within a second is taken along (its cells stay outside of this reading).
            until = at + int(np.searchsorted(t_s[at:], boundary_s + 0.9, side="right"))
            last = until if until == len(t_s) else to + 1
            self._note_peaks(rows[at:to])
            self._take(t_s[at:last], rows[at:last])
            out.append(self._read(boundary_s, final=False))
            self._seconds += 1
            if last > to:
                self._note_peaks(rows[to:last])
            at = last
        return out

    def _note_peaks(self, rows: Array) -> None:
        """Shock and clipping are read from the samples themselves: averaging would hide both."""
        if not len(rows):
            return
        acceleration = rows[:, :3]
        size = np.abs(acceleration)
        top = float(size.max())
        squared = np.einsum("ij,ij->i", acceleration, acceleration)
        self._peak_g = max(self._peak_g, float(squared.max()) ** 0.5)
        if self.full_scale_g is not None:
            if top >= 0.995 * self.full_scale_g:
                self._clipped += int((size >= 0.995 * self.full_scale_g).sum())
        elif top > 1.9 and int((size >= top - 1e-6).sum()) >= _CLIPPED_SAMPLES:
            self._clipped += _CLIPPED_SAMPLES

    def _take(self, t_s: Array, rows: Array) -> None:
        cells = self._grid.add(t_s, rows)
        if not len(cells):
            return
        extra = CELL_RATE_HZ
        self._cells = np.concatenate((self._cells, cells))[-(_WINDOW + extra) :]
        if self._orientation is not None:
            self._orientation.add(cells, _WINDOW + extra)

    # -- one second ----------------------------------------------------------------------

    def _read(self, end_s: float, *, final: bool) -> FormReading:
        # Cells past the boundary belong to the next second.
        beyond = self._grid.cells - round((end_s - self._grid.start_s) * CELL_RATE_HZ)
        have = self._cells[: len(self._cells) - beyond] if beyond > 0 else self._cells
        window = have[-_WINDOW:]
        start_s = end_s - len(window) / CELL_RATE_HZ
        around = self.around
        still = around.speed_kmh is not None and around.speed_kmh < 0.3
        moving = None if still else self._moving_part(window)
        if moving is None:
            self._forget(end_s)
            return FormReading(
                start_s, end_s, speed_kmh=around.speed_kmh, incline_percent=around.incline_percent
            )
        start_s = end_s - len(moving) / CELL_RATE_HZ
        up = posture.direction(moving[:, :3])
        if up is None:
            return FormReading(start_s, end_s, doubts=("gravity cannot be told",))
        vertical = moving[:, :3] @ up
        eased = _eased(vertical)
        gait = gait_of(float(eased.max() - eased.min()), around.speed_kmh)
        before = self._stride_s if end_s - self._stride_end_s <= _FORGET_STRIDE_S else None
        lags = autocorrelations(moving[:, :3], up)
        possible_s = stride_range_s(gait, around.speed_kmh)
        stride = None if lags is None else find_stride(lags[0], possible_s, before)
        if stride is None or lags is None:
            self._forget(end_s)
            return FormReading(
                start_s, end_s, speed_kmh=around.speed_kmh, incline_percent=around.incline_percent
            )
        self._stride_s = stride.time_s if before is None else 0.5 * before + 0.5 * stride.time_s
        self._stride_end_s = end_s
        doubts = self._doubts(up, stride.correlation)
        values = self._values(moving, vertical, up, gait, stride)
        values["step_regularity"] = _around(lags[1], 0.5 * stride.time_s * CELL_RATE_HZ)
        self._turning(values, stride.time_s, len(moving), max(beyond, 0))
        contact = values.get("contact_ms")
        steps = self._steps(vertical, start_s, end_s, stride.time_s / 2, contact, final=final)
        asymmetry = self._asymmetry()
        if asymmetry is not None:
            values["step_asymmetry_percent"] = asymmetry
        self._peak_g, self._clipped = 0.0, 0
        return FormReading(
            start_s, end_s, gait, values, steps, doubts, around.speed_kmh, around.incline_percent
        )

    def _forget(self, end_s: float) -> None:
        self._step_end_s = max(self._step_end_s, end_s - SHORTEST_WINDOW_S)
        self._recent = []
        self._shocks = []
        self._peak_g, self._clipped = 0.0, 0

    def _moving_part(self, window: Array) -> Array | None:
        """The newest cells that move, back to the last second that did not; None when too few."""
        if len(window) < _SHORTEST:
            return None
        acceleration = window[:, :3]
        magnitude = np.sqrt(np.einsum("ij,ij->i", acceleration, acceleration))
        seconds = len(magnitude) // CELL_RATE_HZ
        newest = magnitude[-seconds * CELL_RATE_HZ :].reshape(seconds, CELL_RATE_HZ)
        mean = newest.sum(axis=1) * (1 / CELL_RATE_HZ)
        variance = np.einsum("ij,ij->i", newest, newest) * (1 / CELL_RATE_HZ) - mean * mean
        moves = variance >= STILL_G**2
        if moves.all():
            return window
        last_still = int(np.flatnonzero(~moves)[-1])
        count = (seconds - 1 - last_still) * CELL_RATE_HZ
        return window[-count:] if count >= _SHORTEST else None

    def _values(
        self, moving: Array, vertical: Array, up: Array, gait: Gait, stride: Stride
    ) -> dict[str, float]:
        step_s = stride.time_s / 2
        speed, incline = self.around.speed_kmh, self.around.incline_percent
        slope = None if incline is None else incline / 100
        values = {
            "cadence_spm": 60 / step_s,
            "step_time_ms": 1000 * step_s,
            "stride_time_ms": 1000 * stride.time_s,
            "stride_regularity": stride.correlation,
        }
        if speed is not None:
            values["stride_length_m"] = speed / 3.6 * stride.time_s
        contact = contact_s(gait, speed, step_s, slope)
        if contact is not None:
            values["contact_ms"] = 1000 * contact
        self._oscillation(values, vertical, gait, stride.time_s, contact, slope)
        self._shocks = [*self._shocks, self._peak_g][-WINDOW_S:]
        values["shock_g"] = middle(self._shocks)
        self._posture(values, moving, vertical, up)
        return values

    def _turning(self, values: dict[str, float], stride_s: float, cells: int, beyond: int) -> None:
        if self._orientation is None:
            return
        forward = None if self.standing is None else self.standing.forward
        forward = forward or posture.FORWARD_AXIS[self.kind.mount]
        turn = self._orientation.turn(stride_s, cells, beyond, forward)
        if turn is not None:
            values["rotation_deg"] = turn.axial_deg
            if turn.obliquity_deg is not None:
                values["obliquity_deg"] = turn.obliquity_deg

    def _oscillation(
        self,
        values: dict[str, float],
        vertical: Array,
        gait: Gait,
        stride_s: float,
        contact: float | None,
        slope: float | None,
    ) -> None:
        at_sensor = oscillation_at_sensor_mm(vertical, stride_s)
        if at_sensor is None:
            return
        values["sensor_oscillation_mm"] = at_sensor
        oscillation = at_sensor
        if self.kind.mount is Mount.HIP and gait is Gait.RUNNING and contact is not None:
            mechanics = oscillation_of_mass_mm(contact, stride_s / 2, slope or 0.0)
            if mechanics is not None:
                # Two independent estimates with errors of about 4 mm each.
                oscillation = 0.5 * (at_sensor + mechanics)
        values["vertical_oscillation_mm"] = oscillation
        length = values.get("stride_length_m")
        if length:
            values["vertical_ratio_percent"] = oscillation / 1000 / (length / 2) * 100

    def _posture(self, values: dict[str, float], moving: Array, vertical: Array, up: Array) -> None:
        if self.standing is not None:
            values["tilt_deg"] = self.standing.tilt_deg(up)
            lean = self.standing.lean_deg(up)
            if lean is not None:
                values["lean_deg"] = lean
        if self.kind.lateral:
            spread = float(np.einsum("ij,ij->", moving[:, :3], moving[:, :3])) / len(moving)
            mean = moving[:, :3].sum(axis=0) / len(moving)
            spread -= float(mean @ mean)
            along = float(vertical @ vertical) / len(vertical) - (float(vertical.sum()) / len(vertical)) ** 2
            values["lateral_share"] = (spread - along) / spread if spread > 0 else 0.0

    def _doubts(self, up: Array, correlation: float) -> tuple[str, ...]:
        mounting = self._mounting.update(up, correlation)
        found = (CLIPPED if self._clipped else None, mounting)
        return tuple(doubt for doubt in found if doubt is not None)

    def _steps(
        self,
        vertical: Array,
        start_s: float,
        end_s: float,
        step_s: float,
        contact_ms: float | None,
        *,
        final: bool,
    ) -> tuple[Step, ...]:
        """Steps that have become certain since the last reading. A step seen in part is none."""
        half_s = (contact_ms or 500 * step_s) / 2000
        until_s = end_s - (half_s + PEAK_LEAD_S if final else margin_cells(step_s) / CELL_RATE_HZ)
        from_s = max(self._step_end_s + 0.6 * step_s, self._grid.start_s + half_s - PEAK_LEAD_S)
        # Only the part that is still open, with what its smoothing needs around it.
        before = int((from_s - start_s) * CELL_RATE_HZ) - margin_cells(step_s) - 2
        first = min(max(before, 0), len(vertical))
        part = vertical[first:]
        out: list[Step] = []
        if len(part) < 3:
            return ()
        for peak in step_peaks(smoothed(part, step_s), step_s):
            at_s = start_s + (first + peak + 0.5) / CELL_RATE_HZ
            if from_s <= at_s < until_s:
                out.append(Step(at_s, contact_ms))
                from_s = at_s + 0.6 * step_s
        if out:
            self._step_end_s = out[-1].t_s
            self._recent = [*self._recent, *(step.t_s for step in out)][-_MOST_FOR_ASYMMETRY:]
        return tuple(out)

    def _asymmetry(self) -> float | None:
        """Difference of the two sides' step times over the last steps, % of their mean."""
        if len(self._recent) < _FEWEST_FOR_ASYMMETRY:
            return None
        times = [after - before for before, after in itertools.pairwise(self._recent)]
        typical = middle(times)
        if max(times) > 1.4 * typical or min(times) < 0.6 * typical:
            return None  # a step was missed or the gait changed between
        one, other = sum(times[0::2]) / len(times[0::2]), sum(times[1::2]) / len(times[1::2])
        return abs(one - other) / (0.5 * (one + other)) * 100


def _rising(t_s: Array, rows: Array, last_s: float | None) -> tuple[Array, Array]:
    """The samples that are numbers and come after all before them."""
    good = np.isfinite(rows).all(axis=1) & np.isfinite(t_s)
    highest = np.maximum.accumulate(np.where(good, t_s, -np.inf))
    good[1:] &= t_s[1:] > highest[:-1]
    if last_s is not None:
        good &= t_s > last_s
    return t_s[good], rows[good]


def _eased(vertical_g: Array) -> Array:
    """A short running mean, so that a single knock is not taken for a bounce."""
    out: Array = np.convolve(vertical_g, np.full(5, 0.2), "valid")
    return out


def _around(values: Array, place: float) -> float:
    at = round(place)
    return float(values[max(at - 2, 0) : at + 3].max())
