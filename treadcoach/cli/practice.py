"""`treadcoach practice …`: the runners and treadmills of a practice."""

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
