"""From a belt's frames to next week's ceiling and to the day after: what a journal makes of a session."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.rig import JOGGER, RULES, Rig, in_virtual_time
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.training import make_training
from treadcoach.core.phases import Phase
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.checkin import load_checkin_rules
from treadcoach.planning.planner import PlanState, decide
from treadcoach.planning.plans import load_plans
from treadcoach.planning.progression import PastSession, WeeklyCeiling, rest_advice, weekly_ceiling
from treadcoach.store import history
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

WIDE = WeeklyCeiling(dict.fromkeys(DURATIONS_S, 12.0), 5.0, "a test")


def journalled(path: Path, workout: str, odd_frames: int = 0) -> tuple[history.SessionRow, PastSession]:
    """The row of a session that was run on the simulated air, and what training makes of it."""
    engine = open_engine(path / "j.db")
    recorder = JournalRecorder(Journal(engine, JOGGER.name, "mill", "F0", inline=True))

    async def run() -> None:
        async with Rig(strap=False, recorder=recorder, workout=workout, ceiling=WIDE) as rig:
            await rig.start()
            await rig.at(Phase.MAIN)
            for _ in range(odd_frames):
                await rig.mill.send_raw(0x2ACD, b"\0\0\xff\xff")
                await rig.seconds(3)
            await rig.until(rig.task.done, 7200)

    in_virtual_time(run())
    rows = history.list_sessions(engine)
    past = make_training(engine, JOGGER, RULES, path).past(rows[0].day + timedelta(days=1))
    engine.dispose()
    assert len(past) == 1
    return rows[0], past[0]


@pytest.mark.parametrize("frames", [1, 3])
def test_frames_of_655_kmh_lift_no_ceiling(tmp_path: Path, frames: int) -> None:
    row, past = journalled(tmp_path, "10 min @ 5 km/h", frames)
    assert row.top_speed_kmh is not None and row.top_speed_kmh < 6
    ceiling = weekly_ceiling([past], row.day + timedelta(days=7), JOGGER, RULES)
    assert ceiling.curve[60] < 6.0


@pytest.mark.parametrize(
    ("workout", "hard"),
    [
        ("10 min @ 8 km/h", True),
        ("6 x (1 min @ 9 km/h + 3 min @ 4 km/h)", True),
        ("8 x (30 s @ 12 km/h + 2 min @ 4 km/h)", True),
        ("10 x (15 s @ 10 km/h + 1 min @ 5 km/h)", True),
        ("2 min @ 9 km/h", True),
        ("20 min @ 6.5 km/h", False),
        ("10 min @ 5 km/h", False),
    ],
)
def test_any_running_makes_a_hard_day(tmp_path: Path, workout: str, hard: bool) -> None:
    row, past = journalled(tmp_path, workout)
    tomorrow = row.day + timedelta(days=1)
    assert (rest_advice([past], tomorrow, RULES) is not None) == hard, row.running_s
    training = make_training(open_engine(tmp_path / "j.db"), JOGGER, RULES, tmp_path)
    assert any("hard workouts" in note for note in training.allowance(tomorrow).notes) == hard
    for plan in load_plans(tmp_path).values():
        state = PlanState(plan, tomorrow, frozenset(range(7)))
        first = decide(state, [past], [], tomorrow, RULES, load_checkin_rules()).on(tomorrow)
        assert not hard or first is None or not first.session.role.is_hard, "the planner goes by the same"
