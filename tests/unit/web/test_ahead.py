"""What is told ahead is what the page asks for, and it is there."""

import re

import httpx
import pytest

from tests.support.house import ScriptedCoach
from tests.unit.web.test_api import HERE, _with_api
from treadcoach.app.channel import Channel
from treadcoach.web.api import PAGES, STATIC

_LINK = re.compile(r"<([^>]+)>; rel=(\w+)")


def test_a_page_with_plots_names_every_module_it_needs() -> None:
    async def asking(client: httpx.AsyncClient, _coach: ScriptedCoach, _channel: Channel) -> None:
        answer = await client.get("/sessions?id=7")
        told = _LINK.findall(answer.headers["link"])
        modules = [url for url, kind in told if kind == "modulepreload"]
        assert [url for url, kind in told if kind == "preload"] == ["/api/sessions/7", "/api/settings"]
        script = (STATIC / "sessions.js").read_text()
        wanted = set(re.findall(r'(?:from|import\() ?"(/static/[^"]+)"', script))
        assert wanted < set(modules) and len(modules) == len(set(modules))
        assert any(url.startswith("/static/echarts/index-") for url in modules), "and what ECharts imports"
        for url in modules:
            found = await client.get(url)
            assert found.status_code == 200 and "javascript" in found.headers["content-type"], url
        for path in ("/progress", "/sessions?compare=1,2"):
            told = _LINK.findall((await client.get(path)).headers["link"])
            assert "/static/charts.js" in dict(told) and "preload" not in dict(told).values()

    _with_api(asking, HERE)


@pytest.mark.parametrize("number", ["", "-1", "7>; rel=preload", "1" * 5000, "٣", "1\r\nx: y", "../settings"])
def test_no_other_page_and_no_other_number_tells_anything(number: str) -> None:
    async def asking(client: httpx.AsyncClient, _coach: ScriptedCoach, _channel: Channel) -> None:
        answer = await client.get("/sessions", params={"id": number})
        assert answer.status_code == 200 and "link" not in answer.headers
        for page in set(PAGES) - {"progress"}:
            assert "link" not in (await client.get(f"/{page}")).headers

    _with_api(asking, HERE)
