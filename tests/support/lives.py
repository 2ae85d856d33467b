"""Lives of simulated runners: half a year each, day by day through planner, allowance, session and guard.

A life draws its habits from a seed: when it trains, what it skips, what hurts, which keys it presses,
where it travels. Every session runs on the belt model by the real controller. What was run is judged
from the outside (Verdicts), by arithmetic of its own.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from tests.support.direct import Direct
from treadcoach.app.outputs import Output, SampleRow
from treadcoach.app.training import ENOUGH_OF_A_SESSION
from treadcoach.core.checkin import CheckIn, Moment, Sign
from treadcoach.core.errors import NoSessionToday
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import ENDED, ON_BELT, Phase
from treadcoach.core.plan import Plan
from treadcoach.core.runner import Runner
from treadcoach.core.samples import InclineRange, SpeedRange
from treadcoach.core.sustained import DURATIONS_S, mean_maximal
from treadcoach.core.units import SpeedUnit
from treadcoach.core.workout import Workout, as_text, parse_workout
from treadcoach.planning.allowance import Allowance, allow
from treadcoach.planning.checkin import load_checkin_rules
from treadcoach.planning.guidance import load_guidance
from treadcoach.planning.planner import Done, PlanState, Schedule, Scheduled, decide
from treadcoach.planning.plans import load_plans
from treadcoach.planning.progression import PastSession, week_start
from treadcoach.planning.resolving import references_of, resolve_scheduled
from treadcoach.virtual.belt import Key, MachineModel

RULES = load_guidance().belt
CHECKINS = load_checkin_rules()
PLANS = load_plans()
WEEKS = 26
BEGAN = datetime(2026, 1, 5, 12, tzinfo=UTC)
KINDS = ("regular", "chaotic", "injured", "over-eager", "older", "mph", "traveller")
ZONES = ("America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "Pacific/Auckland", "Pacific/Honolulu")
TICK_S = 1.0
"""Half as often as the coach, for twice as many lives; every bound is one of time, not of ticks."""
LONGEST_SESSION_S = 3 * 3600.0
KEYS = (
    IntentKind.FASTER, IntentKind.FASTER, IntentKind.SLOWER, IntentKind.STEEPER, IntentKind.SKIP,
    IntentKind.PAUSE, IntentKind.END_EARLY, IntentKind.STOP, IntentKind.NOT_RIGHT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habits:
    """How one kind of life goes. All are chances: a day's, a session's, or those of a key in a minute."""

    comes: float
    meddles: float = 0.0
    free_runs: float = 0.0
    moves: float = 0.0
    hurts: float = 0.0
    console: float = 0.0
    holidays: float = 0.0


HABITS = {
    "regular": Habits(0.95),
    "chaotic": Habits(0.55, meddles=0.05, free_runs=0.08, moves=0.1, console=0.01, holidays=0.02),
    "injured": Habits(0.85, hurts=0.05),
    "over-eager": Habits(1.0, meddles=0.15, free_runs=0.4, console=0.03),
    "older": Habits(0.85, meddles=0.01, hurts=0.01, holidays=0.01),
    "mph": Habits(0.9, meddles=0.03, free_runs=0.03),
    "traveller": Habits(0.8, free_runs=0.03, holidays=0.01),
}


@dataclass(slots=True)
class Outcome:
    """What became of a life, as counts and figures that can be added up."""

    kind: str
    seed: int
    plan: str
    counts: Counter[str] = field(default_factory=Counter)
    belt_s: float = 0.0
    best_5_min_kmh: list[float] = field(default_factory=list)
    """Of each week in which something was run."""
    last_week: int = 0
    """Of the plan, from 1: where the life got to."""
    broken: list[str] = field(default_factory=list)
    """Rules that did not hold. Empty, or a test fails."""


@dataclass(slots=True)
class _Ran:
    """One session as the judge sees it. by_hand: the console was used, which no program can prevent."""

    day: date
    speeds_kmh: list[float]
    phases: list[Phase]
    by_hand: bool
    undisturbed: bool
    curve: dict[int, float]

    @property
    def belt_s(self) -> float:
        return float(sum(speed > 0.3 for speed in self.speeds_kmh))


class _Watched(Direct):
    """A direct session that keeps its samples."""

    def __post_init__(self) -> None:
        self.samples: list[SampleRow] = []
        super().__post_init__()

    def _do(self, outputs: list[Output]) -> None:
        self.samples += [output for output in outputs if isinstance(output, SampleRow)]
        super()._do(outputs)


class Life:
    """One runner of a kind."""

    def __init__(self, kind: str, seed: int) -> None:
        self.random = random.Random(f"{kind} {seed}")
        self.habits = HABITS[kind]
        self.runner = self._runner(kind)
        plan = self._plan(kind)
        self.outcome = Outcome(kind, seed, plan.id)
        self.model = self._model(kind)
        days = frozenset(self.random.sample(range(7), self.random.randint(3, 7)))
        self.travels = kind == "traveller"
        self.zone = ZoneInfo(self.random.choice(ZONES))
        self.said: list[CheckIn] = []
        self.past: list[PastSession] = []
        self.ran: list[_Ran] = []
        self.away_until: date | None = None
        self.pain_until: date | None = None
        self.pain = 0
        self.state = PlanState(plan, self._today(0), days)

    # -- who it is --------------------------------------------------------------------

    def _runner(self, kind: str) -> Runner:
        pick = self.random.uniform
        walk = round(pick(3.5, 4.5) if kind == "older" else pick(4.2, 6.0), 1)
        jog = round(pick(5.5, 7.0) if kind == "older" else pick(7.0, 10.0), 1)
        unit = self.random.choice((SpeedUnit.MPH, SpeedUnit.PACE_MILE)) if kind == "mph" else SpeedUnit.KMH
        top = 20.0 if kind == "over-eager" else round(pick(9.0, 14.0), 1)
        age = self.random.randint(66, 88) if kind == "older" else self.random.randint(18, 60)
        return Runner(kind, unit, age, walk, jog, top, aching_back=kind == "injured" and pick(0, 1) < 0.3)

    def _plan(self, kind: str) -> Plan:
        fitting = {
            "older": ("walking-base", "hill-free", "desk-walks", "first-5-km"),
            "injured": ("back-to-running", "hill-free", "first-5-km"),
            "over-eager": ("steady-10-km", "first-5-km", "keep-fit"),
        }
        return PLANS[self.random.choice(fitting.get(kind, tuple(PLANS)))]

    def _model(self, kind: str) -> MachineModel:
        speeds = self.random.choice(
            (SpeedRange(0.8, 18.0, 0.1), SpeedRange(1.0, 16.0, 0.1), SpeedRange(1.0, 20.0, 0.5))
        )
        if kind == "mph":
            speeds = SpeedRange(0.8, 19.3, 0.16)
        inclines = self.random.choice((InclineRange(0.0, 12.0, 0.5), InclineRange(0.0, 15.0, 1.0), None))
        return MachineModel(speed_range=speeds, incline_range=inclines)

    # -- its days ---------------------------------------------------------------------

    def run(self, weeks: int = WEEKS) -> Outcome:
        """Live that many weeks."""
        for day in range(7 * weeks):
            self._day(self._today(day))
        judge(self)
        self.outcome.belt_s = sum(session.belt_s for session in self.ran)
        return self.outcome

    def _today(self, day: int) -> date:
        """The date where the runner is; a flight over the date line repeats or skips one."""
        if self.travels and day % 11 == 10:
            self.zone = ZoneInfo(self.random.choice(ZONES))
        hour = timedelta(hours=self.random.uniform(-6, 6) if self.travels else 0)
        return (BEGAN + timedelta(days=day) + hour).astimezone(self.zone).date()

    def _day(self, today: date) -> None:
        if self.away_until is not None and today < self.away_until:
            return
        if self._chance(self.habits.holidays):
            self.away_until = today + timedelta(days=self.random.randint(3, 40))
        self._body(today)
        schedule = decide(self.state, self.past, self.said, today, RULES, CHECKINS)
        self.outcome.counts["decisions"] += 1
        self._read(schedule)
        entry = schedule.on(today)
        if entry is not None and entry.key is not None and self._chance(self.habits.moves):
            self._reschedule(entry, today)
        elif entry is not None and self._chance(self.habits.comes):
            self._session(today, entry)
        if self._chance(self.habits.free_runs):
            self._session(today, None)

    def _read(self, schedule: Schedule) -> None:
        if schedule.stopped is not None:
            self.outcome.counts["days stopped"] += 1
        for note in schedule.notes:
            if note.startswith("Week "):
                self.outcome.last_week = int(note.split()[1])

    def _chance(self, chance: float) -> bool:
        return self.random.random() < chance

    def _body(self, today: date) -> None:
        """Pain comes, stays some days, and goes; a third of it radiates."""
        if self.pain_until is None and self._chance(self.habits.hurts):
            self.pain_until = today + timedelta(days=self.random.randint(1, 20))
            self.pain = self.random.randint(1, 9)
            odd = [Sign.RADIATING, Sign.SPREADING, Sign.SPASM, Sign.NOT_RIGHT]
            signs = frozenset({self.random.choice(odd)} if self._chance(0.3) else ())
            self.said.append(CheckIn(today, Moment.BEFORE, self.pain, signs=signs))
        elif self.pain_until is not None and today >= self.pain_until:
            self.pain_until, self.pain = None, 0
            self.said.append(CheckIn(today, Moment.BEFORE, 0))
        elif self.pain_until is not None and self._chance(0.3):
            self.said.append(CheckIn(today, Moment.BEFORE, self.pain))

    def _reschedule(self, entry: Scheduled, today: date) -> None:
        assert entry.key is not None
        if self._chance(0.5):
            self.state = replace(self.state, skipped=self.state.skipped | {entry.key})
        else:
            to = today + timedelta(days=self.random.randint(1, 5))
            self.state = replace(self.state, moved={**self.state.moved, entry.key: to})

    # -- one session ------------------------------------------------------------------

    def _session(self, today: date, entry: Scheduled | None) -> None:
        try:
            allowed = allow(self.past, self.said, today, self.runner, RULES, CHECKINS)
        except NoSessionToday:
            self.outcome.counts["sessions refused"] += 1
            return
        incline = None
        if entry is None:
            fast = round(self.random.uniform(5.0, 16.0), 1)
            workout = parse_workout(f"{self.random.randint(5, 45)} min @ {fast} km/h", "free")
        else:
            references = references_of(self.past, today, allowed.runner, RULES)
            workout = resolve_scheduled(entry, self.state.plan, references, RULES).workout
            incline = self.state.plan.incline_percent
        ran = self._on_the_belt(today, workout, allowed, incline)
        self.outcome.counts["sessions"] += 1
        self.ran.append(ran)
        self.past.append(PastSession(today, ran.curve, ran.belt_s))
        if entry is not None and entry.key is not None:
            planned = workout.about_s + 300
            if ran.belt_s >= ENOUGH_OF_A_SESSION * planned:
                done = Done(entry.key, today, faded=self._chance(0.02))
                self.state = replace(self.state, done=(*self.state.done, done))

    def _on_the_belt(self, today: date, workout: Workout, allowed: Allowance, incline: float | None) -> _Ran:
        setup: dict[str, object] = {"ceiling": allowed.ceiling, "today": today, "incline_percent": incline}
        direct = _Watched(self.model, allowed.runner, as_text(workout), setup, TICK_S)
        direct.begin()
        self.outcome.counts["sessions begun"] += 1
        by_hand = touched = False
        end_s = direct.now_s + LONGEST_SESSION_S
        while direct.controller.session.phase not in ENDED and direct.now_s < end_s:
            direct.pass_time(60.0)
            if direct.controller.session.phase is Phase.PAUSED:
                direct.ask(IntentKind.START if self._chance(0.7) else IntentKind.STOP)
            if self._chance(self.habits.meddles):
                touched = True
                key = self.random.choice(KEYS)
                direct.ask(key, 0.5 if key in (IntentKind.FASTER, IntentKind.SLOWER) else 1.0)
                if key is IntentKind.NOT_RIGHT:
                    self.said.append(CheckIn(today, Moment.AFTER, signs=frozenset({Sign.NOT_RIGHT})))
            if self._chance(self.habits.console):
                by_hand = True
                direct.press(self.random.choice((Key.FASTER, Key.FASTER, Key.SLOWER, Key.STOP)))
        if direct.controller.session.hands_off:
            # The session does not stop a belt that its runner took over at the console: they do, there.
            direct.press(Key.STOP)
            direct.pass_time(60.0)
            direct.ask(IntentKind.STOP)
            direct.pass_time(60.0)
        where = f"{today} on {workout.name}"
        self.outcome.broken += [f"{where}: {what}" for what in direct.violations]
        if direct.controller.session.phase not in ENDED:
            self.outcome.broken.append(f"{where}: no end after {LONGEST_SESSION_S / 3600:g} h")
        speeds = [sample.speed_kmh or 0.0 for sample in direct.samples]
        phases = [sample.phase for sample in direct.samples]
        undisturbed = not touched and not by_hand
        return _Ran(today, speeds, phases, by_hand, undisturbed, mean_maximal(speeds))


# -- the judge ----------------------------------------------------------------------------


def judge(life: Life) -> None:
    """Hold what was run against the documents, by arithmetic of its own."""
    _judge_weeks(life)
    _judge_days(life)
    for session in life.ran:
        _judge_session(life, session)


def _judge_weeks(life: Life) -> None:
    """No week is more than 15 % faster than the last one that was trained in, at any duration."""
    weeks: dict[date, list[_Ran]] = {}
    for session in life.ran:
        weeks.setdefault(week_start(session.day), []).append(session)
    trained: date | None = None
    for monday in sorted(weeks):
        walk = min(life.runner.comfortable_walk_kmh or 0.0, 6.5)
        strict = [session for session in weeks[monday] if not session.by_hand]
        life.outcome.best_5_min_kmh.append(_best(weeks[monday])[300])
        for duration in DURATIONS_S:
            if trained is None:
                most = max(life.runner.comfortable_jog_kmh or 0.0, 6.5)
            else:
                most = 1.15 * _best(weeks[trained])[duration]
            best = max((_held(s.speeds_kmh, duration, walk) for s in strict), default=0.0)
            if best > max(most, walk) + 0.05:
                text = f"week of {monday}: {best:.2f} km/h for {duration} s after {most / 1.15:.2f}"
                life.outcome.broken.append(text)
            any_hand = max(_held(s.speeds_kmh, duration, walk) for s in weeks[monday])
            if any_hand > max(best, most, walk) + 0.05:
                life.outcome.counts["weeks above 15 % by the console's keys"] += duration == DURATIONS_S[0]
        if sum(session.belt_s for session in weeks[monday]) >= RULES.training_week_min_s:
            trained = monday
        life.outcome.counts["weeks run"] += 1


def _held(speeds_kmh: list[float], duration_s: int, walk_kmh: float) -> float:
    """The best mean over a duration that ends while the belt is faster than a comfortable walk.

    Walking on at that pace is always allowed, also where it fills up a window (decision 0003).
    """
    sums = [0.0, *accumulate(speeds_kmh)]
    ends = [at for at, speed in enumerate(speeds_kmh, 1) if speed > walk_kmh + 0.05]
    return max(((sums[end] - sums[max(end - duration_s, 0)]) / duration_s for end in ends), default=0.0)


def _best(sessions: list[_Ran]) -> dict[int, float]:
    return {d: max(session.curve[d] for session in sessions) for d in DURATIONS_S}


def _judge_days(life: Life) -> None:
    """No two days of running touch; nothing is run on a day after 'it radiates' until that is taken back."""
    hard = [session for session in life.ran if session.curve[300] > 6.51]
    for before, after in pairwise(hard):
        if 0 <= (after.day - before.day).days <= 1:
            if after.by_hand:
                life.outcome.counts["hard days together by the console's keys"] += 1
            else:
                life.outcome.broken.append(f"hard on {before.day} and on {after.day}")
    flags = {Sign.RADIATING, Sign.SPREADING}
    for session in life.ran:
        told = [said for said in life.said if said.day <= session.day]
        stopped = False
        for said in told:
            if said.signs & flags:
                stopped = True
            elif said.pain == 0 and not said.signs:
                stopped = False
        if stopped and not any(said.day == session.day and said.signs & flags for said in told):
            life.outcome.broken.append(f"{session.day}: run although it radiates")
    life.outcome.counts["hard days"] += len({session.day for session in hard})


def _judge_session(life: Life, session: _Ran) -> None:
    """Warm-up and cool-down, where nobody shortened them."""
    if not session.undisturbed or session.phases[-1:] != [Phase.DONE]:
        return
    on_belt = [
        (phase, speed)
        for phase, speed in zip(session.phases, session.speeds_kmh, strict=True)
        if phase in ON_BELT
    ]
    warm = [speed for phase, speed in on_belt if phase is Phase.WARM_UP]
    cool = sum(phase is Phase.COOL_DOWN for phase, _ in on_belt)
    share = cool / len(on_belt)
    if len(warm) < 298 or max(warm) > 6.6:
        life.outcome.broken.append(f"{session.day}: warm-up of {len(warm)} s up to {max(warm):.1f} km/h")
    if not 0.095 <= share <= 0.16:
        life.outcome.broken.append(f"{session.day}: cool-down of {share:.1%}")
    life.outcome.counts["undisturbed sessions"] += 1


def live(of: tuple[str, int]) -> Outcome:
    """One life, for a pool of processes."""
    return Life(*of).run()
