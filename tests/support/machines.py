"""Machines as people have described them in public: each a belt with one habit of its own."""

from dataclasses import replace

from tests.support.claims import LyingBelt
from treadcoach.core.samples import TreadmillData
from treadcoach.virtual.belt import BeltState, MachineModel, Reply
from treadcoach.virtual.faults import Faults
from treadcoach.wire.control_point import STOP, Op, Result, encode_response
from treadcoach.wire.machine_status import StatusOp, encode_machine_status
from treadcoach.wire.treadmill_data import encode_treadmill_data


class SilentAfterStop(LyingBelt):
    """Reports nothing any more once it was told to stop; `also_stops` is false where the belt runs on."""

    also_stops = True

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        if data[:1] == STOP[:1] and not self.also_stops:
            self.faults.answered_but_ignored.add(Op.STOP_OR_PAUSE)
        reply = super().write(data, client, now_s)
        if data[:1] == STOP[:1]:
            self.faults.no_data = True
        elif data[0] == Op.START_OR_RESUME:
            self.faults.no_data = False
        return reply


class FrozenAfterStop(LyingBelt):
    """Repeats its last reading once it was told to stop, with its clock and its distance."""

    also_stops = True
    _frozen: list[bytes] | None = None
    _latest: list[bytes] | None = None
    _thawed = False

    def thaw(self) -> None:
        """It reports again, and freezes no more."""
        self._frozen, self._thawed = None, True

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        if data[:1] == STOP[:1]:
            if not self.also_stops:
                self.faults.answered_but_ignored.add(Op.STOP_OR_PAUSE)
            self._frozen = None if self._thawed else self._frozen or self._latest
        elif data[0] == Op.START_OR_RESUME:
            self._frozen = None
        return super().write(data, client, now_s)

    def frames(self, now_s: float) -> list[bytes]:
        self._latest = super().frames(now_s)
        return self._frozen or self._latest


class QuietUntilControlled(LyingBelt):
    """Sends no Treadmill Data before somebody has asked for control, or (`until` START) has started it."""

    until = Op.REQUEST_CONTROL
    _spoken = False

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        self._spoken = self._spoken or data[0] in (self.until, Op.START_OR_RESUME)
        return super().write(data, client, now_s)

    def frames(self, now_s: float) -> list[bytes]:
        return super().frames(now_s) if self._spoken else []


class StopsByItself(LyingBelt):
    """Ramps down to 0 after so long, without a word, and stands."""

    after_s = 90.0

    def _move(self, step_s: float) -> None:
        super()._move(step_s)
        if self.elapsed_s >= self.after_s and self.state is BeltState.RUNNING:
            self.state = BeltState.STOPPING
            self.after_s = float("inf")


class RevokesControl(LyingBelt):
    """Takes control away with every stop; then refuses everything for a while, also the request."""

    refuses_s = 1.5
    says = True
    _until_s = 0.0

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        if now_s < self._until_s and data[:1] != STOP[:1]:
            self.note_write(now_s, bytes(data))
            return Reply(encode_response(data[0], Result.CONTROL_NOT_PERMITTED))
        reply = super().write(data, client, now_s)
        if data[:1] == STOP[:1] and reply is not None and reply.data[2] == Result.SUCCESS:
            self.controller = None
            self._until_s = now_s + self.refuses_s
            if self.says:
                self.statuses.append(encode_machine_status(StatusOp.CONTROL_LOST))
        return reply


class CountsWrongly(LyingBelt):
    """Its distance counter runs `factor` times as fast as its belt."""

    factor = 1.0

    def frames(self, now_s: float) -> list[bytes]:
        self.lie = self._counted
        return super().frames(now_s)

    @staticmethod
    def _counted(belt: LyingBelt, told: TreadmillData) -> TreadmillData:
        assert isinstance(belt, CountsWrongly)
        return replace(told, distance_m=int(belt.distance_m * belt.factor))


class StartsOnRequest(LyingBelt):
    """Request Control alone starts its belt."""

    def _do(self, op: int, parameter: bytes, client: object) -> Result:
        result = super()._do(op, parameter, client)
        if op == Op.REQUEST_CONTROL and self.state is BeltState.STANDBY:
            self._begin()
        return result


class AnswersByStatus(LyingBelt):
    """Rejects Request Control, obeys what comes later, and says so by statuses only."""

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        self.advance(now_s)
        self.note_write(now_s, bytes(data))
        op = data[0]
        if op == Op.REQUEST_CONTROL:
            return Reply(encode_response(op, Result.OPERATION_FAILED))
        self.controller = client
        if self._do(op, data[1:], client) is Result.SUCCESS:
            said = {
                Op.SET_TARGET_SPEED: (StatusOp.TARGET_SPEED, round(self.target_kmh * 100)),
                Op.SET_TARGET_INCLINE: (StatusOp.TARGET_INCLINE, round(self.target_percent * 10)),
                Op.START_OR_RESUME: (StatusOp.STARTED_OR_RESUMED, None),
                Op.STOP_OR_PAUSE: (StatusOp.STOPPED_OR_PAUSED, 1),
            }.get(Op(op))
            if said is not None:
                self.statuses.append(encode_machine_status(*said))
        return None


class FallsBack(LyingBelt):
    """A speed that is set holds for three seconds, then the belt goes back to 1 km/h."""

    holds_s = 3.0
    _set_s = 0.0

    def _set_speed(self, kmh: float) -> Result:
        self._set_s = self.now_s
        return super()._set_speed(kmh)

    def _move(self, step_s: float) -> None:
        if self.state is BeltState.RUNNING and self.now_s - self._set_s >= self.holds_s:
            self.target_kmh = min(self.target_kmh, 1.0)
        super()._move(step_s)


def still_reports(belt: LyingBelt, now_s: float, kmh: float) -> bytes:
    """One honest frame of a belt at that speed, to be sent by hand."""
    belt.advance(now_s)
    return encode_treadmill_data(TreadmillData(more_data=False, speed_kmh=kmh))


def machine(kind: type[LyingBelt], model: MachineModel | None = None, **habits: object) -> LyingBelt:
    """One of them, with its habits set."""
    belt = kind(model or MachineModel(), Faults())
    for name, value in habits.items():
        assert hasattr(belt, name), f"{kind.__name__} has no {name}"
        setattr(belt, name, value)
    return belt
