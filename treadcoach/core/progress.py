"""Progress through a timeline: which step, how far, and what speed and incline it asks for."""

from treadcoach.core.easing import FormEasing
from treadcoach.core.effects import Wish
from treadcoach.core.guidance import BeltRules
from treadcoach.core.phases import Phase
from treadcoach.core.ramp_lag import RampLag
from treadcoach.core.timeline import Step, Timeline

SHORTEST_COOL_DOWN_S = 20.0
STEEP_ENOUGH_TO_FLATTEN = 1.0
"""An incline this much above the session's own is taken down first, before the speed."""


class Progress:
    """Where a session is in its timeline, with the runner's own changes. Times are seconds."""

    def __init__(self, timeline: Timeline, rules: BeltRules, ramp: RampLag) -> None:
        self.timeline = timeline
        self.belt_time_s = 0.0
        self.step_at = 0
        self.step_s = 0.0
        self.step_m = 0.0
        self.cool_down_s: float | None = None
        self.scale = 1.0
        self.incline_trim = 0.0
        self.easing = FormEasing()
        self._rules = rules
        self._ramp = ramp

    @property
    def step(self) -> Step | None:
        """The step under way; None in the cool-down and after the end."""
        return self.timeline.steps[self.step_at] if self.step_at < len(self.timeline.steps) else None

    @property
    def next_step(self) -> Step | None:
        at = self.step_at + 1
        return self.timeline.steps[at] if at < len(self.timeline.steps) else None

    def left_s(self) -> float:
        """Time to the end of the session, about."""
        if self.cool_down_s is not None:
            return max(self.cool_down_s - self.step_s, 0.0)
        rest = self.step_left_s() + sum(s.about_s for s in self.timeline.steps[self.step_at + 1 :])
        return rest + self.timeline.cool_down_s(self.belt_time_s + rest)

    def longest_left_s(self) -> float:
        """Time to the end of the session if distances are walked, as they are when a ceiling holds them."""
        if self.cool_down_s is not None:
            return self.left_s()
        rest = 0.0
        for at in range(self.step_at, len(self.timeline.steps)):
            step = self.timeline.steps[at]
            done_s, done_m = (self.step_s, self.step_m) if at == self.step_at else (0.0, 0.0)
            if step.duration_s is not None:
                rest += max(step.duration_s - done_s, 0.0)
            elif step.distance_m is not None:
                kmh = min(self.scaled(step), self.timeline.walk_kmh)
                rest += max(step.distance_m - done_m, 0.0) / (kmh / 3.6)
        return rest + self.timeline.cool_down_s(self.belt_time_s + rest)

    def step_left_s(self) -> float:
        """Time to the end of the step under way, about."""
        if self.cool_down_s is not None:
            return max(self.cool_down_s - self.step_s, 0.0)
        step = self.step
        if step is None:
            return 0.0
        if step.duration_s is not None:
            return max(step.duration_s - self.step_s, 0.0)
        assert step.distance_m is not None
        return max(step.distance_m - self.step_m, 0.0) / (self.target_kmh() / 3.6)

    def step_is_over(self) -> bool:
        step = self.step
        if step is None:
            return True
        if step.duration_s is not None:
            return self.step_s >= step.duration_s
        return self.step_m >= (step.distance_m or 0.0)

    def target_kmh(self) -> float:
        """The speed of the current step with the runner's own change, before any bound."""
        if self.cool_down_s is not None:
            return self.timeline.cool_down_kmh * min(self.scale, 1.0)
        step = self.step
        return self.timeline.cool_down_kmh if step is None else self.scaled(step)

    def scaled(self, step: Step) -> float:
        """A step's speed with the runner's change; a warm-up never passes comfortable walking."""
        if step.phase is Phase.WARM_UP:
            return min(step.speed_kmh * self.scale, max(step.speed_kmh, self.timeline.walk_kmh))
        return step.speed_kmh * self.scale

    def incline_percent(self) -> float:
        step = self.step
        base = self.timeline.incline_percent if step is None else step.incline_percent
        return base + self.incline_trim

    def add(self, elapsed_s: float, moved_m: float) -> None:
        """Time and distance on the moving belt."""
        self.belt_time_s += elapsed_s
        self.step_s += elapsed_s
        self.step_m += moved_m

    def next(self) -> None:
        """To the next step. The runner's change of speed stays, that of incline does not."""
        self.step_at += 1
        self.step_s = self.step_m = 0.0
        self.incline_trim = 0.0

    def begin_cool_down(self) -> float:
        """The cool-down, as long as its share of the real belt time; its length."""
        self.step_at = len(self.timeline.steps)
        self.step_s = self.step_m = 0.0
        self.incline_trim = 0.0
        self.easing.clear()
        self.scale = min(self.scale, 1.0)
        self.cool_down_s = max(self.timeline.cool_down_s(self.belt_time_s), SHORTEST_COOL_DOWN_S)
        return self.cool_down_s

    def cool_down_is_over(self) -> bool:
        return self.cool_down_s is not None and self.step_s >= self.cool_down_s

    def wish(self) -> Wish:
        """What the timeline asks for now, before any ceiling."""
        wish = self._coming_step() or self._current_step()
        if self.step is None or self.step.phase is not Phase.MAIN:
            return wish
        return self.easing.applied(wish, self.timeline.walk_kmh)

    def ease(self, speed_percent: float, incline_percent: float, reason: str) -> bool:
        """One step easier; true when the incline was taken down rather than the speed."""
        eased = self.incline_percent() - self.easing.flatter_percent
        steep = eased >= self.timeline.incline_percent + STEEP_ENOUGH_TO_FLATTEN
        if steep:
            self.easing.flatter(incline_percent, reason)
        else:
            self.easing.slower(speed_percent, reason)
        return steep

    def skip_to_easier(self) -> bool:
        """On to the next step of the main set that is slower; false when there is none."""
        now_kmh = self.target_kmh()
        for at in range(self.step_at + 1, len(self.timeline.steps)):
            if self.scaled(self.timeline.steps[at]) < now_kmh - 0.05:
                while self.step_at < at:
                    self.next()
                return True
        return False

    def _current_step(self) -> Wish:
        if self.cool_down_s is not None or self.step is None:
            return Wish(self.target_kmh(), self.incline_percent(), "cool-down")
        step = self.step
        reason = step.label or step.phase.words
        if abs(self.scale - 1) > 0.01:
            reason += ", with the runner's change"
        return Wish(self.target_kmh(), self.incline_percent(), reason)

    def _coming_step(self) -> Wish | None:
        """Begin the ramp early, so that the next step is at its speed when it starts."""
        step, follows = self.step, self.next_step
        if step is None or follows is None or self.cool_down_s is not None:
            return None
        into_main = step.phase is Phase.WARM_UP and follows.phase is Phase.MAIN
        if into_main and self.timeline.stretch_break:
            return None
        if step.phase is Phase.WARM_UP and self.belt_time_s < self._rules.warm_up_min_s:
            return None
        now_kmh = self.target_kmh()
        then_kmh = follows.speed_kmh if into_main else self.scaled(follows)
        lead = min(self._ramp.expected_s(now_kmh, then_kmh), step.about_s / 2)
        if abs(then_kmh - now_kmh) < 0.05 or self.step_left_s() > lead:
            return None
        return Wish(then_kmh, self.incline_percent(), "on the way to the next step")
