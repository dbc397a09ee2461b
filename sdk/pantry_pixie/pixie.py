"""Pixie's answers, how they came about, and what they used."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Unpack
from uuid import UUID

from pydantic import model_validator

from pantry_pixie.chat import ConfirmationResult
from pantry_pixie.operations import ClientT, Id, Model, Page, Paging, Period, PeriodQuery, Resource, Row, operation

RunStatus = Literal["created", "running", "completed", "failed", "cancelled"]
Route = Literal["local", "model"]
UsageGrouping = Literal["agent", "model", "member", "day"]


class Usage(Model):
    route: str
    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float
    latency_ms: int | None
    tool_ms: int = 0


class QuickReply(Model):
    """A message that the person may want to send next."""

    text: str


class PixieResponse(Model):
    message_id: UUID
    run_id: UUID
    thread_id: UUID
    message: str
    intent: str
    entities: list[dict[str, Any]]
    action: dict[str, Any] | None = None
    actions: list[dict[str, Any]]
    confidence: float
    requires_confirmation: bool
    replies: list[QuickReply] = []
    usage: Usage


class Run(Row):
    status: RunStatus
    response: PixieResponse | None


class ChatReply(Model):
    """The answer if it came within the wait, otherwise the run that will have it."""

    response: PixieResponse | None = None
    run: Run | None = None

    @property
    def run_id(self) -> UUID:
        if self.response:
            return self.response.run_id
        assert self.run
        return self.run.id

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, payload: Any) -> Any:
        return {"response": payload} if isinstance(payload, Mapping) and "message_id" in payload else payload


class Metered(Model):
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: float
    duration_ms: int | None
    tool_ms: int


class RunSummary(Row, Metered):
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


class RunStep(Row, Metered):
    """One call of a language model, or what was understood without one."""

    step_number: int
    model: str
    status: RunStatus
    stop_reason: str
    created_at: datetime
    completed_at: datetime | None


class RunMessage(Row):
    """A message, tool call or tool result of a run."""

    step_id: UUID | None
    message_type: str
    content: str
    tool_name: str
    tool_input: dict[str, Any] | None
    tool_call_id: str
    outcome: Literal["done", "refused", "waits", "failed"] | None
    duration_ms: int | None
    created_at: datetime


class RunTrace(RunSummary):
    response: PixieResponse | None
    error: str
    steps: list[RunStep]
    messages: list[RunMessage]


class UsageTotals(Metered):
    """`runs` are answers, `calls` those of language models."""

    runs: int
    calls: int


class UsageGroup(UsageTotals):
    key: str | None


class BudgetState(Model):
    """The budget of the home, or of the agent `agent_id`, for this month; unlimited without a `limit_usd`."""

    agent_id: UUID | None
    limit_usd: Decimal | None
    spent_usd: Decimal
    renews_at: datetime
    is_spent: bool


class UsageReport(Period):
    totals: UsageTotals
    groups: list[UsageGroup]
    budget: BudgetState
    agents: list[BudgetState]
    without_price: list[str]


class Pixie(Resource[ClientT], path="/api"):
    """`send` waits for the answer for `wait` seconds, at most 25. The route `model` raises BudgetExceeded if that is
    spent."""

    @operation("POST", "/chat", ChatReply, query=["wait"])
    def send(
        self, home_id: Id, message: str, *, thread_id: Id | None = ..., route: Route = ..., wait: float = ...
    ) -> None: ...
    @operation("POST", "/chat/confirm", ConfirmationResult)
    def confirm(self, home_id: Id, message_id: Id, confirm: bool) -> None: ...
    @operation("GET", "/homes/{home}/usage", UsageReport)
    def usage(self, home: Id, *, group_by: UsageGrouping = ..., **period: Unpack[PeriodQuery]) -> None: ...
    @operation("GET", "/homes/{home}/agents/{agent}/runs", Page[RunSummary])
    def runs(self, home: Id, agent: Id, *, status: RunStatus = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("GET", "/homes/{home}/runs/{run}", RunTrace)
    def run(self, home: Id, run: Id) -> None: ...
    @operation("POST", "/homes/{home}/runs/{run}/cancel", Run)
    def cancel(self, home: Id, run: Id) -> None: ...
