"""`treadcoach history import`: activities of a watch or a site as history."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import typer
from sqlalchemy import Engine

from treadcoach.app.config import folders, load_runner
from treadcoach.app.importing import ImportReport, import_history
from treadcoach.app.storing import open_store
from treadcoach.app.training import make_training
from treadcoach.cli.lines import print_wrapped
from treadcoach.core.guidance import BeltRules
from treadcoach.core.runner import Runner
from treadcoach.core.units import format_speed
from treadcoach.formats.ics import parse_zone
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.progression import weekly_ceiling
from treadcoach.store import history, imports

MOST_REASONS = 20


def import_folder(
    folder: Path, zone: str | None, data_dir: Path | None, simulated: bool, *, mine: bool = False
) -> int:
    """Import, and say what became of it and of this week's ceiling. 1 when nothing could be read."""
    where = None if zone is None else parse_zone(zone)
    places = folders(data_dir, simulated=simulated)
    runner, rules = load_runner(places.config), load_guidance(places.config).belt
    engine = open_store(places)
    # Where nobody can answer, the question stays open.
    ask = typer.confirm if sys.stdin.isatty() else None
    report = import_history(
        engine, runner.name, folder, datetime.now(UTC), where, mine=mine, ask=ask, unit=runner.unit
    )
    _print(report)
    _say_ceiling(engine, runner, rules, places.config)
    return 0 if report.added + report.known or not report.refused else 1


def confirm(numbers: list[int], everything: bool, data_dir: Path | None, simulated: bool) -> int:
    """Activities that are the runner's own; with neither numbers nor `everything`: which of them wait."""
    places = folders(data_dir, simulated=simulated)
    runner, rules = load_runner(places.config), load_guidance(places.config).belt
    engine = open_store(places)
    waiting = imports.unclaimed(engine, runner.name)
    if not numbers and not everything:
        print("Imported activities that are not confirmed as yours:" + ("" if waiting else " none"))
        for number in waiting:
            row = history.get_session(engine, number)
            top = format_speed(row.top_speed_kmh, runner.unit)
            print_wrapped(f"- {number}: {row.title}, {row.day.isoformat()}, top {top}", "  ")
        return 0
    chosen = numbers or waiting
    imports.claim(engine, runner.name, chosen)
    counted = "1 activity now counts" if len(chosen) == 1 else f"{len(chosen)} activities now count"
    print(f"{counted} for your weekly ceiling.")
    _say_ceiling(engine, runner, rules, places.config)
    return 0


def _say_ceiling(engine: Engine, runner: Runner, rules: BeltRules, config: Path) -> None:
    past = make_training(engine, runner, rules, config).past(date.today())
    engine.dispose()
    ceiling = weekly_ceiling(past, date.today(), runner, rules)
    top = format_speed(ceiling.curve[60], runner.unit)
    print_wrapped(f"This week's ceiling for a minute is now {top}: {ceiling.reason}.")


def _print(report: ImportReport) -> None:
    print(f"{report.added} added, {report.known} there already, {len(report.refused)} refused.")
    for name, reason in report.refused[:MOST_REASONS]:
        print_wrapped(f"- {reason}" if reason.startswith(name) else f"- {name}: {reason}", "  ")
    if len(report.refused) > MOST_REASONS:
        print(f"- and {len(report.refused) - MOST_REASONS} more")
    for name, jumps in report.jumps.items():
        print_wrapped(f"- {name}: {jumps} jumps of its position were too fast and count as standing", "  ")
    if report.unclaimed:
        print_wrapped(
            f"{report.unclaimed} of them are shown as history, but raise no ceiling unless you confirm that"
            " they are yours. See which: treadcoach history confirm"
        )
    if report.other_files:
        print(f"{report.other_files} files of other kinds were left alone.")
