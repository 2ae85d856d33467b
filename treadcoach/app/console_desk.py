"""What comes from the console: statuses, the runner's hand, and a moving belt that is handed over."""

from collections.abc import Callable

from treadcoach.app.belt_alarms import BeltAlarms
from treadcoach.app.belt_parts import STARTS_BELOW_CKMH, BeltParts
from treadcoach.control.console_override import CLAIM_LIFE_S, ConsoleOverride
from treadcoach.control.incline_control import InclineHand
from treadcoach.control.takeover import Takeover
from treadcoach.core.belt import MOVING_KMH
from treadcoach.core.effects import Effect, Level
from treadcoach.core.phases import ON_BELT, Phase
from treadcoach.core.units import KM_PER_MILE, ckmh_floor
from treadcoach.guard.limits import Bound, lowest
from treadcoach.wire.machine_status import StatusOp, decode_machine_status

NEAR_CKMH = 10
AHEAD_CKMH = 30
MOST_UNFOLLOWED = 3
COUNTDOWN_S = 15.0
"""What was set at the console in a countdown is where the belt goes when that is over."""


class ConsoleDesk:
    """Tells the session and the gate of hands. Speeds in 0.01 km/h, times the one clock's seconds."""

    def __init__(
        self,
        parts: BeltParts,
        alarms: BeltAlarms,
        apply: Callable[[list[Effect]], None],
        control_lost: Callable[[str], None],
    ) -> None:
        self._belt = parts
        self._alarms = alarms
        self._apply = apply
        self._control_lost = control_lost
        self._override = ConsoleOverride(parts.grid)
        self._takeover: Takeover | None = None
        self._set: tuple[float, int] | None = None
        """When a speed was last said to be set at the console, and which."""
        self._set_in_countdown = False
        """More than belts start with was set at the console before this one moved."""
        self.started_belt = False
        """The belt was moving when it was released, or a person pressed Start at the console."""

    # -- releases and links ------------------------------------------------------------

    def released(self, *, moving: bool) -> None:
        """A person released the belt."""
        self._override.begin()
        self._takeover = None
        self.started_belt, self._set_in_countdown = moving, False

    def carry_on(self, before: "ConsoleDesk") -> None:
        """The session goes by a new setup: what was set at the console stays set."""
        self._set = before._set

    def shut(self) -> None:
        """The gate is shut: nothing is handed over any more."""
        self._takeover = None

    def link_changed(self) -> None:
        self._takeover = None
        self._override.begin()

    def take_over(self, now_s: float, ckmh: int) -> None:
        """The belt moves already: nothing is ordered before it is known where it is going."""
        belt = self._belt
        self._takeover = Takeover(now_s, self._set, belt.ordering.speed_ceiling_ckmh(), ckmh)
        belt.watch.take_over(now_s, ckmh)
        belt.watch.expect_free(now_s, max(ckmh, belt.ordering.speed_ceiling_ckmh()))

    def ordered(self, now_s: float, ckmh: int) -> None:
        """The machine took a speed of ours."""
        self._override.ordered(now_s, ckmh)

    # -- what holds orders back --------------------------------------------------------

    @property
    def is_taking_over(self) -> bool:
        return self._takeover is not None

    def is_deciding(self, now_s: float) -> bool:
        """Whether it is not known yet whose the speed is."""
        return self._override.is_deciding(now_s)

    def claims_below(self, ckmh: int) -> bool:
        """Whether a status has just said a slower speed than this one."""
        return self._override.claims_below(ckmh)

    def explains(self, ckmh: int) -> bool:
        """Whether a status has just said this speed: then it is a hand's until it is known better."""
        return self._override.claims(ckmh)

    def forget_unfollowed(self, now_s: float) -> None:
        """An order that the machine took and its belt did not follow is nothing to go on from."""
        ordered = self._belt.gate.ordered_speed_ckmh
        if ordered is not None and (belt := self._override.unfollowed(now_s, ordered)) is not None:
            # It is told to stay where it is: the machine may still take what it was told before.
            self._belt.gate.adopt_speed(belt, now_s, must_order=True)
            if self._override.unfollowed_times >= MOST_UNFOLLOWED:
                self._alarms.alarm("the belt does not follow its orders")

    def go_on_from_claim(self, now_s: float) -> None:
        """A belt that is at the faster speed that a status said: a way down begins there, whoever set it."""
        belt, ordered = self._belt, self._belt.gate.ordered_speed_ckmh
        if ordered is None or belt.sensors.speed_kmh is None or belt.sensors.is_falling():
            return
        reading = round(belt.sensors.speed_kmh * 100)
        if reading > lowest(belt.ordering.fixed_speed_bounds()).ceiling:
            return  # so fast only a hand drives it, or nobody
        if reading > ordered + AHEAD_CKMH and self._override.claims(reading):
            belt.gate.adopt_speed(reading, now_s)

    def bounds(self, now_s: float, ordered: int | None) -> list[Bound]:
        """What a hand has set, and what may be in a hand."""
        bound = None if ordered is None else self._override.bound(now_s, ordered)
        bounds = [] if bound is None else [bound]
        if (cap_kmh := self._belt.session.console_cap_kmh) is not None:
            cap = ckmh_floor(cap_kmh)
            bounds.append(Bound("console", cap, f"you set {self._belt.words(cap)}"))
        return bounds

    # -- what the machine says ---------------------------------------------------------

    def on_reading(self, now_s: float, ckmh: int) -> bool:
        """A believed speed; whether an order that is under way is void by it, because a hand was faster."""
        belt = self._belt
        is_moving = ckmh >= MOVING_KMH * 100
        # Where our own start was refused it was started at the console, whether a status says so or not.
        self.started_belt = self.started_belt or belt.session.start_was_refused
        hand_drives = self.started_belt or self._set_in_countdown
        is_new = belt.session.phase is Phase.ARMED or (
            self._set_in_countdown and belt.session.phase in ON_BELT
        )
        if is_new and self._takeover is None and is_moving and hand_drives:
            self._set_in_countdown = False
            self.take_over(now_s, ckmh)
        if not belt.gate.is_open:
            return False
        if self._takeover is not None:
            base = self._takeover.on_reading(now_s, ckmh, is_steady=belt.sensors.is_steady())
            belt.gate.adopt_speed(base, now_s, must_order=self._takeover.must_order)
            if self._takeover.is_over:
                set_ckmh, self._takeover = self._takeover.set_meanwhile, None
                belt.watch.adopt(now_s, base)
                if set_ckmh is not None and abs(set_ckmh - base) <= NEAR_CKMH:
                    self._keep_slower(now_s, set_ckmh)
            return False
        ordered = belt.gate.ordered_speed_ckmh
        if ordered is None or belt.session.phase not in ON_BELT:
            return False
        set_ckmh = self._override.on_reading(now_s, ckmh, ordered)
        return set_ckmh is not None and self._hand(now_s, set_ckmh, ckmh, ordered)

    def _keep_slower(self, now_s: float, ckmh: int) -> None:
        """Slower was set at the console after the start, while the belt was being taken over."""
        belt = self._belt
        if belt.session.phase in ON_BELT and ckmh / 100 < belt.session.progress.target_kmh():
            ceiling_kmh = belt.ordering.speed_ceiling_ckmh() / 100
            self._apply(belt.session.on_hand(ckmh / 100, ceiling_kmh, now_s, is_slower=True))

    def _hand(self, now_s: float, ckmh: int, reading: int, ordered: int) -> bool:
        belt = self._belt
        is_slower = ckmh < ordered
        # Where our own order came on top of the hand the belt is still at it: down from there, by the ramp.
        is_undone = is_slower and abs(reading - ordered) <= NEAR_CKMH
        if not is_undone:
            belt.gate.adopt_speed(ckmh, now_s)
            belt.watch.adopt(now_s, ckmh)
        belt.say.event("hand", Level.INFO, f"speed set to {belt.words(ckmh)} at the console")
        ceiling_kmh = belt.ordering.speed_ceiling_ckmh() / 100
        self._apply(belt.session.on_hand(ckmh / 100, ceiling_kmh, now_s, is_slower=is_slower))
        if belt.session.hands_off:
            self._alarms.taken_over(ckmh)
        return not is_undone

    def on_status(self, now_s: float, data: bytes, *, order_under_way: int | None) -> None:
        """One Machine Status. order_under_way: a speed that was not answered yet. Raises FrameError."""
        belt, status = self._belt, decode_machine_status(data)
        if status.op not in (StatusOp.TARGET_SPEED, StatusOp.TARGET_INCLINE):
            belt.say.event("status", Level.INFO, f"machine: {status.event} {status.param or ''}".strip())
        match status.op:
            case StatusOp.STOPPED_OR_PAUSED:
                belt.stopping.standing.on_stopped_status()
                self._apply(belt.session.on_console_stop(status.param, now_s))
            case StatusOp.SAFETY_KEY:
                self._apply(belt.session.on_safety_key(now_s))
            case StatusOp.STARTED_OR_RESUMED:
                belt.session.on_console_start()
                # Otherwise it is an echo of our own start, and the belt is judged as started by it.
                self.started_belt = self.started_belt or belt.session.start_was_refused
            case StatusOp.CONTROL_LOST | StatusOp.RESET:
                self._control_lost(f"the machine reports {status.event.replace('_', ' ')}")
            case StatusOp.TARGET_SPEED if status.speed_kmh is not None:
                # What it takes in miles it says in miles.
                in_miles = KM_PER_MILE if belt.setup.machine.takes_mph else 1.0
                self._speed_set(now_s, status.speed_kmh * in_miles, order_under_way)
            case StatusOp.TARGET_INCLINE if status.incline_percent is not None:
                dpct = round(status.incline_percent * 10)
                if (why := belt.incline.on_status(now_s, dpct, belt.gate.ordered_incline_dpct)) is not None:
                    belt.say.doubt("status incline", f"Ignored a message of the machine: {why}.")

    def _speed_set(self, now_s: float, kmh: float, order_under_way: int | None) -> None:
        """A hand, an echo or nonsense. It is kept track of whether the gate is open or shut."""
        belt = self._belt
        if not belt.sensors.judge.believable_target(kmh):
            words = f"Ignored a message of the machine: no treadmill can be set to {kmh:g} km/h."
            belt.say.doubt("status speed", words)
            return
        ckmh = round(kmh * 100)
        self._set = (now_s, ckmh)
        if belt.session.phase is Phase.ARMED and ckmh > STARTS_BELOW_CKMH:
            self._set_in_countdown = True
            belt.watch.claimed(now_s + COUNTDOWN_S, ckmh)
        self._alarms.console_set(ckmh)
        if self._takeover is not None:
            self._takeover.hand_set(now_s, ckmh)
            return
        ordered, reading = belt.gate.ordered_speed_ckmh, belt.sensors.speed_kmh
        if belt.session.phase in ON_BELT and belt.gate.is_open and ordered is not None:
            now_ckmh = ordered if reading is None else round(reading * 100)
            self._override.on_status(now_s, ckmh, ordered, now_ckmh, under_way=order_under_way)
            if self._override.claims(ckmh):
                belt.gate.void_speed()
            if ckmh > max(now_ckmh + AHEAD_CKMH, ordered):
                # A speed that the belt is not at yet: no echo of a belt that runs away by itself.
                belt.watch.claimed(now_s + CLAIM_LIFE_S, ckmh)

    def on_incline(self, now_s: float) -> None:
        """After each frame: a hand that has turned out to be one."""
        hand = self._belt.incline.on_reading(now_s, self._belt.ordering.incline_ceiling_dpct())
        if hand is not None and self._belt.session.phase in (Phase.ARMED, *ON_BELT):
            self._incline_hand(hand, now_s)

    def _incline_hand(self, hand: InclineHand, now_s: float) -> None:
        belt = self._belt
        if not hand.above:
            was = belt.gate.ordered_incline_dpct
            is_flatter = was is None or hand.percent * 10 < was
            belt.gate.adopt_incline(round(hand.percent * 10), now_s)
            self._apply(belt.session.on_incline_hand(hand.percent, is_flatter=is_flatter))
            return
        text = (
            f"You set {hand.percent:g} % at the console, steeper than your limit. treadcoach does not fight"
            " you and leaves the incline alone until you ask for another."
        )
        belt.say.event("say", Level.WARNING, text)
