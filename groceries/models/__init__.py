from groceries.models.item import Category, Item
from groceries.models.list import EntryState, GroceryList, ListEntry, ListState
from groceries.models.recurring import Frequency, RecurringItem
from groceries.models.trip import AisleClaim, Trip

__all__ = [
    "AisleClaim",
    "Category",
    "EntryState",
    "Frequency",
    "GroceryList",
    "Item",
    "ListEntry",
    "ListState",
    "RecurringItem",
    "Trip",
]
