"""What is said in a home."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pantry_pixie.models.base import Row

ChannelKind = Literal["public", "private", "dm", "assistant"]
MessageState = Literal["pending", "streaming", "complete", "error", "aborted"]


class Channel(Row):
    id: UUID
    name: str
    kind: ChannelKind
    topic: str
    title: str
    is_system: bool
    archived_at: datetime | None
    created_at: datetime
    read_seq: int
    unread: int


class ChannelMember(Row):
    user_id: UUID | None
    agent_id: UUID | None
    name: str


class Reaction(Row):
    emoji: str
    count: int
    by: list[UUID]
    names: list[str] = []


class Message(Row):
    id: UUID
    channel_id: UUID
    parent_id: UUID | None
    seq: int
    author: Literal["user", "pixie"]
    author_id: UUID | None
    author_name: str = ""
    content: str
    state: MessageState
    version: int
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    replies: int
    reactions: list[Reaction]
    metadata: dict[str, Any]
