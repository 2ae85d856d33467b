"""Warm-up, cool-down, the weekly curve, phases: what a session does whatever it is given."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.direct import Direct
from tests.support.rig import JOGGER, RULES, make_setup
from treadcoach.core.intents import IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import ENDED, TRANSITIONS, NoSuchTransition, Phase, Trigger, mermaid, next_phase
from treadcoach.core.runner import Runner
from treadcoach.core.samples import SpeedRange
from treadcoach.core.sustained import DURATIONS_S, SustainedLedger, mean_maximal
from treadcoach.planning.progression import PastSession, WeeklyCeiling, rest_advice, weekly_ceiling

TODAY = date(2026, 11, 18)
LAST_WEEK = date(2026, 11, 12)
MACHINE = Machine("F0", "mill", speed_range=SpeedRange(0.8, 18, 0.1))


def past(day: date, kmh: float, minutes: float = 30) -> PastSession:
    speeds = [kmh] * int(minutes * 60)
    return PastSession(day, mean_maximal(speeds), minutes * 60)


segment_texts = st.tuples(
    st.integers(5, 900),
    st.sampled_from(["s", "m"]),
    st.integers(10, 160),
    st.sampled_from(["", ", 0 %", ", 6 %"]),
).map(lambda t: f"{t[0]} {t[1]} @ {t[2] / 10} km/h{t[3]}")
workouts = st.lists(segment_texts, min_size=1, max_size=6).map(" + ".join)


@settings(max_examples=60)
@given(workouts)
def test_any_main_set_gets_warm_up_and_cool_down_inside_the_limits(text: str) -> None:
    setup = make_setup(MACHINE, workout=text)
    warm = [step for step in setup.timeline.steps if step.phase is Phase.WARM_UP]
    assert RULES.warm_up_min_s - 1 <= sum(step.about_s for step in warm) <= RULES.warm_up_max_s + 1
    assert all(step.speed_kmh <= max(setup.ceiling.walk_kmh, 0.8) for step in warm)
    for step in setup.timeline.steps:
        assert 0.8 <= step.speed_kmh <= max(setup.runner.max_speed_kmh, 0.8)
        assert step.speed_kmh <= max(setup.ceiling.curve[60], step.asked_kmh) + 1e-9
    share = setup.timeline.cool_down_s(setup.timeline.about_s) / setup.timeline.about_s
    assert share / (1 + share) + 0.03 > 0.1
    assert setup.timeline.cool_down_kmh <= setup.ceiling.walk_kmh


@settings(max_examples=12)
@given(
    text=workouts,
    ends=st.sampled_from([None, IntentKind.END_EARLY]),
    pause=st.booleans(),
)
def test_every_session_that_is_not_stopped_ends_with_its_cool_down(text, ends, pause) -> None:  # type: ignore[no-untyped-def]
    direct = Direct(workout=text)
    direct.begin()
    direct.run_to(Phase.MAIN)
    direct.pass_time(20)
    session = direct.controller.session
    if pause and session.phase is Phase.MAIN:
        direct.ask(IntentKind.PAUSE)
        direct.pass_time(30)
        direct.ask(IntentKind.START)
        direct.run_to(Phase.MAIN, 60)
    if ends is not None and session.phase is Phase.MAIN:
        direct.ask(ends)
    direct.run_to(Phase.DONE, 6 * 3600)
    share = session.progress.cool_down_s / session.progress.belt_time_s
    assert share >= RULES.cool_down_min_share - 0.01
    assert share <= RULES.cool_down_max_share or session.progress.cool_down_s <= 21
    assert direct.violations == []
    assert session.progress.belt_time_s >= RULES.warm_up_min_s


def test_an_own_warm_up_and_cool_down_are_used() -> None:
    setup = make_setup(MACHINE, workout="6 min @ 4.5 km/h + 15 min @ 7 km/h + 3 min @ 4 km/h")
    assert [round(step.about_s) for step in setup.timeline.steps] == [360, 900]
    assert setup.timeline.cool_down_kmh == 4.0
    assert any("serves as the cool-down" in note for note in setup.timeline.notes)
    assert not any("Added" in note for note in setup.timeline.notes)


def test_a_short_own_warm_up_is_filled_up() -> None:
    setup = make_setup(MACHINE, workout="2 min @ 4 km/h + 10 min @ 7 km/h")
    assert [round(step.about_s) for step in setup.timeline.steps] == [180, 120, 600]
    assert any("Added 3:00 of slow walking" in note for note in setup.timeline.notes)


@pytest.mark.parametrize("percent", [0.0, 0.9])
def test_a_flat_belt_is_named_for_what_it_is(percent: float) -> None:
    notes = make_setup(MACHINE, incline_percent=percent).timeline.notes
    assert any("hard on feet, legs and knees" in note for note in notes)
    assert not any("flat" in note for note in make_setup(MACHINE).timeline.notes)
    assert {step.incline_percent for step in make_setup(MACHINE).timeline.steps} == {2.0}


def test_what_is_held_back_is_said() -> None:
    notes = make_setup(MACHINE, workout="5 min @ 15 km/h").timeline.notes
    assert any("15.0 km/h becomes" in note and "ceiling" in note for note in notes)


# -- the weekly 15 % -----------------------------------------------------------------


def test_last_weeks_best_gives_this_weeks_ceiling() -> None:
    ceiling = weekly_ceiling([past(LAST_WEEK, 8.0)], TODAY, JOGGER, RULES)
    assert ceiling.curve[60] == pytest.approx(9.2)
    assert ceiling.curve[1200] == pytest.approx(9.2)
    assert ceiling.curve[2400] == pytest.approx(8.0 * 30 / 40 * 1.15)


def test_sessions_of_this_week_do_not_compound() -> None:
    base = [past(LAST_WEEK, 8.0)]
    first = weekly_ceiling(base, TODAY, JOGGER, RULES)
    again = weekly_ceiling([*base, past(date(2026, 11, 17), 9.2)], TODAY, JOGGER, RULES)
    assert first == again


def test_a_layoff_lowers_it() -> None:
    speeds = [
        weekly_ceiling([past(day, 8.0)], TODAY, JOGGER, RULES).curve[60]
        for day in (LAST_WEEK, date(2026, 11, 5), date(2026, 10, 29), date(2026, 8, 5))
    ]
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[1] == pytest.approx(8.0 * 1.15 * 0.9)
    assert speeds[-1] == JOGGER.comfortable_walk_kmh, "walking is always allowed"


def test_a_newcomer_is_bounded_by_our_judgement() -> None:
    bold = replace(JOGGER, comfortable_walk_kmh=9.0, comfortable_jog_kmh=18.0)
    ceiling = weekly_ceiling([], TODAY, bold, RULES)
    assert ceiling.walk_kmh == 6.5 and max(ceiling.curve.values()) == 9.0
    assert ceiling.curve[2400] < ceiling.curve[60]
    walker = weekly_ceiling([], TODAY, Runner(comfortable_walk_kmh=5.0), RULES)
    assert set(walker.curve.values()) == {5.0}
    unknown = weekly_ceiling([], TODAY, Runner(), RULES)
    assert set(unknown.curve.values()) == {6.5} and unknown.walk_kmh == 4.0


def test_a_week_of_a_few_minutes_is_no_training_week() -> None:
    history = [past(LAST_WEEK, 3.0, minutes=5), past(date(2026, 11, 4), 8.0)]
    ceiling = weekly_ceiling(history, TODAY, JOGGER, RULES)
    assert ceiling.curve[60] == pytest.approx(8.0 * 1.15 * 0.9)


def test_rest_between_hard_days() -> None:
    assert rest_advice([past(date(2026, 11, 17), 9.0)], TODAY, RULES) is not None
    assert "today" in (rest_advice([past(TODAY, 9.0)], TODAY, RULES) or "")
    assert rest_advice([past(date(2026, 11, 16), 9.0)], TODAY, RULES) is None
    assert rest_advice([past(date(2026, 11, 17), 5.0)], TODAY, RULES) is None


def test_seconds_of_running_are_summed_over_a_day() -> None:
    def ran(seconds: float, days_ago: int = 1) -> PastSession:
        return PastSession(TODAY - timedelta(days=days_ago), past(TODAY, 5.0).curve, 1800, seconds)

    assert rest_advice([ran(60)], TODAY, RULES) and rest_advice([ran(35), ran(30)], TODAY, RULES)
    assert rest_advice([ran(59)], TODAY, RULES) is None and rest_advice([ran(600, 2)], TODAY, RULES) is None
    assert rest_advice([ran(35), ran(30, 0)], TODAY, RULES) is None
    assert rest_advice([ran(600, -1)], TODAY, RULES), "written by a clock that was ahead: near all the same"
    # Of an old session only the curve is known: a best minute of running is running.
    intervals = mean_maximal(([4.5] * 120 + [9.0] * 60) * 6)
    assert intervals[300] < RULES.running_above_kmh
    assert rest_advice([PastSession(TODAY, intervals, 1080)], TODAY, RULES)


speeds_lists = st.lists(st.tuples(st.integers(10, 400), st.integers(0, 160)), min_size=1, max_size=25)
curves = st.sampled_from(
    [
        {60: 9.0, 120: 8.5, 300: 8.0, 600: 7.0, 1200: 6.5, 2400: 6.0},
        {60: 12.65, 120: 12.1, 300: 11.0, 600: 9.9, 1200: 8.8, 2400: 7.7},
        {60: 8.0, 120: 8.0, 300: 4.0, 600: 3.0, 1200: 2.0, 2400: 1.0},
    ]
)


@settings(max_examples=60)
@given(plan=speeds_lists, walk=st.integers(30, 60), reference=curves, phase=st.integers(0, 4))
def test_all_that_is_allowed_stays_under_the_whole_curve(plan, walk, reference, phase) -> None:  # type: ignore[no-untyped-def]
    """In every window, wherever it begins, by the belt's own speed: ramps, lag, walking and pauses too."""
    walk_kmh = walk / 10
    ledger = SustainedLedger(reference, walk_kmh)
    ledger.add(phase, 0.0)  # so that buckets begin anywhere
    belt_kmh, run, read = 0.0, [0.0] * phase, [0.0, 0.0]
    for seconds, wish in plan:
        for left in range(seconds, 0, -1):
            ledger.look_ahead(left)
            wanted = min(wish / 10, ledger.allowed_kmh)
            slower = max(belt_kmh - (0.25 if wanted > 1 else 1.0), wanted)
            belt_kmh = min(belt_kmh + 0.2, wanted) if wanted > belt_kmh else slower
            run.append(belt_kmh)
            read.append(belt_kmh)
            ledger.add(1.0, read[-2])  # readings are a second old
    assert ledger.allowed_kmh >= walk_kmh
    curve = mean_maximal(run)
    for duration in DURATIONS_S:
        limit = max(reference[duration], walk_kmh)
        assert curve[duration] <= limit + 0.05, duration


