"""Schemas of channel and message events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from homes.events.queries import JOINED, LEFT
from homes.events.schemas import EventData, Snapshot, event, row_event


@row_event("channel", "channel_created", "channel_updated")
class ChannelSnapshot(Snapshot):
    id: UUID
    name: str
    kind: str
    topic: str
    title: str
    archived_at: datetime | None


@row_event("message", "chat_message", "message_edited", "message_deleted")
class MessageSnapshot(Snapshot):
    id: UUID
    channel_id: UUID
    parent_id: UUID | None
    author_user_id: UUID | None
    author_agent_id: UUID | None
    author_name: str = ""
    body: str
    state: str
    version: int
    edited_at: datetime | None
    deleted_at: datetime | None
    metadata: dict[str, Any]


@event(JOINED, LEFT)
class ChannelMemberEvent(EventData):
    """A user or an agent joined or left the channel; exactly one of the ids is set."""

    channel_id: UUID
    user_id: UUID | None = None
    agent_id: UUID | None = None


@event("reaction_added", "reaction_removed")
class ReactionEvent(EventData):
    channel_id: UUID
    message_id: UUID
    emoji: str
    user_id: UUID | None = None
    agent_id: UUID | None = None
    name: str = ""
