"""What items cost: what was paid for them, for which unit, and what a list will probably cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from groceries.models import EntryState, Item, ListEntry, Store
from groceries.parsing.quantities import amount_ratio
from groceries.parsing.units import UNITS
from homes.models import Home

MAX_PRICES = 12
WHOLE_UNITS = {"mass": "kg", "volume": "liter", "length": "m"}
CENT = Decimal("0.01")


def expected_prices(entries: Sequence[ListEntry], store: Store | None = None) -> list[Decimal]:
    """Return what the entries with a known price will cost: that of their last purchase, in the store if they were
    bought there, for their own amount.

    A usual price that somebody set, or that is of an amount in other units, counts as it is. One query, two with a
    store.
    """
    bought = ListEntry.objects.filter(item=OuterRef("pk"), state=EntryState.PURCHASED).order_by("-purchased_at")
    usual = _last_purchases(entries, bought.filter(price_paid=OuterRef("estimated_price")))
    there = {}
    if store is not None:
        there = _last_purchases(entries, bought.filter(list__store=store, price_paid__isnull=False))
    prices = (_expected_price(entry, usual.get(entry.item_id), there.get(entry.item_id)) for entry in entries)
    return [price for price in prices if price is not None]


def _last_purchases(entries: Sequence[ListEntry], purchases: QuerySet[ListEntry]) -> dict[UUID, ListEntry]:
    """Return the first one of the `purchases` of each entry's item."""
    items = Item.objects.filter(pk__in=[entry.item_id for entry in entries])
    rows = ListEntry.objects.filter(pk__in=items.values(pk=Subquery(purchases.values("pk")[:1])))
    return {entry.item_id: entry for entry in rows}


def _expected_price(entry: ListEntry, usual: ListEntry | None, there: ListEntry | None) -> Decimal | None:
    if there is not None and there.price_paid is not None:
        ratio = amount_ratio(entry.quantity, entry.unit, there.quantity, there.unit)
        if ratio is not None:
            return (there.price_paid * ratio).quantize(CENT)
    price = entry.item.estimated_price
    ratio = amount_ratio(entry.quantity, entry.unit, usual.quantity, usual.unit) if usual else None
    return price if price is None or ratio is None else (price * ratio).quantize(CENT)


@dataclass(frozen=True)
class Price:
    """A price that was paid for an amount on a day, in a store if that is known. `each` is for one `per`: a kilogram, a
    liter, a meter, a piece or a package."""

    day: date
    store: str
    quantity: Decimal
    unit: str
    paid: Decimal
    per: str
    each: Decimal


def price_history(item: Item, home: Home) -> list[Price]:
    """Return the latest prices of an item, the newest first. One query."""
    bought = ListEntry.objects.filter(item=item, purchased_at__isnull=False, price_paid__isnull=False)
    rows = bought.select_related("list__store").order_by("-purchased_at").exclude(quantity=0)[:MAX_PRICES]
    return [_price(entry, entry.price_paid, home) for entry in rows if entry.price_paid is not None]


def _price(entry: ListEntry, paid: Decimal, home: Home) -> Price:
    per = WHOLE_UNITS.get(UNITS[entry.unit].dimension, entry.unit) if entry.unit in UNITS else entry.unit
    number = amount_ratio(entry.quantity, entry.unit, Decimal(1), per) or entry.quantity
    day = entry.purchased_at.astimezone(home.zone).date() if entry.purchased_at else home.now().date()
    store = entry.list.store.name if entry.list.store else ""
    return Price(day, store, entry.quantity, entry.unit, paid, per, (paid / number).quantize(CENT, ROUND_HALF_UP))
