"""Judges readings by the form rules: signs with hysteresis, issues with persistence."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from treadcoach.core.body import Gait, SensorKind, Tier
from treadcoach.core.form_rules import Compare, FormIssue, FormRules, Sign
from treadcoach.form.baseline import Baseline, Condition, Norm, PastNorm, condition_of
from treadcoach.form.doubts import CLIPPED, LOOSE, MOVED
from treadcoach.form.reading import METRICS, FormReading, trust_of

SMOOTHED_READINGS = 15
FEWEST_SMOOTHED = 8
SETTLE_S = 15.0
SPEED_CHANGE_KMH = 0.25
INCLINE_CHANGE_PERCENT = 0.4
SCATTERS = 1.5
"""A change counts when it is beyond the rule's threshold and beyond this many times the own scatter."""
_LONGEST_STEP_S = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """An issue that is up: since when, and what was seen, in words."""

    issue: FormIssue
    since_s: float
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reading changed."""

    raised: tuple[Finding, ...] = ()
    cleared: tuple[FormIssue, ...] = ()


class _Detector:
    """One issue: bad and good time, and which of its signs are on."""

    def __init__(self, issue: FormIssue, signs: tuple[Sign, ...]) -> None:
        self.issue = issue
        self.signs = signs
        self.on = [False] * len(signs)
        self.known = [False] * len(signs)
        self.words: list[str] = [""] * len(signs)
        self.bad_s = 0.0
        self.good_s = 0.0
        self.raised_s: float | None = None

    def step(self, elapsed_s: float, now_s: float) -> bool | None:
        """True: just raised; False: just cleared; None: no change."""
        if sum(self.on) >= self.issue.needed:
            self.bad_s += elapsed_s
            self.good_s = 0.0
            if self.raised_s is None and self.bad_s >= self.issue.persist_s:
                self.raised_s = now_s
                return True
            return None
        if not any(self.known):
            return None  # nothing to judge by: neither bad nor good
        self.good_s += elapsed_s
        if self.raised_s is None:
            self.bad_s = max(self.bad_s - elapsed_s, 0.0)
        elif self.good_s >= self.issue.clear_s:
            self.raised_s = None
            self.bad_s = 0.0
            return False
        return None

    def finding(self) -> Finding:
        seen: dict[str, str] = {}
        for sign, word, on in zip(self.signs, self.words, self.on, strict=True):
            # Of two signs of one metric the one that says more.
            if on and len(word) > len(seen.get(sign.metric, "")):
                seen[sign.metric] = word
        return Finding(self.issue, self.raised_s or 0.0, tuple(seen.values()))

    def reset(self) -> None:
        self.on = [False] * len(self.signs)
        self.bad_s = self.good_s = 0.0
        self.raised_s = None


class Judge:
    """One sensor's readings against the rules."""

    def __init__(self, rules: FormRules, kind: SensorKind, past: Sequence[Sequence[PastNorm]] = ()) -> None:
        self.kind = kind
        self.baseline = Baseline(past)
        self._rules = rules
        self._detectors = [
            _Detector(issue, tuple(sign for sign in issue.signs if sees(sign, kind)))
            for issue in rules.issues
            if why_unseen(issue, kind) is None
        ]
        self._smooth: dict[str, deque[float]] = {}
        self._last_s: float | None = None
        self._gait: Gait | None = None
        self._reference: tuple[float | None, float | None] = (None, None)
        self._settled_s = 0.0

    @property
    def unseen(self) -> list[tuple[FormIssue, str]]:
        """What this sensor cannot see, and why."""
        pairs = ((issue, why_unseen(issue, self.kind)) for issue in self._rules.issues)
        return [(issue, why) for issue, why in pairs if why is not None]

    @property
    def findings(self) -> list[Finding]:
        """The issues that are up now."""
        return [detector.finding() for detector in self._detectors if detector.raised_s is not None]

    def remounted(self) -> None:
        """The sensor sits differently: what depends on that starts anew."""
        self.baseline.forget_mounting()
        self._smooth.clear()
        for detector in self._detectors:
            detector.reset()

    def update(self, reading: FormReading) -> Verdict:
        """Take one reading, in order."""
        now_s = reading.end_s
        elapsed_s = 0.0 if self._last_s is None else min(max(now_s - self._last_s, 0.0), _LONGEST_STEP_S)
        self._last_s = now_s
        gait = reading.gait
        if gait is None:
            return self._not_moving(now_s)
        self.baseline.moved(gait, elapsed_s)
        self._notice_change(reading, gait, now_s)
        if MOVED in reading.doubts or LOOSE in reading.doubts or now_s < self._settled_s:
            self._smooth.clear()
            return Verdict()
        values = dict(reading.values)
        if CLIPPED in reading.doubts:
            values.pop("shock_g", None)
        condition = condition_of(reading, gait)
        self.baseline.add(condition, values)
        for name, value in values.items():
            self._smooth.setdefault(name, deque(maxlen=SMOOTHED_READINGS)).append(value)
        return self._judge(condition, gait, elapsed_s, now_s)

    def _not_moving(self, now_s: float) -> Verdict:
        if self._gait is None:
            return Verdict()
        self._gait = None
        self._smooth.clear()
        over = tuple(d.issue for d in self._detectors if d.raised_s is not None)
        for detector in self._detectors:
            detector.reset()
        self._settled_s = now_s
        return Verdict(cleared=over)

    def _notice_change(self, reading: FormReading, gait: Gait, now_s: float) -> None:
        """After a change of gait, speed or incline form needs a while to be itself again."""
        speed, incline = reading.speed_kmh, reading.incline_percent
        before_speed, before_incline = self._reference
        changed = (
            gait is not self._gait
            or _moved(speed, before_speed, SPEED_CHANGE_KMH)
            or _moved(incline, before_incline, INCLINE_CHANGE_PERCENT)
        )
        if changed:
            self._gait = gait
            self._reference = (speed, incline)
            self._settled_s = now_s + SETTLE_S
            self._smooth.clear()

    def _judge(self, condition: Condition, gait: Gait, elapsed_s: float, now_s: float) -> Verdict:
        raised, cleared = [], []
        for detector in self._detectors:
            if gait not in detector.issue.gaits:
                if detector.raised_s is not None:
                    cleared.append(detector.issue)
                detector.reset()
                continue
            for at, sign in enumerate(detector.signs):
                looked = self._look(sign, detector.on[at], condition)
                detector.known[at] = looked is not None
                if looked is not None:
                    detector.on[at], detector.words[at] = looked
            change = detector.step(elapsed_s, now_s)
            if change is True:
                raised.append(detector.finding())
            elif change is False:
                cleared.append(detector.issue)
        return Verdict(tuple(raised), tuple(cleared))

    def smoothed(self, metric: str) -> float | None:
        """The middle of the last quarter of a minute; None before there is enough."""
        values = self._smooth.get(metric)
        if values is None or len(values) < FEWEST_SMOOTHED:
            return None
        return sorted(values)[len(values) // 2]

    def _look(self, sign: Sign, was_on: bool, condition: Condition) -> tuple[bool, str] | None:
        """Whether a sign is on, and in words; None when there is nothing to judge it by."""
        value = self.smoothed(sign.metric)
        if value is None:
            return None
        limit = sign.clear_at if was_on else sign.raise_at
        if sign.compare is Compare.VALUE:
            return _beyond(value, limit, sign), _plain_words(sign, value)
        norms = self.baseline.norms(condition, sign.metric)
        for norm in norms:
            change = value - norm.mean
            scatter = norm.scatter
            if sign.compare is Compare.PERCENT:
                if norm.mean == 0:
                    continue
                change, scatter = 100 * change / abs(norm.mean), 100 * scatter / abs(norm.mean)
            if _beyond(change, limit, sign) and (was_on or abs(change) >= SCATTERS * scatter):
                return True, _change_words(sign, value, norm)
        return (False, "") if norms else None


def sees(sign: Sign, kind: SensorKind) -> bool:
    """Whether a sensor gives this sign's metric at this mount."""
    return kind.mount in sign.mounts and trust_of(sign.metric, kind).tier is not Tier.UNSEEN


def why_unseen(issue: FormIssue, kind: SensorKind) -> str | None:
    """Why this sensor cannot see an issue; None when it can."""
    if issue.signs and sum(sees(sign, kind) for sign in issue.signs) >= issue.needed:
        return None
    by_mount = issue.cannot_see.get(kind.mount.value)
    return by_mount or issue.cannot_see.get("any", "This sensor does not show it.")


def _moved(now: float | None, before: float | None, by: float) -> bool:
    if now is None or before is None:
        return now is not before
    return abs(now - before) > by


def _beyond(value: float, limit: float, sign: Sign) -> bool:
    return value >= limit if sign.high_is_bad else value <= limit


def _plain_words(sign: Sign, value: float) -> str:
    metric = METRICS[sign.metric]
    return f"{metric.words} {value:.{metric.digits}f} {metric.unit}".rstrip()


def _change_words(sign: Sign, value: float, norm: Norm) -> str:
    metric = METRICS[sign.metric]
    side = "above" if value > norm.mean else "below"
    if sign.compare is Compare.PERCENT:
        by = f"{abs(value / norm.mean - 1) * 100:.0f} % {side}"
    else:
        by = f"{abs(value - norm.mean):.{max(metric.digits, 1)}f} {side}"
    return f"{_plain_words(sign, value)}, {by} {norm.mean:.{metric.digits}f} ({norm.origin})"
