"""Easing for form is a wish like any other: below the plan, along the ramp, inside every bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.direct import Direct
from treadcoach.core.easing import FormEasing
from treadcoach.core.effects import Wish
from treadcoach.core.intents import REMOTE, IntentKind
from treadcoach.core.phases import Phase


def _on_hard_part(workout: str = "20 min @ 8 km/h, 4 %") -> Direct:
    direct = Direct(workout=workout)
    direct.begin()
    direct.run_to(Phase.MAIN)
    direct.pass_time(90)
    return direct


def _ease(direct: Direct, percent: float = 6.0) -> None:
    direct._do(direct.controller._run(direct.now_s, lambda: direct.controller._apply(
        direct.controller.session.ease(percent, 1.0, "eased for form: a test")
    )))  # fmt: skip


@given(
    st.lists(st.tuples(st.booleans(), st.floats(-50, 100)), max_size=12),
    st.floats(0.5, 20),
    st.floats(-3, 15),
    st.floats(3, 7),
)
def test_an_easing_is_never_above_the_plan(
    steps: list[tuple[bool, float]], speed: float, incline: float, walk: float
) -> None:
    easing = FormEasing()
    for slower, percent in steps:
        (easing.slower if slower else easing.flatter)(percent, "why")
    wish = Wish(speed, incline, "plan")
    eased = easing.applied(wish, walk)
    assert eased.speed_kmh <= wish.speed_kmh and eased.incline_percent <= wish.incline_percent
    assert eased.speed_kmh >= min(walk, wish.speed_kmh) - 1e-9 or not easing.active
    easing.clear()
    assert easing.applied(wish, walk) == wish


def test_flatter_comes_before_slower_and_both_go_step_by_step() -> None:
    direct = _on_hard_part()
    before = direct.belt.speed_kmh
    assert direct.belt.incline_percent == pytest.approx(4.0, abs=0.3)
    _ease(direct)
    direct.pass_time(30)
    assert direct.belt.incline_percent == pytest.approx(3.0, abs=0.3)
    assert direct.belt.speed_kmh == pytest.approx(before, abs=0.05)
    for _ in range(3):
        _ease(direct)
        direct.pass_time(40)
    assert direct.belt.speed_kmh < before - 0.3
    assert direct.violations == []


def test_an_easing_goes_along_the_ramp_and_back_along_it() -> None:
    direct = _on_hard_part("20 min @ 8 km/h")
    speed = direct.belt.speed_kmh
    _ease(direct, 20.0)
    direct.pass_time(2)
    assert direct.belt.speed_kmh > speed - 1.0, "not snatched away"
    direct.pass_time(60)
    assert direct.belt.speed_kmh == pytest.approx(speed * 0.8, abs=0.15)
    direct._do(direct.controller._run(
        direct.now_s, lambda: direct.controller._apply(direct.controller.session.end_easing())
    ))  # fmt: skip
    direct.pass_time(90)
    assert direct.belt.speed_kmh == pytest.approx(speed, abs=0.11)
    assert direct.violations == []


def test_the_hard_part_ends_with_the_cool_down_or_the_next_easier_step() -> None:
    alone = _on_hard_part("20 min @ 8 km/h")
    then = _on_hard_part("20 min @ 8 km/h + 10 min @ 5.5 km/h")
    for direct in (alone, then):
        session = direct.controller.session
        direct._do(direct.controller._run(
            direct.now_s, lambda d=direct, s=session: d.controller._apply(s.end_hard_part("form", d.now_s))
        ))  # fmt: skip
        direct.pass_time(5)
        assert direct.violations == []
    assert alone.controller.session.phase is Phase.COOL_DOWN
    then.pass_time(60)
    assert then.controller.session.phase is Phase.MAIN
    assert then.belt.speed_kmh == pytest.approx(5.5, abs=0.11)


@pytest.mark.parametrize("phase", [Phase.READY, Phase.WARM_UP, Phase.COOL_DOWN, Phase.PAUSED])
def test_outside_of_the_main_set_an_easing_does_nothing(phase: Phase) -> None:
    direct = Direct(workout="5 min @ 6 km/h")
    direct.link(True)
    direct.pass_time(2)
    if phase is not Phase.READY:
        direct.begin()
        direct.run_to(Phase.WARM_UP)
        direct.pass_time(30)
    if phase is Phase.COOL_DOWN:
        direct.ask(IntentKind.END_EARLY)
    elif phase is Phase.PAUSED:
        direct.ask(IntentKind.PAUSE)
    direct.pass_time(20)
    orders = len(direct.speed_orders)
    assert direct.controller.session.ease(6.0, 1.0, "why") == []
    assert direct.controller.session.end_hard_part("why", direct.now_s) == []
    direct.pass_time(5)
    assert len(direct.speed_orders) == orders or phase is Phase.COOL_DOWN


def test_a_yes_moves_nothing_where_there_is_no_offer() -> None:
    direct = _on_hard_part("20 min @ 8 km/h")
    orders, speed = len(direct.speed_orders), direct.belt.speed_kmh
    for kind in (IntentKind.ACCEPT, IntentKind.DECLINE, IntentKind.CALIBRATE):
        direct.ask(kind)
        direct.pass_time(10)
    assert len(direct.speed_orders) == orders
    assert direct.belt.speed_kmh == pytest.approx(speed, abs=0.05)


def test_a_yes_comes_from_the_treadmill_and_not_from_afar() -> None:
    assert not {IntentKind.ACCEPT, IntentKind.DECLINE, IntentKind.CALIBRATE} & REMOTE
