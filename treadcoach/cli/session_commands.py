"""The `sessions` and `history` groups of the command line."""

from pathlib import Path
from typing import Annotated

import typer

from treadcoach.cli.options import DataDir, Simulated, Unit

sessions_app = typer.Typer(no_args_is_help=True, help="Past sessions: what happened, and why.")
history_app = typer.Typer(no_args_is_help=True, help="What you ran before, or without, treadcoach.")

Session = Annotated[int | None, typer.Argument(help="The session's number; the newest if left out.")]


@sessions_app.command("list")
def sessions_list(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    unit: Unit = None,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """The newest sessions."""
    from treadcoach.cli.sessions import list_them

    raise typer.Exit(list_them(limit, unit, data_dir, simulated))


@sessions_app.command("show")
def sessions_show(
    number: Session = None,
    unit: Unit = None,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """What happened, minute by minute, and why the belt did what it did."""
    from treadcoach.cli.sessions import show_one

    raise typer.Exit(show_one(number, unit, data_dir, simulated))


@sessions_app.command("replay")
def sessions_replay(number: Session = None, data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """Feed the raw frames in again and compare every order with what was ordered then."""
    from treadcoach.cli.sessions import replay_one

    raise typer.Exit(replay_one(number, data_dir, simulated))


@sessions_app.command("export")
def sessions_export(
    kind: Annotated[str, typer.Argument(help="The format: fit, tcx or csv.")],
    number: Session = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; '-' or none: print.")] = None,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Write a session to a file for another program."""
    from treadcoach.cli.sessions import export_one

    raise typer.Exit(export_one(kind, number, output, data_dir, simulated))


@sessions_app.command("hand-on")
def sessions_hand_on(data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """Hand finished sessions' files to config.toml's folder and command, as 'serve' does by itself."""
    from treadcoach.cli.sessions import hand_on

    raise typer.Exit(hand_on(data_dir, simulated))


@sessions_app.command("delete")
def sessions_delete(
    number: Annotated[int, typer.Argument(help="The session's number.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Delete a session for good."""
    from treadcoach.cli.sessions import delete_one

    raise typer.Exit(delete_one(number, yes, data_dir, simulated))


@history_app.callback()
def history_group() -> None:
    """What you ran before, or without, treadcoach."""


@history_app.command("import")
def history_import(
    folder: Annotated[Path, typer.Argument(help="A folder of .fit and .tcx files (.gz too), or one file.")],
    zone: Annotated[
        str | None, typer.Option("--zone", help="Where it was run, such as Europe/Berlin; none: here.")
    ] = None,
    mine: Annotated[
        bool, typer.Option("--mine", "--yes", help="All of it is yours, run or walked on foot: do not ask.")
    ] = False,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Runs and walks of a watch or site, so that the weekly ceiling starts from what you really ran."""
    from treadcoach.cli.history import import_folder

    raise typer.Exit(import_folder(folder, zone, data_dir, simulated, mine=mine))


@history_app.command("confirm")
def history_confirm(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Sessions, as 'sessions list' numbers them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every one that waits for your word.")] = False,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Say that imported activities are yours, so that they count for the weekly ceiling."""
    from treadcoach.cli.history import confirm

    raise typer.Exit(confirm(numbers or [], everything, data_dir, simulated))
