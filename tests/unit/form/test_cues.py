"""Cues: not more often than a runner can use; easing only as far as allowed, and never by a question."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tests.support.rig import FORM_RULES
from treadcoach.core.form_rules import Easing, EasingMode
from treadcoach.form.cues import Cue, CueBook, Ease, EndHardPart, Offer, Resume
from treadcoach.form.judge import Finding

RULES = FORM_RULES.cueing
ISSUES = {issue.id: issue for issue in FORM_RULES.issues}
NAMES = ["B1", "B3", "B4", "B9", "B12"]


def _findings(*ids: str) -> list[Finding]:
    return [Finding(ISSUES[name], 0.0, ("seen",)) for name in ids]


def _all(
    book: CueBook, seconds: int, *ids: str, start: float = 0.0, hard: bool = True
) -> list[tuple[float, object]]:
    out: list[tuple[float, object]] = []
    for second in range(seconds):
        now = start + second
        out += [(now, action) for action in book.update(now, _findings(*ids), on_hard_part=hard)]
    return out


@given(
    st.lists(st.sets(st.sampled_from(NAMES)), min_size=30, max_size=200), st.sampled_from(list(EasingMode))
)
def test_whatever_comes_the_gaps_are_kept(story: list[set[str]], mode: EasingMode) -> None:
    book = CueBook(RULES, mode)
    cues: list[tuple[float, str]] = []
    easings: list[float] = []
    offers: list[float] = []
    for at, ids in enumerate(story):
        for second in range(10):
            now = 10.0 * at + second
            for action in book.update(now, _findings(*sorted(ids)), on_hard_part=at % 7 != 6):
                if isinstance(action, Cue):
                    cues.append((now, action.issue.id))
                elif isinstance(action, Ease | EndHardPart):
                    easings.append(now)
                    assert not action.issue.question and action.issue.easing is not Easing.NONE
                elif isinstance(action, Offer):
                    offers.append(now)
    assert all(b - a >= RULES.cue_gap_s for (a, _), (b, _) in itertools.pairwise(cues))
    for name in NAMES:
        times = [at for at, issue in cues if issue == name]
        assert all(b - a >= RULES.same_cue_gap_s for a, b in itertools.pairwise(times))
    assert all(b - a >= RULES.ease_again_after_s for a, b in itertools.pairwise(easings))
    if mode is EasingMode.OFF:
        assert not easings and not offers
    if mode is EasingMode.ASK:
        assert not easings
    assert book.easings <= RULES.most_easings


def test_an_issue_is_cued_then_offered_and_nothing_more_without_a_yes() -> None:
    book = CueBook(RULES, EasingMode.ASK)
    actions = _all(book, 200, "B12")
    assert isinstance(actions[0][1], Cue) and actions[0][0] == 0
    offers = [at for at, action in actions if isinstance(action, Offer)]
    assert offers == [RULES.offer_after_s]
    assert book.easings == 0


def test_a_yes_eases_once_and_an_offer_that_is_not_there_cannot_be_taken() -> None:
    book = CueBook(RULES, EasingMode.ASK)
    assert book.accept(0.0, "somebody") is None
    _all(book, 62, "B12")
    action = book.accept(62.0, "the runner")
    assert isinstance(action, Ease) and action.accepted_by == "the runner" and "fades" in action.reason
    assert book.accept(62.0, "the runner") is None


def test_what_was_declined_is_not_asked_again_soon() -> None:
    book = CueBook(RULES, EasingMode.ASK)
    _all(book, 62, "B12", "B3")
    assert book.decline(62.0) and not book.decline(62.0)
    later = _all(book, 290, "B12", "B3", start=63)
    assert not any(isinstance(action, Offer) for _, action in later)


def test_by_itself_it_eases_step_by_step_and_then_ends_the_hard_part() -> None:
    book = CueBook(RULES, EasingMode.AUTO)
    actions = [action for _, action in _all(book, 900, "B12") if isinstance(action, Ease | EndHardPart)]
    assert [type(action) for action in actions] == [Ease] * RULES.most_easings + [EndHardPart]


def test_a_question_is_offered_and_never_acted_on() -> None:
    book = CueBook(RULES, EasingMode.AUTO)
    actions = [action for _, action in _all(book, 900, "B9")]
    assert any(isinstance(action, Offer) for action in actions)
    assert not any(isinstance(action, Ease | EndHardPart) for action in actions)


def test_when_form_is_back_for_a_while_the_plan_resumes() -> None:
    book = CueBook(RULES, EasingMode.AUTO)
    _all(book, 120, "B12")
    assert book.easings == 1
    actions = _all(book, 120, start=120)
    assert [(at, type(action)) for at, action in actions] == [(120 + RULES.recovered_s, Resume)]
    assert book.easings == 0


def test_outside_of_the_hard_part_there_are_cues_alone() -> None:
    book = CueBook(RULES, EasingMode.AUTO)
    actions = [action for _, action in _all(book, 600, "B12", hard=False)]
    assert actions and all(isinstance(action, Cue) for action in actions)


def test_an_issue_without_easing_moves_nothing() -> None:
    book = CueBook(RULES, EasingMode.AUTO)
    assert all(isinstance(action, Cue) for _, action in _all(book, 900, "B1", "B4"))


def test_the_next_step_of_the_plan_can_be_eased_again() -> None:
    book = CueBook(RULES, EasingMode.AUTO)
    _all(book, 900, "B12")
    assert not any(isinstance(a, Ease | EndHardPart) for _, a in _all(book, 200, "B12", start=900))
    book.step_changed()
    assert any(isinstance(a, Ease | EndHardPart) for _, a in _all(book, 200, "B12", start=1100))
