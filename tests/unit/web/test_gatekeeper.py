"""What stands before every request, asked by script as strangers would."""

import asyncio
from typing import Any

import httpx
import pytest

from treadcoach.web.gatekeeper import MOST_A_SECOND, MOST_BODY_OCTETS, Gatekeeper

HOSTS = ("localhost", "127.0.0.1", "::1", "treadmill.local", "192.168.1.20")


async def _inside(_scope: Any, receive: Any, send: Any) -> None:
    """An application that reads the body and says how long it was."""
    got, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        got += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(got).encode()})


def _ask(
    *, keeper: Gatekeeper | None = None, times: int = 1, path: str = "/", method: str = "GET", **more: Any
) -> httpx.Response:
    async def asking() -> httpx.Response:
        transport = httpx.ASGITransport(keeper or Gatekeeper(_inside, HOSTS), client=("192.168.1.9", 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8765") as client:
            for _ in range(times - 1):
                await client.request(method, path, **more)
            return await client.request(method, path, **more)

    return asyncio.run(asking())


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765", "TREADMILL.local:8765"])
def test_its_own_names_are_answered(host: str) -> None:
    assert _ask(headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil.example", "", "127.0.0.2",
     "localhost@evil.example", "[::2]:8765", "192.168.1.21"],
)  # fmt: skip
def test_a_name_bound_by_a_strangers_dns_gets_nothing(host: str) -> None:
    assert _ask(headers={"host": host}).status_code == 421


def test_two_hosts_are_none() -> None:
    assert _ask(headers=[("host", "localhost"), ("host", "evil.example")]).status_code == 421


@pytest.mark.parametrize("path", ["/", "/api/stop", "/api/intent"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"origin": "http://localhost:8765.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost:8765", "sec-fetch-site": "cross-site"},
    ],
)
def test_other_sites_are_refused(path: str, headers: dict[str, str]) -> None:
    assert _ask(path=path, method="POST", headers=headers).status_code == 403


def test_its_own_page_and_programs_are_not_refused() -> None:
    own = {"origin": "http://localhost:8765", "sec-fetch-site": "same-origin"}
    assert _ask(method="POST", headers=own).status_code == 200
    assert _ask(method="POST").status_code == 200  # a program names no site
    typed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert _ask(headers=typed).status_code == 200  # a link somewhere leads to the page, and no further
    assert _ask(headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}).status_code == 403


def test_nobody_may_put_it_into_a_frame_or_guess_its_content() -> None:
    for answer in (_ask(), _ask(headers={"host": "evil.example"})):
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert _ask(path="/api/state").headers["cache-control"] == "no-store"


def test_huge_bodies_end_early() -> None:
    assert _ask(method="POST", content=b"x" * MOST_BODY_OCTETS).text == str(MOST_BODY_OCTETS)
    assert _ask(method="POST", content=b"x" * (MOST_BODY_OCTETS + 1)).status_code == 413
    for length in ("-1", "1e9", "12a"):
        assert _ask(method="POST", headers={"content-length": length}).status_code == 413


def test_a_body_that_lies_about_its_length_is_cut() -> None:
    seen: list[dict[str, Any]] = []

    async def flood() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * 10_000, "more_body": True}

    async def send(message: Any) -> None:
        seen.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "headers": [(b"host", b"localhost")],
        "client": None,
    }
    asyncio.run(asyncio.wait_for(Gatekeeper(_inside, HOSTS)(scope, flood, send), 5))
    assert seen == []


def test_a_flood_is_slowed_and_stop_is_not() -> None:
    now = [100.0]
    keeper = Gatekeeper(_inside, HOSTS, lambda: now[0])
    assert _ask(keeper=keeper, times=MOST_A_SECOND).status_code == 200
    assert _ask(keeper=keeper).status_code == 429
    assert _ask(keeper=keeper, path="/api/stop", method="POST", times=500).status_code == 200
    now[0] += 1.1
    assert _ask(keeper=keeper).status_code == 200


def test_web_sockets_are_closed() -> None:
    seen: list[dict[str, Any]] = []

    async def nothing() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        seen.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"localhost")]}
    asyncio.run(Gatekeeper(_inside, HOSTS)(scope, nothing, send))
    assert seen == [{"type": "websocket.close", "code": 1008}]