def test_what_a_step_leaves_over_is_not_paid_for_by_the_next_one() -> None:
    """A fast end of a step leaves room to come down and to walk on: the ten minutes hold."""
    reference = {60: 12.0, 120: 12.0, 300: 9.0, 600: 7.0, 1200: 6.0, 2400: 5.5}
    ledger = SustainedLedger(reference, 5.0)
    run: list[float] = []
    for seconds, wish in ((20, 12.0), (15, 12.0), (600, 11.0), (15, 12.0), (1200, 12.0)):
        for left in range(seconds, 0, -1):
            ledger.look_ahead(left)
            before = run[-1] if run else 0.0
            run.append(max(min(wish, ledger.allowed_kmh), before - 0.3))
            ledger.add(1.0, run[-1])
    curve = mean_maximal(run)
    assert all(curve[duration] <= reference[duration] + 0.02 for duration in DURATIONS_S)
    assert curve[600] > 6.5, "what is allowed can be used"


def test_the_plan_keeps_the_curve_and_a_session_keeps_to_the_plan() -> None:
    """What the preview promises is what the belt does: no step is eased while it is run as it stands."""
    reference = {60: 12.0, 120: 11.0, 300: 9.5, 600: 8.0, 1200: 7.0, 2400: 6.5}
    ceiling = WeeklyCeiling(reference, 5.0, "a test")
    direct = Direct(workout="40 min @ 12 km/h", setup={"ceiling": ceiling})
    main = [step for step in direct.plan.timeline.steps if step.phase is Phase.MAIN]
    assert [step.speed_kmh for step in main] == [6.5]
    direct.begin()
    direct.run_to(Phase.MAIN)
    direct.pass_time(120)
    reached = direct.controller.session.progress.target_kmh()
    direct.run_to(Phase.COOL_DOWN, 3600)
    held = [wish for wish in direct.events if "held to this week's ceiling" in wish]
    assert reached == 6.5 and held == []


