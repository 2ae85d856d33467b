"""Every order inside the bounds, along the ramp, and only where a person released the belt."""

from collections.abc import Iterator

from tests.adversary.evidence import FOREVER, Evidence, Write
from tests.adversary.finding import Finding
from tests.adversary.knowable import (
    FALSE_SPEED,
    STOP_WORDS,
    hand_unknown,
    lag_s,
    released_at,
    usable_s,
)

ORDER_INTERVAL_S = 1.0
INCLINE_INTERVAL_S = 2.0
UP_KMH_PER_S = 0.2
DOWN_KMH_PER_S = 0.3
LEAD_KMH = 1.0
STEEP_PERCENT = 5.0
STEEP_LIMIT_S = 600.0
AFTER_STEEP_PERCENT = 4.0
STEEP_LEAVES_WITHIN_S = 60.0
JITTER_S = 0.06
TAKES_OVER_WITHIN_S = 35.0
"""A belt that is taken over is waited for until it runs steadily, half a minute at most."""
HAIR = 0.011
NEAR_KMH = 0.16
"""So near to the belt a speed that a status says is taken for where it is heading."""
START_IS_GOOD_FOR_S = 25.0
"""20 s by promise, and the time that writes take."""

START_WAITS_S = 75.0
"""A start that the machine refused waits so long for its own Start key."""


def speed_orders(seen: Evidence) -> Iterator[Finding]:
    limits = seen.limits
    step, ceiling = limits.one_step_kmh, limits.ceiling_kmh
    for write in seen.writes:
        if write.op != 2 or len(write.data) != 3:
            continue
        t, kmh, target = write.t_s, write.kmh, write.target_kmh
        lag = lag_s(seen, t)
        high, low = seen.speed.high(t - lag, t), seen.speed.low(t - lag, t)
        true = seen.speed.at(t)
        if seen.lied(t - lag, t, "runaway_to_kmh", "drift_kmh"):
            # What it does is what can be seen; a person may have taken it over as it runs.
            target = max(target, true)
        ignored = seen.lied(t - 30, t, "answered_but_ignored 2")
        if kmh > ceiling + HAIR and kmh > limits.machine_low_kmh + HAIR and kmh > high + 0.05:
            yield Finding(
                "speed over the ceiling", t, f"{kmh:.2f} km/h over {ceiling:.2f}; the belt runs {true:.2f}"
            )
        if hand_unknown(seen, t):
            continue
        if not write.running:
            # After a STOP it brakes: nothing faster than it was. (A belt that halts by itself is seen later.)
            if _stopped_before(seen, t) and kmh > max(high, limits.machine_low_kmh) + step + 0.05:
                yield Finding("a jump up", t, f"{kmh:.2f} km/h to a belt that does not run; belt {true:.2f}")
            continue
        if kmh > target + step + HAIR and not (ignored and kmh <= high + LEAD_KMH + step):
            yield Finding(
                "a jump up",
                t,
                f"{kmh:.2f} km/h after {target:.2f} the machine had; belt {true:.2f}; a step is {step:g}",
            )
        if kmh < target - HAIR:
            # Steadily wrong, or the target in place of the belt: that cannot be told from the truth.
            stuck = ("reports_target", "restores_target", "takes_mph", "reversed", "runaway_to_kmh")
            false = seen.lied(t - lag, t, *FALSE_SPEED, *stuck)
            by_hand = _set_by(seen, t) != "order"
            above = kmh > high + limits.machine_step_kmh + 0.1 and kmh > limits.machine_low_kmh + HAIR
            if above and not false and not by_hand:
                yield Finding(
                    "down, above the belt",
                    t,
                    f"{kmh:.2f} km/h (was {target:.2f}) while the belt runs {true:.2f}",
                )
            lowest = min(low, write.target_kmh) - step - 0.05
            if _said_slower(seen, t):
                lowest -= NEAR_KMH
            if _set_by(seen, t) == "machine" or _set_in_silence(seen, t):
                # Not faster than a reading may be off: it is brought back to what was ordered.
                lowest = min(lowest, _last_order_kmh(seen, t) - step - 0.05)
            false = seen.lied(t - lag, t, *FALSE_SPEED, "takes_mph", "reversed")
            if kmh < lowest and not false and not ignored:
                yield Finding(
                    "snatched down",
                    t,
                    f"{kmh:.2f} km/h in one order; belt {true:.2f}, heading for {target:.2f}",
                )


