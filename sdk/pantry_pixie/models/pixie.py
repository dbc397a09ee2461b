"""Agents: what they know, do, and cost."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from pantry_pixie.models.base import Row
from pantry_pixie.models.groceries import Entry

FoundKind = Literal["message", "item"]
AgentColour = Literal["marigold", "clay", "blue", "lotus", "teal", "olive", "tamarind"]
PassageSource = Literal["note", "conversation", "decision", "purchase", "task", "event"]
RunStatus = Literal["created", "running", "completed", "failed", "cancelled"]
CallOutcome = Literal["done", "refused", "waits", "failed"]


class Found(Row):
    """What was looked for: a line of it, and where it stands."""

    kind: str
    id: UUID
    excerpt: str
    where: str
    author: str
    at: datetime
    channel_id: UUID | None
    parent_id: UUID | None


class Thread(Row):
    """A talk with an agent."""

    id: UUID
    agent_id: UUID
    title: str
    archived_at: datetime | None
    created_at: datetime


class Agent(Row):
    """A member of the home who is no person. `slug` is how one mentions it; without `is_active` it sleeps."""

    id: UUID
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


class MemoryBlock(Row):
    """A few sentences that an agent has in mind at all times. Without an id while nobody wrote the first word."""

    id: UUID | None
    label: str
    user_id: UUID | None
    content: str
    char_limit: int
    version: int
    agent_id: UUID
    is_shared: bool
    shared_with: list[UUID]


class MemoryPast(Row):
    """What stood in a block from that moment on."""

    seq: int
    user_id: UUID | None
    agent_id: UUID | None
    content: str
    version: int
    at: datetime


class Passage(Row):
    """Something that an agent finds again: who said or did it, when, and who may know."""

    id: UUID
    content: str
    source: PassageSource
    source_id: UUID | None
    channel_id: UUID | None
    user_id: UUID | None
    author_name: str
    tags: list[str]
    said_at: datetime
    version: int


class Entity(Row):
    type: str
    value: str
    confidence: float
    norm: str | None = None


class Action(Row):
    type: str
    payload: dict[str, Any]


class Usage(Row):
    route: str
    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float
    latency_ms: int | None
    tool_ms: int = 0


class PixieResponse(Row):
    message_id: UUID
    run_id: UUID
    thread_id: UUID
    message: str
    intent: str
    entities: list[Entity]
    action: Action | None = None
    actions: list[Action]
    confidence: float
    requires_confirmation: bool
    usage: Usage


class Scheduled(Row):
    """What an agent is to do later; `trigger_at` is the next time."""

    id: UUID
    agent_id: UUID
    channel_id: UUID
    created_by_id: UUID
    prompt: str
    trigger_at: datetime
    rrule: str
    status: Literal["pending", "fired", "cancelled"]
    created_at: datetime


class Summary(Row):
    """The hour at which the home is told what its day begins with."""

    hour: int | None


class Suggestion(Row):
    """What an agent would do, and why."""

    id: UUID
    kind: str
    title: str
    why: str
    item_id: UUID | None
    state: Literal["open", "taken", "dismissed", "withdrawn"]
    created_at: datetime


class Run(Row):
    """How far Pixie is with an answer."""

    id: UUID
    status: RunStatus
    response: PixieResponse | None


class Metered(Row):
    """What a run or a step of it used."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: float
    duration_ms: int | None
    tool_ms: int


class RunRow(Metered):
    """One answer of an agent: to what, how it went, what it used."""

    id: UUID
    agent_id: UUID
    channel_id: UUID
    trigger_message_id: UUID | None
    status: RunStatus
    stop_reason: str
    route: str
    attempts: int
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class RunStep(Metered):
    """One call of a language model, or what was understood without one."""

    id: UUID
    step_number: int
    model: str
    status: RunStatus
    stop_reason: str
    created_at: datetime
    completed_at: datetime | None


class RunMessage(Row):
    """What was asked, said, called or returned in a run."""

    id: UUID
    step_id: UUID | None
    message_type: str
    content: str
    tool_name: str
    tool_input: dict[str, Any] | None
    tool_call_id: str
    outcome: CallOutcome | None
    duration_ms: int | None
    created_at: datetime


class RunTrace(RunRow):
    """How far Pixie is with an answer, and how it came about."""

    response: PixieResponse | None
    error: str
    steps: list[RunStep]
    messages: list[RunMessage]


class UsageSums(Row):
    """Answers, calls of language models, tokens, cost and milliseconds."""

    runs: int
    calls: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: float
    duration_ms: int
    tool_ms: int


class UsageGroup(UsageSums):
    key: str | None


class BudgetState(Row):
    """What may be spent this month by the home, or by the agent `agent_id`. Without a limit, as much as one likes."""

    agent_id: UUID | None
    limit_usd: Decimal | None
    spent_usd: Decimal
    renews_at: datetime
    is_spent: bool


class UsageReport(Row):
    """What agents used from one day to another, and what is left for them."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    totals: UsageSums
    groups: list[UsageGroup]
    budget: BudgetState
    agents: list[BudgetState]
    without_price: list[str]


class Said(Row):
    """The answer when it came within the wait, or else the run that will have it."""

    response: PixieResponse | None = None
    run: Run | None = None

    @model_validator(mode="before")
    @classmethod
    def _either(cls, said: Any) -> Any:
        return {"response": said} if isinstance(said, Mapping) and "message_id" in said else said


class Confirmed(Row):
    """What Pixie says to it, and the list as it is now."""

    message: str
    list_items: list[Entry]