def test_a_beginner_may_jog_a_minute_and_not_twenty() -> None:
    week = [PastSession(LAST_WEEK, mean_maximal([4.5] * 600 + [8.0] * 60 + [4.5] * 900), 1560)]
    direct = Direct(
        workout="20 min @ 8 km/h",
        runner=Runner(comfortable_walk_kmh=5.0),
        setup={"history": tuple(week), "today": TODAY},
    )
    assert direct.plan.ceiling.curve[60] > 9
    main = [step for step in direct.plan.timeline.steps if step.phase is Phase.MAIN]
    assert main[0].speed_kmh < 6.0
    minute = Direct(
        workout="1 min @ 8 km/h + 10 min @ 4.5 km/h",
        runner=Runner(comfortable_walk_kmh=5.0),
        setup={"history": tuple(week), "today": TODAY},
    )
    assert max(step.speed_kmh for step in minute.plan.timeline.steps) == 8.0


def test_mean_maximal_of_short_and_empty() -> None:
    assert mean_maximal([]) == dict.fromkeys(DURATIONS_S, 0.0)
    assert mean_maximal([6.0] * 30)[60] == 3.0
    assert mean_maximal([4.0] * 100 + [10.0] * 60 + [4.0] * 100)[60] == 10.0


# -- phases --------------------------------------------------------------------------


