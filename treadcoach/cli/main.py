"""The command line. Every command imports what it needs itself, so that `--help` is quick."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from treadcoach.cli.clock import clock_app
from treadcoach.cli.copies import backup, restore
from treadcoach.cli.options import DataDir, Simulated, Unit
from treadcoach.cli.plan_commands import plan_app
from treadcoach.cli.practice import practice_app
from treadcoach.cli.session_commands import history_app, sessions_app
from treadcoach.cli.workout_commands import workout_app

app = typer.Typer(
    name="treadcoach",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A treadmill coach that keeps a moving belt inside documented limits."
    " The safety key is the emergency stop.",
)
app.add_typer(sessions_app, name="sessions")
app.add_typer(history_app, name="history")
app.add_typer(clock_app, name="clock")
app.add_typer(plan_app, name="plan")
app.add_typer(workout_app, name="workout")
app.add_typer(practice_app, name="practice")
app.command()(backup)
app.command()(restore)


@app.callback()
def every_command(
    runner: Annotated[
        str | None, typer.Option(help="In a practice: for whom (or TREADCOACH_RUNNER). docs/practice.md")
    ] = None,
) -> None:
    """Options of every command."""
    if runner is not None:
        os.environ["TREADCOACH_RUNNER"] = runner


WorkoutText = Annotated[
    str | None,
    typer.Option(
        "--workout",
        help="The main set: '5 min @ 6 km/h + 4 x (1 min @ jog + 400 m @ walk, 1 %)', a workout file,"
        " or the name of one you keep.",
    ),
]
WhichTreadmill = Annotated[str | None, typer.Option("--treadmill", help="In a practice: one of several.")]
SpeedUp = Annotated[
    float, typer.Option("--speed-up", min=0.1, max=100, help="How much faster than the wall clock.")
]


@app.command()
def demo(
    speed_up: SpeedUp = 20.0,
    workout: WorkoutText = None,
    unit: Unit = None,
    fade: Annotated[
        bool,
        typer.Option(
            "--fade", help="A longer run in which the runner's form fades: cue, offer, easing, recovery."
        ),
    ] = False,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Also on a page in the browser.")] = True,
    data_dir: DataDir = None,
) -> None:
    """A whole session on a simulated treadmill and runner; needs no Bluetooth."""
    from treadcoach.cli.demo import run_demo

    raise typer.Exit(run_demo(speed_up, workout, unit, data_dir, fade=fade, pages=page))


@app.command()
def run(
    workout: WorkoutText = None,
    today: Annotated[bool, typer.Option("--today", help="Today's session of the plan.")] = False,
    treadmill: Annotated[
        str | None, typer.Option(help="Address or name of the treadmill, if there are several.")
    ] = None,
    strap: Annotated[
        list[str] | None,
        typer.Option(
            help="Address or name of a strap, hip sensor or pod, with @chest or @hip where it is worn;"
            " may be given several times; 'none' for none."
        ),
    ] = None,
    walk: Annotated[str | None, typer.Option(help="Your comfortable walking speed: '5 km/h'.")] = None,
    jog: Annotated[str | None, typer.Option(help="Your comfortable jogging speed, if you jog.")] = None,
    max_speed: Annotated[str | None, typer.Option(help="Your own maximum speed.")] = None,
    max_incline: Annotated[str | None, typer.Option(help="Your own maximum incline: '6 %'.")] = None,
    incline: Annotated[
        str | None, typer.Option(help="Incline instead of the guidance's 2 %, this session.")
    ] = None,
    warm_up: Annotated[str | None, typer.Option(help="Warm-up walk, 5 to 10 min.")] = None,
    stretch_break: Annotated[
        bool, typer.Option("--stretch-break", help="Stop the belt to stretch after the warm-up.")
    ] = False,
    pulse_ceiling: Annotated[int | None, typer.Option(help="Pulse that is not passed, per min.")] = None,
    aching_back: Annotated[bool, typer.Option("--aching-back", help="No uphill in this session.")] = False,
    questions: Annotated[
        bool, typer.Option("--questions/--no-questions", help="Ask how you feel, before and after.")
    ] = True,
    easing: Annotated[
        str | None, typer.Option(help="When form fades and stays so: ask (the default), auto or off.")
    ] = None,
    age: Annotated[int | None, typer.Option(help="Your age in years.")] = None,
    mph_machine: Annotated[
        bool, typer.Option("--mph-machine", help="The treadmill takes its targets in miles per hour.")
    ] = False,
    unit: Unit = None,
    air: Annotated[
        str | None,
        typer.Option(
            help="A simulated air: unix:PATH or tcp:HOST:PORT; 'off' for real Bluetooth."
            " By default a running 'treadcoach sim' is used, if there is one."
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """A managed session on your treadmill."""
    from treadcoach.cli.run import RunOptions, run_session

    options = RunOptions(
        workout=workout,
        today=today,
        questions=questions,
        treadmill=treadmill,
        straps=tuple(strap or ()),
        incline=incline,
        warm_up=warm_up,
        stretch_break=stretch_break,
        mph_machine=mph_machine,
        air=air,
        data_dir=data_dir,
        runner={
            name: value
            for name, value in {
                "comfortable_walk": walk,
                "comfortable_jog": jog,
                "max_speed": max_speed,
                "max_incline": max_incline,
                "pulse_ceiling_bpm": pulse_ceiling,
                "age_years": age,
                "unit": unit,
                "aching_back": aching_back or None,
                "form_easing": easing,
            }.items()
            if value is not None
        },
    )
    raise typer.Exit(run_session(options))


@app.command()
def sim(
    air: Annotated[str | None, typer.Option(help="Where to listen: unix:PATH or tcp:HOST:PORT.")] = None,
    speed_up: SpeedUp = 1.0,
    no_incline: Annotated[bool, typer.Option("--no-incline")] = False,
    coarse: Annotated[bool, typer.Option("--coarse", help="Speed steps of 0.5 km/h.")] = False,
    mph: Annotated[bool, typer.Option("--mph", help="Takes its targets in miles per hour.")] = False,
    console_start: Annotated[
        bool, typer.Option("--console-start", help="Must be started at its console.")
    ] = False,
    split: Annotated[bool, typer.Option("--split", help="Sends its records in two parts.")] = False,
    reports_target: Annotated[
        bool, typer.Option("--reports-target", help="Reports its target, not the belt.")
    ] = False,
    sensor: Annotated[
        list[str] | None,
        typer.Option(
            help="What the runner wears: strap, movesense, six-axis or pod, with @chest or @hip;"
            " may be given several times. The default is strap."
        ),
    ] = None,
    recording: Annotated[
        Path | None, typer.Option(help="Let the sensors measure this CSV recording, over and over.")
    ] = None,
    tires_after: Annotated[
        str | None, typer.Option(help="Running time after which the runner's form fades: '9 min'.")
    ] = None,
    interval: Annotated[float, typer.Option(help="The radio's connection interval in ms; 0: none.")] = 30.0,
    treadmills: Annotated[int, typer.Option(min=1, max=50, help="So many of them: a practice.")] = 1,
) -> None:
    """A simulated treadmill, runner and strap for another terminal, with a console to press."""
    from treadcoach.cli.sim import SimOptions, run_sim

    options = SimOptions(
        air=air,
        speed_up=speed_up,
        no_incline=no_incline,
        coarse=coarse,
        mph=mph,
        console_start=console_start,
        split=split,
        reports_target=reports_target,
        sensors=tuple(sensor or ("strap",)),
        recording=recording,
        tires_after=tires_after,
        interval_ms=interval,
        treadmills=treadmills,
    )
    raise typer.Exit(run_sim(options))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Where it listens; 0.0.0.0 for the whole network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8765,
    treadmill: Annotated[
        str | None, typer.Option(help="Address or name of the treadmill, if there are several.")
    ] = None,
    strap: Annotated[
        list[str] | None,
        typer.Option(help="Address or name of a sensor, with @chest or @hip; 'none' for none."),
    ] = None,
    mph_machine: Annotated[
        bool, typer.Option("--mph-machine", help="This treadmill takes its targets in miles per hour.")
    ] = False,
    air: Annotated[
        str | None, typer.Option(help="A simulated air instead of Bluetooth; 'off': never one.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """A page in the browser: start, watch, change and stop sessions."""
    from treadcoach.app.memory import no_huge_pages

    no_huge_pages()  # before what takes memory is read
    from treadcoach.cli.serve import ServeOptions
    from treadcoach.cli.serve import serve as do_serve

    options = ServeOptions(host, port, treadmill, tuple(strap or ()), mph_machine, air, data_dir)
    raise typer.Exit(do_serve(options))


@app.command()
def scan(
    seconds: Annotated[float, typer.Option(min=1, max=120, help="How long to listen.")] = 6.0,
    air: Annotated[str | None, typer.Option(help="A simulated air instead of Bluetooth.")] = None,
) -> None:
    """List treadmills and sensors: what they are and what they can do."""
    from treadcoach.cli.scan import run_scan

    raise typer.Exit(run_scan(seconds, air))


@app.command()
def status(treadmill: WhichTreadmill = None, data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """What the running session is doing."""
    from treadcoach.cli.remote import show_status

    raise typer.Exit(show_status(data_dir, simulated, treadmill))


@app.command()
def stop(treadmill: WhichTreadmill = None, data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """Stop the belt of the running session, from any terminal."""
    from treadcoach.cli.remote import send

    raise typer.Exit(send("stop", data_dir, simulated, treadmill))


@app.command()
def pause(treadmill: WhichTreadmill = None, data_dir: DataDir = None, simulated: Simulated = False) -> None:
    """Pause the running session: the belt stops, the session can go on."""
    from treadcoach.cli.remote import send

    raise typer.Exit(send("pause", data_dir, simulated, treadmill))


@app.command()
def guidance(
    rule: Annotated[str | None, typer.Argument(help="One rule, such as A2 or B3.")] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Where each item is enforced or offered.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """The documented guidance for belt and form: each number with its source and evidence."""
    from treadcoach.cli.guidance import show_coverage, show_guidance

    raise typer.Exit(show_coverage(data_dir) if coverage else show_guidance(rule, data_dir))


@app.command()
def analyze(
    file: Annotated[Path, typer.Argument(help="CSV (or .gz): t_s,ax_g,ay_g,az_g[,gx_dps,gy_dps,gz_dps].")],
    mount: Annotated[str, typer.Option(help="Where the sensor sat: chest, or hip (sacrum, lower back).")],
    speed_kmh: Annotated[float | None, typer.Option(help="The belt's speed; 0: it stood.")] = None,
    incline_percent: Annotated[
        float | None, typer.Option(help="The belt's incline, may be negative.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a report.")] = False,
) -> None:
    """Running form from a recording of any logger: cadence, steps, oscillation, contact time, issues."""
    from treadcoach.cli.analyze import analyze_file

    raise typer.Exit(analyze_file(file, mount, speed_kmh, incline_percent, as_json=as_json))


@app.command()
def checkin(
    moment: Annotated[str, typer.Argument(help="before or after a session.")] = "before",
    pain: Annotated[int | None, typer.Option(min=0, max=10, help="Your back, 0 (fine) to 10.")] = None,
    effort: Annotated[int | None, typer.Option(min=0, max=10, help="How hard it was, 0 to 10.")] = None,
    sign: Annotated[
        list[str] | None,
        typer.Option(help="radiating, spreading, chronic, unwell, spasm or not-right; several times."),
    ] = None,
    where: Annotated[str, typer.Option(help="Where it hurts, in your words.")] = "",
    sleep: Annotated[float | None, typer.Option(min=0, max=24, help="Hours slept.")] = None,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Say how body and back feel; the plan follows from it. Without options it asks."""
    from treadcoach.cli.checkin import check_in

    raise typer.Exit(check_in(moment, pain, effort, sign or (), where, sleep, data_dir, simulated))


