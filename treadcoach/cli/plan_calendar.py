"""`treadcoach plan calendar`: the sessions ahead as a calendar file."""

import sys
from datetime import datetime
from pathlib import Path

from treadcoach.app.calendar import calendar
from treadcoach.app.desk import open_desk
from treadcoach.core.errors import InputError
from treadcoach.core.times import parse_time
from treadcoach.formats.ics import parse_zone


def export_calendar(
    output: Path | None, at: str, zone: str | None, remind_min: int, data_dir: Path | None, simulated: bool
) -> int:
    """Write the next four weeks. A file that is written again moves and cancels what the first one put in."""
    if not 0 <= remind_min <= 24 * 60:
        raise InputError("--remind", remind_min, "0 (none) to 1440 minutes")
    when, where = parse_time(at), None if zone is None else parse_zone(zone)
    training = open_desk(data_dir, simulated=simulated).training()
    if output is not None and str(output) != "-":
        try:
            output.touch()
        except OSError as error:
            raise InputError(
                "--output", str(output), f"a file that can be written ({error.strerror})"
            ) from error
    data, entries, gone = calendar(training, when, where, datetime.now().astimezone(), remind_min)
    if output is None or str(output) == "-":
        sys.stdout.buffer.write(data)
    else:
        output.write_bytes(data)
        print(f"{entries} sessions written to {output}, {gone} taken back.")
    return 0
