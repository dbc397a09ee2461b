"""What language models cost, and what is left for them."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, DateField, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import formats
from django.utils.translation import gettext as _

from chat.models import Message
from groceries.reports import Period
from homes.models import Agent, Home
from pantry.errors import ActionError, BudgetExceeded
from pixie.llm import Usage
from pixie.llm.access import access_of
from pixie.models import LOCAL, ModelAccess, ModelPrice, Run, RunStep
from pixie.replies import excuses
from pixie.runs.outcomes import plain

log = logging.getLogger("pixie.runs")

ZERO = Decimal(0)
SUMMED = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "tool_ms", "cost_usd")
SUMS = {
    "runs": Count("id", filter=Q(step_number=1)),  # each where it began, so that groups add up to the whole
    "calls": Count("id", filter=~Q(model=LOCAL)),
    "duration_ms": Coalesce(Sum("duration_ms"), 0),
    **{name: Sum(name) for name in SUMMED},
}
COST = Coalesce(Sum("cost_usd"), ZERO)


@dataclass(frozen=True)
class Used:
    """What the runs that were asked for in a period used."""

    totals: dict[str, Any]
    groups: list[dict[str, Any]]
    """The same by what is under `key`: the costliest first, days in their order. They add up to `totals`."""
    spent: dict[UUID, Decimal] | None
    """US$ of this month by agent, where the period has all of it."""
    unpriced: list[str]
    """Models that were asked and have no price, so what they cost is not counted."""


@dataclass(frozen=True)
class Budget:
    """Of a month, in US$, of the home or of one `agent` in it. `limit` None: as much as one likes."""

    limit: Decimal | None
    spent: Decimal
    month: datetime
    agent: Agent | None = None

    @property
    def left(self) -> float | None:
        """The part that is left, from 0 to 1; None without a limit."""
        if self.limit is None:
            return None
        return float(max(ZERO, self.limit - self.spent) / self.limit) if self.limit else 0.0

    @property
    def is_spent(self) -> bool:
        return self.limit is not None and self.spent >= self.limit

    @property
    def percent(self) -> float:
        """The part that is spent, from 0 to 100."""
        return 0.0 if self.left is None else round(100 * (1 - self.left), 1)

    @property
    def mark(self) -> str:
        """By which the message is known that says that it is spent."""
        return "agent_spent" if self.agent else "spent"

    @property
    def renews_at(self) -> datetime:
        """The first moment of the next month."""
        following = self.month.replace(day=1, month=self.month.month % 12 + 1)
        return following.replace(year=self.month.year + (self.month.month == 12))


def check_budget(agent: Agent) -> None:
    """Raise ActionError where the home has no language model, and BudgetExceeded where its budget is spent."""
    if access_of(agent.home) is None:
        raise ActionError(_("This home has no language model. An owner can give it one in the settings."))
    budget = budget_for(agent)
    if budget.is_spent:
        raise BudgetExceeded(excuses.budget_spent(formats.date_format(budget.month, "F")), plain(told(budget)))


def told(budget: Budget) -> dict[str, Any]:
    """A budget as programs read it."""
    return {
        "agent_id": budget.agent.pk if budget.agent else None,
        "limit_usd": budget.limit,
        "spent_usd": budget.spent,
        "renews_at": budget.renews_at,
    }


def cost(model: str, usage: Usage) -> Decimal:
    """In US$. A model whose price nobody knows costs nothing."""
    price = ModelPrice.objects.filter(model=model).first()
    return price.cost(usage.fresh, usage.written, usage.read, usage.output) if price else ZERO


def unpriced_models() -> list[str]:
    """Models that were ever asked and have no price."""
    return _unpriced(RunStep.objects.exclude(model=LOCAL).order_by().values_list("model", flat=True).distinct())


def _unpriced(models: Iterable[str]) -> list[str]:
    asked = {*models} - {LOCAL}
    return sorted(asked.difference(ModelPrice.objects.values_list("model", flat=True))) if asked else []


def budget_of(home: Home) -> Budget:
    """This month's, by the home's clock. With the server's key the server's limit holds, too."""
    month = Period.month(home)
    return Budget(_limit_of(home), _spent(month), month.bounds[0])


def budgets_of(home: Home, spent: dict[UUID, Decimal] | None = None) -> tuple[Budget, list[Budget]]:
    """This month's of the home, and of each agent, the oldest first. `spent`: what each agent cost this month, where
    that is known. Three queries, or two."""
    month = Period.month(home)
    start = month.bounds[0]
    if spent is None:
        spent = dict(_steps(month).values_list("agent").annotate(cost=COST))
    agents = Agent.objects.filter(home=home).order_by("created_at")
    own = [Budget(one.monthly_budget_usd, spent.get(one.pk, ZERO), start, one) for one in agents]
    return Budget(_limit_of(home), sum(spent.values(), ZERO), start), own


def _limit_of(home: Home) -> Decimal | None:
    own = ModelAccess.objects.filter(home=home).first()
    limits = [own.monthly_budget_usd] if own and own.monthly_budget_usd is not None else []
    if (own is None or not own.provider) and settings.PIXIE_MONTHLY_BUDGET_USD is not None:
        limits.append(settings.PIXIE_MONTHLY_BUDGET_USD)
    return min(limits, default=None)


def budget_for(agent: Agent) -> Budget:
    """The one that ends first: the home's, or the agent's own."""
    home = budget_of(agent.home)
    if agent.monthly_budget_usd is None:
        return home
    spent = _spent(Period.month(agent.home), agent=agent)
    own = Budget(agent.monthly_budget_usd, spent, home.month, agent)
    return own if home.left is None or (own.left or 0) < home.left else home


def _spent(period: Period, **only: Any) -> Decimal:
    cost: Decimal = _steps(period).filter(**only).aggregate(cost=COST)["cost"]
    return cost


def used(period: Period, by: str) -> Used:
    """By `agent`, `model`, `member` (who asked; None where nobody did) or `day` of the home's clock. One query, and one
    more where a language model was asked."""
    keys: dict[str, Any] = {
        "agent": F("agent"),
        "model": F("model"),
        "member": F("run__trigger_message__author_user"),
        "day": TruncDate("asked_at", tzinfo=period.home.zone, output_field=DateField()),
    }
    month = Period.month(period.home)
    start, end = month.bounds
    now = Coalesce(Sum("cost_usd", filter=Q(asked_at__gte=start, asked_at__lt=end)), ZERO)
    rows: Any = _steps(period).values("model", "agent", key=keys[by]).annotate(now=now, **SUMS)
    groups: dict[Any, list[Any]] = {}
    spent: dict[UUID, Decimal] = {}
    for row in rows:
        groups.setdefault(row["key"], []).append(row)
        spent[row["agent"]] = spent.get(row["agent"], ZERO) + row["now"]
    found = [{"key": key, **_sum(together)} for key, together in groups.items()]
    found.sort(key=lambda row: row["key"] if by == "day" else (-row["cost_usd"], -row["runs"], str(row["key"])))
    has_month = period.first <= month.first and month.last <= period.last
    return Used(_sum(rows), found, spent if has_month else None, _unpriced({row["model"] for row in rows}))


def _sum(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(row[name] for row in rows) for name in SUMS}


def _steps(period: Period) -> QuerySet[RunStep]:
    """A run counts for the moment at which it was asked for, with all of its steps."""
    start, end = period.bounds
    return RunStep.objects.filter(home=period.home, asked_at__gte=start, asked_at__lt=end).order_by()


def was_told(home: Home, budget: Budget) -> bool:
    """The home heard already this month that it is spent."""
    told = Message.objects.filter(home=home, created_at__gte=budget.month, metadata__budget=budget.mark)
    return told.filter(author_agent=budget.agent or F("author_agent")).exists()


def write_line(run: Run) -> None:
    """One line of JSON for the server's log. Nothing of what was said."""
    asks = run.route not in ("", LOCAL)
    names = ("status", "stop_reason", "attempts", "duration_ms", "tool_ms")
    tokens = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
    facts = {
        "run": run.pk,
        "home": run.home_id,
        "agent": run.agent_id,
        "route": "model" if asks else LOCAL,
        "model": run.route if asks else None,
        **{name: getattr(run, name) for name in (*names, *tokens)},
        "cost_usd": float(run.cost_usd),
    }
    log.info("run", extra={"facts": facts})
