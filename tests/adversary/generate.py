"""From a seed to a plan: machines, lies, hands, people, straps, links, stalls and clocks at nasty moments."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.adversary.plan import Act, Person, Plan
from treadcoach.core.runner import Runner
from treadcoach.core.samples import InclineRange, SpeedRange
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.virtual.belt import MachineModel

Chance = random.Random
LONG_EVERY = 60
"""One session in so many is long and without lies, for the week's curve."""
_SPEEDS = (
    SpeedRange(0.8, 18.0, 0.1),
    SpeedRange(1.0, 16.0, 0.1),
    SpeedRange(1.0, 20.0, 0.5),
    SpeedRange(0.0, 16.0, 0.1),
    SpeedRange(0.96, 12.87, 0.32),
    SpeedRange(0.5, 6.0, 0.1),
    SpeedRange(1.0, 22.0, 0.2),
)
_INCLINES = (
    InclineRange(0.0, 12.0, 0.5),
    InclineRange(0.0, 15.0, 0.5),
    InclineRange(0.0, 15.0, 1.0),
    InclineRange(0.0, 12.0, 2.0),
    InclineRange(1.0, 12.0, 0.5),
    InclineRange(-3.0, 15.0, 0.5),
    None,
)
_KEYS = ("stop", "pause", "start", "safety key")


def _model(chance: Chance, odd: float) -> MachineModel:
    usual = chance.random() > odd
    return MachineModel(
        speed_range=_SPEEDS[0] if usual else chance.choice(_SPEEDS),
        incline_range=_INCLINES[0] if usual else chance.choice(_INCLINES),
        acceleration_kmh_per_s=chance.choice((0.6, 0.6, 0.3, 1.0)),
        braking_kmh_per_s=chance.choice((0.8, 0.5, 0.6, 1.2)),
        incline_percent_per_s=chance.choice((0.5, 0.3, 0.7)),
        countdown_s=chance.choice((3.5, 3.0, 4.6, 6.2)),
        data_period_s=1.0 if usual else chance.choice((1.0, 0.5, 0.25, 1.5)),
        split_records=not usual and chance.random() < 0.3,
        reports_target=not usual and chance.random() < 0.2,
        distance_step_m=1 if usual else chance.choice((1, 10)),
        sends_distance=usual or chance.random() < 0.8,
    )


def _workout(chance: Chance, long: bool) -> str:
    if long:
        return chance.choice(
            (
                "45 min @ 12 km/h",
                "15 x (1 min @ 14 km/h + 1 min @ 5 km/h)",
                "8 x (2 min @ 12 km/h + 2 min @ 4 km/h)",
                "25 min @ 9 km/h + 5 min @ 12 km/h",
                "40 min @ 5 km/h, 8 %",
            )
        )
    top = chance.choice((5.5, 6.0, 8.0, 9.0, 10.0, 12.0, 14.0))
    tilt = chance.choice(("", "", "", ", 4 %", ", 8 %", ", 0 %"))
    return chance.choice(
        (
            f"5 min @ {top:g} km/h{tilt}",
            f"90 s @ {top:g} km/h{tilt} + 60 s @ 5 km/h + 90 s @ {top:g} km/h",
            f"4 x (30 s @ {top:g} km/h{tilt} + 30 s @ 4 km/h)",
            f"1 min @ 5.5 km/h + 3 min @ {top:g} km/h{tilt}",
        )
    )


def _curve(chance: Chance, walk_kmh: float) -> dict[int, float]:
    if chance.random() < 0.6:
        return dict.fromkeys(DURATIONS_S, chance.choice((12.0, 12.0, 9.0, 15.0)))
    top = max(chance.choice((6.0, 7.0, 8.5, 9.5, 11.0)), walk_kmh)
    shares = (1.15, 1.1, 1.0, 0.9, 0.8, 0.7)
    return {d: max(top * share, walk_kmh) for d, share in zip(DURATIONS_S, shares, strict=True)}


