"""The planner: for any history, misses, check-ins and moves its rules hold, and it says why."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.checkin import CheckIn, Moment, Sign, Verdict
from treadcoach.core.plan import References, Role
from treadcoach.core.runner import Runner
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.core.timeline import fit
from treadcoach.planning.checkin import Rulings, judge, load_checkin_rules
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.planner import Done, PlanState, Schedule, decide
from treadcoach.planning.plans import load_plans, resolve
from treadcoach.planning.progression import PastSession, weekly_ceiling

RULES = load_guidance().belt
CHECKINS = load_checkin_rules()
PLANS = load_plans()
MONDAY = date(2026, 9, 7)
ALL_DAYS = frozenset(range(7))


def _state(plan: str = "first-5-km", days: frozenset[int] = ALL_DAYS, **more: object) -> PlanState:
    return PlanState(PLANS[plan], MONDAY, days, **more)  # type: ignore[arg-type]


def _ran(day: date, speed: float = 8.0, seconds: float = 1800.0) -> PastSession:
    return PastSession(day, {d: speed if d <= seconds else speed * seconds / d for d in DURATIONS_S}, seconds)


def _plan(state: PlanState, today: date, **more: object) -> Schedule:
    given_ = {"history": [], "said": [], **more}
    return decide(state, today=today, rules=RULES, checkins=CHECKINS, **given_)  # type: ignore[arg-type]


def _done(week: int, count: int, monday: date, faded: bool = False) -> tuple[Done, ...]:
    return tuple(Done((week, k), monday + timedelta(days=2 * k), faded) for k in range(count))


# -- any life -------------------------------------------------------------------------

DAYS = st.integers(0, 90)
SAID = st.builds(
    lambda offset, pain, effort, signs, moment: CheckIn(
        MONDAY + timedelta(days=offset), moment, pain, effort, frozenset(signs)
    ),
    DAYS,
    st.none() | st.integers(0, 10),
    st.none() | st.integers(0, 10),
    st.sets(st.sampled_from(list(Sign)), max_size=2),
    st.sampled_from(list(Moment)),
)


@st.composite
def lives(draw: st.DrawFn) -> tuple[PlanState, list[PastSession], list[CheckIn], date]:
    plan = PLANS[draw(st.sampled_from(sorted(PLANS)))]
    today = MONDAY + timedelta(days=draw(DAYS))
    ran = sorted(draw(st.sets(DAYS, max_size=30)))
    history = [_ran(MONDAY + timedelta(days=d), draw(st.floats(3, 14))) for d in ran]
    history = [session for session in history if session.day <= today]
    done = []
    for session in history:
        week = draw(st.integers(0, len(plan.weeks) - 1))
        index = draw(st.integers(0, len(plan.weeks[week].sessions) - 1))
        done.append(Done((week, index), session.day, draw(st.booleans())))
    skipped = draw(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=3))
    moved = {
        (draw(st.integers(0, 3)), draw(st.integers(0, 4))): today + timedelta(days=draw(st.integers(-3, 10)))
        for _ in range(draw(st.integers(0, 2)))
    }
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    state = PlanState(plan, MONDAY, days, tuple(done), frozenset(skipped), moved)
    return state, history, draw(st.lists(SAID, max_size=4)), today


@given(lives())
def test_in_any_life_the_rules_hold(life: tuple[PlanState, list[PastSession], list[CheckIn], date]) -> None:
    state, history, said, today = life
    schedule = decide(state, history, said, today, RULES, CHECKINS, horizon_days=28)
    assert schedule == decide(state, list(history), list(said), today, RULES, CHECKINS, horizon_days=28)
    days = [entry.day for entry in schedule.sessions]
    assert days == sorted(set(days)), "at most one session a day, in order"
    assert all(day >= today for day in days)
    hard = [entry.day for entry in schedule.sessions if entry.session.role.is_hard]
    ran_hard = [s.day for s in history if s.curve[300] > RULES.running_above_kmh]
    for day in hard:
        others = [other for other in (*hard, *ran_hard) if other != day or other in ran_hard]
        assert all(abs((day - other).days) >= 2 for other in others), "no two hard days touch"
    said = [entry for entry in said if entry.day <= today]
    ruling = judge(said, today, CHECKINS)
    if ruling.verdict is Verdict.STOP:
        assert not schedule.sessions and schedule.stopped and "doctor" in schedule.stopped
    if ruling.verdict is Verdict.REST:
        assert schedule.on(today) is None
    for entry in schedule.sessions:
        assert set(entry.why) == {"day", "session", "length", "incline", "speed"}
        assert all(entry.why.values())
        assert 0 < entry.share <= 1
        on = judge(said, entry.day, CHECKINS)
        assert on.verdict in (Verdict.GO, Verdict.LIGHTEN)
        if on.flat:
            assert entry.flat
        if on.verdict is Verdict.LIGHTEN:
            assert entry.session.role is Role.WALK


@given(st.lists(SAID, max_size=6), DAYS, st.integers(1, 9))
def test_check_ins_read_at_once_say_the_same_as_day_by_day(
    said: list[CheckIn], first: int, days: int
) -> None:
    rulings = Rulings(said, CHECKINS)
    span = [MONDAY + timedelta(days=first + k) for k in range(days)]
    assert [rulings.on(day) for day in span] == [judge(said, day, CHECKINS) for day in span]
    assert rulings.holds(span[0], days) == any(rulings.on(day).hold for day in span)


@given(lives(), st.floats(3, 6.5), st.none() | st.floats(6, 9))
def test_what_is_planned_fits_the_week_with_warm_up_and_cool_down(
    life: tuple[PlanState, list[PastSession], list[CheckIn], date], walk: float, jog: float | None
) -> None:
    """The planner's words become a session inside the 15 % of what was really run."""
    state, history, said, today = life
    runner = Runner(comfortable_walk_kmh=walk, comfortable_jog_kmh=jog or 7.0)
    for entry in decide(state, history, said, today, RULES, CHECKINS, 7).sessions[:2]:
        ceiling = weekly_ceiling(history, entry.day, runner, RULES)
        references = References(ceiling.walk_kmh, jog or 7.0)
        workout = resolve(entry.session, references, state.plan.incline_percent).workout
        timeline = fit(
            workout,
            RULES,
            walk_kmh=ceiling.walk_kmh,
            ceiling=ceiling.curve,
            max_speed_kmh=runner.max_speed_kmh,
            slowest_kmh=0.8,
        )
        warm = sum(s.about_s for s in timeline.steps if s.phase.value == "warm_up")
        assert RULES.warm_up_min_s <= warm <= RULES.warm_up_max_s + 1
        top = max(step.speed_kmh for step in timeline.steps)
        assert top <= max(ceiling.curve[60], ceiling.walk_kmh) + 0.05
        share = timeline.cool_down_s(timeline.about_s) / (
            timeline.about_s + timeline.cool_down_s(timeline.about_s)
        )
        assert RULES.cool_down_min_share <= share <= RULES.cool_down_max_share


