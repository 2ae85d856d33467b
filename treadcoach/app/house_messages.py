"""The typed messages between the coach's process and the house (pages, and later messages of a broker).

One JSON object a line over a pair of sockets that only these two processes hold.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from treadcoach.core.intents import IntentKind

MAX_LINE = 65_536
PIN, SECRET = "TREADCOACH_PIN", "TREADCOACH_SECRET"
"""Handed over in the environment, so that no list of processes shows them."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HouseWish(_Message):
    """A person's intent. The house answers for who may ask for it."""

    type: Literal["intent"] = "intent"
    id: int
    kind: IntentKind
    source: str = Field(min_length=1, max_length=60)
    amount: float = Field(default=0.0, ge=-5, le=25, allow_inf_nan=False)


class Preparation(_Message):
    """What is to be run: today's of the plan, a workout in words or by name, or neither: a guided walk.

    incline and warm_up carry their units, '1 %' and '8 min'; None: as the guidance has them.
    """

    today: bool = False
    workout: str | None = Field(default=None, max_length=4000)
    incline: str | None = Field(default=None, max_length=20)
    warm_up: str | None = Field(default=None, max_length=20)
    stretch_break: bool = False


class HousePrepare(_Message):
    """Connect for a session; nothing moves by this."""

    type: Literal["prepare"] = "prepare"
    id: int
    what: Preparation


class HouseLook(_Message):
    """Listen which devices are there; the next pictures have them."""

    type: Literal["look"] = "look"
    id: int


class Heard(_Message):
    """One device that was heard. known: it is one that the owner chose."""

    name: str
    address: str
    kind: str
    rssi_dbm: int
    offers: list[str]
    known: bool


class Answer(_Message):
    """To one request. refused None: done."""

    type: Literal["answer"] = "answer"
    id: int
    refused: str | None = None


class Picture(_Message):
    """After every change and every tick."""

    type: Literal["picture"] = "picture"
    state: str
    message: str
    session_id: int | None
    snapshot: dict[str, Any] | None
    simulated: bool = False
    heard: list[Heard] | None = None
    """None: nobody has listened yet."""


FromHouse = Annotated[HouseWish | HousePrepare | HouseLook, Field(discriminator="type")]
from_house: TypeAdapter[HouseWish | HousePrepare | HouseLook] = TypeAdapter(FromHouse)
to_house: TypeAdapter[Answer | Picture] = TypeAdapter(
    Annotated[Answer | Picture, Field(discriminator="type")]
)
