"""A treadmill that may lie in every field, and leaves its true state behind for the judge."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bumble.device import Connection
from bumble.gatt import Characteristic

from tests.adversary.evidence import Evidence, Write
from treadcoach.core.samples import TreadmillData
from treadcoach.virtual.belt import BeltState, Key, MachineModel, Reply, VirtualBelt
from treadcoach.virtual.faults import Faults
from treadcoach.virtual.treadmill import VirtualTreadmill
from treadcoach.wire.machine_status import StatusOp, encode_machine_status
from treadcoach.wire.treadmill_data import encode_treadmill_data

SLOWEST_START_KMH = 1.0


@dataclass(slots=True)
class Lies:
    """What the machine says or does beside the truth. Changed in mid-run."""

    speed_kmh: float | None = None
    speed_scale: float = 1.0
    frozen: bool = False
    """The last frame again and again, clock and counters too."""
    frozen_speed: bool = False
    """Only the speed stays."""
    incline_percent: float | None = None
    incline_absent: bool = False
    incline_frozen: bool = False
    distance_scale: float = 1.0
    distance_frozen: bool = False
    elapsed_absent: bool = False
    next_frames: list[bytes] = field(default_factory=list)
    """Sent in place of the next ones."""
    silent_after_stop: bool = False
    frozen_after_stop: bool = False
    revokes_after_stop: bool = False
    echoes_start: bool = False
    echoes_orders_s: float | None = None
    """Each target that was set is told as a status, so much later: the specification asks for it."""
    rejects_control: bool = False
    """Request Control is rejected; what follows is done all the same."""
    falls_back: bool = False
    """A speed set over the air holds for three seconds, then the belt goes back to its slowest."""
    quiet_until_control: bool = False
    """No data until somebody requests control."""
    control_starts: bool = False
    """Request Control alone starts the belt."""
    drift_kmh: float = 0.0
    """The belt is really so much faster than its target."""


class LyingBelt(VirtualBelt):
    """The belt model, with lies, and with every true change kept."""

    def __init__(self, model: MachineModel, faults: Faults, evidence: Evidence) -> None:
        super().__init__(model, faults)
        self.lies = Lies()
        self.evidence = evidence
        self.on_octets: Callable[[float, bytes], None] = lambda _t, _d: None
        self.echo: Callable[[bytes], None] = lambda _octets: None
        self._said: list[bytes] | None = None
        self._kept_speed: float | None = None
        self._kept_incline: float | None = None
        self._was = (self.target_kmh, self.target_percent)
        self._revoked_until_s = 0.0
        self.true_statuses: list[bytes] = []

    # -- the true state --------------------------------------------------------------

    def _goal_kmh(self) -> float:
        goal = super()._goal_kmh()
        if goal > 0 and self.lies.drift_kmh and self.faults.runaway_to_kmh is None:
            return goal + self.lies.drift_kmh
        return goal

    def _move(self, step_s: float) -> None:
        began_s, speed, incline = self.now_s, self.speed_kmh, self.incline_percent
        state = self.state
        goal = self._goal_kmh()
        rate = self.model.acceleration_kmh_per_s if goal > speed else self.model.braking_kmh_per_s
        if self.faults.runaway_to_kmh is not None and state is BeltState.RUNNING:
            rate = 1.5
        super()._move(step_s)
        seen = self.evidence
        ends_s = began_s + step_s
        reach_s = abs(goal - speed) / rate
        if speed != self.speed_kmh or seen.speed.values[-1] != self.speed_kmh:
            seen.speed.add(began_s, speed)
            if 0 < reach_s < step_s:
                seen.speed.add(began_s + reach_s, goal)
        seen.speed.add(ends_s, self.speed_kmh)
        if incline != self.incline_percent:
            seen.incline.add(began_s, incline)
            tilt_s = abs(self.target_percent - incline) / self.model.incline_percent_per_s
            if 0 < tilt_s < step_s:
                seen.incline.add(began_s + tilt_s, self.target_percent)
        seen.incline.add(ends_s, self.incline_percent)
        if self.state is not state:
            self.note_state(ends_s)

    def advance(self, now_s: float) -> None:
        before = self.state
        super().advance(now_s)
        if self.state is not before:
            self.note_state(now_s)

    def note_state(self, t_s: float) -> None:
        states = self.evidence.states
        if not states or states[-1][1] != self.state.value:
            states.append((t_s, self.state.value))

    def note_target(self, who: str) -> None:
        speed, percent = self._was
        self._was = (self.target_kmh, self.target_percent)
        if self.target_kmh != speed:
            self.evidence.targets.append((self.now_s, self.target_kmh, who))
        if self.target_percent != percent:
            self.evidence.tilts.append((self.now_s, self.target_percent, who))
        self.note_state(self.now_s)

    # -- hands -------------------------------------------------------------------------

    def press(self, key: Key, now_s: float) -> None:
        self.advance(now_s)
        super().press(key, now_s)
        self.note_target("hand")

    def set_by_hand(self, kmh: float, now_s: float) -> None:
        self.advance(now_s)
        super().set_by_hand(kmh, now_s)
        self.note_target("hand")

    # -- the control point -------------------------------------------------------------

    def write(self, data: bytes, client: object, now_s: float) -> Reply | None:
        self.advance(now_s)
        speed, percent, state, control = self.target_kmh, self.target_percent, self.state, self.controller
        if self.lies.rejects_control:
            self.controller = client
        if now_s < self._revoked_until_s:
            self.note_write(now_s, bytes(data))
            reply: Reply | None = Reply(bytes((0x80, data[0], 5)))
            self.controller = None
        else:
            reply = super().write(data, client, now_s)
        if self.lies.rejects_control and data[:1] == b"\x00" and reply is not None:
            reply = Reply(b"\x80\x00\x04", reply.delay_s)
        if data[:1] == b"\x00":
            self.lies.quiet_until_control = False
            if self.lies.control_starts and self.state is BeltState.STANDBY:
                self._begin()
        match data[:1]:
            case b"\x02":
                taken = abs(self.target_kmh - int.from_bytes(data[1:3], "little") / 100) < 0.005
            case b"\x03":
                taken = (
                    abs(self.target_percent - int.from_bytes(data[1:3], "little", signed=True) / 10) < 0.05
                )
            case b"\x07" | b"\x08":
                taken = self.state is not state or (
                    data[:1] == b"\x08" and self.state in (BeltState.STANDBY, BeltState.STOPPING)
                )
            case _:
                taken = self.controller is not None and (control is not None or self.controller is client)
        result = None if reply is None else reply.data[2]
        self.evidence.writes.append(
            Write(now_s, bytes(data), taken, speed, percent, result, state is BeltState.RUNNING)
        )
        self.note_target("start" if data[:1] == b"\x07" else "order")
        if data[:1] == b"\x08" and taken:
            self._after_stop(now_s)
        if data[:1] == b"\x07" and taken and self.lies.echoes_start:
            self._status(StatusOp.STARTED_OR_RESUMED)
        if data[:1] in (b"\x02", b"\x03") and taken and self.lies.echoes_orders_s is not None:
            octets = (b"\x05" if data[:1] == b"\x02" else b"\x06") + data[1:3]
            asyncio.get_running_loop().call_later(self.lies.echoes_orders_s, self.echo, octets)
        if data[:1] == b"\x02" and taken and self.lies.falls_back:
            asyncio.get_running_loop().call_later(3.0, self._fall_back, self.target_kmh)
        self.on_octets(now_s, bytes(data))
        return reply

    def _after_stop(self, now_s: float) -> None:
        if self.lies.silent_after_stop:
            self.faults.no_data = True
        if self.lies.frozen_after_stop:
            self.lies.frozen = True
        if self.lies.revokes_after_stop:
            self._revoked_until_s = now_s + 1.5
            self.controller = None

    def _begin(self) -> None:
        super()._begin()
        if self.target_kmh < SLOWEST_START_KMH and self.model.speed_range.min_speed_kmh == 0:
            # A range that begins at 0 does not mean that the belt does.
            self.target_kmh = SLOWEST_START_KMH

    def _fall_back(self, set_kmh: float) -> None:
        now_s = asyncio.get_running_loop().time()
        self.advance(now_s)
        if self.target_kmh == set_kmh and self.state is BeltState.RUNNING:
            self.target_kmh = self.model.speed_range.min_speed_kmh
            self.note_target("machine")

    def unconfirmed(self, data: bytes, now_s: float) -> None:
        """Octets that arrived and were neither confirmed nor done."""
        self.advance(now_s)
        self.note_write(now_s, data)
        running = self.state is BeltState.RUNNING
        self.evidence.writes.append(
            Write(now_s, data, False, self.target_kmh, self.target_percent, None, running)
        )
        self.on_octets(now_s, data)

    def tilts_itself(self, percent: float, now_s: float) -> None:
        self.advance(now_s)
        self.target_percent = percent
        self.note_target("machine")

    def halts_itself(self, now_s: float) -> None:
        """It has run for as long as it likes: it brakes to a stand and says nothing."""
        self.advance(now_s)
        self._halt(reset=False)
        self.note_target("machine")

    def races_itself(self, kmh: float, now_s: float) -> None:
        """Its electronics set another target, as if a hand had; nothing is said of it."""
        self.advance(now_s)
        self.target_kmh = kmh
        self.note_target("machine")

    # -- what it reports -----------------------------------------------------------------

    def frames(self, now_s: float) -> list[bytes]:
        self.advance(now_s)
        lies, model = self.lies, self.model
        if lies.quiet_until_control:
            return []
        if lies.next_frames:
            return [lies.next_frames.pop(0)]
        if self.faults.zero_frames:
            return [bytes(4)]
        if lies.frozen and self._said is not None:
            return self._said
        speed = (
            self._goal_kmh() if model.reports_target and self.state is BeltState.RUNNING else self.speed_kmh
        )
        if self.faults.echo_braking and abs(self.speed_kmh - self._goal_kmh()) > 0.05:
            self.statuses.append(encode_machine_status(StatusOp.TARGET_SPEED, round(self.speed_kmh * 100)))
        if lies.frozen_speed:
            self._kept_speed = speed if self._kept_speed is None else self._kept_speed
            speed = self._kept_speed
        else:
            self._kept_speed = None
        speed = lies.speed_kmh if lies.speed_kmh is not None else min(speed * lies.speed_scale, 655.35)
        incline: float | None = self.incline_percent if model.incline_range is not None else None
        if lies.incline_frozen:
            self._kept_incline = incline if self._kept_incline is None else self._kept_incline
            incline = self._kept_incline
        if lies.incline_percent is not None:
            incline = lies.incline_percent
        if lies.incline_absent:
            incline = None
        metres: int | None = None
        if model.sends_distance:
            raw = self.distance_m * lies.distance_scale
            metres = int(raw) // model.distance_step_m * model.distance_step_m
            if lies.distance_frozen:
                metres = 0
        rest = TreadmillData(
            more_data=model.split_records,
            speed_kmh=None if model.split_records else speed,
            distance_m=None if metres is None else metres & 0xFFFFFF,
            incline_percent=incline,
            elapsed_s=None if lies.elapsed_absent else int(self.elapsed_s) & 0xFFFF,
        )
        out = [encode_treadmill_data(rest)]
        if model.split_records:
            out.append(encode_treadmill_data(TreadmillData(more_data=False, speed_kmh=speed)))
        self._said = out
        return out


class LyingMill(VirtualTreadmill):
    """The radio of such a machine; says what the radio really saw."""

    belt: LyingBelt
    on_link: Callable[[int], None] = staticmethod(lambda _count: None)

    def _links(self) -> None:
        count = len(self.connections)
        self.belt.evidence.links.append((self.now_s, count))
        self.on_link(count)

    def on_connected(self, connection: Connection) -> None:
        super().on_connected(connection)
        self.belt.note_target("machine")
        self._links()

    def on_disconnected(self, connection: Connection) -> None:
        super().on_disconnected(connection)
        self._links()

    async def notify(self, characteristic: Characteristic[bytes], value: bytes) -> None:
        evidence = self.belt.evidence
        if characteristic is self._data:
            evidence.data_sent.extend([self.now_s] * len(self.connections))
        elif characteristic is self._status:
            evidence.statuses.append((self.now_s, value, True))
        await super().notify(characteristic, value)

    async def lie(self, characteristic: int, value: bytes) -> None:
        """Octets that are not so."""
        if characteristic == 0x2ADA:
            self.belt.evidence.statuses.append((self.now_s, value, False))
            await self.device.notify_subscribers(self._status, value)
        else:
            await self.send_raw(characteristic, value)

    async def _on_write(self, connection: Connection, value: bytes) -> None:
        faults = self.belt.faults
        if faults.att_error is not None:
            self.belt.unconfirmed(bytes(value), self.now_s)
        elif value and value[0] in faults.att_stuck:
            self.belt.unconfirmed(bytes(value), self.now_s)
            await asyncio.get_running_loop().create_future()
        await super()._on_write(connection, value)
