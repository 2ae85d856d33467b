"""What a warden did, in a file: for `treadcoach status`, and for the journal at the next start."""

import json
import math
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

MOST_STOPS = 500
LONGEST_TEXT = 1000
MOST_OCTETS = 200_000
LAST_WORDS_S = 5.0


class Outcome(StrEnum):
    """What the warden can say of the belt: no more than what it saw."""

    STOP_SENT = "stop sent"
    """STOP was written; nothing more is known yet."""
    STOPPED = "stopped"
    """The belt was seen to stand."""
    UNCONFIRMED = "unconfirmed"
    """STOP was written, and the machine does not say what its belt does."""
    MOVING = "moving"
    """STOP was written, and the machine says that its belt goes on."""
    FAILED = "failed"
    """STOP could not be written."""


class ReportError(Exception):
    """A report's file is broken, or only half there."""


@dataclass(frozen=True, slots=True)
class SentStop:
    """One STOP that was written. after_s: since the warden noticed; answer: the machine's, in words."""

    after_s: float
    answer: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one rescue did. Unix times are the wall clock's, which may be wrong; seconds are not.

    silence_s: how long nothing had been heard of the coach when the warden noticed. speed_kmh: the last
    that the machine said after the first STOP. session and address are None in reports of older versions.
    """

    unix_s: float
    began_unix_s: float
    why: str
    outcome: Outcome
    text: str
    stop_after_s: float | None = None
    address: str | None = None
    session: int | None = None
    silence_s: float = 0.0
    stops: tuple[SentStop, ...] = ()
    speed_kmh: float | None = None
    is_last: bool = True
    """False: the warden is still at it, or died over it."""

    @property
    def words(self) -> str:
        return f"{self.why}; {self.text}."

    def write(self, path: Path) -> None:
        """A whole file or none. Raises OSError."""
        draft = path.with_suffix(".tmp")
        try:
            draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


class Scribe:
    """Writes reports on a thread of its own: no disk holds up a STOP.

    on_error: called once, on that thread, when one cannot be written.
    """

    def __init__(self, path: Path, on_error: Callable[[OSError], None]) -> None:
        self._path = path
        self._on_error = on_error
        self._reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._failed = False

    def write(self, report: Report) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
            self._thread.start()
        self._reports.put(report)

    def close(self) -> None:
        """Wait a while for what is still to be written."""
        if self._thread is not None:
            self._reports.put(None)
            self._thread.join(LAST_WORDS_S)

    def _work(self) -> None:
        while (report := self._reports.get()) is not None:
            try:
                report.write(self._path)
            except OSError as error:
                if not self._failed:
                    self._on_error(error)
                self._failed = True


def read_report(path: Path) -> Report | None:
    """The report in a file; None where there is none. Raises ReportError."""
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_OCTETS + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}") from error
    try:
        if len(octets) > MOST_OCTETS:
            raise ValueError("too long")
        said = json.loads(octets.decode("utf-8"))
        if not isinstance(said, dict):
            raise TypeError("not an object")
        return _report(said)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReportError(f"{path} is broken: {error}") from error


def _report(said: Mapping[str, Any]) -> Report:
    stops = said.get("stops", [])
    if not isinstance(stops, list) or len(stops) > MOST_STOPS:
        raise TypeError("stops")
    unix_s = _number(said["unix_s"])
    return Report(
        unix_s,
        _number(said.get("began_unix_s", unix_s)),
        _text(said["why"]),
        Outcome(said["outcome"]),
        _text(said["text"]),
        _number_or_none(said.get("stop_after_s")),
        None if said.get("address") is None else _text(said["address"]),
        _whole_or_none(said.get("session")),
        _number(said.get("silence_s", 0.0)),
        tuple(SentStop(_number(stop["after_s"]), _text(stop["answer"])) for stop in stops),
        _number_or_none(said.get("speed_kmh")),
        said.get("is_last") is not False,
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _number_or_none(value: object) -> float | None:
    return None if value is None else _number(value)


def _whole_or_none(value: object) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    # A lone surrogate can be in JSON, and in no store.
    return value[:LONGEST_TEXT].encode("utf-8", errors="replace").decode("utf-8")
