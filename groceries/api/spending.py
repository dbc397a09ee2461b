"""API of what a home spends on groceries."""

from datetime import date
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from groceries import reports
from groceries.csv_export import ENCODINGS, csv_response
from homes.api.viewsets import HomeViewSet
from homes.models import Home
from pantry.api.endpoints import endpoint
from pantry.api.fields import Date, NumberField
from pantry.errors import ActionError

MIN_DATE, MAX_DATE = date(1900, 1, 1), date(9000, 1, 1)

PERIOD_QUERY = {
    "from": Date(required=False, help_text="First day. Defaults to the first of the month."),
    "to": Date(required=False, help_text="Last day, included. Defaults to the end of the month."),
}


class PeriodSerializer(serializers.Serializer):  # type: ignore[type-arg]
    def get_fields(self) -> dict[str, Any]:
        """Add `from` here, since it is a reserved word."""
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}


SPENDING_GROUPS = ["category", "member", "store", "week", "month"]

SPENDING_QUERY = {**PERIOD_QUERY, "group_by": serializers.ChoiceField(required=False, choices=SPENDING_GROUPS)}


class SpendingGroup(serializers.Serializer):  # type: ignore[type-arg]
    key = serializers.CharField(allow_null=True, help_text="Aisle, member id, Monday or first of the month.")
    total = NumberField()


class BudgetSerializer(serializers.Serializer):  # type: ignore[type-arg]
    monthly = NumberField()
    left = NumberField(help_text="What is left this month. Negative if the budget is exceeded.")
    days_left = serializers.IntegerField(help_text="Days left this month, including today.")


class SpendingSerializer(PeriodSerializer):
    currency = serializers.CharField()
    total = NumberField()
    without_price = serializers.IntegerField(help_text="Number of purchases without a price.")
    groups = SpendingGroup(many=True)
    budget = BudgetSerializer(allow_null=True)


def period_of(home: Home, first: date | None, last: date | None) -> reports.Period:
    """Return the period, defaulting to the current month. Raises ActionError for an invalid one."""
    month = reports.Period.month(home)
    first = first or (last.replace(day=1) if last else month.first)
    last = last or max(month.last, first)
    if not MIN_DATE <= first <= last <= MAX_DATE:
        raise ActionError(_("The last day can't be before the first, and both must be from 1900 to 9000."))
    return reports.Period(home, first, last)


CSV_QUERY = {
    **PERIOD_QUERY,
    "encoding": serializers.ChoiceField(
        required=False, choices=ENCODINGS, help_text="`utf-8-sig` begins with a mark by which spreadsheets know UTF-8."
    ),
}


class CsvViewSet(HomeViewSet):
    """A viewset of a CSV file; `kind` is one of CSV_FILES."""

    kind: str

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Take `Accept: text/csv`, too; errors are JSON."""
        return super().perform_content_negotiation(request, force=True)

    @endpoint("Export a period as CSV", query=CSV_QUERY, media_types=("text/csv",))
    def retrieve(self, query: dict[str, Any]) -> HttpResponseBase:
        """RFC 4180 with a header. A text that begins like a formula has an apostrophe before it."""
        period = period_of(self.home, query.get("from"), query.get("to"))
        return csv_response(period, self.kind, query.get("encoding", ENCODINGS[0]), self.user.pk)


class PurchasesCsvViewSet(CsvViewSet):
    tag = "Spending"
    kind = "purchases"


class ExpensesCsvViewSet(CsvViewSet):
    tag = "Expenses"
    kind = "expenses"


class SpendingViewSet(HomeViewSet):
    tag = "Spending"
    serializer_class = SpendingSerializer

    @endpoint("Retrieve the spending of a period", query=SPENDING_QUERY)
    def retrieve(self, query: dict[str, Any]) -> dict[str, Any]:
        period = period_of(self.home, query.get("from"), query.get("to"))
        sums = reports.cached_totals(period, query.get("group_by", "category"))
        return {
            "from": period.first,
            "to": period.last,
            "currency": self.home.currency,
            "total": sums.total,
            "without_price": sums.unpriced,
            "groups": [{"key": key, "total": total} for key, total in sums.groups.items()],
            "budget": self.budget(),
        }

    def budget(self) -> dict[str, Any] | None:
        left = reports.remaining_budget(self.home)
        if left is None:
            return None
        days_left = reports.Period.month(self.home).days_left()
        return {"monthly": self.home.monthly_budget, "left": left, "days_left": days_left}
