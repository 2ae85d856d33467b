"""The live page in a real browser, on a real server, on the simulated air: driven as a person would."""

import http.server
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.support.browser import LAPTOP, PHONE, TABLET, Served, begin, connect, hold, open_page
from tests.support.processes import Sim

pytestmark = pytest.mark.real_time

LONG_MS = 60_000


@pytest.fixture(autouse=True)
def _idle_again(browser: Browser, served: Served) -> Iterator[None]:
    """Each test leaves a belt that stands and no session. The last one may leave a coach that was ended."""
    yield
    if served.popen.poll() is not None:
        return
    page = open_page(browser, served.url)
    page.request.post(f"{served.url}api/stop")
    for _ in range(100):
        if page.request.get(f"{served.url}api/state").json()["state"] == "idle":
            break
        page.wait_for_timeout(100)
    for context in browser.contexts:
        context.close()


def _run(page: Page, served: Served) -> None:
    connect(page, served.url)
    begin(page)


def test_a_whole_session_is_driven_from_the_page(browser: Browser, sim: Sim, served: Served) -> None:
    page = open_page(browser, f"{served.url}live")
    expect(page.locator("#idle-title")).to_have_text("No session is running")
    page.click("#pause")
    expect(page.locator("#stop-answer")).to_contain_text("prepare one first")
    page.click("#stop")  # asked of nothing it does no harm, and nobody is told that a belt stops
    expect(page.locator("#stop-answer")).to_contain_text("No session is running. If a belt runs")
    connect(page, served.url)
    assert sim.speed() == 0
    page.click("#start")  # a tap in passing
    hold(page, "#start")
    expect(page.locator("#countdown")).to_be_visible()
    page.click("#call-off")
    page.wait_for_timeout(4000)
    assert "Ready" in page.inner_text("#phase") and sim.speed() == 0
    begin(page)
    expect(page.locator("#phase")).to_contain_text("Warm-up", timeout=LONG_MS)
    expect(page.locator("#speed")).to_have_text("4.0", timeout=LONG_MS)
    expect(page.locator("#why")).to_contain_text("warm-up walk")
    assert page.get_attribute("#cue", "aria-live") == "polite", "cues are read out by a screen reader"
    page.click("[data-intent=skip]")
    expect(page.locator("#phase")).to_contain_text("Main set", timeout=LONG_MS)
    page.click("[data-intent=faster]")
    expect(page.locator("#target")).to_contain_text("5.5", timeout=LONG_MS)
    page.click("#pause")
    expect(page.locator("#phase")).to_contain_text("Paused", timeout=LONG_MS)
    expect(page.locator("#stop-answer")).to_have_text("Pause: heard.")
    expect(page.locator("#start")).to_be_visible(timeout=LONG_MS)
    begin(page)
    expect(page.locator("#phase")).to_contain_text("Main set", timeout=LONG_MS)
    before = sim.stops()
    page.click("#stop")
    sim.wait_for_stop(before)
    expect(page.locator("#message")).to_contain_text("is over: stop by", timeout=LONG_MS)


def test_stop_arrives_when_the_link_is_back(browser: Browser, sim: Sim, served: Served) -> None:
    page = open_page(browser, served.url)
    _run(page, served)
    for cut_ms in (1000, 4000):
        before = sim.stops()
        page.context.set_offline(True)
        page.click("#stop")
        page.wait_for_timeout(cut_ms)
        assert sim.stops() == before
        assert "safety key" in page.inner_text("#stop-answer").lower()
        page.context.set_offline(False)
        sim.wait_for_stop(before)
        expect(page.locator("#idle")).to_be_visible(timeout=LONG_MS)
        if cut_ms == 1000:
            _run(page, served)


def _on_top(page: Page, name: str) -> bool:
    """Whether a click in the middle of it would reach it."""
    found: bool = page.locator(name).evaluate(
        """place => {
            const box = place.getBoundingClientRect();
            const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return hit === place && box.bottom <= innerHeight && box.right <= innerWidth;
        }"""
    )
    return found


