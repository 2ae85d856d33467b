"""The pages: from a tap on STOP to the wire, what they cost the belt's loop, first paint, a review."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from bench.figures import percentile, spread_ms
from tests.support.broker import Broker
from tests.support.browser import LAPTOP, PHONE, Served, a_browser, hold, open_page
from tests.support.journal_of_weeks import make_journal, run_one
from tests.support.processes import Sim
from treadcoach.app.coach import TICK_S
from treadcoach.store import schema
from treadcoach.store.opening import open_engine

STOPS = int(os.environ.get("TREADCOACH_STOPS", "30"))
LATENESS_S = 60
CPU_S = 15
CUTS_S = ((1.0, 6), (4.0, 4), (10.0, 2))
SEED = 20_261_121
WALK = "60 min @ walk"
CLICKED = """() => { window.tapped = null; document.getElementById('stop').addEventListener('click',
    () => { window.tapped = performance.timeOrigin + performance.now(); }, {capture: true}); }"""
LIMIT_MS = 30_000
COACH_READS = ("treadcoach.cli.serve", "treadcoach.app.one_session")
RADIO_READS = ("bleak.backends.bluezdbus.client", "bleak.backends.bluezdbus.scanner")
AIR_READS = ("treadcoach.virtual.bleak_backend",)


class Wire:
    """Reads the simulated treadmill's log a thousand times a second: when a STOP reached it."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self._ends = threading.Event()
        self._seen: list[float] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._sim.log.open("rb") as file:
            while not self._ends.is_set():
                part = file.read()
                if part:
                    self._seen += [time.time()] * part.count(b": 0801 stop_or_pause")
                time.sleep(0.001)  # another process writes; there is no event to wait for

    def count(self) -> int:
        return len(self._seen)

    def wait(self, more_than: int) -> float:
        end = time.time() + 30
        while len(self._seen) <= more_than:
            if time.time() > end:
                raise AssertionError("no STOP at the control point")
            time.sleep(0.001)  # as above
        return self._seen[more_than]

    def end(self) -> None:
        self._ends.set()
        self._thread.join()