def _moment(chance: Chance) -> tuple[str, int, float]:
    """When: often a few ms after something happened, or on a ramp, or somewhere in the session."""
    roll = chance.random()
    if roll < 0.35:
        return "begin", 1, round(chance.uniform(1.0, 260.0), 2)
    if roll < 0.50:
        return (
            "start",
            chance.choice((1, 1, 1, 2)),
            round(chance.choice((0.0, 0.001, 0.05, 0.3, 1.0, 2.5, 5.0, 9.0)), 3),
        )
    if roll < 0.80:
        return (
            "speed",
            chance.randint(1, 40),
            round(chance.choice((0.0, 0.001, 0.02, 0.3, 0.45, 0.9, 1.4)), 3),
        )
    if roll < 0.88:
        return "moving", 1, round(chance.uniform(0.5, 120.0), 2)
    if roll < 0.93:
        return "stop", 1, round(chance.choice((0.0, 0.001, 0.1, 0.5, 0.9, 2.0, 4.0)), 3)
    if roll < 0.97:
        return "up", 2, round(chance.choice((0.0, 0.2, 0.5, 1.0, 3.0, 10.0)), 3)
    return "down", 1, round(chance.choice((0.0, 0.001, 0.5, 1.0, 2.0)), 3)


def _lasts(chance: Chance) -> float | None:
    return chance.choice((1.0, 3.0, 8.0, 20.0, 60.0, None))


# -- one act each -------------------------------------------------------------------


def _frame(speed_kmh: float | None, *, incline: float | None = None) -> str:
    """A Treadmill Data frame by hand: flags, speed, inclination."""
    speed = 0xFFFF if speed_kmh is None else round(speed_kmh * 100)
    if incline is None:
        return (b"\0\0" + speed.to_bytes(2, "little")).hex()
    tilt = round(incline * 10).to_bytes(2, "little", signed=True) + b"\0\0"
    return (b"\x08\0" + speed.to_bytes(2, "little") + tilt).hex()


def _glitch(chance: Chance) -> Act:
    speed = chance.choice((0.0, 0.0, None, 0.8, 25.0, 3.0, 12.0, 655.0))
    incline = chance.choice((None, None, 82.0, 15.0, 0.0, -3.0))
    count = chance.choice((1, 1, 2, 3))
    return Act(*_moment(chance), "next", (_frame(speed, incline=incline),) * count)


def _early_or(chance: Chance, share: float) -> tuple[str, int, float]:
    """From before anything was started, so often; else at some moment."""
    return ("begin", 1, 0.0) if chance.random() < share else _moment(chance)


def _incline_lie(chance: Chance) -> Act:
    name, value, lasts = chance.choice(
        (
            ("incline_percent", 82.0, None),
            ("incline_percent", 15.0, None),
            ("incline_percent", 15.0, 5.0),
            ("incline_percent", 4.0, None),
            ("incline_frozen", True, None),
            ("incline_absent", True, None),
        )
    )
    return Act(*_early_or(chance, 0.6), "lie", (name, value), lasts)


def _speed_lie(chance: Chance) -> Act:
    name, value = chance.choice(
        (
            ("frozen", True),
            ("frozen_speed", True),
            ("speed_kmh", 0.0),
            ("speed_kmh", 0.0),
            ("speed_scale", 0.621),
            ("speed_scale", 10.0),
            ("distance_scale", 2.0),
            ("distance_scale", 10.0),
            ("distance_scale", 0.1),
            ("distance_frozen", True),
            ("elapsed_absent", True),
        )
    )
    return Act(*_early_or(chance, 0.2), "lie", (name, value), _lasts(chance))


def _status(chance: Chance) -> Act:
    octets = chance.choice(
        (
            "ff",
            "01",
            "0201",
            "0202",
            "04",
            "05" + round(chance.choice((8.0, 11.0, 3.0, 0.0, 655.35)) * 100).to_bytes(2, "little").hex(),
            "05" + round(chance.uniform(1, 14) * 100).to_bytes(2, "little").hex(),
            "06ff7f",
            "069600",
            "060a00",
            "08ffff",
            "05",
        )
    )
    return Act(*_moment(chance), "status", (octets,))


