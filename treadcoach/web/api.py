"""The house's application: its routers, its errors in words, and the pages. OpenAPI at /api/openapi.json."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from treadcoach.app.agenda import Agenda
from treadcoach.app.asked import AskedDesk
from treadcoach.app.channel import Channel
from treadcoach.app.desk import Desk
from treadcoach.core.errors import InputError, LinkError, NoSessionToday, StoreError
from treadcoach.web import (
    asked_api,
    broker_api,
    files_api,
    pairing_page,
    review_api,
    session_api,
    settings_api,
    training_api,
)
from treadcoach.web.access import Access
from treadcoach.web.ahead import Ahead
from treadcoach.web.pairing import Pairing

STATIC = Path(__file__).parent / "static"
PAGES = ("today", "live", "exercises", "sessions", "progress", "plan", "guidance", "settings")
"""Each has a file of its name in static/; 'today' is also at the top."""
KEY = "If the belt runs: use its console, or pull the safety key."


@dataclass(frozen=True, slots=True)
class Parts:
    """What the pages share with the rest of the house. address: where other devices find the pages."""

    channel: Channel
    desk: Desk
    agenda: Agenda
    asked: AskedDesk
    broker: broker_api.BrokerState
    address: str = ""


def make_api(parts: Parts, pairing: Pairing) -> FastAPI:
    """The application, without the gatekeeper around it."""
    api = FastAPI(title="treadcoach", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    access = Access(pairing)
    channel, desk, agenda = parts.channel, parts.desk, parts.agenda

    _say_errors(api)

    guarded = [Depends(access.must_be_paired)]
    api.include_router(session_api.router(channel, access, agenda, parts.asked, desk.places.treadmill))
    api.include_router(training_api.router(desk, agenda), dependencies=guarded)
    api.include_router(review_api.router(desk, agenda), dependencies=guarded)
    api.include_router(settings_api.router(desk, agenda, channel), dependencies=guarded)
    api.include_router(asked_api.router(channel, access, parts.asked), dependencies=guarded)
    api.include_router(files_api.router(desk), dependencies=guarded)
    api.include_router(broker_api.router(desk, parts.broker), dependencies=guarded)
    api.include_router(pairing_page.router(pairing, parts.address), dependencies=guarded)
    _pages(api, access)
    return api


def _say_errors(api: FastAPI) -> None:
    """Errors as {"detail": words}: whose fault it is decides the status."""

    @api.exception_handler(LinkError)
    async def gone(_request: Request, error: LinkError) -> JSONResponse:
        return JSONResponse({"detail": f"{error}. {KEY}"}, status_code=503)

    @api.exception_handler(InputError)
    async def refused(_request: Request, error: InputError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=422)

    @api.exception_handler(NoSessionToday)
    async def not_today(_request: Request, error: NoSessionToday) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409)

    @api.exception_handler(StoreError)
    async def not_stored(_request: Request, error: StoreError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=500)


def _pages(api: FastAPI, access: Access) -> None:
    # ECharts as NiceGUI carries it: its files are served, the package is not imported.
    carrier = find_spec("nicegui")
    assert carrier is not None and carrier.origin is not None
    charts = Path(carrier.origin).parent / "elements" / "echart" / "dist"
    ahead = Ahead({"/static/echarts/": charts, "/static/": STATIC})

    def page(name: str) -> Callable[[Request], FileResponse]:
        def answer(request: Request) -> FileResponse:
            response = FileResponse(STATIC / f"{name}.html", headers={"cache-control": "no-cache"})
            if link := ahead.link(name, request.query_params):
                response.headers["link"] = link
            access.give_seat(request, response)
            return response

        return answer

    api.add_api_route("/", page("today"), include_in_schema=False)
    for name in PAGES:
        api.add_api_route(f"/{name}", page(name), include_in_schema=False)
    api.mount("/static/echarts", StaticFiles(directory=charts), name="echarts")
    api.mount("/static", StaticFiles(directory=STATIC), name="static")