# -- single rules ----------------------------------------------------------------------


def test_the_first_week_is_put_on_the_days_there_are() -> None:
    schedule = _plan(_state(days=frozenset({0, 2, 4, 5})), MONDAY)
    first = [entry for entry in schedule.sessions if entry.day < MONDAY + timedelta(days=7)]
    assert [entry.day.weekday() for entry in first] == [0, 2, 4]
    assert [entry.key for entry in first] == [(0, 0), (0, 1), (0, 2)]
    assert any("dropped, not stacked" in note for note in schedule.notes), "two runs do not fit after Friday"


def test_a_week_that_was_run_leads_to_the_next() -> None:
    state = _state(done=_done(0, 4, MONDAY))
    history = [_ran(d.day) for d in state.done]
    schedule = _plan(state, MONDAY + timedelta(days=9), history=history)
    assert schedule.sessions[0].key is not None and schedule.sessions[0].key[0] == 1


@pytest.mark.parametrize(("count", "week"), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1)])
def test_too_few_sessions_repeat_the_week(count: int, week: int) -> None:
    state = _state(done=_done(0, count, MONDAY))
    history = [_ran(MONDAY, 4.0)]
    schedule = _plan(state, MONDAY + timedelta(days=10), history=history)
    assert schedule.sessions[0].key is not None and schedule.sessions[0].key[0] == week
    if week == 0:
        assert any("repeated" in note for note in schedule.notes)


def test_form_that_faded_holds_the_week() -> None:
    state = _state(done=_done(0, 4, MONDAY, faded=True))
    schedule = _plan(state, MONDAY + timedelta(days=9), history=[_ran(d.day) for d in state.done])
    assert schedule.sessions[0].key is not None and schedule.sessions[0].key[0] == 0
    assert any("form faded" in note for note in schedule.notes)


def test_after_a_lay_off_it_steps_back() -> None:
    done = tuple(
        Done((week, k), MONDAY + timedelta(days=7 * week + 2 * k)) for week in range(3) for k in range(3)
    )
    state = _state(done=done)
    history = [_ran(d.day) for d in done]
    at_once = _plan(state, MONDAY + timedelta(days=21), history=history)
    later = _plan(state, MONDAY + timedelta(days=21 + 7 * 4), history=history)
    assert at_once.sessions[0].key is not None and later.sessions[0].key is not None
    assert at_once.sessions[0].key[0] == 3
    assert later.sessions[0].key[0] == 0
    assert any("step back" in note for note in later.notes)


def test_the_day_after_a_run_only_a_walk_is_planned() -> None:
    today = MONDAY + timedelta(days=1)
    schedule = _plan(_state(), today, history=[_ran(MONDAY, 9.0)])
    first = schedule.on(today)
    assert first is not None and first.session.role is Role.WALK


