"""`treadcoach doctor`: what is needed, whether it is there, and what to do if not."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from treadcoach.app.choosing import held_words
from treadcoach.app.clock import run_paced
from treadcoach.app.config import Folders, folders, load_runner
from treadcoach.app.storing import open_store
from treadcoach.core.errors import LinkError, TreadcoachError
from treadcoach.devices.scan import Found, linked_treadmills, scan
from treadcoach.planning.guidance import load_guidance
from treadcoach.store import history

Finding = tuple[bool, str, str]
"""Whether it is well, what was looked at, and what was found or is to be done."""


def examine(data_dir: Path | None) -> int:
    """Print the findings; exit status 1 when something is missing."""
    places = folders(data_dir)
    findings = [_python(), _data(places.data), *_bluetooth()]
    findings.append(_try("settings", lambda: _settings(places)))
    findings.append(_try("guidance", lambda: f"{len(load_guidance(places.config).rules)} rules"))

    def journal() -> str:
        engine = open_store(places)
        count = len(history.list_sessions(engine, limit=1000))
        engine.dispose()
        return f"{count} sessions in {places.journal}"

    findings.append(_try("journal", journal))
    console = Console(highlight=False)
    for well, what, found in findings:
        console.print(f"[{'green' if well else 'bold red'}]{'ok ' if well else 'NO '}[/] {what:<10} ", end="")
        console.print(found, markup=False)
    return 0 if all(well for well, _, _ in findings) else 1


def _try(what: str, look: Callable[[], str]) -> Finding:
    try:
        return True, what, look()
    except TreadcoachError as error:
        return False, what, str(error)


def _settings(places: Folders) -> str:
    path = places.config / "config.toml"
    runner = load_runner(places.config)
    return f"{path}, read for {runner.name}" if path.is_file() else f"{path} is not there: defaults"


def _python() -> Finding:
    version = platform.python_version()
    fits = (3, 12) <= sys.version_info[:2] <= (3, 13)
    return fits, "Python", version if fits else f"{version}; 3.12 or 3.13 is needed"


def _data(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return False, "data", f"{folder} cannot be made: {error.strerror}; choose another with --data-dir"
    if not os.access(folder, os.W_OK):
        return False, "data", f"{folder} cannot be written; choose another with --data-dir"
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < 200:
        return False, "data", f"{folder} has {free_mb} MB left; 200 MB are needed"
    return True, "data", f"{folder}, {free_mb // 1000} GB free"


def _bluetooth() -> list[Finding]:
    try:
        heard, held = run_paced(_listen())
    except LinkError as error:
        return [(False, "Bluetooth", f"{error}. {_advice()}")]
    mills = [found.name for found in heard if found.kind == "treadmill"]
    if not mills and held:
        return [(True, "Bluetooth", "works"), (False, "treadmill", held[0])]
    if not mills:
        text = "works, but no treadmill is heard: switch it on, and disconnect phones from it"
        return [(True, "Bluetooth", f"works, {len(heard)} devices"), (False, "treadmill", text)]
    return [(True, "Bluetooth", "works"), (True, "treadmill", ", ".join(mills))]


async def _listen() -> tuple[list[Found], list[str]]:
    """What is heard, and words about what this computer is linked to."""
    heard = await scan(4.0)
    return heard, [held_words(held.name, held.address) for held in await linked_treadmills()]


def _advice() -> str:
    system = platform.system()
    if system == "Darwin":
        return "Allow Bluetooth for your terminal: System Settings, Privacy & Security, Bluetooth."
    if system == "Linux":
        return (
            "On Linux: is an adapter plugged in (bluetoothctl list), is bluetoothd running"
            " (systemctl status bluetooth), is it blocked (rfkill list)? Without hardware try"
            " 'treadcoach demo'."
        )
    return "Is Bluetooth switched on?"
