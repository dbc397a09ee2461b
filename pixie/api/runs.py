"""API of agents' runs and of what they cost."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from chat.models import Message
from groceries.api.spending import PERIOD_QUERY, PeriodSerializer, period_of
from homes.api.viewsets import HomeViewSet
from homes.models import Agent
from pantry.api.endpoints import endpoint
from pantry.api.fields import NumberField
from pantry.api.pagination import column_names, paginate
from pixie.models import LOCAL, Run, RunMessage, RunStatus, StopReason
from pixie.models.run import milliseconds
from pixie.replies import excuses
from pixie.runs.stop import stop_run
from pixie.runs.trace import call_state, truncate
from pixie.runs.wait import get_answer
from pixie.usage import costs

STATUS = serializers.ChoiceField(choices=RunStatus.choices, required=False)
GROUP_BY = serializers.ChoiceField(["agent", "model", "member", "day"], required=False)


class TokenUsage(serializers.Serializer):  # type: ignore[type-arg]
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField(help_text="Input tokens read from the provider's cache.")
    reasoning_tokens = serializers.IntegerField(help_text="Output tokens used for reasoning.")
    cost_usd = serializers.FloatField()
    tool_ms = serializers.IntegerField(help_text="Time spent in tools.")


class Entity(serializers.Serializer):  # type: ignore[type-arg]
    type = serializers.CharField()
    value = serializers.CharField()
    confidence = serializers.FloatField()
    norm = serializers.CharField(required=False)


class Action(serializers.Serializer):  # type: ignore[type-arg]
    type = serializers.CharField()
    payload = serializers.DictField()


class RunUsageSerializer(TokenUsage):
    route = serializers.ChoiceField(choices=["local", "model"])
    model = serializers.CharField()
    latency_ms = serializers.IntegerField(allow_null=True)


class QuickReply(serializers.Serializer):  # type: ignore[type-arg]
    text = serializers.CharField()


class PixieResponse(serializers.Serializer):  # type: ignore[type-arg]
    message_id = serializers.UUIDField()
    run_id = serializers.UUIDField()
    thread_id = serializers.UUIDField()
    message = serializers.CharField()
    intent = serializers.CharField()
    entities = Entity(many=True)
    action = Action(required=False)
    actions = Action(many=True)
    confidence = serializers.FloatField()
    requires_confirmation = serializers.BooleanField()
    replies = QuickReply(many=True, help_text="Up to six messages to offer as buttons. Send one as your own message.")
    usage = RunUsageSerializer()


class RunSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=RunStatus.choices)
    response = PixieResponse(allow_null=True)


class RunRow(TokenUsage):
    id = serializers.UUIDField()
    agent_id = serializers.UUIDField()
    channel_id = serializers.UUIDField()
    trigger_message_id = serializers.UUIDField(allow_null=True, help_text="The message that the run answers.")
    status = serializers.ChoiceField(choices=RunStatus.choices)
    stop_reason = serializers.ChoiceField(choices=StopReason.choices, allow_blank=True)
    route = serializers.CharField(help_text="`local` or the model used; empty until that is decided.")
    attempts = serializers.IntegerField(help_text="How often a worker started it.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)


class StepSerializer(TokenUsage):
    id = serializers.UUIDField()
    step_number = serializers.IntegerField()
    model = serializers.CharField(help_text="`local` if no language model was called.")
    status = serializers.ChoiceField(choices=RunStatus.choices)
    stop_reason = serializers.CharField(help_text="Why the model stopped: complete, calls, truncated or refused.")
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)


class RunMessageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    step_id = serializers.UUIDField(allow_null=True)
    message_type = serializers.ChoiceField(choices=RunMessage.Type.choices)
    content = serializers.CharField(help_text="Plain text of at most 1,000 characters.")
    tool_name = serializers.CharField()
    tool_input = serializers.DictField(allow_null=True)
    tool_call_id = serializers.CharField()
    outcome = serializers.ChoiceField(
        ["done", "refused", "waits", "failed"], allow_null=True, help_text="Result of the call; only on tool returns."
    )
    duration_ms = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


class RunTrace(RunRow):
    response = PixieResponse(allow_null=True)
    error = serializers.CharField(help_text="Why the run failed, as a sentence for users; empty if it did not.")
    steps = StepSerializer(many=True)
    messages = RunMessageSerializer(many=True)


class AgentRunViewSet(HomeViewSet):
    tag = "Pixie"
    lookup_url_kwarg = "agent_id"
    queryset = Agent.objects.all()
    serializer_class = RunRow

    @endpoint("List an agent's runs, newest first", paginated=True, query={"status": STATUS})
    def list(self, agent: Agent, query: dict[str, Any]) -> Response:
        """Only includes runs in channels that the caller can see."""
        rows = self.visible(Run.objects).filter(agent=agent, **query).order_by("-created_at", "-id")
        columns = [name for name in column_names(RunRow) if name != "duration_ms"]
        return paginate(self.request, rows.values(*columns), lambda page: [_row_data(row) for row in page])


class RunViewSet(HomeViewSet):
    tag = "Pixie"
    scopes = ("read", "chat")
    lookup_url_kwarg = "run_id"
    queryset = Run.objects.select_related("trigger_message")
    serializer_class = RunTrace

    @endpoint("Get a run with its steps and messages")
    def retrieve(self, run: Run) -> dict[str, Any]:
        """`messages` are in order, and empty if the question was deleted."""
        answer = get_answer(run)
        question = run.trigger_message
        is_deleted = question is not None and question.deleted_at is not None
        return {
            **_attributes(run, RunRow),
            "response": response_data(run, answer) if answer else None,
            "error": excuses.end_reason_text(run.stop_reason, run.error),
            "steps": run.steps.all(),
            "messages": [] if is_deleted else [_message_data(message) for message in run.messages.all()],
        }

    @endpoint("Cancel a run", response=RunSerializer)
    def cancel(self, run: Run) -> dict[str, Any]:
        """Takes effect before the next part of the answer. What was done stays. Does nothing for a finished run."""
        run = stop_run(run)
        return run_data(run, get_answer(run))


def _row_data(row: dict[str, Any]) -> dict[str, Any]:
    duration_ms = milliseconds(row["started_at"], row["completed_at"])
    return {**row, "cost_usd": float(row["cost_usd"]), "duration_ms": duration_ms}


def run_data(run: Run, answer: Message | None) -> dict[str, Any]:
    """Return the fields of RunSerializer."""
    return {"id": run.pk, "status": run.status, "response": response_data(run, answer) if answer else None}


def response_data(run: Run, answer: Message) -> dict[str, Any]:
    """Return the fields of PixieResponse."""
    metadata = answer.metadata
    actions = metadata.get("actions", [])
    return {
        "message_id": answer.pk,
        "run_id": run.pk,
        "thread_id": answer.channel_id,
        "message": answer.body,
        "intent": metadata.get("intent", "unclear"),
        "entities": metadata.get("entities", []),
        **({"action": actions[0]} if actions else {}),
        "actions": actions,
        "confidence": metadata.get("confidence", 0.0),
        "requires_confirmation": bool(metadata.get("requires_confirmation")),
        "replies": metadata.get("replies", []),
        "usage": {
            "route": LOCAL if run.route in ("", LOCAL) else "model",
            "model": run.route or LOCAL,
            **{name: getattr(run, name) for name in costs.SUMMED},
            "cost_usd": run.cost_usd,
            "latency_ms": answer.latency_ms,
        },
    }


def _attributes(row: Run | RunMessage, serializer: type[serializers.BaseSerializer[Any]]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in column_names(serializer)}


def _message_data(message: RunMessage) -> dict[str, Any]:
    outcome = call_state(message.outcome) if message.message_type == RunMessage.Type.TOOL_RETURN else None
    return {**_attributes(message, RunMessageSerializer), "content": truncate(message.content), "outcome": outcome}


class UsageSums(TokenUsage):
    runs = serializers.IntegerField(help_text="Number of answers; grouped by `model`, each counts for its first model.")
    calls = serializers.IntegerField(help_text="Number of calls to language models.")
    duration_ms = serializers.IntegerField(help_text="Total duration of all steps.")


class UsageGroup(UsageSums):
    key = serializers.CharField(allow_null=True, help_text="Id of an agent or member, model (or `local`), or day.")


class BudgetState(serializers.Serializer):  # type: ignore[type-arg]
    """Budget of the current month, as in a 402 response."""

    agent_id = serializers.UUIDField(allow_null=True, help_text="Its agent; null for the home's budget.")
    limit_usd = NumberField(help_text="Null for no limit.", allow_null=True)
    spent_usd = NumberField()
    renews_at = serializers.DateTimeField()
    is_spent = serializers.BooleanField(help_text="If true, no language model is called until it renews.")


class UsageReportSerializer(PeriodSerializer):
    totals = UsageSums()
    groups = UsageGroup(many=True)
    budget = BudgetState()
    agents = BudgetState(many=True)
    without_price = serializers.ListField(child=serializers.CharField(), help_text="Used models without a known price.")


class UsageViewSet(HomeViewSet):
    tag = "Pixie"
    serializer_class = UsageReportSerializer

    @endpoint("Get agents' usage in a period, and their budgets", query={**PERIOD_QUERY, "group_by": GROUP_BY})
    def retrieve(self, query: dict[str, Any]) -> dict[str, Any]:
        """Grouped by `model` by default, most expensive first; days in order. Days are in the home's time zone, and
        a run counts for the day of its message."""
        period = period_of(self.home, query.get("from"), query.get("to"))
        used = costs.usage_by(period, query.get("group_by", "model"))
        budget, agent_budgets = costs.budgets_of(self.home, used.spent)
        return {
            "from": period.first,
            "to": period.last,
            "totals": used.totals,
            "groups": used.groups,
            "budget": _budget_data(budget),
            "agents": [*map(_budget_data, agent_budgets)],
            "without_price": used.unpriced,
        }


def _budget_data(budget: costs.Budget) -> dict[str, Any]:
    return {**costs.budget_data(budget), "is_spent": budget.is_spent}
