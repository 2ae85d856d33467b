"""Run by a Python that has the package homeassistant: reads a discovery payload, says what it refuses.

The payload is on standard input as JSON. Home Assistant's own validators of device discovery and of each
platform judge it; its MQTT integration does the same with every message that arrives. What they would
drop without a word counts as refused too.
"""

import json
import sys
from importlib import import_module
from typing import Any


def judge(payload: dict[str, Any]) -> list[str]:
    """What is refused, by component. Empty: everything is taken."""
    schemas = import_module("homeassistant.components.mqtt.schemas")
    voluptuous = import_module("voluptuous")
    try:
        taken = schemas.DEVICE_DISCOVERY_SCHEMA(payload)
    except voluptuous.Invalid as error:
        return [f"the device: {error}"]
    found = [f"the device: {key} is dropped" for key in set(payload) - set(taken)]
    shared = {key: taken[key] for key in schemas.SHARED_OPTIONS if key in taken}
    own = {"device": taken["device"], "origin": taken["origin"]}
    for name, component in taken["components"].items():
        platform = import_module(f"homeassistant.components.mqtt.{component['platform']}")
        options = {key: value for key, value in component.items() if key != "platform"}
        try:
            kept = platform.DISCOVERY_SCHEMA(own | shared | options)
        except voluptuous.Invalid as error:
            found.append(f"{name}: {error}")
        else:
            found += [f"{name}: {key} is dropped" for key in set(options) - set(kept)]
    return found


if __name__ == "__main__":
    refused = judge(json.load(sys.stdin))
    print(json.dumps({"version": import_module("homeassistant.const").__version__, "refused": refused}))
