"""Create, find and update items and their aliases, and create the aisles of a new home."""

import re
from collections.abc import Callable, Container, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from groceries.models import Category, Item, ItemAlias
from groceries.models.item import DEFAULT_CATEGORIES
from groceries.parsing.categories import guess_category
from groceries.parsing.entries import Line, parse_lines
from groceries.parsing.impossible import why_impossible
from groceries.parsing.names import normalize
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.models import Home
from pantry.errors import ActionError, Forbidden
from pantry.text import clean_line

Result = TypeVar("Result")

MAX_NAME_LENGTH = 100
MAX_ALIASES = 50  # of an item, set at once
MAX_NAMES = 5000  # in one query
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # which no name of an item has


def create_default_aisles(by: Actor) -> None:
    """Create the six aisles of a new home."""
    for position, name in enumerate(DEFAULT_CATEGORIES):
        category = Category.objects.create(home=by.home, name=name, position=position, stands_for=name)
        record("category_created", category, by=by)


def get_or_create_item(name: str | Item, *, by: Actor, category: str = "") -> Item:
    """Return the home's item of that name or alias (“Eggs” and “egg” are the same), creating it if necessary.

    Must run under the home's lock. Raises ActionError for an empty or too long name, Forbidden for an item of
    another home.
    """
    if isinstance(name, Item):
        if name.home_id != by.home.pk:
            raise Forbidden(_("That item belongs to another home."))
        return name
    return get_or_create_named_item(name, by, category)[0]


@action
def create_item(name: str, *, by: Actor, **fields: Any) -> tuple[Item, bool]:
    """Create or update the item of that name or alias. Returns it and whether it is new."""
    category, aliases = fields.pop("category", None), fields.pop("aliases", None)
    item, is_new = get_or_create_named_item(name, by, category.name if category else "")
    item = Item.objects.select_related("category").get(pk=item.pk)
    changes = item.assign(**fields, **({"category": category} if category else {}))
    if is_new or changes:
        item.save()
        record("item_created" if is_new else "item_updated", item, by=by, changes=changes)
    if aliases is not None:
        _set_aliases(item, aliases, by)
    return item, is_new


@action
def update_item(item: Item, *, by: Actor, **fields: Any) -> Item:
    """Change an item. An alias that becomes its name is no alias any more.

    Raises ActionError for a name or one of the `aliases` that is empty, too long or means another item.
    """
    item, aliases = Item.objects.select_related("category").get(pk=item.pk), fields.pop("aliases", None)
    if "name" in fields:
        fields["name"], fields["normalized_name"] = display_name_and_key(fields["name"])
        require_unused(fields["name"], item, by)
        for alias in ItemAlias.objects.filter(item=item, normalized_name=fields["normalized_name"]):
            remove_alias(alias, by)
    if changes := item.assign(**fields):
        changes.pop("normalized_name", None)
        item.save()
        record("item_updated", item, by=by, changes=changes)
    if aliases is not None:
        _set_aliases(item, aliases, by)
    return item


def _set_aliases(item: Item, names: Sequence[str], by: Actor) -> None:
    """Give the item these aliases and no others, apart from its own name."""
    aliases_by_key = {
        key: name for name, key in map(display_name_and_key, reversed(names)) if key != item.normalized_name
    }
    if len(aliases_by_key) > MAX_ALIASES:
        raise ActionError(_("That's more than %(max)d other names for one item.") % {"max": MAX_ALIASES})
    aliases = {alias.normalized_name: alias for alias in ItemAlias.objects.filter(item=item)}
    for key, alias in aliases.items():
        if aliases_by_key.get(key) != alias.name:
            remove_alias(alias, by)
    for key, name in reversed(aliases_by_key.items()):
        if key not in aliases or aliases[key].name != name:
            add_alias(item, name, by)


def add_alias(item: Item, text: str, by: Actor, **fields: Any) -> ItemAlias:
    name, key = display_name_and_key(text)
    require_unused(name, item, by)
    alias: ItemAlias = ItemAlias.objects.create(home=by.home, item=item, name=name, normalized_name=key, **fields)
    record("item_alias_added", alias, by=by)
    return alias


