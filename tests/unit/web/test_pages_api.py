"""The pages' API on a real journal: what is shown, what is written, what is refused by name."""

import asyncio
import io
import socket as sockets
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.house import parts_of_house
from tests.support.journal_of_weeks import make_journal
from treadcoach.app.channel import Channel
from treadcoach.app.desk import Desk, open_desk
from treadcoach.app.house_messages import Picture
from treadcoach.app.views.progress import half_width
from treadcoach.app.views.session import MOST_POINTS, session
from treadcoach.store import history
from treadcoach.store.opening import open_engine
from treadcoach.web.api import make_api
from treadcoach.web.pairing import Pairing

HERE = "127.0.0.1"
Asking = Callable[[httpx.AsyncClient], Awaitable[None]]


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weeks") / "journal.db"
    make_journal(path, 3)
    return path


@pytest.fixture
def desk(journal: Path) -> Desk:
    """A home of its own with a copy of the journal."""
    found = open_desk(None)
    found.engine.dispose()
    found.places.journal.write_bytes(journal.read_bytes())
    return Desk(found.places, open_engine(found.places.journal))


def _ask(desk: Desk, asking: Asking, state: str = "idle", address: str = HERE) -> None:
    async def run() -> None:
        ours, theirs = sockets.socketpair()
        theirs.close()  # no coach is asked here
        channel = Channel(*await asyncio.open_connection(sock=ours))
        channel.latest = Picture(state=state, message="", session_id=None, snapshot=None)
        api = make_api(parts_of_house(channel, desk), Pairing("secret" * 8, "123456"))
        transport = httpx.ASGITransport(api, client=(address, 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await asking(client)
        ours.close()

    asyncio.run(run())


def test_nothing_of_a_person_is_for_strangers(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        paths = (await client.get("/api/openapi.json")).json()["paths"]
        free = {
            "/api/state",
            "/api/live",
            "/api/stop",
            "/api/pause",
            "/api/unwell",
            "/api/intent",
            "/api/pair",
        }
        for path, methods in paths.items():
            for method in methods:
                if path not in free:
                    real = path.replace("{number}", "1").replace("{name}", "mine")
                    answer = await client.request(method, real)
                    assert answer.status_code in (401, 422), (method, path)
                    assert answer.status_code == 401 or method in ("post", "put", "patch"), (method, path)
        # What carries a body is refused for who asks before it is read for what it says.
        assert (await client.post("/api/checkin", json={"moment": "after", "pain": 0})).status_code == 401
        assert (await client.put("/api/backup", content=b"x")).status_code == 401

    _ask(desk, asking, address="192.168.1.9")


def test_today_follows_check_ins_and_the_plan(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        seen = (await client.get("/api/today")).json()
        assert seen["plan"] is None and seen["refused"] is None and not seen["newcomer"]
        started = await client.post("/api/plan/start", json={"plan": "walking-base", "days": "daily"})
        assert started.json()["plan"]["name"] == "Walking base"
        seen = (await client.get("/api/today")).json()
        assert seen["session"]["day"] == date.today().isoformat() and seen["session"]["why"]["day"]
        ruling = (await client.post("/api/checkin", json={"moment": "before", "signs": ["spasm"]})).json()
        assert ruling["verdict"] == "rest" and ruling["until"] > date.today().isoformat()
        seen = (await client.get("/api/today")).json()
        assert "No session today" in seen["refused"] and seen["session"] is None
        for said in (
            {"moment": "now", "pain": 1},
            {},
            {"pain": 11},
            {"signs": ["tired"]},
            {"sleep_h": "NaN"},
        ):
            body = {"moment": "before"} | said
            assert (await client.post("/api/checkin", json=body)).status_code == 422, body

    _ask(desk, asking)


def test_a_plan_is_moved_skipped_tried_and_left(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        assert (await client.post("/api/plan/stop")).status_code == 422
        what_if = (await client.get("/api/plan/what-if?plan=keep-fit&days=mon,thu")).json()
        assert {date.fromisoformat(s["day"]).weekday() for s in what_if["sessions"]} <= {0, 3}
        assert (await client.get("/api/plan")).json()["plan"] is None
        await client.post("/api/plan/start", json={"plan": "walking-base", "days": "daily 7:15"})
        ahead = (await client.get("/api/plan")).json()
        last = ahead["sessions"][-1]
        assert last["at"] == "07:15"
        first = next(s for s in ahead["sessions"] if s["key"])
        tomorrow = (date.today() + timedelta(days=1)).isoformat()
        answer = await client.post("/api/plan/move", json={"session": first["key"], "to": tomorrow})
        assert answer.status_code == 200, answer.text
        answer = await client.post("/api/plan/skip", json={"session": last["key"]})
        assert last["key"] not in [s["key"] for s in answer.json()["sessions"]]
        for body in ({"session": "99.1", "to": tomorrow}, {"session": "1.1", "to": "2020-01-01"},
                     {"session": "1.1", "to": "someday"}):  # fmt: skip
            assert (await client.post("/api/plan/move", json=body)).status_code == 422
        assert (await client.post("/api/plan/start", json={"plan": "../x"})).status_code == 422
        assert (await client.get("/api/plan.ics")).text.startswith("BEGIN:VCALENDAR")
        assert (await client.post("/api/plan/stop")).json() == {"stopped": "Walking base"}

    _ask(desk, asking)


def test_an_own_plan_is_read_whole_before_it_is_kept(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        text = (await client.get("/api/plans/walking-base")).json()["text"]
        for name in ("UPPER", "a b", "-", "ä", "x" * 41):
            answer = await client.put(f"/api/plans/{name}", json={"text": text})
            assert answer.status_code == 422, name
        answer = await client.put("/api/plans/mine", json={"text": "weeks: [" * 500})
        assert answer.status_code == 422 and "mine.yaml" in answer.json()["detail"]
        assert (await client.put("/api/plans/mine", json={"text": text})).json() == {"done": True}
        assert [p["id"] for p in (await client.get("/api/plans")).json() if p["own"]] == ["mine"]
        await client.post("/api/plan/start", json={"plan": "mine"})
        assert "stop it first" in (await client.delete("/api/plans/mine")).json()["detail"]
        await client.post("/api/plan/stop")
        assert (await client.delete("/api/plans/mine")).json() == {"done": True}
        assert (await client.delete("/api/plans/walking-base")).status_code == 422

    _ask(desk, asking)


def test_settings_are_checked_whole_and_comments_stay(desk: Desk) -> None:
    config = desk.places.config / "config.toml"
    config.write_text('# of the owner\n[runner]\nname = "Ada" # she\n', encoding="utf-8")

    async def asking(client: httpx.AsyncClient) -> None:
        async def change(**changes: Any) -> httpx.Response:
            return await client.patch("/api/settings/runner", json={"changes": changes})

        assert (await change(max_speed="9 km/h", age_years=40)).json()["runner"]["max_speed"] == "9.0 km/h"
        before = config.read_text(encoding="utf-8")
        assert before.startswith("# of the owner") and "# she" in before
        wrongs: tuple[dict[str, Any], ...] = (
            {"max_speed": "9"}, {"age_years": 400}, {"colour": "red"}, {"colour": None},
            {"aching_back": "yes"}, {"unit": "knots"}, {"name": "ok", "max_incline": "90 %"},
        )  # fmt: skip
        for wrong in wrongs:
            answer = await change(**wrong)
            assert answer.status_code == 422 and list(wrong)[-1] in answer.json()["detail"], wrong
        assert config.read_text(encoding="utf-8") == before, "half of a change is none"
        assert (await change(age_years=None)).json()["runner"]["age_years"] is None
        devices = {"treadmill": "F0:7E", "straps": ["Polar@hip"], "takes_mph": True}
        assert (await client.put("/api/settings/devices", json=devices)).json()["devices"] == devices
        answer = await client.put("/api/settings/devices", json={"straps": ["Polar@foot"]})
        assert answer.status_code == 422 and "@chest or @hip" in answer.json()["detail"]

    _ask(desk, asking)


def test_a_limit_is_only_ever_tightened(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        async def put(name: str, value: float | None) -> httpx.Response:
            return await client.put("/api/settings/limit", json={"name": name, "value": value})

        limits = {entry["name"]: entry for entry in (await client.get("/api/settings")).json()["limits"]}
        assert limits["weekly_increase_percent"]["documented"] == 15
        for name, entry in limits.items():
            worse = entry["value"] * 1.5 + 1 if entry["tighten"] == "lower" else entry["value"] / 2 - 0.01
            answer = await put(name, worse)
            assert answer.status_code == 422 and "only be tightened" in answer.json()["detail"], name
        assert not (desk.places.config / "belt.yaml").exists()
        assert (await put("weekly_increase_percent", 10)).status_code == 200
        assert desk.guidance().belt.weekly_increase_percent == 10
        assert (await put("no_such_number", 1)).status_code == 422
        assert (await put("weekly_increase_percent", None)).status_code == 200
        assert desk.guidance().belt.weekly_increase_percent == 15

    _ask(desk, asking)


def test_sessions_are_listed_shown_exported_and_deleted(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        found = (await client.get("/api/sessions?limit=4")).json()
        assert len(found["sessions"]) == 4 and found["totals"]["sessions"] == found["in_all"] == 10
        some = (await client.get(f"/api/sessions?since={date.today() - timedelta(days=6)}")).json()
        assert 0 < some["totals"]["sessions"] < 10
        assert (await client.get("/api/sessions?words=nothing")).json()["totals"]["distance_m"] == 0
        one = (await client.get("/api/sessions/2")).json()
        count = len(one["curves"]["t_s"])
        assert 600 < count <= MOST_POINTS and all(len(v) == count for v in one["curves"].values())
        assert [p["phase"] for p in one["phases"]][-3:] == ["main", "cool_down", "stopping"]
        walk = next(w for w in one["why"] if w["kind"] == "speed" and w["reason"] == "warm-up walk")
        assert walk["to"] == "4.0 km/h" and walk["steps"] > 3
        csv = io.StringIO((await client.get("/api/sessions/2/file.csv")).text)
        assert sum(1 for _ in csv) == len(history.rows_of(desk.engine, "samples", 2)) + 1
        assert (await client.delete("/api/sessions/2")).json() == {"done": True}
        answer = await client.get("/api/sessions/2")
        assert answer.status_code == 422 and "is not usable" in answer.json()["detail"]

    _ask(desk, asking)


def test_what_is_thinned_keeps_its_means_and_gaps(desk: Desk) -> None:
    samples = history.rows_of(desk.engine, "samples", 2)
    shown = session(desk, 2)["curves"]["speed_kmh"]
    known = [row.speed_kmh for row in samples if row.speed_kmh is not None]
    means = [speed for speed in shown if speed is not None]
    assert abs(sum(means) / len(means) - sum(known) / len(known)) < 0.02


def test_progress_has_a_ceiling_for_every_week(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        seen = (await client.get("/api/progress?weeks=5")).json()
        assert len(seen["weeks"]) == 5 and all(week["ceiling"]["60"] > 0 for week in seen["weeks"])
        trained = [week for week in seen["weeks"] if week["sessions"]]
        assert trained[-1]["held"]["60"] > trained[0]["held"]["60"]
        bands = {(f["metric"], f["gait"]): f["points"][0] for f in seen["form"]}
        assert bands["contact_ms", "running"]["band"] == 15 and bands["contact_ms", "walking"]["band"] == 35
        pulses = {p["speed_kmh"] for p in seen["pulse"]}
        assert len(pulses) >= 2 and all(40 < p["bpm"] < 200 for p in seen["pulse"])
        assert (await client.get("/api/progress?weeks=100000")).status_code == 422

    _ask(desk, asking)


@given(st.text(max_size=30), st.sampled_from(["walking", "running"]), st.floats(0, 1000))
@settings(max_examples=60)
def test_an_error_in_words_never_breaks_a_trend(error: str, gait: str, value: float) -> None:
    width = half_width(error, gait, value)
    assert width is None or width >= 0


def test_a_copy_is_whole_and_goes_back_whole(desk: Desk, tmp_path: Path) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        copy = (await client.get("/api/backup")).content
        assert (await client.post("/api/delete", json={"confirm": "yes"})).status_code == 422
        assert (await client.post("/api/delete", json={"confirm": "delete everything"})).json() == {
            "done": True
        }
        assert (await client.get("/api/sessions")).json()["in_all"] == 0
        for wrong in (b"", b"x" * 5000, copy[:9000], copy[: len(copy) // 2]):
            answer = await client.put("/api/backup", content=wrong)
            assert answer.status_code == 422, len(wrong)
            assert "a copy that treadcoach made" in answer.json()["detail"]
        assert (await client.get("/api/sessions")).json()["in_all"] == 0
        assert (await client.put("/api/backup", content=copy)).json() == {"done": True}
        assert (await client.get("/api/sessions")).json()["in_all"] == 10

    _ask(desk, asking)


def test_data_is_not_swapped_under_a_session(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        assert (await client.put("/api/backup", content=b"x")).status_code == 409
        assert (await client.post("/api/delete", json={"confirm": "delete everything"})).status_code == 409
        assert (await client.get("/api/backup")).status_code == 200

    _ask(desk, asking, state="session")


def test_exercises_screens_strength_and_shoes(desk: Desk) -> None:
    async def asking(client: httpx.AsyncClient) -> None:
        for name in ("last", "before", "after", "strength", "screens"):
            assert (await client.get(f"/api/exercises?set={name}")).json()["exercises"], name
        assert (await client.get("/api/exercises?set=dancing")).status_code == 422
        assert (await client.post("/api/strength")).json() == {"this_week": 1}
        assert (await client.post("/api/strength")).json() == {"this_week": 1}
        for name, status in (("screen-single-leg", 200), ("none", 422)):
            answer = await client.post("/api/screen", json={"id": name, "passed": False})
            assert answer.status_code == status
        pairs = (await client.post("/api/shoes", json={"name": "Blue", "ran": "470 km"})).json()
        assert 470_000 <= pairs[0]["distance_m"] < 480_000  # and what was run in them today
        assert (await client.post("/api/shoes", json={"name": "Blue"})).status_code == 422
        assert (await client.post("/api/shoes", json={"name": " ", "ran": "1 km"})).status_code == 422
        assert (await client.post("/api/shoes/retire", json={"name": "Blue"})).json()[0]["retired"]
        guidance = (await client.get("/api/guidance")).json()
        assert {r["id"] for r in guidance["belt"]} >= {"A1", "A2", "A13"}
        assert all(entry["sources"] for part in ("belt", "form", "exercises") for entry in guidance[part])

    _ask(desk, asking)