def _asks(chance: Chance) -> Act:
    kind, amount = chance.choice(
        (
            ("stop", 0.0),
            ("pause", 0.0),
            ("pause", 0.0),
            ("start", 0.0),
            ("start", 0.0),
            ("skip", 0.0),
            ("faster", 1.0),
            ("faster", 3.0),
            ("slower", 0.2),
            ("slower", 2.0),
            ("slower", 6.0),
            ("steeper", 1.0),
            ("flatter", 1.0),
            ("end_early", 0.0),
            ("unwell", 0.0),
            ("not_right", 0.0),
        )
    )
    return Act(*_moment(chance), "ask", (kind, amount))


def _hand(chance: Chance) -> list[Act]:
    when = _moment(chance)
    roll = chance.random()
    if roll < 0.35:
        by = chance.choice((-0.1, -0.1, -0.2, -0.3, -0.5, 0.3))
        return [Act(*when, "nudge", (by, chance.choice((3, 5, 8)), chance.choice((0.3, 0.5, 1.0, 2.0))))]
    if roll < 0.75:
        acts = [Act(*when, "hand", (chance.choice((3.0, 4.0, 5.0, 6.5, 9.0, 12.0, 14.0)),))]
        if chance.random() < 0.5:
            # ... and back, and a start while the belt still moves from one to the other.
            event, nth, after = when
            later = after + chance.choice((6.0, 12.0, 25.0))
            acts.append(Act(event, nth, later, "hand", (chance.choice((2.0, 3.0, 4.0)),)))
            acts.append(Act(event, nth, later + chance.choice((0.5, 1.0, 2.0, 4.0)), "ask", ("start", 0.0)))
        return acts
    key = chance.choice(("steeper", "flatter", "flatter", "faster", "slower", *_KEYS))
    acts = [Act(*when, "key", (key,))]
    if key in ("steeper", "flatter", "faster", "slower"):
        event, nth, after = when
        times = range(1, chance.choice((1, 3, 6)))
        acts += [Act(event, nth, round(after + 0.4 * k, 3), "key", (key,)) for k in times]
    if key == "safety key":
        acts.append(Act(when[0], when[1], when[2] + 15.0, "key", ("safety key back",)))
    return acts


def _link(chance: Chance) -> list[Act]:
    when = _moment(chance)
    acts = [
        Act(*when, "cut")
        if chance.random() < 0.4
        else Act(*when, "away", (), chance.choice((0.5, 2.0, 6.0, 15.0, 40.0)))
    ]
    if chance.random() < 0.6:
        event, nth, after = when
        with_it = chance.choice((0.0, 0.001, 0.5, 1.0, 2.0))
        what = chance.choice(("stop", "pause", "pause", "start", "hand"))
        if what == "hand":
            acts.append(Act(event, nth, after + with_it, "hand", (chance.choice((3.0, 4.0, 10.0)),)))
            acts.append(Act("up", 2, chance.choice((0.6, 1.0, 2.0)), "ask", ("start", 0.0)))
        else:
            acts.append(Act(event, nth, after + with_it, "ask", (what, 0.0)))
    return acts


def _answers(chance: Chance) -> Act:
    op = chance.choice((2, 2, 2, 3, 7, 0))
    kind = chance.choice(("result", "result", "silent", "ignored", "delay", "stuck"))
    when = _moment(chance)
    lasts = chance.choice((2.0, 6.0, 16.0, 40.0))
    if kind == "result":
        return Act(*when, "result", (op, chance.choice((2, 3, 4, 4, 5))), lasts)
    if kind == "delay":
        return Act(*when, "delay", (op, chance.choice((0.6, 1.8, 4.0, 7.0, 11.0))), lasts)
    return Act(*when, kind, (op,), lasts)


def _early_stop(chance: Chance) -> list[Act]:
    """STOP within seconds of a start whose Request Control, or START, is answered late or never."""
    event = chance.choice(("control", "control", "start"))
    after = round(chance.choice((0.0, 0.001, chance.uniform(0.0, 2.2), chance.uniform(0.0, 5.0))), 3)
    acts = [Act(event, 1, after, "ask", (chance.choice(("stop", "pause", "pause", "unwell")), 0.0))]
    lasts = chance.choice((12.0, 40.0, None))
    how = chance.random()
    if how < 0.4:
        acts.append(Act("begin", 1, 0.0, "silent", (0,), lasts))
    elif how < 0.6:
        late = (chance.choice((0, 0, 7)), chance.choice((1.0, 1.9)))
        acts.append(Act("begin", 1, 0.0, "delay", late, lasts))
    elif how < 0.7:
        acts.append(Act("begin", 1, 0.0, "stuck", (chance.choice((0, 7)),), 12.0))
    if chance.random() < 0.3:
        acts.append(Act("stop", 1, chance.choice((0.0, 0.3, 1.0, 4.0)), "ask", ("start", 0.0)))
    return acts


