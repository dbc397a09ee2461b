"""What the API answers, as typed rows. Amounts and prices are Decimals, times know their zone."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, model_validator

Role = Literal["owner", "member"]
Scope = Literal["read", "write", "chat", "admin"]
Locale = Literal["en", "th"]
ListState = Literal["draft", "approved", "completed"]
EntryState = Literal["pending", "purchased", "removed"]
Frequency = Literal["weekly", "biweekly", "monthly"]
InvitationState = Literal["open", "used", "revoked", "expired"]
ChannelKind = Literal["public", "private", "dm", "assistant"]
MessageState = Literal["pending", "streaming", "complete", "error", "aborted"]
FoundKind = Literal["message", "item"]
Outcome = Literal["done", "overtaken", "refused"]
AgentColour = Literal["marigold", "clay", "blue", "lotus", "teal", "olive", "tamarind"]
PassageSource = Literal["note", "conversation", "decision", "purchase", "task", "event"]
RunStatus = Literal["created", "running", "completed", "failed", "cancelled"]
CallOutcome = Literal["done", "refused", "waits", "failed"]


class Row(BaseModel):
    """Fields that a newer server adds are no reason to fail."""

    model_config = ConfigDict(frozen=True, extra="ignore")


T = TypeVar("T")


class Page(Row, Generic[T]):
    """Some rows of a list; `client.every(page)` goes through all of it."""

    results: list[T]
    next: str | None
    previous: str | None = None


# Accounts


class User(Row):
    id: UUID
    email: str
    name: str


class SignedIn(Row):
    """Without tokens where the e-mail is to be confirmed first."""

    token: str | None
    refresh: str | None
    user: User


class Pair(Row):
    token: str
    refresh: str


class HomeName(Row):
    id: UUID
    name: str


class HomeRole(HomeName):
    role: Role


class Switched(Pair):
    home: HomeName


class Me(Row):
    user: User
    active_home: HomeRole | None
    homes: list[HomeRole]


class Token(Row):
    """A personal token. `prefix` is how it begins."""

    id: UUID
    name: str
    prefix: str
    scopes: list[Scope]
    home_id: UUID | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class NewToken(Token):
    """`key` is shown this once."""

    key: str


class PushKey(Row):
    """By which browsers know the server."""

    public_key: str


class Device(Row):
    """A browser that may be told something. `failed_at`: it could not be, the last time."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    failed_at: datetime | None


class NoticeChoices(Row):
    """By kind, whether one is told; and the quiet hours, by the home's clock."""

    kinds: dict[str, bool]
    quiet_from: time | None
    quiet_until: time | None


# Homes


class Home(Row):
    id: UUID
    name: str
    timezone: str
    currency: str
    locale: str
    monthly_budget: Decimal | None
    created_at: datetime


class HomeFile(Row):
    """A home as one file, whatever its parts bring along."""

    model_config = ConfigDict(frozen=True, extra="allow")

    format: int
    home: dict[str, Any]
    exported_at: str | None = None
    members: list[dict[str, Any]] | None = None
    agents: list[dict[str, Any]] | None = None
    groceries: dict[str, Any] | None = None
    chat: dict[str, Any] | None = None
    memory: dict[str, Any] | None = None


class Member(Row):
    """`number` is the place in the order of joining."""

    user_id: UUID
    name: str
    role: Role
    number: int
    joined_at: datetime


class Invitation(Row):
    id: UUID
    email: str
    role: Role
    state: InvitationState
    expires_at: datetime
    created_at: datetime


class NewInvitation(Invitation):
    """`url` is the link that lets one person in; shown this once."""

    token: str
    url: str


class Joined(Row):
    home: HomeName
    role: Role


# Groceries


class Category(Row):
    """An aisle. `label` is its name as it is shown."""

    id: UUID
    name: str
    label: str
    position: int


class ListedItem(Row):
    id: UUID
    name: str
    description: str
    category: str
    default_unit: str


class Item(ListedItem):
    """Something a home buys. `quantity` and `unit` are the usual amount."""

    quantity: Decimal | None
    unit: str
    estimated_price: Decimal | None
    last_purchased_at: datetime | None


class Entry(Row):
    """One thing on a list."""

    id: UUID
    item: ListedItem
    quantity: Decimal
    unit: str
    note: str
    state: EntryState
    version: int
    added_by: UUID | None
    purchased_by: UUID | None
    purchased_at: datetime | None
    price_paid: Decimal | None


class GroceryList(Row):
    id: UUID
    name: str
    state: ListState
    completed_at: datetime | None
    created_at: datetime


class FullList(GroceryList):
    """A list with all that stands on it, in the order of the shop."""

    items: list[Entry]


class Shopper(Row):
    user: UUID
    since: datetime


class TakenAisle(Row):
    category: UUID
    user: UUID


class Shopping(Row):
    """Who shops with a list now, and who takes which aisle."""

    shoppers: list[Shopper]
    aisles: list[TakenAisle]


class Recurring(Row):
    """What comes back by itself."""

    id: UUID
    item: ListedItem
    quantity: Decimal
    unit: str
    frequency: Frequency
    rrule: str
    next_due_at: datetime
    paused_at: datetime | None


class SpendingGroup(Row):
    """`key` is an aisle, a person's id, a Monday or the first of a month."""

    key: str | None
    total: Decimal


class Budget(Row):
    monthly: Decimal
    left: Decimal
    days_left: int


class Spending(Row):
    """`without_price` counts purchases that have none."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    currency: str
    total: Decimal
    without_price: int
    groups: list[SpendingGroup]
    budget: Budget | None


# The log


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
    """`door` is where it came in: the browser, the API, … `meant_at` is when it was done, where that was without a
    signal and before it came in."""

    door: str
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


# Chat


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


class Artifact(Row):
    """What was made along with a message."""

    id: UUID
    kind: str
    name: str
    mime: str
    size: int
    sha256: str
    created_at: datetime


# Pixie


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
    context: dict[str, Any]
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
