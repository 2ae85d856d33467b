"""A belt that does what nobody asked: STOP and a loud alarm, also where the program does not command it."""

from collections.abc import Iterator
from itertools import pairwise

from tests.adversary.evidence import Evidence
from tests.adversary.finding import Finding
from tests.adversary.knowable import (
    FALSE_SPEED,
    STOP_WORDS,
    lag_s,
    linked_throughout,
    released_at,
    usable_s,
)

OVER_KMH = 0.9
"""0.8 by promise, and the tenth that rounding takes."""
OVER_WITHIN_S = 7.0
"""Two readings, and what a reading's lag adds."""
FOLLOWS_WITHIN_S = 25.0
"""A belt that does not come down: 20 s after the last order of a ramp."""
TILT_PERCENT = 1.6
TILT_WITHIN_S = 40.0
SILENT_WITHIN_S = 12.0
UNSEEN_START_S = 30.0
NOBODY_TAKES_IT_S = 36.0
REFUSED_APART_S, REFUSES_FOR_S = 5.0, 24.0
"""Orders that are wanted come every second or two; twenty seconds by promise."""


def _drove_until(seen: Evidence, t_s: float) -> bool:
    """Whether the program has started or driven this belt before."""
    return any(write.op in (2, 7) and write.taken and write.t_s <= t_s for write in seen.writes)


def _taken_over(seen: Evidence, t_s: float) -> bool:
    """Whether somebody at the console has the belt: set above the ceiling, and it was said."""
    state, since, _ = released_at(seen, t_s)
    return not state and any(
        since - 0.6 <= press.t_s <= t_s and press.reported and press.after_kmh > seen.limits.ceiling_kmh
        for press in seen.pressed
    )


def _answered(seen: Evidence, from_s: float, to_s: float) -> tuple[bool, bool]:
    stop = any(write.op == 8 and from_s <= write.t_s <= to_s for write in seen.writes)
    alarm = any(told.level == "alarm" and from_s <= told.t_s <= to_s for told in seen.told)
    return stop, alarm


def _missing(stop: bool, alarm: bool) -> str:
    return " and ".join(name for name, there in (("no STOP", stop), ("no alarm", alarm)) if not there)


def _asked_for(seen: Evidence) -> list[tuple[float, float]]:
    """How fast the belt should be: what was written with success, set by hand, or a start's slowest."""
    out: list[tuple[float, float]] = [(0.0, seen.speed.values[0])]
    for write in seen.writes:
        if write.op == 2 and write.result == 1:
            out.append((write.t_s, write.kmh))
        elif write.op == 7 and write.taken:
            out.append((write.t_s, max(seen.limits.machine_low_kmh, 1.0)))
    # A person who hands a moving belt over hands it over as it runs, whoever has set it so.
    for ask in seen.asked:
        if ask.kind == "start" and (runs := seen.speed.at(ask.t_s)) > 0.3:
            heads = next((kmh for at, kmh, _who in reversed(seen.targets) if at <= ask.t_s), 0.0)
            out.append((ask.t_s, max(runs, heads)))
    # A faster hand that its console does not tell of cannot be told from a belt that runs away.
    out += [
        (press.t_s, press.after_kmh)
        for press in seen.pressed
        if press.key not in ("stop", "pause")
        and (
            press.reported
            or press.key == "start"
            or press.after_kmh <= max(press.before_kmh, seen.speed.at(press.t_s))
        )
    ]
    return sorted(out)


def _uncommanded_kmh(seen: Evidence, t_s: float) -> float:
    """How fast a belt may be that the program does not command: as it was, or as its console said since."""
    since = max(released_at(seen, t_s)[1], usable_s(seen, t_s) or 0.0)
    heading = next((kmh for at, kmh, _who in reversed(seen.targets) if at <= since), 0.0)
    said = [
        int.from_bytes(octets[1:3], "little") / 100
        for at, octets, _true in seen.statuses
        if octets[:1] == b"\x05" and len(octets) >= 3 and since - 2 <= at <= t_s
    ]
    hands = [press.after_kmh for press in seen.pressed if press.reported and since - 2 <= press.t_s <= t_s]
    return max(heading, seen.speed.high(since - 2, since + lag_s(seen, since)), *said, *hands)


