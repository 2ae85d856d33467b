"""Who sets the incline: the coach, a hand that the motor bears out, or nobody who is known."""

from dataclasses import replace

from treadcoach.control.incline_belief import InclineBelief
from treadcoach.control.incline_control import InclineControl, InclineHand
from treadcoach.core.samples import InclineRange
from treadcoach.planning.guidance import load_guidance

RULES = replace(load_guidance().belt, watch_incline_percent=1.5, watch_follow_s=20.0, stale_hold_s=3.0)
REACH = InclineRange(0.0, 12.0, 0.5)
CEILING = 100


class Motor:
    """A motor that reports once a second, with the control of it and the belief in it."""

    def __init__(self, percent: float | None = 2.0, reach: InclineRange | None = REACH) -> None:
        self.belief = InclineBelief(RULES, reach, CEILING / 10)
        self.control = InclineControl(RULES, self.belief)
        self.now_s = 0.0
        self.percent = percent
        self.control.link_changed(0.0, up=True)
        for _ in range(3):
            self.report()

    def report(self, percent: float | None = None, ceiling: int = CEILING) -> InclineHand | None:
        self.now_s += 1.0
        self.percent = self.percent if percent is None else percent
        if self.percent is not None:
            self.belief.on_reading(self.now_s, self.percent)
        return self.control.on_reading(self.now_s, ceiling)

    def status(self, dpct: int, ordered: int | None = 20) -> str | None:
        return self.control.on_status(self.now_s, dpct, ordered)

    def orderable(self) -> int | None:
        return self.control.orderable_dpct()


def test_a_motor_that_is_seen_is_ordered() -> None:
    motor = Motor(2.0)
    assert motor.orderable() == 20 and motor.control.believed_dpct() == 20
    assert Motor(None).orderable() is None and Motor(None).control.believed_dpct() is None
    flat = Motor(2.0, None)
    assert flat.orderable() is None and flat.control.believed_dpct() == 0
    assert flat.report() is None


def test_a_status_is_a_claim_until_the_motor_goes_there() -> None:
    motor = Motor(2.0)
    motor.control.released(motor.now_s)
    assert motor.status(60) is None
    assert motor.orderable() is None, "nothing is ordered while it may be a hand's"
    assert motor.report() is None
    assert motor.report(2.1) is None
    hand = motor.report(2.2)
    assert hand == InclineHand(6.0, above=False)
    assert not motor.control.is_theirs and motor.orderable() == 22
    for percent in (3.0, 4.0, 5.0, 6.0):
        assert motor.report(percent) is None
    assert motor.control.check(motor.now_s) == (None, None)


def test_a_hand_that_goes_flatter() -> None:
    motor = Motor(5.0)
    motor.status(20, ordered=50)
    assert motor.report(5.2) is None, "that is the other way"
    assert motor.report(4.9) is None
    assert motor.report(4.8) == InclineHand(2.0, above=False)


def test_a_hand_above_the_limit_is_not_fought() -> None:
    motor = Motor(2.0)
    motor.status(105)
    assert motor.report(2.5) == InclineHand(10.5, above=True)
    assert motor.control.is_theirs and motor.orderable() is None
    for percent in (4.0, 6.0, 8.0, 9.0, 10.5, 10.5, 10.5, 10.5):
        assert motor.report(percent) is None
        assert motor.control.check(motor.now_s) == (None, None), "a hand's incline is no alarm"
    motor.control.given_back(motor.now_s)
    assert motor.orderable() == 105
    near = Motor(2.0)
    near.status(102)
    assert near.report(2.5) == InclineHand(10.2, above=False)


def test_a_status_whose_motor_does_not_move_is_nobodys_hand() -> None:
    motor = Motor(2.0)
    motor.control.released(motor.now_s)
    motor.status(60)
    for _ in range(8):
        assert motor.report() is None
        assert motor.orderable() is None
    assert motor.report() is None
    assert motor.orderable() == 20
    motor.report(3.6)
    motor.report(5.1)
    motor.report(6.6, ceiling=50)
    motor.report(6.7, ceiling=50)
    assert motor.control.check(motor.now_s)[0] is not None, "and it is watched again"


