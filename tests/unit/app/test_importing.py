"""Whose runs they are, and what of them is believed: what an import may do to a weekly ceiling."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from tests.support.activities import fit_activity, tcx_activity
from tests.support.rig import JOGGER, RULES, Rig, in_virtual_time
from treadcoach.app.desk import Desk, open_desk
from treadcoach.app.exporting import export
from treadcoach.app.importing import ImportReport, import_history
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.training import make_training
from treadcoach.cli.main import app
from treadcoach.core.errors import InputError
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.allowance import Allowance
from treadcoach.store import history, imports
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
LAST_WEEK = datetime(2026, 11, 10, 10, tzinfo=UTC)
NAME = JOGGER.name
Ask = Callable[[str], bool]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(tmp_path / "j.db")


@pytest.fixture
def take(engine: Engine, tmp_path: Path) -> Callable[..., ImportReport]:
    """Imports one file of these octets."""

    def taken(data: bytes, *, mine: bool = False, ask: Ask | None = None) -> ImportReport:
        file = tmp_path / ("a.tcx" if data.lstrip().startswith(b"<") else "a.fit")
        file.write_bytes(data)
        return import_history(engine, NAME, file, NOW, UTC, mine=mine, ask=ask)

    return taken


def allowed(engine: Engine, today: date = TODAY) -> Allowance:
    return make_training(engine, JOGGER, RULES, Path("/nonexistent")).allowance(today)


def fastest(engine: Engine) -> float:
    return allowed(engine).ceiling.curve[60]


def never(question: str) -> bool:
    raise AssertionError(f"nothing is to be asked: {question}")


# -- whose it is ------------------------------------------------------------------------


def test_a_file_that_nobody_claims_is_shown_and_lifts_nothing(engine: Engine, take) -> None:  # type: ignore[no-untyped-def]
    before = fastest(engine)
    report = take(fit_activity(LAST_WEEK, (14.0,) * 1800, serial=5))
    assert (report.added, report.unclaimed) == (1, 1) and fastest(engine) == before
    [row] = history.list_sessions(engine)
    assert row.top_speed_kmh == pytest.approx(14.0, abs=0.1) and not row.lifts
    assert imports.unclaimed(engine, NAME) == [row.id]
    imports.claim(engine, NAME, [row.id])
    assert fastest(engine) == pytest.approx(14.0 * 1.15, rel=0.01) and imports.unclaimed(engine, NAME) == []
    with pytest.raises(InputError):
        imports.claim(engine, NAME, [row.id])


def test_a_person_is_asked_once_for_each_device(engine: Engine, tmp_path: Path) -> None:
    for days in range(4):
        at = LAST_WEEK - timedelta(days=days)
        (tmp_path / f"{days}.fit").write_bytes(fit_activity(at, (10.0,) * 1500, serial=5 + days % 2))
    asked: list[str] = []

    def answer(question: str) -> bool:
        asked.append(question)
        return "6" in question.split(":", maxsplit=1)[0].rsplit(maxsplit=1)[-1]

    report = import_history(engine, NAME, tmp_path, NOW, UTC, ask=answer)
    assert (report.added, report.unclaimed) == (4, 2) and len(asked) == 2
    assert all("2 activities from garmin" in question and "10.0 km/h" in question for question in asked)


def test_a_known_watch_goes_on_counting_until_it_is_suddenly_faster(engine: Engine, take) -> None:  # type: ignore[no-untyped-def]
    week = timedelta(days=7)
    assert take(fit_activity(LAST_WEEK - 2 * week, (8.0,) * 2400, serial=5), mine=True).unclaimed == 0
    assert take(fit_activity(LAST_WEEK - week, (9.0,) * 2400, serial=5), ask=never).unclaimed == 0
    assert fastest(engine) == pytest.approx(9.0 * 1.15 * 0.9, rel=0.01)
    assert take(fit_activity(LAST_WEEK, (12.0,) * 2400, serial=5)).unclaimed == 1, "a bicycle, or a friend"
    assert take(tcx_activity(LAST_WEEK + timedelta(days=1), (9.0,) * 2400)).unclaimed == 1, "of no device"
    assert take(fit_activity(LAST_WEEK + timedelta(days=2), (9.0,) * 2400, serial=6)).unclaimed == 1
    assert fastest(engine) == pytest.approx(9.0 * 1.15 * 0.9, rel=0.01)
    # The same files again, and claimed this time.
    again = take(fit_activity(LAST_WEEK, (12.0,) * 2400, serial=5), mine=True)
    assert (again.added, again.known) == (0, 1) and fastest(engine) > 13


def test_of_two_who_start_together_only_the_claimed_one_counts(engine: Engine, take) -> None:  # type: ignore[no-untyped-def]
    hers = fit_activity(LAST_WEEK, (15.0,) * 1800, serial=5)
    mine = fit_activity(LAST_WEEK + timedelta(seconds=20), (9.0,) * 1800, serial=6)
    take(hers)
    take(mine, mine=True)
    assert fastest(engine) == pytest.approx(9.0 * 1.15, rel=0.01)
    [row] = history.list_sessions(engine)
    assert row.top_speed_kmh == pytest.approx(9.0, abs=0.1) and row.lifts


def test_a_claim_of_this_week_is_no_measure_for_the_next_file_of_it(engine: Engine, take) -> None:  # type: ignore[no-untyped-def]
    asked: list[str] = []

    def answer(question: str) -> bool:
        asked.append(question)
        return len(asked) == 1

    for hours, kmh in enumerate((9.0, 11.2, 13.9, 17.3)):
        at = LAST_WEEK + timedelta(hours=3 * hours)
        take(fit_activity(at, (kmh,) * 1800, serial=5), ask=answer)
    assert len(asked) == 4, "a little faster each time, and asked each time"
    assert fastest(engine) == pytest.approx(9.0 * 1.15, rel=0.01)


def test_unclaimed_running_still_keeps_hard_days_apart(engine: Engine, take) -> None:  # type: ignore[no-untyped-def]
    take(tcx_activity(NOW - timedelta(days=1), (10.0,) * 900))
    assert any("hard workouts" in note for note in allowed(engine).notes)


def test_the_command_line_leaves_the_question_open_where_nobody_can_answer(tmp_path: Path) -> None:
    last_week = datetime.now(UTC) - timedelta(days=7)
    (tmp_path / "a.tcx").write_bytes(tcx_activity(last_week, (12.0,) * 1500, creator="Forerunner"))

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["history", *words], catch_exceptions=False)
        assert result.exit_code == 0
        return " ".join(result.stdout.split())

    said = run("import", str(tmp_path / "a.tcx"))
    assert "raise no ceiling unless you confirm that they are yours" in said and "now 6.5" in said
    assert "- 1: " in run("confirm")
    assert "1 activity now counts" in run("confirm", "1") and "yours: none" in run("confirm")
    assert "13." in run("import", str(tmp_path / "a.tcx"))


# -- what is believed ---------------------------------------------------------------------

NOISE = random.Random(1)
WALK = (5.0,) * 600


@pytest.mark.parametrize("write", [fit_activity, tcx_activity], ids=["fit", "tcx"])
@pytest.mark.parametrize(
    "speeds",
    [
        (*WALK, *(24.9,) * 20, *WALK),
        (*WALK, *(20.0,) * 25, *WALK, *(22.0,) * 25, *WALK),
        (*WALK, *(24.9,) * 60, *WALK),
        (*WALK, *(15.0,) * 240, *WALK),
        tuple(NOISE.uniform(0, 24) for _ in range(1800)),
        tuple(NOISE.uniform(0, 14) for _ in range(1800)),
        tuple(NOISE.choice([0.0, 0.0, 15.0]) for _ in range(1800)),
    ],
    ids=["a sprint of GPS", "two of them", "a car", "a bus", "noise", "less noise", "lost and found"],
)
def test_noise_lifts_nothing_even_when_it_is_the_runners_own(  # type: ignore[no-untyped-def]
    engine: Engine, take, write, speeds: tuple[float, ...]
) -> None:
    before = fastest(engine)
    report = take(write(LAST_WEEK, speeds, every_s=1), mine=True)
    assert report.added == 1
    assert fastest(engine) <= max(5.0 * 1.15 + 0.2, before)
    assert allowed(engine).ceiling.curve[300] <= 6.5 or fastest(engine) == before


@pytest.mark.parametrize("kmh", [23.0, 24.0, 24.9])
def test_what_nobody_can_run_is_refused(engine: Engine, take, kmh: float) -> None:  # type: ignore[no-untyped-def]
    report = take(tcx_activity(LAST_WEEK, (kmh,) * 7200), mine=True)
    assert report.added == 0 and "nobody runs faster" in report.refused[0][1]


def test_what_was_really_run_counts_whole(engine: Engine, take) -> None:  # type: ignore[no-untyped-def]
    """Jittering readings, minutes of running and walking, a stop at the lights: nothing of it is lost."""
    rnd = random.Random(3)
    run = [5.0] * 300 + ([9.5] * 120 + [5.0] * 60) * 8 + [0.0] * 30 + [9.0] * 600
    speeds = tuple(max(kmh + rnd.gauss(0, 1), 0.0) if kmh else 0.0 for kmh in run)
    take(fit_activity(LAST_WEEK, speeds), mine=True)
    curve = allowed(engine).ceiling.curve
    assert curve[60] == pytest.approx(9.5 * 1.15, rel=0.05)
    assert curve[600] == pytest.approx(9.0 * 1.15, rel=0.05)


# -- sessions of our own ------------------------------------------------------------------


def _recorded(desk: Desk) -> int:
    journal = Journal(desk.engine, desk.runner().name, "mill", "F0", inline=True)

    async def run() -> int:
        async with Rig(recorder=JournalRecorder(journal), workout="3 min @ 8 km/h", strap=False) as rig:
            await rig.start()
            await rig.until(rig.task.done, 3600)
            return rig.coach.session_id or 0

    return in_virtual_time(run())


@pytest.mark.parametrize("kind", ["fit", "tcx"])
def test_a_simulated_session_is_marked_and_refused(tmp_path: Path, kind: str) -> None:
    desk = open_desk(None, simulated=True)
    file = tmp_path / f"out.{kind}"
    file.write_bytes(export(desk, _recorded(desk), kind))
    real = open_desk(None)
    later = datetime.now(UTC) + timedelta(days=1)
    report = import_history(real.engine, real.runner().name, file, later, UTC, mine=True)
    assert report.added == 0 and "simulated session" in report.refused[0][1]
    assert history.list_sessions(real.engine) == []


@pytest.mark.parametrize("kind", ["fit", "tcx"])
def test_our_own_session_again_is_known(tmp_path: Path, kind: str) -> None:
    desk = open_desk(None)
    number = _recorded(desk)
    file = tmp_path / f"out.{kind}"
    file.write_bytes(export(desk, number, kind))
    later = datetime.now(UTC) + timedelta(days=1)
    report = import_history(desk.engine, desk.runner().name, file, later, UTC, ask=never)
    assert (report.added, report.known, report.refused) == (0, 1, [])
    assert history.get_session(desk.engine, number).curve.keys() == set(DURATIONS_S)
