"""Predict when a home runs out of what it buys, from the days and amounts of its purchases.

An item's intervals are taken as log-normal. Their mean and deviation are smoothed exponentially (Brown, 1959) and
winsorized (Dixon, 1960), and a short history borrows the deviation that is usual for groceries. The chance of a
purchase is then that of a duration which has lasted until today, as in survival analysis.

- Purchases of one day are one. An interval grows with the amount that was bought at its start, where units allow it.
- A long gap in which the home bought nothing at all is an absence, as on holidays. Its days do not count.
- A home with fixed days of shopping buys on the last of them before it runs out.
- What people put off lasts at least until the day that they named.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, partial
from itertools import pairwise
from math import exp, log, sqrt
from statistics import NormalDist, median
from typing import Any, cast
from uuid import UUID

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groceries.models import EntryState, GroceryList, Item, ListEntry, RecurringItem
from groceries.parsing.quantities import amount_ratio
from homes.models import Home

HISTORY = timedelta(days=365)
MAX_ROWS = 5000  # purchases of a home, the latest
CACHE_SECONDS = 3600

HORIZON_DAYS = 3
LIKELY = 0.45  # the chance from which an item is probably needed
MIN_PURCHASES, MAX_PURCHASES = 3, 40  # days on which an item was bought
HALF_LIFE = 8  # intervals
MAX_RATIO = 2  # of an interval and the median; what is more, or less than its inverse, counts as this
USUAL_DEVIATION, USUAL_WEIGHT = 0.3, 2  # of logarithms; in intervals
MAX_DEVIATION = 0.5  # of logarithms
MAX_OVERDUE = 2.5  # intervals, after which it is no longer bought
MAX_DAYS_AHEAD = 3650
MUCH = 1.5  # times the usual amount, or its inverse, that a reason mentions
MIN_ABSENCE_DAYS, ABSENCE_RATIO = 8, 3  # of the usual gap between two days of shopping
RHYTHM_WEEKS, MIN_TRIPS, FIXED_SHARE = 12, 6, 0.6


@dataclass(frozen=True, slots=True)
class Purchase:
    day: date
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """A prediction of the next purchase of an item.

    `interval_days` is for the usual amount, of which `times_as_much` was bought last. `runs_out_on` and the expected
    trip, `buy_on`, are today or later. `chance` is that it is bought within three days, if it `is_soon`.
    """

    interval_days: int
    spread_days: int
    last_on: date
    times_as_much: float
    runs_out_on: date
    buy_on: date
    chance: float
    is_soon: bool


class Rhythm:
    """A home's days of shopping until today, with its absences and fixed weekdays."""

    def __init__(self, days: Iterable[date], today: date) -> None:
        self.today = today
        self.days = sorted({day for day in days if day <= today})

    @cached_property
    def longest_gap(self) -> float:
        """Return the days after which a home that bought nothing is absent."""
        gaps = [(later - earlier).days for earlier, later in pairwise(self.days)]
        return max(MIN_ABSENCE_DAYS, ABSENCE_RATIO * median(gaps)) if len(gaps) >= MIN_TRIPS else float("inf")

    @cached_property
    def absences(self) -> list[tuple[date, date]]:
        return [(start, end) for start, end in pairwise(self.days) if (end - start).days > self.longest_gap]

    @property
    def is_absent(self) -> bool:
        return not self.days or (self.today - self.days[-1]).days > self.longest_gap

    def days_absent(self, first: date, last: date) -> int:
        return sum((end - start).days for start, end in self.absences if first <= start and end <= last)

    @cached_property
    def weekdays(self) -> set[int]:
        """Return the weekdays on which the home shops in most weeks, if it makes most of its trips on them."""
        recent = [day for day in self.days if (self.today - day).days < 7 * RHYTHM_WEEKS]
        if len(recent) < MIN_TRIPS:
            return set()
        weeks = max(1, (self.today - recent[0]).days / 7)
        counts = Counter(day.weekday() for day in recent)
        fixed = {weekday for weekday, count in counts.items() if count >= FIXED_SHARE * weeks}
        return fixed if sum(counts[weekday] for weekday in fixed) >= FIXED_SHARE * len(recent) else set()

    def trip_by(self, day: date) -> date:
        """Return the last fixed day of shopping from today to `day`, else the first after it; `day` without any."""
        if not self.weekdays:
            return day
        ahead = range((day - self.today).days, -1, -1)
        trips = (self.today + timedelta(days=number) for number in (*ahead, *range(len(ahead), len(ahead) + 7)))
        return next(trip for trip in trips if trip.weekday() in self.weekdays)