def _said_slower(seen: Evidence, t_s: float) -> bool:
    """A status that is false said lately that somebody has set a little less."""
    return seen.lied(t_s - 30, t_s, "echo_braking") or any(
        not true and octets[:1] == b"\x05" and t_s - 30 <= at <= t_s for at, octets, true in seen.statuses
    )


def _stopped_before(seen: Evidence, t_s: float) -> bool:
    last = next((write for write in reversed(seen.writes) if write.t_s < t_s and write.op in (7, 8)), None)
    return last is not None and last.op == 8 and last.result == 1


def _last_order_kmh(seen: Evidence, t_s: float) -> float:
    return next((w.kmh for w in reversed(seen.writes) if w.op == 2 and w.taken and w.t_s < t_s), 0.0)


def _set_in_silence(seen: Evidence, t_s: float) -> bool:
    """Whether a hand has set the target that the belt has, at a console that did not tell of it."""
    at = next((at for at, _kmh, _who in reversed(seen.targets) if at < t_s), 0.0)
    return any(not press.reported and abs(press.t_s - at) < 0.01 for press in seen.pressed)


def _set_by(seen: Evidence, t_s: float) -> str:
    """Who set the target that the belt has. One by a true hand is known to be where it is heading."""
    return next((who for at, _kmh, who in reversed(seen.targets) if at < t_s), "start")


def ramps(seen: Evidence) -> Iterator[Finding]:
    """The rate over several orders, and the time between two."""
    limits = seen.limits
    step = limits.one_step_kmh
    last: Write | None = None
    base: tuple[float, float, bool] | None = None
    others = [at for at, _kmh, who in seen.targets if who != "order"]
    for write in seen.writes:
        if write.op in (7, 8):
            base = None
        if write.op != 2 or len(write.data) != 3:
            continue
        if not write.running:
            base = None
            continue
        t = write.t_s
        if last is not None and t - last.t_s < ORDER_INTERVAL_S - JITTER_S:
            yield Finding("orders too close", t, f"speed orders {t - last.t_s:.2f} s apart")
        if base is not None and any(base[0] <= at <= t for at in others):
            base = None
        last = write
        up = write.kmh > write.target_kmh
        if base is None or base[2] != up:
            base = (t, write.target_kmh if not write.taken else write.kmh, up)
            continue
        if seen.lied(base[0], t, "answered_but_ignored 2", "takes_mph", "reversed"):
            continue
        # A belt that says steadily that it is slower: a hand may have set it so, and that is not undone.
        if not up and seen.lied(t - lag_s(seen, t), t, *FALSE_SPEED, "runaway_to_kmh"):
            base = None
            continue
        passed_s = t - base[0]
        if up and write.kmh > base[1] + UP_KMH_PER_S * passed_s + step + 0.05:
            yield Finding(
                "ramp too steep", t, f"{base[1]:.2f} to {write.kmh:.2f} km/h ordered within {passed_s:.2f} s"
            )
        if not up and write.kmh < base[1] - DOWN_KMH_PER_S * passed_s - step - 0.05:
            yield Finding(
                "ramp too steep", t, f"{base[1]:.2f} down to {write.kmh:.2f} km/h within {passed_s:.2f} s"
            )


