"""The typed messages of the local socket: one JSON object a line, in both directions."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from treadcoach.core.intents import IntentKind

MAX_LINE = 4096


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskStatus(_Message):
    """One snapshot, please."""

    type: Literal["status"]


class Follow(_Message):
    """A snapshot after every tick, until one side hangs up. A slow reader loses old ones."""

    type: Literal["follow"]


class Wish(_Message):
    """A person's intent. From here only what slows or stops is taken."""

    type: Literal["intent"]
    kind: IntentKind
    source: str = Field(min_length=1, max_length=60)


Request = Annotated[AskStatus | Follow | Wish, Field(discriminator="type")]
request_adapter: TypeAdapter[AskStatus | Follow | Wish] = TypeAdapter(Request)


class SnapshotReply(_Message):
    type: Literal["snapshot"] = "snapshot"
    snapshot: dict[str, Any] | None
    """None: the coach is still connecting."""


class Done(_Message):
    """It was taken. linked: False while the treadmill cannot be reached."""

    type: Literal["done"] = "done"
    linked: bool = True


class Refused(_Message):
    type: Literal["refused"] = "refused"
    reason: str


Reply = SnapshotReply | Done | Refused
reply_adapter: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="type")])
