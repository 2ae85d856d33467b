"""The pages as another device of the network meets them: pairing, the driver's seat, floods, strangers."""

import http.client
import re
import socket as sockets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import PHONE, TABLET, Served, begin, connect, open_page
from tests.support.processes import Sim
from treadcoach.web.connections import MOST_OF_ONE

pytestmark = pytest.mark.real_time
NOWHERE = ("192.0.2.1", 9)
"""An address that is routed and never answered: asking for the way there sends nothing."""


def _own_address() -> str:
    with sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM) as outward:
        try:
            outward.connect(NOWHERE)
        except OSError:
            pytest.skip("this machine has no network but itself")
        address = str(outward.getsockname()[0])
    if address.startswith("127."):
        pytest.skip("this machine has no network but itself")
    return address


@pytest.fixture(scope="module")
def served(sim: Sim, home: Path) -> Iterator[Served]:
    process = Served(home / "serve.log", "--host", "0.0.0.0")
    process.wait_for("emergency stop")
    yield process
    process.end()


@pytest.fixture
def outside(served: Served) -> str:
    """The pages' URL as another device has it."""
    return f"http://{_own_address()}:{served.port}/"


@pytest.fixture(autouse=True)
def _idle_again(browser: Browser, served: Served) -> Iterator[None]:
    yield
    page = open_page(browser, served.url)
    page.request.post(f"{served.url}api/stop")
    for _ in range(100):
        if page.request.get(f"{served.url}api/state").json()["state"] == "idle":
            break
        page.wait_for_timeout(100)
    for context in browser.contexts:
        context.close()


def _pin(served: Served) -> str:
    found = re.search(r"PIN (\d{6})", served.text())
    assert found is not None
    return found[1]


def test_a_stranger_sees_nothing_of_the_person_and_can_stop(
    browser: Browser, sim: Sim, served: Served, outside: str
) -> None:
    owner = open_page(browser, served.url)
    connect(owner, served.url)
    begin(owner)
    stranger = open_page(browser, outside, PHONE)
    expect(stranger.locator("h1")).to_have_text("Pair this device")
    for path in ("today", "sessions", "settings", "plan", "progress", "backup", "invitation", "guidance",
                 "exercises", "shoes", "plans"):  # fmt: skip
        assert stranger.request.get(f"{outside}api/{path}").status == 401, path
    stranger.fill("#pin", "000000" if _pin(served) != "000000" else "000001")
    stranger.click("text=Pair >> nth=-1")
    expect(stranger.locator("section [role=status]")).to_have_text("This is not the PIN.")
    stranger.goto(f"{outside}live")
    expect(stranger.locator("#speed")).not_to_have_text("–")
    expect(stranger.locator("#pulse")).to_have_text("–")
    expect(stranger.locator("#controls")).to_be_hidden()
    before = sim.stops()
    stranger.click("#stop")
    sim.wait_for_stop(before)


def test_the_code_on_the_screen_pairs_a_phone(browser: Browser, served: Served, outside: str) -> None:
    phone = open_page(browser, f"{outside}settings#pin={_pin(served)}", PHONE)
    expect(phone.locator("#runner")).to_be_visible()
    assert "#" not in phone.url, "the PIN does not stay in the history"
    expect(phone.locator("img.qr")).to_be_visible()
    # It is visible before its octets have come.
    expect(phone.locator("img.qr")).not_to_have_js_property("naturalWidth", 0)
    cookies = {c["name"]: c for c in phone.context.cookies()}
    assert cookies["treadcoach"]["httpOnly"] and cookies["treadcoach"]["sameSite"] == "Strict"
    # Replayed from another address, the cookie is worth nothing.
    stolen = f"treadcoach={cookies['treadcoach']['value']}"
    line = http.client.HTTPConnection("127.0.0.1", served.port)
    line.request("GET", "/api/today", headers={"cookie": stolen, "x-forwarded-for": "10.0.0.9"})
    assert line.getresponse().status == 401
    line.close()
    assert _pin(served) not in served.text().replace(f"PIN {_pin(served)}", ""), "no log has it"


