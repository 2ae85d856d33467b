"""config.toml as a file: read, and changed in one step with its comments kept."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from treadcoach.core.errors import InputError, StoreError

CONFIG = "config.toml"


def read_config(folder: Path) -> dict[str, Any]:
    """config.toml as it is; nothing where there is none. Raises InputError."""
    return _document(folder).unwrap()


def change_config(folder: Path, change: Callable[[tomlkit.TOMLDocument], None]) -> None:
    """Change config.toml in one step, with its comments kept. Raises InputError and StoreError."""
    document = _document(folder)
    change(document)
    replace_file(folder / CONFIG, tomlkit.dumps(document))


def _document(folder: Path) -> tomlkit.TOMLDocument:
    path = folder / CONFIG
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise InputError(str(path), str(error), "a TOML file") from error


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
