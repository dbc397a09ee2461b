"""API of agents' usage and budgets."""

from typing import Any

from rest_framework import serializers

from groceries.api.serializers import PeriodQuery, PeriodSerializer
from groceries.api.viewsets import period_of
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import endpoint
from pantry.api.fields import NumberField
from pixie.usage import costs


class UsageQuery(PeriodQuery):
    group_by = serializers.ChoiceField(["agent", "model", "member", "day"], required=False)


class UsageSums(serializers.Serializer):  # type: ignore[type-arg]
    runs = serializers.IntegerField(help_text="Number of answers; grouped by `model`, each counts for its first model.")
    calls = serializers.IntegerField(help_text="Number of calls to language models.")
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField(help_text="Input tokens read from the provider's cache.")
    reasoning_tokens = serializers.IntegerField(help_text="Output tokens used for reasoning.")
    cost_usd = serializers.FloatField()
    duration_ms = serializers.IntegerField(help_text="Total duration of all steps.")
    tool_ms = serializers.IntegerField(help_text="Time spent in tools.")


class UsageGroup(UsageSums):
    key = serializers.CharField(
        allow_null=True, help_text="The id of an agent or a member, a model (`local` for none), or a day."
    )


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
    without_price = serializers.ListField(
        child=serializers.CharField(), help_text="Models that were used and have no known price."
    )


class UsageViewSet(HomeViewSet):
    tag = "Pixie"
    serializer_class = UsageReportSerializer

    @endpoint("Get agents' usage in a period, and their budgets", query=UsageQuery)
    def retrieve(self, query: dict[str, Any]) -> dict[str, Any]:
        """Grouped by `model` by default, most expensive first; days in order. Days are in the home's time zone, and
        a run counts for the day of its message."""
        period = period_of(self.home, query.get("from"), query.get("to"))
        used = costs.usage_by(period, query.get("group_by", "model"))
        budget, agent_budgets = costs.budgets_of(self.home, used.spent)
        return {
            "from": period.first,
            "to": period.last,
            "totals": _sums_data(used.totals),
            "groups": [*map(_sums_data, used.groups)],
            "budget": _budget_data(budget),
            "agents": [*map(_budget_data, agent_budgets)],
            "without_price": used.unpriced,
        }


def _sums_data(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "cost_usd": float(row["cost_usd"])}


def _budget_data(budget: costs.Budget) -> dict[str, Any]:
    return BudgetState({**costs.budget_data(budget), "is_spent": budget.is_spent}).data
