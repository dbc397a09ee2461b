"""Copy lists: to shop for the same again, as a template, and from one."""

from decimal import Decimal
from typing import Any

from groceries.actions.amounts import validated_quantity
from groceries.actions.entries import joined_note
from groceries.actions.lists import create_list
from groceries.models import EntryState, GroceryList, ListEntry
from groceries.parsing.quantities import add_quantities
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record


@action
def copy_list(source: GroceryList, name: str = "", *, by: Actor, is_template: bool = False) -> GroceryList:
    """Create a draft or a template with what is or was to get on another list, by default of the same name.

    What was bought in several parts is one entry. Idempotent by the actor's `op_id`. Costs two writes for each entry.
    """
    source = GroceryList.objects.get(pk=source.pk)
    if find_previous_result(by, "list_created") is not None:
        return create_list(by=by)
    copy = create_list(name or source.name, by=by, is_template=is_template, store=source.store)
    entries: dict[Any, ListEntry] = {}
    for original in ListEntry.objects.filter(list=source).exclude(state=EntryState.REMOVED).in_aisles(source.store):
        entry = entries.get((original.item_id, original.unit))
        if entry is None:
            entry = ListEntry(
                home_id=copy.home_id, list=copy, item=original.item, unit=original.unit, quantity=Decimal(0)
            )
            entry.assign(added_by=by.user, added_by_agent=by.agent)
            entries[original.item_id, original.unit] = entry
        quantity = validated_quantity(add_quantities(entry.quantity, original.quantity, entry.unit))
        entry.assign(quantity=quantity, note=joined_note(entry.note, original.note))
    for entry in entries.values():
        entry.save(force_insert=True)
        record("list_item_added", entry, by=by)
    return copy
