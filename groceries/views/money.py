"""The spending page."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from groceries import reports
from groceries.actions import change_trip_total, correct_price
from groceries.attachments import TRIP, file_context
from groceries.csv_export import csv_response
from groceries.forms import CsvForm, PriceForm, TotalForm
from groceries.models import Category, ListEntry, Store, Trip
from groceries.views.expenses import expense_context
from homes.decorators import MemberRequest, member_form, member_page
from pantry.forms import form_errors, render_form

RECENT_PURCHASES = 12
MAX_PURCHASES = 500
EARLIEST_MONTH = date(1900, 1, 1)  # averages need the months before, and `date` starts at year 1


@member_page
def money(request: MemberRequest) -> HttpResponse:
    """Show the spending of one month, `?month=2026-11` or the current one. `?all` lists up to 500 purchases and
    as many shared expenses, which are summed up `?by=` category, member or month."""
    period = requested_month(request)
    sums = reports.by_category(period)
    total = sum(sums.values(), reports.ZERO)
    everything = "all" in request.GET
    limit = MAX_PURCHASES if everything else RECENT_PURCHASES
    bought = reports.purchases(period).select_related("item", "purchased_by").order_by("-purchased_at")
    context = {
        "period": period,
        "before": period.previous_month(),
        "after": period.following_month() if period.last < request.home.now().date() else None,
        "total": total,
        **_budget(period, total),
        "aisles": _aisles(period, sums),
        "paid": list(reports.cached_totals(period, "member").groups.items()),
        "stores": _stores(period),
        "weeks": _weeks(period),
        "months": _months(period),
        "bought": bought[:limit],
        "bought_count": bought.count(),
        "everything": everything,
        "receipts": reports.receipts(period),
        **expense_context(period, limit, request.GET.get("by", "")),
        "unpriced": reports.count_unpriced(period),
        "seq": request.home.last_seq,
        "tab": "money",
    }
    return render(request, "groceries/money.html#money" if request.htmx else "groceries/money.html", context)


@member_page
def download(request: MemberRequest) -> HttpResponseBase:
    """Ask what to download, by default of `?month=2026-11`; with all of it in the query, send the CSV file."""
    month = requested_month(request)
    is_sent = "kind" in request.GET
    form = CsvForm(request.GET if is_sent else None, initial={"first": month.first, "last": month.last})
    if form.is_valid():
        fields = form.cleaned_data
        period = reports.Period(request.home, fields["first"], fields["last"])
        with form_errors(form):
            return csv_response(period, fields["kind"], fields["encoding"], request.user.pk)
    back = reverse("groceries:money", args=[request.home.pk], query={"month": f"{month.first:%Y-%m}"})
    return render_form(request, "groceries/csv.html", form, back=back, tab="money")


@member_form
def price(request: MemberRequest, list_id: UUID, entry_id: UUID) -> HttpResponse:
    """Correct the price of a purchase, also on a completed or archived list. `?month` leads back to the spending."""
    entries = ListEntry.objects.in_spending_of(request.member).select_related("list", "item")
    entry = get_object_or_404(entries, pk=entry_id, list=list_id)
    url = reverse("groceries:list", args=[request.home.pk, list_id])
    if "month" in request.GET or entry.list.archived_at:
        url = _month_url(request, entry.purchased_at)
    if not entry.is_purchased:  # it was put back meanwhile
        return redirect(url)
    form = PriceForm(request.POST or None, entry=entry)
    if form.is_valid():
        with form_errors(form, "price"):
            correct_price(entry, form.cleaned_data["price"], by=request.actor)
            return redirect(url)
    context = {"entry": entry, "back": url, "tab": "money" if "month" in request.GET else "lists"}
    return render_form(request, "groceries/price.html", form, **context)


@member_form
def trip(request: MemberRequest, list_id: UUID, trip_id: UUID) -> HttpResponse:
    """Change the total of a receipt, and return to the spending of its month."""
    trips = Trip.objects.visible_to(request.member).exclude(ended_at=None).select_related("list")
    row = get_object_or_404(trips, pk=trip_id, list=list_id)
    url = _month_url(request, row.ended_at)
    form = TotalForm(request.POST or None, home=request.home, total=row.total)
    if form.is_valid():
        with form_errors(form, "total"):
            change_trip_total(row, form.cleaned_data["total"], by=request.actor)
            return redirect(url)
    context = {"list": row.list, "trip": row, "back": url, "tab": "money", **file_context(TRIP, row)}
    return render_form(request, "groceries/total.html", form, **context)


def _month_url(request: MemberRequest, moment: datetime | None) -> str:
    """Return the page with the spending of the month."""
    return reverse("groceries:money", args=[request.home.pk], query={"month": f"{localtime(moment):%Y-%m}"})


def requested_month(request: MemberRequest) -> reports.Period:
    """Return the month of `?month=2026-11`, or the current one."""
    try:
        first = date.fromisoformat(f"{request.GET.get('month', '')}-01")
        return reports.Period.month(request.home, max(first, EARLIEST_MONTH))
    except (ValueError, OverflowError):
        return reports.Period.month(request.home)


def _budget(period: reports.Period, total: Decimal) -> dict[str, Any]:
    budget = period.home.monthly_budget
    if not budget:
        return {"budget": None}
    days_elapsed = period.days - period.days_left() + 1
    days_left = period.days_left()
    left = budget - total
    return {
        "budget": budget,
        "left": left,
        "days_left": days_left,
        "a_day": (left / days_left).quantize(Decimal(1)) if days_left > 1 and left > 0 else None,
        "spent_percent": min(100, float(round(100 * total / budget, 1))),
        "day_percent": float(round(Decimal(100 * days_elapsed) / period.days, 1)) if days_left else None,
        "is_over": left < 0,
        "over": -left,
    }


def _stores(period: reports.Period) -> list[dict[str, Any]]:
    """Return the sums by store; nothing if no list had one."""
    sums = reports.cached_totals(period, "store").groups
    names = dict(Store.objects.filter(home=period.home).values_list("pk", "name"))
    return _bars([(names.get(key, _("Without a store")), total) for key, total in sums.items()]) if any(sums) else []


def _weeks(period: reports.Period) -> list[dict[str, Any]]:
    """Return the sums of the weeks of the month, oldest first."""
    sums = reports.cached_totals(period, "week").groups
    weeks = [(max(monday, period.first), total) for monday, total in sums.items()]
    return _bars([(_("From %(day)s") % {"day": date_format(day, "MONTH_DAY_FORMAT")}, total) for day, total in weeks])


def _months(period: reports.Period) -> list[dict[str, Any]]:
    """Return the sums of this month and those of the year before, oldest first; nothing if it is the only one."""
    year_before = max(date(period.first.year - 1, period.first.month, 1), EARLIEST_MONTH)
    sums = reports.cached_totals(reports.Period(period.home, year_before, period.last), "month").groups
    months = [(date_format(first, "YEAR_MONTH_FORMAT"), total, f"{first:%Y-%m}") for first, total in sums.items()]
    return _bars(months) if len(months) > 1 else []


def _bars(sums: Iterable[tuple[str, Decimal] | tuple[str, Decimal, str]]) -> list[dict[str, Any]]:
    """Return the data of bars: labels, sums, perhaps months to link to, and percents of the largest."""
    rows = list(sums)
    largest = max((spent for _label, spent, *_month in rows), default=Decimal(1)) or Decimal(1)
    return [
        {"label": label, "spent": spent, "month": "".join(month), "percent": float(round(100 * spent / largest, 1))}
        for label, spent, *month in rows
    ]


def _aisles(period: reports.Period, sums: dict[str, Decimal]) -> list[dict[str, Any]]:
    usual = reports.average_by_category(period)
    categories = {category.name: category for category in Category.objects.filter(home=period.home)}
    largest = max([*sums.values(), *usual.values(), Decimal(1)])
    return [
        {
            "category": categories.get(name),
            "label": categories[name].label if name in categories else name,
            "spent": value,
            "usual": usual.get(name),
            "more": value - usual[name] if name in usual else None,
            "percent": float(round(100 * value / largest, 1)),
            "usual_percent": float(round(100 * usual[name] / largest, 1)) if name in usual else None,
            "is_over": name in usual and value > usual[name] * Decimal("1.25"),
        }
        for name, value in sums.items()
    ]
