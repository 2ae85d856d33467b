"""`treadcoach clock`: whether this computer's date is believed, and a person's word that it is right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treadcoach.cli.options import DataDir, Simulated

if TYPE_CHECKING:
    from treadcoach.app.training import Training

clock_app = typer.Typer(no_args_is_help=True, help="Whether this computer's date can be believed.")


@clock_app.command("show")
def show(data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """Compare the date with what was written last."""
    from datetime import date

    from treadcoach.cli.lines import print_wrapped

    training = _training(data_dir, simulated)
    today = date.today()
    print_wrapped(training.clock_doubt(today) or f"{today.isoformat()} fits what was written last.")


@clock_app.command("confirm")
def confirm(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Say that this computer's date is right."""
    from datetime import date

    training = _training(data_dir, simulated)
    today = date.today()
    if not yes and not typer.confirm(f"Is it {today:%A}, {today.isoformat()} today?"):
        print("Then set this computer's clock first.")
        raise typer.Exit(1)
    training.confirm_clock(today)
    print(f"Noted: it is {today.isoformat()}.")


def _training(data_dir: Path | None, simulated: bool) -> "Training":
    from treadcoach.app.config import folders, load_runner
    from treadcoach.app.storing import open_store
    from treadcoach.app.training import make_training
    from treadcoach.planning.guidance import load_guidance

    places = folders(data_dir, simulated=simulated)
    rules = load_guidance(places.config).belt
    return make_training(open_store(places), load_runner(places.config), rules, places.config)
