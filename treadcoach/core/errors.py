"""Errors a person may read. Each names the place, the value and what is allowed."""


class TreadcoachError(Exception):
    """Base of every error this program raises on purpose."""


class InputError(TreadcoachError):
    """Something typed or read from a file cannot be used.

    place is where it stands (an option, a file with line), value what stood there,
    allowed what would be accepted.
    """

    def __init__(self, place: str, value: object, allowed: str) -> None:
        self.place = place
        self.value = value
        self.allowed = allowed
        shown = repr(value)
        if len(shown) > 80:
            shown = shown[:77] + "..."
        super().__init__(f"{place}: {shown} is not usable; allowed: {allowed}")


class NoSessionToday(TreadcoachError):
    """What was said of the body allows no session on this day: the reason, and what to do."""


class LinkError(TreadcoachError):
    """The radio link or the machine behind it failed (theirs: a new link may be tried)."""


class GuardError(TreadcoachError):
    """An order that did not pass the guard was about to move the belt (ours: stop)."""


class OrderVoid(GuardError):
    """A cleared order came too late: a stop or a doubt shut the gate after it was cleared."""


class StoreError(TreadcoachError):
    """The journal cannot be written or read."""


class StoreGone(StoreError):
    """The database is away: waiting helps."""
