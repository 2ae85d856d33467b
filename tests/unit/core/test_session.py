"""The session by itself: what is owed over a lost link, how it ends, and what a belt at rest means."""

import pytest

from tests.support.rig import RULES, make_setup
from treadcoach.core.belt import BeltView
from treadcoach.core.effects import Effect, Say, ShutGate, StartBelt, StopBelt
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import ENDED, ON_BELT, TRANSITIONS, NoSuchTransition, Phase, Trigger, next_phase
from treadcoach.core.ramp_lag import RampLag
from treadcoach.core.samples import SpeedRange
from treadcoach.core.session import Session
from treadcoach.core.sustained import SustainedLedger

SETUP = make_setup(Machine("F0:00", "direct", speed_range=SpeedRange(0.8, 18.0, 0.1)))


def belt(kmh: float | None, age_s: float = 0.0) -> BeltView:
    return BeltView(kmh, 0.0, age_s, 0.0)


class Story:
    """One session that is told what happens, with the time going on."""

    def __init__(self) -> None:
        ledger = SustainedLedger(SETUP.ceiling.curve, SETUP.ceiling.walk_kmh)
        self.session = Session(SETUP.timeline, RULES, ledger, RampLag(6.0, 5.0))
        self.now_s = 100.0
        self.kmh = 0.0

    def ask(self, kind: IntentKind) -> list[Effect]:
        return self.session.on_intent(Intent(kind, "test"), self.now_s, belt(self.kmh))

    def link(self, up: bool) -> list[Effect]:
        if up:
            return self.session.on_link_up(self.now_s, belt(self.kmh))
        return self.session.on_link_down(self.now_s)

    def tick(self, kmh: float | None = None, seconds: float = 0.5, *, stands: bool = False) -> list[Effect]:
        self.kmh = self.kmh if kmh is None else kmh
        self.now_s += seconds
        effects, wish = self.session.tick(self.now_s, belt(self.kmh), stands=stands)
        assert (wish is not None) <= (self.session.phase in ON_BELT)
        return effects

    def running(self) -> "Story":
        self.link(True)
        self.ask(IntentKind.START)
        self.tick(0.8)
        assert self.session.phase is Phase.WARM_UP
        return self


def stops(effects: list[Effect]) -> list[str]:
    return [effect.cause for effect in effects if isinstance(effect, StopBelt)]


def said(effects: list[Effect]) -> str:
    return " ".join(effect.text for effect in effects if isinstance(effect, Say))


# -- a stop or pause that was asked for while the link is away -----------------------------------------


@pytest.mark.parametrize("kind", [IntentKind.PAUSE, IntentKind.STOP, IntentKind.UNWELL, IntentKind.NOT_RIGHT])
def test_what_was_asked_without_a_link_is_sent_first_with_the_next(kind: IntentKind) -> None:
    story = Story().running()
    story.link(False)
    story.now_s += 10
    story.ask(kind)
    story.now_s += 100
    effects = story.link(True)
    assert len(stops(effects)) == 1
    assert not any(isinstance(effect, StartBelt) for effect in effects)
    before = [type(effect) for effect in effects]
    assert before.index(StopBelt) <= 1, "nothing but the gate goes before it"


def test_a_pause_before_the_link_was_lost_is_sent_again_until_the_belt_stands() -> None:
    story = Story().running()
    story.ask(IntentKind.PAUSE)
    for _ in range(3):
        story.link(False)
        story.now_s += 5
        assert len(stops(story.link(True))) == 1
    story.tick(0.0, stands=True)
    assert story.session.owed_stop is None
    story.link(False)
    effects = story.link(True)
    assert stops(effects) == [] and any(isinstance(effect, ShutGate) for effect in effects)


def test_a_link_that_was_only_lost_owes_nothing() -> None:
    story = Story().running()
    story.link(False)
    assert story.session.phase is Phase.LINK_LOST
    effects = story.link(True)
    assert stops(effects) == [] and "press start" in said(effects).lower()
    assert story.session.phase is Phase.PAUSED


def test_a_start_pays_what_was_owed() -> None:
    story = Story().running()
    story.ask(IntentKind.PAUSE)
    story.tick(0.0, stands=True)
    assert any(isinstance(effect, StartBelt) for effect in story.ask(IntentKind.START))
    story.link(False)
    assert stops(story.link(True)) == []


def test_a_belt_that_is_still_stopping_is_not_taken_over() -> None:
    story = Story().running()
    story.ask(IntentKind.PAUSE)
    story.tick(4.0)
    effects = story.ask(IntentKind.START)
    assert not any(isinstance(effect, StartBelt) for effect in effects)
    assert "still stopping" in said(effects)
    story.tick(0.0, stands=True)
    assert any(isinstance(effect, StartBelt) for effect in story.ask(IntentKind.START))


# -- how it ends ----------------------------------------------------------------------------------------


def test_a_zero_speed_alone_does_not_end_a_session() -> None:
    story = Story().running()
    story.ask(IntentKind.STOP)
    for _ in range(20):
        story.tick(0.0)
        assert story.session.phase is Phase.STOPPING
    story.tick(0.0, stands=True)
    assert story.session.phase is Phase.STOPPED
    assert not story.session.unconfirmed and story.session.owed_stop is None


