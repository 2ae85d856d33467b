"""The link to the broker: comes back by itself, says what is so now, and holds up nobody when it hangs."""

import asyncio
import json
import logging
import secrets
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aiomqtt

from treadcoach.app.agenda import Agenda
from treadcoach.app.asked import Asked, AskedDesk
from treadcoach.app.broker import Broker, load_broker
from treadcoach.app.channel import Channel
from treadcoach.app.desk import Desk
from treadcoach.core.errors import LinkError, TreadcoachError
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ON_BELT
from treadcoach.mqtt.commands import COMMANDS, TO_BE_CONFIRMED, Judge, Refused, Taken, Targets
from treadcoach.mqtt.discovery import discovery
from treadcoach.mqtt.state import Happenings, state_of
from treadcoach.mqtt.topics import OFFLINE, ONLINE, Topics, topics_of

SOURCE = "a message (MQTT)"
RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_S = 60.0
KEEPALIVE_S = 15
ANSWER_S = 10.0
"""A broker that takes longer for one message counts as gone."""
GOODBYE_S = 2.0
LEAST_BETWEEN_S = 1.0
AT_LEAST_EVERY_S = 10.0
"""In a session the state is said again also when nothing changes, so that a silence means something."""
MOST_WAITING_COMMANDS = 256
MOST_COMMANDS_A_SECOND = 5
MOST_UNSAID = 50
UNSAID_FOR_S = 300.0
_LOG = logging.getLogger(__name__)


class StopFirstQueue(asyncio.Queue[aiomqtt.Message]):
    """What comes in, bounded. When it is full the oldest message that is no stop makes room."""

    def _put(self, item: aiomqtt.Message) -> None:
        waiting: deque[aiomqtt.Message] = self._queue  # type: ignore[attr-defined]  # asyncio.Queue's own hook
        if len(waiting) >= MOST_WAITING_COMMANDS:
            at = next((i for i, m in enumerate(waiting) if not str(m.topic).endswith("/stop")), 0)
            del waiting[at]
        waiting.append(item)


