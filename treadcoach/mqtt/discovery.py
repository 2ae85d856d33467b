"""What Home Assistant is told once: the device and its entities, in one message for the whole device.

Source of the format: Home Assistant's documentation of the MQTT integration, 'device discovery'
(home-assistant.io/integrations/mqtt).
"""

from typing import Any

from treadcoach import __version__
from treadcoach.core.phases import Phase
from treadcoach.mqtt.commands import COMMANDS, MOST_INCLINE_PERCENT, MOST_KMH
from treadcoach.mqtt.topics import OFFLINE, ONLINE, Topics

EVENTS = ("session_started", "session_ended", "alarm", "cue")
IDLE = "idle"
PHASES = (IDLE, *(phase.value for phase in Phase))
STATES_ABOUT_NOW_GO_STALE_S = 30
"""Home Assistant shows a reading as unknown when it was not said again for so long."""
_PRESS = '{"value": "{{ value }}", "at": {{ now().timestamp() }}}'
_RESULT = "{{ (value_json.command ~ ': ' ~ value_json.result ~ '. ' ~ value_json.reason)[:250] }}"
_NUMBER = '{"value": {{ value }}, "at": {{ now().timestamp() }}}'


def discovery(topics: Topics, name: str, simulated: bool) -> dict[str, Any]:
    """The payload of the discovery topic. name: what the device is called there."""
    own = f"treadcoach_{topics.node}"
    components: dict[str, dict[str, Any]] = {}

    def add(key: str, platform: str, words: str, **options: Any) -> None:
        components[key] = {"platform": platform, "unique_id": f"{own}_{key}", "name": words, **options}

    def value(key: str) -> str:
        return f"{{{{ value_json.{key} }}}}"

    def sensor(key: str, words: str, **options: Any) -> None:
        add(key, "sensor", words, state_topic=topics.state, value_template=value(key), **options)

    def connected(key: str, words: str, **options: Any) -> None:
        add(key, "binary_sensor", words, state_topic=topics.state, value_template=value(key),
            payload_on="on", payload_off="off", **options)  # fmt: skip

    connected("treadmill", "Treadmill", device_class="connectivity")
    connected("strap", "Chest strap", device_class="connectivity")
    connected("belt_runs", "Belt runs", device_class="running")
    measured = {"state_class": "measurement", "expire_after": STATES_ABOUT_NOW_GO_STALE_S}
    speed = {"device_class": "speed", "unit_of_measurement": "km/h"}
    seconds = {"device_class": "duration", "unit_of_measurement": "s"}
    sensor("phase", "Session phase", device_class="enum", options=list(PHASES), icon="mdi:run")
    sensor("speed_kmh", "Speed", suggested_display_precision=1, **speed, **measured)
    sensor("target_kmh", "Target speed", suggested_display_precision=1, **speed, **measured)
    sensor("incline_percent", "Incline", unit_of_measurement="%", icon="mdi:slope-uphill", **measured)
    sensor("distance_m", "Distance", device_class="distance", unit_of_measurement="m")
    sensor("belt_time_s", "Time on the belt", **seconds)
    sensor("left_s", "Time left", **seconds)
    sensor("pulse_bpm", "Pulse", unit_of_measurement="bpm", icon="mdi:heart-pulse", **measured)
    sensor("cadence_spm", "Cadence", unit_of_measurement="steps/min", icon="mdi:shoe-print", **measured)
    sensor("form_issue", "Form issue", icon="mdi:human-handsup")
    sensor("cue", "Cue", icon="mdi:bullhorn-variant")
    sensor("why", "Why the belt changed", icon="mdi:help-circle-outline")
    sensor("alarm", "Alarm", icon="mdi:alert-octagon")
    sensor("next_session", "Next session", icon="mdi:calendar-clock")
    sensor("shoe_distance_km", "Shoe distance", device_class="distance", unit_of_measurement="km")
    add(
        "last_command",
        "sensor",
        "Last command",
        state_topic=topics.command_result,
        value_template=_RESULT,
        json_attributes_topic=topics.command_result,
        icon="mdi:message-reply-text",
    )
    add(
        "session",
        "event",
        "Session",
        state_topic=topics.event,
        event_types=list(EVENTS),
        icon="mdi:run-fast",
    )
    for key, command in COMMANDS.items():
        asked = {"command_topic": topics.command(key), "icon": command.icon}
        if not command.is_number:
            add(f"ask_{key}", "button", command.words, command_template=_PRESS, **asked)
            continue
        is_speed = key == "speed"
        add(
            f"ask_{key}",
            "number",
            command.words,
            command_template=_NUMBER,
            state_topic=topics.state,
            value_template=value("target_kmh" if is_speed else "target_percent"),
            min=0.5 if is_speed else 0,
            max=MOST_KMH if is_speed else MOST_INCLINE_PERCENT,
            step=0.1 if is_speed else 0.5,
            mode="box",
            **(speed if is_speed else {"unit_of_measurement": "%"}),
            **asked,
        )
    return {
        "device": {
            "identifiers": [own],
            "name": f"{name} (simulated)" if simulated else name,
            "manufacturer": "treadcoach",
            "model": "Treadmill coach",
            "sw_version": __version__,
        },
        "origin": {"name": "treadcoach", "sw_version": __version__},
        "components": components,
        "availability_topic": topics.availability,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "qos": 1,
    }
