"""What agents used, and what is left for them."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from groceries.api.serializers import PeriodQuery, PeriodSerializer
from groceries.api.viewsets.money import period_of
from homes.api.viewsets import HomeViewSet
from pantry.api.fields import NumberField
from pantry.api.schema import describe
from pixie.usage import costs


class UsageQuery(PeriodQuery):
    group_by = serializers.ChoiceField(["agent", "model", "member", "day"], required=False)


class UsageSums(serializers.Serializer):  # type: ignore[type-arg]
    runs = serializers.IntegerField(help_text="Answers; by `model`, under the one that was asked first.")
    calls = serializers.IntegerField(help_text="Of language models.")
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField(help_text="Of the input, what came from the provider's cache.")
    reasoning_tokens = serializers.IntegerField(help_text="Of the output, what nobody reads.")
    cost_usd = serializers.FloatField()
    duration_ms = serializers.IntegerField(help_text="Of all steps.")
    tool_ms = serializers.IntegerField(help_text="In tools.")


class UsageGroup(UsageSums):
    key = serializers.CharField(
        allow_null=True, help_text="An agent's or a person's id, a model (`local`: none was asked), or a day."
    )


class BudgetState(serializers.Serializer):  # type: ignore[type-arg]
    """Of this month, as a 402 has it, too."""

    agent_id = serializers.UUIDField(allow_null=True, help_text="Whose it is; null: the home's.")
    limit_usd = NumberField(help_text="Null: as much as one likes.", allow_null=True)
    spent_usd = NumberField()
    renews_at = serializers.DateTimeField()
    is_spent = serializers.BooleanField(help_text="No language model is asked until it renews.")


class UsageSerializer(PeriodSerializer):
    totals = UsageSums()
    groups = UsageGroup(many=True)
    budget = BudgetState()
    agents = BudgetState(many=True)
    without_price = serializers.ListField(
        child=serializers.CharField(), help_text="Models that were asked, and whose cost nobody knows."
    )


class UsageViewSet(HomeViewSet):
    @describe(
        "What agents used from one day to another, and what is left for them", tag="Pixie", gives=UsageSerializer,
        query=UsageQuery, refuses=(400, 404),
    )  # fmt: skip
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """By `model` unless something else is asked for: the costliest first, days in their order. Days are those of
        the home's clock, and a run counts for the one on which it was asked for."""
        asked = self.validated_query(UsageQuery)
        period = period_of(self.home, asked.get("from"), asked.get("to"))
        used = costs.used(period, asked.get("group_by", "model"))
        budget, of_agents = costs.budgets_of(self.home, used.spent)
        answer = {
            "from": period.first,
            "to": period.last,
            "totals": _sums(used.totals),
            "groups": [*map(_sums, used.groups)],
            "budget": _state(budget),
            "agents": [*map(_state, of_agents)],
            "without_price": used.unpriced,
        }
        return Response(answer)


def _sums(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "cost_usd": float(row["cost_usd"])}


def _state(budget: costs.Budget) -> dict[str, Any]:
    return BudgetState({**costs.told(budget), "is_spent": budget.is_spent}).data