def runs_away(seen: Evidence) -> Iterator[Finding]:
    asked = _asked_for(seen)
    end = min(seen.watched_until_s, seen.ended_s or seen.watched_until_s)
    since: float | None = None
    rose_at: float | None = None
    at, i, wanted = 0.0, 0, 0.0
    while at < end:
        at += 0.5
        while i < len(asked) and asked[i][0] <= at:
            wanted = asked[i][1]
            i += 1
        speed = seen.speed.at(at)
        if speed < 1.0 or speed < seen.speed.at(at - 1.0) - 0.05 or seen.state_at(at) != "running":
            since = None
            continue
        wanted_now = wanted if released_at(seen, at)[0] else _uncommanded_kmh(seen, at)
        if speed <= wanted_now + OVER_KMH:
            since = None
            continue
        if since is None:
            since, rose_at = at, None
        lately = max((kmh for t, kmh in asked if since - 15.0 <= t <= at), default=0.0)
        # Faster than anything that was asked of it lately; else it only does not follow.
        rose = speed > max(seen.speed.at(since - 6.0) + 0.5, lately + 0.3)
        rose_at = (at if rose_at is None else rose_at) if rose else None
        due = since + FOLLOWS_WITHIN_S if rose_at is None else rose_at + OVER_WITHIN_S
        due += lag_s(seen, at) + seen.limits.data_period_s
        if at < due:
            continue
        if not _drove_until(seen, since) or not linked_throughout(seen, since - 3, at):
            since = None
            continue
        if seen.lied(since - 3, at, *FALSE_SPEED, "reports_target", "no_data", "silent_after_stop", "status"):
            # What is hidden for as long as it lasts, or was said to be the runner's own hand.
            since = None
            continue
        stop, alarm = _answered(seen, since - 20, at + 1)
        stop = (
            stop or _taken_over(seen, since) or any(a.kind in STOP_WORDS for a in seen.asked if a.t_s <= at)
        )
        alarm = alarm or (
            stop and any(a.kind in (*STOP_WORDS, "pause") and since - 20 < a.t_s < at for a in seen.asked)
        )
        if not (stop and alarm) and not _taken_over(seen, since):
            yield Finding(
                "a belt runs away",
                at,
                f"{speed:.1f} km/h, {wanted_now:.1f} asked for, for {at - since:.0f} s:"
                f" {_missing(stop, alarm)}",
            )
        return


def tilts_away(seen: Evidence) -> Iterator[Finding]:
    """The incline motor climbs by itself and says so, while the program drives a moving belt."""
    for lie in seen.lies:
        if lie.kind != "tilt" or seen.limits.machine_high_percent is None:
            continue
        start = lie.from_s
        crossed = next(
            (
                t
                for t in (start + k * 0.5 for k in range(120))
                if abs(seen.incline.at(t) - seen.incline.at(start)) > TILT_PERCENT
            ),
            None,
        )
        if crossed is None:
            continue
        due = crossed + TILT_WITHIN_S
        # An order that the machine took gave its motor another way to go.
        if any(write.op == 3 and write.taken and start < write.t_s < due - 2.0 for write in seen.writes):
            continue
        if due > (seen.ended_s or seen.watched_until_s) or not linked_throughout(seen, start - 3, due):
            continue
        if seen.lied(
            start - 60,
            due,
            "incline_percent",
            "incline_absent",
            "incline_frozen",
            "frozen",
            "no_data",
            "silent_after_stop",
            "answered_but_ignored 3",
            "result 3",
        ):
            continue
        if not released_at(seen, start)[0] or seen.speed.low(start - 2, due) < 0.5:
            continue
        if not _drove_until(seen, start):
            continue
        if any(
            start - 10 <= press.t_s <= due and press.key in ("steeper", "flatter") for press in seen.pressed
        ):
            continue
        # An order that was taken brings the belt back: that is no running away any more.
        if abs(seen.incline.at(due) - seen.incline.at(start)) < TILT_PERCENT / 2:
            continue
        stop, alarm = _answered(seen, start, due)
        stop = stop or any(
            press.reported and press.after_kmh > seen.limits.ceiling_kmh and start < press.t_s <= due
            for press in seen.pressed
        )
        if -0.5 <= seen.incline.at(due) < seen.incline.at(start):
            # Flatter than it was hurts nobody: it has to be said.
            stop = alarm = any(told.level == "warning" and start <= told.t_s <= due for told in seen.told)
        if not (stop and alarm):
            yield Finding(
                "a belt tilts by itself",
                due,
                f"from {seen.incline.at(start):.1f} to {seen.incline.at(due):.1f} %: {_missing(stop, alarm)}",
            )


def silence(seen: Evidence) -> Iterator[Finding]:
    """A link without readings, over a moving belt."""
    sent = [*seen.data_sent, seen.watched_until_s]
    end = min(seen.watched_until_s, seen.ended_s or seen.watched_until_s)
    for last, following in pairwise(sent):
        due = last + SILENT_WITHIN_S + seen.limits.data_period_s
        due += seen.stall_s(last, due)
        if following < due or due > end:
            continue
        if seen.speed.low(last, due) < 0.3 or not linked_throughout(seen, last - 1, due):
            continue
        if not _drove_until(seen, last) or _taken_over(seen, last):
            continue
        if any(ask.kind in (*STOP_WORDS, "pause") and last - 30 <= ask.t_s <= due for ask in seen.asked):
            continue
        stop, alarm = _answered(seen, last - 15, due)
        # Where it is being stopped already that was said when it began.
        alarm = alarm or (_answered(seen, last - 15, last)[0] and _answered(seen, last - 60, due)[1])
        if not (stop and alarm):
            yield Finding(
                "a machine goes silent", due, f"no reading since {last:.1f} s: {_missing(stop, alarm)}"
            )


