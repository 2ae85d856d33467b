"""The runner's hand, the runner's heart, the runner's week."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate, pairwise

from tests.adversary.evidence import FOREVER, Evidence, Pressed
from tests.adversary.finding import Finding
from tests.adversary.knowable import (
    CONTROL_MAY_PASS_S,
    FALSE_SPEED,
    LATE_SPEED,
    STOP_WORDS,
    lag_s,
    released_at,
    usable_s,
)

PULSE_PASSES_S = 8.0
PULSE_HAIR_BPM = 3.5
"""Breath and rounding."""
FAR_ABOVE_BPM = 15.0
FAR_ABOVE_FOR_S = 10.0
WALKS_WITHIN_S = 60.0
PULSE_LOST_S = 9.0
LOST_WALKS_AFTER_S = 100.0
"""A minute by promise, and the ramp from the fastest to walking."""
WEEK_TOLERANCE_KMH = 0.12
HINDERS = (
    *(f"{how} {op}" for how in ("silent", "answered_but_ignored", "delay", "att_stuck") for op in (0, 2, 7)),
    *("result 0", "result 2"),
    "silent",
    "delay_s",
    "race",
    "runaway_to_kmh",
    "drift_kmh",
    "takes_mph",
    "reversed",
    "revoked",
    "status",
    "rejects_control",
)
"""What keeps a belt from coming down as it is told, or makes it somebody else's."""
BENIGN = (
    "echoes_orders_s",
    "reports_target",
    "silent_console",
    "distance_step",
    "pause_resets_counters",
    "echoes_start",
)


def _lifted(seen: Evidence, press: Pressed) -> float:
    """Until when a slower speed by hand is kept: until the runner says otherwise."""
    asked = (
        ask.t_s
        for ask in seen.asked
        if ask.t_s >= press.t_s and ask.kind in ("faster", "start", "skip", "accept")
    )
    keys = (
        other.t_s
        for other in seen.pressed[seen.pressed.index(press) + 1 :]
        if other.t_s >= press.t_s and (other.after_kmh > other.before_kmh or other.key == "start")
    )
    return min(min(asked, default=FOREVER), min(keys, default=FOREVER))


def _took_its_place(seen: Evidence, press: Pressed) -> bool:
    """An order in the same moment undid it, and the status said a speed that the belt just passed.

    There are machines that report each speed of the moment so; the belt does then what this one does.
    """
    t = press.t_s
    undone = any(write.op == 2 and write.taken and t <= write.t_s <= t + 0.1 for write in seen.writes)
    lag = lag_s(seen, t)
    return undone and seen.speed.low(t - lag, t) - 0.1 <= press.after_kmh <= seen.speed.high(t, t + 2.0)


def slower_hand(seen: Evidence) -> Iterator[Finding]:
    for press in seen.pressed:
        if press.after_kmh > press.before_kmh - 0.05 or press.key in ("stop", "pause", "safety key", "start"):
            continue
        t = press.t_s
        if usable_s(seen, t) is None or seen.over(t):
            continue
        knows = CONTROL_MAY_PASS_S
        if not press.reported:
            # Without a status only a belt that is seen to do something else tells of a hand.
            lag = lag_s(seen, t)
            knows = lag + 6.0
            ordered = any(write.op == 2 and t - 2.5 <= write.t_s <= t + knows for write in seen.writes)
            false = seen.lied(t - 3, t + knows, *FALSE_SPEED, *LATE_SPEED)
            if ordered or false or press.before_kmh - press.after_kmh < 0.7 or seen.stall_s(t - 5, t + knows):
                continue
            if abs(seen.speed.at(t + knows - lag) - press.after_kmh) > 0.1:
                continue
        elif _took_its_place(seen, press):
            continue
        knows += seen.stall_s(t - 2.0, t + knows)
        lifted = _lifted(seen, press)
        for write in seen.writes:
            if write.op != 2 or not t + knows < write.t_s < lifted:
                continue
            # On the way down to it by the ramp, where an order came on top of the hand.
            comes_down = write.kmh < min(seen.speed.at(write.t_s), write.target_kmh + 0.05)
            if write.kmh > press.after_kmh + 0.05 and not comes_down:
                yield Finding(
                    "a slower hand is undone",
                    write.t_s,
                    f"{write.kmh:.2f} km/h ordered; {press.after_kmh:.2f} was set by hand at {t:.2f} s",
                )
                break


