"""The discovery message: our own reading of the rules, and Home Assistant itself where it is installed."""

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from treadcoach.app.house_messages import Picture
from treadcoach.core.phases import Phase
from treadcoach.mqtt.discovery import discovery
from treadcoach.mqtt.state import state_of
from treadcoach.mqtt.topics import Topics

TOPICS = Topics("treadcoach", "gym", "homeassistant")
HOME_ASSISTANT = os.environ.get("TREADCOACH_HOME_ASSISTANT")
"""A Python that has the package homeassistant; scripts/test makes one in CI."""
ITSELF = Path(__file__).parents[2] / "support" / "home_assistant_itself.py"
UNITS = {"speed": {"km/h"}, "distance": {"m", "km"}, "duration": {"s"}}


@pytest.fixture
def payload() -> dict[str, Any]:
    return json.loads(json.dumps(discovery(TOPICS, "treadcoach", simulated=False)))  # type: ignore[no-any-return]  # JSON


def test_the_device_names_itself_its_origin_and_where_it_says_that_it_is_there(
    payload: dict[str, Any],
) -> None:
    assert TOPICS.discovery == "homeassistant/device/treadcoach_gym/config"
    assert (
        payload["device"]["identifiers"] == ["treadcoach_gym"] and payload["origin"]["name"] == "treadcoach"
    )
    assert payload["availability_topic"] == "treadcoach/gym/availability"


def test_every_component_has_what_its_platform_needs(payload: dict[str, Any]) -> None:
    components = payload["components"]
    assert len({c["unique_id"] for c in components.values()}) == len(components)
    for name, component in components.items():
        needed = {
            "sensor": {"state_topic"},
            "binary_sensor": {"state_topic"},
            "event": {"state_topic", "event_types"},
            "button": {"command_topic"},
            "number": {"command_topic", "min", "max"},
        }[component["platform"]]
        assert needed <= set(component), name
        if (kind := component.get("device_class")) in UNITS:
            assert component["unit_of_measurement"] in UNITS[kind], name
        if kind == "enum":
            assert component["options"] and "state_class" not in component, name
        if component["platform"] == "number":
            assert component["min"] < component["max"], name


def test_everything_that_was_promised_is_there(payload: dict[str, Any]) -> None:
    wanted = {
        "treadmill", "strap", "phase", "speed_kmh", "incline_percent", "distance_m", "belt_time_s",
        "pulse_bpm",
        "cadence_spm", "form_issue", "cue", "next_session", "shoe_distance_km", "why", "session",
        "ask_pause", "ask_stop", "ask_faster", "ask_slower", "ask_speed", "ask_incline",
    }  # fmt: skip
    assert wanted <= set(payload["components"])
    assert set(payload["components"]["session"]["event_types"]) == {
        "session_started", "session_ended", "alarm", "cue"}  # fmt: skip


def test_every_template_names_a_field_that_the_state_has(payload: dict[str, Any]) -> None:
    state = state_of(Picture(state="idle", message="", session_id=None, snapshot=None), {})
    for name, component in payload["components"].items():
        if component.get("state_topic") != TOPICS.state:
            continue
        field = re.fullmatch(r"\{\{ value_json\.(\w+) \}\}", component["value_template"])
        assert field is not None and field.group(1) in state, name
    assert set(payload["components"]["phase"]["options"]) == {"idle", *(phase.value for phase in Phase)}


def test_a_simulated_treadmill_says_so() -> None:
    assert discovery(TOPICS, "treadcoach", simulated=True)["device"]["name"] == "treadcoach (simulated)"


needs_home_assistant = pytest.mark.skipif(
    HOME_ASSISTANT is None, reason="TREADCOACH_HOME_ASSISTANT names no Python with the package homeassistant"
)


def _judged(payload: dict[str, Any]) -> list[str]:
    answer = subprocess.run(
        [HOME_ASSISTANT or sys.executable, str(ITSELF)],
        input=json.dumps(payload), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return list(json.loads(answer.stdout)["refused"])


@needs_home_assistant
def test_home_assistant_itself_takes_it(payload: dict[str, Any]) -> None:
    assert _judged(payload) == []


@needs_home_assistant
@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p["components"]["speed_kmh"].update(expire_after="soon"),
        lambda p: p["components"]["ask_stop"].pop("command_topic"),
        lambda p: p["components"]["ask_speed"].update(min=30),
        lambda p: p["components"]["session"].pop("event_types"),
        lambda p: p["components"]["why"].update(state_topik="x"),
        lambda p: p.pop("origin"),
    ],
)
def test_home_assistant_itself_refuses_what_is_wrong(
    payload: dict[str, Any], spoil: Callable[[dict[str, Any]], object]
) -> None:
    spoilt = copy.deepcopy(payload)
    spoil(spoilt)
    assert _judged(spoilt)
