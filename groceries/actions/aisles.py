"""Create, update and remove aisles, and remove items that a home never bought."""

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from groceries.actions.items import remove_alias
from groceries.actions.lists import release_claims
from groceries.actions.recurring import stop_recurring
from groceries.models import AisleClaim, Category, EntryState, Item, ItemAlias, ListEntry, RecurringItem
from homes.events.actor import Actor
from homes.events.log import action, record, save_changes
from pantry.errors import ActionError, Conflict, check_length
from pantry.text import clean_line

MAX_NAME_LENGTH = 40


@action
def create_category(name: str, *, by: Actor, position: int | None = None) -> Category:
    """Create an aisle, last in the shop unless `position` is given. Raises Conflict for a duplicate name."""
    name = _clean_unused_name(name, by)
    if position is None:
        last = Category.objects.filter(home=by.home).aggregate(last=Max("position"))["last"]
        position = 0 if last is None else min(last + 1, Category.MAX_POSITION)
    category = Category.objects.create(home=by.home, name=name, position=position)
    record("category_created", category, by=by)
    return category


@action
def update_category(category: Category, *, by: Actor, **fields: Any) -> Category:
    """Rename or move an aisle. Raises Conflict for a duplicate name."""
    category = Category.objects.get(pk=category.pk)
    if "name" in fields and fields["name"] != category.name:
        fields["name"] = _clean_unused_name(fields["name"], by)
    save_changes(category, "category_updated", by=by, **fields)
    return category


@action
def remove_category(category: Category, *, by: Actor) -> None:
    """Remove an aisle. Idempotent. Raises ActionError while the aisle contains items."""
    current = Category.objects.filter(pk=category.pk).first()
    if current is None:
        return
    if current.items.exists():
        raise ActionError(
            _("There are still items in %(aisle)s. Move them to another aisle first."), aisle=current.label
        )
    release_claims(AisleClaim.objects.filter(category=current), by)
    Category.objects.filter(pk=current.pk).delete()
    record("category_removed", current, by=by)


@action
def remove_item(item: Item, *, by: Actor) -> None:
    """Delete an item with its aliases, its recurring rules and its removed entries. Idempotent.

    Raises ActionError for an item that is on a list or was ever bought: purchases are part of the home's spending.
    """
    current = Item.objects.filter(pk=item.pk).first()
    if current is None:
        return
    entries = ListEntry.objects.filter(item=current)
    if entries.filter(state=EntryState.PENDING).exists():
        raise ActionError(_("%(item)s is on a list. Take it off first."), item=current)
    if entries.filter(state=EntryState.PURCHASED).exists():
        raise ActionError(_("%(item)s has been bought before, so it stays in your spending history."), item=current)
    for recurring in RecurringItem.objects.filter(item=current).select_related("item"):
        stop_recurring(recurring, by=by)
    for alias in ItemAlias.objects.filter(item=current):
        remove_alias(alias, by)
    Item.objects.filter(pk=current.pk).delete()
    record("item_removed", current, by=by)


def _clean_unused_name(text: str, by: Actor) -> str:
    """Return the cleaned name. Raises ActionError if it is empty, Conflict if it is in use."""
    name = check_length(clean_line(text), MAX_NAME_LENGTH)
    if not name:
        raise ActionError(_("An aisle needs a name."))
    if Category.objects.filter(home=by.home, name=name).exists():
        raise Conflict(_("There's already an aisle with that name."))
    return name
