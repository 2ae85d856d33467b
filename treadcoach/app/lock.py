"""One coach a data folder."""

import fcntl
from typing import IO

from treadcoach.app.config import Folders
from treadcoach.core.errors import TreadcoachError


class OneAtATime:
    """The lock of a data folder: one coach commands one belt."""

    def __init__(self, folders: Folders) -> None:
        self._path = folders.lock
        self._file: IO[str] | None = None

    def __enter__(self) -> "OneAtATime":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise TreadcoachError(
                "a session is running already; see it with 'treadcoach status', end it with 'treadcoach stop'"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
