"""The broker's settings, for a paired device. Its password goes in and never comes out."""

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from treadcoach.app.broker import broker_fields, write_broker
from treadcoach.app.desk import Desk
from treadcoach.core.errors import InputError


class BrokerState(Protocol):
    """How messages over a broker stand, and word of changed settings."""

    @property
    def status(self) -> str: ...
    def changed(self) -> None: ...


class BrokerBody(BaseModel):
    """Fields of config.toml's mqtt to change; null: back to the default. password '': delete it."""

    model_config = ConfigDict(extra="forbid")
    changes: dict[str, str | int | bool | None] = Field(max_length=12)
    password: str | None = Field(default=None, max_length=500)


def router(desk: Desk, broker: BrokerState) -> APIRouter:
    routes = APIRouter()

    def shown() -> dict[str, Any]:
        return broker_fields(desk) | {"status": broker.status}

    @routes.get("/api/settings/mqtt", tags=["settings"])
    def now() -> dict[str, Any]:
        """The broker, whether a password is kept, and how the link stands."""
        return shown()

    @routes.put("/api/settings/mqtt", tags=["settings"])
    async def change(body: Annotated[BrokerBody, Body()]) -> dict[str, Any]:
        """Change the broker; the link is made anew with it."""
        if "ca_file" in body.changes:
            raise InputError(
                "ca_file", "a path", "a line in config.toml: pages name no files of this computer"
            )
        await run_in_threadpool(write_broker, desk, body.changes, body.password)
        broker.changed()
        return await run_in_threadpool(shown)

    return routes