def _stop_trouble(chance: Chance) -> list[Act]:
    """STOP is asked, and the machine does something else."""
    if chance.random() < 0.25:
        return _early_stop(chance)
    moment = ("moving", 1, round(chance.uniform(1.0, 150.0), 2))
    before = (*moment[:2], round(moment[2] - 0.5, 2))
    acts = [Act(*moment, "ask", (chance.choice(("stop", "stop", "pause", "unwell")), 0.0))]
    roll = chance.random()
    if roll < 0.45:
        acts.append(Act(*before, "ignored", (8,), chance.choice((10.0, 30.0, None))))
    elif roll < 0.55:
        acts.append(Act(*before, "silent", (8,), chance.choice((10.0, 30.0, None))))
    elif roll < 0.62:
        acts.append(Act(*before, "stuck", (8,), chance.choice((4.0, 12.0))))
    elif roll < 0.70:
        acts.append(Act(*before, "result", (8, chance.choice((4, 5))), chance.choice((4.0, 12.0))))
    elif roll < 0.80:
        acts.append(Act(*before, "lie", (chance.choice(("silent_after_stop", "frozen_after_stop")), True)))
    elif roll < 0.9:
        acts.append(Act(*before, "stuck", (2,), 4.0))
    after = chance.choice((0.0, 0.3, 0.5, 0.7, 1.0, 1.9))
    extra = chance.random()
    if extra < 0.3:
        acts.append(Act("stop", 1, after, "status", (chance.choice(("ff", "01", "0201", "04")),)))
    elif extra < 0.5:
        acts.append(Act("stop", 1, after, "next", (_frame(0.0),) * chance.choice((1, 1, 2))))
    elif extra < 0.6:
        acts.append(Act("stop", 1, after, "revoke"))
    elif extra < 0.7:
        acts.append(Act("stop", 1, after, "cut"))
    return acts


def _itself(chance: Chance) -> Act:
    """The machine does what nobody asked."""
    when = ("moving", 1, round(chance.uniform(5.0, 150.0), 2))
    roll = chance.random()
    if roll < 0.3:
        return Act(*when, "fault", ("runaway_to_kmh", chance.choice((6.0, 10.0, 16.0))), None)
    if roll < 0.5:
        return Act(*when, "race", (chance.choice((4.0, 6.0, 8.0, 10.0, 14.0, 16.0)),))
    if roll < 0.75:
        return Act(*when, "tilt", (chance.choice((5.0, 8.0, 12.0)),))
    if roll < 0.82:
        return Act(*when, "halt")
    if roll < 0.92:
        return Act(*when, "fault", ("no_data", True), chance.choice((5.0, 20.0, None)))
    return Act(*when, "lie", ("drift_kmh", chance.choice((0.5, 1.5))))


def _strap(chance: Chance) -> Act:
    name, value = chance.choice(
        (
            ("no_contact_in", (1, 12)),
            ("no_contact_in", (1, 2)),
            ("no_contact_in", (3, 10)),
            ("gap_in", (8, 20)),
            ("gap_in", (7, 30)),
            ("gap_in", (2, 5)),
            ("frozen_bpm", 120),
            ("locked", True),
            ("noise_bpm", 6.0),
            ("contact", False),
            ("gap_in", (1, 1)),
        )
    )
    return Act(*_moment(chance), "strap", (name, value), _lasts(chance))


def _heart(chance: Chance) -> Act:
    when = ("moving", 1, round(chance.uniform(0.0, 120.0), 1))
    return Act(*when, "heart", (chance.choice((20.0, 40.0, 60.0, 80.0)),))


def _stall(chance: Chance) -> Act:
    length = chance.choice((1.2, 1.5, 3.0, 3.0, 6.0))
    if chance.random() < 0.7:
        event, nth, after = _moment(chance)
        return Act(event, nth, after, "stall", (length,) * chance.choice((1, 2, 3)))
    return Act(*_moment(chance), "stall_now", (length,))


