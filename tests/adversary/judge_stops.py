"""STOP comes at once, is not forgotten, and a session ends with a belt that stands."""

from collections.abc import Iterator

from tests.adversary.evidence import FOREVER, Evidence
from tests.adversary.finding import Finding
from tests.adversary.knowable import (
    FALSE_SPEED,
    STOP_WORDS,
    linked_throughout,
    released_at,
    until_next,
    usable_s,
)

AT_ONCE_S = 0.010
STOP_SPACING_S = 0.4
AGAIN_WITHIN_S = 5.0
"""While the belt does not slow, for the first minute: every second, then every three."""
AGAIN_LATER_WITHIN_S = 12.5
PATIENCE_S = 290.0
"""For so long STOP is repeated at least."""
SLOWED_S = 2.0
"""A belt that has just ceased to slow is told again by then."""
MOST_STOPS = 150
"""After one STOP that was asked."""
ALARM_WITHIN_S = 12.0
ENDS_WITHIN_S = 150.0
GIVES_UP_S = 2.6
"""So long the end of a link takes."""
HANGS_S = 6.5
"""A write that hangs is given up after three seconds, and another before it may hang, too."""
WRITTEN = (0, 2, 3, 7, 8)
LEAVES_AFTER_S = 115.0
"""For so long a program that wants to stop a belt waits for its link at least."""
NEW_LINK_S = 1.0
"""After the first reading that came over a new link."""


def _stop_writes(seen: Evidence) -> list[float]:
    return [write.t_s for write in seen.writes if write.op == 8]


def _asked_to_stop(seen: Evidence) -> Iterator[tuple[float, str]]:
    """Each stop or pause that concerns a belt which truly moves or is about to."""
    for ask in seen.asked:
        t = ask.t_s
        if ask.kind not in (*STOP_WORDS, "pause") or seen.over(t):
            continue
        moves = seen.speed.at(t) > 0.3 or seen.state_at(t) in ("running", "countdown")
        if not moves:
            continue
        drives = released_at(seen, t - 0.001)[0]
        if ask.kind == "pause" and not (drives and usable_s(seen, released_at(seen, t - 0.001)[1])):
            continue
        # A machine that says zero all the time is taken to stand unless the program started it itself.
        if not drives and seen.lied(t - 5, t, *FALSE_SPEED):
            continue
        yield t, ask.kind


def at_once(seen: Evidence) -> Iterator[Finding]:
    stops = _stop_writes(seen)
    for t, kind in _asked_to_stop(seen):
        if usable_s(seen, t) is None:
            continue
        stalled_s = 0.0
        for _ in range(4):  # one may follow the other
            stalled_s = seen.stall_s(t, t + stalled_s + AT_ONCE_S + seen.limits.air_s)
        # Asked in the moment in which the link goes: it is asked while the link is away.
        if not linked_throughout(seen, t - 0.001, t + AT_ONCE_S + seen.limits.air_s):
            continue
        if any(t - 0.001 <= at <= t + AT_ONCE_S + seen.limits.air_s + stalled_s for at in stops):
            continue
        spaced = [at for at in stops if t - STOP_SPACING_S < at <= t + STOP_SPACING_S + 0.05]
        if spaced and min(spaced) < t:
            continue
        # A link that is being given up in that moment, because what is written on it is not answered.
        unanswered = any(
            w.result is None and w.op in (2, 3, 7) and t - HANGS_S < w.t_s < t for w in seen.writes
        )
        if (unanswered or any(t - 2 < at <= t for at in stops)) and not linked_throughout(
            seen, t, t + GIVES_UP_S
        ):
            continue
        late = min((at - t for at in stops if at > t), default=FOREVER)
        yield Finding(
            "STOP is late", t, f"{kind} asked with the belt at {seen.speed.at(t):.1f} km/h; {_late(late)}"
        )


def _late(late_s: float) -> str:
    return "no STOP was written" if late_s == FOREVER else f"STOP written {late_s * 1000:.0f} ms later"


