"""The house's API: what a session does, and wishes for it. OpenAPI at /api/openapi.json."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field

from treadcoach.app.house_messages import Picture
from treadcoach.core.errors import LinkError
from treadcoach.core.intents import REMOTE, IntentKind
from treadcoach.web.channel import Channel
from treadcoach.web.pairing import COOKIE, GOOD_FOR_S, Pairing

STATIC = Path(__file__).parent / "static"
QUIET_EVERY_S = 1.0
"""So often a live stream says something, also when nothing changes: the page tells a dead link by it."""
PRIVATE = ("heart_rate_bpm", "heart_rate_doubt", "cadence_spm", "form", "runner")
"""What of a snapshot only a paired device sees."""
KEY = "If the belt runs: use its console, or pull the safety key."


class IntentBody(BaseModel):
    """A wish of the person at the treadmill. amount: km/h for speed, % for incline."""

    model_config = ConfigDict(extra="forbid")
    kind: IntentKind
    amount: float = Field(default=0.0, ge=-5, le=5, allow_inf_nan=False)


class SessionBody(BaseModel):
    """Today's session of the plan, a workout in words or by name, or neither: a guided walk."""

    model_config = ConfigDict(extra="forbid")
    today: bool = False
    workout: str | None = Field(default=None, max_length=4000)


class PinBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    pin: str = Field(max_length=12)


def make_api(channel: Channel, pairing: Pairing) -> FastAPI:
    """The application, without the gatekeeper around it."""
    api = FastAPI(title="treadcoach", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")

    def paired(request: Request) -> bool:
        # Somebody in between, on this computer, does not make a stranger a person at it.
        forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
        address = "unknown" if forwarded else _address(request)
        return pairing.is_paired(request.cookies.get(COOKIE), address)

    def must_be_paired(request: Request) -> None:
        if not paired(request):
            raise HTTPException(401, "Pair this device first: type the PIN that the terminal shows.")

    @api.exception_handler(LinkError)
    async def gone(_request: Request, error: LinkError) -> JSONResponse:
        return JSONResponse({"detail": f"{error}. {KEY}"}, status_code=503)

    async def wish(request: Request, kind: IntentKind, amount: float = 0.0) -> dict[str, bool]:
        refused = await channel.wish(kind, f"a page ({_address(request)})"[:60], amount)
        if refused is not None:
            raise HTTPException(409, refused)
        return {"done": True}

    @api.get("/api/state")
    async def state(request: Request) -> dict[str, Any]:
        """The picture of now, and whether this device is paired."""
        return _shown(channel.latest, paired(request))

    @api.get("/api/live", response_class=StreamingResponse)
    async def live(request: Request) -> StreamingResponse:
        """Pictures as server-sent events: after every change, at every tick, and at least every second."""
        return StreamingResponse(_events(channel, paired(request)), media_type="text/event-stream")

    @api.post("/api/stop")
    async def stop(request: Request) -> dict[str, bool]:
        """Stop the belt. Needs no pairing; asking twice does no harm."""
        return await wish(request, IntentKind.STOP)

    @api.post("/api/pause")
    async def pause(request: Request) -> dict[str, bool]:
        """Pause: the belt stops, the session can go on. Needs no pairing."""
        return await wish(request, IntentKind.PAUSE)

    @api.post("/api/unwell")
    async def unwell(request: Request) -> dict[str, bool]:
        """Feeling unwell: the belt stops for good. Needs no pairing."""
        return await wish(request, IntentKind.UNWELL)

    @api.post("/api/intent")
    async def intent(request: Request, body: Annotated[IntentBody, Body()]) -> dict[str, bool]:
        """Any wish. What only slows or stops needs no pairing."""
        if body.kind not in REMOTE:
            must_be_paired(request)
        return await wish(request, body.kind, body.amount)

    @api.post("/api/session", dependencies=[Depends(must_be_paired)])
    async def session(body: Annotated[SessionBody, Body()]) -> dict[str, bool]:
        """Connect for a session. Nothing moves by this: the person at the treadmill starts it."""
        refused = await channel.prepare(today=body.today, workout=body.workout)
        if refused is not None:
            raise HTTPException(409, refused)
        return {"done": True}

    @api.post("/api/pair")
    async def pair(request: Request, response: Response, body: Annotated[PinBody, Body()]) -> dict[str, bool]:
        """Pair this device with the PIN that the terminal shows."""
        if (wait_s := pairing.wait_s()) > 0:
            minutes = round(wait_s / 60 + 0.5)
            raise HTTPException(429, f"Too many wrong PINs; again in {minutes} min.")
        cookie = pairing.pair(body.pin, _address(request))
        if cookie is None:
            raise HTTPException(403, "This is not the PIN.")
        response.set_cookie(COOKIE, cookie, max_age=GOOD_FOR_S, httponly=True, samesite="strict")
        return {"done": True}

    @api.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    api.mount("/static", StaticFiles(directory=STATIC), name="static")
    return api


async def _events(channel: Channel, may_see_all: bool) -> AsyncIterator[bytes]:
    async with channel.follow() as queue:
        while not channel.gone.is_set():
            try:
                async with asyncio.timeout(QUIET_EVERY_S):
                    picture = await queue.get()
            except TimeoutError:
                picture = channel.latest
            yield b"data: " + JSONResponse(_shown(picture, may_see_all)).body + b"\n\n"


def _shown(picture: Picture, may_see_all: bool) -> dict[str, Any]:
    out = picture.model_dump(exclude={"type"}) | {"paired": may_see_all}
    if not may_see_all and out["snapshot"] is not None:
        out["snapshot"] = {k: None if k in PRIVATE else v for k, v in out["snapshot"].items()}
    return out


def _address(request: Request) -> str:
    return "unknown" if request.client is None else request.client.host