def test_the_same_status_again_is_the_same_claim() -> None:
    """Machines repeat their status: a slow motor has moved since the first of them."""
    motor, hand = Motor(2.0), None
    for _ in range(5):
        motor.status(60)
        hand = hand or motor.report(motor.percent + 0.1)  # type: ignore[operator]
    assert hand == InclineHand(6.0, above=False)
    stuck = Motor(2.0)
    for _ in range(9):
        stuck.status(60)
        assert stuck.report() is None
    assert stuck.orderable() == 20, "and one that does not move is not waited for for ever"


def test_an_echo_of_an_order_is_no_hand() -> None:
    motor = Motor(2.0)
    for echo in (18, 20, 22):
        motor.status(echo)
        assert motor.orderable() == 20
    motor.status(60)
    motor.status(21)
    assert motor.orderable() == 20, "it says that it goes where it was told"
    motor.status(23)
    assert motor.orderable() is None
    nobody = Motor(2.0)
    nobody.status(20, ordered=None)
    assert nobody.orderable() is None


def test_a_status_that_no_motor_follows_is_left_out() -> None:
    motor = Motor(2.0)
    why = motor.status(5000)
    assert why == "an incline of 500 % is not believed: this machine does not go there"
    assert motor.orderable() == 20
    unknown = Motor(None)
    assert unknown.status(60) is None
    unknown.percent = 2.0
    unknown.report()
    assert unknown.orderable() == 20, "of a motor that was not seen nothing can be claimed"


def test_another_link_ends_a_claim() -> None:
    motor = Motor(2.0)
    motor.status(60)
    motor.control.link_changed(motor.now_s, up=True)
    assert motor.orderable() == 20
    assert motor.report(3.0) is None


def test_what_was_just_set_is_looked_for_over_a_shut_gate_and_a_release() -> None:
    """The motor may be on its way there: an order from where it is now would undo the hand."""
    for between in (
        lambda motor: motor.control.shut(),
        lambda motor: motor.control.released(motor.now_s),
    ):
        motor = Motor(2.0)
        motor.status(0)
        between(motor)
        assert motor.orderable() is None
        hand = motor.report(1.0)
        assert hand is not None and hand.percent == 0.0
        assert motor.orderable() is not None


def test_a_release_takes_it_back_and_begins_the_watch() -> None:
    motor = Motor(2.0)
    motor.status(105)
    motor.report(2.5)
    assert motor.control.is_theirs
    motor.control.released(motor.now_s)
    assert not motor.control.is_theirs
    for percent in (4.0, 5.5, 7.0):
        motor.report(percent, ceiling=30)
    assert motor.control.check(motor.now_s)[0] is not None


def test_a_motor_that_does_not_follow_is_left_alone_and_that_is_said_once() -> None:
    motor = Motor(2.0)
    motor.control.released(motor.now_s)
    motor.report(2.5)
    motor.control.taken(motor.now_s, 60)
    said = []
    for _ in range(60):
        motor.report()
        alarm, words = motor.control.check(motor.now_s)
        assert alarm is None
        said += [words] if words else []
    assert said == ["The incline does not follow. treadcoach leaves it alone from now on."]
    assert motor.control.is_theirs and motor.orderable() is None
    motor.control.given_back(motor.now_s)
    assert motor.orderable() == 25


def test_orders_are_told_to_the_belief() -> None:
    motor = Motor(2.0)
    motor.control.released(motor.now_s)
    motor.control.taken(motor.now_s, 30)
    for _ in range(22):
        motor.report()
    assert motor.orderable() is None and motor.belief.percent is None


def test_a_belt_that_nobody_commands_is_watched_unless_it_is_in_a_hand() -> None:
    motor = Motor(2.0)
    motor.control.watch_uncommanded()
    for percent in (3.0, 4.5, 6.0):
        motor.report(percent, ceiling=20)
    assert motor.control.check(motor.now_s)[0] is not None
    theirs = Motor(2.0)
    theirs.status(105)
    theirs.report(2.5)
    theirs.control.watch_uncommanded()
    for percent in (4.0, 5.5, 7.0):
        theirs.report(percent, ceiling=20)
    assert theirs.control.check(theirs.now_s)[0] is None
    claimed = Motor(2.0)
    claimed.status(60)
    claimed.control.watch_uncommanded()
    claimed.report(2.1, ceiling=0)
    claimed.report(2.1, ceiling=0)
    assert claimed.control.check(claimed.now_s)[0] is None


