"""The port through which the coach writes its journal."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Protocol

from treadcoach.app.outputs import Output


class Recorder(Protocol):
    """Takes everything in order and returns at once; `fault` says when it cannot any more."""

    def begin(self, title: str, setup: Mapping[str, object], started_unix_s: float) -> int:
        """Open a session in the journal; its number."""

    def renew(self, setup: Mapping[str, object]) -> None:
        """Another setup of the session, before the belt is released. Takes its time; raises StoreError."""

    def input(self, t_s: float, kind: str, name: str, payload: bytes) -> None:
        """Something that was fed to the controller."""

    def output(self, output: Output) -> None:
        """Something that the controller gave back."""

    def word(self, kind: str, said_unix_s: float) -> Future[None]:
        """Something said of the body, on disk at once, beside the loop; StoreError when it cannot be."""

    async def end(self, state: str, summary: Mapping[str, object]) -> None:
        """Close the session: 'completed', 'stopped' or 'interrupted'. A slow store holds up no loop."""

    def fault(self) -> str | None:
        """Why nothing can be written, or None."""

    def gone_for_s(self) -> float | None:
        """Since when the store is gone and rows wait for it; None: it is there."""
