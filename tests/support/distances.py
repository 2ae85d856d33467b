"""Sessions on a bad air: late and lost frames, silences, cut links, pauses, counters that begin anew."""

import random
from dataclasses import dataclass

from tests.support.rig import Rig, in_virtual_time
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ON_BELT, Phase
from treadcoach.virtual.belt import MachineModel
from treadcoach.virtual.faults import Faults

SPEEDS_KMH = (4.0, 5.0, 5.5, 6.0, 7.0, 8.0)
SILENCE_S = 2.5
"""Less than the time after which the coach stops for want of readings."""


@dataclass(frozen=True, slots=True)
class Walked:
    """One session: how far the belt really ran, how far the coach says, and what happened to it."""

    seed: int
    true_m: float
    said_m: float
    pauses: int
    resets: int
    cuts: int
    silences: int

    @property
    def error_percent(self) -> float:
        return 100 * abs(self.said_m - self.true_m) / self.true_m


def one_session(seed: int) -> Walked:
    """A session of 12 to 40 minutes with everything by chance."""
    return in_virtual_time(_session(seed))


async def _session(seed: int) -> Walked:
    chance = random.Random(seed)
    minutes = chance.sample(range(2, 12), chance.randint(2, 4))
    workout = " + ".join(f"{m} min @ {chance.choice(SPEEDS_KMH)} km/h" for m in minutes)
    faults = Faults(
        late_s=chance.choice((0.0, 0.1, 0.3)),
        lost_share=chance.choice((0.0, 0.02, 0.1)),
        chance=random.Random(seed),
        pause_resets_counters=chance.random() < 0.5,
    )
    model = MachineModel(sends_distance=chance.random() < 0.85, data_period_s=chance.choice((0.5, 1.0)))
    happened = dict.fromkeys(("pauses", "resets", "cuts", "silences"), 0)
    async with Rig(strap=False, model=model, faults=faults, workout=workout) as rig:
        await rig.walk()
        while not rig.task.done():
            await rig.seconds(chance.uniform(30, 240))
            if rig.phase not in ON_BELT:
                continue
            what = chance.choice(("pauses", "resets", "cuts", "silences"))
            happened[what] += 1
            if what == "pauses":
                rig.ask(IntentKind.PAUSE)
                await rig.seconds(chance.uniform(20, 90))
                await _on_again(rig)
            elif what == "resets":
                rig.belt.distance_m = 0.0
            elif what == "cuts":
                rig.mill.cut_radio()
                await rig.seconds(chance.uniform(5, 20))
                await _on_again(rig)
            else:
                faults.no_data = True
                await rig.seconds(SILENCE_S)
                faults.no_data = False
        said_m = rig.controller.sensors.belt(rig.now_s).distance_m
        return Walked(seed, rig.belt.true_distance_m, said_m, **happened)


async def _on_again(rig: Rig) -> None:
    """The person starts the belt again as soon as that is possible, or the session is over."""
    for _ in range(60):
        if rig.task.done() or rig.phase in ON_BELT:
            return
        if rig.phase is Phase.PAUSED:
            rig.ask(IntentKind.START)
        await rig.seconds(2)
