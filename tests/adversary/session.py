"""Runs one plan over the simulated Bluetooth stack in virtual time, and gathers the evidence."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from tests.adversary.body import Heart, LyingStrap
from tests.adversary.evidence import FOREVER, Asked, Beat, Evidence, Lie, Limits, Pressed, Told
from tests.adversary.machine import LyingBelt, LyingMill
from tests.adversary.plan import Act, Plan
from tests.support.rig import RULES, ListRecorder, Rig
from treadcoach.app import snapshot
from treadcoach.app.clock import PacedLoop
from treadcoach.app.outputs import Event
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.planning.progression import WeeklyCeiling
from treadcoach.virtual.belt import BeltState, Key
from treadcoach.virtual.faults import Faults
from treadcoach.virtual.treadmill import TREADMILL_ADDRESS

WATCHED_AFTER_LEAVING_S = 420.0
"""How long a session may take to end after the person wants to leave, before it is cut short here."""
WATCHED_AFTER_END_S = 25.0
LOOKS_EVERY = 20
_OP_EVENTS = {0: "control", 2: "speed", 3: "incline", 7: "start", 8: "stop"}
_take = snapshot.take
_STANDS = {kind.value: kind for kind in IntentKind}.get("belt_stands")
_INCLINE_IS = {kind.value: kind for kind in IntentKind}.get("incline_is")


class _Recorder(ListRecorder):
    """Keeps what the judge needs and nothing else."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self._evidence = evidence

    def input(self, t_s: float, kind: str, name: str, payload: bytes) -> None:
        if kind == "frame" and name.endswith("2ACD"):
            self._evidence.data_fed.append(t_s)

    def output(self, output: Any) -> None:
        if isinstance(output, Event):
            pass


class AdversaryRig(Rig):
    mill_type = LyingMill
    strap_type = LyingStrap
    person_type = Heart


def limits_of(plan: Plan) -> Limits:
    speed, incline = plan.model.speed_range, plan.model.incline_range
    return Limits(
        hard_kmh=20.0,
        machine_low_kmh=speed.min_speed_kmh,
        machine_high_kmh=speed.max_speed_kmh,
        machine_step_kmh=speed.speed_step_kmh,
        own_kmh=plan.runner.max_speed_kmh,
        curve=dict(plan.curve),
        walk_kmh=plan.walk_kmh,
        hard_percent=15.0,
        machine_low_percent=None if incline is None else incline.min_incline_percent,
        machine_high_percent=None if incline is None else incline.max_incline_percent,
        machine_step_percent=None if incline is None else incline.incline_step_percent,
        own_percent=plan.runner.max_incline_percent,
        aching_back=plan.runner.aching_back,
        pulse_ceiling_bpm=plan.runner.pulse_ceiling_bpm if plan.strap else None,
        plan_kmh=plan.top_kmh,
        data_period_s=plan.model.data_period_s,
        air_s=plan.interval_s,
    )


