"""Faults that are put into the program, one at a time, to see that the judge finds each within 2,000 seeds.

Each is one or more replacements of text that occurs exactly once in its file.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlantedFault:
    name: str
    path: str
    old: str
    new: str
    also: tuple[tuple[str, str, str], ...] = ()
    """Further replacements that belong to it: path, old, new."""
    among: str = ""
    """The only sessions that it can change: with a "pulse" ceiling, an aching "back", or "long" ones."""

    @property
    def replacements(self) -> tuple[tuple[str, str, str], ...]:
        return ((self.path, self.old, self.new), *self.also)


GATE = "treadcoach/guard/gate.py"
WATCH = "treadcoach/guard/watch.py"
PULSE = "treadcoach/guard/pulse.py"
ORDERING = "treadcoach/app/ordering.py"
CONTROLLER = "treadcoach/app/controller.py"
ALARMS = "treadcoach/app/belt_alarms.py"
PARTS = "treadcoach/app/belt_parts.py"
CONSOLE = "treadcoach/app/console_desk.py"
COACH = "treadcoach/app/coach.py"
SESSION = "treadcoach/core/session.py"
CHANNEL = "treadcoach/devices/control_channel.py"
OVERRIDE = "treadcoach/control/console_override.py"
TAKEOVER = "treadcoach/control/takeover.py"
BELIEF = "treadcoach/control/incline_belief.py"
PLAUSIBILITY = "treadcoach/control/plausibility.py"
STANDING = "treadcoach/control/standing.py"

FAULTS = (
    PlantedFault(
        "a false incline is believed and gone down from",
        BELIEF,
        "            if self._last[1] <= self._bound + SAME_PERCENT:\n",
        "            if True:\n",
        (
            (GATE, "if step > fixed and axis.is_claimed:", "if False:"),
            (
                GATE,
                "                below = axis.grid.floor(belt_incline_dpct)\n"
                "                step = max(target, min(step, axis.grid.low if below is None else "
                "below))",
                "                pass",
            ),
        ),
    ),
    PlantedFault(
        "far above its ceiling the pulse calls for nothing",
        PULSE,
        'walk until it comes down."\n        )\n        self._walk()\n',
        'walk until it comes down."\n        )\n',
        ((PULSE, "if above_s > self._rules.pulse_above_walk_s:", "if False:"),),
        among="pulse",
    ),
    PlantedFault(
        "a pulse in doubt forgets what was known",
        PULSE,
        'self._without_pulse(now_s, elapsed_s, doubt or "no pulse", ordered)',
        "self._speed = self._incline = self._above_since_s = None",
        among="pulse",
    ),
    PlantedFault(
        "an incline that cannot be lowered keeps the pulse from the speed",
        PULSE,
        "        self._speed = ordered.speed_ckmh if self._speed is None else "
        "min(self._speed, ordered.speed_ckmh)\n",
        "        if ordered.incline_dpct <= 0:\n"
        "            self._speed = min(self._speed or 2000, ordered.speed_ckmh)\n",
        (
            (
                PULSE,
                "        assert self._incline is not None and self._speed is not None\n",
                "        if self._speed is None or self._incline is None:\n            return\n",
            ),
        ),
        among="pulse",
    ),
    PlantedFault(
        "a hand on a ramp is ignored",
        CONSOLE,
        "            self._override.on_status(now_s, ckmh, ordered, now_ckmh, under_way=order_under_way)",
        "            pass",
    ),
    PlantedFault(
        "a moving belt is taken over at its speed of the moment",
        TAKEOVER,
        "        self.is_over = is_steady or now_s - self._since_s > LONGEST_S\n        return base",
        "        self.is_over = True\n        return ckmh",
    ),
    PlantedFault(
        "one status of a faster speed is believed at once",
        CONSOLE,
        "            self._override.on_status(now_s, ckmh, ordered, now_ckmh, under_way=order_under_way)",
        "            self._hand(now_s, ckmh, now_ckmh, ordered)",
    ),
    PlantedFault(
        "a status or a lost control ends the watch for STOP",
        WATCH,
        '        """Nobody commands: the belt stands, or the runner\'s hand drives it. A STOP '
        'is still waited for."""\n'
        "        self._clear()",
        '        """Nobody commands."""\n        self._clear()\n        self._stop_s = None',
    ),
    PlantedFault(
        "STOP within seconds of a start leaves the start in the queue",
        CHANNEL,
        '        if self._stops:\n            raise Abandoned("a stop is under way")\n',
        "",
        (
            (
                CHANNEL,
                "        self._gate.withdraw()\n        self._stop_may_move",
                "        self._stop_may_move",
            ),
            (CHANNEL, "        self._abandon()\n        self._stops += 1", "        self._stops += 1"),
            (
                GATE,
                "        if not self._open or order.epoch != self._epoch:\n            raise OrderVoid",
                "        if False:\n            raise OrderVoid",
            ),
        ),
    ),
    PlantedFault(
        "a wish is off by miles, above the byte gate",
        ORDERING,
        "return self._gate.clear_speed(wish.speed_kmh, wish.reason",
        "return self._gate.clear_speed(wish.speed_kmh * 1.609, wish.reason",
    ),
    PlantedFault(
        "the ramp up is doubled",
        GATE,
        "rate = min(self._rules.ramp_up_kmh_per_s, hard_limits.MAX_RAMP_UP_KMH_PER_S)",
        "rate = 2 * min(self._rules.ramp_up_kmh_per_s, hard_limits.MAX_RAMP_UP_KMH_PER_S)",
    ),
    PlantedFault(
        "the ramp down is doubled, and its steps",
        GATE,
        "reach = start - min(ckmh_floor(rate * waited_s), self._largest_step(axis))",
        "reach = start - 2 * min(ckmh_floor(rate * waited_s), self._largest_step(axis))",
    ),
    PlantedFault(
        "orders come twice as often",
        GATE,
        "if now_s - max(axis.since_s, axis.tried_s) < self._rules.order_interval_s:",
        "if now_s - max(axis.since_s, axis.tried_s) < self._rules.order_interval_s / 2:",
        ((CHANNEL, "            await self._keep_apart(order.kind)\n", ""),),
    ),
    PlantedFault(
        "the incline moves twice as often",
        GATE,
        "if now_s - max(axis.since_s, axis.tried_s) < self._rules.incline_interval_s:",
        "if now_s - max(axis.since_s, axis.tried_s) < self._rules.incline_interval_s / 2:",
        ((CHANNEL, "            await self._keep_apart(order.kind)\n", ""),),
    ),
    PlantedFault(
        "the incline moves two steps at once",
        GATE,
        "reach = min(axis.last + largest, belt_incline_dpct + ahead)",
        "reach = axis.last + 2 * largest",
    ),
    PlantedFault(
        "a refused order counts as done",
        CONTROLLER,
        'if result != "success":',
        'if result != "success" and order.kind is OrderKind.START:',
    ),
    PlantedFault(
        "orders cleared before the gate shut are still good",
        GATE,
        "        if not self._open or order.epoch != self._epoch:\n            raise OrderVoid",
        "        if False:\n            raise OrderVoid",
    ),
    PlantedFault(
        "a moving belt is taken over from its slowest speed",
        GATE,
        "start = belt_speed_ckmh or self._speed_grid.low",
        "start = self._speed_grid.low",
        (
            (
                CONSOLE,
                "            belt.gate.adopt_speed(base, now_s, must_order=self._takeover.must_order)\n",
                "",
            ),
        ),
    ),
    PlantedFault(
        "one's own maximum is ignored",
        ORDERING,
        'Bound("personal", ckmh_floor(self._runner.max_speed_kmh), "your own maximum")',
        'Bound("personal", 2000, "your own maximum")',
    ),
    PlantedFault(
        "the weekly ceiling is a fifth too high",
        ORDERING,
        'Bound("weekly", ckmh_floor(self._ceiling.curve[60]), self._ceiling.reason)',
        'Bound("weekly", ckmh_floor(self._ceiling.curve[60] * 1.2), self._ceiling.reason)',
        ((SESSION, "        if wish.speed_kmh > allowed:\n", "        if False:\n"),),
    ),
    PlantedFault(
        "the windows of the week are counted too generously",
        "treadcoach/core/sustained.py",
        "budget = (self._ceiling[duration] - self._walk) * duration - self._part",
        "budget = (self._ceiling[duration] - self._walk) * duration * 1.3 - self._part",
    ),
    PlantedFault(
        "a start where even the slowest speed is too fast",
        CONTROLLER,
        "return self.incline.too_steep_words() or self._ordering.no_speed_words()",
        "return None",
    ),
    PlantedFault(
        "an aching back is ignored",
        ORDERING,
        "aching_back=runner.aching_back",
        "aching_back=False",
        ((PARTS, "if runner.aching_back:", "if False:"),),
        among="back",
    ),
    PlantedFault(
        "one's own incline is ignored",
        ORDERING,
        '            Bound("personal", dpct_floor(self._runner.max_incline_percent), "your own maximum"),',
        '            Bound("personal", 150, "your own maximum"),',
    ),
    PlantedFault(
        "stale readings are believed",
        "treadcoach/core/belt.py",
        "return self.speed_kmh is not None and self.age_s is not None and self.age_s <= within_s",
        "return self.speed_kmh is not None and self.age_s is not None",
    ),
    PlantedFault(
        "what no belt can do is believed",
        PLAUSIBILITY,
        "        return from_kmh - down <= kmh <= from_kmh + up",
        "        return True",
    ),
    PlantedFault(
        "the pulse's ceiling is read a quarter of a minute late",
        ORDERING,
        "        bpm, doubt = self._sensors.pulse(now_s, cadence_spm)",
        '        self._late = [*getattr(self, "_late", []), self._sensors.pulse(now_s, '
        "cadence_spm)][-30:]\n"
        "        bpm, doubt = self._late[0]",
        among="pulse",
    ),
    PlantedFault(
        "the pulse's ceiling is read a tick late",
        ORDERING,
        "        bpm, doubt = self._sensors.pulse(now_s, cadence_spm)",
        '        self._late = [*getattr(self, "_late", []), self._sensors.pulse(now_s, '
        "cadence_spm)][-2:]\n"
        "        bpm, doubt = self._late[0]",
        among="pulse",
    ),
    PlantedFault(
        "the ceiling of a hand is read a tick late",
        CONSOLE,
        "        if (cap_kmh := self._belt.session.console_cap_kmh) is not None:",
        '        cap_kmh, self._late = getattr(self, "_late", None), '
        "self._belt.session.console_cap_kmh\n"
        "        if cap_kmh is not None:",
        (
            (
                SESSION,
                "if self.console_cap_kmh is not None and wish.speed_kmh > self.console_cap_kmh:",
                "if False:",
            ),
        ),
    ),
    PlantedFault(
        "a start without a person",
        SESSION,
        '            return [Say("Connected. Press start when',
        "            self.phase, self._fall_back = Phase.ARMED, Phase.READY\n"
        '            return [StartBelt("the link"), Say("Connected. Press start when',
    ),
    PlantedFault(
        "control is requested on connect",
        COACH,
        "        self._link = link\n        return machine",
        "        self._link = link\n        await link.take_control()\n        return machine",
    ),
    PlantedFault(
        "control is requested on each new link",
        COACH,
        "            self._link = link\n            self._reconnecting = False",
        "            self._link = link\n"
        "            self._spawn(self._take_control())\n"
        "            self._reconnecting = False",
    ),
    PlantedFault(
        "a lost control leaves the gate open",
        CONTROLLER,
        '        self._shut(reason)\n        self._event("gate", Level.WARNING, f"gate shut: {reason}")',
        '        self._event("gate", Level.WARNING, f"gate shut: {reason}")',
        ((CONTROLLER, "            self.session.hands_off = True\n", "            pass\n"),),
    ),
    PlantedFault(
        "STOP waits for a tick",
        COACH,
        "        answer = await link.stop(may_move=may_move)\n",
        "        await asyncio.sleep(0.5)\n        answer = await link.stop(may_move=may_move)\n",
    ),
    PlantedFault(
        "STOP is not repeated",
        ALARMS,
        "if belt.stopping.is_due(now_s):",
        "if False:",
    ),
    PlantedFault(
        "STOP is repeated without a pause between",
        CHANNEL,
        "                await self._stop_turn(SPACING_S if tries <= QUICK_STOPS else LATER_SPACING_S)\n",
        "                self._stop_again.clear()\n",
    ),
    PlantedFault(
        "STOP is not sent on a new link",
        SESSION,
        "            return [StopBelt(self._stop_cause)]\n        if self.phase in ENDED",
        "            return []\n        if self.phase in ENDED",
    ),
    PlantedFault(
        "a pause is dropped when the link is lost",
        SESSION,
        "            if self.owed_stop is not None:\n                self._stopping_until_s",
        "            if False:\n                self._stopping_until_s",
    ),
    PlantedFault(
        "an ignored STOP is no alarm",
        ALARMS,
        'belt.say.event("alarm", Level.ALARM, f"{text}. PULL THE SAFETY KEY.")',
        "pass",
    ),
    PlantedFault(
        "one zero frame ends the session",
        STANDING,
        "return is_fresh and self._zero_s - self._zero_since_s >= self._rules.stands_apart_s - JITTER_S",
        "return is_fresh",
        (
            (PLAUSIBILITY, "        return from_kmh - down <= kmh <= from_kmh + up", "        return True"),
            (PLAUSIBILITY, "if why is None and speed <= STANDING_KMH and is_odd:", "if False:"),
        ),
    ),
    PlantedFault(
        "a belt that falls to zero ends the session",
        SESSION,
        '        self._to_pause(cause, now_s)\n        text = f"{words}: paused.',
        '        self.stop(cause, now_s)\n        text = f"{words}: paused.',
    ),
    PlantedFault(
        "a stop at the console leaves the gate open",
        SESSION,
        '            self._to_pause("stopped at the console", now_s)\n'
        "            return [\n"
        '                ShutGate("stopped at the console"),\n'
        '                StopBelt("stopped at the console"),',
        "            return [",
    ),
    PlantedFault(
        "a belt that runs away is not seen",
        WATCH,
        "        elif self._over_count >= _READINGS_OVER:\n            kind, why",
        "        elif False:\n            kind, why",
    ),
    PlantedFault(
        "a belt that nobody commands is not watched",
        WATCH,
        "        if self._over_count >= _READINGS_OVER:\n            shown =",
        "        if False:\n            shown =",
    ),
    PlantedFault(
        "a belt that does not follow down is no alarm",
        WATCH,
        "if since is not None and now_s - max(since, self._ordered_s) > self._rules.watch_follow_s:",
        "if False:",
    ),
    PlantedFault(
        "a belt that tilts by itself is not seen",
        ALARMS,
        "        alarm, left_alone = belt.incline.check(now_s)",
        "        alarm, left_alone = None, belt.incline.check(now_s)[1]",
    ),
    PlantedFault(
        "a machine that falls silent is not seen",
        WATCH,
        "        age_s = now_s - heard_s\n"
        "        if age_s > self._rules.stale_stop_s:\n"
        '            return Alarm(AlarmKind.NO_READINGS, f"the machine has not reported for '
        '{age_s:.0f} s")\n'
        "        if self._start_s",
        "        age_s = now_s - heard_s\n        if self._start_s",
    ),
    PlantedFault(
        "a belt that nobody takes back after a loss runs on",
        SESSION,
        "RELINK_PATIENCE_S = 30.0",
        "RELINK_PATIENCE_S = 3000.0",
    ),
    PlantedFault(
        "steep time is not counted",
        "treadcoach/guard/uphill.py",
        "            self._steep_s += elapsed",
        "            pass",
        among="long",
    ),
    PlantedFault(
        "frames of an old link are fed beside those of the new",
        COACH,
        "            if number == self._link_number:\n"
        "                self._on_frame(device, characteristic, data)",
        "            self._on_frame(device, characteristic, data)",
        (
            (
                COACH,
                "            if old is not None:\n"
                "                await old.close()\n"
                "                old = None\n"
                "            attempt += 1",
                "            attempt += 1",
            ),
            (COACH, "        self._on_lost()\n        await link.close()", "        self._on_lost()"),
        ),
    ),
    PlantedFault(
        "each frame is fed twice on a new link",
        COACH,
        '        self._feed("frame", f"{device}/{characteristic}", data)',
        "        for _ in range(1 + (self._link_number > 1)):\n"
        '            self._feed("frame", f"{device}/{characteristic}", data)',
    ),
)
