"""One treadmill with its service and its house; in a practice there are several, each with its own runner."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from treadcoach.app.assembly import Wanted
from treadcoach.app.config import Folders
from treadcoach.app.house import House
from treadcoach.app.service import ServiceState, SessionService

HouseFor = Callable[[Folders, SessionService], House]


@dataclass(frozen=True, slots=True)
class Seated:
    """Who is at a treadmill: the folders of both, and which devices."""

    places: Folders
    wanted: Wanted


class Station:
    """Runs sessions for whoever is seated; another runner only sits down between two sessions."""

    def __init__(self, seated: Seated, engine: Engine, make_house: HouseFor) -> None:
        self._engine = engine
        self._make_house = make_house
        self._keeping: asyncio.Task[None] | None = None
        self.seated = seated
        self.service = SessionService(seated.places, engine, seated.wanted)

    def open(self) -> asyncio.Task[None]:
        """Start the house. The task ends when it cannot be started."""
        house = self._make_house(self.seated.places, self.service)
        self._keeping = asyncio.create_task(house.keep())
        return self._keeping

    async def seat(self, seated: Seated) -> bool:
        """Whether another runner has taken the place: not while there is a session."""
        if self.service.picture.state is not ServiceState.IDLE:
            return False
        await self.close()
        # Service and house are new: nothing of the one before is left in either.
        self.seated = seated
        self.service = SessionService(seated.places, self._engine, seated.wanted)
        self.open()
        return True

    async def close(self) -> None:
        """Stop what runs, wait until it has ended, and end the house."""
        await self.service.leave()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    @property
    def failed(self) -> BaseException | None:
        """Why the house cannot be started, or None."""
        task = self._keeping
        return task.exception() if task is not None and task.done() and not task.cancelled() else None
