"""The controller's inputs as journal rows and back, so that a session can be fed in again."""

import json

from treadcoach.app.controller import Controller
from treadcoach.app.outputs import Output
from treadcoach.core.errors import StoreError
from treadcoach.core.intents import Intent, IntentKind

NEW_SETUP = "setup"
"""Before the belt was released the session began anew, with the setup that is stored: a new controller."""


def feed(controller: Controller, t_s: float, kind: str, name: str, payload: bytes) -> list[Output]:
    """Hand one input to the controller: the one entry for live and replay. Raises StoreError."""
    match kind:
        case "tick":
            return controller.on_tick(t_s)
        case "frame":
            device, _, characteristic = name.rpartition("/")
            return controller.on_frame(t_s, device, characteristic, payload)
        case "intent":
            said = json.loads(payload)
            intent = Intent(IntentKind(name), said["source"], said["amount"])
            return controller.on_intent(t_s, intent)
        case "link":
            return controller.on_link(t_s, name == "up")
        case "sensor":
            return controller.on_sensor_link(t_s, name, payload == b"up")
        case "result":
            return controller.on_result(t_s, int(name), payload.decode())
        case "stop_answered":
            return controller.on_stop_answered(t_s, payload.decode())
        case "control_lost":
            return controller.on_control_lost(t_s, payload.decode())
        case "given_up":
            return controller.on_given_up(t_s)
        case "fault":
            return controller.on_fault(t_s, payload.decode())
    raise StoreError(f"an input of kind {kind!r} is not known")


def intent_payload(intent: Intent) -> bytes:
    return json.dumps({"source": intent.source, "amount": intent.amount}).encode()