def _machine_faults(chance: Chance) -> tuple[dict[str, Any], dict[str, Any]]:
    """How a machine is wrong from the beginning."""
    faults: dict[str, Any] = {}
    lies: dict[str, Any] = {}
    for _ in range(chance.choice((1, 1, 2))):
        pick: Callable[[], None] = chance.choice(
            (
                lambda: faults.update(silent_console=True),
                lambda: faults.update(needs_console_start=True),
                lambda: faults.update(restores_target=True),
                lambda: faults.update(starts_on_connect=True),
                lambda: faults.update(echo_braking=True),
                lambda: faults.update(notify_replies=True),
                lambda: faults.update(takes_mph=True),
                lambda: faults.update(reversed=True),
                lambda: faults.update(silent={0}),
                lambda: faults.update(zero_frames=True),
                lambda: faults.update(late_s=0.8),
                lambda: faults.update(lost_share=0.2),
                lambda: faults.update(delay_s={2: chance.choice((0.8, 1.6)), 7: chance.choice((1.0, 7.0))}),
                lambda: lies.update(frozen=True),
                lambda: lies.update(speed_kmh=0.0),
                lambda: lies.update(echoes_start=True),
                lambda: lies.update(silent_after_stop=True),
                lambda: lies.update(frozen_after_stop=True),
                lambda: lies.update(revokes_after_stop=True),
                lambda: lies.update(rejects_control=True),
                lambda: lies.update(falls_back=True),
                lambda: lies.update(quiet_until_control=True),
                lambda: lies.update(control_starts=True),
                lambda: lies.update(incline_absent=True),
                lambda: lies.update(distance_scale=10.0),
            )
        )
        pick()
    return faults, lies


THEMES = (
    "honest", "people", "incline", "status", "pulse", "pulse", "hands", "hands", "stops", "stops", "links",
    "answers", "stalls", "machines", "itself", "readings", "hands off", "everything", "everything",
)  # fmt: skip


def _acts(chance: Chance, theme: str) -> list[Act]:
    acts: list[Act] = []

    def some(most: int, *makers: Callable[[Chance], Act | list[Act]]) -> None:
        for _ in range(chance.randint(1, most)):
            made = chance.choice(makers)(chance)
            acts.extend(made if isinstance(made, list) else [made])

    match theme:
        case "people":
            some(6, _asks)
        case "incline":
            some(2, _incline_lie)
        case "status":
            some(4, _status)
            some(2, _asks)
        case "pulse":
            acts.append(_heart(chance))
            if chance.random() < 0.6:
                some(2, _strap)
        case "hands":
            some(3, _hand)
        case "stops":
            acts.extend(_stop_trouble(chance))
        case "links":
            some(3, _link)
        case "answers":
            some(3, _answers)
        case "stalls":
            some(4, _stall)
        case "itself":
            some(2, _itself)
        case "readings":
            some(4, _glitch, _glitch, _speed_lie)
        case "hands off":
            acts.append(Act("moving", 1, round(chance.uniform(5.0, 90.0), 1), "revoke"))
            some(2, _itself, _status, _link)
        case "everything":
            some(
                6, _asks, _hand, _link, _glitch, _status, _incline_lie, _speed_lie, _answers, _stall, _strap,
                _heart, _itself, _stop_trouble,
            )  # fmt: skip
    if theme not in ("honest", "everything") and chance.random() < 0.3:
        some(2, _asks, _hand, _link, _glitch, _stall, _status)
    return acts


