"""What was done besides the belt: strength work, and the results of screens over time."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from treadcoach.app.config import folders, load_runner
from treadcoach.app.training import ScreenResult, Training, make_training
from treadcoach.core.errors import InputError
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.prescription import load_prescriptions
from treadcoach.store import diary
from treadcoach.store.schema import open_engine

OUTCOMES = {"passed": True, "failed": False}
MOST_SHOWN = 6


def training(data_dir: Path | None, simulated: bool) -> Training:
    """The runner's training."""
    places = folders(data_dir, simulated=simulated)
    rules = load_guidance(places.config).belt
    return make_training(open_engine(places.journal), load_runner(places.config), rules, places.config)


def record(which: str, result: str | None, note: str, data_dir: Path | None, simulated: bool) -> int:
    """Write down that strength was done today, or how a screen went. Raises InputError."""
    found, today = training(data_dir, simulated), date.today()
    if result is None:
        if which != "strength":
            raise InputError("--done", which, "strength; for a screen: --result ID=passed")
        if today not in found.strength_done():
            diary.add(found.engine, found.runner.name, today, "strength", {})
        week = [day for day in found.strength_done() if day.isocalendar()[:2] == today.isocalendar()[:2]]
        print(f"Written down: strength today, {len(set(week))} this week.")
        return 0
    screens = load_prescriptions().of("apart", ("screen",), aching_back=False)
    known = [screen.id for screen in screens]
    name, _, outcome = result.partition("=")
    if name not in known:
        raise InputError("--result", name, f"one of {', '.join(known)}")
    if outcome not in OUTCOMES:
        raise InputError("--result", outcome, f"{name}=passed or {name}=failed")
    payload = {"id": name, "passed": OUTCOMES[outcome], "note": note[:200]}
    diary.add(found.engine, found.runner.name, today, "screen", payload)
    for line in result_lines(found.screens()[name]):
        print(line)
    return 0


def result_lines(results: Sequence[ScreenResult]) -> list[str]:
    """Results of one screen, the newest first."""
    return [
        f"{result.day.isoformat()}  {'passed' if result.passed else 'not passed'}"
        + (f"  {result.note}" if result.note else "")
        for result in list(reversed(results))[:MOST_SHOWN]
    ]