def incline_orders(seen: Evidence) -> Iterator[Finding]:
    limits = seen.limits
    ceiling, step = limits.ceiling_percent, limits.one_step_percent
    last: float | None = None
    for write in seen.writes:
        if write.op != 3 or len(write.data) != 3:
            continue
        t, percent, target = write.t_s, write.percent, write.target_percent
        lag = lag_s(seen, t)
        high, low = seen.incline.high(t - lag, t), seen.incline.low(t - lag, t)
        if last is not None and t - last < INCLINE_INTERVAL_S - JITTER_S:
            yield Finding("incline orders too close", t, f"{t - last:.2f} s apart")
        last = t
        # Down from an incline that is really above the bound; never to one that was only said.
        if percent > ceiling + 0.01 and percent > high + 0.01:
            yield Finding(
                "incline over the ceiling",
                t,
                f"{percent:.1f} % over {ceiling:.1f} %; the belt is at {seen.incline.at(t):.1f} %",
            )
        moved_lately = any(
            t - lag - 2 <= at <= t and who in ("hand", "machine") for at, _percent, who in seen.tilts
        )
        if moved_lately or seen.lied(t - 30, t, "answered_but_ignored 3"):
            continue
        if _incline_unknowable(seen, t):
            continue
        # Only said to be below flat: to flat at once.
        from_below = target < -0.01 and percent <= 0.01
        if percent > max(target, high) + step + 0.05 and not from_below:
            yield Finding(
                "incline jumps", t, f"{percent:.1f} % ordered, the belt is at {seen.incline.at(t):.1f} %"
            )
        # From an incline above the limit the first order goes straight to the limit.
        limit = min(ceiling, AFTER_STEEP_PERCENT) if _steep_s(seen, t) > STEEP_LIMIT_S - 5 else ceiling
        straight = target > limit + 0.01 and percent > limit - (limits.machine_step_percent or 0.1) - 0.01
        base = min(target, low)
        if _tilted_in_silence(seen, t):
            # Not so far off that anybody would be alarmed: it goes on from what was ordered.
            base = min(base, _last_incline(seen, t))
        if percent < base - step - 0.05 and not straight:
            yield Finding(
                "incline jumps", t, f"{percent:.1f} % ordered, the belt is at {seen.incline.at(t):.1f} %"
            )


def _tilted_in_silence(seen: Evidence, t_s: float) -> bool:
    """Whether the motor was set last by itself, or by a hand at a console that did not tell of it."""
    at, who = next(((at, who) for at, _percent, who in reversed(seen.tilts) if at < t_s), (0.0, "start"))
    by_hand = any(not press.reported and abs(press.t_s - at) < 0.01 for press in seen.pressed)
    return who == "machine" or by_hand


def _last_incline(seen: Evidence, t_s: float) -> float:
    taken = (w.percent for w in reversed(seen.writes) if w.op == 3 and w.taken and w.t_s < t_s)
    return next(taken, 0.0)


def _incline_unknowable(seen: Evidence, t_s: float) -> bool:
    """A steady false incline inside the machine's own range cannot be told from a true one at first.

    The ceilings hold whatever is said; only the size of the first step cannot be demanded then.
    """
    low, high = seen.limits.machine_low_percent, seen.limits.machine_high_percent
    if low is None or high is None:
        return False
    for lie in seen.lies:
        if lie.from_s <= t_s and lie.kind == "incline_percent" and lie.detail not in ("", "None"):
            if low <= float(lie.detail) <= high:
                return True
        elif lie.from_s <= t_s and lie.kind in ("incline_frozen", "incline_absent", "frozen"):
            return True
    return False


