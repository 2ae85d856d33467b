"""What a day allows any session, in a plan or not."""

from datetime import date, timedelta

import pytest
from hypothesis import given

from tests.support.direct import Direct
from tests.unit.planning.test_planner import CHECKINS, MONDAY, RULES, lives
from treadcoach.core.checkin import CheckIn, Moment, Sign, Verdict
from treadcoach.core.errors import NoSessionToday
from treadcoach.core.phases import Phase
from treadcoach.core.runner import Runner
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.allowance import Allowance, allow
from treadcoach.planning.checkin import judge
from treadcoach.planning.planner import PlanState
from treadcoach.planning.progression import PastSession, weekly_ceiling

JOGGER = Runner(comfortable_walk_kmh=5.0, comfortable_jog_kmh=8.5)
TODAY = MONDAY + timedelta(days=9)


def _ran(days_ago: int, kmh: float) -> PastSession:
    return PastSession(TODAY - timedelta(days=days_ago), dict.fromkeys(DURATIONS_S, kmh), 1800.0)


def _allow(history: list[PastSession], *said: CheckIn) -> Allowance:
    return allow(history, said, TODAY, JOGGER, RULES, CHECKINS)


def _said(*signs: Sign, days_ago: int = 0, pain: int | None = None) -> CheckIn:
    return CheckIn(TODAY - timedelta(days=days_ago), Moment.BEFORE, pain, signs=frozenset(signs))


@given(lives())
def test_it_never_allows_more_than_the_week_and_keeps_days_between_hard_ones(
    life: tuple[PlanState, list[PastSession], list[CheckIn], date],
) -> None:
    _, history, said, today = life
    verdict = judge(said, today, CHECKINS).verdict
    try:
        found = allow(history, said, today, JOGGER, RULES, CHECKINS)
    except NoSessionToday:
        assert verdict in (Verdict.REST, Verdict.STOP)
        return
    assert verdict in (Verdict.GO, Verdict.LIGHTEN)
    week = weekly_ceiling(history, today, JOGGER, RULES)
    assert all(found.ceiling.curve[d] <= week.curve[d] for d in DURATIONS_S)
    near = [s for s in history if s.curve[300] > 6.5 and (today - s.day).days in (0, 1)]
    if near:
        assert max(found.ceiling.curve.values()) <= 6.5 and found.notes
    if verdict is Verdict.LIGHTEN:
        assert max(found.ceiling.curve.values()) <= found.ceiling.walk_kmh


@pytest.mark.parametrize("days_ago", [0, 1])
def test_the_day_after_running_is_for_walking(days_ago: int) -> None:
    found = _allow([_ran(7, 8.0), _ran(days_ago, 8.0)])
    assert found.ceiling.curve[60] == 6.5 and "A9" in found.ceiling.reason
    assert _allow([_ran(7, 8.0), _ran(2, 8.0)]).ceiling.curve[60] == pytest.approx(9.2)
    assert _allow([_ran(7, 8.0), _ran(days_ago, 6.0)]).ceiling.curve[60] == pytest.approx(9.2)


def test_a_day_without_a_session_is_refused_with_what_to_do() -> None:
    with pytest.raises(NoSessionToday, match="See a doctor"):
        _allow([], _said(Sign.RADIATING, days_ago=30))
    with pytest.raises(NoSessionToday, match="See a doctor"):
        _allow([], _said(Sign.RADIATING, days_ago=30), _said(days_ago=1, pain=1))  # less is not over
    with pytest.raises(NoSessionToday, match="again from"):
        _allow([], _said(Sign.SPASM, days_ago=2))
    with pytest.raises(NoSessionToday, match="physician"):
        _allow([], _said(Sign.UNWELL))
    with pytest.raises(NoSessionToday, match="rest for a day"):
        _allow([], _said(pain=2), _said(Sign.NOT_RIGHT))  # the reason of the rest, not of the pain
    assert _allow([], _said(Sign.RADIATING, days_ago=3), _said(days_ago=1, pain=0)).runner.aching_back


def test_some_pain_takes_hill_and_speed_away() -> None:
    found = _allow([_ran(7, 8.0)], _said(pain=5))
    assert found.runner.aching_back and found.ceiling.curve[60] == found.ceiling.walk_kmh == 5.0
    assert any("P2" in note for note in found.notes)


def test_the_belt_keeps_to_it_whatever_is_asked() -> None:
    """A jog that is typed on the day after running stays a walk on the belt itself."""
    allowed = _allow([_ran(7, 8.0), _ran(1, 8.0)])
    direct = Direct(runner=JOGGER, workout="6 min @ 8 km/h", setup={"ceiling": allowed.ceiling})
    direct.begin()
    top = 0.0
    while direct.controller.session.phase is not Phase.DONE:
        direct.pass_time(10.0)
        top = max(top, direct.belt.speed_kmh)
    assert 6.0 <= top <= 6.5 and not direct.violations
