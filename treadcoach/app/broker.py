"""The broker that config.toml names in [mqtt]. Its password is in a file that only its owner reads."""

import os
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from treadcoach.app.config_file import CONFIG, Document, change_config, read_config, replace_file
from treadcoach.app.desk import Desk
from treadcoach.core.errors import InputError, StoreError

TABLE = "mqtt"
PASSWORD_FILE = "mqtt-password"
FIELDS = ("host", "port", "tls", "ca_file", "username", "base_topic", "discovery_prefix", "node")
PLAIN_PORT, TLS_PORT = 1883, 8883
_TOPIC = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_NODE = re.compile(r"[a-z0-9_]{1,50}")


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to, as whom, and under which topics. node: this treadmill's own part of every topic."""

    host: str
    port: int
    tls: bool
    ca_file: str | None
    username: str | None
    password: str | None = field(repr=False)
    base_topic: str
    discovery_prefix: str
    node: str


def load_broker(desk: Desk) -> Broker | None:
    """The broker of config.toml; None: there is none. Raises InputError."""
    table = read_config(desk.places.house_config).get(TABLE, {})
    place = f"{desk.places.house_config / CONFIG}, {TABLE}"
    if not isinstance(table, dict):
        raise InputError(place, table, f"a table with {', '.join(FIELDS)}")
    if "password" in table:
        raise InputError(
            f"{place}, password", "(not shown)", f"a file {PASSWORD_FILE} beside it, with nothing else"
        )
    if unknown := sorted(set(table) - set(FIELDS)):
        raise InputError(place, unknown[0], f"one of {', '.join(FIELDS)}")
    if not table.get("host"):
        return None
    tls = _flag(table.get("tls", False), f"{place}, tls")
    node = table.get("node", default_node(desk))
    if "node" in table and desk.places.treadmill:
        # One name in the file, and several treadmills: each has its own part of the topics.
        node = f"{node}_{desk.places.treadmill.replace('-', '_')}"
    return Broker(
        host=_text(table["host"], f"{place}, host", 253),
        port=_port(table.get("port", TLS_PORT if tls else PLAIN_PORT), f"{place}, port"),
        tls=tls,
        ca_file=_file(table.get("ca_file"), f"{place}, ca_file"),
        username=None
        if table.get("username") is None
        else _text(table["username"], f"{place}, username", 200),
        password=_password(desk.places.house_config),
        base_topic=_topic(table.get("base_topic", "treadcoach"), f"{place}, base_topic"),
        discovery_prefix=_topic(table.get("discovery_prefix", "homeassistant"), f"{place}, discovery_prefix"),
        node=_node(node, f"{place}, node"),
    )


def broker_fields(desk: Desk) -> dict[str, Any]:
    """What a page shows of it: never the password, only whether there is one."""
    found = load_broker(desk)
    if found is None:
        return dict.fromkeys(FIELDS) | {"password_set": _password(desk.places.house_config) is not None}
    out = asdict(found)
    return out | {"password_set": out.pop("password") is not None}


def write_broker(desk: Desk, changes: Mapping[str, Any], password: str | None) -> None:
    """Change fields of [mqtt]; None takes one back, a password of '' deletes it. Raises InputError."""
    if desk.places.is_practice:
        raise InputError("mqtt", "a runner's", f"[{TABLE}] in the practice's {CONFIG}: it is for all")
    if unknown := sorted(set(changes) - set(FIELDS)):
        raise InputError(CONFIG, unknown[0], f"one of {', '.join(FIELDS)}")
    checks: dict[str, Callable[[object, str], object]] = {
        "host": partial(_text, longest=253),
        "port": _port,
        "tls": _flag,
        "ca_file": _file,
        "username": partial(_text, longest=200),
        "base_topic": _topic,
        "discovery_prefix": _topic,
        "node": _node,
    }
    for name, value in changes.items():
        if value is not None:
            checks[name](value, name)
    if password is not None and (len(password) > 500 or "\n" in password):
        raise InputError("password", "(not shown)", "one line of at most 500 characters")

    now = broker_fields(desk)
    elsewhere = any(name in changes and changes[name] != now[name] for name in ("host", "port", "tls"))
    if elsewhere and password is None and now["password_set"]:
        raise InputError(
            "password", "(not shown)", "typed again: the kept one is not handed to another broker"
        )

    def change(document: Document) -> None:
        table = document.setdefault(TABLE, {})
        for name, value in changes.items():
            if value is None or value == "":
                table.pop(name, None)
            else:
                table[name] = value

    change_config(desk.places.house_config, change)
    if password is not None:
        path = desk.places.house_config / PASSWORD_FILE
        if password:
            replace_file(path, password)  # mkstemp makes it readable for its owner alone
        else:
            path.unlink(missing_ok=True)


def default_node(desk: Desk) -> str:
    """By this computer's name and, in a practice, the treadmill's; a simulated air's says so."""
    host = re.sub(r"[^a-z0-9]+", "_", socket.gethostname().partition(".")[0].lower()).strip("_") or "home"
    parts = (
        [host, re.sub(r"[^a-z0-9]+", "_", desk.places.treadmill.lower())] if desk.places.treadmill else [host]
    )
    return "_".join([*parts, "simulated"] if desk.simulated else parts)[:50]


def _password(config: Path) -> str | None:
    path = config / PASSWORD_FILE
    if not path.is_file():
        return os.environ.get("TREADCOACH_MQTT_PASSWORD")
    try:
        return path.read_text(encoding="utf-8").strip("\r\n") or None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: {error}") from error


def _text(value: object, place: str, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable() or " " in value:
        raise InputError(place, value, f"1 to {longest} printable characters without a space")
    return value


def _port(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 65535:
        raise InputError(place, value, "a whole number from 1 to 65535")
    return value


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(place, value, "true or false")
    return value


def _file(value: object, place: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not Path(value).expanduser().is_file():
        raise InputError(place, value, "a file with certificates (PEM)")
    return str(Path(value).expanduser())


def _topic(value: object, place: str) -> str:
    if not isinstance(value, str) or len(value) > 100 or not _TOPIC.fullmatch(value):
        raise InputError(place, value, "letters, digits, '-' and '_', with '/' between")
    return value


def _node(value: object, place: str) -> str:
    if not isinstance(value, str) or not _NODE.fullmatch(value):
        raise InputError(place, value, "1 to 50 lower-case letters, digits and '_'")
    return value
