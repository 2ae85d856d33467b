"""A session as pages see it, and what may be wished of it: by anybody, by who is paired, by who drives."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Annotated, Any, Self

from fastapi import APIRouter, Body, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from treadcoach.app.agenda import Agenda
from treadcoach.app.asked import AskedDesk
from treadcoach.app.channel import Channel
from treadcoach.app.house_messages import Picture, Preparation
from treadcoach.core.intents import REMOTE, IntentKind
from treadcoach.web.access import Access, address_of
from treadcoach.web.pairing import COOKIE, GOOD_FOR_S

QUIET_EVERY_S = 1.0
"""So often a live stream says something, also when nothing changes: the page tells a dead link by it."""
MOST_AT_ONCE = 5.0
PRIVATE = ("heart_rate_bpm", "heart_rate_doubt", "cadence_spm", "form", "runner")
"""What of a snapshot only a paired device sees."""


class IntentBody(BaseModel):
    """A wish of the person at the treadmill. amount: km/h for speed, % for incline."""

    model_config = ConfigDict(extra="forbid")
    kind: IntentKind
    amount: float = Field(default=0.0, ge=-5, le=25, allow_inf_nan=False)

    @model_validator(mode="after")
    def _within_reach(self) -> Self:
        """A change is a small one; only an incline that is stated may be large."""
        if self.kind is not IntentKind.INCLINE_IS and self.amount > MOST_AT_ONCE:
            raise ValueError(f"amount: at most {MOST_AT_ONCE:g} at once")
        return self


class PinBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    pin: str = Field(max_length=12)


def router(
    channel: Channel, access: Access, agenda: Agenda, asked: AskedDesk, treadmill: str = ""
) -> APIRouter:
    """treadmill: in a practice its name, so that nobody takes one tablet for another."""
    routes = APIRouter()
    must_be_paired = [Depends(access.must_be_paired)]

    async def wish(request: Request, kind: IntentKind, amount: float = 0.0) -> dict[str, bool]:
        refused = await channel.wish(kind, f"a page ({address_of(request)})"[:60], amount)
        if refused is not None:
            raise HTTPException(409, refused)
        return {"done": True}

    def picture(request: Request) -> dict[str, Any]:
        if channel.latest.state == "idle":
            access.leave()
        shown = _shown(channel.latest, access.is_paired(request))
        may_see = shown["paired"]
        return shown | {
            "driver": access.driver(request),
            "treadmill": treadmill,
            "due": agenda.due if may_see else None,
            "asked": asdict(asked.open) if may_see and asked.open is not None else None,
        }

    @routes.get("/api/state", tags=["session"])
    async def state(request: Request, response: Response) -> dict[str, Any]:
        """The picture of now, and whether this device is paired and drives."""
        access.give_seat(request, response)
        return picture(request)

    @routes.get("/api/live", tags=["session"], response_class=StreamingResponse)
    async def live(request: Request) -> StreamingResponse:
        """Pictures as server-sent events: after every change, at every tick, and at least every second."""
        events = _events(channel, lambda: picture(request))
        return StreamingResponse(events, media_type="text/event-stream")

    @routes.post("/api/stop", tags=["session"])
    async def stop(request: Request) -> dict[str, bool]:
        """Stop the belt. Needs no pairing; asking twice does no harm."""
        return await wish(request, IntentKind.STOP)

    @routes.post("/api/pause", tags=["session"])
    async def pause(request: Request) -> dict[str, bool]:
        """Pause: the belt stops, the session can go on. Needs no pairing."""
        return await wish(request, IntentKind.PAUSE)

    @routes.post("/api/unwell", tags=["session"])
    async def unwell(request: Request) -> dict[str, bool]:
        """Feeling unwell: the belt stops for good. Needs no pairing."""
        return await wish(request, IntentKind.UNWELL)

    @routes.post("/api/intent", tags=["session"])
    async def intent(request: Request, body: Annotated[IntentBody, Body()]) -> dict[str, bool]:
        """Any wish. What only slows or stops needs no pairing; the rest needs it, and the driver's seat."""
        if body.kind not in REMOTE:
            access.must_be_paired(request)
            access.must_drive(request)
        return await wish(request, body.kind, body.amount)

    @routes.post("/api/drive", tags=["session"], dependencies=must_be_paired)
    async def drive(request: Request) -> dict[str, bool]:
        """Take the driver's seat."""
        access.take(request)
        return {"done": True}

    @routes.post("/api/session", tags=["session"], dependencies=must_be_paired)
    async def session(request: Request, body: Annotated[Preparation, Body()]) -> dict[str, bool]:
        """Connect for a session. Nothing moves by this: the person at the treadmill starts it."""
        refused = await channel.prepare(body)
        if refused is not None:
            raise HTTPException(409, refused)
        access.take(request)
        return {"done": True}

    @routes.post("/api/look", tags=["devices"], dependencies=must_be_paired)
    async def look() -> dict[str, bool]:
        """Listen which devices are there; the next pictures have them."""
        refused = await channel.look()
        if refused is not None:
            raise HTTPException(409, refused)
        return {"done": True}

    _pairing(routes, access)
    return routes


def _pairing(routes: APIRouter, access: Access) -> None:
    @routes.post("/api/pair", tags=["pairing"])
    async def pair(request: Request, response: Response, body: Annotated[PinBody, Body()]) -> dict[str, bool]:
        """Pair this device with the PIN that the terminal shows."""
        if (wait_s := access.pairing.wait_s()) > 0:
            minutes = round(wait_s / 60 + 0.5)
            raise HTTPException(429, f"Too many wrong PINs; again in {minutes} min.")
        cookie = access.pairing.pair(body.pin, address_of(request))
        if cookie is None:
            raise HTTPException(403, "This is not the PIN.")
        response.set_cookie(COOKIE, cookie, max_age=GOOD_FOR_S, httponly=True, samesite="strict")
        return {"done": True}


async def _events(channel: Channel, picture: Callable[[], dict[str, Any]]) -> AsyncIterator[bytes]:
    async with channel.follow() as queue:
        while not channel.gone.is_set():
            try:
                async with asyncio.timeout(QUIET_EVERY_S):
                    await queue.get()
            except TimeoutError:
                pass
            yield b"data: " + JSONResponse(picture()).body + b"\n\n"


def _shown(picture: Picture, may_see_all: bool) -> dict[str, Any]:
    out = picture.model_dump(exclude={"type"}) | {"paired": may_see_all}
    if not may_see_all:
        out["heard"] = None
        if out["snapshot"] is not None:
            out["snapshot"] = {k: None if k in PRIVATE else v for k, v in out["snapshot"].items()}
    return out
