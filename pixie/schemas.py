"""What the events of agents say, of their memory, and of the language model behind them: never a key."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from homes.events import EventData, Number, Snapshot, event


class AgentSnapshot(Snapshot):
    id: UUID
    slug: str
    display_name: str
    title: str
    avatar_color: str
    system_prompt: str
    model: str
    max_turns: int
    max_budget_usd: Number
    monthly_budget_usd: Number | None
    is_active: bool
    version: int


@event("agent_created", "agent_updated", "agent_removed")
class AgentEvent(EventData):
    """Who is removed takes along what they had in mind."""

    subject: ClassVar[str] = "agent"
    agent: AgentSnapshot


class BlockSnapshot(Snapshot):
    id: UUID
    agent_id: UUID
    label: str
    user_id: UUID | None
    content: str
    char_limit: int
    version: int
    shared_with: list[UUID]


class PassageSnapshot(Snapshot):
    id: UUID
    agent_id: UUID | None
    user_id: UUID | None
    author_name: str
    channel_id: UUID | None
    source: str
    source_id: UUID | None
    content: str
    tags: list[str]
    said_at: datetime
    version: int


class PassageName(Snapshot):
    """Nothing of what it said."""

    id: UUID


@event("memory_block_created", "memory_block_updated", "memory_block_shared")
class BlockEvent(EventData):
    subject: ClassVar[str] = "block"
    block: BlockSnapshot


@event("passage_remembered", "passage_changed")
class PassageEvent(EventData):
    subject: ClassVar[str] = "passage"
    passage: PassageSnapshot


@event("passage_forgotten")
class PassageForgotten(EventData):
    subject: ClassVar[str] = "passage"
    passage: PassageName


class ModelAccessSnapshot(Snapshot):
    id: UUID
    provider: str
    url: str
    key_end: str
    small: str
    normal: str
    large: str
    monthly_budget_usd: Number | None


@event("model_access_changed")
class ModelAccessEvent(EventData):
    subject: ClassVar[str] = "model_access"
    model_access: ModelAccessSnapshot
