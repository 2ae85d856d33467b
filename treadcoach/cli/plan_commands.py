"""The `plan` group of the command line; each command imports what it needs, so that --help is quick."""

from pathlib import Path
from typing import Annotated

import typer

from treadcoach.cli.options import DataDir, Simulated

plan_app = typer.Typer(no_args_is_help=True, help="Progressive plans: what to run next, and why.")

Days = Annotated[
    str, typer.Option("--days", help="Days with time: 'mon,wed,fri', 'mon 18:30, sat 9:00' or 'daily 7:00'.")
]
Key = Annotated[str, typer.Argument(help="WEEK.SESSION of the plan, such as 2.1.")]


@plan_app.command("list")
def list_(data_dir: DataDir = None) -> None:
    """The plans there are, and for whom."""
    from treadcoach.cli.plan import list_plans

    raise typer.Exit(list_plans(data_dir))


@plan_app.command()
def show(name: str, data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """One plan, week by week."""
    from treadcoach.cli.plan import show_plan

    raise typer.Exit(show_plan(name, data_dir, simulated))


@plan_app.command()
def start(
    name: str,
    days: Days = "daily",
    from_: Annotated[str, typer.Option("--from", help="today, tomorrow or a date.")] = "today",
    physician_seen: Annotated[
        bool, typer.Option("--physician-seen", help="A physician has been asked (A11).")
    ] = False,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Follow a plan."""
    from treadcoach.cli.plan import start_plan

    raise typer.Exit(start_plan(name, days, from_, physician_seen, data_dir, simulated))


@plan_app.command()
def stop(data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """Follow no plan any more."""
    from treadcoach.cli.plan import stop_plan

    raise typer.Exit(stop_plan(data_dir, simulated))


@plan_app.command()
def today(data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """Today's session, with the reason for every field."""
    from treadcoach.cli.plan import today as show_today

    raise typer.Exit(show_today(data_dir, simulated))


@plan_app.command()
def week(data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """The next two weeks with dates."""
    from treadcoach.cli.plan import week as show_week

    raise typer.Exit(show_week(data_dir, simulated))


@plan_app.command()
def move(
    session: Key,
    to: Annotated[str, typer.Argument(help="today, tomorrow or a date.")],
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Put a session on another day."""
    from treadcoach.cli.plan import move as move_session

    raise typer.Exit(move_session(session, to, data_dir, simulated))


@plan_app.command()
def skip(session: Key, data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """Leave a session out."""
    from treadcoach.cli.plan import skip as skip_session

    raise typer.Exit(skip_session(session, data_dir, simulated))


@plan_app.command()
def why(
    day: Annotated[str, typer.Argument(help="today, tomorrow or a date.")] = "today",
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Why a day's session is what it is."""
    from treadcoach.cli.plan import why as show_why

    raise typer.Exit(show_why(day, data_dir, simulated))


@plan_app.command("what-if")
def what_if(
    plan: Annotated[str | None, typer.Option("--plan", help="Another plan.")] = None,
    days: Annotated[str | None, typer.Option("--days", help="Other days: 'mon,wed,fri' or 'daily'.")] = None,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """The next four weeks, changing nothing."""
    from treadcoach.cli.plan import what_if as show_what_if

    raise typer.Exit(show_what_if(plan, days, data_dir, simulated))


@plan_app.command()
def calendar(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; '-' or none: print.")] = None,
    at: Annotated[
        str, typer.Option("--at", help="Time of day, where the plan was started without one.")
    ] = "07:00",
    zone: Annotated[
        str | None, typer.Option("--zone", help="Time zone, such as Europe/Berlin; none: wherever you are.")
    ] = None,
    remind: Annotated[int, typer.Option("--remind", help="Minutes before; 0 for none.")] = 30,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """The next four weeks as a calendar file (.ics), which updates what an earlier one put in."""
    from treadcoach.cli.plan_calendar import export_calendar

    raise typer.Exit(export_calendar(output, at, zone, remind, data_dir, simulated))
