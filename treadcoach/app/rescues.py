"""The warden's report, taken into the journal at the next start."""

import time

from sqlalchemy import Engine

from treadcoach.app.config import Folders
from treadcoach.core.errors import StoreError
from treadcoach.store.rescues import Rescue, take_in_rescue
from treadcoach.warden.report import ReportError, read_report

BROKEN = ".broken"
STILL_AT_IT_S = 150.0
"""A warden gives up after two minutes; a report that is older is of one that died."""


def take_in_report(places: Folders, engine: Engine) -> list[str]:
    """Write a report into its session, and put the file away: once. What is to be told about it.

    A report that is broken is set aside and said: nothing fails by it.
    """
    path = places.warden_report
    try:
        report = read_report(path)
    except ReportError as error:
        try:
            path.replace(path.with_suffix(BROKEN))
        except OSError as gone:
            return [f"The warden's report: {error}, and it cannot be set aside: {gone.strerror}."]
        return [f"The warden's report: {error}. It is set aside as {path.with_suffix(BROKEN).name}."]
    if report is None:
        return []
    if not report.is_last and 0 <= time.time() - report.unix_s < STILL_AT_IT_S:
        return [f"The warden is still at work: {report.words}"]  # taken in at the next start
    rescue = Rescue(
        report.began_unix_s,
        report.why,
        report.outcome.value,
        report.text,
        tuple((report.silence_s + stop.after_s, stop.answer) for stop in report.stops),
        report.address,
        report.session,
    )
    try:
        number = take_in_rescue(engine, places.station, rescue)
    except StoreError as error:
        return [f"The warden said: {report.words}", str(error)]
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return [f"The warden said: {report.words}", f"{path} cannot be removed: {error.strerror}."]
    where = "" if number is None else f" It is in session {number}."
    return [f"The warden said: {report.words}{where}"]
