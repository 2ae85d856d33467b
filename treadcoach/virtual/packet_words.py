"""Bumble puts each packet in words for its log, read or not: a tenth of the simulated air's time."""

import logging
from collections.abc import Callable
from typing import Any

from bumble import att, hci, l2cap

log = logging.getLogger("bumble")
WORDED = (hci.HCI_Command, hci.HCI_Event, hci.HCI_AclDataPacket, att.ATT_PDU, l2cap.L2CAP_PDU)


def word_only_what_is_read() -> None:
    """From now on packets are put in words only while Bumble's log is read (level DEBUG)."""
    for kind in WORDED:
        words: Callable[[Any], str] = kind.__str__
        if not hasattr(words, "when_read"):
            kind.__str__ = _when_read(words)  # type: ignore[method-assign]  # Bumble has no switch for it


def _when_read(words: Callable[[Any], str]) -> Callable[[object], str]:
    def worded(packet: object) -> str:
        return words(packet) if log.isEnabledFor(logging.DEBUG) else type(packet).__name__

    worded.when_read = True  # type: ignore[attr-defined]  # a mark, so that it is done once
    return worded
