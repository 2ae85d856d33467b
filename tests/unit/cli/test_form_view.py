"""Running form on the screens, from a snapshot as the socket carries it."""

import io
import json

from rich.console import Console

from tests.support.rig import Rig, in_virtual_time
from treadcoach.cli.form_view import live_lines, live_row, print_form_summary, status_lines
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.core.units import SpeedUnit


async def _form() -> dict[str, object]:
    async with Rig(acceleration=True) as rig:
        await rig.at(Phase.READY, 60)
        await rig.seconds(12)
        rig.ask(IntentKind.START)
        await rig.at(Phase.WARM_UP, 60)
        await rig.seconds(40)
        assert rig.coach.latest is not None and rig.coach.latest.form is not None
        return rig.coach.latest.form


FORM = json.loads(json.dumps(in_virtual_time(_form())))


def test_a_second_terminal_reads_values_with_their_tier() -> None:
    first, last = status_lines(FORM)
    assert first.startswith("form (accelerometer at the chest): cadence 1")
    assert "~" in first and "forward tilt since standing" in first
    assert last.startswith("not seen: swivel")


def test_the_live_row_marks_estimates() -> None:
    cells = [cell.plain for cell in live_row(FORM)]
    assert len(cells) == 4 and cells[0].startswith("bounce\n~") and cells[3] == "form\ngood"


def test_issues_and_offers_are_shown() -> None:
    form = dict(FORM)
    form["issues"] = [
        {"id": "B3", "name": "Slow, long stride", "seen": ["cadence 150"]},
        {"id": "B12", "name": "Form that fades", "seen": []},
    ]
    form["offer"] = "Form that fades: shall the belt ease off a little?"
    assert live_row(form)[3].plain == "form\nSlow, long stride, and 1 more"
    assert any("Y: yes" in line.plain for line in live_lines(form))
    assert any("shall the belt" in line for line in status_lines(form))


def test_without_a_sensor_there_is_nothing_to_show() -> None:
    empty = {"sensors": [], "issues": [], "offer": None, "cannot_see": []}
    assert live_row(None) == [] and live_lines(None) == [] and status_lines(None) == []
    assert live_row(empty) == [] and status_lines(empty) == []
    out = io.StringIO()
    print_form_summary(Console(file=out), None, SpeedUnit.KMH)
    print_form_summary(Console(file=out), {"sensors": []}, SpeedUnit.KMH)
    assert out.getvalue() == ""
