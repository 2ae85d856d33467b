"""What a message may do: stop and pause always, slower when it is fresh, faster and start never by itself."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.intents import IntentKind
from treadcoach.mqtt.commands import (
    COMMANDS,
    FRESH_S,
    MOST_AT_ONCE,
    TO_BE_CONFIRMED,
    Judge,
    Refused,
    Taken,
    Targets,
)

NOW_S = 1_800_000_000.0
LED = Targets(6.0, 2.0)
NOT_LED = Targets(None, None)


def said(value: object = "PRESS", at: object = NOW_S) -> bytes:
    return json.dumps({"value": value, "at": at}).encode()


def ruling(name: str, payload: bytes, *, retained: bool = False, targets: Targets = LED) -> Taken | Refused:
    return Judge().judge(name, payload, retained, NOW_S, targets)


@pytest.mark.parametrize("name", ["stop", "pause"])
@pytest.mark.parametrize("payload", [b"", b"PRESS", b"\xff\xfe", b"{", said(at=0), b"x" * 100_000])
def test_stop_and_pause_are_taken_whatever_they_carry(name: str, payload: bytes) -> None:
    judge = Judge()
    for _ in range(3):
        assert judge.judge(name, payload, False, NOW_S, NOT_LED) == Taken(IntentKind(name))


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_broker_kept_is_refused(name: str) -> None:
    refused = ruling(name, said(7.0), retained=True)
    assert isinstance(refused, Refused) and "retained" in refused.reason


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"stop", "pause"}))
@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"PRESS", "no JSON"),
        (b"", "no JSON"),
        (b"[" * 500, "no JSON"),
        (b"\xff", "no JSON"),
        (b"x" * 513, "513 octets"),
        (b"3", "JSON object"),
        (json.dumps({"value": 1, "at": NOW_S, "more": 1}).encode(), "JSON object"),
        (json.dumps({"value": 1}).encode(), "JSON object"),
        (said(1, "now"), "no number"),
        (said(1, True), "no number"),
        (b'{"value": 1, "at": NaN}', "no number"),
        (b'{"value": 1, "at": 1e999}', "no number"),
        (said(1, NOW_S - FRESH_S - 1), "s ago"),
        (said(1, NOW_S + 60), "ahead"),
    ],
)
def test_what_is_malformed_or_old_is_refused_with_the_reason(name: str, payload: bytes, words: str) -> None:
    refused = ruling(name, payload)
    assert isinstance(refused, Refused) and words in refused.reason


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"stop", "pause"}))
def test_the_same_message_twice_counts_once(name: str) -> None:
    judge = Judge()
    value = {"speed": 5.0, "incline": 1.0}.get(name, "PRESS")
    assert isinstance(judge.judge(name, said(value), False, NOW_S, LED), Taken)
    again = judge.judge(name, said(value), False, NOW_S + 1, LED)
    assert isinstance(again, Refused) and "replay" in again.reason
    assert isinstance(judge.judge(name, said(value, NOW_S + 1), False, NOW_S + 1, LED), Taken)


def test_a_number_becomes_a_change_from_the_target_of_now() -> None:
    assert ruling("speed", said(6.5)) == Taken(IntentKind.FASTER, 0.5)
    assert ruling("speed", said(4.0)) == Taken(IntentKind.SLOWER, 2.0)
    assert ruling("speed", said(25.0)) == Taken(IntentKind.FASTER, MOST_AT_ONCE)
    assert ruling("incline", said(2.5)) == Taken(IntentKind.STEEPER, 0.5)
    assert ruling("incline", said(0)) == Taken(IntentKind.FLATTER, 2.0)
    for name, value in (("speed", 26), ("speed", -1), ("speed", 0.2), ("incline", 16), ("speed", None),
                        ("speed", "7"), ("speed", [7]), ("incline", True)):  # fmt: skip
        assert isinstance(ruling(name, said(value)), Refused), (name, value)
    assert isinstance(ruling("speed", said(6.02)), Refused)
    assert isinstance(ruling("speed", said(6.5), targets=NOT_LED), Refused)


def test_whatever_moves_a_belt_has_to_be_confirmed_by_a_person() -> None:
    harmless = {IntentKind.STOP, IntentKind.PAUSE, IntentKind.SLOWER, IntentKind.FLATTER}
    kinds = {command.kind for command in COMMANDS.values() if command.kind is not None}
    assert kinds - harmless == TO_BE_CONFIRMED == {IntentKind.START, IntentKind.FASTER, IntentKind.STEEPER}


@given(
    name=st.one_of(st.sampled_from(sorted(COMMANDS)), st.text(max_size=20)),
    payload=st.one_of(
        st.binary(max_size=600),
        st.builds(said, st.floats() | st.integers() | st.text(max_size=5), st.floats() | st.integers()),
    ),
    retained=st.booleans(),
    speed=st.none() | st.floats(0, 25),
)
def test_anything_at_all_gets_a_ruling(
    name: str, payload: bytes, retained: bool, speed: float | None
) -> None:
    found = Judge().judge(name, payload, retained, time.time(), Targets(speed, speed))
    if isinstance(found, Taken):
        assert not retained and name in COMMANDS and 0 <= found.amount <= MOST_AT_ONCE
    else:
        assert found.reason
