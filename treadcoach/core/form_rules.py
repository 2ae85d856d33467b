"""The shape of protocols/form.yaml: form issues as data (guidance, part B)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from treadcoach.core.body import Gait, Mount
from treadcoach.core.exercises import Exercise


class Compare(StrEnum):
    """What a sign's number is compared with."""

    VALUE = "value"
    """The number itself."""
    PERCENT = "baseline_percent"
    """Its change from the runner's own baseline, in percent."""
    CHANGE = "baseline_change"
    """Its change from the runner's own baseline, in its own unit."""


class Easing(StrEnum):
    """What the belt may do for an issue that stays."""

    NONE = "none"
    SLOWER = "slower"
    """Or flatter, where the belt is steep."""


class EasingMode(StrEnum):
    """What the owner allows when form fades and stays so."""

    ASK = "ask"
    AUTO = "auto"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Sign:
    """One number that speaks for an issue. raise_at above clear_at: high is bad; below: low is bad."""

    metric: str
    compare: Compare
    raise_at: float
    clear_at: float
    mounts: tuple[Mount, ...]
    evidence: str
    why: str

    @property
    def high_is_bad(self) -> bool:
        return self.raise_at > self.clear_at


@dataclass(frozen=True, slots=True)
class FormIssue:
    """One item of the guidance's part B, with how it is seen, cued and followed up."""

    id: str
    name: str
    rule: str
    source: str
    also: tuple[str, ...]
    gaits: tuple[Gait, ...]
    signs: tuple[Sign, ...]
    needed: int
    persist_s: float
    clear_s: float
    cue: str
    spoken: str
    question: bool
    easing: Easing
    exercises: tuple[str, ...]
    cannot_see: Mapping[str, str]
    """Why a sensor cannot see it, by 'chest', 'hip', 'pod' or 'any'."""


@dataclass(frozen=True, slots=True)
class Cueing:
    """How often a runner is spoken to, and how the belt is eased."""

    cue_gap_s: float
    same_cue_gap_s: float
    offer_after_s: float
    offer_life_s: float
    offer_gap_s: float
    ease_speed_percent: float
    ease_incline_percent: float
    most_easings: int
    ease_again_after_s: float
    recovered_s: float


@dataclass(frozen=True, slots=True)
class Band:
    """A display band of a metric: up to `below`, called `label`."""

    below: float | None
    label: str


@dataclass(frozen=True, slots=True)
class FormRules:
    """Everything that judging form needs."""

    issues: tuple[FormIssue, ...]
    cueing: Cueing
    exercises: Mapping[str, Exercise]
    bands: Mapping[str, tuple[Band, ...]]
