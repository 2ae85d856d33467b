"""Makes docs/pages/: the pages on a simulated air, as a phone, a tablet and a laptop show them.

python -m docs.page_pictures, with chromium on this machine.
"""

import os
import signal
import tempfile
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.browser import LAPTOP, PHONE, TABLET, Served, a_browser, hold, open_page
from tests.support.journal_of_weeks import make_journal
from tests.support.processes import Sim

FOLDER = Path(__file__).parent / "pages"
SIZES = {"phone": PHONE, "tablet": TABLET, "laptop": LAPTOP}
WEEKS = 10
NEWEST = 31
PLAIN = (
    ("today", "today", "phone", "light"), ("today", "today", "laptop", "dark"),
    ("exercises", "exercises", "phone", "light"), ("exercises", "exercises", "tablet", "dark"),
    ("sessions", "sessions", "phone", "dark"), ("sessions", "sessions", "laptop", "light"),
    ("session", f"sessions?id={NEWEST}", "laptop", "light"),
    ("session", f"sessions?id={NEWEST}", "phone", "dark"),
    ("compare", f"sessions?compare={NEWEST},10", "tablet", "light"),
    ("progress", "progress", "laptop", "dark"), ("progress", "progress", "phone", "light"),
    ("plan", "plan", "tablet", "dark"), ("plan", "plan", "phone", "light"),
    ("guidance", "guidance", "phone", "light"), ("guidance", "guidance", "laptop", "dark"),
    ("settings", "settings", "phone", "light"), ("settings", "settings", "laptop", "dark"),
)  # fmt: skip
TALLEST = 2600


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ["TREADCOACH_HOME"] = os.environ["XDG_RUNTIME_DIR"] = name
        speeds = '[runner]\ncomfortable_walk = "5 km/h"\ncomfortable_jog = "8 km/h"\n'
        (home / "config.toml").write_text(speeds, encoding="utf-8")
        (home / "simulated").mkdir()
        make_journal(home / "simulated" / "journal.db", WEEKS, "runner (simulated)")
        sim = Sim(
            home / "sim.log", "sim", "--speed-up", "10", "--sensor", "strap", "--sensor", "six-axis@hip"
        )
        sim.wait_for("treadcoach run")
        served = Served(home / "serve.log")
        with a_browser() as browser:
            first = open_page(browser, served.url)
            today = date.today()
            days = {"plan": "first-5-km", "days": f"daily {7 + today.weekday()}:30"}
            first.request.post(f"{served.url}api/plan/start", data=days)
            first.request.post(f"{served.url}api/shoes", data={"name": "Blue", "ran": "470 km"})
            for name_, path, size, light in PLAIN:
                page = open_page(browser, served.url + path, SIZES[size], color_scheme=light)
                expect(page.locator("main")).to_have_attribute("aria-busy", "false")
                page.wait_for_timeout(900)
                _keep(page, f"{name_}-{size}-{light}")
                page.context.close()
            looks = (("phone", "dark"), ("tablet", "light"), ("laptop", "dark"))
            live = f"{served.url}live"
            _live(first, served, [open_page(browser, live, SIZES[s], color_scheme=c) for s, c in looks])
        served.end()
        sim.end()


def _keep(page: Page, name: str) -> None:
    width = page.evaluate("innerWidth")
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    clip = {"x": 0, "y": 0, "width": width, "height": height}
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True, clip=clip)  # type: ignore[arg-type]  # a plain mapping


def _live(page: Page, served: Served, others: list[Page]) -> None:
    page.goto(served.url)
    page.fill("#workout", "3 min @ walk + 6 min @ jog + 3 min @ walk")
    page.click("#connect")
    page.wait_for_url("**/live")
    expect(page.locator("#start")).to_be_visible(timeout=20_000)
    page.screenshot(path=FOLDER / "ready-phone-light.png")
    page.wait_for_timeout(2000)  # the sensors learn the standing
    hold(page, "#start")
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / "countdown-phone-light.png")
    expect(page.locator("#controls")).to_be_visible(timeout=20_000)
    page.click("[data-intent=skip]")
    page.wait_for_timeout(4000)
    page.click("[data-intent=skip]")
    page.wait_for_timeout(12_000)
    page.screenshot(path=FOLDER / "live-phone-light.png")
    for other, name in zip(others, ("phone-dark", "tablet-light", "laptop-dark"), strict=True):
        other.click("#take-over")
        expect(other.locator("#controls")).to_be_visible()
        other.screenshot(path=FOLDER / f"live-{name}.png")
    os.kill(served.house_pid(), signal.SIGSTOP)
    expect(page.locator("#lost")).to_be_visible(timeout=20_000)
    page.screenshot(path=FOLDER / "lost-phone-light.png")
    os.kill(served.house_pid(), signal.SIGCONT)
    page.request.post(f"{served.url}api/stop")


if __name__ == "__main__":
    main()
