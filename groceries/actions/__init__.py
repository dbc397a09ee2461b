"""What changes lists, entries, items and what recurs."""

import groceries.schemas  # noqa: F401 (registers the events' schemas)
from groceries.actions.entries import (
    add_entry,
    change_entry,
    purchase_entry,
    put_back_entry,
    remove_entry,
    step_entry,
)
from groceries.actions.items import find_or_make_item, furnish_aisles, update_item
from groceries.actions.lists import (
    change_list_state,
    create_list,
    current_list,
    rename_list,
    start_next_list,
)
from groceries.actions.recurring import fire_due, pause_recurring, resume_recurring, set_recurring, stop_recurring
from groceries.actions.undo import undo_event

__all__ = [
    "add_entry",
    "change_entry",
    "change_list_state",
    "create_list",
    "current_list",
    "find_or_make_item",
    "fire_due",
    "furnish_aisles",
    "pause_recurring",
    "purchase_entry",
    "put_back_entry",
    "remove_entry",
    "rename_list",
    "resume_recurring",
    "set_recurring",
    "start_next_list",
    "step_entry",
    "stop_recurring",
    "undo_event",
    "update_item",
]
