"""Simulated lives through planner, allowance, session and guard; and that their judge has eyes.

A thousand of them are lived by `scripts/bench --lives 1000`; here is a sample, of some weeks each.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support import lives
from tests.support.lives import KINDS, Life
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.allowance import Allowance
from treadcoach.planning.progression import WeeklyCeiling

SAMPLE_WEEKS = 4


@pytest.mark.parametrize("kind", KINDS)
def test_no_rule_is_broken_in_a_sample_of_each_kind(kind: str) -> None:
    outcome = Life(kind, 2001).run(SAMPLE_WEEKS)
    assert outcome.broken == []
    assert outcome.counts["sessions"] > 2 and outcome.belt_s > 1200, "a life in which something was run"


def _wrong(change: Callable[[Allowance], Allowance]) -> Callable[..., Allowance]:
    right = lives.allow

    def allow(*given: Any) -> Allowance:
        return change(right(*given))

    return allow


def _faster(found: Allowance) -> Allowance:
    curve = {d: 1.3 * found.ceiling.curve[d] for d in DURATIONS_S}
    return replace(found, ceiling=WeeklyCeiling(curve, found.ceiling.walk_kmh, "wrong"))


def test_the_judge_sees_a_week_that_is_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "allow", _wrong(_faster))
    monkeypatch.setitem(lives.HABITS, "over-eager", replace(lives.HABITS["over-eager"], console=0.0))
    broken = Life("over-eager", 2001).run(SAMPLE_WEEKS).broken
    assert any(what.startswith("week of") for what in broken)


def test_the_judge_sees_hard_days_that_touch_and_sessions_in_spite_of_pain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def allow(history: Any, said: Any, today: Any, runner: Any, rules: Any, checkins: Any) -> Allowance:
        return Allowance(runner, lives_ceiling(history, today, runner, rules))

    from treadcoach.planning.progression import weekly_ceiling as lives_ceiling

    monkeypatch.setattr(lives, "allow", allow)
    monkeypatch.setitem(lives.HABITS, "over-eager", replace(lives.HABITS["over-eager"], console=0.0))
    lived = (Life("over-eager", seed).run(2) for seed in range(2001, 2021))
    assert any(what.startswith("hard on") for outcome in lived for what in outcome.broken)
    # The planner stops by itself; what is run besides it is what the allowance has to prevent.
    monkeypatch.setitem(lives.HABITS, "injured", replace(lives.HABITS["injured"], hurts=0.3, free_runs=0.5))
    broken = [what for seed in range(2) for what in Life("injured", seed).run(3).broken]
    assert any("radiates" in what for what in broken)


def test_with_the_allowance_the_same_lives_break_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lives.HABITS, "injured", replace(lives.HABITS["injured"], hurts=0.3, free_runs=0.5))
    outcomes = [Life("injured", seed).run(3) for seed in range(2)]
    assert [outcome.broken for outcome in outcomes] == [[], []]
    assert sum(outcome.counts["sessions refused"] for outcome in outcomes) > 0
