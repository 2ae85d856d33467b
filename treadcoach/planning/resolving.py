"""From a scheduled session to speeds: what walk and jog mean for this runner now."""

from collections.abc import Sequence
from datetime import date

from treadcoach.core.errors import InputError
from treadcoach.core.guidance import BeltRules
from treadcoach.core.plan import Plan, References, ResolvedSession
from treadcoach.core.runner import Runner
from treadcoach.planning.planner import Scheduled
from treadcoach.planning.plans import resolve
from treadcoach.planning.progression import PastSession, weekly_ceiling


def references_of(
    history: Sequence[PastSession], today: date, runner: Runner, rules: BeltRules
) -> References:
    """Comfortable walking, and running as stated or held for five minutes, inside this week's ceiling."""
    ceiling = weekly_ceiling(history, today, runner, rules)
    factor = 1 + rules.weekly_increase_percent / 100
    shown = ceiling.curve[300] / factor
    stated = runner.comfortable_jog_kmh
    jog = stated or (shown if shown > rules.running_above_kmh else None)
    return References(ceiling.walk_kmh, None if jog is None else min(jog, ceiling.curve[60]))


def resolve_scheduled(
    entry: Scheduled, plan: Plan, references: References, rules: BeltRules
) -> ResolvedSession:
    """A scheduled session in speeds. Raises InputError when it needs a running speed nobody knows."""
    incline = rules.aching_back_percent if entry.flat else plan.incline_percent
    try:
        found = resolve(entry.session, references, incline)
    except InputError as error:
        allowed = "a plan of walks, or your comfortable_jog in config.toml"
        raise InputError(f"plan {plan.id}, jog", "not known", allowed) from error
    return found.scaled(entry.share).flattened(incline if entry.flat else None)
