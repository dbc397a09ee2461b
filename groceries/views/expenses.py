"""Pages of shared expenses and payments. Every change can be undone from its toast."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groceries import reports
from groceries.actions import change_expense, create_expense, remove_expense, settle_up
from groceries.attachments import EXPENSE, file_context
from groceries.balances import Payment, balances, people_of, settling_payments
from groceries.expense_forms import ExpenseForm, PaymentForm
from groceries.models import EXPENSE_GROUPINGS, Expense, Person, expense_group_label
from groceries.views.recurring import offer_undo
from homes.decorators import MemberRequest, error_messages, member_form, member_post
from homes.models import Home
from homes.operations import operation
from pantry.forms import form_errors, render_form

CHANGES: dict[str, tuple[dict[str, Any], Any]] = {
    "pause": ({"paused": True}, gettext_lazy("%(expense)s is paused.")),
    "resume": ({"paused": False}, gettext_lazy("%(expense)s goes on.")),
    "end": ({"rrule": ""}, gettext_lazy("%(expense)s no longer repeats.")),
}


@member_form
def create(request: MemberRequest) -> HttpResponse:
    by, people = operation(request), people_of(request.home)
    form = ExpenseForm(request.POST or None, home=request.home, people=people, payer=str(request.user.pk))
    if form.is_valid():
        with form_errors(form):
            expense = create_expense(by=by, **form.fields_of_expense())
            offer_undo(request, by, _("%(expense)s is added.") % {"expense": expense})
            return redirect(month_url(request.home, expense))
    return render_form(request, "groceries/expense.html", form, tab="money")


@member_form
def edit(request: MemberRequest, expense_id: UUID) -> HttpResponse:
    """Change an expense or a payment."""
    expense, by, people = get_expense(request, expense_id), operation(request), people_of(request.home)
    kind = PaymentForm if expense.is_payment else ExpenseForm
    form: Any = kind(request.POST or None, home=request.home, people=people, expense=expense)
    if form.is_valid():
        with form_errors(form):
            expense = change_expense(expense, by=by, **form.changes())
            offer_undo(request, by, _("%(expense)s is changed.") % {"expense": expense})
            return redirect(month_url(request.home, expense))
    files = file_context(EXPENSE, expense)
    return render_form(request, "groceries/expense.html", form, expense=expense, tab="money", **files)


@member_post
def remove(request: MemberRequest, expense_id: UUID) -> HttpResponse:
    expense, by = get_expense(request, expense_id), operation(request)
    with error_messages(request):
        remove_expense(expense, by=by)
        offer_undo(request, by, _("%(expense)s is removed.") % {"expense": expense})
    return redirect(month_url(request.home, expense))


@member_post
def change(request: MemberRequest, expense_id: UUID, verb: str) -> HttpResponse:
    """Pause, resume or end the repeating of an expense."""
    expense, by = get_expense(request, expense_id), operation(request)
    fields, done = CHANGES[verb]
    with error_messages(request):
        change_expense(expense, by=by, **fields)
        offer_undo(request, by, done % {"expense": expense})
    return redirect(month_url(request.home, expense))


@member_form
def settle(request: MemberRequest) -> HttpResponse:
    """Record a payment. `?from` and `?to` name a proposed one, by the keys of its people."""
    by, people = operation(request), people_of(request.home)
    proposed = _proposed(request, people)
    form = PaymentForm(request.POST or None, home=request.home, people=people, payment=proposed)
    if form.is_valid():
        fields = form.fields_of_expense()
        payer, payee = fields.pop("paid_by"), fields.pop("shares")[0].key
        with form_errors(form):
            payment = settle_up(payer, payee, fields.pop("amount"), by=by, **fields)
            names = {"payer": people[payer], "payee": people[payee]}
            offer_undo(request, by, _("%(payer)s paid %(payee)s.") % names)
            return redirect(month_url(request.home, payment))
    return render_form(request, "groceries/expense.html", form, is_payment=True, tab="money")


def month_url(home: Home, expense: Expense) -> str:
    """Return the address of the expenses of its month."""
    query = {"month": f"{expense.spent_on:%Y-%m}"}
    return reverse("groceries:money", args=[home.pk], query=query, fragment="t-expenses")


def _proposed(request: MemberRequest, people: Mapping[str, Person]) -> Payment | None:
    payer, payee = (people.get(request.GET.get(name, "")) for name in ("from", "to"))
    payments = settling_payments(balances(request.home)) if payer and payee else []
    return next((each for each in payments if (each.payer, each.payee) == (payer, payee)), None)


def get_expense(request: MemberRequest, expense_id: UUID) -> Expense:
    rows: Any = Expense.objects.visible_to(request.member).with_people()
    expense: Expense = get_object_or_404(rows, pk=expense_id)
    expense.home = request.home
    return expense


def expense_context(period: reports.Period, limit: int, by: str) -> dict[str, Any]:
    """Return what the page of a month says of shared expenses: the newest ones, their totals `by` category, by member,
    or by month in the year until then, and who owes whom now. Six queries."""
    rows = Expense.objects.in_period(period.home, period.first, period.last)
    by = by if by in EXPENSE_GROUPINGS else "category"
    summed = rows
    if by == "month":
        first = period.first.replace(year=period.first.year - 1) + timedelta(days=31)
        summed = Expense.objects.in_period(period.home, first.replace(day=1), period.last)
    sums = summed.totals(by)
    return {
        "expenses": rows.with_people().with_files()[:limit],
        "expense_count": rows.count(),
        "expense_total": sum(sums.values(), reports.ZERO),
        "expense_by": by,
        "expense_groups": list(_bars(by, sums)),
        "debts": settling_payments(balances(period.home)),
    }


def _bars(by: str, sums: Mapping[Any, Decimal]) -> Iterator[dict[str, Any]]:
    for key, total in sums.items():
        percent = float(round(100 * total / max(sums.values()), 1))
        yield {"label": expense_group_label(by, key), "spent": total, "percent": percent}
