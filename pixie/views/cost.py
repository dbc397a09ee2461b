"""The costs page: one month's usage by day, and by model, agent or member."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from groceries.reports import Period
from groceries.views.money import requested_month
from homes.decorators import MemberRequest, member_page
from homes.models import Agent, Membership
from pixie.models import LOCAL
from pixie.runs import trace
from pixie.usage import costs as usage_costs

GROUPINGS = ("model", "agent", "member")


@member_page
def costs(request: MemberRequest) -> HttpResponse:
    """Show a month, by default the current one: `?month=2026-11&by=model`, agent or member."""
    period = requested_month(request)
    is_now = period == Period.month(request.home)
    by = request.GET.get("by", "")
    by = by if by in GROUPINGS else GROUPINGS[0]
    by_day, used = usage_costs.usage_by(period, "day"), usage_costs.usage_by(period, by)
    totals = _with_tokens(used.totals)
    budget, agent_budgets = usage_costs.budgets_of(request.home, used.spent) if is_now else (None, [])
    context = {
        "period": period,
        "before": period.previous_month(),
        "after": period.following_month() if period.last < request.home.now().date() else None,
        "is_now": is_now,
        "totals": totals,
        "tool_time": trace.format_duration(totals["tool_ms"]),
        "budget": budget,
        "days": _days(period, by_day.groups),
        "by": by,
        "groups": _groups(period, by, used.groups),
        "unpriced": used.unpriced,
        "limits": [budget for budget in agent_budgets if budget.limit is not None],
        "tab": "home",
    }
    return render(request, "pixie/costs.html", context)


def _days(period: Period, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each day with its bar's position and height in percent; empty if nothing was used."""
    usage_by_day = {row["key"]: _with_tokens(row) for row in rows}
    if not usage_by_day:
        return []
    measure = "cost_usd" if any(row["cost_usd"] for row in usage_by_day.values()) else "runs"
    largest = max(row[measure] for row in usage_by_day.values())
    width = Decimal(100) / period.days
    return [
        {
            "day": day,
            "used": usage_by_day.get(day),
            "x": _rounded(width * index),
            "width": _rounded(width * Decimal("0.7")),
            "height": _rounded(Decimal(100) * usage_by_day[day][measure] / largest) if day in usage_by_day else 0,
        }
        for index, day in enumerate(period.first + timedelta(days=index) for index in range(period.days))
    ]


def _groups(period: Period, by: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add names, and the share of the largest group in percent."""
    names = _names(period, by)
    measure = "cost_usd" if any(row["cost_usd"] for row in rows) else "runs"
    largest = max((row[measure] for row in rows), default=0) or 1
    return [
        {
            **_with_tokens(row),
            "name": names.get(row["key"], "" if by != "model" or row["key"] == LOCAL else row["key"]),
            "tool_time": trace.format_duration(row["tool_ms"]),
            "percent": _rounded(Decimal(100) * row[measure] / largest),
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


def _rounded(percent: Decimal) -> float:
    return float(round(percent, 2))
