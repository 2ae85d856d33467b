"""Home Assistant's side, on a real broker: set up on a page, a session seen, nothing started from afar."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.broker import Broker, needs_mosquitto
from tests.support.browser import Served, begin, connect, open_page
from tests.support.processes import Sim

pytestmark = [pytest.mark.real_time, needs_mosquitto]
WITHIN_S = 15.0
ROOT = "treadcoach/gym"


class Home:
    """A client of the broker in a thread, as another program in the house is."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _c, _u, message: self.heard.append((message.topic, message.payload))
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("#", qos=1)
        self._client.loop_start()

    def say(self, name: str, payload: str, *, retain: bool = False) -> None:
        self._client.publish(f"{ROOT}/command/{name}", payload, qos=1, retain=retain).wait_for_publish(5)

    def on(self, name: str) -> list[Any]:
        return [json.loads(payload) for topic, payload in self.heard if topic == f"{ROOT}/{name}"]

    def until(self, name: str, **wanted: object) -> dict[str, Any]:
        """The first message of ours on a topic with these fields."""
        end = time.monotonic() + WITHIN_S
        while time.monotonic() < end:
            for found in self.on(name):
                if all(found.get(key) == value for key, value in wanted.items()):
                    return dict(found)
            time.sleep(0.02)  # another process: the wall clock is the only one there is
        raise AssertionError(f"no {name} with {wanted}: {self.on(name)[-5:]}")

    def end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    found = Broker(tmp_path_factory.mktemp("broker")).start()
    yield found
    found.stop()


@pytest.fixture
def home_assistant(broker: Broker) -> Iterator[Home]:
    found = Home(broker.port)
    yield found
    found.end()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    found = open_page(browser, served.url)
    yield found
    found.request.post(f"{served.url}api/stop")
    for _ in range(100):
        if found.request.get(f"{served.url}api/state").json()["state"] == "idle":
            break
        found.wait_for_timeout(100)
    found.context.close()


def said(value: object = "PRESS", at: float | None = None) -> str:
    return json.dumps({"value": value, "at": time.time() if at is None else at})


def test_a_broker_is_set_on_the_page_and_hears_a_whole_session(
    page: Page, served: Served, sim: Sim, broker: Broker, home_assistant: Home, home: Path
) -> None:
    page.goto(f"{served.url}settings")
    page.fill("#mqtt [name=host]", "no such host")
    page.click("#mqtt button[type=submit]")
    expect(page.locator("#mqtt-answer")).to_contain_text("without a space")
    page.fill("#mqtt [name=host]", "127.0.0.1")
    page.fill("#mqtt [name=port]", str(broker.port))
    page.click("#mqtt summary")
    page.fill("#mqtt [name=node]", "gym")
    page.fill("#mqtt [name=password]", "a secret of mine")
    page.click("#mqtt button[type=submit]")
    expect(page.locator("#mqtt-answer")).to_have_text("Kept.")
    expect(page.locator("#mqtt-status")).to_contain_text("connected")
    shown = page.request.get(f"{served.url}api/settings/mqtt")
    assert "a secret of mine" not in shown.text() and shown.json()["password_set"] is True
    assert (home / "mqtt-password").stat().st_mode & 0o077 == 0
    # The kept password goes to no other broker.
    moved = page.request.put(f"{served.url}api/settings/mqtt", data={"changes": {"host": "evil.example"}})
    assert moved.status == 422 and "typed again" in moved.json()["detail"]

    connect(page, served.url)
    begin(page)
    assert home_assistant.until("event", event_type="session_started")["session"]
    running = home_assistant.until("state", phase="warm_up", belt_runs="on")
    assert running["treadmill"] == "on" and running["target_kmh"] is not None
    before = sim.stops()
    home_assistant.say("stop", "PRESS")
    sim.wait_for_stop(before)
    assert home_assistant.until("command_result", command="stop")["result"] == "done"
    home_assistant.until("event", event_type="session_ended")
    assert sim.speed() == 0


def test_no_message_and_no_request_from_afar_moves_a_belt(
    page: Page, served: Served, sim: Sim, home_assistant: Home
) -> None:
    def attack() -> None:
        for name in ("start", "faster", "steeper", "speed", "incline", "resume", "START", "start/now"):
            for value in ("PRESS", 12.0, 1):
                home_assistant.say(name, said(value))
                home_assistant.say(name, said(value), retain=True)
                home_assistant.say(name, said(value, time.time() - 86_400))
                home_assistant.say(name, json.dumps({"kind": "start", "amount": 25}))
        for path, body in (("intent", {"kind": "start"}), ("session", {"today": False}), ("drive", None)):
            headers = {"x-forwarded-for": "10.0.0.9"}
            answer = page.request.post(f"{served.url}api/{path}", data=body, headers=headers)
            assert answer.status == 401, path
        page.wait_for_timeout(1500)

    def clear() -> None:
        for name in ("start", "faster", "steeper", "speed", "incline", "resume", "START"):
            home_assistant.say(name, "", retain=True)

    # Nothing is connected; then a treadmill is ready, and a person stands beside it.
    attack()
    assert page.request.get(f"{served.url}api/state").json()["state"] == "idle"
    assert sim.speed() == 0
    clear()
    connect(page, served.url)
    attack()
    expect(page.locator("#phase")).to_contain_text("Ready")
    assert sim.speed() == 0
    home_assistant.say("start", said())
    expect(page.locator("#asked")).to_contain_text("asks to start the belt: hold the button")
    expect(page.locator("#asked-yes")).to_be_hidden()
    number = page.request.get(f"{served.url}api/state").json()["asked"]["id"]
    by_api = page.request.post(f"{served.url}api/asked", data={"id": number, "confirmed": True})
    assert by_api.status == 409 and "holding" in by_api.json()["detail"]
    page.wait_for_timeout(500)
    assert sim.speed() == 0
    clear()
    # Paused, the belt was released once: still nobody starts it from afar.
    begin(page)
    page.click("#pause")
    expect(page.locator("#phase")).to_contain_text("Paused")
    attack()
    expect(page.locator("#phase")).to_contain_text("Paused")
    assert sim.speed() == 0
    clear()


def test_faster_is_asked_and_done_by_the_person_who_drives(
    page: Page, served: Served, sim: Sim, home_assistant: Home
) -> None:
    connect(page, served.url)
    begin(page)
    expect(page.locator("#speed")).to_have_text("4.0")
    page.click("[data-intent=skip]")
    expect(page.locator("#phase")).to_contain_text("Main set")
    expect(page.locator("#target")).to_contain_text("5.0")
    home_assistant.say("faster", said())
    expect(page.locator("#asked-words")).to_have_text("A message (MQTT) asks to go 0.5 km/h faster.")
    page.wait_for_timeout(500)
    expect(page.locator("#target")).to_contain_text("5.0")
    page.click("#asked-yes")
    expect(page.locator("#target")).to_contain_text("5.5")
    expect(page.locator("#asked")).to_be_hidden()
    home_assistant.until("command_result", command="faster", result="confirmed")
    home_assistant.say("faster", said())
    page.click("#asked-no")
    expect(page.locator("#asked")).to_be_hidden()
    home_assistant.until("command_result", command="faster", result="declined")
    expect(page.locator("#target")).to_contain_text("5.5")
    home_assistant.say("slower", said())
    expect(page.locator("#target")).to_contain_text("5.0")
