"""Search the items of a home."""

from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from groceries.models import Category, Item, ItemAlias
from groceries.parsing.names import fold, singular
from homes.models import Membership
from homes.search import MAX_RESULTS_PER_KIND, SearchQuery, SearchResult

COLUMNS = ["id", "name", "description", "category__name"]
LAST_USED_AT = Coalesce("last_purchased_at", "created_at")


def find_items(member: Membership, query: SearchQuery) -> list[SearchResult]:
    """Find items by parts of their name, aliases or description."""
    if query.is_messages_only or not query.terms:
        return []
    rows = Item.objects.visible_to(member)
    for part in (*map(singular, query.words), *query.phrases):
        aliased = ItemAlias.objects.filter(home=member.home_id, search_key__contains=fold(part)).values("item")
        rows = rows.filter(Q(search_key__contains=fold(part)) | Q(description__icontains=part) | Q(pk__in=aliased))
    items = rows.order_by("-created_at").annotate(at=LAST_USED_AT).values_list(*COLUMNS, "at", named=True)
    return [_result(item, query) for item in items[:MAX_RESULTS_PER_KIND]]


def _result(item: Any, query: SearchQuery) -> SearchResult:
    text = f"{item.name}: {item.description}" if item.description else item.name
    return SearchResult("item", item.id, text, query, Category(name=item.category__name).label, item.at)
