"""API of shared expenses, payments between members, and who owes whom."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from rest_framework import serializers

from groceries import actions
from groceries.api.spending import PERIOD_QUERY, PeriodSerializer, period_of
from groceries.balances import ZERO, Part, balances, people_of, settling_payments
from groceries.models import EXPENSE_GROUPINGS, Expense, expense_group_label
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, Date, ExactDecimal, Integer, Line, NumberField, ShortList, Text, money

MAX_PEOPLE, MAX_WEIGHT = 50, 1000
POSITIVE_MONEY = r"^([1-9][0-9]{0,7}(\.[0-9]{1,2})?|0\.([1-9][0-9]?|0[1-9]))$"
PERSON = "A user's id or, for somebody without an account here, the name in an imported file."

positive_money = partial(ExactDecimal, Decimal("0.01"), Decimal("99999999.99"), 2, POSITIVE_MONEY)
person = partial(Line, 80, help_text=PERSON)


class ShareSerializer(serializers.Serializer):  # type: ignore[type-arg]
    person = serializers.CharField(source="person.key", help_text=PERSON)
    name = serializers.CharField(source="person.name")
    amount = NumberField()


class ExpenseSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    title = serializers.CharField(help_text="Empty for a payment.")
    amount = NumberField()
    spent_on = serializers.DateField()
    category = serializers.CharField()
    is_payment = serializers.BooleanField(help_text="It is a payment to the only one with a share.")
    paid_by = serializers.CharField(source="payer.key", help_text=PERSON)
    paid_by_name = serializers.CharField(source="payer.name")
    note = serializers.CharField()
    rrule = serializers.CharField(help_text="Empty for one that doesn't repeat.")
    next_due_at = serializers.DateTimeField(allow_null=True, help_text="When it comes again.")
    paused_at = serializers.DateTimeField(allow_null=True, help_text="Since when its repeating is paused.")
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_at = serializers.DateTimeField()
    shares = ShareSerializer(many=True)


class NewShare(serializers.Serializer):  # type: ignore[type-arg]
    """The share that somebody is to have: the `amount` or, without one, a part of the rest by `weight`, which is 1."""

    person = person(source="key")
    amount = money(required=False)
    weight = Integer(1, MAX_WEIGHT, required=False)


class ExpenseFields(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(80, required=False)
    amount = positive_money(required=False)
    spent_on = Date(required=False)
    category = Line(40, required=False)
    paid_by = person(required=False)
    note = Line(200, blank=True, required=False)
    rrule = Text(
        200, format="rrule", required=False, allow_null=True,
        help_text="RFC 5545, like FREQ=MONTHLY: it comes again. The rule goes on with each new expense.",
    )  # fmt: skip
    shares = ShortList(
        child=NewShare(), required=False, min_length=1, max_length=MAX_PEOPLE,
        help_text="Without it, a new expense is shared equally by all members.",
    )  # fmt: skip


class ExpenseChange(ExpenseFields):
    paused = Boolean(required=False, help_text="Pauses its repeating, or lets it go on.")


class NewExpense(ExpenseFields):
    title = Line(80)
    amount = positive_money()


class NewSettlement(serializers.Serializer):  # type: ignore[type-arg]
    payer = person()
    payee = person()
    amount = positive_money()
    spent_on = Date(required=False)
    note = Line(200, blank=True, required=False)


class PersonBalance(serializers.Serializer):  # type: ignore[type-arg]
    person = serializers.CharField(help_text=PERSON)
    name = serializers.CharField()
    is_member = serializers.BooleanField()
    balance = NumberField(help_text="What they are owed. Negative: what they owe.")


class ProposedPayment(serializers.Serializer):  # type: ignore[type-arg]
    payer = serializers.CharField(source="payer.key", help_text=PERSON)
    payee = serializers.CharField(source="payee.key", help_text=PERSON)
    amount = NumberField()


class Balances(serializers.Serializer):  # type: ignore[type-arg]
    currency = serializers.CharField()
    people = PersonBalance(many=True)
    payments = ProposedPayment(many=True, help_text="After these, nobody owes anything.")


EXPENSE_QUERY = {
    "from": Date(required=False, help_text="First day."),
    "to": Date(required=False, help_text="Last day, included."),
}


class ExpenseGroup(serializers.Serializer):  # type: ignore[type-arg]
    key = serializers.CharField(help_text="The category, the person who paid, or the first of the month.")
    label = serializers.CharField(help_text="In the language of the request.")  # type: ignore[assignment]
    total = NumberField()


class ExpenseTotals(PeriodSerializer):
    currency = serializers.CharField()
    total = NumberField()
    groups = ExpenseGroup(many=True)


TOTALS_QUERY = {**PERIOD_QUERY, "group_by": serializers.ChoiceField(required=False, choices=EXPENSE_GROUPINGS)}


class ExpenseTotalsViewSet(HomeViewSet):
    tag = "Expenses"
    serializer_class = ExpenseTotals

    @endpoint("Retrieve the totals of the expenses of a period", query=TOTALS_QUERY)
    def retrieve(self, query: dict[str, Any]) -> dict[str, Any]:
        """By category, by the member who paid, or by month. Payments between members are left out."""
        period = period_of(self.home, query.get("from"), query.get("to"))
        by = query.get("group_by", EXPENSE_GROUPINGS[0])
        sums = Expense.objects.in_period(self.home, period.first, period.last).totals(by)
        groups = [
            {"key": getattr(key, "key", key), "label": expense_group_label(by, key), "total": total}
            for key, total in sums.items()
        ]
        total = sum(sums.values(), ZERO)
        facts = {"from": period.first, "to": period.last, "currency": self.home.currency}
        return {**facts, "total": total, "groups": groups}


class ExpenseViewSet(HomeViewSet):
    tag = "Expenses"
    lookup_url_kwarg = "expense_id"
    queryset = Expense.objects.with_people()
    serializer_class = ExpenseSerializer

    @endpoint("List expenses and payments, newest first", paginated=True, columns=False, query=EXPENSE_QUERY)
    def list(self, query: dict[str, Any]) -> Any:
        lookups = {"from": "spent_on__gte", "to": "spent_on__lte"}
        return self.get_queryset().filter(**{lookups[name]: day for name, day in query.items()})

    @endpoint("Create an expense", request=NewExpense, example={"title": "Pizza", "amount": "450"})
    def create(self, data: dict[str, Any]) -> Expense:
        return actions.create_expense(by=self.actor(), **with_parts(data))

    retrieve = retrieve_endpoint("Retrieve an expense or a payment")

    @endpoint("Change an expense or a payment", request=ExpenseChange, example={"amount": "500"})
    def partial_update(self, expense: Expense, data: dict[str, Any]) -> Expense:
        """Without `shares`, another amount is divided equally if the amount before was, and else refused."""
        return actions.change_expense(expense, by=self.actor(), **with_parts(data))

    destroy = action_endpoint(actions.remove_expense, "Remove an expense or a payment")


def with_parts(data: dict[str, Any]) -> dict[str, Any]:
    shares: Sequence[dict[str, Any]] | None = data.pop("shares", None)
    return data if shares is None else {**data, "shares": [Part(**share) for share in shares]}


class SettlementViewSet(HomeViewSet):
    tag = "Expenses"
    queryset = Expense.objects.with_people().filter(is_payment=True)
    serializer_class = ExpenseSerializer

    @endpoint("List payments between members, newest first", paginated=True, columns=False)
    def list(self) -> Any:
        return self.get_queryset()

    create = action_endpoint(
        actions.settle_up, "Record a payment between members", request=NewSettlement,
        description="It is changed and removed like an expense.",
        example={"payer": "Ben", "payee": "Nok", "amount": "150"},
    )  # fmt: skip


class BalanceViewSet(HomeViewSet):
    tag = "Expenses"
    serializer_class = Balances

    @endpoint("Retrieve who owes whom")
    def retrieve(self) -> dict[str, Any]:
        """Returns all members, who has left if they are in an expense, and the payments that would settle all."""
        owed = balances(self.home)
        people = [
            {"person": key, "name": each.name, "is_member": each.is_member, "balance": owed.get(each, ZERO)}
            for key, each in people_of(self.home).items()
        ]
        return {"currency": self.home.currency, "people": people, "payments": settling_payments(owed)}
