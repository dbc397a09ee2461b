"""Create, update, order and remove aisles, and remove items that a home never bought."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groceries.actions.barcodes import forget_barcode
from groceries.actions.batches import throw_out
from groceries.actions.items import remove_alias
from groceries.actions.lists import release_claims
from groceries.actions.recurring import stop_recurring
from groceries.models import (
    AisleClaim,
    Barcode,
    Category,
    EntryState,
    Item,
    ItemAlias,
    ListEntry,
    PantryBatch,
    RecurringItem,
)
from groceries.models.item import DEFAULT_CATEGORIES
from homes.events.actor import Actor
from homes.events.log import action, record, save_changes
from pantry.errors import ActionError, Conflict, check_length
from pantry.text import clean_line

MAX_NAME_LENGTH, MAX_AISLES = 40, 100
MAX_NAMES = 5  # in a refusal


@action
def create_category(name: str, *, by: Actor, position: int | None = None) -> Category:
    """Create an aisle, last in the shop unless `position` is given.

    Raises Conflict for a duplicate name, ActionError for too many aisles.
    """
    name = _clean_unused_name(name, by)
    if Category.objects.filter(home=by.home).count() >= MAX_AISLES:
        raise ActionError(_("A home can have %(max)d aisles. Merge or delete one first.") % {"max": MAX_AISLES})
    if position is None:
        last = Category.objects.filter(home=by.home).aggregate(last=Max("position"))["last"]
        position = 0 if last is None else min(last + 1, Category.MAX_POSITION)
    stands_for = name if name in DEFAULT_CATEGORIES and not _is_stood_for(name, by) else ""
    category = Category.objects.create(home=by.home, name=name, position=position, stands_for=stands_for)
    record("category_created", category, by=by)
    return category


@action
def update_category(category: Category, *, by: Actor, **fields: Any) -> Category:
    """Rename or move an aisle. Raises Conflict for a duplicate name."""
    category = Category.objects.get(pk=category.pk)
    if fields.get("name") == category.label:
        del fields["name"]  # of a default aisle in the language of the reader, which stays translated
    if "name" in fields and fields["name"] != category.name:
        fields["name"] = _clean_unused_name(fields["name"], by, besides=category)
    save_changes(category, "category_updated", by=by, **fields)
    return category


@action
def order_categories(ids: Sequence[UUID], *, by: Actor) -> list[Category]:
    """Set the order of all aisles of the home. Returns them.

    Raises ActionError unless `ids` are those of all aisles, each once.
    """
    categories = {category.pk: category for category in Category.objects.filter(home=by.home)}
    if unknown := len(set(ids) - categories.keys()):
        raise ActionError(
            ngettext(
                "%(n)d of these is not an aisle of this home.", "%(n)d of these are not aisles of this home.", unknown
            )
            % {"n": unknown}
        )
    if missing := [category.label for pk, category in categories.items() if pk not in set(ids)]:
        names = ", ".join(missing[:MAX_NAMES])
        raise ActionError(_("Give the order of all aisles. These are missing: %(aisles)s."), aisles=names)
    if len(ids) > len(categories):
        raise ActionError(_("Name each aisle once."))
    for position, pk in enumerate(ids):
        save_changes(categories[pk], "category_updated", by=by, position=position)
    return [categories[pk] for pk in ids]


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
    """Delete an item with its aliases, recurring rules, removed entries, barcodes and what is at home. Idempotent.

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
    for batch in PantryBatch.objects.filter(item=current).select_related("item"):
        throw_out(batch, by)
    for barcode in Barcode.objects.filter(item=current):
        forget_barcode(barcode, by=by)
    Item.objects.filter(pk=current.pk).delete()
    record("item_removed", current, by=by)


def _is_stood_for(key: str, by: Actor) -> bool:
    return any(key in each.stands_for.split() for each in Category.objects.filter(home=by.home))


def _clean_unused_name(text: str, by: Actor, besides: Category | None = None) -> str:
    """Return the cleaned name. Raises ActionError if it is empty, Conflict if another aisle has it, as it is shown."""
    name = check_length(clean_line(text), MAX_NAME_LENGTH)
    if not name:
        raise ActionError(_("An aisle needs a name."))
    others = [each for each in Category.objects.filter(home=by.home) if each != besides]
    if any(name.casefold() in (each.name.casefold(), each.label.casefold()) for each in others):
        raise Conflict(_("There's already an aisle with that name."))
    return name