def plan_of(seed: int) -> Plan:
    """The plan of this seed, always the same."""
    chance = Chance(seed)
    long = seed % LONG_EVERY == LONG_EVERY - 1
    theme = "honest" if long else chance.choice(THEMES)
    walk = chance.choice((4.0, 5.0, 5.0, 6.0))
    slowest = chance.random() < 0.03 and not long
    """A machine with no speed that is slow enough for this person, or hardly one."""
    pulse = theme == "pulse" or (not long and chance.random() < 0.12)
    runner = Runner(
        comfortable_walk_kmh=walk,
        comfortable_jog_kmh=8.5,
        max_speed_kmh=chance.choice((7.0, 9.0, 12.0, 12.0, 16.0)) if chance.random() < 0.6 else 12.0,
        max_incline_percent=chance.choice((2.0, 5.0, 10.0, 10.0, 15.0)),
        pulse_ceiling_bpm=chance.choice((120, 135, 150)) if pulse else None,
        aching_back=chance.random() < 0.3,
    )
    odd = 0.3 if theme in ("honest", "people", "hands", "pulse", "stops") else 0.5
    model = _model(chance, 1.0 if theme == "machines" else odd)
    if slowest:
        low = chance.choice((2.0, 3.2, 4.5, 5.0))
        model = replace(model, speed_range=SpeedRange(low, 16.0, chance.choice((0.1, 0.5))))
        runner = replace(runner, max_speed_kmh=chance.choice((1.9, low - 0.1, low, low + 0.3, 12.0)))
    begins = (0.0, 0.0)
    if theme == "pulse" and chance.random() < 0.3:
        # An incline that cannot be lowered must not keep the pulse from easing the speed.
        at, reach = chance.choice(((3.0, _INCLINES[3]), (1.0, _INCLINES[4]), (2.0, _INCLINES[3])))
        model, begins = replace(model, incline_range=reach), (0.0, at)
    faults: dict[str, Any] = {}
    lies: dict[str, Any] = {}
    if theme == "machines" or (theme == "everything" and chance.random() < 0.4):
        faults, lies = _machine_faults(chance)
    if chance.random() < 0.35:
        lies["echoes_orders_s"] = chance.choice((0.0, 0.0, 0.1, 0.6))
    if theme in ("hands", "hands off") and chance.random() < 0.2:
        faults["silent_console"] = True
    if not long and theme != "pulse" and chance.random() < 0.06:
        low = model.incline_range.min_incline_percent if model.incline_range else 0.0
        begins = (chance.choice((3.0, 6.0, 0.0)), max(chance.choice((0.0, 3.0, 8.0)), low))
        if model.incline_range is None:
            begins = (begins[0], 0.0)
    elif model.incline_range is not None and model.incline_range.min_incline_percent > begins[1]:
        begins = (0.0, model.incline_range.min_incline_percent)
    if long and chance.random() < 0.3:
        lies["incline_absent"] = True
    acts = [] if long and chance.random() < 0.3 else _acts(chance, theme)
    if long:
        acts = [
            Act(
                "begin",
                1,
                round(chance.uniform(60, 2400), 1),
                "ask",
                chance.choice((("faster", 1.0), ("pause", 0.0))),
            )
            for _ in range(chance.randint(0, 8))
        ]
        acts += [
            Act("begin", 1, round(chance.uniform(60, 2400), 1), "stall", (chance.choice((1.5, 3.0)),))
            for _ in range(chance.choice((0, 0, 2)))
        ]
    if faults.get("needs_console_start"):
        acts += [Act("control", nth, 1.0, "key", ("start",)) for nth in (1, 2, 3)]
    return Plan(
        seed=seed,
        theme="long" if long else theme,
        model=model,
        runner=runner,
        curve=dict.fromkeys(DURATIONS_S, walk) if slowest and chance.random() < 0.5 else _curve(chance, walk),
        walk_kmh=walk,
        workout=_workout(chance, long),
        warm_up_s=60.0,
        incline_percent=chance.choice((None, None, None, 0.0, 4.0)),
        stretch_break=chance.random() < 0.1,
        person=Person(
            thinks_s=chance.choice((1.0, 3.0, 6.0)),
            starts_at_most=chance.choice((2, 4, 6)),
            leaves_at_s=3300.0 if long else float(chance.choice((150, 240, 300, 360))),
            pulls_key_after_s=chance.choice((20.0, 30.0, 60.0)),
        ),
        acts=tuple(acts),
        faults=faults,
        lies=lies,
        strap=pulse,
        interval_s=chance.choice((0.0, 0.0, 0.0, 0.03)),
        begins_at=begins,
        old_target_kmh=chance.choice((0.0, 4.0, 8.0, 10.0)) if faults.get("restores_target") else 0.0,
        long=long,
    )
