"""config.toml as a file: read, and changed in one step with its comments kept."""

import os
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from treadcoach.core.errors import InputError, StoreError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

# Most processes only read, and change nothing: what keeps comments takes a megabyte of each.
type Document = TOMLDocument

CONFIG = "config.toml"
TABLES = (
    "runner",
    "devices",
    "simulated_devices",
    "treadmills",
    "mqtt",
    "export",
    "simulated_export",
    "store",
)


def read_config(folder: Path) -> dict[str, Any]:
    """config.toml as it is; nothing where there is none.

    Raises InputError, also for a table that nobody reads: what is mistyped is no limit that holds.
    """
    path = folder / CONFIG
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(str(path), str(error), "a TOML file") from error
    for name in content:
        if name not in TABLES:
            raise InputError(
                str(path), name, f"a table of these: {', '.join(f'[{known}]' for known in TABLES)}"
            )
    return content


def change_config(folder: Path, change: Callable[[Document], None]) -> None:
    """Change config.toml in one step, with its comments kept. Raises InputError and StoreError."""
    import tomlkit  # noqa: PLC0415  # as above
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415  # as above

    path = folder / CONFIG
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        document = tomlkit.parse(text)
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise InputError(str(path), str(error), "a TOML file") from error
    change(document)
    replace_file(path, tomlkit.dumps(document))


def replace_file(path: Path, text: str) -> None:
    """Write a file beside it and move it there: never half a file. Raises StoreError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except OSError as error:
        raise StoreError(f"{path}: it cannot be written: {error.strerror}") from error
