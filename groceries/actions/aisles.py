"""Aisles: the home's own, beside the six it starts with."""

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from groceries.actions.shopping import release
from groceries.models import AisleClaim, Category
from homes.events.actor import Actor
from homes.events.log import action, record
from pantry.errors import ActionError, Conflict
from pantry.text import clean_line

LONGEST_NAME = 40


@action
def create_category(name: str, *, by: Actor, position: int | None = None) -> Category:
    """Behind the others unless `position` says where. Raises Conflict for a name that is there."""
    name = _free_name(name, by)
    if position is None:
        last = Category.objects.filter(home=by.home).aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
    category = Category.objects.create(home=by.home, name=name, position=position)
    record("category_created", category, by=by)
    return category


@action
def update_category(category: Category, *, by: Actor, **fields: Any) -> Category:
    category = Category.objects.get(pk=category.pk)
    if "name" in fields and fields["name"] != category.name:
        fields["name"] = _free_name(fields["name"], by)
    if changes := category.assign(**fields):
        category.save()
        record("category_updated", category, by=by, changes=changes)
    return category


@action
def remove_category(category: Category, *, by: Actor) -> None:
    """Raises ActionError while something stands in it."""
    found = Category.objects.filter(pk=category.pk).first()
    if found is None:
        return
    if found.items.exists():
        raise ActionError(_("Something stands in %(aisle)s. Put it into another aisle first.") % {"aisle": found.label})
    release(AisleClaim.objects.filter(category=found), by)
    pk = found.pk
    found.delete()
    found.pk = pk
    record("category_removed", found, by=by)


def _free_name(text: str, by: Actor) -> str:
    """Return the name, cleaned. Raises ActionError for an empty one, Conflict for one that is there."""
    name = clean_line(text)[:LONGEST_NAME]
    if not name:
        raise ActionError(_("An aisle needs a name."))
    if Category.objects.filter(home=by.home, name=name).exists():
        raise Conflict(_("There is an aisle of that name."))
    return name
