"""Items and aisles."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from groceries.models import Category, Item
from groceries.models.item import DEFAULT_CATEGORIES
from groceries.parsing.categories import guess_category
from groceries.parsing.names import normalize
from homes.events.actor import Actor
from homes.events.log import action, record
from pantry.errors import ActionError, Forbidden
from pantry.text import clean_line

LONGEST_NAME = 100


def create_default_aisles(by: Actor) -> None:
    """The six aisles that every home starts with."""
    for position, name in enumerate(DEFAULT_CATEGORIES):
        record("category_created", Category.objects.create(home=by.home, name=name, position=position), by=by)


def get_or_create_item(name: str | Item, *, by: Actor, category: str = "") -> Item:
    """The home's item of that name (“Eggs” and “egg” are one), made if the home never bought it.

    Inside the caller's transaction. Raises ActionError for a name that is empty or too long, or another home's item.
    """
    if isinstance(name, Item):
        if name.home_id != by.home.pk:
            raise Forbidden(_("That is in another home."))
        return name
    return get_or_create_named_item(name, by, category)[0]


@action
def create_item(name: str, *, by: Actor, **fields: Any) -> tuple[Item, bool]:
    """The home's item of that name with these fields, and whether it is new. Raises ActionError as above."""
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
    """Raises ActionError for a name that is empty, too long or another item's."""
    item = Item.objects.select_related("category").get(pk=item.pk)
    if "name" in fields:
        fields["name"], fields["normalized_name"] = _name(fields["name"])
        if Item.objects.filter(home=by.home).named(fields["name"]).exclude(pk=item.pk).exists():
            raise ActionError(_("“%(name)s” is there already.") % {"name": fields["name"]})
    if changes := item.assign(**fields):
        changes.pop("normalized_name", None)
        try:
            with transaction.atomic():
                item.save()
        except IntegrityError as error:  # two at once: the unique key decides
            raise ActionError(_("“%(name)s” is there already.") % {"name": item.name}) from error
        record("item_updated", item, by=by, changes=changes)
    return item


def get_or_create_named_item(text: str, by: Actor, category: str) -> tuple[Item, bool]:
    """As `get_or_create_item`, for a name, and whether the item is new."""
    name, key = _name(text)
    made: dict[str, Any] = {
        "name": name,
        "category": lambda: _aisle(by, category or guess_category(name)),
    }
    # Two people may name a new thing at once: the unique key decides, and the second finds the first's.
    found: tuple[Item, bool] = Item.objects.select_related("category").get_or_create(
        home=by.home,
        normalized_name=key,
        defaults=made,
    )
    return found


def _name(text: str) -> tuple[str, str]:
    """As it is shown, and as it is compared."""
    name = clean_line(text)
    key = normalize(name)
    if not key:
        raise ActionError(_("What should go on the list? A name is missing."))
    if len(name) > LONGEST_NAME or len(key) > LONGEST_NAME:
        raise ActionError(_("That name is too long: %(most)d letters at most.") % {"most": LONGEST_NAME})
    return name[:1].upper() + name[1:], key


def _aisle(by: Actor, name: str) -> Category:
    aisles = {category.name: category for category in Category.objects.filter(home=by.home)}
    return aisles.get(name) or aisles.get("other") or Category.objects.create(home=by.home, name="other", position=99)
