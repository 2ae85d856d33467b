"""Any interleaving of wishes, readings, faults, console keys and time: no order leaves the bounds."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.direct import Direct
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ENDED, ON_BELT, Phase
from treadcoach.core.runner import Runner
from treadcoach.core.samples import InclineRange, SpeedRange
from treadcoach.virtual.belt import BeltState, Key, MachineModel

SPEEDS = [
    SpeedRange(0.8, 18.0, 0.1),
    SpeedRange(1.0, 16.0, 0.5),
    SpeedRange(0.96, 6.43, 0.32),
    SpeedRange(0.5, 25.0, 0.01),
]
INCLINES = [None, InclineRange(0.0, 12.0, 0.5), InclineRange(-3.0, 15.0, 1.0), InclineRange(0.0, 10.0, 0.0)]
WORKOUTS = [
    "10 s @ 4 km/h",
    "20 s @ 12 km/h + 30 s @ 4 km/h",
    "3 x (30 s @ 9 km/h, 8 % + 30 s @ 5 km/h, 0 %)",
    "300 m @ 20 km/h",
    "20 min @ 9 km/h",
]


FAULTS = ["no_data", "zero_frames", "reversed", "echo_braking", "takes_mph"]
WAYS = ["silent", "ignored", "refused", "soon", "late", "well"]


class SessionMachine(RuleBasedStateMachine):
    """Drives one session with everything that can happen to it."""

    @initialize(
        speed=st.sampled_from(SPEEDS),
        incline=st.sampled_from(INCLINES),
        workout=st.sampled_from(WORKOUTS),
        maximum=st.sampled_from([4.0, 8.0, 12.0, 30.0]),
        aching=st.booleans(),
        ceiling=st.sampled_from([None, 100, 150]),
        stretch=st.booleans(),
        lag=st.sampled_from([0.2, 0.6, 1.0]),
        begun_s=st.sampled_from([0, 15, 60, 330]),
        wrong=st.none() | st.tuples(st.sampled_from([0x02, 0x03]), st.sampled_from(WAYS)),
    )
    def set_up(self, speed, incline, workout, maximum, aching, ceiling, stretch, lag, begun_s, wrong):  # type: ignore[no-untyped-def]
        self.direct = Direct(
            MachineModel(speed_range=speed, incline_range=incline, acceleration_kmh_per_s=lag),
            Runner(
                comfortable_walk_kmh=5.0,
                comfortable_jog_kmh=8.5,
                max_speed_kmh=maximum,
                aching_back=aching,
                pulse_ceiling_bpm=ceiling,
            ),
            workout,
            {"stretch_break": stretch},
        )
        self.direct.link(True)
        self.direct.pass_time(2)
        if begun_s:
            # Most that can go wrong goes wrong on a belt that runs.
            self.direct.ask(IntentKind.START)
            self.direct.pass_time(begun_s)
        if wrong is not None:
            self._goes_wrong(*wrong)
            self.direct.pass_time(20)

    @rule(seconds=st.sampled_from([0.1, 0.7, 3.0, 20.0, 70.0, 150.0]))
    def time_passes(self, seconds: float) -> None:
        self.direct.pass_time(seconds)

    @rule(
        kind=st.sampled_from([k for k in IntentKind if k not in (IntentKind.STOP, IntentKind.UNWELL)]),
        amount=st.sampled_from([0.0, 0.2, 5.0, 1e6, float("nan")]),
    )
    def a_person_wants(self, kind: IntentKind, amount: float) -> None:
        self.direct.ask(kind, amount)

    @rule()
    def a_person_starts(self) -> None:
        self.direct.ask(IntentKind.START)
        self.direct.pass_time(12)

    @rule(kind=st.sampled_from([IntentKind.STOP, IntentKind.UNWELL, IntentKind.NOT_RIGHT]))
    def a_person_stops(self, kind: IntentKind) -> None:
        before = len(self.direct.stops)
        self.direct.ask(kind)
        assert len(self.direct.stops) == before + 1, "STOP did not leave at once"
        assert self.direct.stops[-1] == self.direct.now_s
        assert not self.direct.controller.gate.is_open

    @rule(key=st.sampled_from([Key.STOP, Key.PAUSE, Key.FASTER, Key.SLOWER, Key.STEEPER, Key.START]))
    def a_key_is_pressed(self, key: Key) -> None:
        self.direct.press(key)

    @rule(kmh=st.sampled_from([1.0, 5.0, 9.0, 16.0]))
    def a_hand_sets_the_speed(self, kmh: float) -> None:
        if self.direct.belt.state is BeltState.RUNNING:
            self.direct.set_by_hand(kmh)

    @rule(
        characteristic=st.sampled_from(["2ACD", "2ADA", "2AD9", "2A37", "2A53", "PMD"]),
        data=st.binary(max_size=24),
        device=st.sampled_from(["treadmill", "strap"]),
    )
    def a_frame_of_any_octets(self, characteristic: str, data: bytes, device: str) -> None:
        if device == "treadmill" and (characteristic == "2ACD" or data[:1] in (b"\x05", b"\x06")):
            self.direct.nonsense()  # the judge cannot know what of it is believed
        self.direct.frame(characteristic, data, device)

    @rule(bpm=st.integers(0, 255), contact=st.booleans())
    def a_pulse(self, bpm: int, contact: bool) -> None:
        self.direct.frame("2A37", bytes((0x06 if contact else 0x04, bpm)), "strap")

    @rule(bpm=st.sampled_from([90, 101, 151, 170]), seconds=st.sampled_from([5, 30]))
    def a_pulse_stays(self, bpm: int, seconds: int) -> None:
        for second in range(seconds):
            self.direct.frame("2A37", bytes((0x06, bpm + second % 2)), "strap")
            self.direct.pass_time(1)

    @precondition(lambda self: self.direct.linked)
    @rule()
    def the_link_goes(self) -> None:
        self.direct.link(False)

    @precondition(lambda self: not self.direct.linked)
    @rule()
    def the_link_returns(self) -> None:
        self.direct.link(True)
        self.direct.pass_time(1.5)

    @rule(fault=st.sampled_from(FAULTS), on=st.booleans())
    def a_fault(self, fault: str, on: bool) -> None:
        setattr(self.direct.belt.faults, fault, on)

    @rule(op=st.sampled_from([0x02, 0x03, 0x07, 0x08]), way=st.sampled_from(WAYS))
    def an_op_goes_wrong(self, op: int, way: str) -> None:
        self._goes_wrong(op, way)

    def _goes_wrong(self, op: int, way: str) -> None:
        faults = self.direct.belt.faults
        faults.silent.discard(op)
        faults.answered_but_ignored.discard(op)
        faults.result.pop(op, None)
        faults.delay_s.pop(op, None)
        if way == "silent":
            faults.silent.add(op)
        elif way == "ignored":
            faults.answered_but_ignored.add(op)
        elif way == "refused":
            faults.result[op] = 0x04
        elif way == "soon":
            faults.delay_s[op] = 0.8
        elif way == "late":
            faults.delay_s[op] = 6.0

    @rule(kmh=st.sampled_from([None, 19.0]))
    def the_belt_runs_away(self, kmh: float | None) -> None:
        self.direct.belt.faults.runaway_to_kmh = kmh

    @invariant()
    def no_order_left_its_bounds(self) -> None:
        if hasattr(self, "direct"):
            assert self.direct.violations == []

    @invariant()
    def the_gate_is_open_only_where_it_may_be(self) -> None:
        if hasattr(self, "direct") and self.direct.controller.gate.is_open:
            assert self.direct.controller.session.phase in ON_BELT | {Phase.ARMED}

    @invariant()
    def an_ended_session_stays_ended(self) -> None:
        if hasattr(self, "direct") and self.direct.controller.session.phase in ENDED:
            assert not self.direct.controller.gate.is_open


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = settings(
    max_examples=max(250, settings.default.max_examples), stateful_step_count=30
)
