"""A home's agents: their memory, schedules and suggestions."""

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypedDict, Unpack
from uuid import UUID

from pantry_pixie.operations import HOME, ClientT, Id, Model, Page, Paging, Resource, Row, operation

AgentColour = Literal["marigold", "clay", "blue", "lotus", "teal", "olive", "tamarind"]
ScheduleStatus = Literal["pending", "fired", "cancelled"]


class Agent(Row):
    """`slug` is how it is mentioned; it sleeps unless it `is_active`."""

    slug: str
    display_name: str
    title: str
    avatar_color: str
    system_prompt: str
    model: str
    max_turns: int
    max_budget_usd: Decimal
    monthly_budget_usd: Decimal | None = None
    is_active: bool
    version: int


class AgentFields(TypedDict, total=False):
    title: str
    avatar_color: AgentColour
    system_prompt: str
    model: str
    max_turns: int
    max_budget_usd: Decimal | str
    monthly_budget_usd: Decimal | str | None
    is_active: bool


class Agents(Resource[ClientT], path=f"{HOME}/agents"):
    """A home's agents, Pixie first. Only owners change them; one that was never used can be deleted."""

    @operation("GET", "", Page[Agent])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Agent)
    def create(self, home: Id, display_name: str, **fields: Unpack[AgentFields]) -> None: ...
    @operation("GET", "/{agent}", Agent)
    def get(self, home: Id, agent: Id) -> None: ...
    @operation("PATCH", "/{agent}", Agent)
    def update(
        self, home: Id, agent: Id, version: int, *, display_name: str = ..., **fields: Unpack[AgentFields]
    ) -> None: ...
    @operation("DELETE", "/{agent}")
    def delete(self, home: Id, agent: Id) -> None: ...


class MemoryBlock(Model):
    """Without an id until it is first written."""

    id: UUID | None
    label: str
    user_id: UUID | None
    content: str
    char_limit: int
    version: int
    agent_id: UUID
    is_shared: bool
    shared_with: list[UUID]


class MemoryVersion(Model):
    seq: int
    user_id: UUID | None
    agent_id: UUID | None
    content: str
    version: int
    at: datetime


class Memory(Resource[ClientT], path=f"{HOME}/agents/{{agent}}/memory"):
    """An agent's memory blocks. The one labelled `member` is about oneself. A block that is `share`d is read by another
    agent in place of its own of that label."""

    @operation("GET", "", Page[MemoryBlock])
    def list(self, home: Id, agent: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("GET", "/{label}", MemoryBlock)
    def get(self, home: Id, agent: Id, label: str) -> None: ...
    @operation("PATCH", "/{label}", MemoryBlock)
    def update(self, home: Id, agent: Id, label: str, content: str, version: int) -> None: ...
    @operation("GET", "/{label}/history", Page[MemoryVersion])
    def history(self, home: Id, agent: Id, label: str, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "/{label}/readers", MemoryBlock)
    def share(self, home: Id, agent: Id, label: str, agent_id: Id) -> None: ...
    @operation("DELETE", "/{label}/readers/{reader}")
    def unshare(self, home: Id, agent: Id, label: str, reader: Id) -> None: ...


class Passage(Row):
    content: str
    source: Literal["note", "conversation", "decision", "purchase", "task", "event"]
    source_id: UUID | None
    channel_id: UUID | None
    user_id: UUID | None
    author_name: str
    tags: list[str]
    said_at: datetime
    version: int


class Passages(Resource[ClientT], path=f"{HOME}/agents/{{agent}}/passages"):
    """The memories of an agent about the user or the whole home: newest first, or with `q` the best matches."""

    @operation("GET", "", Page[Passage])
    def list(self, home: Id, agent: Id, *, q: str = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Passage)
    def create(self, home: Id, agent: Id, content: str, *, for_home: bool = ...) -> None: ...
    @operation("GET", "/{passage}", Passage)
    def get(self, home: Id, agent: Id, passage: Id) -> None: ...
    @operation("PATCH", "/{passage}", Passage)
    def update(self, home: Id, agent: Id, passage: Id, content: str, version: int) -> None: ...
    @operation("DELETE", "/{passage}")
    def delete(self, home: Id, agent: Id, passage: Id) -> None: ...


class Lesson(Row):
    """A message of one's own, and whether it was right to take it for that intent."""

    text: str
    intent: str
    is_right: bool
    updated_at: datetime


class Lessons(Resource[ClientT], path=f"{HOME}/lessons"):
    """List what one has taught the home's agents, newest first."""

    @operation("GET", "", Page[Lesson])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("DELETE", "/{lesson}")
    def delete(self, home: Id, lesson: Id) -> None: ...


class ScheduledMessage(Row):
    """`trigger_at` is the next time."""

    agent_id: UUID
    channel_id: UUID
    created_by_id: UUID
    prompt: str
    trigger_at: datetime
    rrule: str
    status: ScheduleStatus
    created_at: datetime


class Scheduled(Resource[ClientT], path=f"{HOME}/scheduled"):
    """Scheduled messages, soonest first: pending ones, or those with a `status`. With `rrule` they repeat."""

    @operation("GET", "", Page[ScheduledMessage])
    def list(self, home: Id, *, status: ScheduleStatus = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", ScheduledMessage)
    def create(
        self, home: Id, prompt: str, trigger_at: datetime, *, rrule: str = ..., channel_id: Id = ..., agent_id: Id = ...
    ) -> None: ...
    @operation("GET", "/{scheduled}", ScheduledMessage)
    def get(self, home: Id, scheduled: Id) -> None: ...
    @operation("POST", "/{scheduled}/cancel", ScheduledMessage)
    def cancel(self, home: Id, scheduled: Id) -> None: ...
    @operation("POST", "/{scheduled}/resume", ScheduledMessage)
    def resume(self, home: Id, scheduled: Id) -> None: ...


class Suggestion(Row):
    kind: str
    title: str
    why: str
    item_id: UUID | None
    state: Literal["open", "taken", "dismissed", "withdrawn"]
    created_at: datetime


class Suggestions(Resource[ClientT], path=f"{HOME}/suggestions"):
    """An agent's current suggestions, oldest first. Taking one adds its item to the current list."""

    @operation("GET", "", Page[Suggestion])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "/{suggestion}/take", Suggestion)
    def take(self, home: Id, suggestion: Id) -> None: ...
    @operation("POST", "/{suggestion}/dismiss", Suggestion)
    def dismiss(self, home: Id, suggestion: Id) -> None: ...
    @operation("POST", "/{suggestion}/reopen", Suggestion)
    def reopen(self, home: Id, suggestion: Id) -> None: ...
