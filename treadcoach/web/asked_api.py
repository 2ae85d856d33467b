"""Requests of somebody who is not at the treadmill: the person who drives does them, or does not."""

from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Request
from pydantic import BaseModel, ConfigDict

from treadcoach.app.asked import AskedDesk
from treadcoach.app.channel import Channel
from treadcoach.core.intents import IntentKind
from treadcoach.web.access import Access, address_of


class AnswerBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: int
    confirmed: bool


def router(channel: Channel, access: Access, asked: AskedDesk) -> APIRouter:
    routes = APIRouter()

    @routes.post("/api/asked", tags=["session"])
    async def answer(request: Request, body: Annotated[AnswerBody, Body()]) -> dict[str, bool]:
        """Do what somebody else asked for, or do not. A start is never done by this: hold the button."""
        access.must_drive(request)
        wanted = asked.open
        if wanted is None or wanted.id != body.id:
            raise HTTPException(409, "This request is not open any more.")
        if body.confirmed and wanted.kind is IntentKind.START:
            raise HTTPException(409, "A belt is started by holding the button.")
        if body.confirmed:
            source = f"a page ({address_of(request)}), asked by {wanted.source}"[:60]
            refused = await channel.wish(wanted.kind, source, wanted.amount)
            if refused is not None:
                raise HTTPException(409, refused)
        asked.answer(body.id, confirmed=body.confirmed)
        return {"done": True}

    return routes
