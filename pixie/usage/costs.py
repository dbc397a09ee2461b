"""Costs of language models and their budgets."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Count, DateField, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from chat.models import Message
from groceries.reports import Period
from homes.models import Agent, Home, Membership
from pantry.errors import ActionError, BudgetExceeded
from pixie.llm import Usage
from pixie.llm.access import model_access
from pixie.models import LOCAL, ModelAccess, ModelPrice, Run, RunStep
from pixie.replies import excuses
from pixie.runs.outcomes import to_plain

log = logging.getLogger("pixie.runs")

ZERO = Decimal(0)
SUMMED = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "tool_ms", "cost_usd")
SUMS = {
    "runs": Count("id", filter=Q(step_number=1)),  # counted at their first step, so that groups add up to the total
    "calls": Count("id", filter=~Q(model=LOCAL)),
    "duration_ms": Coalesce(Sum("duration_ms"), 0),
    **{name: Sum(name) for name in SUMMED},
}
COST = Coalesce(Sum("cost_usd"), ZERO)


@dataclass(frozen=True)
class UsageReport:
    """Usage of the runs requested in a period."""

    totals: dict[str, Any]
    groups: list[dict[str, Any]]
    """Totals by `key`, the most expensive first, days in order."""
    spent: dict[UUID, Decimal] | None
    """US$ of this month by agent; None unless the period includes the whole month."""
    unpriced: list[str]
    """Models without a price, which count as free."""


@dataclass(frozen=True)
class Budget:
    """A month's budget in US$, of the home or of one `agent`. `limit` is None if unlimited."""

    limit: Decimal | None
    spent: Decimal
    month: datetime
    agent: Agent | None = None

    @property
    def left(self) -> float | None:
        """The unspent part, from 0 to 1; None without a limit."""
        if self.limit is None:
            return None
        return float(max(ZERO, self.limit - self.spent) / self.limit) if self.limit else 0.0

    @property
    def is_spent(self) -> bool:
        return self.limit is not None and self.spent >= self.limit

    @property
    def percent(self) -> float:
        return 0.0 if self.left is None else round(100 * (1 - self.left), 1)

    @property
    def metadata_value(self) -> str:
        """The `budget` metadata of the message that announces that it is spent."""
        return "agent_spent" if self.agent else "spent"

    @property
    def renews_at(self) -> datetime:
        return self.month + relativedelta(months=1)


def check_budget(agent: Agent) -> None:
    """Raise ActionError if the home has no language model, BudgetExceeded if its budget is spent."""
    if model_access(agent.home) is None:
        raise ActionError(_("This home has no language model. An owner can set one up in the settings."))
    budget = budget_for(agent)
    if budget.is_spent:
        raise BudgetExceeded(excuses.budget_spent_text(budget.month), to_plain(budget_data(budget)))


def budget_data(budget: Budget) -> dict[str, Any]:
    return {
        "agent_id": budget.agent.pk if budget.agent else None,
        "limit_usd": budget.limit,
        "spent_usd": round(budget.spent, 6),  # SQLite adds up floating-point numbers
        "renews_at": budget.renews_at.astimezone(UTC),
    }


def model_cost(model: str, usage: Usage) -> Decimal:
    """Return the cost in US$; 0 if the model has no price."""
    price = ModelPrice.objects.filter(model=model).first()
    return price.cost(usage.uncached, usage.cache_written, usage.cache_read, usage.output) if price else ZERO


def unpriced_models() -> list[str]:
    """Return all models that were ever used and have no price."""
    return _unpriced(RunStep.objects.exclude(model=LOCAL).order_by().values_list("model", flat=True).distinct())


def _unpriced(models: Iterable[str]) -> list[str]:
    used = {*models} - {LOCAL}
    return sorted(used.difference(ModelPrice.objects.values_list("model", flat=True))) if used else []


def budget_of(home: Home) -> Budget:
    """Return this month's budget, in the home's time zone. With the server's key, the server's limit applies, too."""
    return budgets_of(home)[0]


