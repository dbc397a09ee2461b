"""What the page of the pantry shows."""

from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q

from groceries.models import Category, Item, PantryBatch
from groceries.stock import Stock
from homes.models import Home

MAX_ITEMS = 100  # on a page


def stocked_items(home: Home) -> Any:
    """Return the items that are at home, and those that should be."""
    batches = PantryBatch.objects.filter(item=OuterRef("pk"))
    items = Item.objects.filter(Q(Exists(batches)) | Q(min_quantity__isnull=False), home=home)
    return items.select_related("category")


def stocks_of(items: list[Item]) -> list[Stock]:
    """Return what is at home of the items. One query."""
    batches: dict[Any, list[PantryBatch]] = {item.pk: [] for item in items}
    for batch in PantryBatch.objects.filter(item__in=items).soonest_first():
        batches[batch.item_id].append(batch)
    return [Stock(item, batches[item.pk]) for item in items]


class PantryPresenter:
    """A page of the items at home by aisle, or of those that a text finds. Three queries."""

    def __init__(self, home: Home, text: str = "", number: str | None = None) -> None:
        items = stocked_items(home)
        if text:
            items = items.filter(pk__in=Item.objects.matching(text, home).values("pk"))
        ordered = items.order_by("category__position", "category__name", "search_key", "id")
        self.page: Page[Item] = Paginator(ordered, MAX_ITEMS).get_page(number)
        self.stocks = stocks_of(list(self.page.object_list))

    @property
    def aisles(self) -> list[tuple[Category, list[Stock]]]:
        groups = groupby(self.stocks, key=lambda stock: stock.item.category)
        return [(category, list(stocks)) for category, stocks in groups]
