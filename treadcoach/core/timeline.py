"""Fits a main set between warm-up and cool-down, and says what was added or held back."""

import math
from dataclasses import dataclass, replace

from treadcoach.core.guidance import BeltRules
from treadcoach.core.phases import Phase
from treadcoach.core.sustained import DURATIONS_S, Curve, SustainedLedger
from treadcoach.core.units import LONGEST_S, SpeedUnit, format_duration, format_speed
from treadcoach.core.workout import Segment, Workout


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of the session at one speed; asked_kmh is what the workout said."""

    phase: Phase
    label: str
    speed_kmh: float
    incline_percent: float
    duration_s: float | None
    distance_m: float | None
    asked_kmh: float

    @property
    def about_s(self) -> float:
        if self.duration_s is not None:
            return self.duration_s
        assert self.distance_m is not None
        return self.distance_m / (self.speed_kmh / 3.6)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Warm-up and main steps in order. The cool-down's length follows from the real belt time."""

    name: str
    steps: tuple[Step, ...]
    cool_down_kmh: float
    cool_down_share: float
    incline_percent: float
    walk_kmh: float
    stretch_break: bool
    notes: tuple[str, ...]

    @property
    def about_s(self) -> float:
        before = sum(step.about_s for step in self.steps)
        return before + self.cool_down_s(before)

    def cool_down_s(self, belt_time_s: float) -> float:
        """Length of a cool-down that is its share of the whole time on the belt."""
        return belt_time_s * self.cool_down_share / (1 - self.cool_down_share)


def fit(
    workout: Workout,
    rules: BeltRules,
    *,
    walk_kmh: float,
    ceiling: Curve,
    max_speed_kmh: float,
    slowest_kmh: float,
    default_incline_percent: float | None = None,
    warm_up_s: float | None = None,
    stretch_break: bool = False,
    unit: SpeedUnit = SpeedUnit.KMH,
) -> Timeline:
    """Build the whole session around a main set.

    walk_kmh is the runner's comfortable walking speed, ceiling the week's curve,
    max_speed_kmh the runner's own maximum, slowest_kmh the machine's minimum.
    """
    notes: list[str] = []
    incline = rules.default_incline_percent if default_incline_percent is None else default_incline_percent
    if incline < rules.flat_below_percent:
        notes.append(
            f"The belt is set to {incline:g} %: a very flat belt is named as hard on feet, legs and"
            f" knees; the guidance is {rules.default_incline_percent:g} %."
        )
    segments = list(workout.segments)
    trailing = _trailing_cool_down(segments, workout.about_s, rules, walk_kmh)
    if trailing:
        segments = segments[: -len(trailing)]
        notes.append(
            "The slow end of the workout serves as the cool-down; its length follows from the belt time."
        )
    warm = _warm_up_steps(segments, rules, walk_kmh, warm_up_s, incline, notes)
    main = [
        Step(
            Phase.MAIN,
            segment.label,
            segment.speed_kmh,
            incline if segment.incline_percent is None else segment.incline_percent,
            segment.duration_s,
            segment.distance_m,
            segment.speed_kmh,
        )
        for segment in segments
    ]
    limits = _Limits(walk_kmh, ceiling, max_speed_kmh, slowest_kmh)
    steps = _inside_limits(warm + main, limits, rules.cool_down_share, unit, notes)
    main_s = sum(step.about_s for step in steps if step.phase is Phase.MAIN)
    mean_main = (
        sum(step.about_s * step.speed_kmh for step in steps if step.phase is Phase.MAIN) / main_s
        if main_s
        else walk_kmh
    )
    wanted = min((segment.speed_kmh for segment in trailing), default=walk_kmh)
    cool_kmh = max(min(wanted, walk_kmh, rules.cool_down_speed_share * mean_main), slowest_kmh)
    if not trailing:
        about = sum(step.about_s for step in steps)
        cool_s = about * rules.cool_down_share / (1 - rules.cool_down_share)
        notes.append(
            f"Added a cool-down of about {format_duration(cool_s)} at {format_speed(cool_kmh, unit)}"
            f" (the last {rules.cool_down_share:.1%} of the belt time)."
        )
    return Timeline(
        workout.name,
        tuple(steps),
        cool_kmh,
        rules.cool_down_share,
        incline,
        walk_kmh,
        stretch_break,
        tuple(notes),
    )


def _trailing_cool_down(
    segments: list[Segment], total_s: float, rules: BeltRules, walk_kmh: float
) -> list[Segment]:
    """The slow segments at the end that fit a cool-down's share; none of an all-walking workout."""
    fastest = max(segment.speed_kmh for segment in segments)
    out: list[Segment] = []
    for segment in reversed(segments[1:]):
        slow = segment.speed_kmh <= walk_kmh and segment.speed_kmh < fastest * rules.cool_down_speed_share
        fits = sum(s.about_s for s in (*out, segment)) <= rules.cool_down_max_share * total_s
        if not (slow and fits):
            break
        out.insert(0, segment)
    return out


