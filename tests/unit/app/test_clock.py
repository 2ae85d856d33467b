"""A faster clock does not take the seconds in which the machine stood still; a true one takes them all."""

import selectors
from types import SimpleNamespace

import pytest

from treadcoach.app import clock
from treadcoach.app.clock import STALL_S, PacedLoop


class Wall:
    """A wall clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    made = Wall()
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=made.monotonic))
    return made


def taken_s(loop: PacedLoop, wall: Wall, *steps_s: float) -> float:
    """What the loop's clock took of these steps of the wall."""
    began = loop.time()
    for step_s in steps_s:
        wall.now_s += step_s
        before = loop.time()
        loop.call_soon(loop.stop)
        loop.run_forever()
        assert loop.time() >= before, "a clock that goes back"
    return loop.time() - began


def test_a_stall_is_no_silence_to_a_faster_belt(wall: Wall) -> None:
    loop = PacedLoop(20.0)
    assert taken_s(loop, wall, *[0.05] * 100) == pytest.approx(100.0), "twenty times five seconds"
    assert taken_s(loop, wall, 2.0) == pytest.approx(20 * STALL_S), "and not forty seconds"
    loop.close()


def test_a_wait_that_lasts_too_long_counts_as_long_as_it_was_meant(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    select = selectors.DefaultSelector.select

    def overslept(selector: selectors.DefaultSelector, timeout: float | None = None) -> object:
        wall.now_s += 3.0
        return select(selector, 0)

    loop = PacedLoop(20.0)
    monkeypatch.setattr(selectors.DefaultSelector, "select", overslept)
    began = loop.time()
    loop.call_later(10.0, loop.stop)  # half a second of the wall
    loop.run_forever()
    assert loop.time() - began == pytest.approx(10.0 + 20 * STALL_S)
    loop.close()


def test_at_the_walls_own_pace_every_second_counts(wall: Wall) -> None:
    loop = PacedLoop(1.0)
    assert taken_s(loop, wall, 2.0, 30.0) == pytest.approx(32.0)
    loop.close()
