"""Put the entries of an aisle in order by hand."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from groceries.actions.entries import get_open_list
from groceries.models import GroceryList, ListEntry
from homes.events.actor import Actor
from homes.events.log import action, save_changes
from pantry.errors import ActionError


@action
def sort_entries(grocery_list: GroceryList, ids: Sequence[UUID], *, by: Actor) -> list[ListEntry]:
    """Put pending entries of one aisle in this order. Returns the aisle's entries.

    Others of the aisle stay where they are, and ids that are not pending any more are left out. Records an event for
    each entry that gets another position: all of the aisle the first time. The version stays, since what the entry is
    has not changed. Raises ActionError for a completed list, and for entries of several aisles.
    """
    grocery_list = get_open_list(grocery_list)
    pending = {entry.pk: entry for entry in ListEntry.objects.pending().filter(list=grocery_list).in_aisles()}
    moved = [pending[pk] for pk in dict.fromkeys(ids) if pk in pending]
    aisles = {entry.item.category_id for entry in moved}
    if not moved:
        raise ActionError(_("That item no longer exists."))
    if len(aisles) > 1:
        raise ActionError(_("These are in several aisles. Sort one aisle at a time."))
    queue = iter(moved)
    entries = [
        next(queue) if entry in moved else entry for entry in pending.values() if entry.item.category_id in aisles
    ]
    for position, entry in enumerate(entries, 1):
        save_changes(entry, "list_item_sorted", by=by, position=position)
    return entries


@action
def restore_position(entry: ListEntry, position: int | None, *, by: Actor) -> None:
    """Give an entry its former position again."""
    save_changes(entry.reload("item__category", "list"), "list_item_sorted", by=by, position=position)
