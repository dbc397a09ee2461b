"""Schemas of the events of agents, memory, schedules, suggestions and language models. Keys are never included."""

from datetime import datetime
from typing import Any
from uuid import UUID

from homes.events.schemas import EventData, Number, Snapshot, event, row_event


@row_event("agent", "agent_created", "agent_updated", "agent_removed")
class AgentSnapshot(Snapshot):
    """Removing an agent also removes its memory blocks, without events of their own."""

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


@row_event("block", "memory_block_created", "memory_block_updated", "memory_block_shared")
class BlockSnapshot(Snapshot):
    id: UUID
    agent_id: UUID
    label: str
    user_id: UUID | None
    content: str
    char_limit: int
    version: int
    shared_with: list[UUID]


@row_event("passage", "passage_remembered", "passage_changed")
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


@row_event("passage", "passage_forgotten")
class PassageName(Snapshot):
    """A forgotten passage, without its content."""

    id: UUID


@row_event("lesson", "lesson_learned")
class LessonSnapshot(Snapshot):
    """A lesson, without the text of the message: only its author may see that."""

    id: UUID
    author_id: UUID
    intent: str
    is_right: bool


@row_event("lesson", "lesson_forgotten")
class LessonName(Snapshot):
    id: UUID


@row_event(
    "scheduled", "schedule_created", "schedule_fired", "schedule_moved", "schedule_cancelled", "schedule_resumed"
)
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


@row_event("summary", "summary_chosen")
class SummarySnapshot(Snapshot):
    id: UUID
    hour: int | None


@event("summary_told")
class SummaryTold(EventData):
    """Marks a message as the day's summary. The message has an event of its own."""

    message_id: UUID


@row_event(
    "suggestion", "suggestion_made", "suggestion_taken", "suggestion_dismissed", "suggestion_reopened",
    "suggestion_withdrawn",
)  # fmt: skip
class SuggestionSnapshot(Snapshot):
    id: UUID
    kind: str
    subject: str
    item_id: UUID | None
    facts: dict[str, Any]
    state: str


@row_event("model_access", "model_access_changed")
class ModelAccessSnapshot(Snapshot):
    id: UUID
    provider: str
    url: str
    key_end: str
    small: str
    normal: str
    large: str
    monthly_budget_usd: Number | None