@contextmanager
def served_home(
    *, journal: Path | None = None, interval_ms: int = 30, config: str = ""
) -> Iterator[tuple[Sim, Served, Path]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["TREADCOACH_HOME"] = os.environ["XDG_RUNTIME_DIR"] = name
        (folder / "simulated").mkdir()
        if journal is not None:
            shutil.copy(journal, folder / "simulated" / "journal.db")
        (folder / "config.toml").write_text(config, encoding="utf-8")
        sim = Sim(folder / "sim.log", "sim", "--interval", str(interval_ms))
        sim.wait_for("treadcoach run")
        served = Served(folder / "serve.log")
        try:
            yield sim, served, folder
        finally:
            served.end()
            sim.end()


def ready(page: Page, served: Served) -> None:
    """A session that is connected and waits for a person."""
    page.request.post(f"{served.url}api/stop")
    while page.request.get(f"{served.url}api/state").json()["state"] != "idle":
        page.wait_for_timeout(50)
    answer = page.request.post(f"{served.url}api/session", data={"workout": WALK})
    assert answer.ok, answer.text()
    page.request.post(f"{served.url}api/drive")
    while (page.request.get(f"{served.url}api/state").json()["snapshot"] or {}).get("phase") != "ready":
        page.wait_for_timeout(50)
    expect(page.locator("#start")).to_be_visible(timeout=LIMIT_MS)


def stop_from_a_page() -> None:
    """A tap in a real browser to the simulated control point, without and with the radio's wait.

    A real radio waits for its next connection event, 30 ms here: up to two of them lie on the way.
    """
    rng = random.Random(SEED)
    with served_home(interval_ms=0) as (sim, served, _), a_browser() as browser:
        wire = Wire(sim)
        page = open_page(browser, f"{served.url}live", PHONE)
        page.evaluate(CLICKED)
        others: list[Page] = []
        for name, clients, frozen in (
            ("1 page", 1, False),
            ("5 pages", 5, False),
            ("5, one frozen", 5, True),
        ):
            while len(others) < clients - 1:
                others.append(open_page(browser, f"{served.url}live", PHONE))
            if frozen:
                others[-1].evaluate("setTimeout(() => { for (;;) {} }, 0)")
            taps = [_tap(page, served, wire, rng) for _ in range(STOPS)]
            print(spread_ms(f"tap on STOP to the wire, {name}", taps))
        others[-1].close()
        for cut_s, count in CUTS_S:
            came = []
            for _ in range(count):
                ready(page, served)
                before = wire.count()
                page.context.set_offline(True)
                page.wait_for_timeout(rng.uniform(0, 300))
                page.evaluate("document.getElementById('stop').click()")
                page.wait_for_timeout(cut_s * 1000)
                assert wire.count() == before
                page.context.set_offline(False)
                back = time.time()
                came.append(wire.wait(before) - back)
            print(spread_ms(f"Wi-Fi back after {cut_s:g} s, to the wire", came) + ", all delivered")
        wire.end()
    with served_home() as (sim, served, _), a_browser() as browser:
        wire = Wire(sim)
        page = open_page(browser, f"{served.url}live", PHONE)
        page.evaluate(CLICKED)
        taps = [_tap(page, served, wire, rng) for _ in range(STOPS)]
        print(spread_ms("the same, connection events every 30 ms", taps))
        wire.end()


def _tap(page: Page, served: Served, wire: Wire, rng: random.Random) -> float:
    """Seconds from one tap to the control point."""
    ready(page, served)
    page.wait_for_timeout(rng.uniform(0, 300))
    before = wire.count()
    page.evaluate("document.getElementById('stop').click()")
    at = wire.wait(before)
    return at - float(page.evaluate("window.tapped")) / 1e3


def pages_and_the_loop() -> None:
    """The control tick's lateness without pages, and with five and reviews being built; CPU and memory."""
    with tempfile.TemporaryDirectory() as name:
        journal = Path(name) / "journal.db"
        make_journal(journal, 8, "runner (simulated)")
        # Everything on: a broker, and a folder for files.
        broker = Broker(Path(name) / "broker").start()
        export = f'[simulated_export]\nfolder = "{name}/Runs"\n'
        config = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n{export}'
        with served_home(journal=journal, config=config) as (_, served, folder), a_browser() as browser:
            page = open_page(browser, f"{served.url}live", PHONE)
            ready(page, served)
            hold(page, "#start", 1500)
            expect(page.locator("#controls")).to_be_visible(timeout=LIMIT_MS)
            page.goto("about:blank")
            begin = last_tick(folder)
            time.sleep(LATENESS_S)  # what is measured is the time that passes
            print(lateness("tick lateness, no page open", folder, begin))
            begin = last_tick(folder)
            built = _ask_for_reviews(served)
            print(lateness(f"tick lateness, 5 listeners, {built} reviews asked for", folder, begin))
            pages = [open_page(browser, f"{served.url}live", PHONE) for _ in range(3)]
            coach, house = psutil.Process(served.popen.pid), psutil.Process(served.house_pid())
            warden = next(c for c in coach.children() if c.pid != house.pid)
            shares = _cpu((coach, house))
            print(f"{'CPU with 3 pages, coach and house':<46} {shares[0]:.1%} + {shares[1]:.1%} of a core")
            pages += [open_page(browser, f"{served.url}live", PHONE) for _ in range(2)]
            begin, end = last_tick(folder), time.time() + LATENESS_S
            review = open_page(browser, f"{served.url}sessions?id=2", LAPTOP)
            built = 0
            while time.time() < end:
                for path in ("sessions?id=2", "progress", "sessions?id=3", "plan"):
                    review.goto(served.url + path)
                    expect(review.locator("main")).to_have_attribute("aria-busy", "false")
                    built += 1
            print(lateness(f"tick lateness, a browser with 5 pages builds {built}", folder, begin))
            for shown in pages:
                shown.context.close()
            time.sleep(70)  # a house gives back once a minute what it needed for a while
            _print_memory(("coach", coach), ("house", house), ("warden", warden))
            os.kill(house.pid, signal.SIGKILL)
            began = time.time()
            while time.time() - began < 10:
                try:
                    with urllib.request.urlopen(f"{served.url}api/state", timeout=1) as answer:
                        answer.read()
                    break
                except OSError:
                    time.sleep(0.01)  # not back yet
            print(f"{'the house killed: its pages back after':<46} {time.time() - began:.2f} s")
            page.request.post(f"{served.url}api/stop")
        broker.stop()


def _print_memory(*processes: tuple[str, psutil.Process]) -> None:
    """Resident, and by proportional share: a page that three processes share counts a third in each."""
    shares = 0.0
    for what, process in processes:
        memory = process.memory_full_info()
        shares += memory.pss
        share = f"{memory.rss / 1e6:6.0f} MB resident, {memory.pss / 1e6:.0f} MB its share"
        print(f"{f'memory of the {what}':<46} {share}")
    radio, air = (_read_mb(COACH_READS + more) for more in (RADIO_READS, AIR_READS))
    print(f"{'all shares':<46} {shares / 1e6:6.0f} MB")
    print(f"{'of it the simulated air instead of BlueZ':<46} {air - radio:6.0f} MB")


def _read_mb(modules: tuple[str, ...]) -> float:
    """The share of a fresh process that has read these modules."""
    code = "import sys, psutil; [__import__(n) for n in sys.argv[1:]];"
    code += "print(psutil.Process().memory_full_info().pss)"
    done = subprocess.run([sys.executable, "-c", code, *modules], capture_output=True, text=True, check=True)
    return float(done.stdout) / 1e6


def _ask_for_reviews(served: Served) -> int:
    """Five that listen, and one that asks for the largest things there are; how often it got them."""
    ends, threads = threading.Event(), []

    def listen() -> None:
        with urllib.request.urlopen(f"{served.url}api/live") as stream:
            while not ends.is_set():
                stream.readline()

    for _ in range(5):
        threads.append(threading.Thread(target=listen, daemon=True))
        threads[-1].start()
    end, built = time.time() + LATENESS_S, 0
    while time.time() < end:
        for path in ("sessions/2", "progress?weeks=16", "plan", "plans", "guidance"):
            with urllib.request.urlopen(f"{served.url}api/{path}") as answer:
                answer.read()
            built += 1
        time.sleep(0.5)  # a person looks at it
    ends.set()
    for thread in threads:
        thread.join()
    return built


def _cpu(processes: tuple[psutil.Process, ...]) -> list[float]:
    def used() -> list[float]:
        return [sum(process.cpu_times()[:2]) for process in processes]

    before = used()
    time.sleep(CPU_S)  # what they take over that time
    return [(after - first) / CPU_S for after, first in zip(used(), before, strict=True)]


def _ticks(folder: Path) -> list[float]:
    engine = open_engine(folder / "simulated" / "journal.db")
    inputs = schema.inputs
    newest = select(schema.sessions.c.id).order_by(schema.sessions.c.id.desc()).limit(1).scalar_subquery()
    wanted = select(inputs.c.t_s).where(inputs.c.session_id == newest, inputs.c.kind == "tick")
    with engine.connect() as connection:
        return list(connection.scalars(wanted.order_by(inputs.c.seq)))


def last_tick(folder: Path) -> float:
    return _ticks(folder)[-1]


def lateness(name: str, folder: Path, since_s: float) -> str:
    ticks = [t_s for t_s in _ticks(folder) if t_s > since_s]
    offsets = [(t_s - ticks[0] + TICK_S / 2) % TICK_S - TICK_S / 2 for t_s in ticks]
    return spread_ms(name, [offset - min(offsets) for offset in offsets])


def first_paint_and_review() -> None:
    """First paint with an empty cache, and a review of two hours until it can be used."""
    with tempfile.TemporaryDirectory() as name:
        journal = Path(name) / "journal.db"
        engine = open_engine(journal)
        number = run_one(engine, "runner (simulated)", "100 min @ 5.5 km/h")
        engine.dispose()
        with served_home(journal=journal) as (_, served, _), a_browser() as browser:
            open_page(browser, served.url).context.close()  # the server is up
            for path in ("live", "", "sessions", "settings"):
                paints = [_paint(browser, served.url + path) for _ in range(8)]
                print(spread_ms(f"first paint, empty cache, /{path}", paints))
            usable = []
            for _ in range(8):
                page = open_page(browser, "about:blank", LAPTOP)
                page.wait_for_timeout(1000)  # the browser is open before somebody looks at a session
                began = time.perf_counter()
                page.goto(f"{served.url}sessions?id={number}", wait_until="commit")
                page.wait_for_selector("#plots[data-drawn]")
                usable.append(time.perf_counter() - began)
                page.context.close()
            print(spread_ms("review of two hours, empty cache, drawn", usable))
            print(f"{'':<46} its p50 {percentile(usable, 0.5):.2f} s")


def _paint(browser: Browser, url: str) -> float:
    page = open_page(browser, url, PHONE)
    found = None
    while found is None:
        found = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null")
    page.context.close()
    return float(found) / 1e3
