"""Review, plan, settings and the others, used as a person would, on a journal of some weeks."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import LAPTOP, PHONE, TABLET, Served, open_page
from tests.support.journal_of_weeks import DEFAULT_MAIN

pytestmark = pytest.mark.real_time

PAGES = ("", "exercises", "exercises?set=screens", "sessions", "sessions?id=2", "sessions?compare=2,8",
         "progress", "plan", "guidance", "settings", "live")  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture(scope="module")
def filled(journal: Path, home: Path) -> Path:
    """Before the server starts."""
    (home / "simulated").mkdir()
    shutil.copy(journal, home / "simulated" / "journal.db")
    return home


@pytest.fixture
def page(browser: Browser, filled: Path, served: Served) -> Iterator[Page]:
    """A laptop's page. Nothing may be said on its console: no refused script, no missing file."""
    found = open_page(browser, served.url, LAPTOP)
    said: list[str] = []
    found.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    found.on("pageerror", lambda error: said.append(str(error)))
    yield found
    context: BrowserContext = found.context
    context.close()
    unexpected = [text for text in said if "422" not in text and "409" not in text]
    assert unexpected == []


def _go(page: Page, served: Served, path: str) -> None:
    page.goto(served.url + path)
    if path != "live":
        expect(page.locator("main")).to_have_attribute("aria-busy", "false")


def test_every_page_fits_every_screen_and_passes_the_audit(page: Page, served: Served) -> None:
    """axe-core: names, labels, roles, contrast AA in light and dark."""
    axe, problems = Axe(), []
    for path in PAGES:
        _go(page, served, path)
        for light in ("light", "dark"):
            page.emulate_media(color_scheme=light)
            if "id=" in path or "progress" in path:
                expect(page.locator("[data-drawn]").first).to_be_visible()
            found = axe.run(page, options={"runOnly": {"type": "tag", "values": RULES["runOnly"]}})
            problems += [
                (path, light, v["id"], [node["html"][:120] for node in v["nodes"][:3]])
                for v in found.response["violations"]
            ]
        for width, height in (PHONE, TABLET, (320, 568)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
        page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    assert problems == []


def test_the_keyboard_sees_where_it_is(page: Page, served: Served) -> None:
    _go(page, served, "settings")
    page.emulate_media(reduced_motion="reduce")
    for _ in range(30):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const s = getComputedStyle(document.activeElement);
                return document.activeElement === document.body || s.outlineStyle !== 'none'; }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")
    moves = (
        "[...document.querySelectorAll('*')].filter(p => parseFloat(getComputedStyle(p).transitionDuration))"
    )
    assert page.evaluate(f"{moves}.length") == 0


def test_a_session_is_reviewed(page: Page, served: Served) -> None:
    _go(page, served, "sessions")
    expect(page.locator(".sessions li")).to_have_count(19)
    page.fill("[name=words]", "nothing like it")
    expect(page.locator("#results")).to_contain_text("No session fits")
    page.fill("[name=words]", "workout")
    page.fill("[name=since]", (date.today() - timedelta(days=8)).isoformat())
    expect(page.locator(".sessions li")).not_to_have_count(19)
    page.locator(".sessions a").first.click()
    page.wait_for_url("**/sessions?id=*")
    expect(page.locator("#plots[data-drawn]")).to_be_visible()
    orders = page.locator("#whys li", has_text="warm-up walk")
    expect(orders.first).to_contain_text("4.0 km/h")
    orders.first.locator("button").click()
    expect(page.locator(".readout")).to_contain_text("belt")
    assert re.match(r"\d+:\d\d warm-up: ", page.inner_text(".readout"))
    box = page.locator("#plots").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 80)
    expect(page.locator(".readout")).to_contain_text("pulse")
    with page.expect_download() as download:
        page.click("text=CSV")
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("t_s,phase,speed_kmh") and len(lines) > 600


def test_two_sessions_are_compared_and_one_is_deleted(page: Page, served: Served) -> None:
    _go(page, served, "sessions")
    for k in (0, 5):
        page.locator(".sessions input[type=checkbox]").nth(k).check()
    page.click("text=Compare these two")
    expect(page.locator("table")).to_contain_text("Best 5 min")
    expect(page.locator("#plots[data-drawn]")).to_be_visible()
    _go(page, served, "sessions?id=3")
    page.click("text=Delete this session")
    page.click('.confirm >> text="No"')
    expect(page.locator(".confirm")).to_have_count(0)
    page.click("text=Delete this session")
    page.click(".confirm >> text=Yes")
    page.wait_for_url("**/sessions")
    _go(page, served, "sessions?id=3")
    expect(page.locator("main")).to_contain_text("is not usable")