class Session:
    """One plan on its way."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.evidence = Evidence(limits_of(plan))
        faults = Faults(chance=random.Random(plan.seed))
        for name, value in plan.faults.items():
            setattr(faults, name, value.copy() if isinstance(value, set | dict) else value)
        self.belt = LyingBelt(plan.model, faults, self.evidence)
        self.belt.target_kmh = plan.old_target_kmh
        for name, value in plan.lies.items():
            setattr(self.belt.lies, name, value)
        for name, value in (*plan.faults.items(), *plan.lies.items()):
            self._lie_begins(name, str(value), None, 0.0)
        if plan.model.reports_target:
            self._lie_begins("reports_target", "", None, 0.0)
        self._waiting: dict[tuple[str, int], list[Act]] = {}
        for act in plan.acts:
            self._waiting.setdefault((act.on, act.nth), []).append(act)
        self._count: Counter[str] = Counter()
        self._stall_next: deque[float] = deque()
        self._timers: list[asyncio.TimerHandle] = []
        self._left = False
        self._picture: snapshot.Snapshot | None = None
        self.errors: list[str] = []

    async def run(self) -> Evidence:
        plan = self.plan
        self.loop = asyncio.get_running_loop()
        rules = replace(RULES, warm_up_min_s=plan.warm_up_s)
        self.rig = rig = AdversaryRig(
            model=plan.model,
            faults=self.belt.faults,
            interval_s=plan.interval_s,
            strap=plan.strap,
            recorder=_Recorder(self.evidence),
            runner=plan.runner,
            workout=plan.workout,
            rules=rules,
            incline_percent=plan.incline_percent,
            stretch_break=plan.stretch_break,
            ceiling=WeeklyCeiling(dict(plan.curve), plan.walk_kmh, "of the adversary"),
        )
        rig.belt = self.belt
        self._run_before()
        stack = ExitStack()
        try:
            async with rig:
                stack.enter_context(patch.object(snapshot, "take", self._look_now_and_then))
                self.mill: Any = rig.mill
                self.mill.on_link = self._on_link
                self.belt.on_octets = self._on_octets
                self.belt.echo = self._echo
                if plan.strap:
                    rig.strap.configure(self.evidence, cadence_every=4)
                rig.coach.listen(self._on_tick)
                rig.coach.listen_events(self._on_event)
                self._happened("begin")
                await self._watch()
        except Exception as error:  # noqa: BLE001  # whatever leaves the run is evidence
            self.evidence.error = f"{type(error).__name__}: {error}"
        finally:
            stack.close()
            for timer in self._timers:
                timer.cancel()
        return self.evidence

    def _look_now_and_then(self, *what: Any) -> Any:
        """Nobody looks at the screen of these sessions: its picture is a twelfth of their time."""
        self._count["ticks"] += 1
        if self._picture is None or self._count["ticks"] % LOOKS_EVERY == 0:
            self._picture = _take(*what)
        return self._picture

    def _run_before(self) -> None:
        speed, incline = self.plan.begins_at
        belt = self.belt
        if speed:
            belt.state = BeltState.RUNNING
            belt.speed_kmh = belt.target_kmh = speed
            self.evidence.speed.values[0] = speed
        belt.incline_percent = belt.target_percent = incline
        self.evidence.incline.values[0] = incline
        belt.note_target("hand")

    # -- the person who is there ------------------------------------------------------

    async def _watch(self) -> None:
        rig, person = self.rig, self.plan.person
        evidence = self.evidence
        ready_since: float | None = None
        stopping_since: float | None = None
        starts, last_start, last_word, standing_s = 0, -99.0, -99.0, 0.0
        end_s = person.leaves_at_s + WATCHED_AFTER_LEAVING_S
        was_moving = False
        while not rig.task.done() and rig.now_s < end_s:
            await asyncio.sleep(0.5)
            now = rig.now_s
            self.belt.advance(now)
            moving = self.belt.speed_kmh > 0.1
            standing_s = 0.0 if moving else standing_s + 0.5
            if moving != was_moving:
                was_moving = moving
                self._happened("moving" if moving else "standing")
            clients = sum(client.address == TREADMILL_ADDRESS for client in rig.radio.linked)
            if clients > 1 or (evidence.most_clients and evidence.most_clients[-1][1] > 1):
                evidence.most_clients.append((now, clients))
            phase = rig.phase
            waits = phase in (Phase.READY, Phase.PAUSED, Phase.STRETCH_BREAK)
            ready_since = (ready_since if ready_since is not None else now) if waits else None
            stops = phase is Phase.STOPPING
            stopping_since = (stopping_since if stopping_since is not None else now) if stops else None
            if now >= person.leaves_at_s:
                if not self._left or (waits and now - last_word > 10):
                    self._left, last_word = True, now
                    self.ask(IntentKind.STOP)
            elif (
                ready_since is not None
                and now - ready_since >= person.thinks_s
                and now - last_start > 8
                and starts < person.starts_at_most
            ):
                starts, last_start = starts + 1, now
                self.ask(IntentKind.START)
            too_long = stopping_since is not None and now - stopping_since > person.pulls_key_after_s
            if too_long and moving and self.belt.state is not BeltState.KEY_OUT:
                self.press(Key.SAFETY_KEY)
            if (
                _STANDS is not None
                and stopping_since is not None
                and now - stopping_since > 15
                and standing_s > 3
                and now - last_word > 8
            ):
                last_word = now
                self.ask(_STANDS)
        if rig.task.done():
            evidence.ended_s = rig.now_s
            evidence.ended_in = "" if rig.task.exception() else str(rig.task.result())
            if (error := rig.task.exception()) is not None:
                evidence.error = f"{type(error).__name__}: {error}"
            await asyncio.sleep(WATCHED_AFTER_END_S)
        else:
            evidence.ended_in = f"not ended, in {rig.phase}"
        self.belt.advance(rig.now_s)
        evidence.watched_until_s = rig.now_s

    # -- what comes to pass ------------------------------------------------------------

    def _happened(self, what: str) -> None:
        self._count[what] += 1
        for act in self._waiting.pop((what, self._count[what]), ()):
            if act.after_s <= 0:
                self._timers.append(self.loop.call_later(0, self._do, act))
            else:
                self._timers.append(self.loop.call_later(act.after_s, self._do, act))

    def _on_octets(self, _t_s: float, data: bytes) -> None:
        self._happened(_OP_EVENTS.get(data[0] if data else -1, "odd"))

    def _echo(self, octets: bytes) -> None:
        if self.mill.connections:
            self.evidence.statuses.append((self.loop.time(), octets, True))
            self.mill.spawn(self.mill.device.notify_subscribers(self.mill._status, octets))

    def _on_link(self, count: int) -> None:
        self._happened("up" if count else "down")

    def _on_event(self, event: Event) -> None:
        self.evidence.told.append(Told(event.t_s, event.level.value, event.kind, event.text))
        if _INCLINE_IS is not None and self.plan.person.says_incline and "incline" in event.text.lower():
            self._happened("incline asked")
            if self._count["incline asked"] <= 3:
                self._timers.append(self.loop.call_later(3.0, self._say_incline))

    def _say_incline(self) -> None:
        assert _INCLINE_IS is not None
        self.belt.advance(self.loop.time())
        self.ask(_INCLINE_IS, round(self.belt.incline_percent, 1))

    def _on_tick(self, _snapshot: object) -> None:
        """The end of a tick: what was cleared in it is not written yet."""
        if self._stall_next:
            self._stall(self._stall_next.popleft())

    def _stall(self, seconds: float) -> None:
        loop = self.loop
        assert isinstance(loop, PacedLoop)
        loop._paced.skipped_s += seconds
        self.evidence.stalls.append((loop.time(), seconds))

    def ask(self, kind: IntentKind, amount: float = 0.0) -> None:
        if self.rig.task.done():
            return
        self.evidence.asked.append(Asked(self.loop.time(), kind.value, amount))
        self.rig.ask(kind, amount)
        self._happened("asked")

    def press(self, key: Key) -> None:
        before = self._before_hand()
        self.mill.press(key)
        self._after_hand(key.value, before)

    def _before_hand(self) -> float:
        self.belt.advance(self.loop.time())
        return self.belt.target_kmh

    def _after_hand(self, key: str, before: float) -> None:
        reported = not self.belt.faults.silent_console and bool(self.mill.connections)
        at = self.loop.time()
        if (
            key not in ("set", "safety key")
            and before == self.belt.target_kmh
            and key in ("faster", "slower")
        ):
            return
        self.evidence.pressed.append(Pressed(at, key, before, self.belt.target_kmh, reported))

    def _set_by_hand(self, kmh: float) -> None:
        if self.belt.state is not BeltState.RUNNING:
            return
        before = self._before_hand()
        reach = self.plan.model.speed_range
        steps = round((kmh - reach.min_speed_kmh) / reach.speed_step_kmh)
        self.mill.set_by_hand(round(reach.min_speed_kmh + steps * reach.speed_step_kmh, 2))
        self._after_hand("set", before)

    # -- acts --------------------------------------------------------------------------

    def _lie_begins(self, kind: str, detail: str, lasts_s: float | None, now_s: float) -> None:
        until = FOREVER if lasts_s is None else now_s + lasts_s
        self.evidence.lies.append(Lie(now_s, until, kind, detail))

    def _later(self, seconds: float, do: Callable[..., None], *args: Any) -> None:
        self._timers.append(self.loop.call_later(seconds, do, *args))

    def _do(self, act: Act) -> None:
        self.belt.advance(self.loop.time())
        getattr(self, "_act_" + act.do)(act, *act.args)

    def _lie(self, act: Act, kind: str, detail: object = "") -> None:
        self._lie_begins(kind, str(detail), act.lasts_s, self.loop.time())

    def _act_ask(self, _act: Act, kind: str, amount: float = 0.0) -> None:
        self.ask(IntentKind(kind), amount)

    def _act_key(self, _act: Act, key: str) -> None:
        self.press(Key(key))

    def _act_hand(self, _act: Act, kmh: float) -> None:
        self._set_by_hand(kmh)

    def _act_nudge(self, act: Act, by_kmh: float, times: int, every_s: float) -> None:
        """A speed key, pressed several times."""
        self._set_by_hand(round(self.belt.target_kmh + by_kmh, 2))
        if times > 1:
            self._later(every_s, self._act_nudge, act, by_kmh, times - 1, every_s)

    def _act_fault(self, act: Act, name: str, value: Any) -> None:
        faults = self.belt.faults
        was = getattr(faults, name)
        setattr(faults, name, value)
        self._lie(act, name, value)
        if act.lasts_s is not None:
            self._later(act.lasts_s, setattr, faults, name, was)

    def _act_lie(self, act: Act, name: str, value: Any) -> None:
        lies = self.belt.lies
        was = getattr(lies, name)
        setattr(lies, name, value)
        self._lie(act, name, value)
        if act.lasts_s is not None:
            self._later(act.lasts_s, setattr, lies, name, was)

    def _act_result(self, act: Act, op: int, code: int) -> None:
        self.belt.faults.result[op] = code
        self._lie(act, f"result {op}", code)
        if act.lasts_s is not None:
            self._later(act.lasts_s, lambda: self.belt.faults.result.pop(op, None))

    def _act_delay(self, act: Act, op: int, seconds: float) -> None:
        self.belt.faults.delay_s[op] = seconds
        self._lie(act, f"delay {op}", seconds)
        if act.lasts_s is not None:
            self._later(act.lasts_s, lambda: self.belt.faults.delay_s.pop(op, None))

    def _among(self, act: Act, name: str, op: int) -> None:
        which: set[int] = getattr(self.belt.faults, name)
        which.add(op)
        self._lie(act, f"{name} {op}")
        if act.lasts_s is not None:
            self._later(act.lasts_s, which.discard, op)

    def _act_silent(self, act: Act, op: int) -> None:
        self._among(act, "silent", op)

    def _act_ignored(self, act: Act, op: int) -> None:
        self._among(act, "answered_but_ignored", op)

    def _act_stuck(self, act: Act, op: int) -> None:
        self._among(act, "att_stuck", op)

    def _act_status(self, act: Act, octets: str) -> None:
        self._lie_begins("status", octets, 3.0, self.loop.time())
        self.mill.spawn(self.mill.lie(0x2ADA, bytes.fromhex(octets)))

    def _act_training(self, _act: Act, octets: str) -> None:
        self.mill.spawn(self.mill.lie(0x2AD3, bytes.fromhex(octets)))

    def _act_next(self, _act: Act, *octets: str) -> None:
        """The next frames say something else."""
        self.belt.lies.next_frames.extend(bytes.fromhex(one) for one in octets)
        self._lie_begins(
            "glitch", " ".join(octets), len(octets) * self.plan.model.data_period_s + 0.5, self.loop.time()
        )

    def _act_cut(self, _act: Act) -> None:
        self.mill.cut_radio()

    def _act_away(self, act: Act) -> None:
        self.mill.spawn(self._away(act.lasts_s or 5.0))

    async def _away(self, seconds: float) -> None:
        await self.mill.silence()
        await asyncio.sleep(seconds)
        await self.mill.advertise()

    def _act_revoke(self, act: Act) -> None:
        """Another phone takes control."""
        said = "" if self.belt.faults.silent_console or not self.mill.connections else "said"
        self._lie_begins("revoked", said, 3.0, self.loop.time())
        self.mill.take_control_away()

    def _act_race(self, act: Act, kmh: float) -> None:
        self._lie(act, "race", kmh)
        self.belt.races_itself(kmh, self.loop.time())

    def _act_tilt(self, act: Act, percent: float) -> None:
        self._lie(act, "tilt", percent)
        self.belt.tilts_itself(percent, self.loop.time())

    def _act_halt(self, act: Act) -> None:
        self._lie(act, "halt")
        self.belt.halts_itself(self.loop.time())

    def _act_stall(self, _act: Act, *seconds: float) -> None:
        self._stall_next.extend(seconds)

    def _act_stall_now(self, _act: Act, seconds: float) -> None:
        self._stall(seconds)

    def _act_strap(self, act: Act, name: str, value: Any) -> None:
        if not self.plan.strap:
            return
        strap = self.rig.strap
        was = getattr(strap, name)
        setattr(strap, name, value)
        self._lie(act, f"strap {name}", value)
        if act.lasts_s is not None:
            self._later(act.lasts_s, setattr, strap, name, was)

    def _act_strap_cut(self, _act: Act) -> None:
        if self.plan.strap:
            self.rig.strap.cut_radio()

    def _act_heart(self, _act: Act, extra_bpm: float) -> None:
        self.rig.person.extra_goal_bpm = extra_bpm


def run(plan: Plan) -> Evidence:
    """The evidence of one session; the same plan gives the same."""
    with asyncio.Runner(loop_factory=lambda: PacedLoop(None)) as runner:
        return runner.run(Session(plan).run())


__all__ = ["Beat", "Session", "run"]
