"""Change several entries of a list in one operation, which is undone as one."""

from collections.abc import Callable, Sequence

from groceries.actions.entries import change_entry, purchase_entry, put_back_entry, remove_entry
from groceries.models import EntryState, GroceryList, ListEntry
from homes.events.actor import Actor
from homes.events.log import action

SET_STATE: dict[str, Callable[..., ListEntry]] = {
    EntryState.PENDING: put_back_entry,
    EntryState.PURCHASED: purchase_entry,
    EntryState.REMOVED: remove_entry,
}


@action
def set_entry_states(entries: Sequence[ListEntry], state: str, *, by: Actor) -> list[ListEntry]:
    """Purchase, remove or put back the entries. Returns them, or those that they were merged into."""
    return [SET_STATE[state](entry, by=by) for entry in entries]


@action
def move_entries(entries: Sequence[ListEntry], to: GroceryList, *, by: Actor) -> list[ListEntry]:
    """Move the entries to another list. Returns them, or those that they were merged into."""
    return [change_entry(entry, by=by, list=to) for entry in entries]


@action
def clear_list(grocery_list: GroceryList, *, by: Actor) -> list[ListEntry]:
    """Remove what is left to get on a list. Returns the removed entries."""
    return set_entry_states(
        list(grocery_list.entries.pending().in_aisles(grocery_list.store)), EntryState.REMOVED, by=by
    )
