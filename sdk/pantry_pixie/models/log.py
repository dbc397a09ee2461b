"""The log, and what is sent along."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from pydantic import ConfigDict, Field

from pantry_pixie.models.base import Row

Outcome = Literal["done", "overtaken", "refused", "failed"]


class Actor(Row):
    """The member or the agent who did it."""

    user: UUID | None
    agent: UUID | None


class Event(Row):
    """What happened, the `seq`-th thing in its home. `changes` is field → [old, new]."""

    seq: int
    type: str
    actor: Actor
    at: datetime
    data: dict[str, Any]
    changes: dict[str, Any] = {}
    op_id: UUID | None = None


class Passing(Row):
    """What is not in the log: who comes and goes, who types, an answer as it is being written (`message_delta`)."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str


class Hidden(Row):
    """Something happened where one may not look."""

    seq: int


class EventPage(Row):
    """`seq` is the newest number of the home's log."""

    results: list[Event | Hidden]
    seq: int
    next: str | None

    @property
    def events(self) -> list[Event]:
        """What one may read of it."""
        return [event for event in self.results if isinstance(event, Event)]


class AuditedEvent(Event):
    """`origin` is where it came in: the browser, the API, … `meant_at` is when it was done, where that was without a
    signal and before it came in."""

    origin: str
    meant_at: datetime | None = None


class Intent(Row):
    """Something done without a signal. `data` is what its `kind` takes (docs/offline.md); `seen` is the version of the
    entry that was looked at."""

    op_id: UUID = Field(default_factory=uuid4)
    kind: str
    meant_at: datetime
    seen: int | None = None
    data: dict[str, Any]


class IntentResult(Row):
    """`lost` names the fields on which something else stands, `message` says so in words."""

    op_id: UUID
    outcome: Outcome
    message: str
    seq: int
    lost: list[str]


class IntentResults(Row):
    """One for each intent, in the same order."""

    results: list[IntentResult]
