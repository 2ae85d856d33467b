"""Easing for form: how much slower and flatter than the plan the belt is wished, and why."""

from dataclasses import dataclass, replace

from treadcoach.core.effects import Wish


@dataclass(slots=True)
class FormEasing:
    """Only ever below the plan. Cleared when form is back or the main set is over."""

    share: float = 1.0
    flatter_percent: float = 0.0
    reason: str = ""

    @property
    def active(self) -> bool:
        return self.share < 1.0 or self.flatter_percent > 0.0

    def slower(self, percent: float, reason: str) -> None:
        self.share *= 1 - min(max(percent, 0.0), 20.0) / 100
        self.reason = reason

    def flatter(self, percent: float, reason: str) -> None:
        self.flatter_percent += min(max(percent, 0.0), 5.0)
        self.reason = reason

    def clear(self) -> None:
        self.share, self.flatter_percent, self.reason = 1.0, 0.0, ""

    def applied(self, wish: Wish, walk_kmh: float) -> Wish:
        """The wish made easier; never slower than comfortable walking for it, never above the wish."""
        if not self.active:
            return wish
        floor = min(walk_kmh, wish.speed_kmh)
        return replace(
            wish,
            speed_kmh=max(wish.speed_kmh * self.share, floor),
            incline_percent=wish.incline_percent - self.flatter_percent,
            reason=f"{wish.reason}; {self.reason}",
        )
