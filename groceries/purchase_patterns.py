"""At which rhythm a home buys things, read from what it bought."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median
from uuid import UUID

from groceries.models import ListEntry
from homes.models import Home

LOOKED_BACK = timedelta(days=180)
LEAST_TIMES, MOST_TIMES = 4, 8  # bought on so many days: fewer are no rhythm, and older ones are another life
REGULAR = (0.6, 1.6)  # each pause, as a part of the usual one


@dataclass(frozen=True)
class PurchasePattern:
    """Bought about every `days` days, the last time on `last_on`."""

    item_id: UUID
    days: int
    last_on: date

    def overdue(self, today: date) -> float:
        """1 on the day on which it is usually bought again."""
        return (today - self.last_on).days / self.days


def find_purchase_patterns(home: Home) -> list[PurchasePattern]:
    """Of all that is bought regularly. One query, in the order of item and time."""
    since = home.now() - LOOKED_BACK
    bought = ListEntry.objects.filter(home=home, purchased_at__gte=since).order_by("item", "purchased_at")
    rows = bought.values_list("item", "purchased_at").iterator()
    found = []
    for item_id, times in groupby(rows, key=itemgetter(0)):
        days = sorted({moment.astimezone(home.zone).date() for _item, moment in times if moment})[-MOST_TIMES:]
        if len(days) >= LEAST_TIMES and (usual := _usual_pause(days)):
            found.append(PurchasePattern(item_id, usual, days[-1]))
    return found


def _usual_pause(days: list[date]) -> int:
    """In days; 0 where there is none, or it would be every day."""
    pauses = [(later - earlier).days for earlier, later in pairwise(days)]
    usual = median(pauses)
    least, most = (usual * part for part in REGULAR)
    is_regular = usual >= 2 and all(least <= pause <= most for pause in pauses)
    return round(usual) if is_regular else 0
