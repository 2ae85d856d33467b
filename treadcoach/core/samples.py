"""What devices say, decoded. Every sample is stamped once, on arrival, by the one clock."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TreadmillData:
    """One Treadmill Data notification (FTMS 1.0, 0x2ACD). None: not in this frame.

    A field the machine marks "not available" is None and named in `not_available`.
    A frame shorter than its flags promise keeps its complete fields and is `truncated`.
    """

    more_data: bool | None = None
    speed_kmh: float | None = None
    avg_speed_kmh: float | None = None
    distance_m: int | None = None
    incline_percent: float | None = None
    ramp_angle_deg: float | None = None
    elevation_gain_m: float | None = None
    elevation_loss_m: float | None = None
    energy_kcal: int | None = None
    energy_per_hour_kcal: int | None = None
    energy_per_min_kcal: int | None = None
    heart_rate_bpm: int | None = None
    met: float | None = None
    elapsed_s: int | None = None
    remaining_s: int | None = None
    force_n: int | None = None
    power_w: int | None = None
    steps: int | None = None
    truncated: bool = False
    not_available: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """One Fitness Machine Status notification (0x2ADA)."""

    op: int
    event: str
    param: str | None = None
    speed_kmh: float | None = None
    incline_percent: float | None = None
    heart_rate_bpm: int | None = None
    time_s: int | None = None
    distance_m: int | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class TrainingStatus:
    """Training Status (0x2AD3)."""

    code: int | None
    status: str | None
    string: str | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class ControlResponse:
    """A Response Code indication of the control point (0x2AD9, op 0x80)."""

    request_op: int
    result: int


@dataclass(frozen=True, slots=True)
class HeartRate:
    """One Heart Rate Measurement (0x2A37). contact None: the sensor cannot tell."""

    heart_rate_bpm: int
    contact: bool | None = None
    energy_kj: int | None = None
    rr_s: tuple[float, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class RunningSpeed:
    """One RSC Measurement (0x2A53). cadence_rpm counts one foot; steps are twice that."""

    speed_kmh: float
    cadence_rpm: int
    stride_length_m: float | None = None
    distance_m: float | None = None
    running: bool | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class AccelerationFrame:
    """One Polar PMD acceleration frame.

    samples_mg: one (x, y, z) in mG each; sensor_time_ns: the stamp of the LAST sample,
    on the sensor's own clock (since 2000-01-01, or since 2019 after a power-off).
    """

    sensor_time_ns: int
    samples_mg: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class InertialFrame:
    """One packet of any inertial sensor: acceleration with gravity, and angular rate where it has one.

    acceleration_g and rate_dps: one (x, y, z) for each sample, in order; sensor_time_s: the time of
    the LAST sample on the sensor's own clock, which may begin anywhere and may be set back.
    """

    sensor_time_s: float
    acceleration_g: tuple[tuple[float, float, float], ...]
    rate_dps: tuple[tuple[float, float, float], ...] | None = None


@dataclass(frozen=True, slots=True)
class SpeedRange:
    """Supported Speed Range (0x2AD4), as sent."""

    min_speed_kmh: float
    max_speed_kmh: float
    speed_step_kmh: float


@dataclass(frozen=True, slots=True)
class InclineRange:
    """Supported Inclination Range (0x2AD5), as sent."""

    min_incline_percent: float
    max_incline_percent: float
    incline_step_percent: float


@dataclass(frozen=True, slots=True)
class Features:
    """Fitness Machine Feature (0x2ACC)."""

    machine: frozenset[str] = field(default_factory=frozenset)
    target: frozenset[str] = field(default_factory=frozenset)
    truncated: bool = False
