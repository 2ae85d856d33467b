"""Where the program starts. STOP and PAUSE are on their way before a command line is built.

Nothing is imported here that they do not need: the whole command line takes half a second of a processor,
and several on a small computer that is busy with a belt.
"""

import sys
from pathlib import Path
from typing import NamedTuple

from treadcoach.app import reaching

URGENT = ("stop", "pause")
TAKING = ("--treadmill", "--data-dir")


class Urgent(NamedTuple):
    """What was typed, as far as it can be read without the whole command line."""

    kind: str
    data_dir: Path | None
    simulated: bool
    treadmill: str | None

    def is_known(self) -> bool:
        """Whether a session ran at that treadmill before; else config.toml is asked for its name."""
        return bool(reaching.places(self.data_dir, self.simulated, self.treadmill))


def main() -> None:
    """Run the command line; an error for people is one line on standard error, status 2."""
    urgent = read_urgent(sys.argv[1:])
    if urgent is not None and (urgent.treadmill is None or urgent.is_known()):
        sys.exit(send(*urgent))
    # Anything else, also what is wrong with a stop, is the whole command line's.
    from treadcoach.cli.main import main as whole

    whole()


def send(kind: str, data_dir: Path | None, simulated: bool, treadmill: str | None) -> int:
    """Send it to every running session that can be meant, and say how it went; the exit status."""
    try:
        outcome = reaching.send_to_running(kind, data_dir, simulated, treadmill)
        if outcome.reached:
            print(f"{kind} was sent.", flush=True)
        words = outcome.words(kind)
    except KeyboardInterrupt:
        print("treadcoach: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away; it was sent
        return 1
    if words is not None:
        print(f"treadcoach: {words}", file=sys.stderr)
        return 2
    return 0


def read_urgent(words: list[str]) -> Urgent | None:
    """A stop or a pause, or None for whatever is anything else."""
    rest = list(words)
    if rest and rest[0] == "--runner":
        del rest[:2]  # whose session it is matters to no stop
    elif rest and rest[0].startswith("--runner="):
        del rest[0]
    if not rest or rest.pop(0) not in URGENT:
        return None
    kind = words[len(words) - len(rest) - 1]
    given: dict[str, str] = {}
    simulated = False
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word == "--simulated":
            simulated = True
        elif name in TAKING and (equals or rest):
            given[name] = value if equals else rest.pop(0)
        else:
            return None
    folder = given.get("--data-dir")
    return Urgent(kind, None if folder is None else Path(folder), simulated, given.get("--treadmill"))
