"""Today, check-ins, the plan, exercises and shoes, for a paired device. Nothing here moves a belt."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from treadcoach.app import decisions
from treadcoach.app.agenda import Agenda
from treadcoach.app.days import parse_days
from treadcoach.app.desk import Desk
from treadcoach.app.settings import delete_plan, plan_text, write_plan
from treadcoach.app.views import training as views
from treadcoach.core.errors import InputError
from treadcoach.core.times import parse_time

MOST_AHEAD_DAYS = 60


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CheckInBody(_Body):
    """What is said before or after a session; None: not said."""

    moment: str = Field(max_length=10)
    pain: int | None = Field(default=None, ge=0, le=10)
    effort: int | None = Field(default=None, ge=0, le=10)
    signs: list[str] = Field(default=[], max_length=10)
    where: str = Field(default="", max_length=200)
    sleep_h: float | None = Field(default=None, ge=0, le=24, allow_inf_nan=False)


class StartBody(_Body):
    """days as in 'mon,wed,fri', 'mon 18:30, sat 9:00' or 'daily'; from: today, tomorrow or a date."""

    plan: str = Field(max_length=60)
    days: str = Field(default="daily", max_length=200)
    start: str = Field(default="today", max_length=20)


class MoveBody(_Body):
    """session: WEEK.SESSION."""

    session: str = Field(max_length=10)
    to: str = Field(max_length=20)


class SkipBody(_Body):
    session: str = Field(max_length=10)


class PlanTextBody(_Body):
    text: str = Field(max_length=60_000)


class ScreenBody(_Body):
    id: str = Field(max_length=60)
    passed: bool
    note: str = Field(default="", max_length=200)


class ShoesBody(_Body):
    """ran: what the pair has run before, with its unit."""

    name: str = Field(max_length=60)
    ran: str | None = Field(default=None, max_length=20)


def router(desk: Desk, agenda: Agenda) -> APIRouter:  # noqa: PLR0915  # one short function a route
    routes = APIRouter()

    @routes.get("/api/today", tags=["today"])
    def today() -> dict[str, Any]:
        """The session of today and why, or why there is none; check-ins, screens, strength, shoes."""
        return views.today(desk, datetime.now())

    @routes.post("/api/checkin", tags=["today"])
    def check_in(body: Annotated[CheckInBody, Body()]) -> dict[str, Any]:
        """Write a check-in down; what follows from it for today."""
        if body.pain is None and body.effort is None and not body.signs and body.sleep_h is None:
            raise InputError("check-in", "nothing said", "pain, effort, a sign or hours slept")
        said = decisions.make_check_in(
            date.today(), body.moment, body.pain, body.effort, body.signs, body.where, body.sleep_h
        )
        ruling = decisions.check_in(desk.training(), said)
        agenda.changed()
        until = None if ruling.until is None else ruling.until.isoformat()
        return {"verdict": ruling.verdict.value, "reasons": list(ruling.reasons), "until": until}

    @routes.get("/api/exercises", tags=["exercises"])
    def exercises(which: Annotated[str, Query(alias="set", max_length=20)] = "last") -> dict[str, Any]:
        """A set: last (for the last session), before, after, strength or screens."""
        return views.exercises(desk, which)

    @routes.post("/api/strength", tags=["exercises"])
    def strength() -> dict[str, int]:
        """Strength was done today."""
        return {"this_week": decisions.strength_done(desk, date.today())}

    @routes.post("/api/screen", tags=["exercises"])
    def screen(body: Annotated[ScreenBody, Body()]) -> dict[str, bool]:
        """How a screen went today."""
        decisions.screen_done(desk, body.id, body.passed, body.note, date.today())
        return {"done": True}

    @routes.get("/api/shoes", tags=["today"])
    def shoes() -> list[dict[str, Any]]:
        """Pairs with what they have run."""
        return views.shoes(desk, desk.training())

    @routes.post("/api/shoes", tags=["today"])
    def add_shoes(body: Annotated[ShoesBody, Body()]) -> list[dict[str, Any]]:
        """A new pair."""
        decisions.add_shoes(desk, body.name, body.ran, date.today())
        return shoes()

    @routes.post("/api/shoes/retire", tags=["today"])
    def retire_shoes(body: Annotated[ShoesBody, Body()]) -> list[dict[str, Any]]:
        """A pair that is not run in any more."""
        decisions.retire_shoes(desk, body.name, date.today())
        return shoes()

    @routes.get("/api/plan", tags=["plan"])
    def plan(days: Annotated[int, Query(ge=1, le=MOST_AHEAD_DAYS)] = 28) -> dict[str, Any]:
        """The days ahead, each with a reason for every field."""
        return views.ahead(desk, date.today(), days)

    @routes.get("/api/plan/what-if", tags=["plan"])
    def what_if(
        plan: Annotated[str | None, Query(max_length=60)] = None,
        days: Annotated[str | None, Query(max_length=200)] = None,
    ) -> dict[str, Any]:
        """The next four weeks of another plan, or on other days. Changes nothing."""
        weekdays = None if days is None else parse_days(days).days
        return views.ahead(desk, date.today(), 28, {"plan": plan, "days": weekdays})

    @routes.post("/api/plan/start", tags=["plan"])
    def start(body: Annotated[StartBody, Body()]) -> dict[str, Any]:
        """Follow a plan."""
        decisions.start_plan(desk.training(), body.plan, body.days, body.start, date.today())
        agenda.changed()
        return views.ahead(desk, date.today(), 28)

    @routes.post("/api/plan/stop", tags=["plan"])
    def stop() -> dict[str, str]:
        """Follow no plan any more."""
        name = decisions.stop_plan(desk.training(), date.today())
        agenda.changed()
        return {"stopped": name}

    @routes.post("/api/plan/move", tags=["plan"])
    def move(body: Annotated[MoveBody, Body()]) -> dict[str, Any]:
        """Put a session on another day."""
        decisions.move_session(desk.training(), body.session, body.to, date.today())
        agenda.changed()
        return views.ahead(desk, date.today(), 28)

    @routes.post("/api/plan/skip", tags=["plan"])
    def skip(body: Annotated[SkipBody, Body()]) -> dict[str, Any]:
        """Leave a session out."""
        decisions.skip_session(desk.training(), body.session, date.today())
        agenda.changed()
        return views.ahead(desk, date.today(), 28)

    @routes.get("/api/plan.ics", tags=["plan"], response_class=Response)
    def plan_ics(at: Annotated[str, Query(max_length=5)] = "07:00") -> Response:
        """The next four weeks as a calendar file."""
        # A large library, and seldom needed: not before somebody asks.
        from treadcoach.app.calendar import calendar  # noqa: PLC0415 - only who asks for a calendar loads it

        data, _, _ = calendar(desk.training(), parse_time(at), None, datetime.now().astimezone(), 30)
        headers = {"content-disposition": 'attachment; filename="treadcoach.ics"'}
        return Response(data, media_type="text/calendar", headers=headers)

    @routes.get("/api/plans", tags=["plan"])
    def plans() -> list[dict[str, Any]]:
        """Every plan there is."""
        return views.plans(desk)

    @routes.get("/api/plans/{name}", tags=["plan"])
    def read_plan(name: str) -> dict[str, str]:
        """A plan's file."""
        return {"text": plan_text(desk, name)}

    @routes.put("/api/plans/{name}", tags=["plan"])
    def keep_plan(name: str, body: Annotated[PlanTextBody, Body()]) -> dict[str, bool]:
        """Keep a plan of one's own, after it was read whole."""
        write_plan(desk, name, body.text)
        agenda.changed()
        return {"done": True}

    @routes.delete("/api/plans/{name}", tags=["plan"])
    def drop_plan(name: str) -> dict[str, bool]:
        """Delete a plan of one's own."""
        delete_plan(desk, name)
        return {"done": True}

    return routes
