"""What was done besides the belt: strength work, and the results of screens over time."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from treadcoach.app.decisions import screen_done, strength_done
from treadcoach.app.desk import open_desk
from treadcoach.app.training import ScreenResult
from treadcoach.core.errors import InputError

OUTCOMES = {"passed": True, "failed": False}
MOST_SHOWN = 6


def record(which: str, result: str | None, note: str, data_dir: Path | None, simulated: bool) -> int:
    """Write down that strength was done today, or how a screen went. Raises InputError."""
    desk, today = open_desk(data_dir, simulated=simulated), date.today()
    if result is None:
        if which != "strength":
            raise InputError("--done", which, "strength; for a screen: --result ID=passed")
        print(f"Written down: strength today, {strength_done(desk, today)} this week.")
        return 0
    name, _, outcome = result.partition("=")
    if outcome not in OUTCOMES:
        raise InputError("--result", outcome, f"{name}=passed or {name}=failed")
    screen_done(desk, name, OUTCOMES[outcome], note, today)
    for line in result_lines(desk.training().screens()[name]):
        print(line)
    return 0


def result_lines(results: Sequence[ScreenResult]) -> list[str]:
    """Results of one screen, the newest first."""
    return [
        f"{result.day.isoformat()}  {'passed' if result.passed else 'not passed'}"
        + (f"  {result.note}" if result.note else "")
        for result in list(reversed(results))[:MOST_SHOWN]
    ]