def forecast(purchases: Iterable[Purchase], rhythm: Rhythm, snoozed_until: date | None = None) -> Forecast | None:
    """Return the forecast of an item; None if it was bought too rarely or irregularly or long ago, or in an absence."""
    by_day: dict[date, list[Purchase]] = defaultdict(list)
    for purchase in purchases:
        by_day[purchase.day].append(purchase)
    days = sorted(by_day)[-MAX_PURCHASES:]
    if len(days) < MIN_PURCHASES or rhythm.is_absent:
        return None
    sizes = _sizes([by_day[day] for day in days])
    intervals = [
        (end - start).days / size
        for start, end, size in zip(days, days[1:], sizes, strict=False)
        if not rhythm.days_absent(start, end)
    ]
    if len(intervals) < MIN_PURCHASES - 1:
        return None
    if snoozed_until is not None and snoozed_until <= days[-1]:
        snoozed_until = None  # it was bought since
    since = max(rhythm.today, snoozed_until or rhythm.today)
    lasted = (since - days[-1]).days - rhythm.days_absent(days[-1], since)
    if snoozed_until is not None and lasted / sizes[-1] > median(intervals):
        intervals.append(lasted / sizes[-1])
    usual = _fit(intervals)
    overdue_since = max(days[-1], snoozed_until or days[-1])  # what was put off is not given up on its day
    if usual.stdev > MAX_DEVIATION or (since - overdue_since).days > MAX_OVERDUE * exp(usual.mean) * sizes[-1]:
        return None
    return _predict(usual, sizes[-1], days[-1], since, lasted, rhythm)


def _predict(usual: NormalDist, size: float, last_on: date, since: date, lasted: int, rhythm: Rhythm) -> Forecast:
    """Return the forecast of an amount that has lasted for some days on the day `since`, which is today or later."""
    present, soon = usual + log(size), rhythm.today + timedelta(days=HORIZON_DAYS)
    chance = _chance(present, lasted, (soon - since).days)
    runs_out_on = since + timedelta(days=_remaining(present, lasted))
    return Forecast(
        interval_days=max(1, round(exp(usual.mean))),
        spread_days=round(exp(usual.mean) * usual.stdev),
        last_on=last_on,
        times_as_much=size,
        runs_out_on=runs_out_on,
        buy_on=rhythm.trip_by(runs_out_on),
        chance=chance,
        is_soon=since == rhythm.today and chance >= LIKELY and rhythm.trip_by(soon) <= soon,
    )


def _sizes(days: Sequence[Sequence[Purchase]]) -> list[float]:
    """Return the amount of each day in terms of the usual one; 1 for all of them if some cannot be compared."""
    last = days[-1][-1]
    ratios = [[_ratio(purchase, last) for purchase in purchases] for purchases in days]
    if any(None in each for each in ratios):
        return [1.0] * len(days)
    sizes = [sum(float(ratio or 0) for ratio in each) for each in ratios]
    return [size / median(sizes) for size in sizes]


def _ratio(purchase: Purchase, other: Purchase) -> Decimal | None:
    if purchase.unit == other.unit:
        return purchase.quantity / other.quantity
    return amount_ratio(purchase.quantity, purchase.unit, other.quantity, other.unit)


def _fit(intervals: Sequence[float]) -> NormalDist:
    """Return the distribution of the intervals' logarithms, the oldest interval first."""
    usual = median(intervals)
    logs = [log(min(max(interval, usual / MAX_RATIO), usual * MAX_RATIO)) for interval in intervals]
    weights = [0.5 ** (age / HALF_LIFE) for age in reversed(range(len(logs)))]
    total = sum(weights)
    mean = sum(weight * each for weight, each in zip(weights, logs, strict=True)) / total
    variance = sum(weight * (each - mean) ** 2 for weight, each in zip(weights, logs, strict=True))
    return NormalDist(mean, sqrt((variance + USUAL_WEIGHT * USUAL_DEVIATION**2) / (total + USUAL_WEIGHT)))


def _left(distribution: NormalDist, days: float) -> float:
    """Return the share of intervals that last longer."""
    return 1 - distribution.cdf(log(days)) if days > 0 else 1.0


def _chance(distribution: NormalDist, lasted: int, days: int) -> float:
    """Return the chance that an interval which has lasted so long ends from today to so many days later."""
    if days < 0:
        return 0.0
    left = _left(distribution, lasted - 0.5)
    return 1 - _left(distribution, lasted + days + 0.5) / left if left > 0 else 1.0