def only_when_released(seen: Evidence) -> Iterator[Finding]:
    """Nothing but STOP and Request Control without a person's start; START once for each."""
    used: dict[float, int] = {}
    refused_for_control: set[float] = set()
    for write in seen.writes:
        if write.op not in (2, 3, 7):
            if write.op not in (0, 8):
                yield Finding("an op code nobody needs", write.t_s, write.data.hex())
            continue
        state, since, why = released_at(seen, write.t_s)
        if not state and write.t_s - since > 0.02 + seen.limits.air_s:
            yield Finding(
                "an order without a start",
                write.t_s,
                f"{write.words}, {write.t_s - since:.2f} s after: {why}",
            )
        if seen.limits.ceiling_kmh < seen.limits.machine_low_kmh - HAIR:
            # A STOP may be answered late; nothing that moves the belt is ordered at all.
            yield Finding(
                "nothing is slow enough, and it is ordered",
                write.t_s,
                f"{write.words}; the machine's slowest is {seen.limits.machine_low_kmh:.1f} km/h,"
                f" {seen.limits.ceiling_kmh:.1f} is the ceiling",
            )
        if write.op == 7:
            starts = [
                ask.t_s
                for ask in seen.asked
                if ask.kind == "start" and write.t_s - START_IS_GOOD_FOR_S <= ask.t_s <= write.t_s + 0.001
            ]
            if not starts:
                yield Finding("a start by nobody", write.t_s, "START without a person's start before it")
                continue
            latest = starts[-1]
            used[latest] = used.get(latest, 0) + 1
            # A machine that answers "not permitted" is asked for control once more (and started once more).
            if used[latest] > 1 + (latest in refused_for_control) and len(starts) < used[latest]:
                yield Finding("a second START", write.t_s, f"for the start asked at {latest:.2f} s")
            if write.result == 5:
                refused_for_control.add(latest)


def request_control(seen: Evidence) -> Iterator[Finding]:
    """Request Control goes out with a person's start, or before a STOP where a belt moves or may move.

    A plain STOP goes out whenever a person asks for it, also to a ready machine.
    """
    for write in seen.writes:
        if write.op not in (0, 8):
            continue
        t = write.t_s
        if write.op == 0 and any(
            ask.kind == "start" and t - START_WAITS_S <= ask.t_s <= t + 0.001 for ask in seen.asked
        ):
            continue
        touched = any(other.op in (0, 7) and other.t_s <= t and other is not write for other in seen.writes)
        moved = seen.speed.high(0, t) > 0.05 or seen.state_at(t) == "countdown"
        false = seen.lied(0, t, *FALSE_SPEED, "glitch", "status", "quiet_until_control")
        asked = any(ask.kind in (*STOP_WORDS, "pause") and ask.t_s <= t + 0.001 for ask in seen.asked)
        asked = asked or any(press.key == "safety key" and press.t_s <= t for press in seen.pressed)
        if not touched and not moved and not false and not (write.op == 8 and asked):
            yield Finding("a ready machine is touched", t, f"{write.words} to a belt that never moved")
            continue
        if write.op == 0 and not any(other.op == 8 and 0 <= other.t_s - t <= 2.6 for other in seen.writes):
            # A link that is lost in between keeps the STOP from coming.
            lost = any(t <= at <= t + 2.6 and not count for at, count in seen.links)
            if not lost and not seen.over(t + 2.6):
                yield Finding("control for nothing", t, "Request Control without a start or a STOP after it")


