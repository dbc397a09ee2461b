"""Channels, messages, search, and threads with Pixie."""

from datetime import datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from pantry_pixie.groceries import Entry
from pantry_pixie.operations import HOME, ClientT, Id, Model, NamedRow, Page, Paging, Resource, Row, operation

SearchKind = Literal["message", "item", "task", "event"]


class Channel(NamedRow):
    kind: Literal["public", "private", "dm", "assistant"]
    topic: str
    title: str
    is_system: bool
    archived_at: datetime | None
    created_at: datetime
    read_seq: int
    unread: int


class ChannelMember(Model):
    user_id: UUID | None
    agent_id: UUID | None
    name: str


class Channels(Resource[ClientT], path=f"{HOME}/channels"):
    """Rooms, created by a `name`, and direct messages with the member `user_id`."""

    @operation("GET", "", Page[Channel])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Channel)
    def create(
        self, home: Id, name: str = ..., *, topic: str = ..., is_private: bool = ..., user_id: Id = ...
    ) -> None: ...
    @operation("GET", "/{channel}", Channel)
    def get(self, home: Id, channel: Id) -> None: ...
    @operation("PATCH", "/{channel}", Channel)
    def update(self, home: Id, channel: Id, *, name: str = ..., topic: str = ..., archived: bool = ...) -> None: ...
    @operation("POST", "/{channel}/join")
    def join(self, home: Id, channel: Id) -> None: ...
    @operation("POST", "/{channel}/leave")
    def leave(self, home: Id, channel: Id) -> None: ...
    @operation("POST", "/{channel}/read")
    def mark_read(self, home: Id, channel: Id, seq: int) -> None: ...
    @operation("GET", "/{channel}/members", Page[ChannelMember])
    def members(self, home: Id, channel: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "/{channel}/members")
    def add_member(self, home: Id, channel: Id, user_id: Id) -> None: ...


class Reaction(Model):
    emoji: str
    count: int
    by: list[UUID]
    names: list[str] = []


class Message(Row):
    channel_id: UUID
    parent_id: UUID | None
    seq: int
    author: Literal["user", "pixie"]
    author_id: UUID | None
    author_name: str = ""
    content: str
    state: Literal["pending", "streaming", "complete", "error", "aborted"]
    version: int
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    replies: int
    reactions: list[Reaction]
    metadata: dict[str, Any]


class Messages(Resource[ClientT], path=f"{HOME}/channels/{{channel}}/messages"):
    """Messages, newest first; replies, oldest first. A message is sent once for each `id`."""

    @operation("GET", "", Page[Message])
    def list(self, home: Id, channel: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Message)
    def send(self, home: Id, channel: Id, content: str, *, id: Id = ...) -> None: ...
    @operation("GET", "/{message}", Message)
    def get(self, home: Id, channel: Id, message: Id) -> None: ...
    @operation("PATCH", "/{message}", Message)
    def update(self, home: Id, channel: Id, message: Id, content: str, version: int) -> None: ...
    @operation("DELETE", "/{message}")
    def delete(self, home: Id, channel: Id, message: Id) -> None: ...
    @operation("GET", "/{message}/replies", Page[Message])
    def replies(self, home: Id, channel: Id, message: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "/{message}/replies", Message)
    def reply(self, home: Id, channel: Id, message: Id, content: str, *, id: Id = ...) -> None: ...
    @operation("POST", "/{message}/reactions", Message)
    def react(self, home: Id, channel: Id, message: Id, emoji: str) -> None: ...
    @operation("DELETE", "/{message}/reactions", Message)
    def unreact(self, home: Id, channel: Id, message: Id, emoji: str) -> None: ...


class SearchResult(Row):
    """`where` is a channel, an aisle, a project or a place."""

    kind: str
    excerpt: str
    where: str
    author: str
    at: datetime
    channel_id: UUID | None
    parent_id: UUID | None


class Thread(Row):
    agent_id: UUID
    title: str
    archived_at: datetime | None
    created_at: datetime


class ConfirmationResult(Model):
    """Pixie's answer, and the current list."""

    message: str
    list_items: list[Entry]


class Threads(Resource[ClientT], path=f"{HOME}/threads"):
    """One's threads with Pixie, newest first. Creating one of the same `title` returns that. Without `agent_id` it is
    with the first active agent."""

    @operation("GET", "", Page[Thread])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Thread)
    def create(self, home: Id, *, title: str = ..., agent_id: Id | None = ...) -> None: ...
    @operation("GET", "/{thread}", Thread)
    def get(self, home: Id, thread: Id) -> None: ...
    @operation("PATCH", "/{thread}", Thread)
    def update(self, home: Id, thread: Id, *, title: str = ..., archived: bool = ...) -> None: ...
    @operation("GET", "/{thread}/messages", Page[Message])
    def messages(self, home: Id, thread: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "/{thread}/messages", Message)
    def send(self, home: Id, thread: Id, content: str, *, id: Id = ...) -> None: ...
    @operation("POST", "/{thread}/messages/{message}/confirm", ConfirmationResult)
    def confirm(self, home: Id, thread: Id, message: Id, confirm: bool) -> None: ...
