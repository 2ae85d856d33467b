"""`treadcoach practice …`: the runners and treadmills of a practice."""

from pathlib import Path
from typing import Annotated

import typer

from treadcoach.cli.options import DataDir

practice_app = typer.Typer(help="Several treadmills and runners: docs/practice.md.", no_args_is_help=True)


@practice_app.command("show")
def show(data_dir: DataDir = None) -> None:
    """The treadmills, and who is at each."""
    from treadcoach.app.config import folders, runner_names
    from treadcoach.app.practice import load_places

    config = folders(data_dir).house_config
    places = load_places(config)
    for place in places:
        straps = ", ".join(place.straps)
        print(f"{place.name}: {place.treadmill}, sensors {straps}, port {place.port}; now {place.runner}")
    if not places:
        print("No [[treadmills]] in config.toml: this is a home with one.")
    print(f"Runners: {', '.join(runner_names(config)) or 'none yet'}.")


@practice_app.command("add-runner")
def add_runner(
    name: Annotated[str, typer.Argument(help="Small letters, digits and '-'.")], data_dir: DataDir = None
) -> None:
    """Make a runner: a folder with settings, limits and plans of their own."""
    from treadcoach.app.config import RUNNERS, folders
    from treadcoach.app.practice import add_runner as do_add

    config = folders(data_dir).house_config
    do_add(config, name)
    print(f"{name} was added: {config / RUNNERS / name}")


@practice_app.command("seat")
def seat(treadmill: str, runner: str, data_dir: DataDir = None) -> None:
    """Put a runner at a treadmill; a session that runs there is ended first by the one who runs it."""
    from treadcoach.app.config import folders
    from treadcoach.app.practice import seat as do_seat

    do_seat(folders(data_dir).house_config, treadmill, runner)
    print(f"{runner} is at {treadmill} from the next session on; serve shows the new PIN.")


def backup(to: Path, data_dir: Path | None, simulated: bool, *, force: bool) -> int:
    """A whole copy in a new file."""
    from treadcoach.app.config import folders
    from treadcoach.app.storing import open_store
    from treadcoach.core.errors import InputError
    from treadcoach.store.copies import copy_out

    if to.exists() and not force:
        raise InputError("file", str(to), "one that is not there yet, or --force")
    places = folders(data_dir, simulated=simulated)
    engine = open_store(places)
    part = to.with_name(f".{to.name}.part")
    part.unlink(missing_ok=True)
    try:
        copy_out(engine, part, places.config.name if places.is_practice else None)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
        engine.dispose()
    print(f"Written to {to} ({to.stat().st_size / 1e6:.1f} MB). Settings are in {places.house_config}.")
    return 0


def restore(copy: Path, data_dir: Path | None, simulated: bool, *, yes: bool) -> int:
    """Put a copy in the place of everything, after a question."""
    from treadcoach.app.config import folders
    from treadcoach.app.lock import OneAtATime
    from treadcoach.app.storing import open_store, put_in_order
    from treadcoach.cli.lines import print_wrapped
    from treadcoach.core.errors import InputError
    from treadcoach.store.copies import copy_in

    if not copy.is_file():
        raise InputError("file", str(copy), "a copy that 'treadcoach backup' made")
    places = folders(data_dir, simulated=simulated)
    if places.is_practice:
        raise InputError("restore", places.config.name, "the whole practice: without --runner")
    if not yes and not typer.confirm("Put this copy in the place of every session and everything said here?"):
        print("Nothing was changed.")
        return 1
    with OneAtATime(places):
        engine = open_store(places)
        for line in put_in_order(places, engine):
            print_wrapped(line)
        copy_in(engine, copy)
        engine.dispose()
    print(f"Restored from {copy}.")
    return 0
