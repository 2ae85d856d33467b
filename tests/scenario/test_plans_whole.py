"""Every plan that is shipped, run on the belt from its first to its last session."""

import pytest

from tests.support.lives import PLANS
from tests.support.plan_run import run_plan

WEEKS_BEFORE_EASIER = 5


@pytest.mark.parametrize("name", sorted(PLANS))
def test_a_plan_is_run_whole(name: str) -> None:
    found = run_plan(name)
    assert not found.missed, "every session finds its day"
    assert not found.broken
    weeks = [week.plan_week for week in found.weeks]
    assert weeks == sorted(weeks) and set(weeks) == set(range(1, len(PLANS[name].weeks) + 1))
    loads = [week.walked_min + week.ran_min for week in found.weeks]
    assert all(load > 20 for load in loads)
    easier = [at for at in range(1, len(loads)) if loads[at] < 0.9 * loads[at - 1]]
    for at in range(len(loads) - WEEKS_BEFORE_EASIER):
        assert any(at < e <= at + WEEKS_BEFORE_EASIER for e in easier), "no five weeks that only go up"
