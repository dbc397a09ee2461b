"""Search the items of a home."""

from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from groceries.models import Category, Item
from groceries.parsing.names import singular
from homes.models import Membership
from homes.search import MOST_FOUND, Found, Wanted

COLUMNS = ["id", "name", "description", "category__name"]
LAST_USED_AT = Coalesce("last_purchased_at", "created_at")


def find_items(member: Membership, wanted: Wanted) -> list[Found]:
    """Find items by parts of their name or description."""
    if wanted.is_of_talk or not wanted.parts:
        return []
    rows = Item.objects.visible_to(member)
    for part in (*map(singular, wanted.words), *wanted.phrases):
        rows = rows.filter(Q(name__icontains=part) | Q(description__icontains=part))
    labels: dict[str, str] = {}
    items = rows.order_by("-created_at").annotate(at=LAST_USED_AT).values_list(*COLUMNS, "at", named=True)[:MOST_FOUND]
    return [_result(item, wanted, labels) for item in items]


def _result(item: Any, wanted: Wanted, labels: dict[str, str]) -> Found:
    text = f"{item.name}: {item.description}" if item.description else item.name
    aisle = item.category__name
    if aisle not in labels:
        labels[aisle] = Category(name=aisle).label
    return Found("item", item.id, text, wanted, labels[aisle], item.at)
