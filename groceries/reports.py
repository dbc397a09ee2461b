"""Spending reports, in the home's currency and time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any, cast

from django.core.cache import cache
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth, TruncWeek

from groceries.models import ListEntry, Trip
from homes.models import Home

ZERO = Decimal(0)
CACHE_SECONDS = 3600


@dataclass(frozen=True)
class Period:
    """A period from `first` to `last`, both included, in the home's time zone."""

    home: Home
    first: date
    last: date

    @classmethod
    def month(cls, home: Home, day: date | None = None) -> "Period":
        first = (day or home.now().date()).replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        return cls(home, first, following - timedelta(days=1))

    @classmethod
    def named(cls, home: Home, name: str) -> "Period":
        """Return today, yesterday, week, last_week, last_month or year; the current month for any other name."""
        today = home.now().date()
        yesterday, monday = today - timedelta(days=1), today - timedelta(days=today.weekday())
        days = {
            "today": (today, today),
            "day": (today, today),
            "yesterday": (yesterday, yesterday),
            "week": (monday, monday + timedelta(days=6)),
            "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
            "year": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
        }
        if name in days:
            return cls(home, *days[name])
        month = cls.month(home)
        return month.previous_month() if name == "last_month" else month

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
        """Return the remaining days, including today; 0 after the period."""
        return max(0, min(self.days, (self.last - self.home.now().date()).days + 1))

    def previous_month(self) -> "Period":
        return Period.month(self.home, self.first - timedelta(days=1))

    def following_month(self) -> "Period":
        return Period.month(self.home, self.last + timedelta(days=1))


def purchases(period: Period) -> QuerySet[ListEntry]:
    start, end = period.bounds
    return ListEntry.objects.filter(home=period.home, purchased_at__gte=start, purchased_at__lt=end)


def receipts(period: Period) -> QuerySet[Trip]:
    """Return the shopping trips with a total or a picture of the receipt, newest first."""
    start, end = period.bounds
    trips: QuerySet[Trip] = Trip.objects.with_receipt()
    return trips.filter(home=period.home, ended_at__gte=start, ended_at__lt=end)


def total_spent(period: Period, category: str = "") -> Decimal:
    entries = purchases(period)
    if category:
        entries = entries.filter(item__category__name=category)
    return entries.aggregate(total=Sum("price_paid"))["total"] or ZERO


@dataclass(frozen=True)
class SpendingTotals:
    """The total, the number of purchases without a price, and the total of each group."""

    total: Decimal
    unpriced: int
    groups: dict[Any, Decimal]


def group_spending(period: Period, by: str) -> SpendingTotals:
    """Sum up spending by category name, member id or store id, largest first, or by week or month, oldest first.

    `by` is "category", "member", "store", "week" or "month". The store is that of the list, None without one. Weeks are
    keyed by their Monday, months by their first day. One query.
    """
    columns = {
        "category": F("item__category__name"),
        "member": F("purchased_by"),
        "store": F("list__store"),
        "week": TruncWeek("purchased_at", tzinfo=period.home.zone),
        "month": TruncMonth("purchased_at", tzinfo=period.home.zone),
    }
    grouped: Any = purchases(period).order_by().annotate(key=columns[by]).values("key")
    rows = list(grouped.annotate(total=Sum("price_paid"), unpriced=Count("pk", filter=Q(price_paid=None))))
    priced = [(row["key"], row["total"]) for row in rows if row["total"] is not None]
    if by in ("week", "month"):
        groups = {begins.date(): total for begins, total in sorted(priced)}
    else:
        groups = dict(sorted(priced, key=itemgetter(1), reverse=True))
    return SpendingTotals(sum(groups.values(), ZERO), sum(row["unpriced"] for row in rows), groups)


def cached_totals(period: Period, by: str) -> SpendingTotals:
    """Return `group_spending`, cached until the home's next event. Requires a `period.home` read for this request."""
    home = period.home
    key = f"spending:{home.pk}:{home.last_seq}:{period.first}:{period.last}:{by}"
    return cast(SpendingTotals, cache.get_or_set(key, partial(group_spending, period, by), CACHE_SECONDS))


def by_category(period: Period) -> dict[str, Decimal]:
    """Return the total by category name, largest first."""
    return cached_totals(period, "category").groups


def average_by_category(period: Period, months: int = 3) -> dict[str, Decimal]:
    """Return the mean of the preceding months that had any spending; empty if none had."""
    sums = []
    for _ in range(months):
        period = period.previous_month()
        sums.append(by_category(period))
    sums = [month for month in sums if month]
    names = {name for month in sums for name in month}
    return {name: sum((month.get(name, ZERO) for month in sums), ZERO) / len(sums) for name in names}


def count_unpriced(period: Period) -> int:
    return purchases(period).filter(price_paid=None).count()


def remaining_budget(home: Home) -> Decimal | None:
    """Return what is left of this month's budget, negative if it is exceeded; None without a budget."""
    if home.monthly_budget is None:
        return None
    return home.monthly_budget - total_spent(Period.month(home))


def budget_percent(home: Home, left: Decimal | None) -> int:
    """Return the spent part of the month's budget, 0 to 100; 0 without a budget."""
    if left is None or not home.monthly_budget:
        return 0
    return max(0, min(100, round(100 * (home.monthly_budget - left) / home.monthly_budget)))
