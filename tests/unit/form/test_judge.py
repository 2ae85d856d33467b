"""Signs with hysteresis, issues with persistence, the runner's own values, and what is not judged."""

from dataclasses import replace

import pytest

from tests.support.body import Body
from tests.support.rig import FORM_RULES
from treadcoach.core.body import Gait, Mount, SensorKind
from treadcoach.core.form_rules import Compare
from treadcoach.form.baseline import FEWEST_PAST_RUNS, Baseline, Condition, PastNorm
from treadcoach.form.doubts import CLIPPED, LOOSE, MOVED
from treadcoach.form.judge import Judge, why_unseen
from treadcoach.form.reading import FormReading

CHEST = SensorKind(Mount.CHEST)


class Runs:
    """Readings made by hand, a second each, judged."""

    def __init__(self, kind: SensorKind = CHEST, past: tuple[tuple[PastNorm, ...], ...] = ()) -> None:
        self.judge = Judge(FORM_RULES, kind, past)
        self.now_s = 0.0
        self.events: list[str] = []

    def second(self, gait: Gait | None = Gait.RUNNING, doubts: tuple[str, ...] = (), **values: float) -> None:
        self.now_s += 1
        speed, incline = values.pop("speed", 9.0), values.pop("incline", 2.0)
        metrics = {"cadence_spm": 170.0, "shock_g": 3.0, "sensor_oscillation_mm": 80.0, **values}
        reading = FormReading(
            self.now_s - 5, self.now_s, gait, metrics if gait else {}, (), doubts, speed, incline
        )
        verdict = self.judge.update(reading)
        self.events += [f"+{finding.issue.id}" for finding in verdict.raised]
        self.events += [f"-{issue.id}" for issue in verdict.cleared]

    def seconds(self, count: int, **values: float) -> None:
        for _ in range(count):
            self.second(**values)

    def learn(self, **values: float) -> None:
        self.seconds(500, **values)
        assert self.events == []


def test_one_bad_stride_is_no_issue() -> None:
    runs = Runs()
    runs.learn()
    for _ in range(20):
        runs.second(cadence_spm=140)
        runs.seconds(20)
    assert runs.events == []


def test_an_issue_needs_its_time_and_goes_with_hysteresis() -> None:
    runs = Runs()
    runs.learn()
    runs.seconds(25, cadence_spm=162.5)  # 4.4 % below
    assert runs.events == []
    runs.seconds(15, cadence_spm=162.5)
    assert runs.events == ["+B3"]
    runs.seconds(60, cadence_spm=164.5)  # between clear and raise: stays
    assert runs.events == ["+B3"]
    runs.seconds(40, cadence_spm=168)
    assert runs.events == ["+B3", "-B3"]


def test_the_own_value_and_not_180_is_the_measure() -> None:
    runs = Runs()
    runs.learn(cadence_spm=165.0)
    runs.seconds(120, cadence_spm=165.0)
    assert runs.events == []


def test_a_very_low_cadence_is_named_without_a_baseline() -> None:
    runs = Runs()
    runs.seconds(60, cadence_spm=150)
    assert runs.events == ["+B3"]


def test_scatter_of_the_own_value_widens_the_threshold() -> None:
    steady, restless = Runs(), Runs()
    for second in range(500):
        restless.second(shock_g=3.0 + (0.8 if second % 2 else -0.8))
    steady.learn()
    assert restless.events == []
    steady.seconds(60, shock_g=3.7)
    restless.seconds(60, shock_g=3.7)
    assert "+B2" in steady.events
    assert "+B2" not in restless.events


def test_a_change_of_speed_is_no_change_of_form() -> None:
    """At another speed another cadence is normal; until it is learned nothing is said of it."""
    runs = Runs()
    runs.learn(cadence_spm=175.0)
    runs.seconds(110, speed=11.5, cadence_spm=166.0)
    assert runs.events == []


def test_another_incline_is_judged_apart() -> None:
    runs = Runs()
    runs.learn()
    runs.seconds(100, incline=6.0, shock_g=4.0)
    assert runs.events == []


def test_an_eased_belt_is_compared_with_the_nearest_speed() -> None:
    runs = Runs()
    runs.learn()
    runs.seconds(60, speed=8.1, cadence_spm=155.0)
    assert "+B3" in runs.events


def test_after_a_change_of_speed_form_gets_time_to_settle() -> None:
    runs = Runs()
    runs.learn()
    for speed in (9.4, 9.8, 9.4, 9.0):
        runs.seconds(14, speed=speed, cadence_spm=150.0)
    assert runs.events == []


@pytest.mark.parametrize("doubt", [MOVED, LOOSE])
def test_a_sensor_in_doubt_raises_nothing(doubt: str) -> None:
    runs = Runs()
    runs.learn()
    for _ in range(120):
        runs.second(doubts=(doubt,), cadence_spm=150.0)
    assert runs.events == []


