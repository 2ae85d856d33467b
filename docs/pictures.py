"""Makes the pictures of docs/ from a session on the simulated air: python -m docs.pictures"""

import io
import re
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.snapshot import Snapshot
from treadcoach.cli.live import LiveScreen
from treadcoach.core.phases import Phase
from treadcoach.core.units import SpeedUnit

WORKOUT = "3 min @ 5.5 km/h + 2 x (90 s @ 8 km/h + 90 s @ 5.5 km/h)"


async def _picture() -> Snapshot:
    async with Rig(workout=WORKOUT, interval_s=0.03, acceleration=True) as rig:
        await rig.at(Phase.READY, 60)
        await rig.seconds(12)
        await rig.to_phase(Phase.MAIN)
        await rig.seconds(235)
        assert rig.coach.latest is not None
        return replace(rig.coach.latest, machine="Virtual Treadmill")


def main() -> None:
    console = Console(record=True, width=82, height=32, file=io.StringIO())
    screen = LiveScreen(SpeedUnit.KMH, console)
    screen.show(in_virtual_time(_picture()))
    console.print(screen.render())
    svg = console.export_svg(title="treadcoach")
    # rich's template asks a network for a font; a picture in a repository should not.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    Path(__file__).with_name("live.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
