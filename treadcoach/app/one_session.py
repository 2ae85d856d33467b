"""A session that somebody else conducts, shown on pages: what the demo hands to its house."""

import asyncio
from collections.abc import Callable

from treadcoach.app.coach import Coach
from treadcoach.app.house_messages import Preparation
from treadcoach.app.service import ServicePicture, ServiceState
from treadcoach.app.snapshot import Snapshot
from treadcoach.core.errors import InputError
from treadcoach.core.intents import OF_THE_BODY, Intent, IntentKind

ONLY_THIS = "this one session: 'treadcoach serve' runs others"


class OneSession:
    """Pictures of one coach, and wishes for it. There is nothing else to be prepared."""

    def __init__(self) -> None:
        self._coach: Coach | None = None
        self._listeners: list[Callable[[ServicePicture], None]] = []
        self.picture = ServicePicture(ServiceState.LOOKING, "", None, None, simulated=True)

    def follow(self, coach: Coach) -> None:
        """Show this coach from now on."""
        self._coach = coach
        coach.listen(self._show)

    def ended(self, message: str) -> None:
        """There is no session any more."""
        self._coach = None
        self._publish(ServicePicture(ServiceState.IDLE, message, None, None, simulated=True))

    def listen(self, listener: Callable[[ServicePicture], None]) -> None:
        self._listeners.append(listener)

    def request(self, intent: Intent) -> asyncio.Future[str | None] | None:
        """A wish of a page. Raises InputError when there is no session; a stop of nothing is done."""
        if self._coach is not None:
            self._coach.request(intent)
            if intent.kind in OF_THE_BODY:
                return asyncio.get_running_loop().create_task(self._coach.words_kept())
        elif intent.kind is not IntentKind.STOP:
            raise InputError("session", "none", ONLY_THIS)
        return None

    def prepare(self, what: Preparation) -> asyncio.Future[str | None]:
        """Raises InputError: the demo is one session."""
        raise InputError("session", what.workout or "another one", ONLY_THIS)

    def look(self) -> None:
        """Raises InputError: the demo has its devices."""
        raise InputError("devices", "the demo's", "'treadcoach serve', to choose devices")

    def _show(self, snapshot: Snapshot) -> None:
        number = None if self._coach is None else self._coach.session_id
        self._publish(ServicePicture(ServiceState.SESSION, "", number, snapshot, simulated=True))

    def _publish(self, picture: ServicePicture) -> None:
        self.picture = picture
        for listener in self._listeners:
            listener(picture)