class BrokerLink:
    """One treadmill's messages. `keep` runs for as long as the house does."""

    def __init__(self, channel: Channel, desk: Desk, agenda: Agenda, asked: AskedDesk) -> None:
        self._channel = channel
        self._desk = desk
        self._agenda = agenda
        self._asked = asked
        self._judge = Judge()
        self._happenings = Happenings()
        self._unsaid: deque[tuple[float, str, dict[str, Any]]] = deque(maxlen=MOST_UNSAID)
        """When, where and what: events and results that are on their way."""
        self._wake = asyncio.Event()
        self._settings_changed = asyncio.Event()
        self._said_all = False
        self._commands: deque[float] = deque(maxlen=MOST_COMMANDS_A_SECOND)
        self._stopping: dict[IntentKind, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._topics: Topics | None = None
        self.status = "no broker is set"
        self.published = 0

    def settings_changed(self) -> None:
        """Read the broker's settings anew, and connect by them."""
        self._settings_changed.set()

    async def keep(self) -> None:
        """Connect, and again whenever the link is gone, until cancelled. A fault of ours ends it."""
        try:
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._follow())
                parts.create_task(self._connect())
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self) -> None:
        tries = 0
        while True:
            self._settings_changed.clear()
            began = time.monotonic()
            await self._once()
            tries = 0 if time.monotonic() - began > STEADY_S else tries + 1
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY_S[min(tries, len(RETRY_S) - 1)]):
                    await self._settings_changed.wait()
                    tries = 0

    async def _once(self) -> None:
        """One life of the link, by the settings of now."""
        try:
            broker = await asyncio.to_thread(load_broker, self._desk)
        except TreadcoachError as error:
            self._say_status(str(error))
            return
        if broker is None:
            self._topics, self.status = None, "no broker is set"
            await self._settings_changed.wait()
            return
        self._say_status(f"connecting to {broker.host}:{broker.port}")
        try:
            await self._connected(broker)
        except (aiomqtt.MqttError, OSError, ValueError, TimeoutError) as error:
            self._say_status(f"{broker.host}:{broker.port}: {_words(error)}; trying again")

    async def _connected(self, broker: Broker) -> None:
        topics = topics_of(broker)
        self._topics = topics
        async with _client(broker, topics) as client:
            await client.subscribe([(topics.every_command, 1), (topics.birth, 1)], timeout=ANSWER_S)
            await client.publish(topics.availability, ONLINE, qos=1, retain=True, timeout=ANSWER_S)
            self._said_all = False
            self._say_status(f"connected to {broker.host}:{broker.port}")
            parts = [
                asyncio.create_task(self._listen(client, topics)),
                asyncio.create_task(self._speak(client, topics)),
                asyncio.create_task(self._settings_changed.wait()),
            ]
            gone = False
            try:
                done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                for part in done:
                    gone = gone or part.exception() is not None
                    part.result()
            finally:
                for part in parts:
                    part.cancel()
                await asyncio.gather(*parts, return_exceptions=True)
                if not gone:
                    # A clean goodbye makes the broker forget the last will: it is said here.
                    with suppress(aiomqtt.MqttError, TimeoutError):
                        await client.publish(
                            topics.availability, OFFLINE, qos=1, retain=True, timeout=GOODBYE_S
                        )

    # -- out ----------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Pictures of the coach, whether there is a broker or not: events wait for it for a while."""
        async with self._channel.follow(own=True) as pictures:
            while True:
                picture = await pictures.get()
                if (picture.snapshot or {}).get("phase") in ON_BELT:
                    self._asked.started()
                for event in self._happenings.since(picture):
                    self._put("event", event)
                self._wake.set()

    def _put(self, where: str, what: dict[str, Any]) -> None:
        stamped = what | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
        self._unsaid.append((time.monotonic(), where, stamped))
        self._wake.set()

    async def _speak(self, client: aiomqtt.Client, topics: Topics) -> None:
        """Say what is new: at most one state a second, events at once."""
        last: dict[str, Any] | None = None
        last_s = 0.0
        while True:
            if not self._said_all:
                payload = json.dumps(discovery(topics, self._name(), self._desk.simulated))
                await self._publish(client, topics.discovery, payload, retain=True)
                self._said_all, last = True, None
            while self._unsaid:
                since_s, where, what = self._unsaid[0]
                if time.monotonic() - since_s <= UNSAID_FOR_S:
                    topic = topics.event if where == "event" else topics.command_result
                    await self._publish(client, topic, json.dumps(what))
                if self._unsaid and self._unsaid[0][2] is what:
                    self._unsaid.popleft()
            now_s = time.monotonic()
            state = state_of(self._channel.latest, self._agenda.outlook)
            again = self._channel.latest.snapshot is not None and now_s - last_s >= AT_LEAST_EVERY_S
            if (state != last or again) and now_s - last_s >= LEAST_BETWEEN_S:
                await self._publish(client, topics.state, json.dumps(state))
                last, last_s = state, time.monotonic()
            self._wake.clear()
            limit = LEAST_BETWEEN_S if state != last else AT_LEAST_EVERY_S
            with suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await self._wake.wait()

    async def _publish(
        self, client: aiomqtt.Client, topic: str, payload: str, *, retain: bool = False
    ) -> None:
        await client.publish(topic, payload, qos=1, retain=retain, timeout=ANSWER_S)
        self.published += 1

    def _name(self) -> str:
        return f"treadcoach {self._desk.places.treadmill}".strip()

    # -- in -----------------------------------------------------------------------------

    async def _listen(self, client: aiomqtt.Client, topics: Topics) -> None:
        prefix = f"{topics.root}/command/"
        async for message in client.messages:
            topic = str(message.topic)
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if topic == topics.birth:
                if payload == ONLINE.encode():
                    self._said_all = False
                    self._wake.set()
            elif topic.startswith(prefix):
                self._command(topic.removeprefix(prefix), payload, retained=bool(message.retain))
        raise aiomqtt.MqttError("the broker hung up")

    def _command(self, name: str, payload: bytes, *, retained: bool) -> None:
        command = COMMANDS.get(name)
        always = command is not None and command.always
        if not always and self._too_often():
            return  # said nothing to: answers to a flood would be a flood
        shown = name if command is not None else "unknown"
        ruling = self._judge.judge(name, payload, retained, time.time(), self._targets())
        if isinstance(ruling, Refused):
            self._result(shown, "refused", ruling.reason)
        elif ruling.kind in TO_BE_CONFIRMED:
            self._ask(shown, ruling)
        elif ruling.kind not in self._stopping:
            task = asyncio.get_running_loop().create_task(self._do(shown, ruling))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            if always:
                # A storm of stops is one stop after the other, not a thousand at once.
                self._stopping[ruling.kind] = task
                task.add_done_callback(lambda _: self._stopping.pop(ruling.kind, None))

    def _too_often(self) -> bool:
        now_s = time.monotonic()
        if len(self._commands) == MOST_COMMANDS_A_SECOND and now_s - self._commands[0] < 1.0:
            return True
        self._commands.append(now_s)
        return False

    def _targets(self) -> Targets:
        seen = self._channel.latest.snapshot or {}
        if seen.get("phase") not in ON_BELT:
            return Targets(None, None)
        return Targets(seen.get("target_kmh"), seen.get("ordered_percent"))

    def _ask(self, name: str, wanted: Taken) -> None:
        asked = self._asked.ask(wanted.kind, wanted.amount, SOURCE, self._answered)
        self._result(name, "asked", "a person at the treadmill has to do it, on the page")
        _LOG.info("asked by a message: %s %g (%d)", asked.kind, asked.amount, asked.id)

    def _answered(self, asked: Asked, what: str) -> None:
        reasons = {
            "confirmed": "a person at the treadmill did it",
            "declined": "the person at the treadmill does not want it",
            "expired": "nobody at the treadmill did it in time",
            "replaced": "a newer request took its place",
        }
        self._result(asked.kind.value, what, reasons[what])

    async def _do(self, name: str, wanted: Taken) -> None:
        try:
            refused = await self._channel.wish(wanted.kind, SOURCE, wanted.amount)
        except LinkError as error:
            refused = str(error)
        if refused is None:
            self._result(name, "done", "handed to the coach")
        else:
            self._result(name, "refused", refused)

    def _result(self, name: str, result: str, reason: str) -> None:
        self._put("result", {"command": name, "result": result, "reason": reason})

    def _say_status(self, text: str) -> None:
        if text != self.status:
            _LOG.log(logging.WARNING if "again" in text else logging.INFO, "MQTT: %s", text)
        self.status = text


def _client(broker: Broker, topics: Topics) -> aiomqtt.Client:
    tls = aiomqtt.TLSParameters(ca_certs=broker.ca_file) if broker.tls else None
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        # Two programs of one name would throw each other out again and again.
        identifier=f"treadcoach-{broker.node[:30]}-{secrets.token_hex(4)}",
        will=aiomqtt.Will(topics.availability, OFFLINE, qos=1, retain=True),
        keepalive=KEEPALIVE_S,
        timeout=ANSWER_S,
        clean_session=True,  # nothing that was said while this was away is acted upon
        queue_type=StopFirstQueue,
        max_queued_outgoing_messages=MOST_UNSAID,
        tls_params=tls,
    )


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
