"""The warden's lines to the terminal that the coach was started in."""

import os
import queue
import threading

STDERR = 2
LAST_WORDS_S = 1.0


class Voice:
    """Says a line and goes on: a terminal that was stopped, or a pipe that nobody reads, holds up no STOP."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def say(self, text: str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="voice", daemon=True)
            self._thread.start()
        self._lines.put(text)

    def close(self) -> None:
        """Give what is still to be said a moment."""
        if self._thread is not None:
            self._lines.put(None)
            self._thread.join(LAST_WORDS_S)

    def _write(self) -> None:
        while (text := self._lines.get()) is not None:
            octets = f"\r\n[warden] {text}\r\n".encode("utf-8", errors="replace")
            try:
                # Not sys.stderr: its lock would be held by a write that never ends.
                while octets:
                    octets = octets[os.write(STDERR, octets) :]
            except OSError:
                # The terminal is gone with the coach; the report file remains.
                return
