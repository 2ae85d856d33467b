"""The phases of a session and every transition between them, as one table.

STOP is not in the table: it leads to STOPPING from every phase, ahead of it.
"""

from enum import StrEnum

from treadcoach.core.errors import TreadcoachError


class Phase(StrEnum):
    CONNECTING = "connecting"
    READY = "ready"
    ARMED = "armed"
    WARM_UP = "warm_up"
    STRETCH_BREAK = "stretch_break"
    MAIN = "main"
    COOL_DOWN = "cool_down"
    PAUSED = "paused"
    LINK_LOST = "link_lost"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"

    @property
    def words(self) -> str:
        """How a person reads it."""
        return self.value.replace("_", "-")


class Trigger(StrEnum):
    LINK_UP = "link up"
    LINK_DOWN = "link down"
    PERSON_STARTS = "a person starts"
    START_FAILED = "the start failed"
    BELT_MOVES = "the belt moves"
    WARM_UP_OVER = "warm-up over"
    MAIN_OVER = "main set over"
    COOL_DOWN_OVER = "cool-down over"
    PAUSE = "pause"
    BELT_STANDS = "the belt stands"
    GIVEN_UP = "nobody knows whether the belt stands"


ON_BELT = frozenset({Phase.WARM_UP, Phase.MAIN, Phase.COOL_DOWN})
"""Phases in which the belt carries the runner and is commanded."""
ENDED = frozenset({Phase.DONE, Phase.STOPPED})

TRANSITIONS: dict[tuple[Phase, Trigger], tuple[Phase, ...]] = {
    (Phase.CONNECTING, Trigger.LINK_UP): (Phase.READY,),
    (Phase.READY, Trigger.LINK_DOWN): (Phase.CONNECTING,),
    (Phase.READY, Trigger.PERSON_STARTS): (Phase.ARMED,),
    (Phase.ARMED, Trigger.BELT_MOVES): (Phase.WARM_UP, Phase.MAIN, Phase.COOL_DOWN),
    (Phase.ARMED, Trigger.START_FAILED): (Phase.READY, Phase.PAUSED, Phase.STRETCH_BREAK),
    (Phase.ARMED, Trigger.PAUSE): (Phase.PAUSED,),
    (Phase.ARMED, Trigger.LINK_DOWN): (Phase.LINK_LOST,),
    (Phase.WARM_UP, Trigger.WARM_UP_OVER): (Phase.STRETCH_BREAK, Phase.MAIN),
    (Phase.WARM_UP, Trigger.MAIN_OVER): (Phase.COOL_DOWN,),
    (Phase.WARM_UP, Trigger.PAUSE): (Phase.PAUSED,),
    (Phase.WARM_UP, Trigger.LINK_DOWN): (Phase.LINK_LOST,),
    (Phase.STRETCH_BREAK, Trigger.PERSON_STARTS): (Phase.ARMED,),
    (Phase.STRETCH_BREAK, Trigger.LINK_DOWN): (Phase.LINK_LOST,),
    (Phase.MAIN, Trigger.MAIN_OVER): (Phase.COOL_DOWN,),
    (Phase.MAIN, Trigger.PAUSE): (Phase.PAUSED,),
    (Phase.MAIN, Trigger.LINK_DOWN): (Phase.LINK_LOST,),
    (Phase.COOL_DOWN, Trigger.COOL_DOWN_OVER): (Phase.STOPPING,),
    (Phase.COOL_DOWN, Trigger.PAUSE): (Phase.PAUSED,),
    (Phase.COOL_DOWN, Trigger.LINK_DOWN): (Phase.LINK_LOST,),
    (Phase.PAUSED, Trigger.PERSON_STARTS): (Phase.ARMED,),
    (Phase.PAUSED, Trigger.LINK_DOWN): (Phase.LINK_LOST,),
    (Phase.LINK_LOST, Trigger.LINK_UP): (Phase.PAUSED,),
    (Phase.STOPPING, Trigger.BELT_STANDS): (Phase.DONE, Phase.STOPPED),
    (Phase.STOPPING, Trigger.GIVEN_UP): (Phase.STOPPED,),
}


class NoSuchTransition(TreadcoachError):
    """The session was about to make a step that the table does not have (ours: stop)."""


def next_phase(phase: Phase, trigger: Trigger, wanted: Phase | None = None) -> Phase:
    """The phase that follows; `wanted` chooses where the table has several. Raises NoSuchTransition."""
    allowed = TRANSITIONS.get((phase, trigger), ())
    if wanted is None and len(allowed) == 1:
        return allowed[0]
    if wanted in allowed and wanted is not None:
        return wanted
    raise NoSuchTransition(f"{phase.words}: '{trigger}' does not lead to {wanted or 'one phase'}")


def mermaid() -> str:
    """The table as a Mermaid state diagram, for docs/architecture.md."""
    lines = ["stateDiagram-v2", f"    [*] --> {Phase.CONNECTING}"]
    for (phase, trigger), targets in TRANSITIONS.items():
        lines += [f"    {phase} --> {target}: {trigger}" for target in targets]
    lines += [f"    {phase} --> [*]" for phase in sorted(ENDED)]
    return "\n".join(lines)
