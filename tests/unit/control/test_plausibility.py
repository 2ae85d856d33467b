"""The judge of readings: range, what a belt can do, counters and clocks, each at its edge."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.control.plausibility import Judgement, PlausibilityJudge
from treadcoach.core.machine import Machine
from treadcoach.core.samples import InclineRange, SpeedRange, TreadmillData
from treadcoach.planning.guidance import load_guidance

RULES = replace(
    load_guidance().belt,
    believable_max_kmh=25.0,
    believable_up_kmh_per_s=3.0,
    believable_down_kmh_per_s=5.0,
    believable_margin_kmh=1.0,
    borne_out_s=0.8,
    frozen_reading_s=6.0,
)
MACHINE = Machine("F0:00", "direct", speed_range=SpeedRange(0.8, 18.0, 0.1))
TILTS = Machine("F0:00", "direct", incline_range=InclineRange(0.0, 12.0, 0.5))
FROZEN = "it repeats one reading, and its time and distance stand still"


def new_judge(machine: Machine = MACHINE) -> PlausibilityJudge:
    return PlausibilityJudge(RULES, machine, 10.0)


def say(
    judge: PlausibilityJudge,
    now_s: float,
    kmh: float | None,
    metres: float | None = None,
    clock_s: int | None = None,
    incline: float | None = None,
) -> Judgement:
    count = None if metres is None else int(metres + 1e-9)
    sample = TreadmillData(speed_kmh=kmh, distance_m=count, elapsed_s=clock_s, incline_percent=incline)
    return judge.on_data(now_s, sample)


def running(kmh: float = 5.0, until_s: float = 10.0) -> PlausibilityJudge:
    """A judge that has believed this speed, and nothing else, until then."""
    judge = new_judge()
    for second in range(int(until_s) + 1):
        say(judge, float(second), kmh)
    assert say(judge, until_s, kmh).speed_kmh == kmh
    return judge


# -- the first of a link ---------------------------------------------------------------


def test_the_first_reading_waits_for_the_next() -> None:
    judge = new_judge()
    assert say(judge, 0.0, 8.0) == Judgement(doubted_kmh=8.0), "no base yet, and nothing to be said"
    assert say(judge, 0.0, 8.0) == Judgement(doubted_kmh=8.0), "the same moment twice bears nothing out"
    assert say(judge, 0.79, 8.0) == Judgement(doubted_kmh=8.0)
    assert say(judge, 0.8, 8.0) == Judgement(speed_kmh=8.0)


def test_a_first_reading_that_is_not_borne_out_is_dropped() -> None:
    judge = new_judge()
    say(judge, 0.0, 20.0)
    assert say(judge, 1.0, 0.0).speed_kmh is None
    assert say(judge, 2.0, 0.0).speed_kmh == 0.0


def test_a_new_link_begins_anew() -> None:
    judge = running(5.0)
    judge.link_changed()
    assert say(judge, 11.0, 5.0) == Judgement(doubted_kmh=5.0)
    assert say(judge, 12.0, 5.0).speed_kmh == 5.0


# -- range -----------------------------------------------------------------------------


@pytest.mark.parametrize("kmh", [25.01, 40.0, 655.34, -0.01, math.nan, math.inf, -math.inf])
def test_a_speed_that_no_treadmill_has_is_never_believed(kmh: float) -> None:
    judge = running(24.5)
    for second in range(11, 40):
        judged = say(judge, float(second), kmh)
        assert judged.speed_kmh is None and judged.doubted_kmh is None
        assert judged.reasons == (
            ("speed", f"a speed of {kmh:g} km/h is not believed: no treadmill runs at that"),
        )


def test_the_edges_of_the_range() -> None:
    assert say(running(24.5), 11.0, 25.0).speed_kmh == 25.0
    assert say(running(0.5), 11.0, 0.0).speed_kmh == 0.0
    judge = new_judge()
    for kmh, is_one in ((0, True), (25, True), (25.01, False), (-0.01, False), (math.nan, False)):
        assert judge.believable_target(kmh) is is_one
    assert not judge.believable_target(math.inf)


# -- what a belt can do ------------------------------------------------------------------


@pytest.mark.parametrize("elapsed_s", [0.0, 0.25, 1.0, 3.0])
def test_the_rate_up_and_down_at_its_edges(elapsed_s: float) -> None:
    up, down = 8 + 1 + 3 * elapsed_s, 8 - 1 - 5 * elapsed_s
    assert say(running(8.0), 10 + elapsed_s, up).speed_kmh == up
    judged = say(running(8.0), 10 + elapsed_s, up + 0.01)
    assert judged.speed_kmh is None and judged.doubted_kmh == up + 0.01
    words = f"a speed of {up + 0.01:g} km/h is not believed: no belt gets there from 8 km/h that quickly"
    assert judged.reasons == (("speed", words),)
    if down < 0:
        return
    assert say(running(8.0), 10 + elapsed_s, down).speed_kmh == down
    judged = say(running(8.0), 10 + elapsed_s, down - 0.01)
    assert judged.speed_kmh is None and judged.doubted_kmh == down - 0.01


def test_time_that_goes_backwards_gives_no_reach() -> None:
    judge = running(8.0)
    assert say(judge, 9.0, 9.0).speed_kmh == 9.0
    assert say(running(8.0), 9.0, 9.1).speed_kmh is None


def test_after_a_long_silence_nothing_is_known() -> None:
    assert say(running(5.0), 20.0, 5.0).speed_kmh == 5.0
    judge = running(5.0)
    assert say(judge, 20.01, 5.0).speed_kmh is None
    assert say(judge, 21.01, 5.0).speed_kmh == 5.0


def test_a_glitch_of_one_frame_is_left_out_however_often_it_comes() -> None:
    judge = running(5.0)
    for turn in range(11, 60, 2):
        assert say(judge, float(turn), 20.0 if turn % 4 == 1 else 16.0).speed_kmh is None
        assert say(judge, turn + 1.0, 5.0).speed_kmh == 5.0


def test_two_glitches_that_do_not_fit_each_other_are_left_out() -> None:
    judge = running(5.0)
    assert say(judge, 11.0, 20.0).speed_kmh is None
    assert say(judge, 12.0, 13.9).speed_kmh is None, "no belt gets from 20 to 13.9 in a second"
    assert say(judge, 13.0, 5.0).speed_kmh == 5.0


def test_a_jump_is_believed_when_the_next_readings_bear_it_out() -> None:
    judge = running(5.0)
    assert say(judge, 11.0, 20.0).speed_kmh is None
    assert say(judge, 11.79, 20.0).speed_kmh is None
    assert say(judge, 11.8, 20.5).speed_kmh == 20.5
    assert say(judge, 12.8, 20.5).speed_kmh == 20.5
    fits = running(5.0)
    say(fits, 11.0, 20.0)
    assert say(fits, 12.0, 14.0).speed_kmh == 14.0, "on its way down from there"


def test_what_bears_a_jump_out_has_to_come_in_time() -> None:
    judge = running(5.0)
    for second in range(11, 17):
        say(judge, float(second), 40.0)  # keeps the last believed reading old, and is none itself
    assert say(judge, 21.0, 20.0).speed_kmh is None
    assert say(judge, 31.01, 20.0).speed_kmh is None
    assert say(judge, 32.0, 20.0).speed_kmh == 20.0
    in_time = running(5.0)
    say(in_time, 21.0, 20.0)
    assert say(in_time, 31.0, 20.0).speed_kmh == 20.0


def test_a_claim_is_over_when_the_belt_is_back() -> None:
    judge = running(5.0)
    say(judge, 11.0, 20.0)
    say(judge, 11.5, 5.0)
    assert say(judge, 12.0, 20.0).speed_kmh is None, "it was not borne out by the one before"


def test_a_claim_lasts_while_its_readings_fit_and_begins_with_the_first() -> None:
    judge = running(5.0)
    assert say(judge, 11.0, 16.0).speed_kmh is None
    assert say(judge, 11.4, 18.0).speed_kmh is None
    assert say(judge, 11.8, 20.0).speed_kmh == 20.0, "each from the one before, the first 0.8 s ago"


@given(
    frames=st.lists(
        st.tuples(
            st.floats(0, 12),
            st.sampled_from([0.0, 5.0, 5.5, 8.0, 20.0, 25.0, 25.5, 600.0, -1.0]) | st.floats(-5, 40),
        ),
        max_size=40,
    )
)
def test_nothing_out_of_range_and_no_frame_alone_is_believed(frames: list[tuple[float, float]]) -> None:
    judge, now = new_judge(), 0.0
    last: tuple[float, float] | None = None
    before: tuple[float, float] | None = None

    def reaches(start: tuple[float, float], kmh: float) -> bool:
        elapsed = now - start[0]
        return elapsed <= 10 and start[1] - 1 - 5 * elapsed <= kmh <= start[1] + 1 + 3 * elapsed

    for wait, kmh in frames:
        now += wait
        judged = say(judge, now, kmh)
        if judged.speed_kmh is not None:
            assert judged.speed_kmh == kmh and 0 <= kmh <= 25
            assert judged.doubted_kmh is None and judged.reasons == ()
            follows = last is not None and reaches(last, kmh)
            is_borne_out = before is not None and reaches(before, kmh)
            assert follows or is_borne_out
            last = now, kmh
        else:
            assert judged.doubted_kmh == (kmh if 0 <= kmh <= 25 else None)
        if 0 <= kmh <= 25:
            before = now, kmh


# -- frozen readings ---------------------------------------------------------------------


def frozen_after(
    *, clock: bool, step_m: int | None, kmh: float = 8.0, frozen_kmh: float | None = None
) -> float | None:
    """Runs for a minute, then the machine repeats its last frame: how long until that is doubted."""
    judge = new_judge()
    metres, second = 0.0, 0
    for second in range(61):
        metres += kmh / 3.6
        judged = say(
            judge,
            float(second),
            kmh,
            None if step_m is None else int(metres) // step_m * step_m,
            second if clock else None,
        )
        assert judged.speed_kmh is not None or second == 0, judged.reasons
        assert not judge.frozen and not judge.counters_stand
    for more in range(1, 200):
        shown = kmh if frozen_kmh is None else frozen_kmh
        judged = say(
            judge,
            60.0 + more,
            shown,
            None if step_m is None else int(metres) // step_m * step_m,
            60 if clock else None,
        )
        if judged.speed_kmh is None and judge.frozen:
            assert judged.reasons == (("speed", f"a speed of {shown:g} km/h is not believed: {FROZEN}"),)
            assert judged.doubted_kmh == shown
            assert judge.counters_stand
            return float(more)
    return None


def test_a_machine_that_repeats_one_reading_is_not_believed() -> None:
    assert frozen_after(clock=True, step_m=1) == 6
    assert frozen_after(clock=True, step_m=None) == 6
    assert frozen_after(clock=True, step_m=10) == 6


def test_without_a_clock_so_much_has_to_be_missing_that_no_counter_is_as_coarse() -> None:
    assert frozen_after(clock=False, step_m=1, kmh=7.2) == 15, (
        "more than 30 m, with those into its last count"
    )
    assert frozen_after(clock=False, step_m=1, kmh=14.4) == 7
    assert frozen_after(clock=False, step_m=1, kmh=20.0) == 6
    late = frozen_after(clock=False, step_m=10, kmh=14.4)
    assert late is not None and 6 <= late <= 8


def test_counters_that_never_moved_say_nothing() -> None:
    assert frozen_after(clock=False, step_m=None) is None
    judge = new_judge()
    for second in range(200):
        judged = say(judge, float(second), 8.0, 0, 0)
        assert judged.speed_kmh == 8.0 or second == 0
    assert not judge.frozen and not judge.counters_stand


@pytest.mark.parametrize("step_m", [1, 10, 16, 100, 160])
@pytest.mark.parametrize("kmh", [0.8, 2.0, 6.0, 12.0, 20.0])
def test_a_steady_walk_is_not_frozen_however_coarse_its_counter(step_m: int, kmh: float) -> None:
    judge, metres = new_judge(), 0.0
    for second in range(1500):
        metres += kmh / 3.6
        judged = say(judge, float(second), kmh, int(metres) // step_m * step_m)
        assert judged.speed_kmh is not None or second == 0, (second, judged.reasons)


def test_a_clock_of_minutes_stands_still_most_of_the_time() -> None:
    judge = new_judge()
    for second in range(600):
        judged = say(judge, float(second), 6.0, None, second // 60 * 60)
        assert judged.speed_kmh is not None or second == 0, (second, judged.reasons)
        assert not judge.counters_stand


def test_a_clock_is_one_of_seconds_after_three_quick_moves() -> None:
    def after(moves: int, apart_s: float) -> bool:
        judge, now = new_judge(), 0.0
        for move in range(moves):
            now = move * apart_s
            say(judge, now, 6.0, None, move)
        for more in range(1, 12):
            say(judge, now + more, 6.0, None, moves - 1)
        return judge.frozen

    assert after(5, 1.0) and after(5, 2.5)
    assert not after(4, 1.0), "the first move has none before it to be quick after"
    assert not after(9, 2.625)


def test_frozen_ends_with_the_first_thing_that_moves() -> None:
    def frozen() -> PlausibilityJudge:
        judge = new_judge()
        for second in range(20):
            say(judge, float(second), 6.0, second * 2, second)
        for second in range(20, 30):
            say(judge, float(second), 6.0, 38, 19)
        assert judge.frozen
        return judge

    for count, clock in ((38, 20), (40, 19)):
        judge = frozen()
        assert say(judge, 30.0, 6.0, count, clock).speed_kmh == 6.0
        assert not judge.frozen and not judge.counters_stand
    judge = frozen()
    assert say(judge, 30.0, 6.1, 38, 19).speed_kmh == 6.1, "a reading that changes is not repeated"
    judge = frozen()
    judge.link_changed()
    assert not judge.frozen and not judge.counters_stand


def test_counters_that_come_in_a_frame_of_their_own_count() -> None:
    judge = new_judge()
    for second in range(100):
        say(judge, second + 0.0, None, second * 2, second)
        judged = say(judge, second + 0.1, 6.0)
        assert judged.speed_kmh == 6.0 or second == 0
    assert not judge.frozen


def test_a_standing_belt_is_not_frozen_but_its_counters_stand() -> None:
    judge = new_judge()
    for second in range(20):
        say(judge, float(second), 3.0, second, second)
    for second in range(20, 40):
        judged = say(judge, float(second), 0.0, 19, 19)
        assert not judge.frozen
        assert judge.counters_stand is (second >= 25)
    assert judged.speed_kmh == 0.0
    assert say(judge, 40.0, 0.1, 19, 19).speed_kmh == 0.1 and not judge.frozen
    assert say(judge, 41.0, 0.1, 19, 19).speed_kmh == 0.1 and judge.counters_stand


# -- zero while the distance counts on -----------------------------------------------------


def at_zero(counts: list[int | None], step_m: int = 1) -> list[bool]:
    """A walk, then readings of 0 with these counts on top: which of them are believed."""
    judge = new_judge()
    start = 40 // step_m * step_m
    for second in range(41):
        say(judge, float(second), 3.0, second // step_m * step_m)
    believed = []
    for more, count in enumerate(counts):
        metres = None if count is None else start + count
        believed.append(say(judge, 41.0 + more, 0.0, metres).speed_kmh is not None)
    return believed


def test_a_zero_is_not_believed_while_the_distance_counts_on() -> None:
    assert at_zero([0, 1, 1, 1]) == [True, True, True, True], "it may turn once more"
    assert at_zero([0, 1, 2, 3, 3]) == [True, True, False, False, False]
    assert at_zero([0, 2, 4]) == [True, False, False]
    assert at_zero([0, None, 5]) == [True, False, False]


def test_a_zero_in_a_frame_of_another_kind_is_not_believed_before_it_is_usual() -> None:
    assert at_zero([None] * 6) == [False, False, False, True, True, True]
    judge = running(3.0)
    judged = judge.on_data(11.0, TreadmillData(speed_kmh=0.0, distance_m=1, energy_kcal=3))
    words = "a speed of 0 km/h is not believed: it came in a frame of another kind than this machine's"
    assert judged.reasons == (("speed", words),) and judged.doubted_kmh == 0.0
    for field in ("distance_m", "incline_percent", "elapsed_s", "energy_kcal", "heart_rate_bpm"):
        judge = running(3.0)
        assert judge.on_data(11.0, TreadmillData(speed_kmh=0.0, **{field: 1})).speed_kmh is None  # type: ignore[arg-type]
    moving = running(3.0).on_data(11.0, TreadmillData(speed_kmh=3.0, energy_kcal=3))
    assert moving.speed_kmh == 3.0, "a belt that moves says so in any frame"
    near = running(3.0).on_data(11.0, TreadmillData(speed_kmh=2.5, energy_kcal=3))
    assert near.speed_kmh == 2.5
    far = running(3.0).on_data(11.0, TreadmillData(speed_kmh=2.49, energy_kcal=3))
    assert far.speed_kmh is None and far.doubted_kmh == 2.49, "but not another speed"
    assert running(3.0).on_data(11.0, TreadmillData(speed_kmh=0.1, energy_kcal=3)).speed_kmh is None


def test_an_incline_in_a_frame_of_another_kind_is_not_believed_before_it_is_usual() -> None:
    judge = new_judge(TILTS)
    for second in range(10):
        judge.on_data(float(second), TreadmillData(speed_kmh=3.0, distance_m=second, incline_percent=3.0))
    said = [
        judge.on_data(10.0 + 1.5 * more, TreadmillData(speed_kmh=3.0, incline_percent=0.0, energy_kcal=3))
        for more in range(3)
    ]
    words = "an incline of 0 % is not believed: it came in a frame of another kind than this machine's"
    assert [judged.reasons for judged in said] == [(("incline", words),)] * 3
    assert judge.incline.percent == 3.0
    near = TreadmillData(speed_kmh=3.0, incline_percent=3.2, heart_rate_bpm=70)
    assert judge.on_data(15.0, near).reasons == () and judge.incline.percent == 3.2


def test_what_came_once_long_ago_is_not_usual_by_that() -> None:
    """Nor are a few of them; what comes in every tenth frame is."""

    def believed(every: int) -> bool:
        judge = new_judge(TILTS)
        for second in range(200):
            other = {"energy_kcal": 1} if second % every == every - 1 else {"distance_m": second}
            judge.on_data(float(second), TreadmillData(speed_kmh=3.0, incline_percent=3.0, **other))
        judge.on_data(203.0, TreadmillData(speed_kmh=3.0, incline_percent=1.0, energy_kcal=1))
        return judge.incline.percent == 1.0

    assert believed(9) and believed(5) and not believed(12) and not believed(60)


def test_what_is_usual_has_to_be_seen_eight_times_first() -> None:
    def zero_after(frames: int) -> float | None:
        judge = new_judge()
        for second in range(frames):
            say(judge, float(second), 0.5)
        return judge.on_data(float(frames), TreadmillData(speed_kmh=0.0, distance_m=3)).speed_kmh

    assert zero_after(7) == 0.0 and zero_after(8) is None
    judge = new_judge()
    for second in range(0, 40, 2):
        say(judge, float(second), None, min(second, 20), second)
        assert say(judge, second + 0.1, 0.5 if second < 20 else 0.0).speed_kmh is not None or second == 0


def test_a_counter_of_tens_turns_by_ten_once_more_too() -> None:
    assert at_zero([0, 10, 10, 10], step_m=10) == [True, True, True, True]
    assert at_zero([0, 10, 20], step_m=10) == [True, True, False]


def test_a_counter_that_begins_anew_with_the_stop_counts_from_there() -> None:
    judge = new_judge()
    for second in range(41):
        say(judge, float(second), 3.0, second)
    assert say(judge, 41.0, 0.0, 41).speed_kmh == 0.0
    assert say(judge, 42.0, 0.0, 0).speed_kmh == 0.0
    assert say(judge, 43.0, 0.0, 1).speed_kmh == 0.0
    judged = say(judge, 44.0, 0.0, 2)
    assert judged.speed_kmh is None
    words = "a speed of 0 km/h is not believed: it says 0 while its distance counts on"
    assert judged.reasons == (("speed", words),) and judged.doubted_kmh == 0.0
    assert say(judge, 45.0, 1.0, 2).speed_kmh == 1.0
    assert say(judge, 46.0, 0.0, 3).speed_kmh == 0.0, "a new zero counts from its own first"


def test_a_zero_with_a_clock_that_runs_on_is_a_zero() -> None:
    judge = new_judge()
    for second in range(20):
        say(judge, float(second), 3.0, second, second)
    for second in range(20, 60):
        assert say(judge, float(second), 0.0, 19, second).speed_kmh == 0.0, "some clocks run on in a pause"


# -- distance against speed ------------------------------------------------------------------


def walk(factor: float, kmh: float = 6.0, seconds: int = 120) -> list[Judgement]:
    judge, out = new_judge(), []
    for second in range(seconds):
        out.append(say(judge, float(second), kmh, kmh / 3.6 * second * factor))
    return out


@pytest.mark.parametrize("factor", [2.0, 10.0, 0.1, 0.62, 1.61])
def test_a_counter_that_is_a_steady_factor_off_is_not_gone_by(factor: float) -> None:
    judged = walk(factor)
    words = [text for one in judged for key, text in one.reasons if key == "distance"]
    assert len(words) == 1, "said once"
    assert words[0].endswith("times what its speed comes to: the speed is gone by")
    said = float(words[0].removeprefix("its distance counts ").split(" ", 1)[0])
    assert said == pytest.approx(factor, rel=0.12, abs=0.03)
    found = next(k for k, one in enumerate(judged) if one.reasons)
    assert found <= 40 / (6 / 3.6) + 3
    assert all(one.distance_m is None for one in judged[found:])
    assert all(one.speed_kmh == 6.0 for one in judged[1:])


@pytest.mark.parametrize("factor", [1.0, 0.83, 1.2])
def test_a_counter_that_is_a_little_off_is_gone_by(factor: float) -> None:
    judged = walk(factor)
    assert all(one.reasons == () for one in judged)
    assert all(one.distance_m is not None for one in judged[1:])


def test_the_edges_of_the_factor() -> None:
    def agrees(metres: int) -> bool:
        """40 m by speed at 14.4 km/h, and this much by the counter."""
        judge = new_judge()
        say(judge, 0.0, 14.4)
        say(judge, 1.0, 14.4, 0)
        for second in range(2, 11):
            say(judge, float(second), 14.4, 0)
        return say(judge, 11.0, 14.4, metres).distance_m is not None

    assert [agrees(metres) for metres in (31, 32, 50, 51)] == [False, True, True, False]


def test_a_counter_far_too_quick_is_found_before_the_forty_metres() -> None:
    judge = new_judge()
    for second in range(4):
        say(judge, float(second), 3.6, second * 100)
    assert say(judge, 4.0, 3.6, 400).distance_m == 400, "300 so far since the first that was believed"
    judged = say(judge, 5.0, 3.6, 501)
    assert judged.distance_m is None
    words = "its distance counts 1e+02 times what its speed comes to: the speed is gone by"
    assert judged.reasons == (("distance", words),)


def test_a_counter_that_agrees_again_is_gone_by_again_and_doubted_anew() -> None:
    judge, metres, said = new_judge(), 0.0, []
    for second in range(400):
        factor = 1.0 if 100 <= second < 200 else 3.0
        metres += 2.0 * factor
        judged = say(judge, float(second), 7.2, metres)
        said += [second for key, _ in judged.reasons if key == "distance"]
        if 125 <= second < 200:
            assert judged.distance_m is not None
        if 30 <= second < 100 or second > 225:
            assert judged.distance_m is None
    assert len(said) == 2


def test_a_counter_that_begins_anew_or_after_a_gap_is_compared_anew() -> None:
    judge, metres = new_judge(), 0.0
    for second in range(300):
        metres = 0.0 if second % 15 == 0 else metres + 2.0
        judged = say(judge, float(second), 7.2, metres)
        assert judged.reasons == () and (second == 0 or judged.distance_m is not None)
    judge = new_judge()
    for turn in range(100):
        at_s = turn * 12.0
        say(judge, at_s, 7.2, turn * 500)
        judged = say(judge, at_s + 1, 7.2, turn * 500 + 2)
        assert judged.reasons == () and judged.distance_m is not None
    slow = new_judge()
    for turn in range(100):
        judged = say(slow, turn * 10.0, 7.2, turn * 50)
        assert judged.speed_kmh is None or judged.reasons or judged.distance_m is None or turn < 5
    assert judged.distance_m is None, "ten seconds apart is no gap: 2.5 times is seen"


def test_the_distance_of_a_record_in_two_frames() -> None:
    judge = new_judge()
    for second in range(1, 60):
        assert say(judge, float(second), None, second * 2) == Judgement()
        judged = say(judge, second + 0.05, 7.2)
        assert judged.distance_m == (second * 2 if second > 1 else None)
    assert say(judge, 60.0, None, 120) == Judgement()
    assert say(judge, 60.2, None, None, 60) == Judgement(), "a third frame of the record"
    assert say(judge, 60.5, 7.2).distance_m == 120
    assert say(judge, 60.6, 7.2).distance_m is None, "it is used up"
    say(judge, 61.0, None, 122)
    assert say(judge, 61.51, 7.2).distance_m is None, "of another moment"
    say(judge, 62.0, None, 124)
    assert say(judge, 62.1, 7.2, 125).distance_m == 125
    say(judge, 63.0, None, 126)
    judge.link_changed()
    say(judge, 63.1, 7.2)
    say(judge, 64.1, 7.2)
    assert say(judge, 64.2, 7.2).distance_m is None


def test_a_record_in_two_frames_is_compared_too() -> None:
    judge, said = new_judge(), 0
    for second in range(100):
        say(judge, float(second), None, second * 6)
        said += len(say(judge, second + 0.05, 7.2).reasons)
    assert said == 1


def test_without_a_believed_speed_there_is_no_distance() -> None:
    judge = running(7.2)
    assert say(judge, 11.0, 7.2, 10).distance_m == 10
    assert say(judge, 12.0, 20.0, 12).distance_m is None
    assert say(judge, 13.0, 40.0, 14).distance_m is None


# -- incline -----------------------------------------------------------------------------------


def test_an_incline_in_a_frame_is_judged_with_it() -> None:
    judge = new_judge(TILTS)
    say(judge, 0.0, 3.0, incline=1.0)
    judged = say(judge, 1.0, 3.0, incline=30.0)
    words = "an incline of 30 % is not believed: this machine goes from 0 to 12 %"
    assert judged == Judgement(speed_kmh=3.0, reasons=(("incline", words),))
    assert judge.incline.percent == 1.0
    judged = say(judge, 1.2, 40.0, incline=30.0)
    assert [key for key, _ in judged.reasons] == ["incline", "speed"]


def test_an_incline_that_is_not_reported_any_more_is_not_known() -> None:
    judge = new_judge(TILTS)
    say(judge, 0.0, 3.0, incline=1.0)
    for second in range(1, 9):
        say(judge, float(second), 3.0)
        assert judge.incline.percent == 1.0
    say(judge, 8.1, 3.0)
    assert judge.incline.percent is None
    other = new_judge(TILTS)
    say(other, 0.0, None, incline=1.0)
    other.link_changed()
    assert other.incline.percent is None


def test_a_machine_without_a_motor_is_flat_whatever_it_says() -> None:
    for machine in (MACHINE, Machine("F0:00", "x", incline_range=InclineRange(0.0, 0.0, 0.0))):
        judge = new_judge(machine)
        assert say(judge, 0.0, 3.0, incline=9.0).reasons == ()
        assert judge.incline.percent == 0.0
    assert new_judge(TILTS).incline.percent is None


# -- what only shows over a while --------------------------------------------------------------------


def test_a_counter_that_moved_once_can_stand() -> None:
    judge = new_judge()
    for second in range(3):
        say(judge, float(second), 14.4, second // 2)
    for second in range(3, 30):
        say(judge, float(second), 14.4, 1)
    assert judge.frozen


def test_so_much_is_missing_of_a_coarse_counter_as_two_of_its_steps() -> None:
    judge = new_judge()
    for second in range(61):
        say(judge, float(second), 18.0, second * 5 // 100 * 100)
        assert not judge.frozen
    frozen_s = [
        second for second in range(61, 150) if (say(judge, float(second), 18.0, 300), judge.frozen)[1]
    ]
    assert 98 <= frozen_s[0] <= 101, "200 m after its last count"


def test_a_machine_whose_motion_was_never_seen_is_not_one_that_stands_still() -> None:
    bare = new_judge()
    assert not bare.motion_is_borne_out
    say(bare, 0.0, 5.0)
    assert bare.motion_is_borne_out, "without counters there is nothing to see it by"
    for metres, clock in ((7, None), (None, 7), (7, 7)):
        judge = new_judge()
        for second in range(30):
            say(judge, float(second), 5.0 + 0.1 * (second % 2), metres, clock)
            assert not judge.motion_is_borne_out
        say(judge, 30.0, 5.3, metres, clock)
        assert judge.motion_is_borne_out, "its speed changed"
        say(judge, 31.0, 5.3, metres, clock)
        assert judge.motion_is_borne_out
        counted = new_judge()
        say(counted, 0.0, 5.0, metres, clock)
        say(counted, 1.0, 5.0, None if metres is None else 8, None if clock is None else 8)
        assert counted.motion_is_borne_out
        counted.link_changed()
        assert not counted.motion_is_borne_out


def test_the_smallest_step_of_a_counter_is_its_step() -> None:
    judge = new_judge()
    for second in range(41):
        say(judge, float(second), 3.0, 0 if second < 20 else second - 10)
    assert say(judge, 41.0, 0.0, 30).speed_kmh == 0.0
    assert say(judge, 42.0, 0.0, 32).speed_kmh is None


def test_what_was_compared_before_a_counter_began_anew_does_not_count() -> None:
    judge = new_judge()
    for second in range(20):
        assert say(judge, float(second), 7.2, second * 4).reasons == ()
    for second in range(20, 100):
        judged = say(judge, float(second), 7.2, (second - 20) * 2)
        assert judged.reasons == () and judged.distance_m is not None


def test_what_is_rounded_to_standing_counts_as_it() -> None:
    judge = new_judge()
    for second in range(41):
        say(judge, float(second), 3.0, second)
    assert say(judge, 41.0, 0.1, 41).speed_kmh == 0.1
    assert say(judge, 42.0, 0.1, 43).speed_kmh is None
    assert say(judge, 43.0, 0.1, 44).speed_kmh is None


def test_a_claim_of_many_readings_counts_from_its_first() -> None:
    judge = running(5.0)
    assert [say(judge, at_s, 20.0).speed_kmh for at_s in (11.0, 11.3, 11.6, 11.85)] == [
        None,
        None,
        None,
        20.0,
    ]


def test_a_counter_exactly_ten_times_too_quick_is_found_at_once() -> None:
    judge = new_judge()
    say(judge, 0.0, 3.6)
    say(judge, 1.0, 3.6, 0)
    assert say(judge, 2.0, 3.6, 399).distance_m == 399
    other = new_judge()
    say(other, 0.0, 3.6)
    say(other, 1.0, 3.6, 0)
    assert say(other, 2.0, 3.6, 400).distance_m is None


def test_frames_that_come_bunched_do_not_hide_a_counter_that_is_off() -> None:
    judge, said = new_judge(), 0
    for second in range(60):
        for _ in range(2):
            said += len(say(judge, float(second), 7.2, second * 4).reasons)
    assert said == 1


def test_a_clock_whose_seconds_come_late_is_a_clock_all_the_same() -> None:
    judge = new_judge()
    for clock, at_s in enumerate((0.0, 1.0, 3.6, 4.6, 5.6)):
        say(judge, at_s, 5.0, None, clock)
    for more in range(1, 8):
        say(judge, 5.6 + more, 5.0, None, 4)
    assert judge.frozen


def test_a_change_of_the_speed_that_rounding_explains_is_no_motion() -> None:
    judge = new_judge()
    say(judge, 0.0, 0.0, 7, 7)
    say(judge, 1.0, 0.15, 7, 7)
    assert not judge.motion_is_borne_out
    say(judge, 2.0, 0.31, 7, 7)
    assert judge.motion_is_borne_out


def test_the_factor_is_told_also_of_a_belt_that_creeps() -> None:
    judge = new_judge()
    for second in range(3):
        say(judge, float(second), 0.18, 0)
    judged = say(judge, 3.0, 0.18, 600)
    assert judged.reasons[0][1].startswith("its distance counts 6e+03 times")


# -- what its counters say ---------------------------------------------------------------


def test_its_counters_move_when_they_moved_lately() -> None:
    judge = new_judge()
    assert not judge.counts_on(0.0)
    for second in range(6):
        say(judge, float(second), 5.0, metres=second * 1.4)
    assert judge.counts_on(5.0) and judge.counts_on(8.0) and not judge.counts_on(8.01)
    say(judge, 6.0, 5.0, metres=7.0)
    assert judge.counts_on(8.0) and not judge.counts_on(8.01), "only what moves moves"
    clock = new_judge()
    for second in range(6):
        say(clock, float(second), 5.0, clock_s=second)
    assert clock.counts_on(8.0)


def test_covered_is_by_the_distance_and_by_the_clock_only_without_one() -> None:
    judge = new_judge()
    assert judge.covered_s is None
    say(judge, 0.0, 5.0, metres=0, clock_s=0)
    say(judge, 1.0, 5.0, metres=2, clock_s=1)
    assert judge.covered_s == 1.0
    say(judge, 2.0, 5.0, metres=2, clock_s=2)
    assert judge.covered_s == 1.0, "its clock alone says nothing of a way"
    clock = new_judge()
    say(clock, 0.0, 5.0, clock_s=0)
    assert clock.covered_s is None
    say(clock, 1.0, 5.0, clock_s=1)
    say(clock, 2.0, 5.0, clock_s=1)
    assert clock.covered_s == 1.0


@pytest.mark.parametrize(
    ("factor", "counts"),
    [(1.0, False), (1.49, False), (1.51, True), (1.609, True), (1.7, True), (1.74, False)],
)
def test_a_distance_in_miles_is_told_after_two_spans(factor: float, counts: bool) -> None:
    judge, metres, seen = new_judge(), 0.0, []
    for second in range(400):
        metres += 10.0 / 3.6 * factor
        say(judge, float(second), 10.0, metres=metres)
        seen.append(judge.counts_miles)
    assert seen[-1] is counts and not any(seen[:20])
    if counts:
        assert 28 <= seen.index(True) <= 40, "forty metres, twice"
        for second in range(400, 420):
            metres += 10.0 / 3.6
            say(judge, float(second), 10.0, metres=metres)
        assert not judge.counts_miles, "one span that agrees ends it"
        again = []
        for second in range(420, 470):
            metres += 10.0 / 3.6 * factor
            say(judge, float(second), 10.0, metres=metres)
            again.append(judge.counts_miles)
        assert 20 <= again.index(True) <= 40, "and then it takes two again"


@pytest.mark.parametrize(("can", "flat"), [(True, False), (False, True)])
def test_a_motor_whose_range_cannot_be_read_may_be_there(can: bool, flat: bool) -> None:
    judge = new_judge(Machine("F0:00", "direct", can_set_incline=can))
    for second in range(3):
        say(judge, float(second), 5.0, incline=6.0)
    assert (judge.incline.percent == 0.0) is flat


def test_of_split_records_each_part_is_usual_by_itself() -> None:
    """From some moment on the part with the speed has another field: usual after four of them."""
    judge = new_judge()
    believed = []
    for second in range(130):
        kmh, more = (4.0, {"energy_kcal": 1}) if second >= 100 else (3.0, {})
        judge.on_data(second + 0.0, TreadmillData(distance_m=second))
        believed.append(judge.on_data(second + 0.1, TreadmillData(speed_kmh=kmh, **more)).speed_kmh)  # type: ignore[arg-type]  # by name
    assert believed[98:106] == [3.0, 3.0, None, None, None, 4.0, 4.0, 4.0]


def test_the_slowest_that_counts_as_standing_is_not_believed_in_an_odd_frame() -> None:
    for kmh, known in ((0.1, False), (0.11, True)):
        said = running(0.5).on_data(11.0, TreadmillData(speed_kmh=kmh, energy_kcal=3))
        assert (said.speed_kmh is not None) is known


def test_the_least_that_counts_as_miles() -> None:
    judge, seen = new_judge(), []
    for second in range(100):
        say(judge, float(second), 3.6, metres=second * 1.5)
        seen.append(judge.counts_miles)
    assert seen.index(True) == 81, "forty metres by its speed and sixty by its count, twice"
