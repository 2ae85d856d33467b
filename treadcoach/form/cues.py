"""When to speak and when to ease: findings in, cues, offers and easings out.

Nothing here moves a belt: an easing is a wish that the session passes to the guard.
"""

from dataclasses import dataclass

from treadcoach.core.form_rules import Cueing, Easing, EasingMode, FormIssue
from treadcoach.form.judge import Finding


@dataclass(frozen=True, slots=True)
class Cue:
    """Say this; spoken is the short form."""

    issue: FormIssue
    text: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Ask the runner whether to ease."""

    issue: FormIssue
    text: str


@dataclass(frozen=True, slots=True)
class Ease:
    """Make the belt easier by one step; `reason` stands with every order that follows."""

    issue: FormIssue
    reason: str
    accepted_by: str | None = None


@dataclass(frozen=True, slots=True)
class EndHardPart:
    """The easings are used up and form has not come back."""

    issue: FormIssue
    reason: str
    accepted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Form is back: the plan goes on as it was."""


Action = Cue | Offer | Ease | EndHardPart | Resume


class CueBook:
    """What was said and done, so that nobody is talked to death."""

    def __init__(self, rules: Cueing, mode: EasingMode) -> None:
        self.easings = 0
        self.offer: Offer | None = None
        self._rules = rules
        self._mode = mode
        self._last_cue_s = -1e9
        self._first_cue_s: dict[str, float] = {}
        self._same_cue_s: dict[str, float] = {}
        self._offer_s = -1e9
        self._refused_s = -1e9
        """When an offer was last declined, or lapsed with nobody taking it."""
        self._eased_s = -1e9
        self._good_since_s: float | None = None
        self._ended = False

    def update(self, now_s: float, findings: list[Finding], *, on_hard_part: bool) -> list[Action]:
        """What to say and do now. on_hard_part: in the main set, coached, so that easing is possible."""
        actions: list[Action] = []
        up = {finding.issue.id for finding in findings}
        for gone in set(self._first_cue_s) - up:
            del self._first_cue_s[gone]
        cue = self._cue(now_s, findings)
        if cue is not None:
            actions.append(cue)
        if self.offer is not None:
            lapsed = now_s - self._offer_s > self._rules.offer_life_s
            if lapsed:
                self._refused_s = now_s
            if lapsed or not on_hard_part or self.offer.issue.id not in up:
                self.offer = None
        if on_hard_part:
            actions += self._follow_up(now_s, findings)
        return actions

    def accept(self, now_s: float, person: str) -> Ease | EndHardPart | None:
        """The runner takes the offer; None when there is none."""
        offer, self.offer = self.offer, None
        if offer is None:
            return None
        return self._ease(now_s, offer.issue, person)

    def decline(self, now_s: float) -> bool:
        """The runner does not want it; whether there was an offer."""
        offer, self.offer = self.offer, None
        if offer is not None:
            self._refused_s = now_s
        return offer is not None

    def step_changed(self) -> None:
        """Another step of the plan: what was given up was the step before."""
        self._ended = False
        self.offer = None

    def plan_changed(self) -> None:
        """The hard part is over: easings belong to it."""
        self.easings = 0
        self.step_changed()
        self._good_since_s = None

    def _cue(self, now_s: float, findings: list[Finding]) -> Cue | None:
        if now_s - self._last_cue_s < self._rules.cue_gap_s:
            return None
        due = [
            finding
            for finding in findings
            if now_s - self._same_cue_s.get(finding.issue.id, -1e9) >= self._rules.same_cue_gap_s
        ]
        if not due:
            return None
        # What can be eased first; then what has not been said for longest.
        chosen = min(
            due,
            key=lambda f: (f.issue.easing is Easing.NONE, self._same_cue_s.get(f.issue.id, -1e9), f.since_s),
        )
        issue = chosen.issue
        self._last_cue_s = self._same_cue_s[issue.id] = now_s
        self._first_cue_s.setdefault(issue.id, now_s)
        seen = f" ({'; '.join(chosen.seen)})" if chosen.seen else ""
        return Cue(issue, f"{issue.cue}{seen}", issue.spoken)

    def _follow_up(self, now_s: float, findings: list[Finding]) -> list[Action]:
        lasting = [f for f in findings if f.issue.easing is not Easing.NONE]
        if not lasting:
            return self._recover(now_s)
        self._good_since_s = None
        if self._mode is EasingMode.OFF or self._ended:
            return []
        for finding in lasting:
            issue = finding.issue
            cued_s = self._first_cue_s.get(issue.id)
            if cued_s is None or now_s - cued_s < self._rules.offer_after_s:
                continue
            if now_s - self._eased_s < self._rules.ease_again_after_s:
                continue
            if now_s - self._refused_s < self._rules.offer_gap_s:
                continue
            # A question is never acted on by itself.
            if self._mode is EasingMode.AUTO and not issue.question:
                return [self._ease(now_s, issue, None)]
            if self.offer is None:
                self._offer_s = now_s
                what = (
                    "end the hard part" if self.easings >= self._rules.most_easings else "ease off a little"
                )
                self.offer = Offer(issue, f"{issue.name}: shall the belt {what}?")
                return [self.offer]
        return []

    def _recover(self, now_s: float) -> list[Action]:
        if self.easings == 0:
            return []
        if self._good_since_s is None:
            self._good_since_s = now_s
        if now_s - self._good_since_s < self._rules.recovered_s:
            return []
        self.easings = 0
        self._good_since_s = None
        return [Resume()]

    def _ease(self, now_s: float, issue: FormIssue, person: str | None) -> Ease | EndHardPart:
        self._eased_s = now_s
        words = issue.name[0].lower() + issue.name[1:]
        if self.easings >= self._rules.most_easings:
            self._ended = True
            return EndHardPart(issue, f"form: {words}", person)
        self.easings += 1
        return Ease(issue, f"eased for form: {words}", person)
