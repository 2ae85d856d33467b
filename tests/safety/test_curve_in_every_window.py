"""Long sessions of people who wish for more than the week allows, judged by the true belt each second."""

import random
from dataclasses import replace
from itertools import accumulate

import pytest

from tests.support.rig import RULES, Rig, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.core.runner import Runner
from treadcoach.core.samples import SpeedRange
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.progression import WeeklyCeiling
from treadcoach.virtual.belt import MachineModel

WORKOUTS = (
    "60 min @ 12 km/h",
    "20 x (1 min @ 14 km/h + 1 min @ 5 km/h)",
    "10 x (2 min @ 12 km/h + 2 min @ 4 km/h)",
    "30 min @ 9 km/h + 5 min @ 12 km/h",
    "5 km @ 10 km/h",
)
LONGEST_S = 4500


def _ceiling(rnd: random.Random, walk: float) -> WeeklyCeiling:
    if rnd.random() < 0.5:
        jog = rnd.choice([7.0, 8.5, 9.0])
        curve = {d: walk + RULES.newcomer_shares[d] * (jog - walk) for d in DURATIONS_S}
    else:
        top = rnd.choice([6.0, 8.0, 11.0])
        shares = dict(zip(DURATIONS_S, (1.15, 1.1, 1.0, 0.9, 0.8, 0.7), strict=True))
        curve = {d: max(share * top, walk) for d, share in shares.items()}
    return WeeklyCeiling(curve, walk, "a test")


async def _worst(seed: int) -> dict[int, float]:
    """By how much the best mean over each duration is above its ceiling (km/h)."""
    rnd = random.Random(seed)
    walk = rnd.choice([4.0, 5.0, 6.0])
    ceiling = _ceiling(rnd, walk)
    model = MachineModel(
        acceleration_kmh_per_s=rnd.choice([0.2, 0.6, 1.0]),
        braking_kmh_per_s=rnd.choice([0.25, 0.5, 0.8]),
        speed_range=rnd.choice([SpeedRange(0.8, 18, 0.1), SpeedRange(1.0, 16, 0.5)]),
        data_period_s=rnd.choice([0.5, 1.0, 2.0]),
    )
    runner = Runner(comfortable_walk_kmh=walk, max_speed_kmh=20.0)
    rules = rnd.choice([RULES, replace(RULES, warm_up_min_s=60.0)])
    speeds: list[float] = []
    async with Rig(
        strap=False,
        model=model,
        runner=runner,
        rules=rules,
        ceiling=ceiling,
        workout=rnd.choice(WORKOUTS),
    ) as rig:
        await rig.start()
        paused_s = 0
        while not rig.task.done() and rig.now_s < LONGEST_S:
            await rig.seconds(1.0)
            rig.belt.advance(rig.now_s)
            speeds.append(rig.belt.speed_kmh)
            chance = rnd.random()
            if chance < 0.01:
                kind = rnd.choice([IntentKind.FASTER, IntentKind.FASTER, IntentKind.SLOWER])
                rig.ask(kind, rnd.choice([0.2, 1.0, 3.0]))
            elif chance < 0.012:
                rig.ask(IntentKind.PAUSE)
            elif chance < 0.013:
                rig.ask(IntentKind.SKIP)
            paused_s = paused_s + 1 if rig.phase is Phase.PAUSED else 0
            if paused_s == 30:
                rig.ask(IntentKind.START)
    assert max(speeds) > walk, "nobody has run: nothing is shown"
    sums = [0.0] * DURATIONS_S[-1] + [0.0, *accumulate(speeds)]
    return {
        d: max(sums[at] - sums[at - d] for at in range(DURATIONS_S[-1], len(sums))) / d - ceiling.curve[d]
        for d in DURATIONS_S
    }


@pytest.mark.parametrize("seed", [1, 3, 12, 17, 34, 70, 85, 93])
def test_no_window_is_above_the_weeks_curve(seed: int) -> None:
    over = {d: kmh for d, kmh in in_virtual_time(_worst(seed)).items() if kmh > 0.05}
    assert not over
