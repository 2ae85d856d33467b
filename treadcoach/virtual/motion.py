"""How a virtual runner's trunk moves, and what an inertial sensor on it measures.

Running: the force of a step is half a sine wave over the contact, with an impact spike at its
beginning; walking: a wave of the step rate. Sensor axes: x up, y right, z forward.
"""

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from treadcoach.core.body import Mount
from treadcoach.core.errors import InputError

Array = NDArray[np.float64]
_SPIKE_WIDTH = 0.035
_NOISE_G = 0.02
_STANDING_NOISE_G = 0.003
_NOISE_DPS = 1.0
_STANDING_NOISE_DPS = 0.2


class Source(Protocol):
    """Something else that a sensor measures, such as a recording."""

    def samples(self, end_s: float, rate_hz: float, count: int) -> tuple[Array, Array]: ...


@dataclass(slots=True)
class Form:
    """How well the runner runs; everything can be worsened on request.

    Factors are 1 for good form. fatigue and rail go from 0 to 1 and change several things together.
    """

    lean_deg: float = 5.0
    walking_lean_deg: float = 2.0
    pelvic_tilt_deg: float = 6.0
    bounce: float = 1.0
    cadence: float = 1.0
    shock: float = 1.0
    asymmetry: float = 0.0
    """Share of a stride by which one step is longer and the other shorter."""
    swivel: float = 1.0
    pelvic_turn: float = 1.0
    pelvic_drop: float = 1.0
    fatigue: float = 0.0
    rail: float = 0.0
    turned_deg: float = 0.0
    """The sensor has slipped on the body by this much."""
    loose: float = 0.0

    @property
    def cadence_factor(self) -> float:
        return self.cadence * (1 - 0.07 * self.fatigue)

    def worsen(self, name: str, value: float) -> None:
        """Set one of the fields by name. Raises InputError."""
        known = [entry.name for entry in fields(self)]
        if name not in known:
            raise InputError("form", name, f"one of {', '.join(known)}")
        if not -90 <= value <= 90:
            raise InputError(f"form {name}", value, "a number from -90 to 90")
        setattr(self, name, value)


@dataclass(frozen=True, slots=True)
class Moment:
    """What the runner does just now."""

    speed_kmh: float
    cadence_spm: float
    running: bool


class Motion:
    """Samples of the trunk. The noise is the same in every run of the program."""

    def __init__(self) -> None:
        self._noise = np.random.default_rng(20)
        self._wander = 0.0

    def samples(self, steps: Array, moment: Moment, form: Form, mount: Mount) -> tuple[Array, Array]:
        """At step counts `steps` (n,) with fractions: acceleration g (n, 3), angular rate deg/s (n, 3)."""
        count = len(steps)
        if moment.cadence_spm <= 0:
            up = np.tile([0.0, 0.0, 1.0], (count, 1))
            acceleration = up @ _attitude(np.radians(form.turned_deg))
            acceleration += self._noise.normal(0, _STANDING_NOISE_G, (count, 3))
            return acceleration, self._noise.normal(0, _STANDING_NOISE_DPS, (count, 3))
        stride = (steps / 2) % 1.0
        longer = 0.5 + form.asymmetry / 2
        within = np.where(stride < longer, stride / longer, (stride - longer) / (1 - longer))
        earth = self._earth(within, stride, moment, form)
        turn, turn_rate, drop, drop_rate = _turns(stride, moment, form, mount)
        lean = self._lean_deg(moment, form, mount)
        base = _attitude(np.radians(lean + form.turned_deg + self._slack(form)))
        # Small turns about the vertical and about the way forward move gravity and the axes a little.
        tilted = earth + np.cross(np.stack((drop, np.zeros(count), turn), axis=1), earth)
        acceleration = tilted @ base + self._noise.normal(0, _NOISE_G, (count, 3))
        rate = np.stack((drop_rate, np.zeros(count), turn_rate), axis=1) @ base
        return acceleration, np.degrees(rate) + self._noise.normal(0, _NOISE_DPS, (count, 3))

    def _slack(self, form: Form) -> float:
        if form.loose <= 0:
            return 0.0
        self._wander = 0.5 * self._wander + self._noise.normal(0, 25 * form.loose)
        return self._wander

    @staticmethod
    def _lean_deg(moment: Moment, form: Form, mount: Mount) -> float:
        lean = form.lean_deg if moment.running else form.walking_lean_deg
        if mount is Mount.HIP:
            lean = form.pelvic_tilt_deg if moment.running else 0.5 * form.pelvic_tilt_deg
        return lean + 7 * form.rail + 6 * form.fatigue

    @staticmethod
    def _earth(within: Array, stride: Array, moment: Moment, form: Form) -> Array:
        """Acceleration with gravity along forward, left, up, g; shape (n, 3)."""
        carried = 1 - 0.4 * form.rail
        bounce = form.bounce * (1 + 0.16 * form.fatigue) * carried
        shock = form.shock * (1 + 0.5 * form.fatigue) * carried
        sway = 1 - 0.6 * form.rail
        if moment.running:
            duty = min(max(0.98 - 0.026 * moment.speed_kmh, 0.5), 0.85)
            on = within < duty
            force = np.where(on, np.pi / 2 / duty * np.sin(np.pi * within / duty), 0.0)
            spike = 0.9 * shock * np.exp(-(((within - 0.09) / _SPIKE_WIDTH) ** 2))
            up = 1 + bounce * (force - 1) + spike
            forward = -0.22 * np.where(on, np.sin(2 * np.pi * within / duty), 0.0)
            left = 0.28 * sway * np.sin(2 * np.pi * stride)
        else:
            size = 0.05 * moment.speed_kmh * bounce
            up = 1 + size * np.cos(2 * np.pi * (within - 0.35)) + 0.25 * size * np.cos(4 * np.pi * within)
            up += 0.05 * (shock - 1) * np.exp(-(((within - 0.09) / _SPIKE_WIDTH) ** 2)) * moment.speed_kmh
            forward = 0.5 * size * np.sin(2 * np.pi * within)
            left = 0.4 * size * sway * np.sin(2 * np.pi * stride)
        return np.stack((forward, left, up), axis=1)