def budget_for(agent: Agent) -> Budget:
    """Return the home's budget or the agent's own, whichever has the smaller part left."""
    home, agents = budgets_of(agent.home)
    own = next((budget for budget in agents if budget.agent == agent), home)
    return min(home, own, key=lambda budget: 1.0 if budget.left is None else budget.left)


def budgets_of(home: Home, spent: dict[UUID, Decimal] | None = None) -> tuple[Budget, list[Budget]]:
    """Return this month's budget of the home and of each agent, the oldest first.

    Three queries, or two with `spent`: the cost of each agent this month.
    """
    month = Period.month(home)
    start = month.bounds[0]
    if spent is None:
        spent = dict(_steps(month).values_list("agent").annotate(model_cost=COST))
    agents = Agent.objects.filter(home=home).order_by("created_at")
    own = [Budget(agent.monthly_budget_usd, spent.get(agent.pk, ZERO), start, agent) for agent in agents]
    return Budget(_limit_of(home), sum(spent.values(), ZERO), start), own


def _limit_of(home: Home) -> Decimal | None:
    own = ModelAccess.objects.filter(home=home).first()
    limits = [own.monthly_budget_usd] if own and own.monthly_budget_usd is not None else []
    if (own is None or not own.provider) and settings.PIXIE_MONTHLY_BUDGET_USD is not None:
        limits.append(settings.PIXIE_MONTHLY_BUDGET_USD)
    return min(limits, default=None)


def usage_by(period: Period, by: str) -> UsageReport:
    """Sum the usage by `agent`, `model`, `member` (the author; None for scheduled runs) or `day`.

    One query, and one more if a language model was used.
    """
    keys: dict[str, Any] = {
        "agent": F("agent"),
        "model": F("model"),
        "member": F("run__trigger_message__author_user"),
        "day": TruncDate("requested_at", tzinfo=period.home.zone, output_field=DateField()),
    }
    month = Period.month(period.home)
    start, end = month.bounds
    month_cost = Coalesce(Sum("cost_usd", filter=Q(requested_at__gte=start, requested_at__lt=end)), ZERO)
    rows: Any = _steps(period).values("model", "agent", key=keys[by]).annotate(month_cost=month_cost, **SUMS)
    groups: dict[Any, list[Any]] = {}
    spent: dict[UUID, Decimal] = {}
    for row in rows:
        groups.setdefault(row["key"], []).append(row)
        spent[row["agent"]] = spent.get(row["agent"], ZERO) + row["month_cost"]
    sums = [{"key": key, **_sum(group)} for key, group in groups.items()]
    sums.sort(key=lambda row: row["key"] if by == "day" else (-row["cost_usd"], -row["runs"], str(row["key"])))
    has_month = period.first <= month.first and month.last <= period.last
    return UsageReport(_sum(rows), sums, spent if has_month else None, _unpriced({row["model"] for row in rows}))


def _sum(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(row[name] for row in rows) for name in SUMS}


def _steps(period: Period) -> QuerySet[RunStep]:
    start, end = period.bounds
    return RunStep.objects.filter(home=period.home, requested_at__gte=start, requested_at__lt=end).order_by()


def was_announced(home: Home, budget: Budget, member: Membership) -> bool:
    """Return whether an agent has already told the member this month that the budget is spent."""
    announcements = Message.objects.filter(
        home=home, created_at__gte=budget.month, metadata__budget=budget.metadata_value, metadata__told=str(member.pk)
    )
    return announcements.filter(author_agent=budget.agent or F("author_agent")).exists()


def log_run(run: Run) -> None:
    """Log a finished run as one line of JSON, without any message text."""
    uses_model = run.route not in ("", LOCAL)
    facts = {
        "run": run.pk,
        "home": run.home_id,
        "agent": run.agent_id,
        "route": "model" if uses_model else LOCAL,
        "model": run.route if uses_model else None,
        **{name: getattr(run, name) for name in ("status", "stop_reason", "attempts", "duration_ms", *SUMMED)},
        "cost_usd": float(run.cost_usd),
    }
    log.info("run", extra={"facts": facts})
