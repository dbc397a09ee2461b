"""What was spent: sums over what was bought, in the home's currency and on its calendar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any, cast
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth, TruncWeek

from groceries.models import ListEntry
from homes.models import Home

ZERO = Decimal(0)
REMEMBERED = 3600  # seconds


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both inside, in the home's time zone."""

    home: Home
    first: date
    last: date

    @classmethod
    def month(cls, home: Home, day: date | None = None) -> "Period":
        first = (day or home.now().date()).replace(day=1)
        return cls(home, first, next_month(first) - timedelta(days=1))

    @classmethod
    def week(cls, home: Home) -> "Period":
        today = home.now().date()
        monday = today - timedelta(days=today.weekday())
        return cls(home, monday, monday + timedelta(days=6))

    @classmethod
    def named(cls, home: Home, name: str) -> "Period":
        """today, yesterday, week, last_week, month, last_month, year; anything else is the month."""
        today = home.now().date()
        if name in ("today", "day"):
            return cls(home, today, today)
        if name == "yesterday":
            return cls(home, today - timedelta(days=1), today - timedelta(days=1))
        if name in ("week", "last_week"):
            week = cls.week(home)
            shift = timedelta(days=7 if name == "last_week" else 0)
            return cls(home, week.first - shift, week.last - shift)
        if name == "year":
            return cls(home, today.replace(month=1, day=1), today.replace(month=12, day=31))
        month = cls.month(home)
        return cls.month(home, month.first - timedelta(days=1)) if name == "last_month" else month

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        zone = self.home.zone
        return (
            datetime.combine(self.first, time.min, zone),
            datetime.combine(self.last + timedelta(days=1), time.min, zone),
        )

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def days_left(self) -> int:
        """Today included; 0 once the period is over."""
        return max(0, min(self.days, (self.last - self.home.now().date()).days + 1))

    def before(self) -> "Period":
        return Period.month(self.home, self.first - timedelta(days=1))

    def after(self) -> "Period":
        return Period.month(self.home, next_month(self.first))


def next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def purchases(period: Period) -> QuerySet[ListEntry]:
    """What is bought has a time at which it was, and nothing else has."""
    start, end = period.bounds
    bought: QuerySet[ListEntry] = ListEntry.objects.filter(
        home=period.home, purchased_at__gte=start, purchased_at__lt=end
    )
    return bought


def total_spent(period: Period, category: str = "") -> Decimal:
    entries = purchases(period)
    if category:
        entries = entries.filter(item__category__name=category)
    return entries.aggregate(total=Sum("price_paid"))["total"] or ZERO


@dataclass(frozen=True)
class Sums:
    """What was spent, how many purchases have no price, and what was spent by what they were grouped by."""

    total: Decimal
    unpriced: int
    groups: dict[Any, Decimal]


def grouped(period: Period, by: str) -> Sums:
    """By category's name or member's id, the largest first; by the week's Monday or the month's first day, in the order
    of time. One query."""
    columns = {
        "category": F("item__category__name"),
        "member": F("purchased_by"),
        "week": TruncWeek("purchased_at", tzinfo=period.home.zone),
        "month": TruncMonth("purchased_at", tzinfo=period.home.zone),
    }
    found: Any = purchases(period).order_by().annotate(key=columns[by]).values("key")
    rows = list(found.annotate(total=Sum("price_paid"), unpriced=Count("pk", filter=Q(price_paid=None))))
    priced = [(row["key"], row["total"]) for row in rows if row["total"] is not None]
    if by in ("week", "month"):
        groups = {begins.date(): total for begins, total in sorted(priced)}
    else:
        groups = dict(sorted(priced, key=itemgetter(1), reverse=True))
    return Sums(sum(groups.values(), ZERO), sum(row["unpriced"] for row in rows), groups)


def known(period: Period, by: str) -> Sums:
    """As `grouped`, asked once after each event of the home, however many then look. For doors: `period.home` as it was
    read for this request."""
    home = period.home
    asked = f"spending:{home.pk}:{home.last_seq}:{period.first}:{period.last}:{by}"
    return cast(Sums, cache.get_or_set(asked, partial(grouped, period, by), REMEMBERED))


def by_category(period: Period) -> dict[str, Decimal]:
    """Category name → sum, the largest first."""
    return known(period, "category").groups


def by_member(period: Period) -> dict[UUID, Decimal]:
    """User id → sum, the largest first."""
    return known(period, "member").groups


def average_by_category(period: Period, months: int = 3) -> dict[str, Decimal]:
    """The mean of the months before that had any purchase; empty for a home without a past."""
    totals: dict[str, Decimal] = {}
    counted = 0
    for _ in range(months):
        period = period.previous_month()
        sums = by_category(period)
        counted += bool(sums)
        for name, value in sums.items():
            totals[name] = totals.get(name, ZERO) + value
    return {name: value / counted for name, value in totals.items()} if counted else {}


def count_unpriced(period: Period) -> int:
    return purchases(period).filter(price_paid=None).count()


def remaining_budget(home: Home) -> Decimal | None:
    """What is left this month, below zero when more is spent; None for a home without a budget."""
    if home.monthly_budget is None:
        return None
    return home.monthly_budget - total_spent(Period.month(home))


def budget_percent(home: Home, left: Decimal | None) -> int:
    """How much of the month's budget is spent, 0 to 100; 0 for a home without a budget."""
    if left is None or not home.monthly_budget:
        return 0
    return max(0, min(100, round(100 * (home.monthly_budget - left) / home.monthly_budget)))
