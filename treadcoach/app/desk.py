"""One owner's folders and journal, opened once: what the commands and the pages ask about a runner."""

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine

from treadcoach.app.config import Folders, folders, load_runner
from treadcoach.app.storing import open_store
from treadcoach.app.training import Training, make_training
from treadcoach.core.runner import Runner
from treadcoach.planning.guidance import Guidance, load_guidance


@dataclass(frozen=True, slots=True)
class Desk:
    """Settings are read anew each time, so that a change of them counts at once."""

    places: Folders
    engine: Engine
    simulated: bool = False
    stands_in: Runner | None = None
    """Somebody else than the settings say: the demo's runner."""

    def runner(self) -> Runner:
        """Of a simulated air the runner is another one: it never counts as a person's history."""
        if self.stands_in is not None:
            return self.stands_in
        runner = load_runner(self.places.config)
        return replace(runner, name=f"{runner.name} (simulated)") if self.simulated else runner

    @property
    def only(self) -> str | None:
        """In a practice the one runner whose sessions there are for this desk; None: all of this home."""
        return self.runner().name if self.places.is_practice else None

    def guidance(self) -> Guidance:
        return load_guidance(self.places.config)

    def training(self) -> Training:
        return make_training(self.engine, self.runner(), self.guidance().belt, self.places.config)


def open_desk(
    data_dir: Path | None, *, simulated: bool = False, runner: str | None = None, treadmill: str = ""
) -> Desk:
    """Open the journal, made where there is none. Raises InputError and StoreError."""
    places = folders(data_dir, simulated=simulated, runner=runner, treadmill=treadmill)
    return Desk(places, open_store(places), simulated)