def faster_hand(seen: Evidence) -> Iterator[Finding]:
    """An honest faster hand above the ceiling is said, and then left alone."""
    for press in seen.pressed:
        if press.after_kmh <= max(press.before_kmh, seen.limits.ceiling_kmh + 0.3) or not press.reported:
            continue
        t = press.t_s
        usable = usable_s(seen, t) is not None and usable_s(seen, t + 8) is not None
        if not usable or seen.over(t + 8) or not released_at(seen, t)[0]:
            continue
        if seen.lied(t - 5, t + 20) or seen.stall_s(t - 5, t + 20):
            continue
        # Borne out by the belt once it is really above the ceiling; from then on nothing is ordered.
        out = next(
            (t + k * 0.5 for k in range(60) if seen.speed.at(t + k * 0.5) > seen.limits.ceiling_kmh + 0.9),
            None,
        )
        if out is None:
            continue
        ends = min(
            (ask.t_s for ask in seen.asked if ask.t_s > t),
            default=FOREVER,
        )
        ends = min(ends, min((other.t_s for other in seen.pressed if other.t_s > t), default=FOREVER))
        for write in seen.writes:
            if write.op in (2, 3, 8) and out + 4 < write.t_s < min(ends, t + 60):
                yield Finding(
                    "a faster hand is fought",
                    write.t_s,
                    f"{write.words}; {press.after_kmh:.1f} was set by hand at {t:.1f} s",
                )
                break


def _looks_like_miles(seen: Evidence, t_s: float) -> bool:
    """Whether somebody has set, just after an order, what a machine makes of it that takes miles."""
    return any(
        write.op == 2
        and t_s - 30 <= write.t_s <= press.t_s <= write.t_s + 1.05
        and abs(press.after_kmh - write.kmh * 1.609) < 0.06
        for press in seen.pressed
        for write in seen.writes
    )


def false_alarm(seen: Evidence) -> Iterator[Finding]:
    """No alarm and no STOP of the program's own where every device is honest, quick keys included."""
    if any(lie.kind not in BENIGN for lie in seen.lies) or seen.stalls or seen.limits.pulse_ceiling_bpm:
        return
    if any(not count and at < (seen.ended_s or FOREVER) - 4 for at, count in seen.links):
        return
    if any(ask.kind in ("unwell", "not_right") for ask in seen.asked):
        return
    for told in seen.told:
        if told.level != "alarm" or seen.over(told.t_s):
            continue
        if any(press.key == "safety key" and press.t_s <= told.t_s for press in seen.pressed):
            continue
        # Told to stop, and it truly runs on, whoever has started it again.
        if any(write.op == 8 and told.t_s - 60 <= write.t_s <= told.t_s - 3 for write in seen.writes) and (
            seen.speed.at(told.t_s) > max(seen.speed.at(told.t_s - 2) - 0.1, 0.3)
        ):
            continue
        if _looks_like_miles(seen, told.t_s):
            continue
        # Faster by a hand that its console does not tell of: that cannot be told from a belt that runs away.
        if any(
            not press.reported and press.after_kmh > press.before_kmh and press.t_s <= told.t_s
            for press in seen.pressed
        ):
            continue
        above = any(
            press.after_kmh > seen.limits.ceiling_kmh and told.t_s - 60 <= press.t_s <= told.t_s
            for press in seen.pressed
        )
        steeper = any(press.key in ("steeper", "flatter") and press.t_s <= told.t_s for press in seen.pressed)
        if not above and not steeper:
            yield Finding("a false alarm", told.t_s, told.text[:110])
            return


def _trusted(seen: Evidence, at: int) -> bool:
    beat = seen.beats[at]
    return beat.said_bpm is not None and beat.contact and abs(beat.said_bpm - beat.true_bpm) < 6


