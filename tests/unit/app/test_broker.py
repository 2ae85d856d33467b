"""The broker of config.toml: what may stand there, and a password that is seen nowhere."""

from pathlib import Path
from typing import Any

import pytest

from treadcoach.app.broker import PASSWORD_FILE, Broker, broker_fields, load_broker, write_broker
from treadcoach.app.config import Folders
from treadcoach.app.desk import Desk
from treadcoach.core.errors import InputError
from treadcoach.store.opening import open_engine

SECRET = "a secret of mine"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Folders(tmp_path, tmp_path), open_engine(tmp_path / "journal.db"))


def written(desk: Desk, text: str) -> Broker | None:
    (desk.places.config / "config.toml").write_text(f"# mine\n[mqtt]\n{text}\n", encoding="utf-8")
    return load_broker(desk)


def test_without_a_host_there_is_no_broker(desk: Desk) -> None:
    assert load_broker(desk) is None
    assert written(desk, "port = 1883") is None
    assert broker_fields(desk)["password_set"] is False


def test_defaults(desk: Desk) -> None:
    found = written(desk, 'host = "broker.lan"')
    assert found is not None
    assert (found.port, found.tls, found.username, found.base_topic) == (1883, False, None, "treadcoach")
    assert found.discovery_prefix == "homeassistant" and found.node
    found = written(desk, 'host = "broker.lan"\ntls = true')
    assert found is not None and found.port == 8883


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("host = 3", "printable"),
        ('host = "a b"', "without a space"),
        ('host = "h"\nport = 0', "1 to 65535"),
        ('host = "h"\nport = "1883"', "1 to 65535"),
        ('host = "h"\ntls = "yes"', "true or false"),
        ('host = "h"\nca_file = "/no/such.pem"', "a file with certificates"),
        ('host = "h"\nbase_topic = "a/#"', "letters, digits"),
        ('host = "h"\nbase_topic = "/a"', "letters, digits"),
        ('host = "h"\ndiscovery_prefix = "+"', "letters, digits"),
        ('host = "h"\nnode = "My Gym"', "lower-case letters"),
        ('host = "h"\nnode = "a/b"', "lower-case letters"),
        ('host = "h"\nusername = ""', "printable"),
        ('host = "h"\npassword = "x"', PASSWORD_FILE),
        ('host = "h"\ncolour = "red"', "one of host"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(desk: Desk, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        written(desk, text)
    assert words in str(caught.value) and "config.toml, mqtt" in str(caught.value)


def test_a_table_that_is_none(desk: Desk) -> None:
    (desk.places.config / "config.toml").write_text("mqtt = 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="a table with"):
        load_broker(desk)


def test_a_page_writes_it_and_comments_stay(desk: Desk) -> None:
    written(desk, "")
    write_broker(desk, {"host": "broker.lan", "port": 8883, "tls": True, "username": "coach"}, SECRET)
    found = load_broker(desk)
    assert found is not None and (found.password, found.username) == (SECRET, "coach")
    text = (desk.places.config / "config.toml").read_text(encoding="utf-8")
    assert text.startswith("# mine") and SECRET not in text
    assert (desk.places.config / PASSWORD_FILE).stat().st_mode & 0o077 == 0
    shown = broker_fields(desk)
    assert shown["password_set"] is True and SECRET not in str(shown)
    write_broker(desk, {"username": None}, "")
    found = load_broker(desk)
    assert found is not None and (found.password, found.username) == (None, None)


@pytest.mark.parametrize("change", [{"host": "evil.example"}, {"port": 1}, {"tls": False}])
def test_a_kept_password_goes_to_no_other_broker(desk: Desk, change: dict[str, Any]) -> None:
    write_broker(desk, {"host": "broker.lan", "tls": True}, SECRET)
    with pytest.raises(InputError, match="typed again") as caught:
        write_broker(desk, change, None)
    assert SECRET not in str(caught.value)
    write_broker(desk, change, "typed again")
    found = load_broker(desk)
    assert found is not None and found.password == "typed again"


@pytest.mark.parametrize(
    ("changes", "password"),
    [
        ({"host": "a b"}, None),
        ({"port": 99_999}, None),
        ({"secret": "x"}, None),
        ({"node": "A"}, None),
        ({}, "two\nlines"),
        ({}, "x" * 501),
    ],
)
def test_what_a_page_may_not_write_changes_nothing(
    desk: Desk, changes: dict[str, Any], password: str | None
) -> None:
    write_broker(desk, {"host": "broker.lan"}, SECRET)
    before = (desk.places.config / "config.toml").read_text(encoding="utf-8")
    with pytest.raises(InputError) as caught:
        write_broker(desk, changes, password)
    assert (desk.places.config / "config.toml").read_text(encoding="utf-8") == before
    assert password is None or password not in str(caught.value)


def test_the_password_may_come_by_the_environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREADCOACH_MQTT_PASSWORD", SECRET)
    found = written(desk, 'host = "broker.lan"')
    assert found is not None and found.password == SECRET and SECRET not in repr(found)