def after_a_new_link(seen: Evidence) -> Iterator[Finding]:
    """A moving belt that nobody takes back is stopped half a minute after the link returned."""
    for (was_at, was), (at, count) in pairwise(seen.links):
        if was or not count or not _drove_until(seen, was_at):
            continue
        ready = next((fed for fed in seen.data_fed if fed > at), at + 4.0)
        due = max(ready, at) + NOBODY_TAKES_IT_S + seen.stall_s(at, at + NOBODY_TAKES_IT_S)
        if due > min(seen.watched_until_s, seen.ended_s or seen.watched_until_s):
            continue
        if seen.speed.low(at, due) < 0.5 or usable_s(seen, due) is None:
            continue
        if any(at <= when <= due and not links for when, links in seen.links):
            continue
        if any(was_at <= ask.t_s <= due and ask.kind == "start" for ask in seen.asked):
            continue
        if any(was_at <= press.t_s <= due for press in seen.pressed) or seen.lied(at - 3, due, *FALSE_SPEED):
            continue
        if _taken_over(seen, was_at - 0.001):
            continue
        if not any(write.op == 8 and at <= write.t_s <= due for write in seen.writes):
            yield Finding(
                "nobody takes the belt back", due, f"link back at {at:.1f} s, belt {seen.speed.at(due):.1f}"
            )


def refuses_to_slow(seen: Evidence) -> Iterator[Finding]:
    """A machine that refuses every slower speed is stopped."""
    began: float | None = None
    last = 0.0
    for write in seen.writes:
        if write.op != 2 or write.t_s - last > REFUSED_APART_S or write.result == 1:
            began = None
        if write.op != 2:
            continue
        last = write.t_s
        refused = write.result in (2, 3, 4) and write.kmh < write.target_kmh - 0.05
        if not refused:
            began = None
            continue
        began = write.t_s if began is None else began
        if write.t_s - began > REFUSES_FOR_S and write.running:
            yield Finding(
                "a machine that refuses to slow down goes on",
                write.t_s,
                f"{write.words}; every slower speed refused since {began:.1f} s",
            )
            return


def starts_unseen(seen: Evidence) -> Iterator[Finding]:
    """A start after which the machine says that nothing moves is stopped: it may move all the same."""
    for write in seen.writes:
        if write.op != 7 or not write.taken:
            continue
        due = write.t_s + UNSEEN_START_S + seen.stall_s(write.t_s, write.t_s + UNSEEN_START_S)
        if due > min(seen.watched_until_s, seen.ended_s or seen.watched_until_s):
            continue
        always = any(
            lie.kind in ("zero_frames", "speed_kmh") and lie.from_s <= write.t_s and lie.to_s > due
            for lie in seen.lies
        )
        if any(lie.kind == "speed_kmh" and lie.to_s <= due for lie in seen.lies):
            continue  # where one lie ends, the machine says the truth, also where another was begun meanwhile
        zero = seen.lied(due, due, "zero_frames") or any(
            lie.kind == "speed_kmh" and lie.detail == "0.0" and lie.from_s <= write.t_s for lie in seen.lies
        )
        if not (always and zero) or seen.speed.at(due) < 0.5 or not linked_throughout(seen, write.t_s, due):
            continue
        if not any(other.op == 8 and write.t_s < other.t_s <= due for other in seen.writes):
            yield Finding(
                "a start that shows nothing goes on",
                due,
                f"belt at {seen.speed.at(due):.1f} km/h, zero is said",
            )


def falls_to_zero(seen: Evidence) -> Iterator[Finding]:
    """A belt that comes to stand by itself is a pause that a person can resume, not the end."""
    for lie in seen.lies:
        if lie.kind != "halt" or seen.ended_s is None or not lie.from_s < seen.ended_s < lie.from_s + 60:
            continue
        if not released_at(seen, lie.from_s)[0] or not linked_throughout(
            seen, lie.from_s - 3, lie.from_s + 5
        ):
            continue
        others = [other for other in seen.lies if other is not lie and other.to_s >= lie.from_s - 10]
        if others or seen.stalls:
            continue
        asked = (*STOP_WORDS, "end_early", "skip")
        pressed = any(press.t_s > lie.from_s - 30 for press in seen.pressed)
        if not pressed and not any(ask.kind in asked for ask in seen.asked if ask.t_s < seen.ended_s):
            yield Finding(
                "a pause becomes the end", seen.ended_s, f"the belt stopped by itself at {lie.from_s:.1f} s"
            )


PROMISES = (refuses_to_slow, starts_unseen, falls_to_zero, runs_away, tilts_away, silence, after_a_new_link)
