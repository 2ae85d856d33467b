"""What a glitch says lifts no week, and running in short pieces is running."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.claims import Claims, LyingBelt, lying, wide_week
from tests.support.rig import JOGGER, RULES, in_virtual_time
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.training import make_training
from treadcoach.core.samples import TreadmillData
from treadcoach.store import history
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine
from treadcoach.virtual.belt import MachineModel

WALK = replace(JOGGER, name="walker")
WALKED = "2 min @ 5 km/h"
SHORT_WEEK = replace(RULES, training_week_min_s=120.0)
"""A walk of two minutes makes a training week here: the sessions are short for the tests' sake."""
Lie = Callable[[LyingBelt, TreadmillData], TreadmillData]


def recorder(engine: Engine) -> JournalRecorder:
    return JournalRecorder(Journal(engine, WALK.name, "machine", "F0:00", inline=True))


def next_week(engine: Engine) -> dict[int, float]:
    """The curve of the week after the only session."""
    row = history.since(engine, dt.date(2000, 1, 1), WALK.name)[-1]
    training = make_training(engine, WALK, SHORT_WEEK, Path("/nonexistent"))
    return dict(training.allowance(row.day + dt.timedelta(days=7)).ceiling.curve)


def walked(
    folder: Path, lie: Lie | None = None, frames: tuple[bytes, int, float] | None = None
) -> dict[int, float]:
    """A walk with odd frames (which, how often, how far apart) or a lie in it; next week's curve."""
    engine = open_engine(folder / "journal.db")

    async def session() -> None:
        belt = lying(lie or (lambda _b, told: told), MachineModel())
        async with Claims(belt=belt, recorder=recorder(engine), workout=WALKED) as rig:
            await rig.to_main()
            await rig.seconds(20)
            if frames is not None:
                data, times, apart_s = frames
                for _ in range(times):
                    await rig.mill.send_raw(0x2ACD, data)
                    await rig.seconds(apart_s)
            await rig.ended(1500)

    in_virtual_time(session())
    row = history.since(engine, dt.date(2000, 1, 1), WALK.name)[-1]
    assert row.top_speed_kmh is not None and row.top_speed_kmh <= 5.5
    curve = next_week(engine)
    engine.dispose()
    return curve


BEST_MINUTE_KMH = 5.0 * 1.15
FRAMES = {
    "655.35": b"\0\0\xff\xff",
    "60": b"\0\0\x70\x17",
    "20": b"\0\0\xd0\x07",
    "12": b"\0\0\xb0\x04",
    "distance": b"\x04\0\xf4\x01\xff\xff\x00",
}


@pytest.mark.parametrize(
    ("said", "frames"),
    [*((said, (3, 3.0)) for said in FRAMES), ("655.35", (1, 1.0)), ("20", (1, 1.0)), ("12", (8, 7.0))],
)
def test_odd_frames_in_a_walk_lift_no_week(tmp_path: Path, said: str, frames: tuple[int, float]) -> None:
    curve = walked(tmp_path, frames=(FRAMES[said], *frames))
    assert curve[60] <= BEST_MINUTE_KMH + 0.05
    assert curve[120] <= BEST_MINUTE_KMH + 0.05


def twelve_for_ten_seconds(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
    return replace(told, speed_kmh=12.0) if 80 < belt.elapsed_s < 90 else told


def every_fifth(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
    return replace(told, speed_kmh=9.0) if int(belt.elapsed_s) % 5 == 4 else told


@pytest.mark.parametrize("lie", [twelve_for_ten_seconds, every_fifth])
def test_readings_that_the_distance_speaks_against_lift_no_week(tmp_path: Path, lie: Lie) -> None:
    engine = open_engine(tmp_path / "journal.db")

    async def session() -> None:
        async with Claims(belt=lying(lie, MachineModel()), recorder=recorder(engine), workout=WALKED) as rig:
            await rig.start()
            await rig.until(rig.task.done, 1500)

    in_virtual_time(session())
    row = history.since(engine, dt.date(2000, 1, 1), WALK.name)[-1]
    assert row.curve[60] <= 5.3
    engine.dispose()


@pytest.mark.parametrize(
    ("workout", "hard"),
    [
        ("6 min @ 8 km/h", True),
        ("4 x (1 min @ 9 km/h + 3 min @ 4 km/h)", True),
        ("5 x (30 s @ 12 km/h + 2 min @ 4 km/h)", True),
        ("4 min @ 9 km/h", True),
        ("4 x (1 min @ 6.4 km/h + 1 min @ 4 km/h)", False),
    ],
)
def test_running_in_pieces_makes_a_hard_day(tmp_path: Path, workout: str, hard: bool) -> None:
    """On the day after, the belt goes no faster than walking; after a walk it may."""
    engine = open_engine(tmp_path / "journal.db")

    async def session() -> None:
        async with Claims(recorder=recorder(engine), workout=workout, ceiling=wide_week(12.0)) as rig:
            await rig.start()
            await rig.ended(7200)

    in_virtual_time(session())
    row = history.since(engine, dt.date(2000, 1, 1), WALK.name)[-1]
    training = make_training(engine, WALK, RULES, Path("/nonexistent"))
    allowed = training.allowance(row.day + dt.timedelta(days=1))
    fastest = max(allowed.ceiling.curve.values())
    assert (fastest <= RULES.running_above_kmh) is hard
    engine.dispose()
