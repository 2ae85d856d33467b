"""The API over a real pair of sockets: what anybody may, what only a paired device may, and no coach."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.support.house import ScriptedCoach, channel_to_a_coach, parts_of_house
from treadcoach.app.channel import Channel
from treadcoach.app.desk import open_desk
from treadcoach.app.house_messages import HouseWish, Picture
from treadcoach.core.intents import REMOTE, IntentKind
from treadcoach.web.api import make_api
from treadcoach.web.pairing import Pairing
from treadcoach.web.session_api import PRIVATE

HERE, TABLET = "127.0.0.1", "192.168.1.30"
SNAPSHOT = {"phase": "main", "speed_kmh": 8.0, "heart_rate_bpm": 140, "runner": "Ada", "form": {"a": 1}}


Asking = Callable[[httpx.AsyncClient, ScriptedCoach, Channel], Awaitable[Any]]


def _with_api(asking: Asking, address: str = TABLET) -> Any:
    async def run() -> Any:
        first = Picture(state="session", message="", session_id=3, snapshot=SNAPSHOT)
        async with channel_to_a_coach(first) as (channel, coach):
            api = make_api(parts_of_house(channel, open_desk(None)), Pairing("secret" * 8, "123456"))
            transport = httpx.ASGITransport(api, client=(address, 5), raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                async with channel.follow() as queue:
                    while (await queue.get()).snapshot is None:
                        pass
                return await asking(client, coach, channel)

    return asyncio.run(run())


@pytest.mark.parametrize("word", ["stop", "pause", "unwell"])
def test_anybody_may_stop(word: str) -> None:
    async def asking(client: httpx.AsyncClient, coach: ScriptedCoach, _: Channel) -> None:
        assert (await client.post(f"/api/{word}")).json() == {"done": True}
        assert [(w.kind, w.source) for w in coach.asked if isinstance(w, HouseWish)] == [
            (IntentKind(word), f"a page ({TABLET})")
        ]

    _with_api(asking)


@pytest.mark.parametrize("kind", sorted(set(IntentKind) - REMOTE))
def test_only_a_paired_device_may_start_or_change(kind: IntentKind) -> None:
    async def asking(client: httpx.AsyncClient, coach: ScriptedCoach, _: Channel) -> None:
        body = {"kind": kind.value, "amount": 0.5}
        for headers in ({}, {"cookie": "treadcoach=forged"}, {"x-forwarded-for": "127.0.0.1"}):
            assert (await client.post("/api/intent", json=body, headers=headers)).status_code == 401
        assert (await client.post("/api/session", json={})).status_code == 401
        assert coach.asked == []
        assert (await client.post("/api/pair", json={"pin": "000000"})).status_code == 403
        assert (await client.post("/api/pair", json={"pin": "123456"})).json() == {"done": True}
        assert (await client.post("/api/intent", json=body)).json() == {"done": True}
        assert (await client.post("/api/session", json={"today": True})).json() == {"done": True}
        assert [type(asked).__name__ for asked in coach.asked] == ["HouseWish", "HousePrepare"]

    _with_api(asking)


def test_the_cookie_is_for_this_site_alone() -> None:
    async def asking(client: httpx.AsyncClient, _coach: ScriptedCoach, _: Channel) -> None:
        answer = await client.post("/api/pair", json={"pin": "123456"})
        said = answer.headers["set-cookie"].lower()
        assert "httponly" in said and "samesite=strict" in said

    _with_api(asking)


def test_a_pin_cannot_be_guessed() -> None:
    async def asking(client: httpx.AsyncClient, _coach: ScriptedCoach, _: Channel) -> None:
        answers = [(await client.post("/api/pair", json={"pin": f"{k:06d}"})).status_code for k in range(8)]
        assert answers == [403] * 5 + [429] * 3
        assert (await client.post("/api/pair", json={"pin": "123456"})).status_code == 429

    _with_api(asking)


def test_a_proxy_on_this_computer_makes_nobody_a_person_at_it() -> None:
    async def asking(client: httpx.AsyncClient, coach: ScriptedCoach, _: Channel) -> None:
        body = {"kind": "start"}
        for name in ("x-forwarded-for", "forwarded"):
            answer = await client.post("/api/intent", json=body, headers={name: "for=1.2.3.4"})
            assert answer.status_code == 401
        assert (await client.post("/api/intent", json=body)).status_code == 200
        assert len(coach.asked) == 1

    _with_api(asking, HERE)


def test_body_data_is_for_paired_devices() -> None:
    async def asking(client: httpx.AsyncClient, _coach: ScriptedCoach, _: Channel) -> None:
        seen = (await client.get("/api/state")).json()
        assert not seen["paired"] and seen["snapshot"]["speed_kmh"] == 8.0
        assert all(seen["snapshot"].get(name) is None for name in PRIVATE)
        await client.post("/api/pair", json={"pin": "123456"})
        assert (await client.get("/api/state")).json()["snapshot"]["heart_rate_bpm"] == 140

    _with_api(asking)


@pytest.mark.parametrize(
    "body",
    [
        {}, {"kind": "explode"}, {"kind": "faster", "amount": 99}, {"kind": "faster", "amount": "NaN"},
        {"kind": "start", "extra": 1}, [], "start", {"kind": ["start"]},
    ],
)  # fmt: skip
def test_what_is_no_wish_is_refused(body: Any) -> None:
    async def asking(client: httpx.AsyncClient, coach: ScriptedCoach, _: Channel) -> None:
        assert (await client.post("/api/intent", json=body)).status_code == 422
        assert coach.asked == []

    _with_api(asking, HERE)


def test_what_the_coach_refuses_is_said() -> None:
    async def asking(client: httpx.AsyncClient, coach: ScriptedCoach, _: Channel) -> None:
        coach.refuse = "No session today. Rest."
        answer = await client.post("/api/session", json={"workout": "<script>alert(1)</script>"})
        assert answer.status_code == 409 and answer.json()["detail"] == "No session today. Rest."
        assert answer.headers["content-type"] == "application/json"

    _with_api(asking, HERE)


def test_a_coach_that_is_gone_or_silent_is_said_with_the_safety_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treadcoach.app.channel.ANSWER_WITHIN_S", 0.05)

    async def asking(client: httpx.AsyncClient, coach: ScriptedCoach, channel: Channel) -> None:
        coach.silent = True
        answer = await client.post("/api/stop")
        assert answer.status_code == 503 and "safety key" in answer.json()["detail"]
        coach.writer.close()
        await channel.gone.wait()
        answer = await client.post("/api/stop")
        assert answer.status_code == 503 and "gone" in answer.json()["detail"]

    _with_api(asking)


@pytest.mark.parametrize(
    "path", ["/static/../api.py", "/static/%2e%2e/api.py", "/static//etc/passwd", "/api/x"]
)
def test_no_path_leads_elsewhere(path: str) -> None:
    async def asking(client: httpx.AsyncClient, _coach: ScriptedCoach, _: Channel) -> None:
        assert (await client.get(path)).status_code in (404, 405)

    _with_api(asking)


def test_the_api_describes_itself() -> None:
    async def asking(client: httpx.AsyncClient, _coach: ScriptedCoach, _: Channel) -> None:
        paths = (await client.get("/api/openapi.json")).json()["paths"]
        assert {"/api/state", "/api/live", "/api/stop", "/api/intent", "/api/session"} <= set(paths)
        assert all(found.get("summary") for path in paths.values() for found in path.values())

    _with_api(asking)
