"""The spending page."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from groceries import reports
from groceries.models import Category
from homes.decorators import MemberRequest, member_page

RECENT_PURCHASES = 12
MAX_PURCHASES = 500
EARLIEST_MONTH = date(1900, 1, 1)  # averages need the months before, and `date` starts at year 1


@member_page
def money(request: MemberRequest) -> HttpResponse:
    """Show the spending of one month, `?month=2026-11` or the current one. `?all` lists up to 500 purchases."""
    period = requested_month(request)
    sums = reports.by_category(period)
    total = sum(sums.values(), reports.ZERO)
    everything = "all" in request.GET
    bought = reports.purchases(period).select_related("item", "purchased_by").order_by("-purchased_at")
    context = {
        "period": period,
        "before": period.previous_month(),
        "after": period.following_month() if period.last < request.home.now().date() else None,
        "total": total,
        **_budget(period, total),
        "aisles": _aisles(period, sums),
        "paid": list(reports.cached_totals(period, "member").groups.items()),
        "bought": bought[: MAX_PURCHASES if everything else RECENT_PURCHASES],
        "bought_count": bought.count(),
        "everything": everything,
        "unpriced": reports.count_unpriced(period),
        "seq": request.home.last_seq,
        "tab": "money",
    }
    return render(request, "groceries/money.html#money" if request.htmx else "groceries/money.html", context)


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
