"""Four hours on the belt in virtual time: memory stays flat, and who never reads does not matter."""

import asyncio
import gc
import socket as sockets
from pathlib import Path

import psutil

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.house import MOST_WAITING_OCTETS, House
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.one_session import OneSession
from treadcoach.core.phases import Phase
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

HOUR_S = 3600.0
GROWS_AT_MOST_MB = 8.0
"""Of a process that writes four hours of rows: what the allocator keeps moves by a few megabytes."""


def test_memory_stays_flat_with_a_house_that_never_reads(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "journal.db")
    journal = Journal(engine, "runner", "mill", "F0", inline=True)
    seen: list[float] = []

    async def scenario() -> None:
        ours, theirs = sockets.socketpair()
        shown = OneSession()
        house = House(shown, [], {})
        _, house._writer = await asyncio.open_connection(sock=ours)
        async with Rig(recorder=JournalRecorder(journal), workout="236 min @ 5.5 km/h") as rig:
            shown.follow(rig.coach)
            await rig.walk()
            began = rig.now_s
            for hour in (1, 2, 3, 4):
                await rig.seconds(began + hour * HOUR_S - rig.now_s)
                gc.collect()
                seen.append(psutil.Process().memory_info().rss / 1e6)
                assert rig.phase in (Phase.MAIN, Phase.COOL_DOWN)
            waiting = house._writer.transport.get_write_buffer_size()
            assert 0 < waiting < MOST_WAITING_OCTETS + 65_536
        house._writer.transport.abort()
        theirs.close()

    in_virtual_time(scenario())
    engine.dispose()
    assert seen[3] - seen[0] < GROWS_AT_MOST_MB, seen
