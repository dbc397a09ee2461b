"""What to suggest for a list, before something is typed and while it is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rapidfuzz import process
from rapidfuzz.distance import OSA

from groceries.models import EntryState, GroceryList, Item, ListEntry
from groceries.models.item import ItemQuerySet
from groceries.parsing.names import fold, normalize
from groceries.parsing.products import Product, find_misspelt_products, find_product, find_products, max_typos
from groceries.parsing.quantities import parse_amount

LIMIT, MAX_LIMIT = 8, 50
HISTORY = timedelta(days=180)
MAX_PURCHASES = 2000  # the latest, that habits are read from
MIN_TOGETHER, MIN_SHARE = 3, 0.5  # lists with both, and their share of the lists with the one that is there
MIN_TYPO_LENGTH = 4
RESERVED = 2  # suggestions each for what is bought often and what was bought last
LAST_BOUGHT_FIRST = F("last_purchased_at").desc(nulls_last=True)
MAX_CANDIDATES = 2000  # names that a misspelt one is compared with
_SEPARATORS = ",;\n"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item to add: `text` is what is typed, completed with its name. `reason` is a phrase for people, such as “with
    Pasta”, or empty."""

    text: str
    name: str
    quantity: Decimal | None = None
    unit: str = ""
    icon: str = ""
    reason: str = ""
    is_favourite: bool = False


def suggest(grocery_list: GroceryList, typed: str, language: str, limit: int = LIMIT) -> list[Suggestion]:
    """Return what may be meant by the last thing that is typed, or, before anything is, what the home usually buys and
    is not on the list. At most three queries."""
    if not typed.strip():
        return [_of_item(item, reason) for item, reason in _usual(grocery_list, limit)]
    words = parse_amount(typed[max(map(typed.rfind, _SEPARATORS)) + 1 :].strip()).rest
    before, written, behind = typed.rpartition(words) if words else ("", "", "")
    if not written or not fold(words):
        return []
    items, products = _matching(grocery_list, words, language, limit)
    suggestions = [*map(_of_item, items), *(_of_product(product, language) for product in products)][:limit]
    return [replace(each, text=f"{before}{each.name}{behind}") for each in suggestions]


def _usual(grocery_list: GroceryList, limit: int) -> list[tuple[Item, str]]:
    """Return favourites, what is often bought together with what is on the list, what is often bought, and what was
    bought last. Favourites fill at most half, as long as there are others."""
    on_list = grocery_list.entries.exclude(state=EntryState.REMOVED).order_by("-created_at")
    listed = dict(on_list.values_list("item_id", "item__name"))
    entries = ListEntry.objects.filter(home=grocery_list.home_id, state=EntryState.PURCHASED)
    recent = entries.filter(purchased_at__gte=timezone.now() - HISTORY).order_by("-purchased_at", "-pk")
    purchases = list(recent.values_list("list_id", "item_id")[:MAX_PURCHASES])
    counts = Counter(item for _list, item in purchases if item not in listed)
    together = _together(purchases, listed)
    often = [item for item, _count in counts.most_common(limit)]
    bought = [*together, *often[:RESERVED], *list(counts)[:RESERVED], *often]
    own = Item.objects.filter(home=grocery_list.home_id).exclude(pk__in=list(listed))
    starred = Q(pk__in=own.filter(is_favourite=True).order_by(LAST_BOUGHT_FIRST, "search_key").values("pk")[:limit])
    items = {item.pk: item for item in own.filter(starred | Q(pk__in=bought)).order_by(LAST_BOUGHT_FIRST, "search_key")}
    favourites = [pk for pk, item in items.items() if item.is_favourite]
    ordered = dict.fromkeys([*favourites[: limit // 2], *bought, *favourites])
    return [(items[pk], together.get(pk, "")) for pk in ordered if pk in items][:limit]


def _together(purchases: Iterable[tuple[UUID, UUID]], listed: dict[UUID, str]) -> dict[UUID, str]:
    """Return items that are not listed, but mostly were when something that is listed was, with the reason."""
    lists: dict[UUID, set[UUID]] = {}
    for list_id, item in purchases:
        lists.setdefault(list_id, set()).add(item)
    matches: dict[UUID, str] = {}
    for item, name in listed.items():
        with_it = [items for items in lists.values() if item in items]
        others = Counter(other for items in with_it for other in items if other not in listed)
        for other, count in others.most_common(2):
            if count >= MIN_TOGETHER and count >= MIN_SHARE * len(with_it):
                matches.setdefault(other, _("with %(item)s") % {"item": name})
    return matches


def _matching(grocery_list: GroceryList, words: str, language: str, limit: int) -> tuple[list[Item], list[Product]]:
    """Return the home's own items that begin with the words, by name or alias, have such a name in another language
    or, failing these, are spelt almost so; then products that the home does not know yet."""
    products = find_products(words, language, limit)
    names = {normalize(name) for product in products for name in product.all_names()}
    own = Item.objects.filter(home=grocery_list.home_id)
    matching = own.matching(words, grocery_list.home) | own.filter(normalized_name__in=names)
    items = list(matching.order_by(LAST_BOUGHT_FIRST, "search_key")[:limit])
    if not items and len(words) >= MIN_TYPO_LENGTH:
        items = _misspelt(own, fold(words), limit)
        products = products or find_misspelt_products(words, limit)
    own_names = {item.normalized_name for item in items}
    return items, [product for product in products if own_names.isdisjoint(map(normalize, product.all_names()))]


def _misspelt(own: ItemQuerySet, key: str, limit: int) -> list[Item]:
    """Return the items with a name or alias that differs from the key by a letter or two, but not in the first one."""
    begins = Q(search_key__startswith=key[0]) | Q(aliases__search_key__startswith=key[0])
    rows = own.filter(begins).order_by(LAST_BOUGHT_FIRST).values_list("pk", "search_key", "aliases__search_key")
    names = {(pk, name): name for pk, *both in rows[:MAX_CANDIDATES] for name in both if name and name[0] == key[0]}
    matches = process.extract(key, names, scorer=OSA.distance, score_cutoff=max_typos(key), limit=2 * limit)
    item_ids = dict.fromkeys(pk for _name, _distance, (pk, _key) in matches)
    items = Item.objects.in_bulk(list(item_ids)[:limit])
    return [items[pk] for pk in item_ids if pk in items]


def _of_item(item: Item, reason: str = "") -> Suggestion:
    product = find_product(item.name)
    icon = product.icon if product else ""
    return Suggestion(item.name, item.name, item.default_quantity, item.default_unit, icon, reason, item.is_favourite)


def _of_product(product: Product, language: str) -> Suggestion:
    name = product.name(language)
    return Suggestion(name, name, icon=product.icon)
