"""The owner's settings and data, for a paired device."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from treadcoach.app import journal_copies as copies
from treadcoach.app import settings as own
from treadcoach.app.agenda import Agenda
from treadcoach.app.channel import Channel
from treadcoach.app.desk import Desk
from treadcoach.core.errors import InputError

MOST_COPY_OCTETS = 4 * 1024**3
DELETE_WORD = "delete everything"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RunnerBody(_Body):
    """Fields of config.toml's runner to change, as people write them; null: back to the default."""

    changes: dict[str, str | int | bool | None] = Field(max_length=20)


class LimitBody(_Body):
    """A tighter number; null: back to the documents' own."""

    name: str = Field(max_length=60)
    value: float | None = Field(allow_inf_nan=False)


class DevicesBody(_Body):
    """By address or a part of the name; straps as NAME, NAME@chest or NAME@hip."""

    treadmill: str | None = Field(default=None, max_length=100)
    straps: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=3)
    takes_mph: bool = False


class DeleteBody(_Body):
    confirm: str = Field(max_length=40)


def router(desk: Desk, agenda: Agenda, channel: Channel) -> APIRouter:
    routes = APIRouter()

    def must_be_idle(what: str) -> None:
        if channel.latest.state != "idle":
            raise HTTPException(409, f"{what}: not while there is a session. End it first.")

    @routes.get("/api/settings", tags=["settings"])
    def settings() -> dict[str, Any]:
        """The runner, limits that may be tightened, known devices, and where things are kept."""
        return own.settings(desk)

    @routes.patch("/api/settings/runner", tags=["settings"])
    def runner(body: Annotated[RunnerBody, Body()]) -> dict[str, Any]:
        """Change the runner; the next session counts with it."""
        own.write_runner(desk, body.changes)
        agenda.changed()
        return own.settings(desk)

    @routes.put("/api/settings/limit", tags=["settings"])
    def limit(body: Annotated[LimitBody, Body()]) -> dict[str, Any]:
        """Tighten one number of the guidance. One that would loosen a limit is refused."""
        own.write_limit(desk, body.name, body.value)
        return own.settings(desk)

    @routes.put("/api/settings/devices", tags=["devices"])
    def devices(body: Annotated[DevicesBody, Body()]) -> dict[str, Any]:
        """Which devices are meant from now on."""
        own.write_devices(desk, own.KnownDevices(body.treadmill, tuple(body.straps), body.takes_mph))
        return own.settings(desk)

    @routes.get("/api/backup", tags=["data"], response_class=FileResponse)
    def backup() -> FileResponse:
        """The whole journal as one file, consistent also while a session runs."""
        folder = Path(tempfile.mkdtemp(prefix="treadcoach-"))
        path = folder / "treadcoach-journal.db"
        copies.copy_out(desk, path)

        def tidy() -> None:
            path.unlink()
            folder.rmdir()

        return FileResponse(
            path, filename=path.name, media_type="application/vnd.sqlite3", background=BackgroundTask(tidy)
        )

    @routes.put("/api/backup", tags=["data"])
    async def restore(request: Request) -> dict[str, bool]:
        """Put a copy in the journal's place, whole or not at all. The body is the file."""
        must_be_idle("restore")
        with tempfile.TemporaryDirectory(prefix="treadcoach-") as folder:
            path = Path(folder) / "copy.db"
            await _keep(request.stream(), path)
            must_be_idle("restore")
            await run_in_threadpool(copies.copy_in, desk, path)
        agenda.changed()
        return {"done": True}

    @routes.post("/api/delete", tags=["data"])
    def delete(body: Annotated[DeleteBody, Body()]) -> dict[str, bool]:
        """Delete every session and everything that was said. Settings stay."""
        must_be_idle("delete")
        if body.confirm != DELETE_WORD:
            raise InputError("confirm", body.confirm, f"'{DELETE_WORD}'")
        copies.empty(desk)
        agenda.changed()
        return {"done": True}

    return routes


async def _keep(stream: AsyncIterator[bytes], path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        async for part in stream:
            size += len(part)
            if size > MOST_COPY_OCTETS:
                raise InputError("copy", f"more than {size} octets", f"at most {MOST_COPY_OCTETS}")
            await run_in_threadpool(file.write, part)