def pulse_above(seen: Evidence) -> Iterator[Finding]:
    """Above the ceiling nothing gets faster or steeper, whether the contact flaps or frames are missing."""
    ceiling = seen.limits.pulse_ceiling_bpm
    if ceiling is None or not seen.beats:
        return
    times = [beat.t_s for beat in seen.beats]
    for write in seen.writes:
        t = write.t_s
        faster = (
            write.op == 2
            and write.kmh > write.target_kmh + 0.011
            and write.kmh > seen.limits.machine_low_kmh + 0.011
        )
        steeper = write.op == 3 and write.percent > write.target_percent + 0.05
        if not (faster or steeper):
            continue
        first, last = bisect_left(times, t - PULSE_PASSES_S), bisect_left(times, t)
        window = range(first, last)
        if len(window) < PULSE_PASSES_S - 1:
            continue
        if any(seen.beats[i].true_bpm < ceiling + PULSE_HAIR_BPM for i in window):
            continue
        # Known: said with contact, by an honest strap, at some time while it was above and not long ago.
        early = range(bisect_left(times, t - 30), last)
        known = [i for i in early if _trusted(seen, i) and seen.beats[i].true_bpm > ceiling + PULSE_HAIR_BPM]
        if len(known) < 3 or seen.lied(t - 70, t, "strap frozen_bpm", "strap locked", "strap noise_bpm"):
            continue
        if write.op == 2 and _answers_hand(seen, write.t_s):
            continue
        yield Finding(
            "faster above the pulse ceiling" if faster else "steeper above the pulse ceiling",
            t,
            f"{write.words} after {write.target_kmh:.2f} km/h, {write.target_percent:.1f} %; pulse"
            f" {seen.beats[last - 1].true_bpm:.0f} over {ceiling}",
        )
        return


def _answers_hand(seen: Evidence, t_s: float) -> bool:
    """The target below the belt was set by a hand or the machine a moment ago: the order is not faster."""
    lag = lag_s(seen, t_s) + 3
    return any(t_s - lag <= at <= t_s and who in ("hand", "machine") for at, _kmh, who in seen.targets)


def pulse_far_above(seen: Evidence) -> Iterator[Finding]:
    """Far above for a while: the belt truly walks within a minute, and people are told loudly."""
    ceiling = seen.limits.pulse_ceiling_bpm
    if ceiling is None:
        return
    since: float | None = None
    end = min(seen.watched_until_s, seen.ended_s or seen.watched_until_s)
    for i, beat in enumerate(seen.beats):
        far = beat.true_bpm >= ceiling + FAR_ABOVE_BPM + PULSE_HAIR_BPM and _trusted(seen, i)
        if not far:
            since = None
            continue
        since = beat.t_s if since is None else since
        due = since + FAR_ABOVE_FOR_S + WALKS_WITHIN_S + 5
        if beat.t_s < due or beat.t_s > end:
            continue
        walk = max(seen.limits.walk_kmh, seen.limits.machine_low_kmh)
        speed = seen.speed.at(due)
        if speed <= walk + seen.limits.machine_step_kmh + 0.1:
            return
        if not _program_drives(seen, since, due):
            return
        yield Finding(
            "the pulse is far above and the belt runs",
            due,
            f"{beat.true_bpm:.0f} over {ceiling} since {since:.0f} s, belt {speed:.1f}, walk {walk:.1f}",
        )
        return


def _drives_by_hand(seen: Evidence, press: Pressed) -> bool:
    """Whether somebody has set more than may be: more than walking, while a pulse has yet to be trusted."""
    most = seen.limits.ceiling_kmh
    if seen.limits.pulse_ceiling_bpm is not None and seen.beats and press.t_s < seen.beats[0].t_s + 25.0:
        most = min(most, seen.limits.walk_kmh)
    return press.after_kmh > most + 0.05


def _program_drives(seen: Evidence, from_s: float, to_s: float) -> bool:
    """Released throughout, by a link and a machine that take orders, with no hand at the console."""
    if not (released_at(seen, from_s)[0] and released_at(seen, to_s)[0]):
        return False
    if any(from_s - 60 <= press.t_s <= to_s for press in seen.pressed):
        return False
    if any(from_s <= ask.t_s <= to_s and ask.kind in (*STOP_WORDS, "pause", "start") for ask in seen.asked):
        return False
    if seen.stall_s(from_s, to_s):
        return False
    # "Reset" and "control lost": the machine is no longer ours to order, also where it says so falsely.
    since = released_at(seen, from_s)[1]
    if any(since <= press.t_s <= to_s and _drives_by_hand(seen, press) for press in seen.pressed):
        return False  # the runner drives it
    if any(since <= at <= to_s and octets[:1] in (b"\x01", b"\xff") for at, octets, _true in seen.statuses):
        return False
    own = [lie.kind for lie in seen.lies if lie.from_s <= to_s and lie.to_s >= from_s - 30]
    return not any(kind in HINDERS or kind in FALSE_SPEED or kind in LATE_SPEED for kind in own)


