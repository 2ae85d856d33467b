"""Fifty treadmills in one process for ten virtual minutes on Postgres, while the database dies."""

import asyncio
from pathlib import Path

import pytest

from tests.support.fleet import Fleet, check, run_fleet
from tests.support.postgres import PROGRAMS, WHY_NOT, Postgres, engines_closed
from tests.support.rig import in_virtual_time
from treadcoach.store import journal
from treadcoach.store.opening import open_engine

pytestmark = pytest.mark.skipif(PROGRAMS is None, reason=WHY_NOT)


# Fifty without a death are in bench/: here the harder one stands for both.
@pytest.mark.parametrize(("treadmills", "seconds", "dies"), [(5, 600.0, False), (50, 600.0, True)])
def test_many_treadmills_lose_nothing(
    tmp_path: Path, treadmills: int, seconds: float, dies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "RETRY_S", 0.05)
    server = Postgres().start()

    async def death(fleet: Fleet) -> None:
        """While every belt runs the database is killed; it is back before the sessions end."""
        await asyncio.sleep(120)
        server.kill()
        await asyncio.sleep(240)
        told = [lane for lane in fleet.lanes if lane.recorder.gone_for_s() is not None]
        assert len(told) == treadmills, "all have noticed, and all go on"
        assert all(lane.belt.speed_kmh > 3 for lane in fleet.lanes), "no belt stops for that"
        server.start()

    with engines_closed():
        engine = open_engine(server.new_database())
        work = run_fleet(
            treadmills, seconds - 360 * dies, engine, tmp_path, inline=True, meanwhile=death if dies else None
        )
        fleet = in_virtual_time(work)
        counts = check(fleet, engine)
    server.end()
    assert counts["sessions"] == treadmills and counts["bounds"] > 10 * treadmills
    assert list(tmp_path.rglob("*.jsonl")) == []
