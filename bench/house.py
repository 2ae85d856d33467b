"""What the house costs the belt: a broker that hangs, files that are made, a practice on Postgres."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

import fitdecode
from playwright.sync_api import expect

from bench.figures import percentile, spread_ms
from bench.web import LATENESS_S, LIMIT_MS, last_tick, lateness, ready, served_home
from tests.support.broker import Broker
from tests.support.browser import PHONE, a_browser, hold, open_page
from tests.support.fleet import Fleet, check, run_fleet
from tests.support.journal_of_weeks import run_one
from tests.support.postgres import Postgres
from treadcoach.app.clock import run_paced
from treadcoach.app.config import Folders
from treadcoach.app.desk import Desk
from treadcoach.app.exporting import WRITERS, export
from treadcoach.store.opening import open_engine

TREADMILLS = 50
FLEET_S = float(os.environ.get("TREADCOACH_FLEET_S", "120"))
HANGS_S = 20.0


def broker_and_the_loop() -> None:
    """The control tick's lateness with a broker that is there, that hangs, that is gone, and that is back."""
    with tempfile.TemporaryDirectory() as name, served_home() as (_, served, folder), a_browser() as browser:
        broker = Broker(Path(name)).start()
        page = open_page(browser, f"{served.url}live", PHONE)
        ready(page, served)
        hold(page, "#start", 1500)
        expect(page.locator("#controls")).to_be_visible(timeout=LIMIT_MS)
        page.goto("about:blank")

        def measure(what: str) -> None:
            begin = last_tick(folder)
            time.sleep(LATENESS_S)  # what is measured is the time that passes
            print(lateness(f"tick lateness, {what}", folder, begin))

        measure("no broker set")
        answer = page.request.put(
            f"{served.url}api/settings/mqtt", data={"changes": {"host": "127.0.0.1", "port": broker.port}}
        )
        assert answer.ok, answer.text()
        measure("a broker that listens")
        broker.freeze()
        measure("the broker hangs")
        broker.thaw()
        broker.kill()
        measure("the broker is gone")
        broker.start()
        began = time.time()
        while not page.request.get(f"{served.url}api/settings/mqtt").json()["status"].startswith("connected"):
            page.wait_for_timeout(50)
        print(f"{'found again after':<46} {time.time() - began:.1f} s")
        page.request.post(f"{served.url}api/stop")
        broker.stop()


def export_speed() -> None:
    """Files of a session of an hour with strap and hip sensor; FIT read by fitdecode beside it."""
    with tempfile.TemporaryDirectory() as name:
        places = Folders(Path(name), Path(name))
        engine = open_engine(places.journal)
        number = run_one(engine, "runner", "50 min @ 5.5 km/h")
        desk = Desk(places, engine)
        for kind in WRITERS:
            export(desk, number, kind)  # the library is loaded
            took = []
            for _ in range(3):
                began = time.perf_counter()
                data = export(desk, number, kind)
                took.append(time.perf_counter() - began)
            print(f"{f'an hour as {kind}':<46} {percentile(took, 0.5):.2f} s, {len(data) / 1000:,.0f} kB")
            if kind == "fit":
                began = time.perf_counter()
                with fitdecode.FitReader(data) as reader:
                    count = sum(1 for _ in reader)
                shown = f"{time.perf_counter() - began:.2f} s, {count} messages"
                print(f"{'the same read by fitdecode':<46} {shown}")
        engine.dispose()


def practice_on_postgres() -> None:
    """Fifty treadmills in real time, each with a journal's thread; then with a database that dies."""
    for dies in (False, True):
        server = Postgres().start()

        async def death(fleet: Fleet, server: Postgres = server) -> None:
            await asyncio.sleep(30)
            server.kill()
            await asyncio.sleep(HANGS_S)
            waits = sum(lane.recorder.gone_for_s() is not None for lane in fleet.lanes)
            print(f"  {waits} of {TREADMILLS} wait for the database, and lead their belts on")
            server.start()

        with tempfile.TemporaryDirectory() as name:
            engine = open_engine(server.new_database())
            cpu, began = time.process_time(), time.perf_counter()
            work = run_fleet(
                TREADMILLS, FLEET_S, engine, Path(name), inline=False, meanwhile=death if dies else None
            )
            fleet = run_paced(work)
            share = (time.process_time() - cpu) / (time.perf_counter() - began)
            what = f"the database gone for {HANGS_S:.0f} s" if dies else "Postgres"
            print(spread_ms(f"{TREADMILLS} treadmills, {what}", fleet.late_s) + f"  {share:4.0%} of a core")
            counts = check(fleet, engine)
            print("  nothing lost: " + ", ".join(f"{number:,} {what}" for what, number in counts.items()))
            engine.dispose()
        server.end()