def week(seen: Evidence) -> Iterator[Finding]:
    """The belt's true speed keeps every window of the week's curve where only the program commanded it."""
    # A hand inside the ceiling leaves the belt to the program, which keeps the windows all the same.
    if any(press.key == "start" or _drives_by_hand(seen, press) for press in seen.pressed):
        return
    if any(press.after_kmh > press.before_kmh and not press.reported for press in seen.pressed):
        return
    own = ("race", "runaway_to_kmh", "drift_kmh", "takes_mph", "reversed", "falls_back")
    stops = ("answered_but_ignored 8", "result 8", "silent 8", "att_stuck 8")
    kinds = (*own, *stops, *FALSE_SPEED, "answered_but_ignored 2", "no_data")
    if any(lie.kind in kinds for lie in seen.lies) or seen.speed.values[0] > 0:
        return
    said_lost = any(octets[:1] in (b"\x01", b"\xff") for _at, octets, _true in seen.statuses)
    if said_lost or seen.lied(0, seen.watched_until_s, "revoked"):
        return
    away_s = sum(b - a for (a, n), (b, _m) in pairwise(seen.links) if not n)
    if away_s > 3:
        # While nobody can reach the belt it goes on as it was.
        return
    speeds = [seen.speed.at(float(t)) for t in range(int(seen.watched_until_s))]
    sums = [0.0, *accumulate(speeds)]
    for duration, ceiling in seen.limits.curve.items():
        ends = min(duration, len(speeds))
        if not ends:
            return
        best, at = max((sums[i] - sums[max(i - duration, 0)], i) for i in range(1, len(sums)))
        bound = max(ceiling, seen.limits.walk_kmh, seen.limits.machine_low_kmh)
        if best / duration > bound + WEEK_TOLERANCE_KMH:
            yield Finding(
                "over the week's curve",
                float(at),
                f"{duration // 60} min at {best / duration:.2f} km/h, {bound:.2f} is the ceiling",
            )
            return


def flatter_hand(seen: Evidence) -> Iterator[Finding]:
    """Flatter at the console is kept like slower."""
    for press in seen.pressed:
        if press.key != "flatter" or not press.reported or usable_s(seen, press.t_s) is None:
            continue
        set_to = next((p for at, p, who in seen.tilts if who == "hand" and abs(at - press.t_s) < 0.01), None)
        if set_to is None:
            continue
        kinds = ("steeper", "start", "skip", "flatter")
        until = min(
            (ask.t_s for ask in seen.asked if ask.t_s >= press.t_s and ask.kind in kinds), default=FOREVER
        )
        keys = (
            other.t_s for other in seen.pressed if other.t_s > press.t_s and other.key in ("steeper", "start")
        )
        until = min(until, min(keys, default=FOREVER))
        for write in seen.writes:
            if (
                write.op == 3
                and press.t_s + CONTROL_MAY_PASS_S < write.t_s < until
                and write.percent > set_to + 0.05
            ):
                yield Finding(
                    "a flatter hand is undone",
                    write.t_s,
                    f"{write.words}; {set_to:.1f} % was set at {press.t_s:.1f} s",
                )
                break


def pulse_lost(seen: Evidence) -> Iterator[Finding]:
    """A pulse that was there and is lost: nothing faster; after a minute the belt walks."""
    if seen.limits.pulse_ceiling_bpm is None:
        return
    end = min(seen.watched_until_s, seen.ended_s or seen.watched_until_s)
    trusted = [beat.t_s for i, beat in enumerate(seen.beats) if _trusted(seen, i)]
    if not trusted:
        return
    walk = max(seen.limits.walk_kmh, seen.limits.machine_low_kmh) + seen.limits.machine_step_kmh + 0.1
    for since, following in zip(trusted, [*trusted[1:], end], strict=True):
        if following - since < PULSE_LOST_S:
            continue
        # What is said with contact but is far from the truth (locked, frozen) is judged elsewhere.
        said = any(
            since < beat.t_s < following and beat.said_bpm is not None and beat.contact for beat in seen.beats
        )
        if said:
            continue
        for write in seen.writes:
            t = write.t_s
            faster = write.op == 2 and write.kmh > max(write.target_kmh + 0.011, walk)
            if faster and since + PULSE_LOST_S < t < following and not _answers_hand(seen, t):
                yield Finding("faster without a pulse", t, f"{write.words}; no pulse since {since:.0f} s")
                break
        due = since + PULSE_LOST_S + LOST_WALKS_AFTER_S
        if due < following and seen.speed.at(due) > walk and _program_drives(seen, since, due):
            yield Finding(
                "runs without a pulse", due, f"{seen.speed.at(due):.1f} km/h, no pulse since {since:.0f} s"
            )


PROMISES = (
    flatter_hand,
    pulse_lost,
    slower_hand,
    faster_hand,
    false_alarm,
    pulse_above,
    pulse_far_above,
    week,
)
