"""What is known of the belt at one moment, each reading with its age."""

from dataclasses import dataclass

STANDING_KMH = 0.1
MOVING_KMH = 0.3


@dataclass(frozen=True, slots=True)
class BeltView:
    """Speed and incline as last reported. age_s None: nothing reported yet on this link."""

    speed_kmh: float | None = None
    incline_percent: float | None = None
    age_s: float | None = None
    distance_m: float = 0.0

    def fresh(self, within_s: float) -> bool:
        return self.speed_kmh is not None and self.age_s is not None and self.age_s <= within_s
