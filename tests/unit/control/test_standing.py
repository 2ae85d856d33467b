"""Does the belt stand? What is seen, what else speaks for it, and a person's word."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from treadcoach.control.standing import StandingJudge
from treadcoach.control.stopping import Stopping
from treadcoach.planning.guidance import load_guidance

RULES = replace(
    load_guidance().belt,
    stale_hold_s=3.0,
    stale_stop_s=8.0,
    stands_apart_s=1.0,
    stands_unsure_s=6.0,
    stands_asked_s=45.0,
    watched_after_s=10.0,
)


def stopped(at_s: float = 10.0) -> StandingJudge:
    judge = StandingJudge(RULES)
    judge.on_reading(at_s - 1, 5.0)
    judge.stop_asked(at_s)
    return judge


def unsure(judge: StandingJudge, now_s: float, *, frozen: bool = False, stand: bool = False) -> str | None:
    return judge.unsure(now_s, frozen=frozen, counters_stand=stand)


# -- two zero readings ---------------------------------------------------------------------------


def test_a_belt_stands_by_two_zero_readings_a_second_apart() -> None:
    judge = stopped()
    assert not judge.stands(10.0)
    judge.on_reading(11.0, 0.0)
    assert not judge.stands(11.0) and not judge.is_at_rest(11.0)
    judge.on_reading(11.5, 0.0)
    assert not judge.stands(11.5)
    judge.on_reading(11.875, 0.0)
    assert not judge.stands(11.875)
    judge.on_reading(11.91, 0.1)
    assert judge.stands(11.91), "reports come to a tenth of a second, and 0.1 is rounded"


def test_nobody_has_said_anything_at_first() -> None:
    assert not StandingJudge(RULES).by_word


def test_movement_in_between_begins_anew() -> None:
    judge = stopped()
    judge.on_reading(11.0, 0.0)
    judge.on_reading(12.0, 0.11)
    judge.on_reading(13.0, 0.0)
    assert not judge.stands(13.0)
    judge.on_reading(14.0, 0.0)
    assert judge.stands(14.0)
    judge.on_reading(15.0, 0.5)
    assert not judge.stands(15.0)


def test_what_was_seen_grows_old() -> None:
    judge = stopped()
    judge.on_reading(11.0, 0.0)
    judge.on_reading(12.0, 0.0)
    assert judge.stands(15.0)
    assert not judge.stands(15.1)
    judge.on_reading(20.0, 0.0)
    assert judge.stands(20.0), "the silence was no longer than links are silent"
    judge.on_reading(28.1, 0.0)
    assert not judge.stands(28.1), "after a longer one it is seen anew"
    judge.on_reading(29.1, 0.0)
    assert judge.stands(29.1)


def test_it_has_to_be_seen_after_the_stop() -> None:
    judge = StandingJudge(RULES)
    judge.on_reading(8.0, 0.0)
    judge.on_reading(10.0, 0.0)
    assert judge.stands(10.0) and judge.is_at_rest(10.0)
    judge.stop_asked(10.0)
    assert not judge.stands(10.0) and judge.is_at_rest(10.0)
    judge.on_reading(10.1, 0.0)
    assert judge.stands(10.1)
    judge.stop_done()
    judge.on_reading(11.0, 0.0)
    assert judge.stands(11.0)


def test_another_link_or_a_release_begins_anew() -> None:
    for begin in (lambda judge: judge.link_changed(12.5), lambda judge: judge.started()):
        judge = stopped()
        judge.on_reading(11.0, 0.0)
        judge.on_reading(12.0, 0.0)
        begin(judge)
        assert not judge.is_at_rest(12.5) and not judge.stands(12.5)
        judge.on_reading(13.0, 0.0)
        assert not judge.stands(13.0)
        judge.on_reading(14.0, 0.0)
        assert judge.stands(14.0)


@given(
    readings=st.lists(
        st.tuples(st.floats(0.05, 12), st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.2, 5.0])), max_size=40
    )
)
def test_one_zero_reading_never_is_a_standing_belt(readings: list[tuple[float, float]]) -> None:
    judge, now, zeros = stopped(), 10.0, []
    for wait, kmh in readings:
        now += wait
        judge.on_reading(now, kmh)
        zeros = [*zeros, now] if kmh <= 0.1 else []
        if judge.stands(now):
            assert len(zeros) >= 2 and zeros[-1] - zeros[0] >= 0.9
        assert not judge.stands(now + 3.1)


# -- other evidence -------------------------------------------------------------------------------


def test_after_an_answered_stop_silence_is_asked_about() -> None:
    judge = stopped()
    judge.stop_answered(10.5, taken=True)
    judge.stop_answered(15.0, taken=True)
    assert unsure(judge, 16.4) is None
    assert unsure(judge, 16.5) == "the machine has said nothing since"
    assert unsure(judge, 16.5, stand=True) == (
        "the machine has said nothing since; its clock and distance stand still"
    )
    judge.on_reading(14.0, 2.0)
    assert unsure(judge, 19.9) is None
    assert unsure(judge, 20.0) is not None
    judge.link_changed(20.0)
    assert unsure(judge, 25.9) is None, "a new link is given time"
    assert unsure(judge, 26.0) is not None


def test_a_stop_that_was_not_taken_is_no_reason_to_ask_soon() -> None:
    judge = stopped()
    judge.stop_answered(10.5, taken=False)
    assert unsure(judge, 54.9) is None
    assert unsure(judge, 55.0) == "the machine does not show a standing belt"
    assert unsure(judge, 55.0, frozen=True, stand=True) == "the machine does not show a standing belt"


def test_a_frozen_reading_is_asked_about() -> None:
    judge = stopped()
    judge.stop_answered(10.5, taken=True)
    judge.on_reading(16.0, 5.0)
    assert unsure(judge, 16.4, frozen=True) is None
    assert unsure(judge, 16.5, frozen=True) == "the machine repeats one reading"
    assert unsure(judge, 16.5) is None


def test_what_the_machine_says_of_its_stop_goes_with_the_question_once() -> None:
    judge = StandingJudge(RULES)
    judge.on_stopped_status()
    judge.on_training_status(0x01)
    judge.stop_asked(10.0)
    judge.stop_answered(10.0, taken=True)
    assert unsure(judge, 16.0) == "the machine has said nothing since", "that was before"
    for _ in range(3):
        judge.on_stopped_status()
        judge.on_training_status(0x0F)
        judge.on_training_status(0x0D)
        judge.on_training_status(None)
    assert unsure(judge, 16.0) == (
        "the machine has said nothing since; it says that it was stopped; it says that the training is over"
    )
    judge.stop_asked(20.0)
    assert unsure(judge, 21.0) is not None, "a repeat changes nothing"
    judge.stop_done()
    judge.stop_asked(30.0)
    judge.stop_answered(30.0, taken=True)
    assert unsure(judge, 36.0) == "the machine has said nothing since"
    idle = stopped()
    idle.on_training_status(0x01)
    idle.stop_answered(10.0, taken=True)
    assert unsure(idle, 16.0) == "the machine has said nothing since; it says that the training is over"


def test_nothing_is_asked_without_a_stop_or_of_a_belt_that_stands() -> None:
    judge = StandingJudge(RULES)
    judge.stop_answered(10.0, taken=True)
    assert unsure(judge, 100.0, frozen=True) is None
    judge.stop_asked(100.0)
    assert unsure(judge, 106.0) is None, "the answer was of no stop of ours"
    seen = stopped()
    seen.stop_answered(10.5, taken=True)
    for second in range(11, 80):
        seen.on_reading(float(second), 0.0)
        assert unsure(seen, float(second), frozen=True) is None
    seen.started()
    assert unsure(seen, 200.0) is None


# -- STOPs, and the person's word -------------------------------------------------------------------


def test_stops_are_repeated_ever_less_often() -> None:
    stopping = Stopping(RULES)
    assert stopping.is_due(0.0)
    stopping.sent(0.0, again=False)
    times, now = [0.0], 0.0
    while now < 300:
        now += 0.5
        if stopping.is_due(now):
            stopping.sent(now, again=True)
            times.append(now)
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps[:10] == [1.0] * 10
    assert gaps[10:30] == [3.0] * 20
    assert set(gaps[30:]) == {10.0} and len(gaps) == 30 + 23
    stopping.sent(301.0, again=False)
    assert not stopping.is_due(301.9) and stopping.is_due(302.0), "a person's stop begins anew"


def asked() -> Stopping:
    stopping = Stopping(RULES)
    stopping.sent(10.0, again=False)
    stopping.standing.stop_answered(10.5, taken=True)
    return stopping


def test_the_question_is_asked_once_a_stop() -> None:
    stopping = asked()
    assert stopping.unsure(16.4, frozen=False, counters_stand=False) is None
    assert stopping.question(None) is None and not stopping.is_asked
    why = stopping.unsure(16.5, frozen=False, counters_stand=False)
    assert stopping.question(why) == (
        "Has the belt stopped? It was told to, but the machine has said nothing since."
        " Look at it: if it has stopped, say so; if it moves, pull the safety key."
    )
    assert stopping.is_asked and not stopping.stands(16.5)
    assert stopping.question(why) is None
    stopping.sent(17.0, again=True)
    assert stopping.is_asked and stopping.question(why) is None
    stopping.alarmed = True
    stopping.sent(18.0, again=False)
    assert not stopping.is_asked and not stopping.alarmed
    assert stopping.question(why) is not None


def test_a_persons_word_counts_and_is_looked_at_a_little_longer() -> None:
    stopping = asked()
    assert not stopping.is_watched(20.0) and not stopping.moves_after_word(9.0, None)
    stopping.question("so")
    stopping.standing.on_reading(19.0, 5.0)
    stopping.person_says_it_stands(20.0)
    assert stopping.stands(20.0) and not stopping.is_asked and stopping.standing.by_word
    assert stopping.unsure(60.0, frozen=True, counters_stand=True) is None
    assert stopping.is_watched(29.9) and not stopping.is_watched(30.0)
    assert stopping.stands(1000.0)
    for kmh, moves in (
        (5.0, False),
        (5.14, False),
        (5.16, True),
        (4.86, False),
        (4.84, True),
        (0.29, False),
        (0.3, True),
    ):
        assert stopping.moves_after_word(kmh, None) is moves
    blind = asked()
    blind.person_says_it_stands(20.0)
    assert blind.moves_after_word(0.3, None) and not blind.moves_after_word(0.29, None)
    frozen = asked()
    frozen.standing.on_reading(11.0, 8.0)
    frozen.standing.on_doubted(7.9)
    frozen.standing.link_changed(12.0)
    frozen.person_says_it_stands(20.0)
    assert not frozen.moves_after_word(8.0, None), "the number it showed before the link was lost"
    assert frozen.moves_after_word(6.0, None)
    assert frozen.moves_after_word(8.0, 20.5), "its distance goes on: it runs as it did"
    assert not frozen.moves_after_word(8.0, 20.0)


def test_a_release_or_another_stop_ends_the_word() -> None:
    for end in (lambda stopping: stopping.released(), lambda stopping: stopping.sent(30.0, again=False)):
        stopping = asked()
        stopping.question("so")
        stopping.person_says_it_stands(20.0)
        end(stopping)
        assert not stopping.stands(30.0) and not stopping.is_watched(30.0)
        assert not stopping.moves_after_word(5.0, None) and not stopping.is_asked
    stopping = asked()
    stopping.person_says_it_stands(20.0)
    stopping.standing.stop_done()
    stopping.sent(30.0, again=False)
    assert not stopping.standing.by_word
    released = asked()
    released.person_says_it_stands(20.0)
    released.released()
    assert not released.standing.by_word
    again = asked()
    again.person_says_it_stands(20.0)
    again.sent(30.0, again=True)
    assert again.stands(30.0), "a repeat of ours is no other stop"


def test_a_belt_is_seen_to_stand_too() -> None:
    stopping = asked()
    stopping.standing.on_reading(11.0, 0.0)
    assert not stopping.stands(11.0)
    stopping.standing.on_reading(12.0, 0.0)
    assert stopping.stands(12.0)
    assert stopping.unsure(12.0, frozen=False, counters_stand=False) is None


def test_a_countdown_reads_like_a_standing_belt_and_is_none() -> None:
    judge = StandingJudge(RULES)
    judge.start_written(10.0)
    for second in range(11, 26):
        judge.on_reading(float(second), 0.0)
        assert not judge.is_at_rest(float(second))
    judge.on_reading(25.5, 0.0)
    assert judge.is_at_rest(25.5), "it does not start"
    moves = StandingJudge(RULES)
    moves.start_written(10.0)
    moves.on_reading(11.0, 1.0)
    moves.on_reading(12.0, 0.0)
    moves.on_reading(13.0, 0.0)
    assert moves.is_at_rest(13.0)
    stopped_again = StandingJudge(RULES)
    stopped_again.start_written(10.0)
    stopped_again.stop_asked(10.5)
    stopped_again.on_reading(11.0, 0.0)
    stopped_again.on_reading(12.0, 0.0)
    assert not stopped_again.stands(12.0)
    stopped_again.stop_answered(12.0, taken=True)
    assert not stopped_again.stands(12.0), "there are machines that drop a STOP in a countdown"
    assert stopped_again.start_is_out(25.0) and not stopped_again.start_is_out(25.1)


def test_a_movement_in_doubt_lets_no_zero_before_it_count() -> None:
    judge = stopped()
    judge.on_reading(11.0, 0.0)
    judge.on_doubted(0.1)
    judge.on_reading(12.0, 0.0)
    assert judge.stands(12.0)
    judge.on_doubted(5.0)
    assert not judge.stands(12.0)
    judge.on_reading(13.0, 0.0)
    assert not judge.stands(13.0)