def takeover(seen: Evidence) -> Iterator[Finding]:
    """A start of a moving belt takes over at the lowest of its speed, where it heads, and the ceiling."""
    limits = seen.limits
    for ask in seen.asked:
        if ask.kind != "start" or seen.speed.at(ask.t_s) < 0.5:
            continue
        until = ask.t_s + TAKES_OVER_WITHIN_S
        leads, since, _why = released_at(seen, ask.t_s - 0.001)
        if leads and any(w.op in (2, 7) and w.taken and since < w.t_s < ask.t_s for w in seen.writes):
            continue  # it is led already; what a hand has set since is judged as a hand's
        first = next((w for w in seen.writes if w.op == 2 and ask.t_s <= w.t_s <= until), None)
        if first is None or hand_unknown(seen, first.t_s):
            continue
        if any(ask.t_s <= w.t_s < first.t_s and w.op in (7, 8) for w in seen.writes):
            continue  # a belt that is started, perhaps while it still comes to stand, is taken over by nobody
        lag = lag_s(seen, first.t_s)
        high = seen.speed.high(first.t_s - lag, first.t_s)
        if seen.lied(first.t_s - lag, first.t_s, *FALSE_SPEED):
            continue
        if seen.lied(first.t_s - 30, first.t_s, "answered_but_ignored 2"):
            continue
        heads = first.target_kmh
        if seen.lied(first.t_s - lag, first.t_s, "runaway_to_kmh", "drift_kmh"):
            heads = high
        if seen.lied(first.t_s - lag, first.t_s, "reports_target"):
            high = max(high, heads)  # such a machine hides how fast its belt is
        bound = min(high, heads) + limits.one_step_kmh + 0.05
        if first.kmh > bound:
            yield Finding(
                "taken over too fast",
                first.t_s,
                f"first order {first.kmh:.2f} km/h after a start; belt {seen.speed.at(first.t_s):.2f},"
                f" heading for {first.target_kmh:.2f}, ceiling {limits.ceiling_kmh:.2f}",
            )


def inside_the_plan(seen: Evidence) -> Iterator[Finding]:
    """Nothing faster than the plan's fastest, but for what people asked or set by hand."""
    if seen.speed.values[0] > 0 or any(press.after_kmh > press.before_kmh for press in seen.pressed):
        return
    if any(who == "machine" for _at, _kmh, who in seen.targets):
        return
    if seen.lied(
        0, seen.watched_until_s, "restores_target", "takes_mph", "runaway_to_kmh", "drift_kmh", "reversed"
    ):
        return
    top = max(seen.limits.plan_kmh, seen.limits.walk_kmh, seen.limits.machine_low_kmh)
    # Later steps change with it, by the same share: from then on only the ceiling says how much.
    faster = min((ask.t_s for ask in seen.asked if ask.kind == "faster"), default=FOREVER)
    for write in seen.writes:
        if write.op == 2 and write.t_s < faster and write.kmh > top + 0.05:
            yield Finding(
                "faster than the plan", write.t_s, f"{write.words}; the plan's fastest is {top:.1f} km/h"
            )
            return


def nothing_after_the_end(seen: Evidence) -> Iterator[Finding]:
    for write in seen.writes:
        if seen.ended_s is not None and write.t_s > seen.ended_s + 0.001:
            yield Finding("octets after the end", write.t_s, write.words)
            return


def _steep_s(seen: Evidence, t_s: float) -> float:
    """How long the belt has been steep by then; anything that was reported counts in the program, too."""
    spans = seen.incline.spans(STEEP_PERCENT - 0.1)
    return sum(max(min(ends, t_s) - begins, 0.0) for begins, ends in spans)


def steep_for_long(seen: Evidence) -> Iterator[Finding]:
    """Ten minutes at 5 % or more in one session; after that 4 % is the most, and the belt goes there."""
    if any(who in ("hand", "machine") for _at, _percent, who in seen.tilts):
        return
    # Whatever is reported, or not: what was ordered is known to who ordered it.
    steep_s = 0.0
    for second in range(int(min(seen.ended_s or seen.watched_until_s, seen.watched_until_s))):
        at = float(second)
        if seen.incline.at(at) >= STEEP_PERCENT and seen.speed.at(at) > 0.3:
            steep_s += 1.0
            if steep_s > STEEP_LIMIT_S + STEEP_LEAVES_WITHIN_S and usable_s(seen, at) is not None:
                yield Finding(
                    "steep for too long",
                    at,
                    f"{steep_s:.0f} s at 5 % or more; now {seen.incline.at(at):.1f} %",
                )
                return


PROMISES = (
    speed_orders,
    ramps,
    incline_orders,
    only_when_released,
    request_control,
    takeover,
    inside_the_plan,
    nothing_after_the_end,
    steep_for_long,
)