@pytest.mark.parametrize("sign", [Sign.RADIATING, Sign.SPREADING, Sign.CHRONIC])
def test_a_red_flag_stops_the_plan_until_a_person_takes_it_back(sign: Sign) -> None:
    said = [CheckIn(MONDAY, Moment.BEFORE, 5, signs=frozenset({sign}))]
    for days in (0, 1, 30, 300):
        schedule = _plan(_state(), MONDAY + timedelta(days=days), said=said)
        assert schedule.stopped is not None and "See a doctor" in schedule.stopped
        assert not schedule.sessions
    back = MONDAY + timedelta(days=40)
    said.append(CheckIn(back, Moment.BEFORE, 0))
    schedule = _plan(_state(), back, said=said)
    assert schedule.stopped is None and schedule.sessions
    assert all(entry.flat for entry in schedule.sessions if entry.day < back + timedelta(days=7))


@pytest.mark.parametrize(
    ("entry", "rests"),
    [
        (CheckIn(MONDAY, Moment.AFTER, signs=frozenset({Sign.NOT_RIGHT})), 1),
        (CheckIn(MONDAY, Moment.AFTER, signs=frozenset({Sign.UNWELL})), 1),
        (CheckIn(MONDAY, Moment.AFTER, signs=frozenset({Sign.SPASM})), 3),
        (CheckIn(MONDAY, Moment.BEFORE, 8), 1),
    ],
    ids=["not right", "unwell", "spasm", "much pain"],
)
def test_rest_lasts_its_days(entry: CheckIn, rests: int) -> None:
    for later in range(rests + 1):
        schedule = _plan(_state("walking-base"), MONDAY + timedelta(days=later), said=[entry])
        assert schedule.on(MONDAY + timedelta(days=later)) is None
    free = MONDAY + timedelta(days=rests + 1)
    assert _plan(_state("walking-base"), free, said=[entry]).on(free) is not None


def test_some_pain_lightens_goes_flat_and_holds_the_week() -> None:
    said = [CheckIn(MONDAY, Moment.BEFORE, 5)]
    today = _plan(_state(), MONDAY, said=said).on(MONDAY)
    assert today is not None and today.session.role is Role.WALK and today.flat
    state = _state(done=_done(0, 4, MONDAY))
    later = _plan(state, MONDAY + timedelta(days=9), said=said, history=[_ran(d.day) for d in state.done])
    assert later.sessions[0].key is not None and later.sessions[0].key[0] == 0


def test_a_moved_session_is_where_it_was_put_and_a_skipped_one_is_gone() -> None:
    saturday = MONDAY + timedelta(days=5)
    state = _state(days=frozenset({0, 2}), moved={(0, 0): saturday}, skipped=frozenset({(0, 1)}))
    schedule = _plan(state, MONDAY)
    week = [entry for entry in schedule.sessions if entry.day < MONDAY + timedelta(days=7)]
    moved = schedule.on(saturday)
    assert moved is not None and moved.key == (0, 0) and "you moved it" in moved.why["day"]
    assert (0, 1) not in {entry.key for entry in week}


def test_every_plan_goes_up_gently_and_has_easier_weeks() -> None:
    for plan in PLANS.values():
        minutes = [
            sum(resolve(s, References(5.0, 8.0), None).workout.about_s for s in week.sessions) / 60
            for week in plan.weeks
        ]
        for before, after in itertools.pairwise(minutes):
            # After an easier week it may go on where it was.
            assert after <= 1.35 * max(before, *minutes[: minutes.index(after) or 1]), (plan.id, minutes)
        if len(plan.weeks) >= 6:
            assert any(b < 0.9 * a for a, b in itertools.pairwise(minutes)), plan.id
        assert plan.for_whom and plan.sources


def test_no_plan_jumps_from_eight_minutes_of_running_to_twenty() -> None:
    plan = PLANS["first-5-km"]
    longest = []
    for week in plan.weeks:
        runs = [
            segment.about_s / 60
            for session in week.sessions
            for segment in resolve(session, References(5.0, 8.0), None).workout.segments
            if segment.speed_kmh > 6.5
        ]
        longest.append(max(runs))
    best = longest[0]
    for minutes in longest[1:]:
        assert minutes <= max(1.6 * best, best + 1.5), longest
        best = max(best, minutes)
    assert longest[-1] > 30


def test_the_plans_for_backs_have_no_hill() -> None:
    for name in ("hill-free", "back-to-running"):
        plan = PLANS[name]
        assert plan.incline_percent is not None and plan.incline_percent <= 2
        for week in plan.weeks:
            for session in week.sessions:
                workout = resolve(session, References(5.0, 8.0), plan.incline_percent).workout
                assert all((segment.incline_percent or 0) <= 2 for segment in workout.segments)
                assert not (name == "hill-free" and session.role.is_hard)
