"""The state topic's JSON and the events, from pictures alone."""

from typing import Any

from treadcoach.app.house_messages import Picture
from treadcoach.mqtt.state import LONGEST_TEXT, Happenings, state_of

SEEN: dict[str, Any] = {
    "phase": "main", "speed_kmh": 6.04, "target_kmh": 6.0, "incline_percent": 2.04, "ordered_percent": 2.0,
    "distance_m": 1234.6, "belt_time_s": 63.0, "left_s": 1197.5, "heart_rate_bpm": 131, "cadence_spm": 118.6,
    "link_up": True, "why": "w" * 400, "alarm": None, "machine": "a treadmill",
    "form": {"issues": [{"name": "short steps"}, {"name": "leaning"}], "sensors": [{"age_s": 0.4}],
             "cue": {"id": "B1", "text": "Quick, light steps.", "age_s": 1.0}},
}  # fmt: skip


def picture(number: int | None = 7, message: str = "", **changes: Any) -> Picture:
    if number is None:
        return Picture(state="idle", message=message, session_id=None, snapshot=None)
    return Picture(state="session", message=message, session_id=number, snapshot=SEEN | changes)


def test_a_session_is_said_flat_and_rounded() -> None:
    state = state_of(picture(), {"next_session": "2026-11-22: Easy walk", "shoe_distance_km": 120})
    assert (state["phase"], state["treadmill"], state["strap"], state["belt_runs"]) == (
        "main",
        "on",
        "on",
        "on",
    )
    assert (state["speed_kmh"], state["distance_m"], state["belt_time_s"], state["left_s"]) == (
        6.0,
        1230,
        60,
        1195,
    )
    assert (state["pulse_bpm"], state["cadence_spm"], state["form_issue"]) == (
        131,
        119,
        "short steps, leaning",
    )
    assert len(state["why"]) == LONGEST_TEXT and state["alarm"] == "none"
    assert (state["next_session"], state["shoe_distance_km"]) == ("2026-11-22: Easy walk", 120)


def test_what_is_not_known_is_null_and_never_a_number() -> None:
    state = state_of(picture(speed_kmh=None, heart_rate_bpm=None, cadence_spm=None, form=None), {})
    assert state["speed_kmh"] is state["pulse_bpm"] is state["cadence_spm"] is state["belt_runs"] is None
    assert state["strap"] == "off"
    idle = state_of(picture(None), {})
    assert idle["phase"] == "idle" and idle["belt_runs"] == "off" and idle["next_session"] == "none"


def test_noise_changes_nothing() -> None:
    calm = state_of(picture(), {})
    assert calm == state_of(picture(speed_kmh=6.01, distance_m=1236.0, belt_time_s=64.4), {})


def test_a_session_starts_when_the_belt_carries_the_runner_and_ends_once() -> None:
    happenings = Happenings()

    def names(shown: Picture) -> list[str]:
        return [event["event_type"] for event in happenings.since(shown)]

    assert names(picture(None)) == []
    assert names(picture(phase="ready", form=None)) == []
    assert names(picture(phase="warm_up", form=None)) == ["session_started"]
    assert names(picture(phase="paused", form=None)) == []
    assert names(picture(form=None)) == []
    assert names(picture(None, "Session 7: completed.")) == ["session_ended"]
    assert names(picture(None)) == []
    # One that never began has no events.
    assert names(picture(8, phase="ready", form=None)) == []
    assert names(picture(None)) == []


def test_alarms_and_cues_are_said_once_each_time() -> None:
    happenings = Happenings()

    def names(shown: Picture) -> list[str]:
        return [event["event_type"] for event in happenings.since(shown)]

    def cue(age_s: float) -> dict[str, Any]:
        return {"cue": {"id": "B1", "text": "Quick, light steps.", "age_s": age_s}}

    assert names(picture(form=None)) == ["session_started"]
    assert names(picture(alarm="The belt is too fast.", form=None)) == ["alarm"]
    assert names(picture(alarm="The belt is too fast.", form=None)) == []
    assert names(picture(form=cue(0.0))) == ["cue"]
    assert names(picture(form=cue(0.5))) == []
    assert names(picture(form=cue(45.0))) == []
    assert names(picture(form=cue(0.2))) == ["cue"]