def test_stop_is_always_there_and_nothing_is_cut_off(browser: Browser, served: Served) -> None:
    page = open_page(browser, f"{served.url}live")
    for step in ("idle", "ready", "running"):
        if step == "ready":
            connect(page, served.url)
        if step == "running":
            begin(page)
        for width, height in (PHONE, TABLET, LAPTOP, (844, 390), (320, 568)):
            page.set_viewport_size({"width": width, "height": height})
            assert _on_top(page, "#stop"), (step, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (step, width)
            page.evaluate("scrollTo(0, 10000)")
            assert _on_top(page, "#stop"), (step, width)


def test_the_house_is_killed_and_the_session_goes_on(browser: Browser, sim: Sim, served: Served) -> None:
    page = open_page(browser, served.url)
    _run(page, served)
    expect(page.locator("#speed")).to_have_text("4.0", timeout=LONG_MS)
    house, before = served.house_pid(), sim.stops()
    os.kill(house, signal.SIGKILL)
    began = time.monotonic()
    while True:
        try:
            if served.house_pid() != house and page.request.get(f"{served.url}api/state").ok:
                break
        except (Error, AssertionError, OSError):  # not back yet
            pass
        assert time.monotonic() - began < 20, "the page is not back"
        page.wait_for_timeout(50)
    state = page.request.get(f"{served.url}api/state").json()
    assert state["snapshot"]["phase"] in ("warm_up", "main") and sim.stops() == before
    expect(page.locator("#lost")).to_be_hidden(timeout=LONG_MS)
    page.click("#stop")
    sim.wait_for_stop(before)


def test_a_lost_treadmill_fills_the_screen_and_says_what_to_do(
    browser: Browser, sim: Sim, served: Served
) -> None:
    page = open_page(browser, served.url)
    _run(page, served)
    sim.type("off")
    try:
        expect(page.locator("#unlinked")).to_be_visible()
        assert "pull the safety key" in page.inner_text("#unlinked")
        assert "connecting again" in page.inner_text("#unlinked")
        assert _on_top(page, "#stop")
        expect(page.locator("#speed")).to_contain_text(re.compile("old|–"))
    finally:
        sim.type("on")
    expect(page.locator("#unlinked")).to_be_hidden()


def test_a_page_of_another_site_can_do_nothing(browser: Browser, served: Served, tmp_path: Path) -> None:
    page = open_page(browser, served.url)
    connect(page, served.url)
    folder = tmp_path / "evil"
    folder.mkdir()
    (folder / "index.html").write_text(
        f"""<iframe id=frame src="{served.url}"></iframe>
        <form id=form method=post action="{served.url}api/session"><input name=a value=b></form>""",
        encoding="utf-8",
    )
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as evil:
        threading.Thread(target=evil.serve_forever, daemon=True).start()
        stranger = open_page(browser, f"http://127.0.0.1:{evil.server_address[1]}/")
        for mode in ("cors", "no-cors"):
            stranger.evaluate(
                """([url, mode]) => fetch(url + "api/intent", {method: "POST", mode,
                    headers: {"content-type": "text/plain"}, body: '{"kind":"start"}'}).catch(() => 0)""",
                [served.url, mode],
            )
        stranger.evaluate("document.getElementById('form').submit()")
        expect(stranger.locator("body")).to_contain_text("Requests of other sites are refused")
        framed = open_page(browser, f"http://127.0.0.1:{evil.server_address[1]}/")
        framed.wait_for_timeout(500)
        assert all("treadcoach" not in (frame.title() or "") for frame in framed.frames[1:])
        evil.shutdown()
    page.wait_for_timeout(500)
    assert "Ready" in page.inner_text("#phase"), "no start came through"


def test_it_works_by_keyboard_alone(browser: Browser, sim: Sim, served: Served) -> None:
    page = open_page(browser, served.url, TABLET)
    page.focus("#workout")
    page.keyboard.type("30 min @ walk")
    page.focus("#connect")
    page.keyboard.press("Enter")
    expect(page.locator("#start")).to_be_visible(timeout=LONG_MS)
    page.focus("#start")
    outline = page.locator("#start").evaluate("place => getComputedStyle(place).outlineStyle")
    assert outline != "none", "one sees where the keyboard is"
    page.keyboard.down("Enter")
    page.wait_for_timeout(1500)
    page.keyboard.up("Enter")
    expect(page.locator("#controls")).to_be_visible(timeout=LONG_MS)
    page.evaluate("document.activeElement.blur()")
    before = sim.stops()
    expect(page.locator("#controls")).to_be_visible()
    page.keyboard.press("s")
    sim.wait_for_stop(before)


def test_a_lost_connection_says_what_to_do_and_stop_stays_on_top(browser: Browser, served: Served) -> None:
    page = open_page(browser, served.url)
    _run(page, served)
    served.popen.send_signal(signal.SIGSTOP)
    os.kill(served.house_pid(), signal.SIGSTOP)
    try:
        expect(page.locator("#lost")).to_be_visible(timeout=8000)
        assert "pull the safety key" in page.inner_text("#lost")
        assert _on_top(page, "#stop")
        assert page.locator("#speed").evaluate("place => place.classList.contains('stale')")
    finally:
        os.kill(served.house_pid(), signal.SIGCONT)
        served.popen.send_signal(signal.SIGCONT)
