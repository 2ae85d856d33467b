"""`treadcoach decode`: one JSON line in, one JSON line out; no frame ends it."""

import json
from typing import BinaryIO, TextIO

from treadcoach.wire.fields import CHARACTERISTICS, decode_fields
from treadcoach.wire.octets import FrameError

MAX_LINE = 1_000_000


def decode_lines(source: BinaryIO, target: TextIO) -> None:
    """Answer every line of source on target, in order, until its end."""
    while line := source.readline(MAX_LINE):
        if line.strip():
            target.write(json.dumps(decode_line(line)) + "\n")
            target.flush()


def decode_line(line: bytes) -> dict[str, object]:
    """The answer to one line, never an exception: {"ok": true, "fields"} or {"ok": false, "error"}."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _refuse(f"not a JSON object: {error}")
    if not isinstance(asked, dict):
        return _refuse('a JSON object is needed: {"char":"2ACD","hex":"..."}')
    characteristic, text = asked.get("char"), asked.get("hex")
    if not isinstance(characteristic, str):
        return _refuse(f"char: one of {', '.join(CHARACTERISTICS)} is needed")
    if not isinstance(text, str):
        return _refuse("hex: octets as hexadecimal text are needed")
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return _refuse(f"hex: {text[:40]!r} is not hexadecimal; pairs of 0-9 and a-f are allowed")
    try:
        return {"ok": True, "fields": decode_fields(characteristic, data)}
    except FrameError as error:
        return _refuse(str(error))


def _refuse(reason: str) -> dict[str, object]:
    return {"ok": False, "error": reason}
