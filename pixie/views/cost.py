"""What Pixie costs: a month, by days, and by what it was spent on."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from groceries.reports import Period
from groceries.views.money import requested_month
from homes.decorators import MemberRequest, member_required
from homes.models import Agent, Membership
from pixie.models import LOCAL
from pixie.runs import trace
from pixie.usage import costs as usage_costs

BY = ("model", "agent", "member")


@require_safe
@member_required
def costs(request: MemberRequest) -> HttpResponse:
    """One month: `?month=2026-11`, anything else is this month. `?by=` model, agent or member."""
    period = requested_month(request)
    is_now = period == Period.month(request.home)
    by = request.GET.get("by", "")
    by = by if by in BY else BY[0]
    by_day, used = usage_costs.used(period, "day"), usage_costs.used(period, by)
    totals = _with_tokens(used.totals)
    budget, of_agents = usage_costs.budgets_of(request.home, used.spent) if is_now else (None, [])
    context = {
        "period": period,
        "before": period.previous_month(),
        "after": period.following_month() if period.last < request.home.now().date() else None,
        "is_now": is_now,
        "totals": totals,
        "tool_time": trace.duration(totals["tool_ms"]),
        "budget": budget,
        "days": _days(period, by_day.groups),
        "by": by,
        "groups": _groups(period, by, used.groups),
        "unpriced": used.unpriced,
        "limits": [each for each in of_agents if each.limit is not None],
        "tab": "home",
    }
    return render(request, "pixie/costs.html", context)


def _days(period: Period, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each day of the period, with where its column stands and how high, in per cent; empty where nothing was asked."""
    found = {row["key"]: _with_tokens(row) for row in rows}
    if not found:
        return []
    counts = "cost_usd" if any(row["cost_usd"] for row in found.values()) else "runs"
    most = max(row[counts] for row in found.values())
    width = Decimal(100) / period.days
    return [
        {
            "day": day,
            "used": found.get(day),
            "x": _places(width * at),
            "width": _places(width * Decimal("0.7")),
            "height": _places(Decimal(100) * found[day][counts] / most) if day in found else 0,
        }
        for at, day in enumerate(_calendar(period))
    ]


def _calendar(period: Period) -> list[date]:
    return [period.first + timedelta(days=at) for at in range(period.days)]


def _groups(period: Period, by: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the names of who or what it was, and the share of the costliest in per cent."""
    names = _names(period, by)
    counts = "cost_usd" if any(row["cost_usd"] for row in rows) else "runs"
    most = max((row[counts] for row in rows), default=0) or 1
    return [
        {
            **_with_tokens(row),
            "name": names.get(row["key"], "" if by != "model" or row["key"] == LOCAL else row["key"]),
            "tool_time": trace.duration(row["tool_ms"]),
            "percent": _places(Decimal(100) * row[counts] / most),
        }
        for row in rows
    ]


def _with_tokens(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "tokens": row["input_tokens"] + row["output_tokens"]}


def _names(period: Period, by: str) -> dict[UUID, str]:
    if by == "agent":
        return dict(Agent.objects.filter(home=period.home).values_list("pk", "display_name"))
    if by == "member":
        return dict(Membership.objects.filter(home=period.home).values_list("user", "user__name"))
    return {}


def _places(percent: Decimal) -> float:
    return float(round(percent, 2))
