"""Where finished sessions' files go, and how it went. Set in config.toml alone: a page runs nothing."""

from typing import Any

from fastapi import APIRouter

from treadcoach.app.desk import Desk
from treadcoach.app.handing_on import HandingOn


def router(desk: Desk) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/files", tags=["data"])
    def files() -> dict[str, Any]:
        """The folder, whether there is a command, and each try."""
        return HandingOn(desk).state()

    return routes