def test_progress_shows_weeks_pulse_form_and_pain(page: Page, served: Served) -> None:
    _go(page, served, "progress?weeks=8")
    expect(page.locator("[data-drawn]")).to_have_count(4)
    page.locator("summary").first.click()
    expect(page.locator("table")).to_contain_text("Best 1 min")
    _go(page, served, "exercises?set=screens")
    page.locator("button", has_text="Not passed").first.click()
    expect(page.locator("text=Written down.")).to_be_visible()
    _go(page, served, "progress?weeks=8")
    expect(page.locator("main")).to_contain_text("not passed")


def test_a_plan_is_chosen_changed_and_written(page: Page, served: Served) -> None:
    _go(page, served, "plan")
    page.locator("#plan-walking-base > summary").click()
    page.click("#plan-walking-base >> text=What if?")
    expect(page.locator("#plan-walking-base .calendar")).to_be_visible()
    expect(page.locator("#mine")).to_contain_text("No plan is followed")
    page.click("#plan-walking-base >> text=Follow this plan")
    expect(page.locator("#mine h2")).to_have_text("Walking base")
    entry = page.locator("#mine .calendar button").last
    name = entry.get_attribute("aria-label")
    entry.click()
    expect(page.locator("#entry .why")).to_contain_text("in the plan's order")
    page.click("#skip")
    page.click(".confirm >> text=Yes")
    expect(page.locator("#entry")).to_have_count(0)
    assert name is not None
    # Moved to a day of one's own choice, with the reason that it was.
    page.locator("#mine .calendar button").first.click()
    page.fill("#move-to", (date.today() + timedelta(days=1)).isoformat())
    page.click("#move")
    expect(page.locator("#entry")).to_have_count(0)
    # One of one's own: refused with its line, then kept.
    page.locator("#plan-walking-base > summary").click()
    page.click("#plan-walking-base >> text=Write one of my own")
    text = page.input_value("#plan-text")
    page.fill("#plan-name", "mine")
    page.fill("#plan-text", text.replace("role: walk", "role: sprint", 1))
    page.click("#keep-plan")
    expect(page.locator("#editor .problem")).to_contain_text("mine.yaml, line")
    page.fill("#plan-text", text.replace("Walking base", "My own base", 1))
    page.click("#keep-plan")
    expect(page.locator("#choose")).to_contain_text("My own base")
    with page.expect_download() as download:
        page.click("text=As a calendar file")
    assert "BEGIN:VCALENDAR" in download.value.path().read_text(encoding="utf-8")
    # What is due is said on every page, as soon as its time has come.
    daily = {"plan": "walking-base", "days": "daily 0:01"}
    assert page.request.post(f"{served.url}api/plan/start", data=daily).ok
    expect(page.locator("#banner")).to_contain_text("Due since 00:01")
    _go(page, served, "plan")
    page.click("text=Stop following it")
    page.click(".confirm >> text=Yes")
    expect(page.locator("#mine")).to_contain_text("No plan is followed")


def test_settings_are_kept_and_what_is_wrong_is_named(page: Page, served: Served, filled: Path) -> None:
    (filled / "config.toml").write_text("# mine\n" + (filled / "config.toml").read_text(encoding="utf-8"))
    _go(page, served, "settings")
    page.fill("[name=max_speed]", "9")
    page.click("#runner button[type=submit]")
    expect(page.locator("#runner-answer")).to_contain_text("a speed with its unit")
    page.fill("[name=max_speed]", "9 km/h")
    page.select_option("[name=unit]", "min/km")
    page.fill("[name=age_years]", "44")
    page.click("#runner button[type=submit]")
    expect(page.locator("#runner-answer")).to_contain_text("Kept")
    written = (filled / "config.toml").read_text(encoding="utf-8")
    assert written.startswith("# mine") and 'max_speed = "9 km/h"' in written and "age_years = 44" in written
    _go(page, served, "sessions")
    expect(page.locator(".sessions li").first).to_contain_text("min/km")
    _go(page, served, "settings")
    page.select_option("[name=unit]", "km/h")
    page.click("#runner button[type=submit]")
    expect(page.locator("#runner-answer")).to_contain_text("Kept")
    # A limit is tightened, and never loosened.
    page.click("summary:has-text('numbers')")
    limit = page.locator("#limits li", has_text="weekly increase percent")
    limit.locator("input").fill("20")
    limit.locator("button", has_text="Keep").click()
    expect(page.locator("[role=status]", has_text="a limit can only be tightened")).to_be_visible()
    limit.locator("input").fill("10")
    limit.locator("button", has_text="Keep").click()
    expect(page.locator("text=weekly_increase_percent: kept.")).to_be_visible()
    assert "weekly_increase_percent: 10" in (filled / "belt.yaml").read_text(encoding="utf-8")
    page.fill("#add-shoes [name=name]", "Blue ones")
    page.fill("#add-shoes [name=ran]", "470 km")
    page.click("#add-shoes button")
    expect(page.locator("#shoes")).to_contain_text("Blue ones")


