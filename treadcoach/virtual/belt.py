"""A treadmill without its radio: belt, incline motor, console and the control-point rules.

One model for every test, the demo and `treadcoach sim`. Time is handed in; between two
moments speed and incline move linearly, so no step size enters. Figures of real belts:
braking 0.5 km/h/s, countdown 3.0-4.6 s, incline 0.3-0.7 %/s; upward acceleration was not
found and is a parameter.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from treadcoach.core.samples import Features, InclineRange, SpeedRange, TreadmillData
from treadcoach.core.units import KM_PER_MILE
from treadcoach.virtual.faults import Faults
from treadcoach.wire.control_point import Op, Result, encode_response
from treadcoach.wire.machine_status import StatusOp, encode_machine_status
from treadcoach.wire.treadmill_data import encode_treadmill_data

_USUAL_SPEED = SpeedRange(0.8, 18.0, 0.1)
_USUAL_INCLINE = InclineRange(0.0, 12.0, 0.5)


@dataclass(frozen=True, slots=True)
class MachineModel:
    """What a machine is built like."""

    name: str = "Virtual Treadmill"
    speed_range: SpeedRange = _USUAL_SPEED
    incline_range: InclineRange | None = _USUAL_INCLINE
    acceleration_kmh_per_s: float = 0.6
    braking_kmh_per_s: float = 0.8
    incline_percent_per_s: float = 0.5
    countdown_s: float = 3.5
    data_period_s: float = 1.0
    split_records: bool = False
    reports_target: bool = False
    distance_step_m: int = 1
    sends_distance: bool = True
    starts_at_kmh: float | None = None
    """Its first speed after a start; None: the slowest of its range, as most have it."""


class BeltState(StrEnum):
    STANDBY = "standby"
    COUNTDOWN = "countdown"
    RUNNING = "running"
    STOPPING = "stopping"
    KEY_OUT = "safety key out"


class Key(StrEnum):
    """The console's keys."""

    START = "start"
    STOP = "stop"
    PAUSE = "pause"
    SAFETY_KEY = "safety key"
    SAFETY_KEY_BACK = "safety key back"
    FASTER = "faster"
    SLOWER = "slower"
    STEEPER = "steeper"
    FLATTER = "flatter"


@dataclass(slots=True)
class Reply:
    """An answer of the control point, due after `delay_s`."""

    data: bytes
    delay_s: float = 0.0


