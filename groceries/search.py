"""Looking for a thing that the home buys."""

from django.db.models import Q

from groceries.models import Item
from groceries.names import singular
from homes.models import Membership
from homes.search import MOST_FOUND, Found, Wanted, excerpt, score


def find_items(member: Membership, wanted: Wanted) -> list[Found]:
    """By name and description, also by a part of a word."""
    if wanted.is_of_talk or not wanted.parts:
        return []
    rows = Item.objects.visible_to(member).select_related("category")
    for part in (*map(singular, wanted.words), *wanted.phrases):
        rows = rows.filter(Q(name__icontains=part) | Q(description__icontains=part))
    return [_found(item, wanted) for item in rows.order_by("-created_at")[:MOST_FOUND]]


def _found(item: Item, wanted: Wanted) -> Found:
    text = f"{item.name}: {item.description}" if item.description else item.name
    at = item.last_purchased_at or item.created_at
    return Found("item", item.pk, excerpt(text, wanted), item.category.label, at, score(text, wanted))