def test_data_is_backed_up_restored_and_deleted(page: Page, served: Served, tmp_path: Path) -> None:
    _go(page, served, "settings")
    with page.expect_download() as download:
        page.click("text=Back up")
    copy = tmp_path / "copy.db"
    download.value.save_as(copy)
    before = page.request.get(f"{served.url}api/sessions").json()["totals"]
    page.click("#delete-all")
    expect(page.locator("#data-answer")).to_contain_text("delete everything")
    page.fill("[placeholder='delete everything']", "delete everything")
    page.click("#delete-all")
    expect(page.locator("#data-answer")).to_have_text("Deleted.")
    _go(page, served, "sessions")
    expect(page.locator(".empty")).to_contain_text("No session yet")
    _go(page, served, "progress")
    expect(page.locator(".empty")).to_contain_text("Nothing was run")
    _go(page, served, "settings")
    wrong = tmp_path / "wrong.db"
    wrong.write_bytes(b"no database" * 100)
    for path, answer in ((wrong, "a copy that treadcoach made"), (copy, "Restored.")):
        page.set_input_files("#copy", path)
        page.click("#restore")
        page.click(".confirm >> text=Yes")
        expect(page.locator("#data-answer")).to_contain_text(answer)
    assert page.request.get(f"{served.url}api/sessions").json()["totals"] == before


def test_exercises_are_led_through_and_guidance_has_its_sources(page: Page, served: Served) -> None:
    _go(page, served, "exercises?set=before")
    page.click("#start-guide")
    expect(page.locator(".guide .phase")).to_have_text("Get ready")
    expect(page.locator(".guide .phase")).to_contain_text("side")
    first = page.inner_text(".guide h2")
    page.click("text=Next exercise")
    expect(page.locator(".guide h2")).not_to_have_text(first)
    page.click("text=End")
    expect(page.locator(".guide")).to_have_count(0)
    _go(page, served, "guidance")
    for words in ("A2", "B10", "Not seen", "owner-document", "a diagnosis", "safety key"):
        assert words in page.inner_text("main"), words


def test_a_check_in_bounds_the_day_and_today_says_so(page: Page, served: Served) -> None:
    _go(page, served, "")
    expect(page.locator("#devices")).to_contain_text("treadmill")
    page.check("[name=moment][value=before]")
    page.check("[name=pain][value='3']")
    page.click("#checkin button[type=submit]")
    expect(page.locator(".ruling")).to_contain_text("A little pain")
    page.check("[name=signs][value=radiating]")
    page.click("#checkin button[type=submit]")
    expect(page.locator(".ruling")).to_contain_text("See a doctor")
    expect(page.locator("#session-place")).to_contain_text("No session today")
    page.fill("#workout", DEFAULT_MAIN)
    page.click("#connect")
    expect(page.locator("#prepare-answer")).to_contain_text("See a doctor")


def test_what_is_typed_is_text_and_nothing_else(page: Page, served: Served) -> None:
    """Script in every text field, and paths where names are meant."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.request.post(f"{served.url}api/checkin", data={"moment": "after", "pain": 0, "where": evil})
    page.request.post(f"{served.url}api/shoes", data={"name": evil})
    page.request.post(
        f"{served.url}api/screen", data={"id": "screen-single-leg", "passed": True, "note": evil}
    )
    changes = {"name": evil[:60]}
    page.request.patch(f"{served.url}api/settings/runner", data={"changes": changes})
    for path in PAGES:
        _go(page, served, path)
        assert page.locator("img[src=x]").count() == 0 and page.locator("main script").count() == 0, path
    page.request.patch(f"{served.url}api/settings/runner", data={"changes": {"name": None}})
    _go(page, served, "")
    for path in ("config.toml", "../three.yaml", evil):
        page.fill("#workout", path)
        page.click("#connect")
        # No path is followed for who asks from a page, and nothing of a file is shown.
        expect(page.locator("#prepare-answer")).to_contain_text("'5 min @ 8 km/h'")
    for name in ("..%2f..%2fconfig", "%2e%2e%2fconfig.toml", "..", "a%00b"):
        answer = page.request.get(f"{served.url}api/plans/{name}")
        assert answer.status in (404, 405, 422), name
        assert page.request.put(f"{served.url}api/plans/{name}", data={"text": "x"}).status in (404, 405, 422)
    for number in ("..%2f1", "-1", "1e3", "99999999999999999999", "1%20or%201=1"):
        for tail in ("", "/file.csv"):
            assert page.request.get(f"{served.url}api/sessions/{number}{tail}").status in (404, 422)
    assert dialogs == []
    assert (
        json.loads(page.request.get(f"{served.url}api/openapi.json").text())["info"]["title"] == "treadcoach"
    )
