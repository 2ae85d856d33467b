"""What anybody may see of a running session: one flat, JSON-able picture, each value with its age."""

from dataclasses import asdict, dataclass

from treadcoach.app.controller import Controller
from treadcoach.app.form_picture import picture
from treadcoach.core.phases import Phase


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state at one tick. None: not known or too old; ages are in seconds."""

    t_s: float
    phase: Phase
    step_label: str
    step: int
    steps: int
    speed_kmh: float | None
    speed_age_s: float | None
    incline_percent: float | None
    target_kmh: float | None
    ordered_kmh: float | None
    ordered_percent: float | None
    ceiling_kmh: float
    next_kmh: float | None
    step_left_s: float
    left_s: float
    belt_time_s: float
    distance_m: float
    heart_rate_bpm: int | None
    heart_rate_doubt: str | None
    cadence_spm: float | None
    why: str
    gate_open: bool
    gate_reason: str
    hands_off: bool
    is_stopping: bool
    """STOP was sent, and the belt has not been seen to stand since."""
    last_says: tuple[tuple[str, str], ...]
    alarm: str | None
    link_up: bool
    machine: str
    runner: str
    unit: str
    asks: str | None = None
    """What the person at the treadmill is asked: 'belt_stands', 'incline_is', or nothing."""
    form: dict[str, object] | None = None
    """Running form by every sensor, issues, the last cue and an open offer; None without form rules."""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def take(
    controller: Controller,
    now_s: float,
    says: tuple[tuple[str, str], ...],
    alarm: str | None,
    link_up: bool,
) -> Snapshot:
    """Picture the controller now. `says` are the latest lines with their level."""
    session, setup = controller.session, controller.setup
    belt = controller.sensors.belt(now_s)
    fresh = belt.fresh(setup.rules.stale_hold_s)
    heart = controller.sensors.heart
    step, follows = session.progress.step, session.progress.next_step
    ordered, incline = controller.gate.ordered_speed_ckmh, controller.gate.ordered_incline_dpct
    is_open = controller.gate.is_open
    ruling = controller.last_ruling
    return Snapshot(
        t_s=now_s,
        phase=session.phase,
        step_label="" if step is None else step.label,
        step=min(session.progress.step_at + 1, len(setup.timeline.steps)),
        steps=len(setup.timeline.steps),
        speed_kmh=belt.speed_kmh if fresh else None,
        speed_age_s=belt.age_s,
        incline_percent=belt.incline_percent if fresh else None,
        target_kmh=session.progress.target_kmh(),
        ordered_kmh=None if ordered is None or not is_open else ordered / 100,
        ordered_percent=None if incline is None or not is_open else incline / 10,
        ceiling_kmh=min(setup.ceiling.curve[60], setup.runner.max_speed_kmh),
        next_kmh=None if follows is None else follows.speed_kmh,
        step_left_s=session.progress.step_left_s(),
        left_s=session.left_s(),
        belt_time_s=session.progress.belt_time_s,
        distance_m=belt.distance_m,
        heart_rate_bpm=heart.trusted_bpm(now_s),
        heart_rate_doubt=heart.doubt(now_s) if heart.seen else "no pulse source",
        cadence_spm=controller.cadence_spm(now_s),
        why=controller.last_change or ("" if ruling is None else ruling.reason),
        gate_open=is_open,
        gate_reason=controller.gate.shut_reason,
        hands_off=session.hands_off,
        is_stopping=controller.watch.waits_for_stop,
        last_says=says,
        alarm=alarm,
        link_up=link_up,
        machine=setup.machine.name,
        runner=setup.runner.name,
        unit=setup.runner.unit.value,
        asks=controller.asks,
        form=controller.read_form(lambda watch: picture(watch, now_s)),
    )