def _remaining(distribution: NormalDist, lasted: int) -> int:
    """Return the days in which half of the intervals that have lasted so long end."""
    half = 1 - _left(distribution, lasted) / 2
    end = exp(distribution.inv_cdf(half)) if half < 1 else lasted
    return min(max(0, round(end - lasted)), MAX_DAYS_AHEAD)


# Forecasts of a home


@dataclass(frozen=True, slots=True)
class ItemForecast:
    """An item with its forecast and what people answered. Only a refused item can be without a forecast."""

    item_id: UUID
    name: str
    today: date
    forecast: Forecast | None
    snoozed_until: date | None
    is_refused: bool
    is_expected: bool
    """It is on an open list or comes by a rule."""

    @property
    def is_offered(self) -> bool:
        return bool(self.forecast and self.forecast.is_soon) and not self.is_refused and not self.is_expected

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None and self.today < self.snoozed_until

    @property
    def reason(self) -> str:
        """Say how often it is bought, and when it was last; empty without a forecast."""
        if (expected := self.forecast) is None:
            return ""
        last_on = day_name(expected.last_on, self.today)
        values = {"days": expected.interval_days, "spread": expected.spread_days, "day": last_on}
        if expected.spread_days:
            often = ngettext("Every day ± %(spread)d", "Every %(days)d ± %(spread)d days", expected.interval_days)
        else:
            often = ngettext("Every day", "Every %(days)d days", expected.interval_days)
        if expected.times_as_much >= MUCH:
            last = _("last bought on %(day)s, more than usual")
        elif expected.times_as_much <= 1 / MUCH:
            last = _("last bought on %(day)s, less than usual")
        else:
            last = _("last bought on %(day)s")
        return f"{often}, {last}" % values

    @property
    def runs_out(self) -> str:
        """Say when it is probably out; empty without a forecast."""
        if self.forecast is None:
            return ""
        if self.forecast.runs_out_on <= self.today:
            return _("Probably out by now")
        return _("Probably out by %(day)s") % {"day": day_name(self.forecast.runs_out_on, self.today)}


def day_name(day: date, today: date) -> str:
    """Return the weekday of a day within a week, else its date."""
    return formats.date_format(day, "l" if abs((day - today).days) < 7 else "MONTH_DAY_FORMAT")


def cached_forecasts(home: Home) -> list[ItemForecast]:
    """Return `forecast_items`, cached until the home's next event or day. Requires a `home` read for this request."""
    key = f"forecasts:{home.pk}:{home.last_seq}:{home.now().date()}"
    return cast(list[ItemForecast], cache.get_or_set(key, partial(forecast_items, home), CACHE_SECONDS))


def offered_forecasts(home: Home) -> list[ItemForecast]:
    """Return, from the cache, what the home probably runs out of within three days and does not expect yet."""
    return [each for each in cached_forecasts(home) if each.is_offered]


def forecast_items(home: Home) -> list[ItemForecast]:
    """Return the items that have a forecast or are refused, the first to run out first. Two queries."""
    today, since = home.now().date(), home.now() - HISTORY
    entries = ListEntry.objects.filter(home=home, state=EntryState.PURCHASED, purchased_at__gte=since)
    rows = entries.order_by("-purchased_at").values_list("item_id", "purchased_at", "quantity", "unit")[:MAX_ROWS]
    purchases: dict[UUID, list[Purchase]] = defaultdict(list)
    moment: Any  # a purchase has a time
    for item_id, moment, quantity, unit in rows:
        purchases[item_id].append(Purchase(moment.astimezone(home.zone).date(), quantity, unit))
    rhythm = Rhythm((purchase.day for each in purchases.values() for purchase in each), today)
    forecasts = []
    for item in _items(home, entries):
        expected = forecast(purchases[item.pk], rhythm, item.snoozed_until)
        if expected is not None or not item.has_forecasts:
            answers = {"snoozed_until": item.snoozed_until, "is_refused": not item.has_forecasts}
            row = ItemForecast(item.pk, item.name, today, expected, is_expected=item.is_expected, **answers)
            forecasts.append(row)
    return sorted(forecasts, key=lambda each: (each.forecast.runs_out_on if each.forecast else date.max, each.name))


def _items(home: Home, entries: Any) -> Any:
    """Return the items of the entries and those that are refused, with `is_expected`."""
    lists = GroceryList.objects.filter(home=home).open().order_by()
    listed = ListEntry.objects.pending().filter(item=OuterRef("pk"), list__in=lists)
    rules = RecurringItem.objects.filter(item=OuterRef("pk"), paused_at=None)
    items = Item.objects.filter(Q(pk__in=entries.values("item")) | Q(has_forecasts=False), home=home)
    return items.annotate(is_expected=Exists(listed) | Exists(rules))
