"""The warden: stops the belt when the coach's process dies or its loop hangs.

It is started by the coach and reads one octet a tick from standard input (see heartbeats.py). It answers on
standard output, so that the coach notices a warden that died or froze. An end of the heartbeats without a
farewell, or two seconds of silence, after the belt was released means that nobody holds the belt: it ends
what is left of the coach, connects and sends STOP until it sees the belt stand, and says what it saw. A belt
that the coach hands over it stops likewise, and leaves the coach alive: that may lead other belts.
BlueZ keeps the links of a coach that is killed, and what is linked does not advertise: the warden
stops the belt over that link, and ends it and those of the sensors, so that they can be found again.

It imports bleak, the wire codecs and the standard library, and can send two things only:
Request Control and STOP.
"""

import argparse
import asyncio
import importlib
import os
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from treadcoach.warden.heartbeats import ALIVE, TAKEN, Belt, Heartbeats
from treadcoach.warden.links import free
from treadcoach.warden.rescue import PULL, Rescue, Trouble
from treadcoach.warden.voice import Voice

SILENCE_S = 2.0
STDIN, STDOUT = 0, 1


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody holds the belt any more, and why. silence_s: how long that took to notice."""

    why: str
    silence_s: float


def listen(beats: Heartbeats) -> Silence | None:
    """Read heartbeats until they end, and answer them; None when all is well."""
    os.set_blocking(STDOUT, False)
    while True:
        silence = SILENCE_S if beats.released else None
        ready, _, _ = select.select([STDIN], [], [], silence)
        if not ready:
            return Silence(f"the coach's loop has been silent for {SILENCE_S:g} s", SILENCE_S)
        octets = os.read(STDIN, 4096)
        if not octets:
            return Silence("the coach's process is gone", 0.0)
        beats.read(octets)
        if beats.all_is_well:
            return None
        if beats.is_handed_over:
            with suppress(OSError):  # the coach may have gone meanwhile; the belt is ours all the same
                os.write(STDOUT, TAKEN)
            return Silence("the session has ended, and the belt was not seen to stand", 0.0)
        try:
            os.write(STDOUT, ALIVE)
        except OSError:
            continue  # nobody reads it, or the coach has just died: standard input says which


def end_coach(pid: int) -> None:
    """End what is left of the coach, so that only one program speaks to the belt."""
    if os.getppid() != pid:
        return  # already gone: its number may belong to somebody else by now
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> int:
    parser = argparse.ArgumentParser(prog="treadcoach.warden")
    parser.add_argument("--address", required=True)
    parser.add_argument("--report", required=True, type=Path)
    parser.add_argument("--coach", required=True, type=int)
    parser.add_argument("--sensor", action="append", default=[], help="whose link to end as well")
    parser.add_argument("--backend", help="MODULE:FUNCTION of a bleak backend, for the simulated air")
    parser.add_argument("--air", help="where the simulated air is")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    beats = Heartbeats()
    silence = listen(beats)
    if silence is None:
        return 0
    noticed_s = time.monotonic()
    # Nobody reads it any more, and a library that prints must not fail by it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
    voice = Voice()
    stood = beats.belt is Belt.STOOD
    if beats.released:
        does = (
            "seeing to it that the belt stands" if stood else f"stopping the belt. {PULL} if it does not stop"
        )
        voice.say(f"{silence.why}: {does}.")
        if not beats.is_handed_over:
            end_coach(options.coach)

    async def rescue() -> bool:
        # The wall's clock is the loop's.
        if options.backend:
            module, _, function = options.backend.partition(":")
            getattr(importlib.import_module(module), function)(options.air)
        done = True
        if beats.released:
            trouble = Trouble(
                options.address, silence.why, noticed_s, stood, silence.silence_s, beats.session
            )
            done = await Rescue(trouble, options.report, voice).run()
        await free([options.address, *options.sensor], voice)
        return done

    done = asyncio.run(rescue())
    voice.close()
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
