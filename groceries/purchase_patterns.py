"""Find items that a home buys at regular intervals."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median
from uuid import UUID

from groceries.models import ListEntry
from homes.models import Home

HISTORY = timedelta(days=180)
MIN_PURCHASES, MAX_PURCHASES = 4, 8
MIN_INTERVAL_RATIO, MAX_INTERVAL_RATIO = 0.6, 1.6  # of the median


@dataclass(frozen=True)
class PurchasePattern:
    """An item that is bought about every `days` days, the last time on `last_on`."""

    item_id: UUID
    days: int
    last_on: date

    def overdue(self, today: date) -> float:
        """Return the elapsed part of the interval: 1 on the day of the expected purchase."""
        return (today - self.last_on).days / self.days


def find_purchase_patterns(home: Home) -> list[PurchasePattern]:
    """Return the patterns of all items that are bought regularly. One query."""
    since = home.now() - HISTORY
    entries = ListEntry.objects.filter(home=home, purchased_at__gte=since).order_by("item", "purchased_at")
    rows = entries.values_list("item", "purchased_at").iterator()
    patterns = []
    for item_id, times in groupby(rows, key=itemgetter(0)):
        days = sorted({moment.astimezone(home.zone).date() for _item, moment in times if moment})[-MAX_PURCHASES:]
        if len(days) >= MIN_PURCHASES and (interval := _usual_interval(days)):
            patterns.append(PurchasePattern(item_id, interval, days[-1]))
    return patterns


def _usual_interval(days: list[date]) -> int:
    """Return the median interval in days; 0 if the intervals are irregular or below two days."""
    intervals = [(later - earlier).days for earlier, later in pairwise(days)]
    usual = median(intervals)
    shortest, longest = usual * MIN_INTERVAL_RATIO, usual * MAX_INTERVAL_RATIO
    is_regular = usual >= 2 and all(shortest <= interval <= longest for interval in intervals)
    return round(usual) if is_regular else 0
