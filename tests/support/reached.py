"""The socket of a running session, as far as a stop sees it."""

import json
import socket
import threading
from pathlib import Path
from typing import ClassVar

from treadcoach.app import reaching

DONE = b'{"type":"done"}\n'


class Session:
    """Announced in its data folder. answer: what it says to everything; None hangs."""

    running: ClassVar[list["Session"]] = []

    def __init__(self, data: Path, answer: bytes | None = DONE, path: Path | None = None) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data, self.path = data, path or data / "coach-x.sock"
        self.heard: list[dict[str, str]] = []
        self._answer = answer
        self._held: list[socket.socket] = []
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with reaching.short_path(self.path) as short:
            self._line.bind(short)
        self._line.listen()
        reaching.announce(data, self.path)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self.running.append(self)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._line.accept()
            except OSError:
                return
            with line.makefile("rb") as words:
                self.heard.append(json.loads(words.readline()))
            if self._answer is None:
                self._held.append(line)
                continue
            with line:
                line.sendall(self._answer)

    def kinds(self) -> list[str]:
        return [said["kind"] for said in self.heard]

    def cut_off(self) -> None:
        """As after kill -9: socket and note stay, and nobody listens."""
        if self in self.running:
            self.running.remove(self)
            self._line.shutdown(socket.SHUT_RDWR)
            self._line.close()
            self._thread.join()
            for line in self._held:
                line.close()

    @classmethod
    def end_all(cls) -> None:
        for session in list(cls.running):
            session.cut_off()
