"""Ground contact time from belt speed, step time and slope.

A trunk sensor does not see the foot. Belt speed and cadence predict contact time better than
the raw signal of a sensor at the sacrum does (rms 9.5 ms against 27 ms over 37 runners; Alcantara
et al., PeerJ 2021), so they are what is used, and the value is called an estimate.
"""

import math

from treadcoach.core.body import Gait

RUNNING_LOG = -0.298
RUNNING_LOG_SPEED = -0.433
RUNNING_LOG_STEP = 0.630
RUNNING_SLOPE = 0.538
"""ln contact = a + b ln speed (m/s) + c ln step time (s) + d slope. Fitted by least squares on ten of the
nineteen runners of the table (level, 3.8 to 5.4 m/s) and eight of the sixteen trials on slopes of one
more; the other runners and trials were kept for judging it."""
WALKING_SHARE = 0.62
"""Stance as a share of the stride, over ground at a self-chosen speed: 0.616 ± 0.030."""
SPEED_RANGE_MPS = (1.6, 6.0)
STEP_RANGE_S = (0.24, 0.48)


def contact_s(gait: Gait, speed_kmh: float | None, step_s: float, slope: float | None) -> float | None:
    """Contact time of one foot, s; None where the predictors do not reach.

    speed_kmh is the belt's, step_s the time from one foot to the other, slope a fraction (None
    counts as level). Running needs the speed; walking needs only the step time.
    """
    if gait is Gait.WALKING:
        return WALKING_SHARE * 2 * step_s
    if speed_kmh is None:
        return None
    speed_mps = speed_kmh / 3.6
    if not SPEED_RANGE_MPS[0] <= speed_mps <= SPEED_RANGE_MPS[1]:
        return None
    if not STEP_RANGE_S[0] <= step_s <= STEP_RANGE_S[1]:
        return None
    tilt = min(max(slope or 0.0, -0.2), 0.2)
    log = RUNNING_LOG + RUNNING_LOG_SPEED * math.log(speed_mps) + RUNNING_LOG_STEP * math.log(step_s)
    # A contact as long as the step would be walking.
    return min(math.exp(log + RUNNING_SLOPE * tilt), 0.95 * step_s)
