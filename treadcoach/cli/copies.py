"""`treadcoach backup` and `restore`: a whole store as one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from treadcoach.cli.options import DataDir, Simulated


def backup(
    to: Annotated[Path, typer.Argument(help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Also over a file that is there.")] = False,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Copy every session and everything said into one file, also while a session runs."""
    raise typer.Exit(_backup(to, data_dir, simulated, force=force))


def restore(
    copy: Annotated[Path, typer.Argument(help="A file that 'backup' wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Without the question.")] = False,
    data_dir: DataDir = None,
    simulated: Simulated = False,
) -> None:
    """Put a backup in the place of everything: from an older program too, and from another kind of store."""
    raise typer.Exit(_restore(copy, data_dir, simulated, yes=yes))


def _backup(to: Path, data_dir: Path | None, simulated: bool, *, force: bool) -> int:
    """A whole copy in a new file."""
    from treadcoach.app.config import folders
    from treadcoach.app.storing import open_store
    from treadcoach.core.errors import InputError
    from treadcoach.store.copies import copy_out

    if to.exists() and not force:
        raise InputError("file", str(to), "one that is not there yet, or --force")
    places = folders(data_dir, simulated=simulated)
    engine = open_store(places)
    part = to.with_name(f".{to.name}.part")
    part.unlink(missing_ok=True)
    try:
        copy_out(engine, part, places.config.name if places.is_practice else None)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
        engine.dispose()
    print(f"Written to {to} ({to.stat().st_size / 1e6:.1f} MB). Settings are in {places.house_config}.")
    return 0


def _restore(copy: Path, data_dir: Path | None, simulated: bool, *, yes: bool) -> int:
    """Put a copy in the place of everything, after a question."""
    from treadcoach.app.config import folders
    from treadcoach.app.lock import OneAtATime
    from treadcoach.app.storing import open_store, put_in_order
    from treadcoach.cli.lines import print_wrapped
    from treadcoach.core.errors import InputError
    from treadcoach.store.copies import copy_in

    if not copy.is_file():
        raise InputError("file", str(copy), "a copy that 'treadcoach backup' made")
    places = folders(data_dir, simulated=simulated)
    if places.is_practice:
        raise InputError("restore", places.config.name, "the whole practice: without --runner")
    if not yes and not typer.confirm("Put this copy in the place of every session and everything said here?"):
        print("Nothing was changed.")
        return 1
    with OneAtATime(places):
        engine = open_store(places)
        for line in put_in_order(places, engine):
            print_wrapped(line)
        copy_in(engine, copy)
        engine.dispose()
    print(f"Restored from {copy}.")
    return 0
