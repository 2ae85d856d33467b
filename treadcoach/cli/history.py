"""`treadcoach history import`: activities of a watch or a site as history."""

from datetime import UTC, date, datetime
from pathlib import Path

from treadcoach.app.config import folders, load_runner
from treadcoach.app.importing import ImportReport, import_history
from treadcoach.app.storing import open_store
from treadcoach.app.training import make_training
from treadcoach.cli.lines import print_wrapped
from treadcoach.core.units import format_speed
from treadcoach.formats.ics import parse_zone
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.progression import weekly_ceiling

MOST_REASONS = 20


def import_folder(folder: Path, zone: str | None, data_dir: Path | None, simulated: bool) -> int:
    """Import, and say what became of it and of this week's ceiling. 1 when nothing could be read."""
    where = None if zone is None else parse_zone(zone)
    places = folders(data_dir, simulated=simulated)
    runner, rules = load_runner(places.config), load_guidance(places.config).belt
    engine = open_store(places)
    report = import_history(engine, runner.name, folder, datetime.now(UTC), where)
    _print(report)
    past = make_training(engine, runner, rules, places.config).past(date.today())
    engine.dispose()
    ceiling = weekly_ceiling(past, date.today(), runner, rules)
    top = format_speed(ceiling.curve[60], runner.unit)
    print_wrapped(f"This week's ceiling for a minute is now {top}: {ceiling.reason}.")
    return 0 if report.added + report.known or not report.refused else 1


def _print(report: ImportReport) -> None:
    print(f"{report.added} added, {report.known} there already, {len(report.refused)} refused.")
    for name, reason in report.refused[:MOST_REASONS]:
        print_wrapped(f"- {reason}" if reason.startswith(name) else f"- {name}: {reason}", "  ")
    if len(report.refused) > MOST_REASONS:
        print(f"- and {len(report.refused) - MOST_REASONS} more")
    for name, jumps in report.jumps.items():
        print_wrapped(f"- {name}: {jumps} jumps of its position were too fast and count as standing", "  ")
    if report.other_files:
        print(f"{report.other_files} files of other kinds were left alone.")