# -- the question ----------------------------------------------------------------------------


def test_an_incline_that_is_not_known_is_asked_once() -> None:
    motor = Motor(None)
    assert motor.control.question(4.9) is None
    assert not motor.control.is_asked
    words = motor.control.question(5.0)
    assert words == (
        "This machine does not say how steep its belt is. treadcoach leaves the incline alone."
        " How steep is the belt? Enter it here; to change it, use the console."
    )
    assert motor.control.is_asked
    assert motor.control.question(6.0) is None
    assert motor.control.answered(50.0) == "This machine cannot be set to 50 %."
    assert motor.control.is_asked
    said = motor.control.answered(4.0)
    assert said == "Noted: the belt is at 4 %. Tell treadcoach when you change it."
    assert not motor.control.is_asked and motor.belief.percent == 4.0
    assert motor.orderable() is None
    assert motor.control.answered(5.0).startswith("Noted: the belt is at 5 %"), "and it may be said again"


def test_a_known_incline_is_not_asked() -> None:
    assert Motor(2.0).control.question(100.0) is None
    assert Motor(2.0, None).control.question(100.0) is None
    assert Motor(2.0).control.answered(3.0) == "The machine says its incline itself."
    assert Motor(2.0, None).control.answered(3.0) == "This machine has no incline that could be set."


def test_without_a_link_nothing_is_asked() -> None:
    motor = Motor(None)
    motor.control.link_changed(2.0, up=False)
    assert motor.control.question(100.0) is None
    motor.control.link_changed(50.0, up=True)
    assert motor.control.question(54.0) is None
    assert motor.control.question(55.0) is not None


def test_what_a_hand_has_set_is_watched_from_there() -> None:
    motor = Motor(2.0)
    motor.status(60)
    assert motor.report(2.5) == InclineHand(6.0, above=False)
    for percent in (4.0, 5.5, 7.0, 7.5, 7.5):
        motor.report(percent)
        assert motor.control.check(motor.now_s) == (None, None)
    motor.report(7.6)
    motor.report(7.6)
    assert motor.control.check(motor.now_s)[0] is not None
    stuck = Motor(2.0)
    stuck.status(60)
    stuck.report(2.5)
    said = []
    for _ in range(30):
        stuck.report(2.6)
        said.append(stuck.control.check(stuck.now_s)[1])
    assert said[20] is None and said[21] is not None


def test_an_incline_that_wanders_off_by_itself_is_left_alone() -> None:
    for begin in (
        lambda motor: motor.control.released(motor.now_s),
        lambda motor: [motor.status(100, ordered=50), *(motor.report() for _ in range(9))],
    ):
        motor = Motor(5.0)
        begin(motor)
        for percent in (4.0, 3.0):
            motor.report(percent)
        said = []
        for _ in range(30):
            motor.report()
            said += [words] if (words := motor.control.check(motor.now_s)[1]) else []
        assert len(said) == 1


def test_the_way_of_a_claim() -> None:
    stays = Motor(2.0)
    stays.status(20, ordered=50)
    assert stays.report(2.4) is None, "it goes where it was ordered, and was where the status says"
    back = Motor(2.0)
    back.status(20, ordered=50)
    assert back.report(1.7) is None
    little = Motor(2.0)
    little.status(21, ordered=50)
    assert little.report(2.2) == InclineHand(2.1, above=False)
    lower = Motor(2.0)
    lower.status(19, ordered=50)
    assert lower.report(1.8) == InclineHand(1.9, above=False)


def test_a_status_at_the_edges() -> None:
    motor = Motor(2.0)
    assert motor.status(131) is None
    assert motor.status(132) is not None
    slow, hand = Motor(2.0), None
    for k in range(5):
        slow.status(60 + 2 * (k % 2))
        hand = hand or slow.report(slow.percent + 0.1)  # type: ignore[operator]
    assert hand == InclineHand(6.0, above=False)


def test_an_order_is_told_in_its_own_unit() -> None:
    for dpct, answers in ((22, True), (23, False)):
        motor = Motor(2.0)
        motor.control.released(motor.now_s)
        motor.control.taken(motor.now_s, dpct)
        for _ in range(22):
            motor.report()
        assert (motor.orderable() is not None) is answers
