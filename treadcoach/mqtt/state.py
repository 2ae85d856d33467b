"""A picture of the session as the state topic says it: flat, rounded so that noise publishes nothing."""

from collections.abc import Mapping
from typing import Any

from treadcoach.app.house_messages import Picture
from treadcoach.core.belt import STANDING_KMH
from treadcoach.core.phases import ON_BELT
from treadcoach.mqtt.discovery import IDLE

LONGEST_TEXT = 250
"""Home Assistant keeps 255 characters of a state."""
EVERY_S = 5
EVERY_M = 10


def state_of(picture: Picture, outlook: Mapping[str, Any]) -> dict[str, Any]:
    """The state's JSON. Values that are not known are null, which Home Assistant shows as unknown."""
    seen = picture.snapshot or {}
    form = seen.get("form") or {}
    cue = form.get("cue") or {}
    speed = _rounded(seen.get("speed_kmh"), 1)
    in_session = picture.snapshot is not None
    return {
        "phase": str(seen["phase"]) if in_session else IDLE,
        "treadmill": _on(bool(seen.get("link_up"))),
        "strap": _on(_strap_is_there(seen)),
        "belt_runs": None if in_session and speed is None else _on((speed or 0.0) > STANDING_KMH),
        "speed_kmh": speed,
        "target_kmh": _rounded(seen.get("target_kmh"), 1),
        "incline_percent": _rounded(seen.get("incline_percent"), 1),
        "target_percent": _rounded(seen.get("ordered_percent"), 1),
        "distance_m": _coarse(seen.get("distance_m"), EVERY_M),
        "belt_time_s": _coarse(seen.get("belt_time_s"), EVERY_S),
        "left_s": _coarse(seen.get("left_s"), EVERY_S),
        "pulse_bpm": seen.get("heart_rate_bpm"),
        "cadence_spm": None if seen.get("cadence_spm") is None else round(seen["cadence_spm"]),
        "form_issue": _text(", ".join(issue["name"] for issue in form.get("issues", ()))) or "none",
        "cue": _text(cue.get("text", "")) or "none",
        "why": _text(seen.get("why", "")) or "none",
        "alarm": _text(seen.get("alarm") or "") or "none",
        "next_session": _text(outlook.get("next_session") or "") or "none",
        "shoe_distance_km": outlook.get("shoe_distance_km"),
    }


class Happenings:
    """Turns pictures into events. A session has started when the belt first carries the runner."""

    def __init__(self) -> None:
        self._session: int | None = None
        self._alarm: str | None = None
        self._cue: tuple[str, float] | None = None

    def since(self, picture: Picture) -> list[dict[str, Any]]:
        """What happened since the picture before this one, oldest first."""
        out: list[dict[str, Any]] = []
        seen = picture.snapshot or {}

        def happened(what: str, text: str) -> None:
            out.append({"event_type": what, "session": self._session, "text": _text(text)})

        if self._session is not None and picture.session_id != self._session:
            happened("session_ended", picture.message)
            self._session = None
        if self._session is None and picture.session_id is not None and seen.get("phase") in ON_BELT:
            self._session = picture.session_id
            happened("session_started", str(seen.get("machine", "")))
        alarm = seen.get("alarm")
        if alarm is not None and alarm != self._alarm:
            happened("alarm", alarm)
        self._alarm = alarm
        cue = (seen.get("form") or {}).get("cue")
        # A cue's age grows from picture to picture; one that is younger than the last is a new one.
        if cue and (self._cue is None or self._cue[0] != cue["id"] or cue["age_s"] < self._cue[1]):
            happened("cue", cue["text"])
        self._cue = (cue["id"], cue["age_s"]) if cue else None
        return out


def _strap_is_there(seen: Mapping[str, Any]) -> bool:
    has_pulse = seen.get("heart_rate_bpm") is not None
    sensors = (seen.get("form") or {}).get("sensors", ())
    return has_pulse or any(sensor["age_s"] is not None and sensor["age_s"] < 5 for sensor in sensors)


def _on(is_so: bool) -> str:
    return "on" if is_so else "off"


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _coarse(value: float | None, step: int) -> int | None:
    return None if value is None else int(value // step) * step


def _text(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
