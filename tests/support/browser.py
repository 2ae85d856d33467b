"""A real browser and a served page, for tests that click."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.support.ports import free_port
from tests.support.processes import Process

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE, TABLET, LAPTOP = (390, 844), (1024, 768), (1440, 900)


def find_browser() -> str:
    """The browser's program; the test is skipped where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name)) is not None), None)
    if found is None:
        pytest.skip("no chromium on this machine: scripts/test installs it where it may")
    return found


@contextmanager
def a_browser() -> Iterator[Browser]:
    program = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


class Served(Process):
    """`treadcoach serve` on this computer."""

    def __init__(self, log: Path, *words: str) -> None:
        self.port = free_port()
        super().__init__(log, "serve", "--port", str(self.port), *words)
        self.wait_for("Open http")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def house_pid(self) -> int:
        """The process of the pages."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal() and (folder / "cmdline").is_file():
                words = (folder / "cmdline").read_bytes().decode(errors="replace")
                if "treadcoach.house" in words and re.search(rf"\b{self.port}\b", words):
                    return int(folder.name)
        raise AssertionError("no house process")


def open_page(browser: Browser, url: str, size: tuple[int, int] = PHONE, **more: object) -> Page:
    """The page, as soon as the server answers."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)  # type: ignore[arg-type]
    page = context.new_page()
    for _ in range(100):
        try:
            page.goto(url)
            break
        except Error:  # not up yet
            page.wait_for_timeout(100)
    return page


def hold(page: Page, name: str, held_ms: int = 1500) -> None:
    """Press a button and keep it pressed."""
    button = page.locator(name)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(held_ms)
    page.mouse.up()


def connect(page: Page, url: str, workout: str = "30 min @ walk") -> None:
    """Choose a workout on Today, and wait until the treadmill is ready."""
    page.goto(url)
    page.fill("#workout", workout)
    page.click("#connect")
    page.wait_for_url("**/live")
    expect(page.locator("#start")).to_be_visible()


def begin(page: Page) -> None:
    """Hold the button until the belt starts, again if a busy machine missed it."""
    for _ in range(3):
        hold(page, "#start")
        try:
            expect(page.locator("#start")).to_be_hidden(timeout=9000)
            break
        except AssertionError:
            continue
    expect(page.locator("#controls")).to_be_visible()
