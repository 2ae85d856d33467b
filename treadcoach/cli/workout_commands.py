"""The `workout` group of the command line."""

from pathlib import Path
from typing import Annotated

import typer

from treadcoach.cli.options import DataDir

workout_app = typer.Typer(no_args_is_help=True, help="Workouts: check, keep and exchange them.")

Reference = Annotated[
    str | None,
    typer.Option("--reference", help="The speed that 100 % means; your running speed if left out."),
]


@workout_app.command()
def validate(
    what: Annotated[str, typer.Argument(help="Words, a plan or workout in YAML, a .zwo or .fit file.")],
    data_dir: DataDir = None,
) -> None:
    """Say what is in it, or where it is wrong and what is allowed."""
    from treadcoach.cli.workout import validate as check

    raise typer.Exit(check(what, data_dir))


@workout_app.command("list")
def list_(data_dir: DataDir = None) -> None:
    """The workouts that you keep."""
    from treadcoach.cli.workout import list_workouts

    raise typer.Exit(list_workouts(data_dir))


@workout_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A .yaml, .zwo or .fit workout.")],
    save: Annotated[str | None, typer.Option("--save", help="Keep it under this name.")] = None,
    reference: Reference = None,
    data_dir: DataDir = None,
) -> None:
    """Read a workout file; print it in the words that --workout takes, or keep it."""
    from treadcoach.cli.workout import import_workout

    raise typer.Exit(import_workout(file, save, reference, data_dir))


@workout_app.command()
def export(
    workout: Annotated[str, typer.Argument(help="A workout in words, a file, or the name of your own.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .zwo or .fit file to write.")],
    name: Annotated[str, typer.Option(help="Its name.")] = "treadcoach",
    reference: Reference = None,
    data_dir: DataDir = None,
) -> None:
    """Write a workout for another program or a watch."""
    from treadcoach.cli.workout import export_workout

    raise typer.Exit(export_workout(workout, output, name, reference, data_dir))