def remove_alias(alias: ItemAlias, by: Actor) -> None:
    ItemAlias.objects.filter(pk=alias.pk).delete()
    record("item_alias_removed", alias, by=by)


def require_unused(name: str, item: Item, by: Actor) -> None:
    """Raise ActionError if another item has the name or alias."""
    other = Item.objects.named(name, by.home).exclude(pk=item.pk).first()
    if other is not None and other.normalized_name == normalize(name):
        raise ActionError(_("There's already an item called “%(name)s”.") % {"name": name})
    if other is not None:
        raise ActionError(_("“%(name)s” already means %(item)s.") % {"name": name, "item": other})


def get_or_create_named_item(text: str, by: Actor, category: str) -> tuple[Item, bool]:
    """Return the item of that name or alias and whether it is new. Needs the home's lock.

    Raises ActionError for a new name with an amount that nothing has: “-1 eggs”.
    """
    name, key = display_name_and_key(text)
    item = Item.objects.select_related("category").named(name, by.home).first()
    if item is not None:
        return item, False
    if (problem := why_impossible(text)) is not None:
        raise ActionError(str(problem))
    aisle = _get_category(by, category or guess_category(name))
    return Item.objects.create(home=by.home, name=name, normalized_name=key, category=aisle), True


def display_name_and_key(text: str) -> tuple[str, str]:
    name = clean_line(text)
    key = normalize(name)
    if not key:
        raise ActionError(_("What should go on the list? A name is missing."))
    if len(name) > MAX_NAME_LENGTH or len(key) > MAX_NAME_LENGTH:
        raise ActionError(_("That name is too long: %(max)d characters at most.") % {"max": MAX_NAME_LENGTH})
    return name[:1].upper() + name[1:], key


def read_lines(text: str, home: Home, **limits: int) -> list[Line]:
    """Parse text with several items. The home's own names are kept. Raises ActionError for too much text."""
    return with_own_names(home, lambda names: parse_lines(text, names, **limits))


def item_keys(home: Home, among: Sequence[str] | None = None) -> frozenset[str]:
    """Return the keys of the names and aliases of the home's items, or those that are among some. One query."""
    rows: list[Any] = [model.objects.filter(home=home).order_by() for model in (Item, ItemAlias)]
    if among is not None:
        rows = [each.filter(normalized_name__in=among) for each in rows]
    names, aliases = (each.values_list("normalized_name", flat=True) for each in rows)
    return frozenset(names.union(aliases))


def with_own_names(home: Home, parse: Callable[[Container[str]], Result]) -> Result:
    """Return what `parse` makes of a text, given the keys of the home's items and their aliases.

    Most are never asked for, so it parses first without any, looks up what it asked for, and parses again until it asks
    for nothing new: one query for almost every text. Raises what `parse` raises with them.
    """
    names = _AskedNames()
    while True:
        try:
            result, error = [parse(names)], None
        except ActionError as refused:  # maybe because own names were split
            result, error = [], refused
        if not names.look_up(home):
            if error:
                raise error
            return result[0]


class _AskedNames(Container[str]):
    """A set of `known` names that notes which ones it is asked for."""

    def __init__(self) -> None:
        self.asked, self.looked_up, self.known = set[str](), set[str](), set[str]()

    def look_up(self, home: Home) -> bool:
        """Look up what was asked for since the last time. Returns whether some of it is known."""
        new, before = [name for name in self.asked - self.looked_up if not _UNSTORABLE.search(name)], len(self.known)
        for start in range(0, len(new), MAX_NAMES):
            self.known |= item_keys(home, new[start : start + MAX_NAMES])
        self.looked_up |= self.asked
        return len(self.known) > before

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return name in self.known


def _get_category(by: Actor, name: str) -> Category:
    """Return the aisle of that name, else the one that stands for it, else the one for others."""
    categories = list(Category.objects.filter(home=by.home))
    by_name = {key: each for each in reversed(categories) for key in each.stands_for.split()}
    by_name |= {each.name: each for each in categories}
    category = by_name.get(name) or by_name.get("other")
    if category is None:
        category = Category.objects.create(home=by.home, name="other", position=99, stands_for="other")
        record("category_created", category, by=by)
    return category
