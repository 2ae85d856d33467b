"""`treadcoach shoes`: pairs with their distance, and when to replace them."""

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from treadcoach.app.config import folders, load_runner
from treadcoach.core.errors import InputError
from treadcoach.core.units import format_distance, parse_distance
from treadcoach.planning.shoes import Shoe, worn
from treadcoach.store import diary, history
from treadcoach.store.schema import open_engine

MOST_RAN_KM = 5000.0


def shoes(what: str, name: str | None, ran: str | None, data_dir: Path | None, simulated: bool) -> int:
    """List, add or retire a pair. Raises InputError."""
    places = folders(data_dir, simulated=simulated)
    runner = load_runner(places.config)
    engine = open_engine(places.journal)
    today = date.today()
    pairs = read_shoes(diary.entries(engine, runner.name, "shoe"))
    if what == "list":
        runs = [(r.day, r.distance_m) for r in history.since(engine, date(2000, 1, 1), runner.name)]
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
    if name is None or not name.strip():
        raise InputError("name", name, "what you call the pair")
    known = pairs.get(name)
    if what == "add":
        if known is not None and known.retired is None:
            raise InputError("name", name, "a pair that is not there yet")
        before = 0.0 if ran is None else parse_distance(ran, "--ran", MOST_RAN_KM)
        diary.add(engine, runner.name, today, "shoe", {"what": "add", "name": name[:60], "before_m": before})
    elif what == "retire":
        if known is None or known.retired is not None:
            raise InputError(
                "name", name, f"one of {', '.join(s.name for s in pairs.values()) or 'none yet'}"
            )
        diary.add(engine, runner.name, today, "shoe", {"what": "retire", "name": name})
    else:
        raise InputError("shoes", what, "list, add or retire")
    return shoes("list", None, None, data_dir, simulated)


def read_shoes(entries: list[diary.Entry]) -> dict[str, Shoe]:
    """The pairs by name, from the diary."""
    pairs: dict[str, Shoe] = {}
    for entry in entries:
        name = entry.payload["name"]
        if entry.payload["what"] == "add":
            pairs[name] = Shoe(name, entry.day, float(entry.payload["before_m"]))
        elif name in pairs:
            old = pairs[name]
            pairs[name] = Shoe(name, old.since, old.before_m, entry.day)
    return pairs