@app.command()
def shoes(
    what: Annotated[str, typer.Argument(help="list, add or retire.")] = "list",
    name: Annotated[str | None, typer.Argument(help="What you call the pair.")] = None,
    ran: Annotated[str | None, typer.Option("--ran", help="What it has run already: '120 km'.")] = None,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Your shoes with their distance, and the 300 to 500 miles after which they are replaced."""
    from treadcoach.cli.shoes import shoes as do_shoes

    raise typer.Exit(do_shoes(what, name, ran, data_dir, simulated))


@app.command()
def exercises(
    which: Annotated[
        str, typer.Argument(help="last (session), before, after, strength, screens or all.")
    ] = "last",
    guide: Annotated[bool, typer.Option("--guide", help="Lead through it, with holds and counts.")] = False,
    done: Annotated[bool, typer.Option("--done", help="strength: write down that you did it today.")] = False,
    result: Annotated[
        str | None, typer.Option("--result", help="screens: 'screen-single-leg=passed', or =failed.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="To a result, in your words.")] = "",
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Stretches, core work, strength and screens that the documents prescribe, with dose and source."""
    from treadcoach.cli.exercises import show_exercises

    if done or result is not None:
        from treadcoach.cli.exercise_diary import record

        raise typer.Exit(record(which, result, note, data_dir, simulated))
    raise typer.Exit(show_exercises(which, guide, data_dir, simulated))


@app.command()
def decode(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read and write one JSON object a line.")] = True,
) -> None:
    """Decode Bluetooth frames: lines {"char":"2ACD","hex":"..."} from standard input."""
    from treadcoach.cli.decode import decode_lines

    decode_lines(sys.stdin.buffer, sys.stdout)


@app.command()
def doctor(data_dir: DataDir = None) -> None:
    """Check Bluetooth, Python and the data folder, and say what to do."""
    from treadcoach.cli.doctor import examine

    raise typer.Exit(examine(data_dir))


def main() -> None:
    """Run the command line; an error for people is one line on standard error, status 2."""
    from treadcoach.core.errors import TreadcoachError

    try:
        app()
    except TreadcoachError as error:
        print(f"treadcoach: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        # Before a session has begun there is no belt to stop.
        print("treadcoach: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) went away; nothing is left to say.
        sys.stderr.close()
        sys.exit(1)
