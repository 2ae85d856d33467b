"""Sessions that were run, and how things develop, for a paired device."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from treadcoach.app.agenda import Agenda
from treadcoach.app.days import parse_day
from treadcoach.app.desk import Desk
from treadcoach.app.exporting import export
from treadcoach.app.views import session as sessions_view
from treadcoach.app.views.guidance import guidance as guidance_view
from treadcoach.app.views.progress import progress as progress_view

MEDIA = {
    "fit": "application/vnd.ant.fit",
    "tcx": "application/vnd.garmin.tcx+xml",
    "csv": "text/csv; charset=utf-8",
}
Number = Annotated[int, Path(ge=1, le=2**31)]


def router(desk: Desk, agenda: Agenda) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/sessions", tags=["review"])
    def sessions(
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
        words: Annotated[str, Query(max_length=100)] = "",
        state: Annotated[str, Query(max_length=20)] = "",
        since: Annotated[str, Query(max_length=10)] = "",
    ) -> dict[str, Any]:
        """The newest sessions that fit, and totals of all that fit."""
        day = parse_day(since, date.today()) if since else None
        return sessions_view.sessions(desk, limit, words, state, day)

    @routes.get("/api/sessions/{number}", tags=["review"], response_class=JSONResponse)
    def session(number: Number) -> JSONResponse:
        """One session: figures, curves of at most 1000 points, phases, events, and every why of the belt."""
        # As it is: to look for what JSON does not know takes as long as all the rest.
        return JSONResponse(sessions_view.session(desk, number))

    @routes.get("/api/sessions/{number}/file.{kind}", tags=["review"], response_class=Response)
    def file(number: Number, kind: Annotated[str, Path(max_length=5)]) -> Response:
        """The session for another program: fit, tcx, or csv with a line a second."""
        data = export(desk, number, kind)
        headers = {"content-disposition": f'attachment; filename="treadcoach-{number}.{kind}"'}
        return Response(data, media_type=MEDIA[kind], headers=headers)

    @routes.delete("/api/sessions/{number}", tags=["review"])
    def delete(number: Number) -> dict[str, bool]:
        """Delete a session for good; it no longer counts for the weekly ceiling."""
        sessions_view.delete(desk, number)
        agenda.changed()
        return {"done": True}

    @routes.get("/api/progress", tags=["review"])
    def progress(weeks: Annotated[int, Query(ge=4, le=260)] = 16) -> dict[str, Any]:
        """Week by week: distance, time, speeds held under their ceilings; pulse, form, pain, screens."""
        return progress_view(desk, weeks, date.today())

    @routes.get("/api/guidance", tags=["guidance"])
    def guidance() -> dict[str, Any]:
        """Every rule and threshold with its source and evidence, and what a sensor cannot see."""
        return guidance_view(desk)

    return routes
