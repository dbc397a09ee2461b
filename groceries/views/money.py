"""What the home spent."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from groceries import reports
from groceries.models import Category
from homes.decorators import MemberRequest, member_required

LAST_SHOWN = 12
ALL_SHOWN = 500
FIRST_SHOWN = date(1900, 1, 1)  # the calendar ends before what is usual, some months earlier, could be asked for


@require_safe
@member_required
def money(request: MemberRequest) -> HttpResponse:
    """One month: `?month=2026-11`; anything else is this month. `?all` shows every purchase of it."""
    period = month_of(request)
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
        "paid": list(reports.by_member(period).items()),
        "bought": bought[: ALL_SHOWN if everything else LAST_SHOWN],
        "bought_count": bought.count(),
        "everything": everything,
        "unpriced": reports.count_unpriced(period),
        "seq": request.home.last_seq,
        "tab": "money",
    }
    return render(request, "groceries/money.html#money" if request.htmx else "groceries/money.html", context)


def month_of(request: MemberRequest) -> reports.Period:
    """The one that `?month=2026-11` names, else this one."""
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
        return reports.Period.month(request.home, max(asked, FIRST_SHOWN))
    except (ValueError, OverflowError):
        return reports.Period.month(request.home)


def _budget(period: reports.Period, total: Decimal) -> dict[str, Any]:
    budget = period.home.monthly_budget
    if not budget:
        return {"budget": None}
    passed = period.days - period.days_left() + 1
    days_left = period.days_left()
    left = budget - total
    return {
        "budget": budget,
        "left": left,
        "days_left": days_left,
        "a_day": (left / days_left).quantize(Decimal(1)) if days_left and left > 0 else None,
        "spent_percent": min(100, float(round(100 * total / budget, 1))),
        "day_percent": float(round(Decimal(100 * passed) / period.days, 1)) if days_left else None,
        "is_over": left < 0,
        "over": -left,
    }


def _aisles(period: reports.Period, sums: dict[str, Decimal]) -> list[dict[str, Any]]:
    usual = reports.average_by_category(period)
    labels = {category.name: category for category in Category.objects.filter(home=period.home)}
    longest = max([*sums.values(), *usual.values(), Decimal(1)])
    return [
        {
            "category": labels.get(name),
            "label": labels[name].label if name in labels else name,
            "spent": value,
            "usual": usual.get(name),
            "more": value - usual[name] if name in usual else None,
            "percent": float(round(100 * value / longest, 1)),
            "usual_percent": float(round(100 * usual[name] / longest, 1)) if name in usual else None,
            "is_over": name in usual and value > usual[name] * Decimal("1.25"),
        }
        for name, value in sums.items()
    ]
