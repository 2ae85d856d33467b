"""Strength days: two a week where there is room, a day between, never on a day of rest."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.planning.test_planner import CHECKINS, MONDAY, RULES, lives
from treadcoach.core.checkin import CheckIn, Verdict
from treadcoach.planning.checkin import judge
from treadcoach.planning.planner import PlanState, Schedule, decide
from treadcoach.planning.progression import PastSession, week_start
from treadcoach.planning.strength import strength_days

DAYS = 21


@given(lives(), st.sets(st.integers(-10, 0), max_size=4))
def test_in_any_life(
    life: tuple[PlanState, list[PastSession], list[CheckIn], date], done_before: set[int]
) -> None:
    state, history, said, today = life
    schedule = decide(state, history, said, today, RULES, CHECKINS, DAYS)
    done = [today + timedelta(days=k) for k in done_before]
    said = [entry for entry in said if entry.day <= today]

    def rests(day: date) -> bool:
        return judge(said, day, CHECKINS).verdict in (Verdict.REST, Verdict.STOP)

    days = strength_days(schedule, done, today, DAYS, rests)
    if schedule.stopped:
        assert days == []
        return
    assert days == sorted(set(days)) and all(today <= day < today + timedelta(days=DAYS) for day in days)
    for day in days:
        assert not rests(day)
        assert all(abs((day - other).days) >= 2 for other in (*days, *done) if other != day)
        week = [d for d in {*days, *done} if week_start(d) == week_start(day)]
        assert len(week) <= max(2, len({d for d in done if week_start(d) == week_start(day)}))


def test_it_goes_where_it_disturbs_no_hard_day() -> None:
    schedule = Schedule(())
    assert strength_days(schedule, [], MONDAY, 7, lambda _: False) == [MONDAY, MONDAY + timedelta(days=2)]
    late = strength_days(schedule, [MONDAY], MONDAY + timedelta(days=1), 6, lambda _: False)
    assert late == [MONDAY + timedelta(days=2)]
    assert strength_days(schedule, [], MONDAY, 7, lambda _: True) == []