def after_the_link(seen: Evidence) -> Iterator[Finding]:
    """Asked while the link is away: the first thing on the new link."""
    stops = _stop_writes(seen)
    for t, kind in _asked_to_stop(seen):
        away = usable_s(seen, t) is None or not linked_throughout(
            seen, t - 0.001, t + AT_ONCE_S + seen.limits.air_s
        )
        if not away or any(t - 0.001 <= at <= t + AT_ONCE_S + seen.limits.air_s for at in stops):
            continue
        up = next((at for at, count in seen.links if count and at >= (seen.linked_since(t) or t)), None)
        if up is None or seen.over(up) or up - t > LEAVES_AFTER_S:
            continue
        heard = next((at for at in seen.data_fed if at > up), None)
        deadline = (up + 4.0 if heard is None else min(heard, up + 4.0)) + NEW_LINK_S
        if any(up <= at <= deadline and not count for at, count in seen.links):
            continue
        if seen.speed.at(deadline) < 0.3 or seen.over(deadline) or until_next(seen, t, "start") < deadline:
            continue
        first = next((w for w in seen.writes if w.t_s >= max(up, t) and w.op != 0), None)
        if first is None or first.t_s > deadline or first.op != 8:
            what = "nothing" if first is None else f"{first.words} {first.t_s - up:.1f} s after it"
            yield Finding(
                "STOP is not the first on a new link", up, f"{kind} asked at {t:.2f} s; written: {what}"
            )


def not_forgotten(seen: Evidence) -> Iterator[Finding]:
    """Until the belt truly stands, STOP comes again while it does not slow; loudly; not without end."""
    stops = _stop_writes(seen)
    for t, kind in _asked_to_stop(seen):
        ends = min(until_next(seen, t, "start"), seen.watched_until_s, seen.ended_s or FOREVER)
        word = until_next(seen, t, "belt_stands")
        at, alarm_due, first = t + 2.0, None, _first_asked(seen, t)
        last_start = max(
            (write.t_s for write in seen.writes if write.op == 7 and write.t_s <= t), default=0.0
        )
        while at < ends:
            at += 1.0
            speed = seen.speed.at(at)
            if speed < 0.05:
                break
            slows = speed < seen.speed.at(at - 4.0) - 0.3 or at - t < 4.0
            false = seen.lied(at - 6, at, *FALSE_SPEED)
            if slows or false or word < at or not linked_throughout(seen, at - AGAIN_WITHIN_S, at):
                alarm_due = None
                continue
            alarm_due = at if alarm_due is None else alarm_due
            gap = AGAIN_WITHIN_S if at - first < 60 else AGAIN_LATER_WITHIN_S
            # Two zeros a second apart are a standing belt, until the next two readings say otherwise.
            gap += 1.0 + seen.limits.data_period_s if seen.lied(at - gap, at, "glitch") else 0.0
            gap += seen.stall_s(at - gap - seen.stall_s(at - gap, at), at) + seen.limits.data_period_s - 1.0
            due = max(t + gap, alarm_due + SLOWED_S)
            if t + PATIENCE_S > at >= due and not any(at - gap < stop <= at for stop in stops):
                yield Finding(
                    "STOP is forgotten",
                    at,
                    f"{kind} asked at {t:.2f} s; the belt still runs {speed:.1f} km/h",
                )
                break
            # Asked again while an earlier STOP is waited for: the alarm was there already.
            if at - alarm_due > ALARM_WITHIN_S and not any(
                told.level == "alarm" and last_start <= told.t_s <= at for told in seen.told
            ):
                yield Finding(
                    "no alarm", at, f"{kind} asked at {t:.2f} s; the belt runs on at {speed:.1f} km/h"
                )
                break
        within = [stop for stop in stops if t - 0.001 <= stop < ends]
        if len(within) > MOST_STOPS:
            yield Finding("a storm of STOPs", t, f"{len(within)} STOPs after one that was asked")


def _first_asked(seen: Evidence, t_s: float) -> float:
    """When the belt was first told to stop, where it has neither slowed nor been started since."""
    first = t_s
    for ask in reversed(seen.asked):
        if ask.t_s >= first or ask.kind not in (*STOP_WORDS, "pause"):
            continue
        started = any(write.op == 7 and ask.t_s <= write.t_s <= first for write in seen.writes)
        if started or seen.speed.low(ask.t_s, first) < seen.speed.at(ask.t_s) - 0.3:
            break
        first = ask.t_s
    return first


