"""`treadcoach status`, `stop` and `pause`: from a second terminal to the running session."""

import time
from pathlib import Path

from treadcoach.app import reaching
from treadcoach.app.config import WARDEN_REPORT, folders
from treadcoach.app.messages import SnapshotReply
from treadcoach.app.practice import load_places
from treadcoach.app.socket import ask
from treadcoach.cli.form_view import status_lines
from treadcoach.core.errors import InputError, LinkError
from treadcoach.core.phases import Phase
from treadcoach.core.units import SpeedUnit, format_distance, format_duration, format_speed
from treadcoach.warden.report import ReportError, read_report


def show_status(data_dir: Path | None, simulated: bool, treadmill: str | None = None) -> int:
    check_treadmill(data_dir, treadmill)
    asked = reaching.places(data_dir, simulated, treadmill)
    shown, last = 0, reaching.NOBODY
    for place in asked:
        try:
            reply = ask(place.data, {"type": "status"})
        except LinkError as error:
            last = str(error) if last == reaching.NOBODY else last
            continue
        shown += 1
        if place.treadmill:
            print(f"{place.treadmill}:")
        if not isinstance(reply, SnapshotReply) or reply.snapshot is None:
            print("A session is connecting.")
        else:
            _print(reply.snapshot)
    if shown:
        return 0
    print(f"{last[0].upper()}{last[1:]}.")
    for place in asked:
        _print_warden(place.data / WARDEN_REPORT)
    return 1


def check_treadmill(data_dir: Path | None, treadmill: str | None) -> None:
    """Raises InputError for one that neither config.toml nor a past session names."""
    if treadmill is None or reaching.places(data_dir, False, treadmill):
        return
    try:
        names = [place.name for place in load_places(folders(data_dir).house_config)]
    except InputError:
        # A stop does not depend on a file that somebody is writing.
        names = []
    if treadmill not in names:
        raise InputError("--treadmill", treadmill, f"one of {', '.join(names) or 'none: there is one only'}")


def _print(seen: dict[str, object]) -> None:
    def number(name: str) -> float | None:
        value = seen.get(name)
        return float(value) if isinstance(value, int | float) else None

    unit = SpeedUnit(str(seen["unit"]))
    left = format_duration(number("left_s") or 0)
    print(f"{Phase(str(seen['phase'])).words} on {seen['machine']}, {left} left")
    belt, ordered, ceiling = (
        format_speed(number(name), unit) for name in ("speed_kmh", "ordered_kmh", "ceiling_kmh")
    )
    incline = number("incline_percent")
    tilt = "–" if incline is None else f"{incline:.1f} %"
    print(f"belt {belt}, ordered {ordered}, ceiling {ceiling}, incline {tilt}")
    pulse = seen["heart_rate_bpm"] or f"– ({seen['heart_rate_doubt']})"
    print(f"{format_distance(number('distance_m') or 0, unit)} so far, pulse {pulse}")
    print(
        f"why: {seen['why'] or '–'}"
        if seen["gate_open"]
        else f"not controlling the belt: {seen['gate_reason']}"
    )
    for line in status_lines(seen.get("form")):
        print(line)
    if seen["alarm"]:
        print(f"ALARM: {seen['alarm']}")


def _print_warden(report: Path) -> None:
    try:
        said = read_report(report)
    except ReportError as error:
        print(f"The warden's report: {error}.")
        return
    if said is not None:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(said.unix_s))
        print(f"The warden acted at {when}: {said.words}")


def send(kind: str, data_dir: Path | None, simulated: bool, treadmill: str | None = None) -> int:
    """Send an intent to every running session that can be meant. LinkError where one did not take it."""
    check_treadmill(data_dir, treadmill)
    outcome = reaching.send_to_running(kind, data_dir, simulated, treadmill)
    if outcome.reached:
        print(f"{kind} was sent.")
    if (words := outcome.words(kind)) is not None:
        raise LinkError(words)
    return 0
