"""What a program that sees only the radio could know. The judge demands nothing beyond it."""

from bisect import bisect_right

from tests.adversary.evidence import FOREVER, Evidence, Write

CONTROL_MAY_PASS_S = 0.5
"""An order that was cleared before a status came may still be written: it waited for its turn."""
STOP_WORDS = ("stop", "unwell", "not_right")
FALSE_SPEED = ("speed_kmh", "speed_scale", "frozen", "frozen_speed", "zero_frames", "frozen_after_stop")
"""A steady reading that is wrong. A single frame ("glitch") is not here: it can be seen to be wrong."""
LATE_SPEED = ("no_data", "late_s", "lost_share", "silent_after_stop", "glitch")
SAME_MOMENT_S = 0.02
TRIES_S = 18.5
"""A STOP that is refused or not answered is tried again for so long."""
HOLD_S = 3.0
"""So old may a reading be before it allows nothing (protocols/belt.yaml, stale_hold_s)."""


def lag_s(seen: Evidence, t_s: float) -> float:
    """How old the belt's state may be that an order at this time was made from."""
    lag = seen.limits.lag_s
    if seen.lied(t_s - 8, t_s, *LATE_SPEED):
        lag += HOLD_S + 1
    return lag + seen.stall_s(t_s - 8, t_s)


def usable_s(seen: Evidence, t_s: float) -> float | None:
    """Since when a link has been up and told about itself; None: there is none, or not long enough."""
    since = seen.linked_since(t_s)
    if since is None:
        return None
    first = bisect_right(seen.data_fed, since)
    if first < len(seen.data_fed) and seen.data_fed[first] <= t_s:
        return seen.data_fed[first]
    return since + 4.0 if t_s >= since + 4.0 else None


def linked_throughout(seen: Evidence, from_s: float, to_s: float) -> bool:
    usable = usable_s(seen, from_s)
    return usable is not None and not any(from_s <= at <= to_s and not count for at, count in seen.links)


def hand_unknown(seen: Evidence, t_s: float) -> bool:
    """Whether the machine's own target moved so lately, and so quietly, that nobody could know it."""
    reported = {press.t_s for press in seen.pressed if press.reported}
    for at, _kmh, who in reversed(seen.targets):
        if at > t_s or (at == t_s and who in ("order", "start")):
            continue
        if who in ("order", "start"):
            # What an order set is known; what was set before it is overtaken by it.
            return False
        quiet = lag_s(seen, t_s) + 6.0
        told = any(abs(at - when) < 0.01 for when in reported)
        return t_s - at <= (CONTROL_MAY_PASS_S if told else quiet)
    return False


def _is_new_stop(seen: Evidence, write: Write) -> bool:
    """Whether a STOP is one of its own, and not another try of one that a person's start came after."""
    if write.op != 8:
        return False
    if any(write.t_s - SAME_MOMENT_S <= ask.t_s <= write.t_s for ask in seen.asked if ask.kind == "start"):
        return False  # it was on its way when the person asked
    tries = [
        w for w in seen.writes if w.op == 8 and write.t_s - TRIES_S < w.t_s < write.t_s and w.result != 1
    ]
    return not any(ask.kind == "start" and w.t_s <= ask.t_s <= write.t_s for w in tries for ask in seen.asked)


def _starts(seen: Evidence, t_s: float) -> bool:
    """Whether the belt counts down, or has begun to move so lately that no reading has told of it."""
    since = t_s - lag_s(seen, t_s)
    return seen.state_at(since) == "countdown" or any(
        since <= at <= t_s and name == "countdown" for at, name in seen.states
    )


def releases(seen: Evidence) -> list[tuple[float, bool, str]]:
    """When a person released the belt and when that ended: time, released, why.

    A start by a person opens; a stop or a pause, a link or a control that is lost, a key at the
    console that stops, and a STOP that the program sent (after an alarm, say) close.
    """
    if seen.kept_releases is not None:
        return seen.kept_releases
    # Within one moment, what people asked comes before what was written for it.
    events: list[tuple[float, int, bool, str]] = []
    for ask in seen.asked:
        if ask.kind == "start":
            events.append((ask.t_s, 2, True, "start"))
        elif ask.kind in (*STOP_WORDS, "pause"):
            events.append((ask.t_s, 2, False, ask.kind))
    events += [(at, 0, False, "link lost") for at, count in seen.links if not count]
    events += [(write.t_s, 1, False, "STOP was sent") for write in seen.writes if _is_new_stop(seen, write)]
    for press in seen.pressed:
        if press.key in ("stop", "pause", "safety key") and press.reported:
            until_s = press.t_s + CONTROL_MAY_PASS_S
            after = any(press.t_s < ask.t_s <= until_s for ask in seen.asked if ask.kind == "start")
            events.append((press.t_s if after else until_s, 0, False, f"{press.key} at the console"))
    events += [
        (lie.from_s, 0, False, "control lost")
        for lie in seen.lies
        # In a countdown control is asked for once more: there are machines that take it away around a start.
        if lie.kind == "revoked" and lie.detail == "said" and not _starts(seen, lie.from_s)
    ]
    # Also where it is said falsely: the machine is not ours to order any more.
    for at, octets, _true in seen.statuses:
        if octets[:1] in (b"\x01", b"\xff") and seen.state_at(at) == "running" and not _starts(seen, at):
            until_s = at + CONTROL_MAY_PASS_S
            after = any(at < ask.t_s <= until_s for ask in seen.asked if ask.kind == "start")
            events.append((at if after else until_s, 0, False, "control lost"))
    out: list[tuple[float, bool, str]] = []
    heard = seen.data_fed[0] if seen.data_fed else FOREVER
    latched = False
    for at, _order, opens, why in sorted(events):
        # A stop ends the session for good; only before the first link is up it means leaving.
        latched = latched or (why in STOP_WORDS and at >= heard)
        out.append((at, opens and not latched, "a stop ended the session" if opens and latched else why))
    seen.kept_releases = out
    return out


def released_at(seen: Evidence, t_s: float) -> tuple[bool, float, str]:
    """Whether the belt is released at a time, since when, and why (not)."""
    state, since, why = False, 0.0, "nobody started it"
    for at, opens, reason in releases(seen):
        if at > t_s:
            break
        state, since, why = opens, at, reason
    return state, since, why


def until_next(seen: Evidence, t_s: float, *kinds: str) -> float:
    """When a person next asks one of these."""
    return min((ask.t_s for ask in seen.asked if ask.t_s > t_s and ask.kind in kinds), default=FOREVER)