def test_a_belt_that_is_never_seen_to_stand_ends_the_session_all_the_same() -> None:
    story = Story().running()
    story.ask(IntentKind.STOP)
    since_s = story.now_s
    text = ""
    while story.session.phase is not Phase.STOPPED:
        text += said(story.tick(5.0, 1.0))
        assert story.now_s - since_s <= RULES.stop_patience_s + 1
    assert story.now_s - since_s > RULES.stop_patience_s
    assert story.session.unconfirmed
    assert "could not confirm that the belt has stopped" in text


def test_another_stop_gives_no_new_patience() -> None:
    story = Story().running()
    story.ask(IntentKind.STOP)
    since_s = story.now_s
    while story.session.phase is not Phase.STOPPED:
        story.ask(IntentKind.STOP)
        story.tick(5.0, 10.0)
        assert story.now_s - since_s <= RULES.stop_patience_s + 11


def test_every_stop_goes_out_also_when_the_session_is_over() -> None:
    story = Story().running()
    for _ in range(5):
        assert len(stops(story.ask(IntentKind.STOP))) == 1
    story.tick(0.0, stands=True)
    assert story.session.phase in ENDED
    assert len(stops(story.ask(IntentKind.STOP))) == 1


# -- a belt that comes to rest by itself -------------------------------------------------------------------


def test_a_belt_that_comes_to_rest_is_a_pause_that_a_person_ends() -> None:
    story = Story().running()
    effects = story.session.belt_fell_to_zero(story.now_s)
    assert story.session.phase is Phase.PAUSED
    assert [type(effect) for effect in effects[:2]] == [ShutGate, StopBelt]
    story.tick(0.0, stands=True)
    assert any(isinstance(effect, StartBelt) for effect in story.ask(IntentKind.START))
    story.tick(0.8)
    assert story.session.phase is Phase.WARM_UP
    assert Story().session.belt_fell_to_zero(100.0) == [], "off the belt it is nothing"


def test_a_pulled_key_is_a_stop_that_stays() -> None:
    story = Story().running()
    assert len(stops(story.session.on_safety_key(story.now_s))) == 1
    story.tick(0.0, stands=True)
    assert story.session.phase is Phase.STOPPED
    assert not any(isinstance(effect, StartBelt) for effect in story.ask(IntentKind.START))


# -- starts ------------------------------------------------------------------------------------------------


def test_a_start_that_was_taken_and_moves_nothing_is_stopped() -> None:
    story = Story()
    story.link(True)
    story.ask(IntentKind.START)
    story.session.start_taken = True
    effects = story.session.on_start_failed("it does not move", story.now_s)
    assert len(stops(effects)) == 1 and story.session.phase is Phase.READY
    refused = Story()
    refused.link(True)
    refused.ask(IntentKind.START)
    effects = refused.session.on_start_failed("refused", refused.now_s)
    assert stops(effects) == [] and "Press Start on its console" in said(effects)
    assert refused.session.phase is Phase.ARMED and refused.session.start_was_refused
    text = ""
    while refused.session.phase is Phase.ARMED:
        text += said(refused.tick(0.0, 1.0))
        assert refused.now_s < 300
    assert "did not start" in text and refused.session.owed_stop is not None


def test_no_start_on_a_belt_that_does_not_report() -> None:
    story = Story()
    story.link(True)
    for view in (belt(None), belt(0.0, RULES.stale_hold_s + 0.1)):
        effects = story.session.on_intent(Intent(IntentKind.START, "test"), story.now_s, view)
        assert not any(isinstance(effect, StartBelt) for effect in effects)
        assert story.session.phase is Phase.READY


# -- the table of phases ----------------------------------------------------------------------------------


def test_only_a_standing_belt_or_a_lost_patience_ends_a_stopping_session() -> None:
    ways = {trigger for (phase, trigger), to in TRANSITIONS.items() if set(to) & ENDED}
    assert ways == {Trigger.BELT_STANDS, Trigger.GIVEN_UP}
    assert next_phase(Phase.STOPPING, Trigger.GIVEN_UP) is Phase.STOPPED
    assert next_phase(Phase.STOPPING, Trigger.BELT_STANDS, Phase.DONE) is Phase.DONE
    for phase in Phase:
        if phase is Phase.STOPPING:
            continue
        for trigger in (Trigger.BELT_STANDS, Trigger.GIVEN_UP):
            with pytest.raises(NoSuchTransition):
                next_phase(phase, trigger, Phase.STOPPED)


def test_nothing_leads_onto_the_belt_but_a_belt_that_moves_after_a_person_started() -> None:
    for (phase, trigger), to in TRANSITIONS.items():
        if set(to) & ON_BELT and phase not in ON_BELT:
            assert (phase, trigger) == (Phase.ARMED, Trigger.BELT_MOVES)
        if Phase.ARMED in to:
            assert trigger is Trigger.PERSON_STARTS
        assert phase not in ENDED
