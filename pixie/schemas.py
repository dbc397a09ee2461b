"""Schemas of the events of agents, memory, schedules, suggestions and language models. Keys are never included."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from homes.events.schemas import EventData, Number, Snapshot, event


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
    """Removing an agent also removes its memory blocks, without events of their own."""

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
    """A forgotten passage, without its content."""

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


class ScheduledSnapshot(Snapshot):
    id: UUID
    agent_id: UUID
    channel_id: UUID
    created_by_id: UUID
    prompt: str
    starts_at: datetime
    trigger_at: datetime
    rrule: str
    status: str


@event("schedule_created", "schedule_fired", "schedule_cancelled", "schedule_resumed")
class ScheduleEvent(EventData):
    subject: ClassVar[str] = "scheduled"
    scheduled: ScheduledSnapshot


class SummarySnapshot(Snapshot):
    id: UUID
    hour: int | None


@event("summary_chosen")
class SummaryEvent(EventData):
    subject: ClassVar[str] = "summary"
    summary: SummarySnapshot


@event("summary_told")
class SummaryTold(EventData):
    """Marks a message as the day's summary. The message has an event of its own."""

    message_id: UUID


class SuggestionSnapshot(Snapshot):
    id: UUID
    kind: str
    subject: str
    item_id: UUID | None
    facts: dict[str, Any]
    state: str


@event(
    "suggestion_made", "suggestion_taken", "suggestion_dismissed", "suggestion_reopened", "suggestion_withdrawn",
)  # fmt: skip
class SuggestionEvent(EventData):
    subject: ClassVar[str] = "suggestion"
    suggestion: SuggestionSnapshot


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
