"""The `workout` group of the command line."""

from pathlib import Path
from typing import Annotated

import typer

workout_app = typer.Typer(no_args_is_help=True, help="Workouts: check and exchange them.")

Reference = Annotated[
    str | None,
    typer.Option("--reference", help="The speed that 100 % means; your running speed if left out."),
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder for the journal and settings (or TREADCOACH_HOME)."),
]


@workout_app.command()
def validate(
    what: Annotated[str, typer.Argument(help="A workout in words, a plan or a .zwo file.")],
) -> None:
    """Say what is in it, or where it is wrong and what is allowed."""
    from treadcoach.cli.workout import validate as check

    raise typer.Exit(check(what))


@workout_app.command("import")
def import_(file: Path, reference: Reference = None, data_dir: DataDir = None) -> None:
    """Read a .zwo file and print it in the words that --workout takes."""
    from treadcoach.cli.workout import import_zwo

    raise typer.Exit(import_zwo(file, reference, data_dir))


@workout_app.command()
def export(
    workout: Annotated[str, typer.Argument(help="A workout in words.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .zwo file to write.")],
    name: Annotated[str, typer.Option(help="Its name.")] = "treadcoach",
    reference: Reference = None,
    data_dir: DataDir = None,
) -> None:
    """Write a workout as a .zwo file."""
    from treadcoach.cli.workout import export_zwo

    raise typer.Exit(export_zwo(workout, output, name, reference, data_dir))
