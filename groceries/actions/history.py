"""Bring back what was on a list at an earlier moment and is gone."""

from collections.abc import Sequence

from groceries.actions.entries import get_open_list, place_entry, put_back_entry, restore_purchase
from groceries.history import PastEntry, rows_of
from groceries.models import GroceryList, ListEntry
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result

RESTORING = ("list_item_put_back", "list_item_purchased", "list_item_added", "list_item_updated")


@action
def bring_back(grocery_list: GroceryList, entries: Sequence[PastEntry], *, by: Actor) -> list[ListEntry]:
    """Put those of the entries that are on no list now back on the list, with what was bought as bought.

    Returns them, or those that they were merged into. Idempotent by the actor's `op_id`. Raises
    ActionError for a completed list.
    """
    grocery_list = get_open_list(grocery_list)
    if find_previous_result(by, *RESTORING) is not None:
        return []
    rows = rows_of([entry.id for entry in entries])
    return [
        _bring_back(grocery_list, PastEntry(entry.snapshot, rows.get(entry.id)), by)
        for entry in entries
        if entry.id not in rows or rows[entry.id].is_removed
    ]


def _bring_back(grocery_list: GroceryList, entry: PastEntry, by: Actor) -> ListEntry:
    then = entry.snapshot
    if entry.row is None or entry.row.list_id != grocery_list.pk:  # deleted with its item, or removed from another list
        name, note = then.item.name, then.note
        return place_entry(grocery_list, name, by=by, quantity=then.quantity, unit=then.unit, note=note)[0]
    if entry.is_purchased:
        buyer = User.objects.filter(pk__in=[then.purchased_by_id]).first()
        fields = {"purchased_at": then.purchased_at, "purchased_by": buyer, "price_paid": then.price_paid}
        return restore_purchase(entry.row, {"state": then.state, **fields}, by=by)
    return put_back_entry(entry.row, by=by)
