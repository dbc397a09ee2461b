"""What language models cost, and what is left for them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, DateField, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import formats
from django.utils.translation import gettext as _

from chat.models import Message
from homes.errors import Refused, Spent
from homes.models import Home
from pixie import excuses
from pixie.llm import Usage
from pixie.llm.access import access_of
from pixie.models import LOCAL, ModelAccess, ModelPrice, RunStep
from pixie.outcomes import plain

ZERO = Decimal(0)


@dataclass(frozen=True)
class Budget:
    """Of a month, in US$. `limit` None: as much as one likes."""

    limit: Decimal | None
    spent: Decimal
    month: datetime

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
    def renews_at(self) -> datetime:
        """The first moment of the next month."""
        following = self.month.replace(day=1, month=self.month.month % 12 + 1)
        return following.replace(year=self.month.year + (self.month.month == 12))


def check_budget(home: Home) -> None:
    """For who asks for a language model and nothing else. Raises Refused where the home has none, and Spent."""
    if access_of(home) is None:
        raise Refused(_("This home has no language model. An owner can give it one in the settings."))
    budget = budget_of(home)
    if budget.is_spent:
        known = {"limit_usd": budget.limit, "spent_usd": budget.spent, "renews_at": budget.renews_at}
        raise Spent(excuses.budget_spent(formats.date_format(budget.month, "F")), plain(known))


def cost(model: str, usage: Usage) -> Decimal:
    """In US$. A model whose price nobody knows costs nothing."""
    price = ModelPrice.objects.filter(model=model).first()
    return price.cost(usage.fresh, usage.written, usage.read, usage.output) if price else ZERO


def unpriced_models() -> list[str]:
    """Models that were asked and have no price, so what they cost is not counted."""
    priced = ModelPrice.objects.values("model")
    asked = RunStep.objects.exclude(model=LOCAL).exclude(model__in=priced)
    return list(asked.order_by("model").values_list("model", flat=True).distinct())


def budget_of(home: Home) -> Budget:
    """This month's, by the home's clock. With the server's key the server's limit holds, too."""
    month = home.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    own = ModelAccess.objects.filter(home=home).first()
    limits = [own.monthly_budget_usd] if own and own.monthly_budget_usd is not None else []
    if (own is None or not own.provider) and settings.PIXIE_MONTHLY_BUDGET_USD is not None:
        limits.append(settings.PIXIE_MONTHLY_BUDGET_USD)
    return Budget(min(limits, default=None), spent_since(home, month), month)


def spent_since(home: Home, moment: datetime) -> Decimal:
    steps = RunStep.objects.filter(run__home=home, created_at__gte=moment)
    total: Decimal = steps.aggregate(total=Coalesce(Sum("cost_usd"), ZERO))["total"]
    return total


def daily_totals(home: Home, first: datetime, **only: Any) -> list[dict[str, Any]]:
    """By day of the home's clock and by model: calls, tokens, cost and milliseconds. One query."""
    steps = RunStep.objects.filter(run__home=home, created_at__gte=first, **only)
    totals: Any = (
        steps.annotate(day=TruncDate("created_at", tzinfo=home.zone, output_field=DateField()))
        .values("day", "model")
        .annotate(
            calls=Count("id"),
            input_tokens=Sum("input_tokens"),
            output_tokens=Sum("output_tokens"),
            cached_tokens=Sum("cached_tokens"),
            reasoning_tokens=Sum("reasoning_tokens"),
            cost_usd=Sum("cost_usd"),
            duration_ms=Sum("duration_ms"),
        )
        .order_by("day", "model")
    )
    return list(totals)


def was_told(home: Home, month: datetime) -> bool:
    """The home heard already this month that the budget is spent."""
    told = Message.objects.filter(
        home=home, author_agent__isnull=False, created_at__gte=month, metadata__budget="spent"
    )
    return told.exists()