def _turns(stride: Array, moment: Moment, form: Form, mount: Mount) -> tuple[Array, Array, Array, Array]:
    """Turn about the vertical and about forward, rad, and their rates, rad/s; (n,) each."""
    chest = mount is Mount.CHEST
    if moment.running:
        turn_deg, drop_deg = (28.0 * form.swivel, 6.0) if chest else (14.0 * form.pelvic_turn, 8.0)
    else:
        turn_deg, drop_deg = (8.0 * form.swivel, 4.0) if chest else (9.0 * form.pelvic_turn, 5.0)
    if not chest:
        drop_deg *= form.pelvic_drop
    pace = 2 * np.pi * moment.cadence_spm / 120
    turn_size, drop_size = np.radians(turn_deg / 2), np.radians(drop_deg / 2)
    angle = 2 * np.pi * stride
    return (
        turn_size * np.sin(angle),
        turn_size * pace * np.cos(angle),
        drop_size * np.cos(angle),
        -drop_size * pace * np.sin(angle),
    )


def _attitude(lean_rad: float) -> Array:
    """Earth (forward, left, up) to sensor (up, right, forward), leaning by lean_rad: rows times it."""
    sine, cosine = np.sin(lean_rad), np.cos(lean_rad)
    sensor_up = [sine, 0.0, cosine]
    sensor_forward = [cosine, 0.0, -sine]
    return np.array([sensor_up, [0.0, -1.0, 0.0], sensor_forward]).T


class Replayed:
    """A recording as a source: t_s (n,) and rows (n, 3 or 6), over and over from when it is first asked."""

    def __init__(self, t_s: Array, rows: Array) -> None:
        self._t_s = t_s - t_s[0]
        self._rows = rows if rows.shape[1] == 6 else np.concatenate((rows, np.zeros((len(rows), 3))), axis=1)
        self._begin_s: float | None = None

    @property
    def duration_s(self) -> float:
        return float(self._t_s[-1])

    def samples(self, end_s: float, rate_hz: float, count: int) -> tuple[Array, Array]:
        if self._begin_s is None:
            self._begin_s = end_s - count / rate_hz
        at = (end_s - self._begin_s - np.arange(count - 1, -1, -1) / rate_hz) % self.duration_s
        rows = np.stack([np.interp(at, self._t_s, self._rows[:, k]) for k in range(6)], axis=1)
        return rows[:, :3], rows[:, 3:]