def spacing(seen: Evidence) -> Iterator[Finding]:
    last = None
    apart_s = STOP_SPACING_S - 0.015 - seen.limits.air_s
    for write in seen.writes:
        if write.op != 8:
            continue
        # What was written in the moment of a stall comes when it is over, and what waits behind a write
        # that hangs when that is given up.
        stalled = last is not None and seen.stall_s(last.t_s - 0.1, write.t_s)
        stalled = stalled or seen.lied(write.t_s - HANGS_S, write.t_s, *(f"att_stuck {op}" for op in WRITTEN))
        if last is not None and not stalled and write.t_s - last.t_s < apart_s:
            yield Finding("STOPs too close", write.t_s, f"{write.t_s - last.t_s:.3f} s apart")
        last = write


def ends_standing(seen: Evidence) -> Iterator[Finding]:
    """A session does not end over a moving belt, and it always ends."""
    end = seen.ended_s
    words = [ask.t_s for ask in seen.asked if ask.kind == "belt_stands"]
    if end is not None and not seen.error:
        speed = seen.speed.at(end - 0.5)
        told = any(end - 120 <= word <= end for word in words)
        # Zeros for so long that a belt could really have come to stand: nobody could know better.
        false = any(
            lie.kind in FALSE_SPEED and lie.from_s <= end - 3 and lie.to_s >= max(end - 5, lie.from_s + 1.5)
            for lie in seen.lies
        )
        away = usable_s(seen, end - 6) is None or usable_s(seen, end - 0.6) is None
        if speed > 0.2 and seen.ended_in in ("done", "stopped") and not told and not false:
            yield Finding("ended over a moving belt", end, f"{seen.ended_in} at {speed:.1f} km/h")
        elif speed > 0.2 and seen.ended_in not in ("done", "stopped") and not away and not told:
            drove = any(write.op in (2, 7) for write in seen.writes)
            if drove and not false:
                yield Finding("left a moving belt", end, f"ended in {seen.ended_in} at {speed:.1f} km/h")
    stop_asked = [ask.t_s for ask in seen.asked if ask.kind in STOP_WORDS]
    if not stop_asked:
        return
    since = max(_leaving_since(seen, stop_asked), _standing_since(seen))
    false = seen.lied(since, seen.watched_until_s, *FALSE_SPEED, "no_data", "silent_after_stop")
    if false:
        # Only the person's word can end it then; a program without that word cannot be blamed here.
        if not words:
            return
        since = max(since, words[0])
    last = seen.watched_until_s if end is None else end
    if last - since > ENDS_WITHIN_S:
        yield Finding(
            "the session does not end",
            last,
            f"{last - since:.0f} s after STOP was asked with a belt that stands: {seen.ended_in}",
        )


def _leaving_since(seen: Evidence, stops: list[float]) -> float:
    """The first stop after which nobody started again."""
    started = max((ask.t_s for ask in seen.asked if ask.kind == "start"), default=0.0)
    return next((t for t in stops if t >= started), stops[-1])


def _standing_since(seen: Evidence) -> float:
    moving = seen.speed.spans(0.05)
    return moving[-1][1] if moving else 0.0


def runs_and_links(seen: Evidence) -> Iterator[Finding]:
    """No exception leaves the run; one link, and each frame counted once."""
    if seen.error:
        yield Finding("an exception left the run", seen.watched_until_s, seen.error)
    double = len(seen.data_fed) - len(seen.data_sent)
    if double > 0:
        yield Finding("frames count twice", seen.data_fed[-1], f"{double} more were fed than sent")
    since: float | None = None
    for at, clients in seen.most_clients:
        if clients <= 1:
            since = None
        elif since is None:
            since = at
        elif at - since > 8:
            yield Finding("a client leaks", at, f"{clients} clients on the machine for {at - since:.0f} s")
            break


PROMISES = (at_once, after_the_link, not_forgotten, spacing, ends_standing, runs_and_links)
