"""One second's reading of running form: every value, how far it can be trusted, and how old it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from treadcoach.core.body import Gait, Mount, SensorKind, Tier


@dataclass(frozen=True, slots=True)
class Step:
    """One step of either foot: t_s is the middle of stance as the trunk shows it; contact_ms estimated."""

    t_s: float
    contact_ms: float | None


@dataclass(frozen=True, slots=True)
class FormReading:
    """What the window from start_s to end_s (the sensor's time) shows. gait None: neither walks nor runs.

    values holds the metrics of METRICS that are known; what is not there is not known.
    """

    start_s: float
    end_s: float
    gait: Gait | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    doubts: tuple[str, ...] = ()
    speed_kmh: float | None = None
    incline_percent: float | None = None

    def value(self, name: str) -> float | None:
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name for people and its unit. digits: how many are shown."""

    words: str
    unit: str
    digits: int


METRICS: Mapping[str, Metric] = {
    "cadence_spm": Metric("cadence", "steps/min", 0),
    "step_time_ms": Metric("step time", "ms", 0),
    "stride_time_ms": Metric("stride time", "ms", 0),
    "stride_length_m": Metric("stride length", "m", 2),
    "vertical_oscillation_mm": Metric("vertical oscillation", "mm", 0),
    "sensor_oscillation_mm": Metric("bounce of the sensor", "mm", 0),
    "vertical_ratio_percent": Metric("vertical ratio", "%", 1),
    "contact_ms": Metric("ground contact time", "ms", 0),
    "shock_g": Metric("shock at the sensor", "g", 1),
    "lean_deg": Metric("forward tilt since standing", "°", 0),
    "tilt_deg": Metric("tilt since standing", "°", 0),
    "step_asymmetry_percent": Metric("left-right difference of step time", "%", 1),
    "step_regularity": Metric("step regularity (0 to 1)", "", 2),
    "stride_regularity": Metric("stride regularity (0 to 1)", "", 2),
    "lateral_share": Metric("sideways share of the movement (0 to 1)", "", 2),
    "rotation_deg": Metric("rotation about the vertical", "°", 0),
    "obliquity_deg": Metric("obliquity", "°", 0),
}


@dataclass(frozen=True, slots=True)
class Trust:
    """A tier, with the error where one was measured or published."""

    tier: Tier
    error: str = ""


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One metric as it is shown: value None means not known now."""

    name: str
    value: float | None
    trust: Trust
    age_s: float | None


_UNSEEN = Trust(Tier.UNSEEN)
POD_METRICS = frozenset({"cadence_spm", "step_time_ms", "stride_time_ms", "stride_length_m", "contact_ms"})


def trust_of(metric: str, kind: SensorKind) -> Trust:
    """How far a metric can be trusted from such a sensor. Errors are those of docs/form.md."""
    hip = kind.mount is Mount.HIP
    if kind.mount is Mount.POD and metric not in POD_METRICS:
        return _UNSEEN
    match metric:
        case "cadence_spm":
            return Trust(Tier.MEASURED, "±1 step/min" if kind.mount is Mount.POD else "±0.5 %")
        case "step_time_ms" | "stride_time_ms":
            return Trust(Tier.MEASURED, "±0.5 %")
        case "stride_length_m":
            return Trust(Tier.MEASURED, "±1 %, and the belt's own error")
        case "vertical_oscillation_mm" | "vertical_ratio_percent":
            if hip:
                return Trust(Tier.ESTIMATED, "±6 mm" if metric.endswith("mm") else "±0.6 points")
            return Trust(Tier.ESTIMATED, "±18 mm against the centre of mass" if metric.endswith("mm") else "")
        case "sensor_oscillation_mm":
            return Trust(Tier.ESTIMATED, "of the sensor, not of the body's centre")
        case "contact_ms":
            return Trust(Tier.ESTIMATED, "±15 ms running, ±35 ms walking")
        case "shock_g" | "step_regularity" | "stride_regularity":
            return Trust(Tier.TREND)
        case "step_asymmetry_percent":
            return Trust(Tier.TREND, "one side against the other, not which side")
        case "lean_deg" | "tilt_deg":
            words = "pelvic tilt" if hip else "trunk lean"
            return Trust(Tier.ESTIMATED, f"{words}: change from standing, ±4°")
        case "lateral_share":
            return Trust(Tier.TREND) if kind.lateral else _UNSEEN
        case "rotation_deg" | "obliquity_deg":
            return Trust(Tier.TREND, "wobble of the strap included") if kind.gyroscope else _UNSEEN
    raise KeyError(metric)


def shown(reading: FormReading, kind: SensorKind, now_s: float) -> list[MetricValue]:
    """Every metric with its tier, its error and its age; unknown ones too, with value None."""
    age_s = max(now_s - reading.end_s, 0.0)
    out = []
    for name in METRICS:
        trust = trust_of(name, kind)
        value = None if trust.tier is Tier.UNSEEN else reading.value(name)
        out.append(MetricValue(name, value, trust, None if value is None else age_s))
    return out