def test_the_table_has_no_dead_end_and_ends_stay() -> None:
    reachable = {Phase.CONNECTING, Phase.STOPPING}
    for _ in Phase:
        reachable |= {t for (phase, _), targets in TRANSITIONS.items() if phase in reachable for t in targets}
    assert reachable == set(Phase)
    assert not [phase for phase, _ in TRANSITIONS if phase in ENDED]
    for phase in Phase:
        if phase not in ENDED:
            assert any(p is phase for p, _ in TRANSITIONS), phase


def test_a_step_outside_the_table_is_an_error() -> None:
    with pytest.raises(NoSuchTransition):
        next_phase(Phase.DONE, Trigger.PERSON_STARTS)
    with pytest.raises(NoSuchTransition):
        next_phase(Phase.ARMED, Trigger.BELT_MOVES)
    with pytest.raises(NoSuchTransition):
        next_phase(Phase.ARMED, Trigger.BELT_MOVES, Phase.DONE)
    assert "stateDiagram" in mermaid()


# -- the rest of section A ------------------------------------------------------------


def test_feeling_unwell_stops_at_once_and_says_to_see_a_physician() -> None:
    direct = Direct()
    direct.begin()
    direct.run_to(Phase.MAIN)
    direct.ask(IntentKind.UNWELL)
    assert direct.stops[-1] == direct.now_s
    direct.run_to(Phase.STOPPED)
    assert any("See a physician" in text for text in direct.events)
    assert "physician" in (direct.controller.session.closing_advice or "")


def test_not_feeling_right_is_a_day_of_rest() -> None:
    direct = Direct()
    direct.begin()
    direct.run_to(Phase.WARM_UP)
    direct.ask(IntentKind.NOT_RIGHT)
    direct.run_to(Phase.STOPPED)
    advice = direct.controller.session.closing_advice or ""
    assert "rest for a day" in advice
    assert "take 3 days off" in advice and "shoots down a leg" in advice


def test_the_warm_up_cannot_be_skipped_before_its_time_nor_the_cool_down() -> None:
    direct = Direct()
    direct.begin()
    direct.run_to(Phase.WARM_UP)
    direct.ask(IntentKind.SKIP)
    assert direct.controller.session.phase is Phase.WARM_UP
    assert any("warm-up is kept" in text for text in direct.events)
    direct.run_to(Phase.MAIN)
    direct.ask(IntentKind.END_EARLY)
    direct.ask(IntentKind.SKIP)
    direct.ask(IntentKind.FASTER, 1.0)
    assert direct.controller.session.phase is Phase.COOL_DOWN
    assert any("cool-down does not go faster" in text for text in direct.events)


def test_long_steep_walking_is_limited_and_an_aching_back_has_none() -> None:
    steep = Direct(workout="30 min @ 4 km/h, 8 %")
    steep.begin()
    steep.run_to(Phase.MAIN)
    steep.pass_time(500)
    assert steep.belt.target_percent == 8.0
    steep.pass_time(300)
    assert steep.belt.target_percent == 4.0
    assert any("enough for the ankles" in (o or "") for o in [steep.controller.last_change])
    aching = Direct(workout="10 min @ 4 km/h, 8 %", runner=replace(JOGGER, aching_back=True))
    aching.begin()
    aching.run_to(Phase.MAIN)
    aching.pass_time(120)
    assert aching.belt.target_percent == 2.0
    assert steep.violations == aching.violations == []


def test_a_stretch_break_stops_the_belt_and_waits_for_a_person() -> None:
    direct = Direct(setup={"stretch_break": True})
    direct.begin()
    direct.run_to(Phase.STRETCH_BREAK)
    direct.pass_time(120)
    assert direct.belt.speed_kmh == 0
    assert direct.controller.session.phase is Phase.STRETCH_BREAK
    direct.ask(IntentKind.START)
    direct.run_to(Phase.DONE)
    assert direct.violations == []


def test_stale_readings_hold_the_speed_and_then_stop_the_belt() -> None:
    direct = Direct(workout="5 min @ 5.5 km/h + 5 min @ 8 km/h")
    direct.begin()
    direct.run_to(Phase.MAIN)
    direct.pass_time(5)
    direct.belt.faults.no_data = True
    direct.pass_time(3.5)
    held = [value for _, value in direct.speed_orders][-1]
    direct.pass_time(3.0)
    assert [value for _, value in direct.speed_orders][-1] == held
    direct.pass_time(4.0)
    assert direct.controller.session.phase is Phase.STOPPING
    assert any("has not reported" in text for text in direct.events)
