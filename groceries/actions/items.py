"""Create, find and update items, and create the aisles of a new home."""

from typing import Any

from django.utils.translation import gettext as _

from groceries.models import Category, Item
from groceries.models.item import DEFAULT_CATEGORIES
from groceries.parsing.categories import guess_category
from groceries.parsing.entries import Line, parse_lines
from groceries.parsing.names import normalize
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.models import Home
from pantry.errors import ActionError, Forbidden
from pantry.text import clean_line

MAX_NAME_LENGTH = 100


def create_default_aisles(by: Actor) -> None:
    """Create the six aisles of a new home."""
    for position, name in enumerate(DEFAULT_CATEGORIES):
        record("category_created", Category.objects.create(home=by.home, name=name, position=position), by=by)


def get_or_create_item(name: str | Item, *, by: Actor, category: str = "") -> Item:
    """Return the home's item of that name (“Eggs” and “egg” are the same), creating it if necessary.

    Must run in the caller's transaction. Raises ActionError for an empty or too long name, Forbidden for an item of
    another home.
    """
    if isinstance(name, Item):
        if name.home_id != by.home.pk:
            raise Forbidden(_("That item belongs to another home."))
        return name
    return get_or_create_named_item(name, by, category)[0]


@action
def create_item(name: str, *, by: Actor, **fields: Any) -> tuple[Item, bool]:
    """Create or update the item of that name. Returns it and whether it is new."""
    category = fields.pop("category", None)
    item, is_new = get_or_create_named_item(name, by, category.name if category else "")
    item = Item.objects.select_related("category").get(pk=item.pk)
    changes = item.assign(**fields, **({"category": category} if category else {}))
    if is_new or changes:
        item.save()
        record("item_created" if is_new else "item_updated", item, by=by, changes=changes)
    return item, is_new


@action
def update_item(item: Item, *, by: Actor, **fields: Any) -> Item:
    """Change an item. Raises ActionError for a name that is empty, too long or in use."""
    item = Item.objects.select_related("category").get(pk=item.pk)
    if "name" in fields:
        fields["name"], fields["normalized_name"] = display_name_and_key(fields["name"])
        if Item.objects.filter(home=by.home).named(fields["name"]).exclude(pk=item.pk).exists():
            raise ActionError(_("There's already an item called “%(name)s”.") % {"name": fields["name"]})
    if changes := item.assign(**fields):
        changes.pop("normalized_name", None)
        item.save()
        record("item_updated", item, by=by, changes=changes)
    return item


def get_or_create_named_item(text: str, by: Actor, category: str) -> tuple[Item, bool]:
    """Return the item of that name and whether it is new."""
    name, key = display_name_and_key(text)
    defaults = {"name": name, "category": lambda: _get_category(by, category or guess_category(name))}
    items = Item.objects.select_related("category")
    return items.get_or_create(home=by.home, normalized_name=key, defaults=defaults)


def display_name_and_key(text: str) -> tuple[str, str]:
    name = clean_line(text)
    key = normalize(name)
    if not key:
        raise ActionError(_("What should go on the list? A name is missing."))
    if len(name) > MAX_NAME_LENGTH or len(key) > MAX_NAME_LENGTH:
        raise ActionError(_("That name is too long: %(max)d characters at most.") % {"max": MAX_NAME_LENGTH})
    return name[:1].upper() + name[1:], key


def read_lines(text: str, home: Home) -> list[Line]:
    """Parse text with several items. The home's own names are kept. Raises ActionError for too much text."""
    return parse_lines(text, item_keys(home))


def item_keys(home: Home) -> frozenset[str]:
    return frozenset(Item.objects.filter(home=home).values_list("normalized_name", flat=True))


def _get_category(by: Actor, name: str) -> Category:
    categories = {category.name: category for category in Category.objects.filter(home=by.home)}
    category = categories.get(name) or categories.get("other")
    return category or Category.objects.create(home=by.home, name="other", position=99)