def test_cut_off_peaks_are_no_shock() -> None:
    runs = Runs()
    runs.learn()
    for _ in range(120):
        runs.second(doubts=(CLIPPED,), shock_g=9.0)
    assert runs.events == []


def test_stopping_ends_what_was_up() -> None:
    runs = Runs()
    runs.seconds(60, cadence_spm=150)
    assert runs.events == ["+B3"]
    runs.second(gait=None)
    assert runs.events == ["+B3", "-B3"]


def test_a_remount_voids_what_depends_on_the_mounting() -> None:
    body = Body()
    body.judge = Judge(FORM_RULES, body.stream.kind)
    body.run(500, 9.0)
    condition = Condition(Gait.RUNNING, 9.0, 2.0)
    assert body.judge.baseline.norms(condition, "shock_g")
    body.judge.remounted()
    assert not body.judge.baseline.norms(condition, "shock_g")


def _past(cadence: float, speed: float = 9.0) -> tuple[PastNorm, ...]:
    return (PastNorm(Gait.RUNNING, speed, 2.0, {"cadence_spm": (cadence, 1.5)}),)


def test_past_runs_count_once_there_are_enough() -> None:
    few = Runs(past=tuple(_past(176.0) for _ in range(FEWEST_PAST_RUNS - 1)))
    enough = Runs(past=tuple(_past(176.0) for _ in range(FEWEST_PAST_RUNS)))
    few.seconds(60, cadence_spm=166)
    enough.seconds(60, cadence_spm=166)
    assert few.events == []
    assert enough.events == ["+B3"]
    assert "your last 4 runs" in enough.judge.findings[0].seen[0]


def test_past_runs_at_another_speed_say_nothing() -> None:
    runs = Runs(past=tuple(_past(176.0, speed=12.0) for _ in range(6)))
    runs.seconds(60, cadence_spm=166)
    assert runs.events == []


def test_what_a_session_learned_is_what_the_next_one_reads() -> None:
    runs = Runs()
    runs.learn()
    learned = runs.judge.baseline.learned()
    assert [norm.speed_kmh for norm in learned] == [9.0]
    assert learned[0].values["cadence_spm"][0] == pytest.approx(170.0)
    assert "shock_g" not in learned[0].values, "it changes with the mounting"


def test_the_baseline_is_of_minutes_three_to_eight() -> None:
    baseline = Baseline()
    condition = Condition(Gait.RUNNING, 9.0, 2.0)
    for second in range(700):
        baseline.moved(Gait.RUNNING, 1.0)
        learned = baseline.add(condition, {"cadence_spm": 170.0})
        assert learned == (180 <= second + 1 < 480)
    assert baseline.ready(condition)


def test_every_issue_of_the_guidance_is_there_with_source_and_evidence() -> None:
    assert [issue.id for issue in FORM_RULES.issues] == [f"B{number}" for number in range(1, 13)]
    for issue in FORM_RULES.issues:
        assert issue.source and issue.rule and issue.cue and issue.spoken
        assert len(issue.spoken) < 60
        assert issue.exercises
        for sign in issue.signs:
            assert sign.evidence in {"owner-document", "study", "our-judgement"} and sign.why


@pytest.mark.parametrize("mount", list(Mount))
@pytest.mark.parametrize("gyroscope", [False, True])
def test_each_issue_is_seen_or_said_to_be_unseen(mount: Mount, gyroscope: bool) -> None:
    kind = SensorKind(mount, gyroscope)
    judge = Judge(FORM_RULES, kind)
    unseen = {issue.id for issue, _ in judge.unseen}
    for issue in FORM_RULES.issues:
        why = why_unseen(issue, kind)
        assert (why is None) == (issue.id not in unseen)
        assert why is None or why.endswith(".")
    assert "B10" in unseen, "no trunk sensor shows the arms"


def test_nothing_says_a_diagnosis() -> None:
    for issue in FORM_RULES.issues:
        text = f"{issue.name} {issue.cue} {issue.spoken}".lower()
        assert not any(word in text for word in ("diagnos", "injur", "disease", "you have a"))
        if issue.id == "B9":
            assert issue.question and issue.cue.count("?") == 1


def test_thresholds_below_and_above_are_told_apart() -> None:
    for issue in FORM_RULES.issues:
        for sign in issue.signs:
            assert sign.raise_at != sign.clear_at
            if sign.compare is not Compare.VALUE:
                assert abs(sign.raise_at) > abs(sign.clear_at)
                assert replace(sign, raise_at=-sign.raise_at, clear_at=-sign.clear_at).high_is_bad is (
                    not sign.high_is_bad
                )
