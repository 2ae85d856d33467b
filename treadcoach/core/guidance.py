"""The documented guidance as numbers. Loaded from protocols/ by planning; shaped here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Evidence = Literal["owner-document", "study", "standard", "our-judgement"]
Tighten = Literal["lower", "higher", "session", "fixed"]
NumberValue = float | Mapping[int, float]


@dataclass(frozen=True, slots=True)
class GuidanceNumber:
    """One number with the kind of evidence behind it and the way a user may move it."""

    name: str
    value: NumberValue
    evidence: Evidence
    tighten: Tighten
    why: str | None = None
    changed_by_user: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the guidance: A1 to A13 from the documents, J… our own judgement."""

    id: str
    rule: str
    source: str
    also: tuple[str, ...]
    enforced: str
    numbers: tuple[GuidanceNumber, ...]


@dataclass(frozen=True, slots=True)
class BeltRules:
    """Every number of protocols/belt.yaml under its own name. Units are in the names."""

    default_incline_percent: float
    flat_below_percent: float
    weekly_increase_percent: float
    training_week_min_s: float
    layoff_factor_per_week: float
    warm_up_min_s: float
    warm_up_max_s: float
    warm_up_speed_share: float
    cool_down_min_share: float
    cool_down_share: float
    cool_down_max_share: float
    cool_down_speed_share: float
    ramp_up_kmh_per_s: float
    ramp_down_kmh_per_s: float
    largest_step_kmh: float
    lead_kmh: float
    order_interval_s: float
    incline_step_percent: float
    incline_interval_s: float
    steep_percent: float
    steep_limit_s: float
    after_steep_percent: float
    aching_back_percent: float
    rest_days_after_unwell: float
    hard_days_apart: float
    running_above_kmh: float
    newcomer_walk_kmh: float
    newcomer_walk_max_kmh: float
    newcomer_jog_max_kmh: float
    newcomer_shares: Mapping[int, float]
    physician_from_age: float
    rest_days_after_spasm: float
    stale_hold_s: float
    stale_stop_s: float
    watch_start_s: float
    watch_follow_s: float
    watch_over_kmh: float
    watch_drift_kmh: float
    watch_stop_s: float
    watch_incline_percent: float
    believable_max_kmh: float
    believable_up_kmh_per_s: float
    believable_down_kmh_per_s: float
    believable_margin_kmh: float
    borne_out_s: float
    frozen_reading_s: float
    stands_apart_s: float
    stands_unsure_s: float
    stands_asked_s: float
    stop_patience_s: float
    watched_after_s: float
    watched_stood_s: float
    pulse_stale_s: float
    pulse_frozen_s: float
    pulse_lost_walk_s: float
    pulse_ease_interval_s: float
    pulse_ease_kmh: float
    pulse_return_bpm: float
    pulse_trusted_s: float
    pulse_above_walk_s: float
    pulse_far_bpm: float
    pulse_far_s: float
    pulse_far_walk_s: float
    pulse_locked_s: float
    hard_day_running_s: float
    clock_ahead_days: float
