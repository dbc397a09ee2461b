"""The log of a home, and what is sent beside it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID, uuid4

from pydantic import ConfigDict, Field

from pantry_pixie.operations import HOME, ClientT, Id, Model, Page, Resource, operation


class Actor(Model):
    """The member or the agent who did it."""

    user: UUID | None
    agent: UUID | None


class Event(Model):
    """`changes` are the old and the new value of each field."""

    seq: int
    type: str
    actor: Actor
    at: datetime
    data: dict[str, Any]
    changes: dict[str, Any] = {}
    op_id: UUID | None = None


class EphemeralEvent(Model):
    """A frame that is not in the log: presence, typing, or a piece of an unfinished answer (`message_delta`)."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str


class HiddenEvent(Model):
    """An event that the user may not read."""

    seq: int


class EventPage(Model):
    """`seq` is the newest number of the home's log."""

    results: list[Event | HiddenEvent]
    seq: int
    next: str | None

    @property
    def events(self) -> list[Event]:
        """The events that the user may read."""
        return [event for event in self.results if isinstance(event, Event)]


class AuditedEvent(Event):
    """`origin` is the interface it came through; `meant_at` is when an offline change was made."""

    origin: str
    meant_at: datetime | None = None


class LogFinding(Model):
    """A fault of the events from `first` to `last`."""

    kind: str
    first: int
    last: int
    message: str


class LogCheck(Model):
    """`results` are empty if everything is as it was recorded; `head` is the number and hash of the last event."""

    results: list[LogFinding]
    head: str
    seq: int
    next: str | None


class OfflineChange(Model):
    """`kind` determines what `data` has (docs/offline.md), `seen` is the version of the entry that was displayed."""

    op_id: UUID = Field(default_factory=uuid4)
    kind: str
    meant_at: datetime
    seen: int | None = None
    data: dict[str, Any]


class OfflineResult(Model):
    """`lost` are the fields that somebody else changed, `message` says so in words."""

    op_id: UUID
    outcome: Literal["done", "overtaken", "refused", "failed"]
    message: str
    seq: int
    lost: list[str]


class OfflineResults(Model):
    """One for each change that was made, in the same order. After a message over the rate limit, the rest has none:
    send it again."""

    results: list[OfflineResult]


class Happening(Model):
    """An event as a sentence, in the language of the request. Later changes may prevent an undo that `can_undo`."""

    seq: int
    type: str
    kind: str
    who: str
    text: str
    at: datetime
    origin: str
    op_id: UUID | None
    can_undo: bool
    is_undone: bool


class ActivityQuery(TypedDict, total=False):
    """`member` is the id of a user, `kind` one of chat, expenses, home, items, lists and pixie, `before` a number."""

    member: Id
    kind: str
    day: date | str
    before: int
    limit: int


class Events(Resource[ClientT], path=HOME):
    """Events after a number, in order, at most 1,000; what happened, as sentences; the audit log, newest first, and a
    check of 2,000 events for changes past the application (owners only). `undo` returns the
    events that undid one, or all of your operation `op_id`. `sync` sends up to 100 changes that were made offline, in
    order. Its `now` is the clock that `meant_at` was read from, and an `op_id` is applied once, however often it is
    sent."""

    @operation("GET", "/events", EventPage)
    def list(self, home: Id, *, after: int = ..., limit: int = ...) -> None: ...
    @operation("POST", "/undo", EventPage)
    def undo(self, home: Id, seq: int = ..., *, op_id: Id = ...) -> None: ...
    @operation("POST", "/intents", OfflineResults)
    def sync(self, home: Id, now: datetime, intents: Sequence[OfflineChange], *, by: Id = ...) -> None: ...
    @operation("GET", "/activity", Page[Happening])
    def activity(self, home: Id, **query: Unpack[ActivityQuery]) -> None: ...
    @operation("GET", "/audit", Page[AuditedEvent])
    def audit(self, home: Id, *, before: int = ..., limit: int = ...) -> None: ...
    @operation("GET", "/log-check", LogCheck)
    def check(self, home: Id, *, after: int = ...) -> None: ...