@dataclass
class VirtualBelt:
    """State of one machine. Call `advance` with the time before looking at it."""

    model: MachineModel = field(default_factory=MachineModel)
    faults: Faults = field(default_factory=Faults)
    now_s: float = 0.0
    state: BeltState = BeltState.STANDBY
    speed_kmh: float = 0.0
    target_kmh: float = 0.0
    incline_percent: float = 0.0
    target_percent: float = 0.0
    distance_m: float = 0.0
    elapsed_s: float = 0.0
    true_distance_m: float = 0.0
    """Never reset: what the runner really covered."""
    controller: object | None = None
    writes: list[tuple[float, bytes]] = field(default_factory=list)
    on_write: Callable[[float, bytes], None] | None = None
    """Called with each write to the control point as it comes."""
    statuses: list[bytes] = field(default_factory=list)
    _countdown_until_s: float = 0.0
    _console_released: bool = False

    # -- physics -------------------------------------------------------------------

    def advance(self, now_s: float) -> None:
        """Let the belt run on to now_s."""
        while self.now_s < now_s:
            step = now_s - self.now_s
            if self.state is BeltState.COUNTDOWN:
                step = min(step, max(self._countdown_until_s - self.now_s, 0.0))
                if step <= 1e-9:
                    self.state = BeltState.RUNNING
                    continue
            self._move(step)
            self.now_s += step
        self.now_s = max(self.now_s, now_s)

    def _move(self, step_s: float) -> None:
        goal = self._goal_kmh()
        rate = self.model.acceleration_kmh_per_s if goal > self.speed_kmh else self.model.braking_kmh_per_s
        if self.faults.runaway_to_kmh is not None and self.state is BeltState.RUNNING:
            rate = 1.5
        reach_s = abs(goal - self.speed_kmh) / rate
        before = self.speed_kmh
        if reach_s <= step_s + 1e-9:
            metres = (before + goal) / 2 / 3.6 * reach_s + goal / 3.6 * (step_s - reach_s)
            self.speed_kmh = goal
        else:
            self.speed_kmh += rate * step_s * (1 if goal > before else -1)
            metres = (before + self.speed_kmh) / 2 / 3.6 * step_s
        self.distance_m += metres
        self.true_distance_m += metres
        if self.state is BeltState.RUNNING:
            self.elapsed_s += step_s
        if self.speed_kmh == 0 and self.state is BeltState.STOPPING:
            self.state = BeltState.STANDBY
        rise = self.model.incline_percent_per_s * step_s
        gap = self.target_percent - self.incline_percent
        self.incline_percent += max(-rise, min(rise, gap))

    def _goal_kmh(self) -> float:
        if self.state is not BeltState.RUNNING:
            return 0.0
        if self.faults.runaway_to_kmh is not None:
            return self.faults.runaway_to_kmh
        return self.target_kmh

    # -- the console ---------------------------------------------------------------

    def press(self, key: Key, now_s: float) -> None:
        """Somebody presses a key on the machine."""
        self.advance(now_s)
        speed_step = self.model.speed_range.speed_step_kmh or 0.1
        match key:
            case Key.START if self.state in (BeltState.STANDBY, BeltState.STOPPING):
                self._console_released = True
                self._begin()
                self._status(StatusOp.STARTED_OR_RESUMED)
            case Key.STOP | Key.PAUSE if self.state in (BeltState.RUNNING, BeltState.COUNTDOWN):
                self._halt(reset=key is Key.STOP)
                self._status(StatusOp.STOPPED_OR_PAUSED, 1 if key is Key.STOP else 2)
            case Key.SAFETY_KEY:
                self.state = BeltState.KEY_OUT
                self.target_kmh = 0.0
                self._status(StatusOp.SAFETY_KEY)
            case Key.SAFETY_KEY_BACK if self.state is BeltState.KEY_OUT:
                self.state = BeltState.STOPPING if self.speed_kmh else BeltState.STANDBY
            case Key.FASTER | Key.SLOWER if self.state is BeltState.RUNNING:
                sign = 1 if key is Key.FASTER else -1
                self.set_by_hand(self.target_kmh + sign * max(speed_step, 0.5), now_s)
            case Key.STEEPER | Key.FLATTER if self.model.incline_range is not None:
                step = 1.0 if key is Key.STEEPER else -1.0
                self.target_percent = self._in_incline(self.target_percent + step)
                self._status(StatusOp.TARGET_INCLINE, round(self.target_percent * 10))
            case _:
                pass

    def set_by_hand(self, kmh: float, now_s: float) -> None:
        """The console's speed keys, or its shortcut to a speed."""
        self.advance(now_s)
        reach = self.model.speed_range
        self.target_kmh = max(reach.min_speed_kmh, min(reach.max_speed_kmh, kmh))
        self._status(StatusOp.TARGET_SPEED, round(self.target_kmh * 100))

    # -- the control point ---------------------------------------------------------

    def note_write(self, now_s: float, data: bytes) -> None:
        """Keep what was written to the control point, and say so to who wants to know."""
        self.writes.append((now_s, data))
        if self.on_write is not None:
            self.on_write(now_s, data)

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        """One write to 0x2AD9; the answer, or None when the machine stays silent."""
        self.advance(now_s)
        self.note_write(now_s, bytes(data))
        if not data:
            return Reply(encode_response(0, Result.OP_CODE_NOT_SUPPORTED))
        op = data[0]
        if op in self.faults.silent:
            return None
        forced = self.faults.result.get(op)
        if forced is not None:
            result = forced
        elif op in self.faults.answered_but_ignored:
            result = Result.SUCCESS
        else:
            result = self._do(op, data[1:], client)
        return Reply(encode_response(op, result), self.faults.delay_s.get(op, 0.0))

    def disconnected(self, client: object, now_s: float) -> None:
        """The link is gone: control ends with it, and the belt goes on as it was."""
        self.advance(now_s)
        if self.controller is client:
            self.controller = None

    def connected(self, now_s: float) -> None:
        self.advance(now_s)
        if self.faults.starts_on_connect and self.state is BeltState.STANDBY:
            self._begin()

    def take_control_away(self, now_s: float) -> None:
        self.advance(now_s)
        self.controller = None
        self._status(StatusOp.CONTROL_LOST)

    def reset_counters(self) -> None:
        self.distance_m = self.elapsed_s = 0.0

    def _do(self, op: int, parameter: bytes, client: object) -> Result:
        if op == Op.REQUEST_CONTROL:
            self.controller = client
            return Result.SUCCESS
        if self.controller is not client:
            return Result.CONTROL_NOT_PERMITTED
        match op:
            case Op.RESET:
                self.controller = None
                self._halt(reset=True)
                return Result.SUCCESS
            case Op.SET_TARGET_SPEED if len(parameter) == 2:
                return self._set_speed(int.from_bytes(parameter, "little") / 100)
            case Op.SET_TARGET_INCLINE if len(parameter) == 2 and self.model.incline_range:
                percent = int.from_bytes(parameter, "little", signed=True) / 10
                if percent != self._in_incline(percent):
                    return Result.INVALID_PARAMETER
                self.target_percent = percent
                return Result.SUCCESS
            case Op.START_OR_RESUME:
                if self.state is BeltState.KEY_OUT:
                    return Result.OPERATION_FAILED
                if self.faults.needs_console_start and not self._console_released:
                    return Result.CONTROL_NOT_PERMITTED
                if self.state is BeltState.RUNNING:
                    return Result.OPERATION_FAILED
                self._begin()
                return Result.SUCCESS
            case Op.STOP_OR_PAUSE if parameter in (b"\x01", b"\x02"):
                self._halt(reset=parameter == b"\x01" or self.faults.pause_resets_counters)
                return Result.SUCCESS
            case Op.SET_TARGET_SPEED | Op.STOP_OR_PAUSE:
                return Result.INVALID_PARAMETER
        return Result.OP_CODE_NOT_SUPPORTED

    def _set_speed(self, kmh: float) -> Result:
        if self.faults.takes_mph:
            kmh *= KM_PER_MILE
        if self.faults.reversed and kmh < self.target_kmh:
            kmh = self.target_kmh + (self.target_kmh - kmh) + 1.0
        reach = self.model.speed_range
        if not reach.min_speed_kmh - 0.005 <= kmh <= reach.max_speed_kmh + 0.005:
            return Result.INVALID_PARAMETER
        if self.state is not BeltState.RUNNING:
            return Result.OPERATION_FAILED
        self.target_kmh = kmh
        return Result.SUCCESS

    def _begin(self) -> None:
        self.state = BeltState.COUNTDOWN
        self._countdown_until_s = self.now_s + self.model.countdown_s
        if not (self.faults.restores_target and self.target_kmh):
            first = self.model.starts_at_kmh
            self.target_kmh = self.model.speed_range.min_speed_kmh if first is None else first

    def _halt(self, *, reset: bool) -> None:
        if self.state in (BeltState.RUNNING, BeltState.COUNTDOWN):
            self.state = BeltState.STOPPING if self.speed_kmh else BeltState.STANDBY
        if reset:
            self.reset_counters()

    def _in_incline(self, percent: float) -> float:
        reach = self.model.incline_range
        if reach is None:
            return 0.0
        return max(reach.min_incline_percent, min(reach.max_incline_percent, percent))

    def _status(self, op: StatusOp, parameter: int | None = None) -> None:
        if not self.faults.silent_console or op is StatusOp.SAFETY_KEY:
            self.statuses.append(encode_machine_status(op, parameter))

    # -- what it reports -----------------------------------------------------------

    def take_statuses(self) -> list[bytes]:
        """Status notifications that are due, once each."""
        out, self.statuses = self.statuses, []
        return out

    def frames(self, now_s: float) -> list[bytes]:
        """The Treadmill Data notifications of this moment (two for a split record)."""
        self.advance(now_s)
        if self.faults.zero_frames:
            return [bytes(4)]
        speed = self.speed_kmh
        if self.model.reports_target and self.state is BeltState.RUNNING:
            speed = self._goal_kmh()
        if self.faults.echo_braking and abs(self.speed_kmh - self._goal_kmh()) > 0.05:
            self._status(StatusOp.TARGET_SPEED, round(self.speed_kmh * 100))
        step = self.model.distance_step_m
        rest = TreadmillData(
            more_data=self.model.split_records,
            speed_kmh=None if self.model.split_records else speed,
            distance_m=int(self.distance_m) // step * step if self.model.sends_distance else None,
            incline_percent=None if self.model.incline_range is None else self.incline_percent,
            elapsed_s=int(self.elapsed_s) & 0xFFFF,
        )
        if not self.model.split_records:
            return [encode_treadmill_data(rest)]
        last = TreadmillData(more_data=False, speed_kmh=speed)
        return [encode_treadmill_data(rest), encode_treadmill_data(last)]

    def features(self) -> Features:
        machine = {"total_distance", "elapsed_time"}
        target = {"speed"}
        if self.model.incline_range is not None:
            machine.add("inclination")
            target.add("inclination")
        return Features(frozenset(machine), frozenset(target))
