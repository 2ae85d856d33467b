"""`treadcoach shoes`: pairs with their distance, and when to replace them."""

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from treadcoach.app.decisions import add_shoes, retire_shoes, shoes_of
from treadcoach.app.desk import open_desk
from treadcoach.core.errors import InputError
from treadcoach.core.units import format_distance
from treadcoach.planning.shoes import worn
from treadcoach.store import history


def shoes(what: str, name: str | None, ran: str | None, data_dir: Path | None, simulated: bool) -> int:
    """List, add or retire a pair. Raises InputError."""
    desk = open_desk(data_dir, simulated=simulated)
    today = date.today()
    match what:
        case "list":
            pass
        case "add":
            add_shoes(desk, name, ran, today)
        case "retire":
            retire_shoes(desk, name, today)
        case _:
            raise InputError("shoes", what, "list, add or retire")
    runner, pairs = desk.runner(), shoes_of(desk)
    runs = [(r.day, r.distance_m) for r in history.since(desk.engine, date(2000, 1, 1), runner.name)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("pair", "since", "distance", ""):
        table.add_column(title)
    for pair in worn(pairs.values(), runs):
        shown = format_distance(pair.distance_m, runner.unit)
        table.add_row(pair.shoe.name, pair.shoe.since.isoformat(), shown, pair.advice)
    console = Console(highlight=False, markup=False)
    console.print(table if pairs else "No shoes yet: treadcoach shoes add NAME")
    console.print("Replace shoes after 300 to 500 miles, 480 to 800 km (treadmill-injury).", style="dim")
    return 0