def _warm_up_steps(
    segments: list[Segment],
    rules: BeltRules,
    walk_kmh: float,
    warm_up_s: float | None,
    incline: float,
    notes: list[str],
) -> list[Step]:
    """Takes the workout's own slow start as warm-up and adds what is missing (mutates segments)."""
    needed = max(warm_up_s or 0.0, rules.warm_up_min_s)
    own: list[Step] = []
    taken = 0.0
    while len(segments) > 1 and segments[0].speed_kmh <= walk_kmh and taken < needed:
        segment = segments[0]
        if taken + segment.about_s > rules.warm_up_max_s:
            break
        segments.pop(0)
        taken += segment.about_s
        own.append(
            Step(
                Phase.WARM_UP,
                segment.label or "warm-up walk",
                segment.speed_kmh,
                incline if segment.incline_percent is None else segment.incline_percent,
                segment.duration_s,
                segment.distance_m,
                segment.speed_kmh,
            )
        )
    missing = needed - taken
    if missing > 1:
        slow = min(
            walk_kmh * rules.warm_up_speed_share,
            *(step.speed_kmh for step in own),
            *(segment.speed_kmh for segment in segments[:1]),
        )
        own.insert(0, Step(Phase.WARM_UP, "warm-up walk", slow, incline, missing, None, slow))
        notes.append(f"Added {format_duration(missing)} of slow walking as a warm-up.")
    return own


@dataclass(frozen=True, slots=True)
class _Limits:
    """What no step passes. slowest_kmh is the machine's."""

    walk_kmh: float
    ceiling: Curve
    max_speed_kmh: float
    slowest_kmh: float


def _inside_limits(
    steps: list[Step], limits: _Limits, cool_down_share: float, unit: SpeedUnit, notes: list[str]
) -> list[Step]:
    """Hold every step inside the personal maximum and the week's curve, and say so."""
    ledger = SustainedLedger(limits.ceiling, limits.walk_kmh)
    changed: dict[str, list[str]] = {}
    out = []
    ran_s = 0.0
    for number, step in enumerate(steps, 1):
        speed, why = step.speed_kmh, ""
        if speed > limits.max_speed_kmh:
            speed, why = limits.max_speed_kmh, "your own maximum"
        if speed < limits.slowest_kmh:
            speed, why = limits.slowest_kmh, "the machine's slowest"
        least = max(min(limits.walk_kmh, speed), limits.slowest_kmh)
        after_s = sum(_longest_s(later, limits.walk_kmh) for later in steps[number:])
        before_s = ran_s + _longest_s(step, limits.walk_kmh)
        after_s += cool_down_share / (1 - cool_down_share) * (before_s + after_s)
        held, binding_s = _sustainable(ledger, step, speed, least, after_s)
        if held < speed - 0.05:
            why = f"this week's ceiling for {binding_s // 60} min"
        ledger.add(_seconds_at(step, held), held)
        ran_s += _seconds_at(step, held)
        if abs(held - step.speed_kmh) > 0.05:
            change = f"{format_speed(step.speed_kmh, unit)} becomes {format_speed(held, unit)}; {why}."
            changed.setdefault(change, []).append(str(number))
            out.append(replace(step, speed_kmh=held))
        else:
            out.append(step)
    for change, numbers in changed.items():
        notes.append(f"Step{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}: {change}")
    return out


def _longest_s(step: Step, walk_kmh: float) -> float:
    """How long a step takes at most: a distance may have to be walked."""
    return _seconds_at(step, min(step.speed_kmh, walk_kmh))


def _seconds_at(step: Step, speed_kmh: float) -> float:
    if step.distance_m is None:
        return step.about_s
    return min(step.distance_m / (speed_kmh / 3.6), LONGEST_S)


def _sustainable(
    ledger: SustainedLedger, step: Step, wanted_kmh: float, least_kmh: float, after_s: float
) -> tuple[float, int]:
    """The fastest even speed for this step that the week's curve allows (to 0.1 km/h), and what binds it."""
    speed, binding_s = wanted_kmh, DURATIONS_S[0]
    # A distance takes longer at a slower speed.
    while speed > least_kmh:
        seconds = _seconds_at(step, speed)
        most, binding_s = ledger.fastest_kmh(seconds, seconds + after_s)
        if speed <= most + 0.05:
            break
        speed = max(math.floor(most * 10 + 1e-6) / 10, least_kmh)
    return speed, binding_s
