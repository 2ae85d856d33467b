"""Faults that are put into the program, one at a time, to see that the judge finds each within 2,000 seeds.

Each is a replacement of text that occurs exactly once in its file.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlantedFault:
    name: str
    path: str
    old: str
    new: str


GATE = "treadcoach/guard/gate.py"
WATCH = "treadcoach/guard/watch.py"
PULSE = "treadcoach/guard/pulse.py"
ORDERING = "treadcoach/app/ordering.py"
CONTROLLER = "treadcoach/app/controller.py"
COACH = "treadcoach/app/coach.py"
SESSION = "treadcoach/core/session.py"
CHANNEL = "treadcoach/devices/control_channel.py"
WIRE = "treadcoach/wire/control_point.py"

FAULTS = (
    PlantedFault(
        "a speed is written in miles per hour's hundredths",
        WIRE,
        "return bytes((Op.SET_TARGET_SPEED,)) + speed_ckmh.to_bytes",
        "return bytes((Op.SET_TARGET_SPEED,)) + int(speed_ckmh * 1.609).to_bytes",
    ),
    PlantedFault(
        "an incline is written ten times too large",
        WIRE,
        "return bytes((Op.SET_TARGET_INCLINE,)) + incline_dpct.to_bytes",
        "return bytes((Op.SET_TARGET_INCLINE,)) + min(incline_dpct * 10, 150).to_bytes",
    ),
    PlantedFault(
        "the ramp up is doubled",
        GATE,
        "rate = min(self._rules.ramp_up_kmh_per_s, hard_limits.MAX_RAMP_UP_KMH_PER_S)",
        "rate = 2 * min(self._rules.ramp_up_kmh_per_s, hard_limits.MAX_RAMP_UP_KMH_PER_S)",
    ),
    PlantedFault(
        "the ramp down is tripled",
        GATE,
        "reach = start - min(ckmh_floor(rate * waited_s), largest)",
        "reach = start - 3 * min(ckmh_floor(rate * waited_s), largest)",
    ),
    PlantedFault(
        "orders come twice as often",
        GATE,
        "if waited_s < self._rules.order_interval_s:",
        "if waited_s < self._rules.order_interval_s / 2:",
    ),
    PlantedFault(
        "the incline moves twice as often",
        GATE,
        "if now_s - axis.since_s < self._rules.incline_interval_s:",
        "if now_s - axis.since_s < self._rules.incline_interval_s / 2:",
    ),
    PlantedFault(
        "the incline moves two steps at once",
        GATE,
        "step = axis.grid.floor(min(target, axis.last + largest))",
        "step = axis.grid.floor(min(target, axis.last + 2 * largest))",
    ),
    PlantedFault(
        "a moving belt is taken over from its slowest speed",
        GATE,
        "start = belt_speed_ckmh or self._speed_grid.low",
        "start = self._speed_grid.low",
    ),
    PlantedFault(
        "orders cleared before the gate shut are still good",
        GATE,
        "if not self._open or order.epoch != self._epoch:",
        "if False:",
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
    ),
    PlantedFault(
        "the windows of the week are counted too generously",
        "treadcoach/core/sustained.py",
        "budget = self._ceiling[duration] * duration",
        "budget = self._ceiling[duration] * duration * 1.08",
    ),
    PlantedFault(
        "an aching back is ignored",
        ORDERING,
        "aching_back=runner.aching_back",
        "aching_back=False",
    ),
    PlantedFault(
        "one's own incline is ignored",
        ORDERING,
        'Bound("personal", dpct_floor(self._runner.max_incline_percent), "your own maximum")',
        'Bound("personal", 150, "your own maximum")',
    ),
    PlantedFault(
        "stale readings are believed",
        ORDERING,
        "fresh = belt.fresh(self._rules.stale_hold_s)\n        ordered",
        "fresh = True\n        ordered",
    ),
    PlantedFault(
        "control is requested on connect",
        COACH,
        "machine = await link.connect()\n        self._link = link",
        "machine = await link.connect()\n        await link.take_control()\n        self._link = link",
    ),
    PlantedFault(
        "control is requested on each new link",
        COACH,
        "            self._link = link\n            self._reconnecting = False",
        "            self._link = link\n            self._spawn(self._take_control())\n"
        "            self._reconnecting = False",
    ),
    PlantedFault(
        "STOP waits for a tick",
        COACH,
        "        answer = await link.stop()\n        now_s",
        "        await asyncio.sleep(0.5)\n        answer = await link.stop()\n        now_s",
    ),
    PlantedFault(
        "STOP is not repeated",
        CONTROLLER,
        'self._out.append(Stop("the belt has not stopped: again"))',
        "pass",
    ),
    PlantedFault(
        "STOP is not sent on a new link",
        SESSION,
        "return [StopBelt(self._stop_cause)]\n        return []",
        "return []\n        return []",
    ),
    PlantedFault(
        "an ignored STOP is no alarm",
        CONTROLLER,
        'self._event("alarm", Level.ALARM, f"{alarm.text}. PULL THE SAFETY KEY.")',
        "pass",
    ),
    PlantedFault(
        "a belt that runs away is not seen",
        WATCH,
        "if self._over_count >= _READINGS_OVER:",
        "if self._over_count >= 10_000:",
    ),
    PlantedFault(
        "a machine that falls silent is not seen",
        WATCH,
        "if age_s > self._rules.stale_stop_s:",
        "if age_s > 10_000:",
    ),
    PlantedFault(
        "a belt that nobody takes back after a loss runs on",
        SESSION,
        "RELINK_PATIENCE_S = 30.0",
        "RELINK_PATIENCE_S = 3000.0",
    ),
    PlantedFault(
        "a pulse that is lost allows everything",
        PULSE,
        '            self._without_pulse(now_s, doubt or "no pulse", speed_ckmh)\n            return',
        "            self._speed = self._incline = None\n            return",
    ),
    PlantedFault(
        "a stop at the console leaves the gate open",
        SESSION,
        """            self._stopping_until_s = now_s + BRAKING_S
            self.ramp.forget_current()
            return [
                ShutGate("stopped at the console"),
                StopBelt("stopped at the console"),
                Say("Stopped at the console. Press start""",
        """            self.phase = self._resume_to
            return [
                Say("Stopped at the console. Press start""",
    ),
)
