"""The person on the belt: what they told us, and the limits they set."""

from dataclasses import dataclass

from treadcoach.core.form_rules import EasingMode
from treadcoach.core.units import SpeedUnit


@dataclass(frozen=True, slots=True)
class Runner:
    """None means "not stated"; no number here can loosen the guidance."""

    name: str = "runner"
    unit: SpeedUnit = SpeedUnit.KMH
    age_years: int | None = None
    comfortable_walk_kmh: float | None = None
    comfortable_jog_kmh: float | None = None
    max_speed_kmh: float = 12.0
    max_incline_percent: float = 10.0
    pulse_ceiling_bpm: int | None = None
    aching_back: bool = False
    form_easing: EasingMode = EasingMode.ASK
    """What the belt may do when form fades and stays so: ask, ease by itself, or nothing."""
