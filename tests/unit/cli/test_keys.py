"""A stop key stops, whatever escape sequences are around it, however the octets come."""

import asyncio
import os
import pty
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.cli.keys import KEYS, KeyReader, read_keys
from treadcoach.core.intents import IntentKind

STOPS = [key.encode() for key, kind in KEYS.items() if kind is IntentKind.STOP]
STOPS += [key.upper() for key in STOPS if key.isalpha()]
SEQUENCES = [
    b"\x1b[A", b"\x1b[B", b"\x1bOP", b"\x1bOA", b"\x1b[15~", b"\x1b[1;5C", b"\x1b[200~", b"\x1b[201~",
    b"\x1b[<0;10;5M", b"\x1b[Z", b"\x1b[[A", b"\x1b[3;2~", b"\x1b[?1;2c",
]  # fmt: skip
QUICK_S, SLOW_S = 0.01, 1.0


def pressed(*pieces: bytes, gap_s: float = QUICK_S) -> list[str]:
    """What is asked for, when so many pieces are read one after the other."""
    asked: list[str] = []
    reader = KeyReader(lambda intent: asked.append(intent.kind.value))
    for number, piece in enumerate(pieces):
        reader.feed(piece, number * gap_s)
    return asked


@pytest.mark.parametrize(
    "data", [b" ", b"\x1b ", b"\x1b[A ", b"\x1b[B\x1b[Bs", b"\x1bs", b"\x1b[q", b"\x1bOS", b"\xff\xc3 "]
)
def test_a_stop_beside_an_escape(data: bytes) -> None:
    assert pressed(data) == ["stop"]
    for cut in range(1, len(data)):
        assert "stop" in pressed(data[:cut], data[cut:]), cut


@given(
    before=st.binary(max_size=70),
    stop=st.sampled_from(STOPS),
    after=st.binary(max_size=70),
    cuts=st.lists(st.integers(0, 150), max_size=6),
    gap_s=st.sampled_from([QUICK_S, SLOW_S]),
)
def test_whatever_is_around_it_a_stop_key_stops(
    before: bytes, stop: bytes, after: bytes, cuts: list[int], gap_s: float
) -> None:
    data = before + stop + after
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(ends)]
    assert "stop" in pressed(*pieces, gap_s=gap_s)


@given(
    parts=st.lists(st.sampled_from([*SEQUENCES, *STOPS]), min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 80), max_size=8),
)
def test_among_arrow_and_function_keys_nothing_but_stops_is_asked_for(
    parts: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(parts)
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    asked = pressed(*(data[a:b] for a, b in pairwise(ends)))
    assert set(asked) == ({"stop"} if any(part in STOPS for part in parts) else set())


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_an_arrow_or_function_key_asks_for_nothing(sequence: bytes) -> None:
    assert pressed(sequence) == []
    assert pressed(*(sequence[at : at + 1] for at in range(len(sequence)))) == []
    assert pressed(sequence + b"+") == ["faster"] == pressed(sequence, b"+")


@pytest.mark.parametrize(("key", "kind"), KEYS.items())
def test_every_key_alone_and_after_the_escape_key(key: str, kind: IntentKind) -> None:
    assert pressed(key.encode()) == [kind.value]
    assert pressed(key.upper().encode()) == [kind.value]
    assert pressed(b"\x1b", key.encode(), gap_s=SLOW_S) == [kind.value]


def test_beside_a_stop_nothing_else_is_meant() -> None:
    assert pressed(b"+\n s\n\n+u") == ["stop"]
    assert pressed(b"w ") == ["stop", "unwell"]


def test_a_pasted_page_with_a_stop_at_its_end_stops_at_once() -> None:
    asked: list[str] = []
    master, slave = pty.openpty()
    kept, real = os.dup(0), sys.stdin
    os.dup2(slave, 0)

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        with os.fdopen(0, closefd=False) as terminal:
            sys.stdin = terminal
            with read_keys(loop, lambda intent: asked.append(intent.kind.value)):
                os.write(master, b"\x1b[200~" + b"z" * 1000 + b"\x1b[B ")
                for _ in range(100):
                    await asyncio.sleep(0.01)  # the terminal's own time
                    if asked:
                        break

    try:
        asyncio.run(scenario())
    finally:
        sys.stdin = real
        os.dup2(kept, 0)
        for number in (kept, master, slave):
            os.close(number)
    assert asked == ["stop"]
