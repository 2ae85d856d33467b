"""A hand at the console: what the belt's readings bear out, and what is an echo or nonsense."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.control.console_override import ConsoleOverride
from treadcoach.guard.limits import Grid

GRID = Grid(80, 1800, 10)


class Belt:
    """A belt that is coached: readings once a second, and what the console is found to have set."""

    def __init__(self, ckmh: int = 800, grid: Grid = GRID) -> None:
        self.console = ConsoleOverride(grid)
        self.now_s = 100.0
        self.order = ckmh
        self.console.ordered(self.now_s, ckmh)
        self.readings([ckmh] * 5)

    def readings(self, belts: Iterable[int], apart_s: float = 1.0) -> list[int | None]:
        out = []
        for belt in belts:
            self.now_s += apart_s
            found = self.console.on_reading(self.now_s, belt, self.order)
            if found is not None:
                self.order = found
            out.append(found)
        return out

    def ordered(self, ckmh: int) -> None:
        self.order = ckmh
        self.console.ordered(self.now_s, ckmh)

    def status(self, said: int, belt: int | None = None, *, under_way: int | None = None) -> None:
        at = self.order if belt is None else belt
        self.console.on_status(self.now_s, said, self.order, at, under_way=under_way)

    def held(self) -> bool:
        bound = self.console.bound(self.now_s, self.order)
        assert bound is None or (bound.name, bound.ceiling) == ("console", self.order)
        return bound is not None


def test_a_belt_at_its_order_is_in_nobodys_hand() -> None:
    belt = Belt(800)
    assert belt.readings([800, 803, 797, 800] * 10) == [None] * 40
    assert not belt.held() and not belt.console.is_deciding(belt.now_s)


def test_slower_with_a_status() -> None:
    belt = Belt(800)
    belt.status(500)
    assert belt.held() and belt.console.is_deciding(belt.now_s), "nothing faster while it is not known"
    assert belt.readings([786]) == [None], "reports waver"
    assert belt.readings([720]) == [500]
    assert not belt.held() and not belt.console.is_deciding(belt.now_s)


def test_faster_with_a_status() -> None:
    belt = Belt(800)
    belt.status(1000)
    assert belt.readings([814]) == [None]
    assert belt.readings([815]) == [1000]
    over = Belt(800)
    over.status(1000)
    assert over.readings([1016]) == [None], "not where the status says"
    assert over.readings([1015]) == [1000]
    near = Belt(800)
    near.status(829)
    assert near.readings([815]) == [None], "no more ahead than a speed of the moment may be"
    assert near.readings([829, 829]) == [None, 829], "by a hand if it rests there"
    ahead = Belt(800)
    ahead.status(830)
    assert ahead.readings([815]) == [830]


def test_quick_keys_on_a_quick_belt_are_a_hand() -> None:
    belt = Belt(180)
    belt.readings([160])
    said: list[int | None] = []
    for speed in range(210, 400, 30):
        belt.status(speed, speed - 50)
        said += belt.readings([speed], apart_s=0.5)
    assert said[1] is not None and belt.order >= 360


def test_a_machine_that_says_each_speed_of_a_belt_that_climbs_by_itself_names_no_hand() -> None:
    belt, found = Belt(400), []
    for speed in range(407, 600, 15):
        belt.status(speed, speed)
        found += belt.readings([speed + 8], apart_s=0.5)
    assert found == [None] * len(found)


def test_a_small_step_of_the_keys() -> None:
    for said in (790, 810):
        belt = Belt(800)
        belt.status(said)
        assert belt.readings([said, said]) == [None, said], "told from two readings there"
    for said in (795, 805):
        belt = Belt(800)
        belt.status(said)
        assert not belt.held(), "so near it is our own order"


def test_a_status_that_nothing_follows_is_nonsense() -> None:
    for said in (500, 1200):
        belt = Belt(800)
        belt.status(said)
        assert belt.readings([800] * 10) == [None] * 10
        assert not belt.held()
        assert belt.readings([800] * 10) == [None] * 10
    below = Belt(800)
    below.status(74)
    assert not below.held(), "nothing that this machine can be set to"
    lowest = Belt(800)
    lowest.status(75)
    assert lowest.held()


def test_an_echo_is_known_by_a_belt_that_stays_or_comes_to_its_order() -> None:
    stays = Belt(800)
    stays.status(700)
    assert stays.readings([800]) == [None] and stays.held(), "a belt takes a moment to leave its order"
    assert stays.readings([800]) == [None] and not stays.held()
    comes = Belt(800)
    comes.ordered(830)
    comes.status(790, 790)
    assert comes.readings([800, 812], 0.3) == [None, None] and comes.held()
    assert comes.readings([830], 0.3) == [None] and comes.held(), "it may only pass it"
    assert comes.readings([830], 0.3) == [None] and not comes.held(), "it went where it was ordered"


def test_on_the_way_up_to_what_a_hand_has_set_the_belt_passes_its_order() -> None:
    belt = Belt(800)
    belt.ordered(830)
    belt.status(1000, 800)
    assert belt.readings([812, 830]) == [None, None], "passing"
    assert belt.held()
    assert belt.readings([848]) == [1000]
    stays = Belt(800)
    stays.ordered(830)
    stays.status(1000, 800)
    assert stays.readings([815, 830, 830]) == [None, None, None]
    assert not stays.held(), "it stayed there"


def test_the_momentary_speeds_of_a_changing_belt_are_no_hand() -> None:
    """Some machines report each speed on the way as a changed target."""
    for start, order in ((800, 830), (800, 770)):
        belt = Belt(start)
        belt.ordered(order)
        step = 6 if order > start else -6
        found = []
        for reading in range(start + step, order + step, step):
            belt.status(reading, reading)
            found += belt.readings([reading], 0.5)
        assert found == [None] * len(found)
        assert belt.readings([order] * 12) == [None] * 12
        assert not belt.held()


def test_an_echo_before_its_answer_is_no_claim_any_more() -> None:
    belt = Belt(800)
    belt.status(830, 800, under_way=830)
    assert not belt.held()
    assert belt.readings([815, 830, 830, 830]) == [None] * 4, "it is carried out before it is answered"
    belt.ordered(830)
    assert belt.readings([806, 818, 830, 830, 830]) == [None] * 5
    assert not belt.held()


def test_keys_back_down_to_our_own_order_are_a_hand_at_it() -> None:
    belt = Belt(80)
    belt.readings([50])
    for said in (250, 200, 150, 100, 80):
        belt.status(said, 60)
    assert belt.held()
    assert belt.readings([75, 82, 82]) == [None, None, 80]
    echoed = Belt(800)
    echoed.ordered(800)
    for said in (830, 800):
        echoed.status(said)
    assert echoed.readings([800] * 8) == [None] * 8, "our order's own echo is due"


def test_keys_that_set_less_while_the_belt_still_goes_up() -> None:
    belt = Belt(110)
    belt.status(650, 84)
    assert belt.readings([100, 130]) == [None, 650]
    for said, at in ((590, 130), (560, 190), (530, 250)):
        belt.status(said, at)
        assert belt.readings([at + 60], apart_s=2.0) == [None]
    assert belt.readings([*range(330, 530, 20), 530]) == [None] * 11, "below both: it may go to either"
    assert belt.readings([530]) == [530]
    past = Belt(700)
    past.ordered(900)
    past.status(800, 700)
    assert past.readings([730, 760, 790, 820, 850, 880, 900, 900]) == [None] * 8
    assert not past.held(), "it went past what was said, to its order"


def test_keys_on_a_belt_that_is_off_its_order_by_itself() -> None:
    def after(said: int, *belts: int) -> list[int]:
        off = Belt(320)
        off.readings([370, 370])
        off.status(said, 370)
        return [found for found in off.readings(belts) if found is not None]

    assert after(290, 370, 360, *[340] * 9) == [290], "slower than both, and the belt has gone down"
    assert after(290, *[370] * 11) == [], "it has not"
    assert after(185, 370, 360, *[340] * 9) == [], "no key goes so far"


def test_a_late_echo_answers_no_claim() -> None:
    belt = Belt(800)
    belt.status(500)
    belt.status(800)
    assert belt.held()
    assert belt.readings([720]) == [500]


def test_a_claim_that_is_repeated_keeps_its_time_and_another_replaces_it() -> None:
    belt = Belt(800)
    for _ in range(7):
        belt.status(500)
        belt.readings([790])
    assert not belt.held(), "6 s after the first"
    belt.status(500)
    assert belt.held()
    keys = Belt(800)
    keys.status(750)
    keys.status(700)
    keys.status(650)
    assert keys.readings([770, 720]) == [650, None]


def test_a_key_that_our_order_has_undone_is_kept_all_the_same() -> None:
    belt = Belt(800)
    belt.ordered(900)
    belt.readings([840])
    belt.status(790, 840, under_way=900)
    assert belt.readings([870, 885, 900, 900]) == [None, None, None, 790]
    late = Belt(800)
    late.ordered(900)
    late.readings([840])
    late.status(790, 840)
    found = late.readings([870, 885, 900, 900, 900])
    assert found == [None] * 5, "no order went out with it: an echo"
    for said in (700, 200):
        quick = Belt(800)
        quick.ordered(900)
        quick.status(said, 801)
        assert quick.readings([850, 890, 900, 900]) == [None, None, None, said], "however far it goes"
    waited = Belt(800)
    waited.ordered(900)
    waited.now_s += 0.8
    waited.status(700, 801)
    assert waited.readings([850, 890, 900, 900]) == [None] * 4


def test_a_machine_that_takes_miles_is_no_hand() -> None:
    """It says what it made of our order, and its belt goes there: nobody has set that."""
    for order in (80, 300, 530, 1100):
        miles = round(order * 1.609344)
        answered = Belt(order)
        answered.ordered(order)
        answered.status(miles)
        assert not answered.console.is_deciding(answered.now_s)
        assert answered.readings([miles] * 10) == [None] * 10
        before = Belt(order - 20 if order > 80 else 90)
        before.status(miles, under_way=order)
        before.ordered(order)
        assert before.readings([miles] * 10) == [None] * 10
    later = Belt(500)
    later.now_s += 2.1
    later.status(805)
    assert later.readings([600]) == [805], "a while after the order it is a hand's"
    other = Belt(500)
    other.ordered(500)
    other.status(811)
    assert other.readings([600]) == [811], "and so is any other speed"


# -- without a word ---------------------------------------------------------------------------


def test_a_belt_that_has_left_its_order_for_a_while_is_in_a_hand() -> None:
    belt = Belt(800)
    assert belt.readings([785, 785, 785]) == [None] * 3
    assert belt.readings([785]) == [785]
    assert belt.readings([785] * 20) == [None] * 20
    little = Belt(800)
    assert little.readings([786] * 30) == [None] * 30, "reports waver"


def test_a_belt_on_its_way_down_is_told_from_where_it_rests() -> None:
    belt = Belt(800)
    way = belt.readings(range(760, 500, -40))
    assert way == [None] * len(way)
    assert belt.readings([500, 500, 500, 500]) == [None, None, None, 500]


def test_a_belt_that_never_was_at_its_order_lags() -> None:
    belt = Belt(800)
    belt.ordered(900)
    assert belt.readings([850] * 30) == [None] * 30
    fell = Belt(800)
    fell.ordered(900)
    assert fell.readings([700] * 5)[-1] is None
    assert 700 in fell.readings([700] * 5), "but one that falls instead is in a hand"


def test_a_faster_belt_without_a_word_is_not_taken_for_a_hand() -> None:
    belt = Belt(800)
    assert belt.readings([900] * 30) == [None] * 30


def test_a_standing_belt_is_no_hands_speed() -> None:
    belt = Belt(800)
    assert belt.readings([29] * 30) == [None] * 30
    assert 30 in Belt(800).readings([30] * 10)


def test_a_coarse_machine_is_off_by_a_step() -> None:
    belt = Belt(800, Grid(100, 1600, 50))
    assert belt.readings([751] * 20) == [None] * 20
    assert 750 in belt.readings([750] * 5)


def test_a_belt_that_comes_back_was_in_no_hand() -> None:
    belt = Belt(800)
    for _ in range(10):
        assert belt.readings([780, 780, 800]) == [None] * 3


# -- while the belt does not follow ---------------------------------------------------------------


def test_nothing_faster_before_the_belt_has_followed_the_last_order() -> None:
    belt = Belt(800)
    belt.ordered(850)
    assert belt.held()
    belt.readings([804])
    assert belt.held(), "that is wavering"
    belt.readings([805])
    assert not belt.held()
    near = Belt(800)
    near.ordered(815)
    near.readings([800])
    assert not near.held(), "so near it is there"
    slow = Belt(800)
    slow.ordered(830)
    slow.readings([800, 800, 800])
    assert slow.held() and slow.console.bound(slow.now_s, 830).ceiling == 830  # type: ignore[union-attr]  # it is held
    slow.readings([800])
    bound = slow.console.bound(slow.now_s, 830)
    assert bound is not None and bound.ceiling == 850, (
        "coarse belts do not follow each step, but one of several"
    )
    assert slow.console.unfollowed(slow.now_s, 830) is None
    assert slow.console.unfollowed(slow.now_s, 850) == 800, "from there it goes on"
    assert slow.console.unfollowed_times == 1 and slow.console.unfollowed(slow.now_s, 850) is None
    falls = Belt(800)
    falls.ordered(850)
    falls.readings([785])
    falls.readings([785] * 2)
    assert falls.held()
    falls.readings([785])
    assert falls.held(), "but one that fell is not sped up"


def test_forgetting_leaves_nothing() -> None:
    belt = Belt(800)
    belt.status(500)
    belt.console.begin()
    assert not belt.held() and not belt.console.is_deciding(belt.now_s)
    assert belt.readings([800] * 3) == [None] * 3
    fresh = ConsoleOverride(GRID)
    assert fresh.bound(0.0, 500) is None and not fresh.is_deciding(0.0)
    assert fresh.on_reading(1.0, 500, 500) is None


def test_deciding_is_over_after_a_while_whatever_is_said() -> None:
    belt = Belt(800)
    deciding = []
    for said in range(60):
        belt.status(600 - 2 * said if said % 2 else 400 - 2 * said)
        deciding.append(belt.console.is_deciding(belt.now_s))
        belt.readings([790])
    longest = max(len(run) for run in "".join("x" if held else " " for held in deciding).split())
    assert longest <= 9 and not all(deciding), "statuses without end do not keep the coach from ordering"


@given(
    happenings=st.lists(
        st.tuples(st.sampled_from(["status", "order", "reading"]), st.integers(0, 2500), st.floats(0.1, 3)),
        max_size=60,
    )
)
def test_what_is_found_was_said_or_is_where_the_belt_is(happenings: list[tuple[str, int, float]]) -> None:
    belt, said = Belt(800), set()
    for what, ckmh, wait in happenings:
        belt.now_s += wait
        if what == "status":
            belt.status(ckmh)
            said.add(ckmh)
        elif what == "order":
            belt.ordered(max(ckmh, 80))
        else:
            found = belt.readings([ckmh], 0.0)[0]
            assert found is None or found in said or found == ckmh
            if found is not None and found not in said:
                assert found >= 30
            assert found is None or not belt.console.is_deciding(belt.now_s)


@given(nonsense=st.lists(st.tuples(st.integers(0, 6000), st.integers(-4, 4), st.floats(0.8, 2)), max_size=40))
def test_no_status_alone_moves_anything_of_a_belt_that_stays(
    nonsense: list[tuple[int, int, float]],
) -> None:
    belt = Belt(800)
    belt.now_s += 3
    for said, waver, wait in nonsense:
        belt.status(said, 800 + waver)
        assert belt.readings([800 + waver], wait) == [None] or abs(said - 800) <= 14


@pytest.mark.parametrize("key", [50, 100, 150])
@pytest.mark.parametrize("rate", [30, 80, 200])
def test_a_key_slower_is_found_on_every_kind_of_belt(key: int, rate: int) -> None:
    for speaks in (True, False):
        belt, at, found = Belt(800), 800, None
        if speaks:
            belt.status(800 - key)
        for _ in range(20):
            at = max(at - rate, 800 - key)
            found = found or belt.readings([at])[0]
        assert found == 800 - key


# -- edges ---------------------------------------------------------------------------------------


def test_why_nothing_faster_is_ordered() -> None:
    belt = Belt(800)
    belt.status(500)
    bound = belt.console.bound(belt.now_s, 800)
    assert bound is not None and bound.reason == "a speed may have been set at the console"
    belt = Belt(800)
    belt.ordered(850)
    bound = belt.console.bound(belt.now_s, 850)
    assert bound is not None and bound.reason == "the belt has not followed the last order yet"
    assert belt.console.bound(belt.now_s + 3.9, 850) is not None
    bound = belt.console.bound(belt.now_s + 4.0, 850)
    assert bound is not None and bound.reason == "the belt does not follow its orders"


def test_after_forgetting_a_belt_that_was_not_at_its_order_lags() -> None:
    belt = Belt(800)
    belt.console.begin()
    assert belt.readings([700] * 20) == [None] * 20


@pytest.mark.parametrize(("belt_at", "found"), [(795, None), (805, None), (794, 790), (806, 810)])
def test_at_an_order_is_within_the_rounding(belt_at: int, found: int | None) -> None:
    belt = Belt(800)
    belt.status(790 if belt_at < 800 else 810)
    assert belt.readings([belt_at, belt_at])[-1] == found


def test_towards_a_claim_at_its_edges() -> None:
    for at, found in ((786, None), (785, 500), (485, 500), (484, None)):
        belt = Belt(800)
        belt.status(500)
        assert belt.readings([at]) == [found]
    for wait, found in ((0.4, None), (0.5, 500)):
        belt = Belt(800)
        belt.status(500)
        assert belt.readings([700], wait) == [found]
    rising = Belt(800)
    rising.ordered(830)
    rising.status(700, 820)
    assert rising.readings([806]) == [None]
    assert rising.readings([805]) == [700], "from where the belt was, where that is lower"


def test_steady_at_a_claim() -> None:
    belt = Belt(800)
    belt.status(1000, 990)
    assert belt.readings([1000, 1006], 0.2) == [None, None]
    assert belt.readings([1001], 0.2) == [1000]
