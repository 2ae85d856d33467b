"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder for the journal and settings (or TREADCOACH_HOME)."),
]
Simulated = Annotated[
    bool, typer.Option("--simulated", help="The journal of the demo and the simulated air.")
]
Unit = Annotated[str | None, typer.Option("--unit", help="How speed is shown: km/h, mph, min/km or min/mi.")]
