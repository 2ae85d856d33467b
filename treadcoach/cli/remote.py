"""`treadcoach status`, `stop` and `pause`: from a second terminal to the running session."""

import time
from pathlib import Path

from treadcoach.app.config import TREADMILLS, Folders, folders
from treadcoach.app.messages import Refused, SnapshotReply
from treadcoach.app.practice import load_places
from treadcoach.app.socket import ask
from treadcoach.cli.form_view import status_lines
from treadcoach.core.errors import InputError, LinkError
from treadcoach.core.phases import Phase
from treadcoach.core.units import SpeedUnit, format_distance, format_duration, format_speed
from treadcoach.warden.report import ReportError, read_report


def _places(data_dir: Path | None, simulated: bool, treadmill: str | None = None) -> list[Folders]:
    """Where a session may be running: the real ones first, then the simulated ones; of all treadmills."""
    config = folders(data_dir).house_config
    try:
        names = [place.name for place in load_places(config)]
    except InputError:
        # A stop does not depend on a file that somebody is writing.
        names = sorted(path.name for path in (folders(data_dir).data / TREADMILLS).glob("*"))
    if treadmill is not None and treadmill not in names:
        raise InputError("--treadmill", treadmill, f"one of {', '.join(names) or 'none: there is one only'}")
    chosen = [treadmill] if treadmill is not None else ["", *names]
    kinds = (True,) if simulated else (False, True)
    return [folders(data_dir, simulated=kind, treadmill=name) for kind in kinds for name in chosen]


def show_status(data_dir: Path | None, simulated: bool, treadmill: str | None = None) -> int:
    shown = 0
    for places in _places(data_dir, simulated, treadmill):
        try:
            reply = ask(places.coach_socket, {"type": "status"})
        except LinkError as error:
            last = error
            continue
        shown += 1
        if places.treadmill:
            print(f"{places.treadmill}:")
        if not isinstance(reply, SnapshotReply) or reply.snapshot is None:
            print("A session is connecting.")
        else:
            _print(reply.snapshot)
    if shown:
        return 0
    print(f"{str(last).capitalize()}.")
    for places in _places(data_dir, simulated, treadmill):
        _print_warden(places.warden_report)
    return 1


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
    print(f"why: {seen['why'] or '–'}" if seen["gate_open"] else f"not commanding: {seen['gate_reason']}")
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
    """Send an intent to every running session that can be meant; without a name STOP reaches them all."""
    reached = 0
    last = "no session is running"
    for places in _places(data_dir, simulated, treadmill):
        try:
            reply = ask(places.coach_socket, {"type": "intent", "kind": kind, "source": "another terminal"})
        except LinkError as error:
            last = str(error)
            continue
        if isinstance(reply, Refused):
            raise LinkError(reply.reason)
        reached += 1
    if not reached:
        raise LinkError(f"{last}. If a belt runs: use its console, or pull the safety key")
    print(f"{kind} was sent.")
    return 0