def test_one_drives_and_the_other_takes_over(browser: Browser, sim: Sim, served: Served) -> None:
    tablet, phone = open_page(browser, served.url, TABLET), open_page(browser, served.url, PHONE)
    connect(tablet, served.url)
    phone.goto(f"{served.url}live")
    expect(phone.locator("#driver-words")).to_contain_text("drives")
    expect(phone.locator("#start-box")).to_be_hidden()
    refused = phone.request.post(f"{served.url}api/intent", data={"kind": "start"})
    assert refused.status == 409 and "Take over first" in refused.json()["detail"]
    assert sim.speed() == 0
    phone.click("#take-over")
    expect(phone.locator("#start")).to_be_visible()
    expect(tablet.locator("#start-box")).to_be_hidden()
    expect(tablet.locator("#driver-words")).to_contain_text("drives")
    # Who only looks on stops it all the same: nothing was released yet, so the session ends at once.
    before = sim.stops()
    tablet.click("#stop")
    sim.wait_for_stop(before)
    expect(phone.locator("#idle-title")).to_be_visible()
    assert sim.speed() == 0


def test_strangers_names_sites_and_frames_get_nothing(served: Served) -> None:
    def asked(method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        line.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        answer = line.getresponse()
        assert answer.getheader("x-frame-options") == "DENY"
        answer.read()
        line.close()
        return answer.status

    # A name that somebody bound to this address.
    assert asked("GET", "/api/state", Host=f"evil.example:{served.port}") == 421
    assert asked("POST", "/api/session", b"{}", Host=f"evil.example:{served.port}") == 421
    here = f"127.0.0.1:{served.port}"
    assert asked("POST", "/api/intent", b"{}", Host=here, Origin="http://evil.example") == 403
    assert asked("POST", "/api/intent", b"{}", Host=here, Origin="null") == 403
    assert asked("POST", "/api/stop", b"", Host=here, Sec_Fetch_Site="cross-site") == 403
    assert asked("GET", "/api/state", Host=here, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="cors") == 403
    # Bodies of any size; the one that may be large is read in parts, and is no journal.
    assert asked("POST", "/api/session", b"x" * 70_000, Host=here, Content_Type="application/json") == 413
    assert asked("PUT", "/api/backup", b"x" * 70_000, Host=here) == 422
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
    assert (
        asked("GET", "/api/live2", Host=here, Sec_WebSocket_Key="AAAAAAAAAAAAAAAAAAAAAA==", **upgrade) >= 400
    )


def test_one_that_opens_hundreds_of_connections_keeps_nobody_from_stop(served: Served) -> None:
    """Also who sends half a request and waits, and who opens live streams and reads none of them."""
    held = []
    try:
        for k in range(3 * MOST_OF_ONE):
            line = sockets.create_connection(
                ("127.0.0.1", served.port), timeout=5, source_address=("127.0.0.2", 0)
            )
            request = b"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\n" + (b"\r\n" if k % 2 else b"X: ")
            try:
                line.sendall(request)
            except OSError:
                pass  # closed before a byte was read
            held.append(line)
        line_out = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
        for _ in range(3):
            line_out.request("POST", "/api/stop", headers={"host": "127.0.0.1"})
            answer = line_out.getresponse()
            assert answer.status == 409 and b"No session is running" in answer.read()
        line_out.request("GET", "/api/state")
        assert line_out.getresponse().status == 200
        line_out.close()
        closed = 0
        for line in held:
            line.settimeout(0.05)
            try:
                closed += line.recv(1) == b""
            except TimeoutError:
                pass
            except ConnectionError:
                closed += 1
        assert closed >= 2 * MOST_OF_ONE
    finally:
        for line in held:
            line.close()
